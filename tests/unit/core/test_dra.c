/* test_dra.c - devices claimed through dynamic resource allocation: who gets them, where, for how
 * long. Two nodes, a and b, offer two devices each and nothing else. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "policies/core/core.h"

static struct core *new_core(void)
{
    const struct core_settings settings = {.max_preemptees = -1};
    struct core *core = core_new(&settings);
    static const char *const QUEUES[] = {"q", "r"};
    static const char *const NODES[] = {"a", "b"};
    struct err err;
    uint32_t index;
    for (int i = 0; i < 2; i++) {
        const struct core_queue_spec queue = {.name = QUEUES[i],
                                              .priority = 100,
                                              .preempt_min_runtime_ns = CORE_UNSET,
                                              .reclaim_min_runtime_ns = CORE_UNSET,
                                              .shares = {{-1, -1, 1}, {-1, -1, 1}, {2, -1, 1}}};
        cr_assert(core_add_queue(core, &queue, &index, &err), "%s", err.msg);
        const struct core_node_spec node = {
            .name = NODES[i], .cpu_milli = 64000, .memory_bytes = 1e12, .dra_gpus = 2, .pods = 600};
        cr_assert(core_add_node(core, &node, &index, &err), "%s", err.msg);
    }
    return core;
}

/* A claim of queue `label` for `count` devices; held by `holder` on a device of `node` if given. */
static void add_claim(struct core *core, const char *name, const char *label, int64_t count,
                      const char *node, const char *holder)
{
    static const char *const NAMES[] = {"0", "1"};
    struct core_device devices[2];
    for (int i = 0; i < 2; i++) {
        devices[i] = (struct core_device){node, NAMES[i]};
    }
    const struct core_claim_spec spec = {
        .name = name,
        .namespace_name = "",
        .device_class = "Big-GPU.example",
        .count = count,
        .queue_label = label,
        .state = {{&holder, holder != NULL}, devices, node == NULL ? 0 : (size_t)count}};
    struct err err;
    uint32_t index;
    cr_assert(core_add_claim(core, &spec, &index, &err), "%s", err.msg);
}

/* A job of one task named like it; it runs on `node` if given. */
static uint32_t add_job(struct core *core, const char *name, const char *queue, const char *claim,
                        const char *node)
{
    const struct core_job_spec job = {.name = name,
                                      .namespace_name = "",
                                      .queue = queue,
                                      .preemptible = true,
                                      .last_start_ns = CORE_UNSET,
                                      .last_eviction_ns = CORE_UNSET,
                                      .stale_since_ns = CORE_UNSET,
                                      .staleness_grace_ns = CORE_UNSET};
    struct err err;
    uint32_t number;
    cr_assert(core_add_job(core, &job, &number, &err), "%s", err.msg);
    const struct core_task_spec task = {.name = name,
                                        .job = number,
                                        .status = node == NULL ? CORE_PENDING : CORE_RUNNING,
                                        .node = node,
                                        .request = {.cpu_milli = 1000, .memory_bytes = 1e9},
                                        .claims = {&claim, 1}};
    uint32_t index;
    cr_assert(core_add_task(core, &task, &index, &err), "%s", err.msg);
    return index;
}

static void cycle(struct core *core)
{
    struct err err;
    cr_assert(core_open(core, 1000000000, &err), "%s", err.msg);
    for (int a = 0; a < CORE_ACTION_COUNT; a++) {
        core_run(core, (enum core_action)a);
    }
}

static void expect_claim(const struct core *core, uint32_t claim, const char *devices,
                         const char *holders)
{
    struct text d = {0};
    struct text h = {0};
    core_claim_describe(core, claim, &d, &h);
    cr_assert_str_eq(d.bytes, devices);
    cr_assert_str_eq(h.bytes, holders);
    core_text_free(&d);
    core_text_free(&h);
}

static void end(struct core *core)
{
    core_close(core);
    core_free(core);
}

Test(dra, a_claim_gets_free_devices_of_the_node_with_its_first_holder)
{
    struct core *core = new_core();
    add_claim(core, "held", "q", 1, "a", "x");
    add_claim(core, "wide", "q", 2, NULL, NULL);
    (void)add_job(core, "x", "q", "held", "a");
    uint32_t task = add_job(core, "y", "q", "wide", NULL);
    cycle(core);
    cr_assert_eq(core_task_get(core, task).status, CORE_BINDING);
    expect_claim(core, 1, "b/0,b/1", "y");
    expect_claim(core, 0, "a/0", "x");
    end(core);
}

Test(dra, holders_of_one_claim_go_where_it_is_and_are_charged_once)
{
    struct core *core = new_core();
    add_claim(core, "held", "q", 2, "b", "x");
    (void)add_job(core, "x", "q", "held", "b");
    uint32_t task = add_job(core, "y", "q", "held", NULL);
    cycle(core);
    cr_assert_eq(core_task_get(core, task).status, CORE_BINDING);
    cr_assert_str_eq(core_task_get(core, task).node_name, "b");
    cr_assert_float_eq(core_node_get(core, 1).used[2], 2, 0);
    /* The queue is charged for each of them. */
    cr_assert_float_eq(core_queue_get(core, core_find_queue(core, "q")).allocated[2], 4, 0);
    expect_claim(core, 0, "b/0,b/1", "x,y");
    end(core);
}

