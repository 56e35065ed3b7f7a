/* check.c - see check.h. */
#include "sim/base/check.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *fact, const char *file, int line)
{
    (void)fprintf(stderr, "berth: internal error at %s:%d: not true: %s\n", file, line, fact);
    abort();
}
