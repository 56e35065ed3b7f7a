/* time_text.c - see time_text.h. */
#include "sim/workload/time_text.h"

#include "sim/base/parse.h"

enum { MOST_DATE = 40, DATE_LENGTH = 10, TIME_END = 19, SECOND_US = 1000000 };

/* Longest span read, in days: 36,000 years are more than a workload can hold. */
static const int64_t most_days = INT64_C(14000000);

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads one or two digits up to `most` at the start of *rest, which is moved behind them. */
static bool take_two(struct view *rest, int64_t most, int64_t *out)
{
    size_t length = 0;
    int64_t value = 0;
    while (length < rest->length && length < 2 && is_digit(rest->at[length])) {
        value = value * 10 + (rest->at[length++] - '0');
    }
    rest->at += length;
    rest->length -= length;
    *out = value;
    return length > 0 && value <= most;
}

static bool take_char(struct view *rest, char wanted)
{
    if (rest->length == 0 || rest->at[0] != wanted) {
        return false;
    }
    rest->at++;
    rest->length--;
    return true;
}

/* What stands behind the seconds: nothing, or a zone as an offset from UTC. */
static bool read_zone(struct view zone, int64_t *offset_us)
{
    *offset_us = 0;
    zone = view_trim(zone);
    if (zone.length == 0 || view_is(zone, "Z") || view_is(zone, "UTC")) {
        return true;
    }
    int64_t sign = zone.at[0] == '-' ? -1 : 1;
    int64_t hours = 0;
    int64_t minutes = 0;
    if (!take_char(&zone, '+') && !take_char(&zone, '-')) {
        return false;
    }
    if (!take_two(&zone, 14, &hours)) {
        return false;
    }
    (void)take_char(&zone, ':');
    if (zone.length > 0 && !take_two(&zone, 59, &minutes)) {
        return false;
    }
    *offset_us = sign * (hours * 3600 + minutes * 60) * SECOND_US;
    return zone.length == 0;
}

bool time_text_date(struct view text, int64_t *out_us)
{
    char date[MOST_DATE];
    text = view_trim(text);
    if (text.length < TIME_END || text.length > MOST_DATE) {
        return false;
    }
    size_t end = TIME_END;
    if (end < text.length && text.at[end] == '.') {
        for (end++; end < text.length && is_digit(text.at[end]);) {
            end++;
        }
    }
    memcpy(date, text.at, end);
    for (size_t i = 0; i < DATE_LENGTH; i++) {
        if (date[i] == '/') {
            date[i] = '-';
        }
    }
    int64_t offset_us = 0;
    int64_t us = 0;
    if (!read_zone((struct view){text.at + end, text.length - end}, &offset_us) ||
        parse_datetime_us((struct view){date, end}, &us) != PARSE_OK) {
        return false;
    }
    *out_us = us - offset_us;
    return true;
}

bool time_text_span(struct view text, int64_t *out_us)
{
    struct view rest = {0};
    int64_t days = 0;
    int64_t hours = 0;
    int64_t minutes = 0;
    int64_t seconds_us = 0;
    text = view_trim(text);
    struct view head = view_cut(text, '-', &rest);
    bool has_days = rest.at != NULL;
    if (has_days && (parse_i64(head, &days) != PARSE_OK || days < 0 || days > most_days)) {
        return false;
    }
    rest = has_days ? rest : text;
    if (!take_two(&rest, has_days ? 23 : 99, &hours) || !take_char(&rest, ':') ||
        !take_two(&rest, 59, &minutes) || !take_char(&rest, ':') || rest.length < 2 ||
        !is_digit(rest.at[0]) || !is_digit(rest.at[1]) ||
        memchr(rest.at, 'e', rest.length) != NULL || memchr(rest.at, 'E', rest.length) != NULL ||
        parse_seconds_us(rest, &seconds_us) != PARSE_OK || seconds_us >= INT64_C(60) * SECOND_US) {
        return false;
    }
    *out_us = (days * 86400 + hours * 3600 + minutes * 60) * SECOND_US + seconds_us;
    return true;
}
