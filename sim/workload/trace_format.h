/*
 * trace_format.h - what an importer is: one file in traces/, one entry in the generated table.
 */
#ifndef WORKLOAD_TRACE_FORMAT_H
#define WORKLOAD_TRACE_FORMAT_H

#include "sim/base/file.h"
#include "sim/base/param.h"
#include "sim/cluster/cluster.h"
#include "sim/workload/workload.h"

struct trace_format {
    const char *name; /* also the file's name: traces/<name>.c */
    const char *help; /* one line */
    const char *unit; /* what a job's gpus are in this format: "processor"; NULL: "GPU" */
    size_t params_size;
    const struct param_spec *params; /* may be NULL */

    /* The settings behind "name:" are one text of the format's own, not key=value of declared
     * parameters: params_size is that of a struct view, which `read` is given. The text lives as
     * long as the one that named the format. */
    bool raw_settings;

    /* Does the text look like this format? `head` is its first 64 KiB or less. Required for
     * detection; a format without it must be named. Formats are asked in the order of their names,
     * so each accepts only what is its own (a header line, a first line). */
    bool (*detect)(struct view head);

    /* Adds every job of the text, in the order of its rows, through workload_add, with notes about
     * what was dropped or guessed. The text may be changed in place. Does not call workload_init or
     * workload_finish. Missing: the format holds no jobs. Errors carry the line. */
    bool (*read)(const void *params, struct file *file, struct workload *out, struct err *err);

    /* Reads a cluster instead (a node list) into *out, finished. Missing: the format holds none.
     * `detect_cluster` is to it what `detect` is to `read`. */
    bool (*detect_cluster)(struct view head);
    bool (*read_cluster)(const void *params, struct file *file, struct cluster *out,
                         struct err *err);
};

/* The sorted table of every format; ends with NULL. */
extern const struct trace_format *const trace_formats[];

const struct trace_format *trace_format_find(const char *name);

/* A format and its parameters, made from "name:key=value,...". The caller frees `params`. */
struct trace_choice {
    const struct trace_format *format;
    void *params;
};
bool trace_format_choose(const char *text, struct trace_choice *out, struct err *err);

/* The first bytes of a file, for detection. */
enum { TRACE_HEAD_BYTES = 1 << 16 };
struct view trace_head(const struct file *file);

/* The format whose jobs a text with this head holds, or NULL. */
const struct trace_format *trace_format_detect(struct view head);

/* Refuses what is no text at all: an empty file, a zero byte. */
bool trace_text_check(const struct file *file, struct err *err);

/* Reads a trace: `format` is "name:key=value,...", or NULL to detect it. On success *out is
 * finished and the caller releases it with workload_release. Errors name file and line. */
bool trace_read(const char *path, const char *format, struct workload *out, struct err *err);

/* The same for a text in memory, which may be changed in place. Errors name the line only. */
bool trace_read_text(struct file *file, const char *format, struct workload *out, struct err *err);

/* Reads a cluster from a short form ("64x8"), a JSON file or a node list of any format. On success
 * the caller releases it with cluster_release_all. */
bool trace_read_cluster(const char *source, const char *format, struct cluster *out,
                        struct err *err);

/* The same for the text of a JSON file or node list in memory. Errors name the line only. */
bool trace_read_cluster_text(struct file *file, const char *format, struct cluster *out,
                             struct err *err);

#endif
