/*
 * time_text.h - times of day and lengths of time as tables write them, where they have one meaning.
 */
#ifndef WORKLOAD_TIME_TEXT_H
#define WORKLOAD_TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/view.h"

/* A date and time from the year down to the second, "2017-10-09 07:01:55": also with '/' in the
 * date, a 'T', decimals of a second, and a zone at the end ("Z", "+08:00", "-0500", "+08", " UTC").
 * Microseconds since 1970; a time without zone is taken as it stands. Dates that begin with the day
 * or the month are refused: nobody can tell which of them is first. */
bool time_text_date(struct view text, int64_t *out_us);

/* "HH:MM:SS" or "D-HH:MM:SS", with decimals of a second or without, as microseconds. Two fields are
 * refused: they may be minutes and seconds or hours and minutes. */
bool time_text_span(struct view text, int64_t *out_us);

#endif
