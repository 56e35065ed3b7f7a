/*
 * view.h - a piece of somebody else's text: where it starts and how long it is. Not NUL-terminated.
 */
#ifndef BASE_VIEW_H
#define BASE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct view {
    const char *at;
    size_t length;
};

/* For printf's %.*s: VIEW_ARG(v) gives the two arguments, cut at 60 bytes. */
#define VIEW_ARG(v) (int)((v).length > 60 ? 60 : (v).length), (v).at

static inline struct view view_of(const char *text)
{
    return (struct view){text, strlen(text)};
}

static inline bool view_is(struct view v, const char *text)
{
    size_t length = strlen(text);
    /* memcmp must not see a NULL start, which an empty view may have. */
    return v.length == length && (length == 0 || memcmp(v.at, text, length) == 0);
}

/* The same bytes without blanks (space, tab, CR) at both ends. */
static inline struct view view_trim(struct view v)
{
    while (v.length > 0 && (v.at[0] == ' ' || v.at[0] == '\t' || v.at[0] == '\r')) {
        v.at++;
        v.length--;
    }
    while (v.length > 0 && (v.at[v.length - 1] == ' ' || v.at[v.length - 1] == '\t' ||
                            v.at[v.length - 1] == '\r')) {
        v.length--;
    }
    return v;
}

/* Splits off what lies before the first `separator`; *rest is what follows it (empty, with a NULL
 * start, when there was none). */
static inline struct view view_cut(struct view v, char separator, struct view *rest)
{
    const char *found = v.length > 0 ? memchr(v.at, separator, v.length) : NULL;
    if (found == NULL) {
        *rest = (struct view){NULL, 0};
        return v;
    }
    size_t head = (size_t)(found - v.at);
    *rest = (struct view){found + 1, v.length - head - 1};
    return (struct view){v.at, head};
}

#endif
