/*
 * fuzz_folder.h - a folder of its own for one input, for readers that take the name of a file.
 */
#ifndef TESTS_FUZZ_FUZZ_FOLDER_H
#define TESTS_FUZZ_FUZZ_FOLDER_H

#include <unistd.h>

#include "sim/base/check.h"
#include "sim/base/file.h"
#include "sim/base/mem.h"

/* In memory, where the system has such a place; freed by fuzz_folder_remove. */
static inline char *fuzz_folder_make(void)
{
    const char *place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    struct text path = {0};
    text_addf(&path, "%s/berth-fuzz-XXXXXX", place);
    CHECK(mkdtemp(path.bytes) != NULL);
    return path.bytes;
}

/* The path of a file in it, freed by the caller. */
static inline char *fuzz_folder_path(const char *folder, const char *name)
{
    struct text path = {0};
    text_addf(&path, "%s/%s", folder, name);
    return path.bytes;
}

static inline void fuzz_folder_put(const char *folder, const char *name, struct view content)
{
    char *path = fuzz_folder_path(folder, name);
    struct err err = {0};
    CHECK(file_write(path, content, &err));
    free(path);
}

static inline void fuzz_folder_remove(char *folder)
{
    CHECK(file_remove_folder(folder));
    free(folder);
}

#endif
