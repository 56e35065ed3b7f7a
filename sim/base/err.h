/*
 * err.h - the one error value of the project.
 *
 * A function that can fail returns false and fills *err; it never prints and never exits. Its
 * outputs are then untouched. Only the command line turns an error into text on stderr and into an
 * exit status. A mistake of the programmer is a CHECK, never a struct err.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

enum err_code {
    ERR_NONE = 0,
    ERR_USAGE,  /* the command line or a parameter is wrong: exit 2 */
    ERR_FORMAT, /* an input is not what it claims to be: exit 2 */
    ERR_IO,     /* the operating system refused: exit 1 */
    ERR_POLICY, /* a policy asked for something impossible: exit 1 */
};

struct err {
    enum err_code code;
    int64_t line;  /* line of the input at fault, from 1; 0 when there is none */
    char msg[512]; /* what was found and what was expected, without a final dot */
};

/* Fills *err and returns false, so that callers can write `return err_set(...)`. A message that is
 * too long is cut; control characters, which come from the input at fault, become '?'. */
bool err_set(struct err *err, enum err_code code, int64_t line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "file:line: " (or "file: " when there is no line) before the message of a filled *err and
 * returns false. Called once, by the one who knows the name of the file. */
bool err_locate(struct err *err, const char *file);

#endif
