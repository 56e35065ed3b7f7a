/* profile.c - see profile.h. */
#include "policies/lib/profile.h"

#include <stdbool.h>
#include <string.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"

void free_profile_release(struct free_profile *profile)
{
    vec_release(&profile->steps);
}

void free_profile_reset(struct free_profile *profile, int64_t now_us, int64_t free_milli)
{
    vec_clear(&profile->steps);
    struct free_step step = {now_us, free_milli};
    vec_push(&profile->steps, step);
}

/* The number of steps that begin at or before this time. */
static size_t steps_until(const struct free_profile *profile, int64_t time_us)
{
    size_t low = 0;
    size_t high = profile->steps.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (profile->steps.items[middle].from_us <= time_us) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void remove_steps(struct free_profile *profile, size_t at, size_t count)
{
    struct free_step *steps = profile->steps.items;
    memmove(&steps[at], &steps[at + count], (profile->steps.count - at - count) * sizeof(*steps));
    profile->steps.count -= count;
}

void free_profile_forget(struct free_profile *profile, int64_t now_us)
{
    size_t begun = steps_until(profile, now_us);
    if (begun > 1) {
        remove_steps(profile, 0, begun - 1);
    }
    if (begun > 0) {
        profile->steps.items[0].from_us = now_us;
    }
}

/* Makes a step begin at this time, if none does, and returns its position. */
static size_t cut(struct free_profile *profile, int64_t time_us)
{
    size_t at = steps_until(profile, time_us);
    CHECK(at > 0);
    if (profile->steps.items[at - 1].from_us == time_us) {
        return at - 1;
    }
    struct free_step step = {time_us, profile->steps.items[at - 1].free_milli};
    vec_push(&profile->steps, step);
    struct free_step *steps = profile->steps.items;
    memmove(&steps[at + 1], &steps[at], (profile->steps.count - 1 - at) * sizeof(*steps));
    steps[at] = step;
    return at;
}

/* Joins a step with the one before when both have the same free. */
static void smooth(struct free_profile *profile, size_t at)
{
    if (at > 0 && at < profile->steps.count &&
        profile->steps.items[at].free_milli == profile->steps.items[at - 1].free_milli) {
        remove_steps(profile, at, 1);
    }
}

void free_profile_add(struct free_profile *profile, int64_t from_us, int64_t until_us,
                      int64_t milli)
{
    CHECK(profile->steps.count > 0);
    if (from_us >= until_us || milli == 0) {
        return;
    }
    size_t first = cut(profile, from_us);
    size_t end = until_us == INT64_MAX ? profile->steps.count : cut(profile, until_us);
    for (size_t i = first; i < end; i++) {
        profile->steps.items[i].free_milli += milli;
    }
    smooth(profile, end);
    smooth(profile, first);
}

int64_t free_profile_find(const struct free_profile *profile, int64_t from_us, int64_t length_us,
                          int64_t milli)
{
    const struct free_step *steps = profile->steps.items;
    size_t begun = steps_until(profile, from_us);
    bool open = false; /* enough is free since `start_us` */
    int64_t start_us = from_us;
    for (size_t i = begun > 0 ? begun - 1 : 0; i < profile->steps.count; i++) {
        if (steps[i].free_milli < milli) {
            open = false;
            continue;
        }
        if (!open) {
            open = true;
            start_us = steps[i].from_us > from_us ? steps[i].from_us : from_us;
        }
        if (i + 1 < profile->steps.count &&
            steps[i + 1].from_us >= time_add_us(start_us, length_us)) {
            return start_us;
        }
    }
    return open ? start_us : FREE_PROFILE_NEVER;
}
