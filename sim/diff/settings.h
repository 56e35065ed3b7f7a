/*
 * settings.h - in what the settings of two runs differ: their run.json, member by member.
 */
#ifndef DIFF_SETTINGS_H
#define DIFF_SETTINGS_H

#include <jansson.h>

#include "sim/base/err.h"

/* A new array of {"setting": "policy.params.mode", "a": ..., "b": ...} in the order of A's file,
 * then what B alone has; a side that lacks the setting is null. Reads run.json of both folders;
 * NULL with *err filled when one cannot be read. */
json_t *settings_differences(const char *folder_a, const char *folder_b, struct err *err);

#endif
