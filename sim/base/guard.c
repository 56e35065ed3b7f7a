/* guard.c - see guard.h. */
#include "sim/base/guard.h"

#include "sim/base/check.h"
#include "sim/base/tar.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The first byte that is not blank tells whether this is JSON. */
static void begin(struct guard *guard, struct view text)
{
    for (size_t i = guard->seen; i < text.length && !guard->is_begun; i++) {
        guard->is_begun = !is_blank(text.at[i]);
        guard->is_json = text.at[i] == '{' || text.at[i] == '[';
    }
}

static int64_t lines_before(struct view text, size_t end)
{
    int64_t lines = 0;
    for (size_t i = 0; i < end; i++) {
        lines += text.at[i] == '\n' ? 1 : 0;
    }
    return lines;
}

bool guard_look(struct guard *guard, struct view text, const char *name, struct err *err)
{
    CHECK(text.length >= guard->seen);
    const char *fresh = text.at + guard->seen;
    size_t count = text.length - guard->seen;
    guard->is_archive = guard->is_archive || (guard->seen == 0 && tar_detect(text));
    if (count == 0 || guard->is_archive) {
        guard->seen = text.length;
        return true;
    }
    const char *nul = memchr(fresh, '\0', count);
    if (nul != NULL) {
        return err_set(err, ERR_FORMAT, 0, "%s: byte %zu is NUL; expected a text file", name,
                       (size_t)(nul - text.at) + 1);
    }
    begin(guard, text);
    const char *newline = memchr(fresh, '\n', count);
    size_t line_end = newline == NULL ? text.length : (size_t)(newline - text.at);
    size_t most = guard->is_json ? GUARD_LONGEST_JSON : GUARD_LONGEST_LINE;
    if (line_end - guard->line_from > most) {
        return err_set(err, ERR_FORMAT, 0, "%s:%lld: a line of more than %zu bytes; expected rows",
                       name, (long long)lines_before(text, guard->line_from) + 1, most);
    }
    /* Lines that lie in the new bytes as a whole are shorter than these. */
    for (size_t at = text.length; newline != NULL && at > guard->seen; at--) {
        if (text.at[at - 1] == '\n') {
            guard->line_from = at;
            break;
        }
    }
    guard->seen = text.length;
    return true;
}

bool guard_ratio(size_t packed, size_t unpacked, const char *name, struct err *err)
{
    return unpacked <= GUARD_ANY_RATIO || unpacked / GUARD_MOST_RATIO <= packed ||
           err_set(err, ERR_FORMAT, 0,
                   "%s: unpacks to more than %d times its size; expected a trace (one that is "
                   "meant so can be unpacked first)",
                   name, GUARD_MOST_RATIO);
}
