/*
 * claims.h - whether the claimed devices of a case make sense, before anything is built of them.
 */
#ifndef CHECK_CLAIMS_H
#define CHECK_CLAIMS_H

#include "sim/check/read.h"

/* Fails the reader at the first part of the document's "dra" that no cluster can have: slices of
 * unknown nodes, claims without name, class or devices, or named twice, and devices that do not
 * exist or belong to two claims. Tasks may name claims that do not exist: such tasks wait. */
void claims_check(struct reader *reader, const struct place *root);

#endif
