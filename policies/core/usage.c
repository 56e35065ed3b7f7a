/*
 * usage.c - history as weights of over-quota shares (specification 3.7).
 */
#include <math.h>

#include "policies/core/facts.h"

void core_usage_weights(double *weights, size_t length, double half_life_s)
{
    for (size_t i = 0; i < length; i++) {
        weights[i] = half_life_s > 0 ? pow(0.5, (double)(length - i) / half_life_s) : 1;
    }
}

/* A young history is weighed as if its first sample were the oldest of a full window. */
double core_usage(const double *amounts, const double *capacities, size_t count, size_t window,
                  double half_life_s)
{
    size_t first = count > window ? count - window : 0;
    double used = 0;
    double capacity = 0;
    for (size_t i = first; i < count; i++) {
        double w = half_life_s > 0 ? pow(0.5, (double)(window - (i - first)) / half_life_s) : 1;
        used += amounts[i] * w;
        capacity += capacities[i] * w;
    }
    return used / capacity;
}

/* Instants from 1970 on, for 3,000 years: what lies outside is no wall clock. */
static bool is_instant(int64_t s)
{
    return s >= 0 && s < INT64_C(100000000000);
}

bool core_usage_tumbling_start(int64_t start_s, const char *window, int64_t now_s, int64_t *out)
{
    int64_t ns = 0;
    if (!core_parse_duration(window, &ns) || ns < 1000000000 || start_s == now_s ||
        !is_instant(now_s) || !is_instant(start_s)) {
        return false;
    }
    if (start_s > now_s) {
        *out = now_s; /* no window has begun: nothing counts */
        return true;
    }
    int64_t length = ns / 1000000000;
    *out = start_s + (now_s - start_s - 1) / length * length;
    return true;
}

/* One field of a cron expression as a set of numbers. */
static bool read_field(const char **text, int low, int high, uint64_t *set)
{
    *set = 0;
    do {
        *text += **text == ',';
        long from = low;
        long to = high;
        char *end = NULL;
        if (**text == '*') {
            ++*text;
        } else {
            from = strtol(*text, &end, 10);
            if (end == *text) {
                return false;
            }
            *text = end;
            to = from;
            if (**text == '-') {
                to = strtol(*text + 1, &end, 10);
                *text = end;
            } else if (**text == '/') {
                to = high;
            }
        }
        long step = 1;
        if (**text == '/') {
            step = strtol(*text + 1, &end, 10);
            *text = end;
        }
        if (from < low || to > high || from > to || step < 1) {
            return false;
        }
        step = step > high ? high + 1 : step;
        for (long i = from; i <= to; i += step) {
            *set |= (uint64_t)1 << i;
        }
    } while (**text == ',');
    *text += strspn(*text, " ");
    return true;
}

/* Day of the month and month of a day counted from 1970-01-01. */
static void civil_date(int64_t days, int *day, int *month)
{
    int64_t z = days + 719468;
    int64_t doe = z - z / 146097 * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
}

bool core_usage_cron_start(const char *expression, int64_t now_s, int64_t *out)
{
    static const int LOW[] = {0, 0, 1, 1, 0};
    static const int HIGH[] = {59, 23, 31, 12, 7};
    uint64_t sets[5];
    const char *at = expression + strspn(expression, " ");
    const char *starts[5];
    for (int i = 0; i < 5; i++) {
        starts[i] = at;
        if (!read_field(&at, LOW[i], HIGH[i], &sets[i])) {
            return false;
        }
    }
    sets[4] |= sets[4] >> 7 & 1;
    /* Two restricted day fields: either may match; else both must. */
    bool either = *starts[2] != '*' && *starts[4] != '*';
    if (!is_instant(now_s)) {
        return false;
    }
    const int64_t last = (now_s - 1) / 60;
    for (int64_t minute = last; minute >= 0 && minute > last - 60 * 24 * 366 * 5; minute--) {
        int64_t days = minute / 1440;
        int day = 0;
        int month = 0;
        civil_date(days, &day, &month);
        bool by_day = (sets[2] >> day & 1) != 0;
        bool by_weekday = (sets[4] >> (days + 4) % 7 & 1) != 0;
        if ((sets[0] >> minute % 60 & 1) != 0 && (sets[1] >> minute / 60 % 24 & 1) != 0 &&
            (sets[3] >> month & 1) != 0 && (either ? by_day || by_weekday : by_day && by_weekday)) {
            *out = minute * 60;
            return true;
        }
    }
    return false;
}
