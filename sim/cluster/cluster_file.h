/*
 * cluster_file.h - a cluster from JSON (DESIGN 5.2) or from its short form "64x8".
 */
#ifndef CLUSTER_CLUSTER_FILE_H
#define CLUSTER_CLUSTER_FILE_H

#include "sim/base/file.h"
#include "sim/cluster/cluster.h"

/* "NxG": N nodes of G GPUs without CPU or memory limits. False without an error (err->code is
 * ERR_NONE) when `text` does not look like that at all. */
bool cluster_from_short_form(const char *text, struct cluster *out, struct err *err);

/* The JSON text of a cluster. Errors name the JSON path, what was found and what was expected; the
 * caller adds the file. */
bool cluster_from_json(const struct file *file, struct cluster *out, struct err *err);

/* Appends the JSON of a cluster, such that reading it gives an equal one. */
void cluster_add_json(struct text *text, const struct cluster *cluster);

#endif
