/* schedule.c - see schedule.h. */
#include "schedule.h"

#include <criterion/criterion.h>

void assert_run(struct replay *replay, const char *expected)
{
    cr_assert(replay_run(replay), "%s", replay->err.msg);
    struct text schedule = {0};
    replay_add_schedule(&schedule, replay);
    cr_assert_str_eq(schedule.bytes, expected, "%s\nfound    %s\nexpected %s", replay->policy,
                     schedule.bytes, expected);
    text_release(&schedule);
}

void assert_schedule(const char *policy, const char *cluster, const char *jobs,
                     const char *expected)
{
    struct replay replay;
    replay_init(&replay, cluster);
    struct text csv = {0};
    text_add(&csv, HEADER);
    text_add(&csv, jobs);
    replay_read(&replay, csv.bytes);
    replay.policy = policy;
    replay.settings.audit = true;
    assert_run(&replay, expected);
    replay_release(&replay);
    text_release(&csv);
}
