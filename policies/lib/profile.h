/*
 * profile.h - how many milli-GPUs will be free when, as running jobs and reservations say.
 *
 * A step function of time: each step holds from its time to that of the next one, the last for
 * ever. Neighbouring steps differ.
 */
#ifndef POLICIES_LIB_PROFILE_H
#define POLICIES_LIB_PROFILE_H

#include <stdint.h>

#include "sim/base/vec.h"

struct profile_step {
    int64_t time_us;
    int64_t free_milli;
};

struct free_profile {
    VEC(struct profile_step) steps;
};

/* Everything is free from `now_us` on. */
void free_profile_init(struct free_profile *profile, int64_t now_us, int64_t free_milli);
void free_profile_release(struct free_profile *profile);

/* Forgets what lies before `now_us`. O(steps before it, and moving the others). */
void free_profile_advance(struct free_profile *profile, int64_t now_us);

/* Adds `milli` (less than 0: takes it) over [from_us, until_us), which starts at or after the first
 * step. O(steps). */
void free_profile_add(struct free_profile *profile, int64_t from_us, int64_t until_us,
                      int64_t milli);

/* The earliest time at or after `from_us` from which at least `milli` stay free for `length_us`.
 * There is one when everything is free in the end. O(steps). */
int64_t free_profile_find(const struct free_profile *profile, int64_t from_us, int64_t length_us,
                          int64_t milli);

#endif
