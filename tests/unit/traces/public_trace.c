/* public_trace.c - see public_trace.h. */
#include "public_trace.h"

#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/text.h"

char *get_public_trace(const char *file)
{
    const char *folder = getenv("BERTH_TRACES");
    struct text path = {0};
    text_addf(&path, "%s/%s", folder == NULL ? "../shared/traces" : folder, file);
    if (access(path.bytes, R_OK) != 0) {
        (void)fprintf(stderr, "passed over: %s is not there\n", path.bytes);
        text_release(&path);
        cr_skip_test("a public trace is not here: set BERTH_TRACES");
    }
    return path.bytes;
}
