/*
 * program.h - which build of berth is this? For files that are good for the same build only.
 */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "sim/base/err.h"

/* A digest of the program's own bytes, and of the placement core where that is a shared object. */
bool program_digest(uint64_t *value, struct err *err);

#endif
