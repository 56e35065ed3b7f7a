/*
 * tar.h - the one file of a tape archive: published tables come as name.tar.gz.
 */
#ifndef BASE_TAR_H
#define BASE_TAR_H

#include "sim/base/err.h"
#include "sim/base/text.h"

/* Is this the start of a tar archive (POSIX ustar, or GNU's form of it)? */
bool tar_detect(struct view bytes);

/* Cuts the archive in `text` down to the content of its only file; folders and extended headers are
 * passed over. Several files, none, or an archive that ends too early are an error that begins with
 * `name`; the text is then undefined. */
bool tar_keep_file(struct text *text, const char *name, struct err *err);

#endif