Test(dra, what_cannot_be_used_leaves_its_task_pending)
{
    static const struct {
        const char *why, *label;
        int64_t count;
    } ROWS[] = {
        {"no queue label", NULL, 1},
        {"the label of another queue", "r", 1},
        {"more devices than any node has", "q", 3},
        {"more devices than there are numbers", "q", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct core *core = new_core();
        add_claim(core, "c", ROWS[i].label, ROWS[i].count, NULL, NULL);
        uint32_t task = add_job(core, "y", "q", "c", NULL);
        uint32_t nameless = add_job(core, "z", "q", "absent", NULL);
        cycle(core);
        cr_assert_eq(core_task_get(core, task).status, CORE_PENDING, "%s", ROWS[i].why);
        cr_assert_eq(core_task_get(core, nameless).status, CORE_PENDING);
        expect_claim(core, 0, "", "");
        end(core);
    }
}

Test(dra, a_class_that_is_no_gpu_needs_no_label_and_counts_nothing)
{
    for (int unknown = 0; unknown < 2; unknown++) {
        struct core *core = new_core();
        const struct core_claim_spec spec = {.name = "c",
                                             .namespace_name = "",
                                             .device_class = "fpga",
                                             .unknown_class = unknown == 1,
                                             .count = 2};
        struct err err;
        uint32_t claim;
        cr_assert(core_add_claim(core, &spec, &claim, &err), "%s", err.msg);
        uint32_t task = add_job(core, "y", "q", "c", NULL);
        cycle(core);
        cr_assert_eq(core_task_get(core, task).status, unknown == 1 ? CORE_PENDING : CORE_BINDING);
        cr_assert_float_eq(core_queue_get(core, 0).allocated[2], 0, 0);
        if (unknown == 0) {
            expect_claim(core, claim, "a/0,a/1", "y");
        }
        end(core);
    }
}

Test(dra, at_most_256_tasks_hold_a_claim)
{
    for (size_t held = 255; held <= 256; held++) {
        static char names[256][8];
        const char *holders[256];
        for (size_t i = 0; i < held; i++) {
            (void)snprintf(names[i], sizeof names[i], "p%zu", i);
            holders[i] = names[i];
        }
        struct core *core = new_core();
        const struct core_claim_spec spec = {.name = "c",
                                             .namespace_name = "",
                                             .device_class = "gpu",
                                             .count = 1,
                                             .queue_label = "q",
                                             .state = {.holders = {holders, held}}};
        struct err err;
        uint32_t claim;
        cr_assert(core_add_claim(core, &spec, &claim, &err), "%s", err.msg);
        uint32_t task = add_job(core, "y", "q", "c", NULL);
        cycle(core);
        cr_assert_eq(core_task_get(core, task).status, held < 256 ? CORE_BINDING : CORE_PENDING);
        end(core);
    }
}

Test(dra, reclaim_takes_the_devices_of_an_evicted_holder)
{
    struct core *core = new_core();
    add_claim(core, "one", "r", 2, "a", "x");
    add_claim(core, "two", "r", 2, "b", "y");
    add_claim(core, "mine", "q", 2, NULL, NULL);
    (void)add_job(core, "x", "r", "one", "a");
    uint32_t victim = add_job(core, "y", "r", "two", "b");
    uint32_t task = add_job(core, "z", "q", "mine", NULL);
    cycle(core);
    cr_assert_eq(core_task_get(core, task).status, CORE_PIPELINED);
    cr_assert_eq(core_task_get(core, victim).status, CORE_RELEASING);
    expect_claim(core, 0, "a/0,a/1", "x");
    expect_claim(core, 1, "", "");
    expect_claim(core, 2, "b/0,b/1", "z");
    end(core);
}

Test(dra, claims_that_make_no_sense_are_refused_by_name)
{
    struct core *core = new_core();
    add_claim(core, "c", "q", 1, NULL, NULL);
    const struct core_device nameless = {"a", NULL};
    const struct core_claim_spec specs[] = {
        {.name = NULL, .count = 1},
        {.name = "d", .count = -1},
        {.name = "c", .namespace_name = "", .count = 1},
        {.name = "d", .count = 1, .state = {.devices = &nameless, .device_count = 1}},
    };
    static const char *const WORDS[] = {"a name and a count", "claim \"d\": a name and a count",
                                        "claim \"c\" of namespace \"\" is given twice",
                                        "claim \"d\": device 0 has no pool or no name"};
    for (size_t i = 0; i < 4; i++) {
        struct err err;
        uint32_t index;
        cr_assert_not(core_add_claim(core, &specs[i], &index, &err));
        cr_assert_not_null(strstr(err.msg, WORDS[i]), "%s", err.msg);
    }
    struct err err;
    cr_assert_not(core_set_claim(core, 1, &(struct core_claim_state){0}, &err));
    cr_assert_str_eq(err.msg, "no claim has the index 1");
    core_free(core);
}
