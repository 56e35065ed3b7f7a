/* human.c - see human.h. */
#include "sim/report/human.h"

#include <math.h>
#include <stdio.h>

void human_add_duration(struct text *text, double seconds)
{
    if (seconds < 59.95) {
        bool whole = seconds < 0.0005 || seconds >= 9.95;
        text_addf(text, whole ? "%.0f s" : "%.1f s", seconds);
    } else if (seconds < 3597) {
        text_addf(text, "%.1f min", seconds / 60);
    } else if (seconds < 2 * 86400.0 - 180) {
        text_addf(text, "%.1f h", seconds / 3600);
    } else {
        text_addf(text, "%.1f d", seconds / 86400);
    }
}

void human_add_count(struct text *text, int64_t count)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%lld", (long long)count);
    for (int i = 0; i < length; i++) {
        bool after_digit = i > 0 && digits[i - 1] != '-';
        if (after_digit && (length - i) % 3 == 0) {
            text_add_char(text, ',');
        }
        text_add_char(text, digits[i]);
    }
}

void human_add_number(struct text *text, double value)
{
    if (fabs(value) >= 999.5) {
        human_add_count(text, (int64_t)llround(value));
    } else {
        text_addf(text,
                  fabs(value) >= 99.95   ? "%.0f"
                  : fabs(value) >= 9.995 ? "%.1f"
                                         : "%.2f",
                  value);
    }
}
