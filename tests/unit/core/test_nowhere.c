/*
 * test_nowhere.c - tasks that hold something but say no node, as snapshots taken in the middle of a
 * change have them: they are counted, may be victims, and free nothing anywhere.
 */
#include <criterion/criterion.h>

#include "policies/core/core.h"

static struct core *cluster(int64_t grace_ns)
{
    const struct core_settings settings = {.max_preemptees = -1, .staleness_grace_ns = grace_ns};
    const struct core_queue_spec queue = {.name = "q",
                                          .preempt_min_runtime_ns = CORE_UNSET,
                                          .reclaim_min_runtime_ns = CORE_UNSET,
                                          .shares = {{-1, -1, 1}, {-1, -1, 1}, {2, -1, 1}}};
    struct core *core = core_new(&settings);
    struct err err;
    uint32_t index;
    cr_assert(core_add_queue(core, &queue, &index, &err), "%s", err.msg);
    for (int i = 0; i < 2; i++) {
        const struct core_node_spec node = {
            .name = i == 0 ? "n0" : "n1", .cpu_milli = 9000, .gpus = 1, .pods = 9};
        cr_assert(core_add_node(core, &node, &index, &err), "%s", err.msg);
    }
    return core;
}

static uint32_t add_gang(struct core *core, const char *name, int priority, int64_t min)
{
    const struct core_group_spec groups[] = {{.name = "", .min = -1},
                                             {.name = "default", .is_pod_set = true, .min = min}};
    const struct core_job_spec spec = {.name = name,
                                       .queue = "q",
                                       .priority = priority,
                                       .preemptible = true,
                                       .last_start_ns = CORE_UNSET,
                                       .last_eviction_ns = CORE_UNSET,
                                       .stale_since_ns = CORE_UNSET,
                                       .staleness_grace_ns = CORE_UNSET,
                                       .groups = groups,
                                       .group_count = 2};
    struct err err;
    uint32_t index;
    cr_assert(core_add_job(core, &spec, &index, &err), "%s", err.msg);
    return index;
}

static uint32_t add_task(struct core *core, const char *name, uint32_t job, enum core_status status,
                         const char *node)
{
    const struct core_task_spec spec = {.name = name,
                                        .job = job,
                                        .status = status,
                                        .node = node,
                                        .request = {.gpu = {.count = 1, .portion = 1}}};
    struct err err;
    uint32_t index;
    cr_assert(core_add_task(core, &spec, &index, &err), "%s", err.msg);
    return index;
}

Test(nowhere, a_stale_gang_is_evicted_from_no_node)
{
    struct core *core = cluster(0);
    uint32_t task = add_task(core, "t", add_gang(core, "j", 50, 2), CORE_RUNNING, NULL);
    struct err err;
    cr_assert(core_open(core, 0, &err), "%s", err.msg);
    core_run(core, CORE_EVICT_STALE);
    cr_assert_eq(core_event_count(core), 1);
    cr_assert_eq(core_event_get(core, 0).kind, CORE_EVICT);
    cr_assert_eq(core_event_get(core, 0).node, CORE_NONE);
    cr_assert_str_eq(core_node_name(core, CORE_NONE), "");
    cr_assert_eq(core_task_get(core, task).status, CORE_RELEASING);
    cr_assert_leq(core_queue_get(core, 0).allocated[CORE_GPU], 0.0);
    core_close(core);
    core_free(core);
}

/* Victims on two nodes and one that is nowhere: a gang that needs both nodes preempts the two. */
Test(nowhere, a_victim_without_a_node_frees_nothing)
{
    struct core *core = cluster(-1);
    add_task(core, "a0", add_gang(core, "a", 50, 1), CORE_RUNNING, "n0");
    add_task(core, "b0", add_gang(core, "b", 50, 1), CORE_RUNNING, "n1");
    add_task(core, "c0", add_gang(core, "c", 50, 1), CORE_RUNNING, NULL);
    uint32_t gang = add_gang(core, "p", 90, 2);
    uint32_t tasks[] = {add_task(core, "p0", gang, CORE_PENDING, NULL),
                        add_task(core, "p1", gang, CORE_PENDING, NULL)};
    struct err err;
    cr_assert(core_open(core, 0, &err), "%s", err.msg);
    core_run(core, CORE_PREEMPT);
    size_t evicted = 0;
    for (size_t i = 0; i < core_event_count(core); i++) {
        struct core_event e = core_event_get(core, i);
        evicted += e.kind == CORE_EVICT;
        cr_assert(e.kind != CORE_EVICT || e.node != CORE_NONE);
    }
    cr_assert_eq(evicted, 2);
    cr_assert_eq(core_task_get(core, tasks[0]).status, CORE_PIPELINED);
    cr_assert_eq(core_task_get(core, tasks[1]).status, CORE_PIPELINED);
    core_close(core);
    core_free(core);
}
