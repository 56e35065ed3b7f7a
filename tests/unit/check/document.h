/*
 * document.h - JSON written in the test itself, with ' for ".
 */
#ifndef TESTS_CHECK_DOCUMENT_H
#define TESTS_CHECK_DOCUMENT_H

#include <jansson.h>

/* The caller calls json_decref. */
json_t *document_of(const char *text);

/* Judges the text as a file of its own; what is reported is collected. `name` is the file's name in
 * a folder of its own, where `traces` (may be NULL) lies as traces.json. */
struct judged {
    size_t passed, failed, only_run, rounds;
    char difference[2048]; /* of the first case that failed */
};
struct judged document_judge(const char *text, const char *traces);
/* The same, looking for states that come back. */
struct judged document_settle(const char *text);

#endif
