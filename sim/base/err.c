/* err.c - see err.h. */
#include "sim/base/err.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/check.h"

bool err_set(struct err *err, enum err_code code, int64_t line, const char *fmt, ...)
{
    CHECK(err != NULL);
    CHECK(code != ERR_NONE);

    va_list args;
    va_start(args, fmt);
    err->code = code;
    err->line = line;
    (void)vsnprintf(err->msg, sizeof(err->msg), fmt, args);
    va_end(args);
    for (char *c = err->msg; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7F) {
            *c = '?';
        }
    }
    return false;
}

bool err_locate(struct err *err, const char *file)
{
    CHECK(err != NULL && err->code != ERR_NONE);

    char where[160];
    if (err->line > 0) {
        (void)snprintf(where, sizeof(where), "%.120s:%" PRId64 ": ", file, err->line);
    } else {
        (void)snprintf(where, sizeof(where), "%.120s: ", file);
    }
    size_t shift = strlen(where);
    size_t room = sizeof(err->msg) - shift - 1;
    size_t length = strlen(err->msg);
    if (length > room) {
        length = room;
    }
    memmove(err->msg + shift, err->msg, length);
    memcpy(err->msg, where, shift);
    err->msg[shift + length] = '\0';
    return false;
}
