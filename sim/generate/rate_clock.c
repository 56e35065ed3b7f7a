/* rate_clock.c - see rate_clock.h. */
#include "sim/generate/rate_clock.h"

#include <math.h>

#include "sim/base/mem.h"

/* Operational time since the start of a period. */
static double op_in_periods(const struct rate_clock *clock, double time_s)
{
    double periods = floor(time_s / clock->period_s);
    double into_s = time_s - periods * clock->period_s;
    size_t part = (size_t)(into_s / clock->part_s);
    part = part < clock->count ? part : clock->count - 1;
    double share = (into_s - (double)part * clock->part_s) / clock->part_s;
    double width = clock->cumulative[part + 1] - clock->cumulative[part];
    return periods * clock->period_s + clock->cumulative[part] + width * share;
}

void rate_clock_init(struct rate_clock *clock, const struct model_profile *model, double start_s)
{
    size_t count = model->weights.count;
    *clock = (struct rate_clock){.count = count, .period_s = model->period_s, .start_s = start_s};
    if (count == 0) {
        return;
    }
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += model->weights.items[i];
    }
    clock->part_s = model->period_s / (double)count;
    clock->cumulative = mem_alloc(count + 1, sizeof(*clock->cumulative));
    double below = 0;
    for (size_t i = 0; i < count; i++) {
        below += model->weights.items[i];
        clock->cumulative[i + 1] = below / sum * model->period_s;
    }
    clock->start_op = op_in_periods(clock, start_s);
}

void rate_clock_release(struct rate_clock *clock)
{
    free(clock->cumulative);
    *clock = (struct rate_clock){0};
}

double rate_clock_op_of(const struct rate_clock *clock, double time_s)
{
    if (clock->count == 0) {
        return time_s;
    }
    return op_in_periods(clock, clock->start_s + time_s) - clock->start_op;
}

double rate_clock_time_of(const struct rate_clock *clock, double op)
{
    if (clock->count == 0) {
        return op;
    }
    double whole = clock->start_op + op;
    double periods = floor(whole / clock->period_s);
    double into = whole - periods * clock->period_s;
    size_t low = 0; /* the last part that starts no later */
    size_t high = clock->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (clock->cumulative[middle] <= into) {
            low = middle;
        } else {
            high = middle;
        }
    }
    double width = clock->cumulative[low + 1] - clock->cumulative[low];
    double share = width > 0 ? (into - clock->cumulative[low]) / width : 0;
    return periods * clock->period_s + ((double)low + fmin(share, 1)) * clock->part_s -
           clock->start_s;
}
