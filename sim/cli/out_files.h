/*
 * out_files.h - files of a results folder, and the folder whole or not at all.
 */
#ifndef CLI_OUT_FILES_H
#define CLI_OUT_FILES_H

#include <jansson.h>

#include "sim/base/text.h"
#include "sim/cli/options.h"
#include "sim/report/draw.h"

/* Writes a file of this name with this content, which is released, in any case. */
bool out_text(const struct out_folder *folder, const char *name, struct text *content,
              struct err *err);

/* The same with a value as indented JSON; it is given up, in any case. */
bool out_json(const struct out_folder *folder, const char *name, json_t *value, struct err *err);

/* Writes what is in `what` into the folder, run.json last: a folder that has it is complete. */
typedef bool out_write(const struct figure_files *files, const void *what, struct err *err);

/* The folder that --out names, with scripts of figures where --report is given, and figures in
 * these formats too: whole or not at all. Nothing without --out. */
bool out_results(const struct cli_args *args, unsigned formats, out_write *write, const void *what,
                 struct err *err);

#endif
