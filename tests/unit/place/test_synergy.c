/* test_synergy.c - free GPUs keep their share of CPUs and memory, as long as that can be. */
#include <criterion/criterion.h>

#include "tests/unit/place/scored.h"

/* Nodes of 4 GPUs and 40 CPUs: a share is 10 CPUs. */
static const char POOLS[] =
    "{\"pools\": [{\"name\": \"a\", \"nodes\": 3, \"gpus\": 4, \"cpus\": 40}]}";

Test(synergy, brings_hungry_and_frugal_tasks_together)
{
    struct scored scored;
    scored_open(&scored, "synergy", "", POOLS);
    scored_take(&scored, 1, 1000, 4000);  /* b: 3 GPUs and 36 CPUs */
    scored_take(&scored, 2, 2000, 20000); /* c: 2 GPUs and 20 CPUs */
    /* 15 CPUs: a is left with 3 GPUs and 25 CPUs, b with 2 and 21, c with 1 and 5. */
    cr_assert_eq(scored_pick(&scored, 1000, 15000), 1);
    /* 10 CPUs: shares are kept everywhere; c has the fewest free GPUs. */
    cr_assert_eq(scored_pick(&scored, 1000, 10000), 2);
    /* 18 CPUs: a lacks 8 of 30, b 2 of 20, c 8 of 10. */
    cr_assert_eq(scored_pick(&scored, 1000, 18000), 1);
    cr_assert_eq(scored_pick(&scored, 1000, 37000), 0, "only a has so many");
    cr_assert_eq(scored_pick(&scored, 1000, 41000), NODE_NONE);
    scored_close(&scored);
}

/* Without GPUs: 5 CPUs are missing to none on b, which has 6 beyond the shares. */
Test(synergy, takes_cpus_where_they_are_left_over)
{
    struct scored scored;
    scored_open(&scored, "synergy", "", POOLS);
    scored_take(&scored, 1, 1000, 4000);
    cr_assert_eq(scored_pick(&scored, 0, 5000), 1);
    cr_assert_eq(scored_pick(&scored, 0, 7000), 1, "1 is missing, elsewhere 7");
    scored_close(&scored);
}

Test(synergy, packs_gpus_where_nothing_else_is_bounded)
{
    struct scored scored;
    scored_open(&scored, "synergy", "",
                "{\"pools\": [{\"name\": \"a\", \"nodes\": 3, \"gpus\": 4}]}");
    scored_take(&scored, 1, 2000, 0);
    cr_assert_eq(scored_pick(&scored, 1000, 0), 1);
    cr_assert_eq(scored_pick(&scored, 3000, 0), 0);
    scored_close(&scored);
}
