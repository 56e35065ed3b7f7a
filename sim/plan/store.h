/*
 * store.h - finished runs on disk, by the digest of all they depend on: a search that was killed
 * goes on, and the next question about the same demand is cheap.
 *
 * One line a run: its key, the numbers, a digest of the line. Lines are appended whole; one that a
 * kill cut is left out. A run that is there is not made again, and which of the two happened makes
 * no difference to any result.
 */
#ifndef PLAN_STORE_H
#define PLAN_STORE_H

#include "sim/base/digest.h"
#include "sim/base/err.h"

struct plan_store;

/* `path` NULL: in memory only. NULL with *err filled: it cannot be opened, or another program
 * writes it. */
struct plan_store *plan_store_open(const char *path, struct err *err);

/* Writes what is left. NULL is allowed. */
void plan_store_close(struct plan_store *store);

/* The numbers of a run, or NULL; valid until the next run is added. */
const double *plan_store_find(const struct plan_store *store, const char *key, size_t count);

/* Adds a run; the key has DIGEST_TEXT - 1 characters. False: the disk does not take it. */
bool plan_store_add(struct plan_store *store, const char *key, const double *numbers, size_t count,
                    struct err *err);

/* Runs that were there when it was opened. */
size_t plan_store_found(const struct plan_store *store);

#endif
