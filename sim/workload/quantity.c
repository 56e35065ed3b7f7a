/* quantity.c - see quantity.h. */
#include "sim/workload/quantity.h"

#include "sim/base/arith.h"
#include "sim/base/parse.h"

enum { MIB = 1 << 20 };

struct suffix {
    const char *text;
    int64_t factor; /* in thousandths */
};

static const struct suffix suffixes[] = {
    {"Ki", INT64_C(1024000)},
    {"Mi", INT64_C(1048576000)},
    {"Gi", INT64_C(1073741824000)},
    {"Ti", INT64_C(1099511627776000)},
    {"Pi", INT64_C(1125899906842624000)},
    {"m", 1},
    {"k", INT64_C(1000000)},
    {"M", INT64_C(1000000000)},
    {"G", INT64_C(1000000000000)},
    {"T", INT64_C(1000000000000000)},
    {"P", INT64_C(1000000000000000000)},
};

static bool ends_with(struct view text, const char *end)
{
    size_t length = strlen(end);
    return text.length > length && memcmp(text.at + text.length - length, end, length) == 0;
}

/* The amount in thousandths of thousandths, so that decimals before a suffix are exact enough. */
static bool read_micro(struct view text, wide_int *out)
{
    int64_t factor = 1000;
    int64_t milli = 0;
    text = view_trim(text);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (ends_with(text, suffixes[i].text)) {
            factor = suffixes[i].factor;
            text.length -= strlen(suffixes[i].text);
            break;
        }
    }
    if (parse_scaled(text, 1000, &milli) != PARSE_OK || milli < 0) {
        return false;
    }
    *out = (wide_int)milli * factor;
    return true;
}

bool quantity_milli(struct view text, int64_t *out)
{
    wide_int micro = 0;
    if (!read_micro(text, &micro) || (micro + 999) / 1000 > INT64_MAX) {
        return false;
    }
    *out = (int64_t)((micro + 999) / 1000);
    return true;
}

bool quantity_mib(struct view text, int64_t *out)
{
    wide_int micro = 0;
    wide_int unit = (wide_int)MIB * 1000000;
    if (!read_micro(text, &micro) || micro / unit > INT64_MAX) {
        return false;
    }
    *out = (int64_t)(micro / unit);
    return true;
}
