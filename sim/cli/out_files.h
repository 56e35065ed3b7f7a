/*
 * out_files.h - files of a results folder that is being made.
 */
#ifndef CLI_OUT_FILES_H
#define CLI_OUT_FILES_H

#include <jansson.h>

#include "sim/base/file.h"
#include "sim/base/text.h"

/* Writes a file of this name with this content, which is released, in any case. */
bool out_text(const struct out_folder *folder, const char *name, struct text *content,
              struct err *err);

/* The same with a value as indented JSON; it is given up, in any case. */
bool out_json(const struct out_folder *folder, const char *name, json_t *value, struct err *err);

#endif
