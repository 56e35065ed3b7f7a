/*
 * guard.h - refuses, while an input is still arriving, what cannot be one of ours.
 *
 * A line of a gigabyte, a zero byte, an archive that unpacks to a thousand times its size: each is
 * known for what it is long before it is in memory as a whole.
 */
#ifndef BASE_GUARD_H
#define BASE_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/err.h"
#include "sim/base/view.h"

/* Rows of traces are far shorter. A text that starts with '{' or '[' is JSON, which may come as one
 * line as a whole. */
#define GUARD_LONGEST_LINE ((size_t)4 << 20)
#define GUARD_LONGEST_JSON ((size_t)256 << 20)

/* Text of traces packs to a tenth or a twentieth; deflate reaches a thousandth on zeros only. An
 * archive may unpack to this many times its size, and to the bytes below in any case. */
enum { GUARD_MOST_RATIO = 100 };
#define GUARD_ANY_RATIO ((size_t)64 << 20)

/* All zeros before the first byte. */
struct guard {
    size_t seen;      /* bytes of the text that were looked at */
    size_t line_from; /* where the newest line starts */
    bool is_begun;    /* a byte other than a blank was seen */
    bool is_json;
    bool is_archive; /* tar: not text; what is in it is looked at on its own */
};

/* Looks at what is new in `text`, all that has arrived so far; false with *err filled, naming
 * `name`, when the input is refused. To be called at least once a GUARD_LONGEST_LINE. Cost: the
 * new bytes. */
bool guard_look(struct guard *guard, struct view text, const char *name, struct err *err);

/* May `packed` bytes become `unpacked` ones? */
bool guard_ratio(size_t packed, size_t unpacked, const char *name, struct err *err);

#endif
