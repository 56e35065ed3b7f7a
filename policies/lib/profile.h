/*
 * profile.h - how many milli-GPUs are planned to be free, from when on: a step function of time.
 *
 *     free
 *      8 |             +--------          steps: (0, 3) (5, 6) (9, 8)
 *      6 |      +------+
 *      3 +------+
 *        0      5      9        time
 *
 * A sorted array of steps, the last of which lasts for ever. Times before the first step belong to
 * it.
 */
#ifndef POLICIES_LIB_PROFILE_H
#define POLICIES_LIB_PROFILE_H

#include <stdint.h>

#include "sim/base/vec.h"

#define FREE_PROFILE_NEVER INT64_MAX

struct free_step {
    int64_t from_us;
    int64_t free_milli;
};

struct free_profile {
    VEC(struct free_step) steps;
};

void free_profile_release(struct free_profile *profile);

/* The same amount free for ever. Also for using a profile again. */
void free_profile_reset(struct free_profile *profile, int64_t now_us, int64_t free_milli);

/* Drops what lies before `now_us`. */
void free_profile_forget(struct free_profile *profile, int64_t now_us);

/* Adds milli-GPUs (takes them, when negative) from `from_us` until `until_us`; INT64_MAX: for ever.
 * O(log steps) plus the steps behind `from_us`. */
void free_profile_add(struct free_profile *profile, int64_t from_us, int64_t until_us,
                      int64_t milli);

/* The earliest time from `from_us` on at which `milli` are free for `length_us`, or
 * FREE_PROFILE_NEVER (jobs that hold what is needed may be expected to run for ever). O(steps). */
int64_t free_profile_find(const struct free_profile *profile, int64_t from_us, int64_t length_us,
                          int64_t milli);

#endif
