/*
 * paths.h - the files below folders, in the order of their paths.
 */
#ifndef CHECK_PATHS_H
#define CHECK_PATHS_H

#include "sim/base/err.h"
#include "sim/base/vec.h"

struct path_list {
    VEC(char *) items;
};

/* Adds `path`, or if it is a folder every .json file below it except in folders named "traces".
 * False with *err when it cannot be read or holds none. */
bool paths_add(struct path_list *list, const char *path, struct err *err);
void paths_release(struct path_list *list);

/* "<folder of path>/<relative>", freed by the caller with free(). */
char *path_beside(const char *path, const char *relative);

/* The last part of a path. */
const char *path_name(const char *path);

#endif
