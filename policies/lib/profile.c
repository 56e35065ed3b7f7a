/* profile.c - see profile.h. */
#include "policies/lib/profile.h"

#include "sim/base/arith.h"
#include "sim/base/check.h"

void free_profile_init(struct free_profile *profile, int64_t now_us, int64_t free_milli)
{
    vec_clear(&profile->steps);
    struct profile_step step = {now_us, free_milli};
    vec_push(&profile->steps, step);
}

void free_profile_release(struct free_profile *profile)
{
    vec_release(&profile->steps);
}

/* The last step that starts at or before the time; the first step does. */
static size_t step_at(const struct free_profile *profile, int64_t time_us)
{
    CHECK(profile->steps.count > 0 && profile->steps.items[0].time_us <= time_us);
    size_t low = 0;
    size_t high = profile->steps.count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (profile->steps.items[middle].time_us <= time_us) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static void drop(struct free_profile *profile, size_t at, size_t count)
{
    struct profile_step *steps = profile->steps.items;
    profile->steps.count -= count;
    memmove(&steps[at], &steps[at + count], (profile->steps.count - at) * sizeof(*steps));
}

void free_profile_advance(struct free_profile *profile, int64_t now_us)
{
    size_t at = step_at(profile, now_us);
    profile->steps.items[at].time_us = now_us;
    if (at > 0) {
        drop(profile, 0, at);
    }
}

/* Makes a step start at this time; returns its index. */
static size_t split(struct free_profile *profile, int64_t time_us)
{
    size_t at = step_at(profile, time_us);
    struct profile_step step = profile->steps.items[at];
    if (step.time_us == time_us) {
        return at;
    }
    step.time_us = time_us;
    vec_push(&profile->steps, step); /* for the room; the place comes now */
    struct profile_step *steps = profile->steps.items;
    memmove(&steps[at + 2], &steps[at + 1], (profile->steps.count - at - 2) * sizeof(*steps));
    steps[at + 1] = step;
    return at + 1;
}

/* Drops the step if it says the same as the one before it. */
static void join(struct free_profile *profile, size_t at)
{
    const struct profile_step *steps = profile->steps.items;
    if (at > 0 && at < profile->steps.count && steps[at].free_milli == steps[at - 1].free_milli) {
        drop(profile, at, 1);
    }
}

void free_profile_add(struct free_profile *profile, int64_t from_us, int64_t until_us,
                      int64_t milli)
{
    if (from_us >= until_us || milli == 0) {
        return;
    }
    size_t first = split(profile, from_us);
    size_t end = until_us == INT64_MAX ? profile->steps.count : split(profile, until_us);
    for (size_t i = first; i < end; i++) {
        profile->steps.items[i].free_milli += milli;
    }
    join(profile, end);
    join(profile, first);
}

int64_t free_profile_find(const struct free_profile *profile, int64_t from_us, int64_t length_us,
                          int64_t milli)
{
    const struct profile_step *steps = profile->steps.items;
    size_t at = step_at(profile, from_us);
    int64_t start_us = from_us;
    int64_t end_us = time_add_us(start_us, length_us);
    for (; at < profile->steps.count && steps[at].time_us < end_us; at++) {
        if (steps[at].free_milli < milli) {
            CHECK(at + 1 < profile->steps.count);
            start_us = steps[at + 1].time_us;
            end_us = time_add_us(start_us, length_us);
        }
    }
    return start_us;
}
