/*
 * alone.c - a program that has nothing of Berth but the placement core: two queues, three nodes,
 * and what a cycle decides, printed.
 */
#include <berth-core.h>
#include <stdio.h>
#include <stdlib.h>

static void must(int good, const struct err *err)
{
    if (!good) {
        (void)fprintf(stderr, "%s\n", err->msg);
        exit(1);
    }
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
    must(core_add_queue(core, &spec, &index, &err), &err);
}

static void add_gang(struct core *core, const char *name, const char *queue, int tasks,
                     const char *node)
{
    const struct core_group_spec groups[] = {{.name = "", .min = -1},
                                             {.name = "default", .is_pod_set = true, .min = tasks}};
    const struct core_job_spec job = {.name = name,
                                      .queue = queue,
                                      .priority = 50,
                                      .preemptible = true,
                                      .last_start_ns = CORE_UNSET,
                                      .last_eviction_ns = CORE_UNSET,
                                      .stale_since_ns = CORE_UNSET,
                                      .staleness_grace_ns = CORE_UNSET,
                                      .groups = groups,
                                      .group_count = 2};
    struct err err;
    uint32_t number, index;
    must(core_add_job(core, &job, &number, &err), &err);
    for (int i = 0; i < tasks; i++) {
        char task_name[32];
        (void)snprintf(task_name, sizeof task_name, "%s-%d", name, i);
        const struct core_task_spec task = {
            .name = task_name,
            .job = number,
            .status = node == NULL ? CORE_PENDING : CORE_RUNNING,
            .node = node,
            .request = {.cpu_milli = 1000, .memory_bytes = 1e9, .gpu = {.count = 4, .portion = 1}}};
        must(core_add_task(core, &task, &index, &err), &err);
    }
}

static void print_decisions(const struct core *core)
{
    static const char *const KINDS[] = {"bind", "evict", "pipeline"};
    for (size_t i = 0; i < core_event_count(core); i++) {
        struct core_event event = core_event_get(core, i);
        (void)printf("%s %s %s\n", KINDS[event.kind], core_task_name(core, event.task),
                     core_node_name(core, event.node));
    }
}

int main(void)
{
    const struct core_settings settings = {.max_preemptees = -1};
    struct core *core = core_new(&settings);
    struct err err;
    uint32_t index;
    add_queue(core, "research", 8);
    add_queue(core, "product", 16);
    for (int i = 0; i < 3; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "node%d", i);
        const struct core_node_spec node = {
            .name = name, .cpu_milli = 64000, .memory_bytes = 256e9, .gpus = 8, .pods = 110};
        must(core_add_node(core, &node, &index, &err), &err);
    }
    add_gang(core, "sweep", "research", 2, "node0");
    add_gang(core, "tune", "research", 2, "node1");
    add_gang(core, "train", "product", 4, NULL);
    must(core_open(core, 0, &err), &err);
    for (int action = 0; action < CORE_ACTION_COUNT; action++) {
        core_run(core, (enum core_action)action);
    }
    print_decisions(core);
    core_close(core);
    core_free(core);
    return 0;
}
