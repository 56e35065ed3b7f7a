/* test_cycle.c - whole cycles of small clusters, and snapshots that make no sense. */
#include <criterion/criterion.h>

#include "policies/core/core.h"

static struct core *new_core(void)
{
    const struct core_settings settings = {.max_preemptees = -1};
    return core_new(&settings);
}

static void add_queue(struct core *core, const char *name, double gpus)
{
    const struct core_queue_spec spec = {.name = name,
                                         .priority = 100,
                                         .preempt_min_runtime_ns = CORE_UNSET,
                                         .reclaim_min_runtime_ns = CORE_UNSET,
                                         .shares = {{-1, -1, 1}, {-1, -1, 1}, {gpus, -1, 1}}};
    struct err err;
    uint32_t index;
    cr_assert(core_add_queue(core, &spec, &index, &err));
}

static void add_node(struct core *core, const char *name, double gpus)
{
    const struct core_node_spec spec = {
        .name = name, .cpu_milli = 64000, .memory_bytes = 1e12, .gpus = gpus, .pods = 110};
    struct err err;
    uint32_t index;
    cr_assert(core_add_node(core, &spec, &index, &err));
}

static uint32_t add_job(struct core *core, const char *name, const char *queue)
{
    const struct core_job_spec spec = {.name = name,
                                       .queue = queue,
                                       .preemptible = true,
                                       .last_start_ns = CORE_UNSET,
                                       .last_eviction_ns = CORE_UNSET,
                                       .stale_since_ns = CORE_UNSET,
                                       .staleness_grace_ns = CORE_UNSET};
    struct err err;
    uint32_t index;
    cr_assert(core_add_job(core, &spec, &index, &err));
    return index;
}

static uint32_t add_task(struct core *core, const char *name, uint32_t job, const char *node)
{
    const struct core_task_spec spec = {
        .name = name,
        .job = job,
        .status = node == NULL ? CORE_PENDING : CORE_RUNNING,
        .node = node,
        .request = {.cpu_milli = 1000, .memory_bytes = 1e9, .gpu = {.count = 1, .portion = 1}}};
    struct err err;
    uint32_t index;
    cr_assert(core_add_task(core, &spec, &index, &err));
    return index;
}

Test(cycle, binds_a_pending_task_to_a_node_with_room)
{
    struct core *core = new_core();
    add_queue(core, "q", 1);
    add_node(core, "full", 0);
    add_node(core, "room", 1);
    add_task(core, "j-0", add_job(core, "j", "q"), NULL);
    struct err err;
    cr_assert(core_open(core, 0, &err));
    core_run(core, CORE_ALLOCATE);
    cr_assert_eq(core_event_count(core), 1);
    cr_assert_eq(core_event_get(core, 0).kind, CORE_BIND);
    cr_assert_str_eq(core_node_name(core, core_event_get(core, 0).node), "room");
    core_close(core);
    core_free(core);
}

Test(cycle, reclaims_for_a_queue_below_its_quota_and_forgets_it_at_close)
{
    struct core *core = new_core();
    add_queue(core, "a", 1);
    add_queue(core, "b", 1);
    add_node(core, "n", 2);
    add_task(core, "a0-0", add_job(core, "a0", "a"), "n");
    add_task(core, "a1-0", add_job(core, "a1", "a"), "n");
    uint32_t task = add_task(core, "b0-0", add_job(core, "b0", "b"), NULL);
    struct err err;
    for (int cycle = 0; cycle < 2; cycle++) {
        cr_assert(core_open(core, 0, &err));
        for (int action = 0; action < CORE_ACTION_COUNT; action++) {
            core_run(core, (enum core_action)action);
        }
        cr_assert_eq(core_event_count(core), 2);
        cr_assert_eq(core_event_get(core, 0).kind, CORE_EVICT);
        cr_assert_str_eq(core_task_name(core, core_event_get(core, 0).task), "a1-0");
        cr_assert_eq(core_task_get(core, task).status, CORE_PIPELINED);
        core_close(core);
    }
    core_free(core);
}

Test(cycle, refuses_queues_that_are_their_own_ancestors)
{
    struct core *core = new_core();
    const struct core_queue_spec specs[] = {{.name = "a", .parent = "b"},
                                            {.name = "b", .parent = "a"}};
    struct err err;
    uint32_t index;
    cr_assert(core_add_queue(core, &specs[0], &index, &err));
    cr_assert(core_add_queue(core, &specs[1], &index, &err));
    cr_assert_not(core_open(core, 0, &err));
    cr_assert_not_null(strstr(err.msg, "\"a\""));
    core_free(core);
}

Test(cycle, leaves_a_job_of_an_unknown_queue_pending)
{
    struct core *core = new_core();
    add_queue(core, "q", 1);
    add_node(core, "n", 1);
    uint32_t job = add_job(core, "j", "nobody");
    add_task(core, "j-0", job, NULL);
    struct err err;
    cr_assert(core_open(core, 0, &err));
    core_run(core, CORE_ALLOCATE);
    cr_assert_eq(core_event_count(core), 0);
    struct text why = {0};
    core_explain(core, job, CORE_NONE, &why);
    cr_assert_str_eq(why.bytes, "QueueDoesNotExist: nobody");
    text_release(&why);
    core_close(core);
    core_free(core);
}
