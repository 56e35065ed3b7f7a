/* facts.c - see facts.h. */
#include "facts.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

static const char *const QUEUE_NAMES[FACT_QUEUES] = {"east", "east-a", "east-b",
                                                     "west", "west-a", "west-b"};
static const char *const QUEUE_PARENTS[FACT_QUEUES] = {NULL, "east", "east", NULL, "west", "west"};
static const int LEAVES[] = {1, 2, 4, 5};

void facts_init(struct facts *facts)
{
    *facts = (struct facts){.now_ns = INT64_C(1000000000000)};
    for (int i = 0; i < FACT_NODES; i++) {
        facts->node_ready[i] = true;
    }
}

void facts_release(struct facts *facts)
{
    vec_release(&facts->jobs);
}

static void add_queues(struct core *core, const struct facts *facts)
{
    for (int i = 0; i < FACT_QUEUES; i++) {
        bool top = QUEUE_PARENTS[i] == NULL;
        struct core_queue_spec spec = {
            .name = QUEUE_NAMES[i],
            .parent = QUEUE_PARENTS[i],
            .priority = 100,
            .created_ns = i,
            .preempt_min_runtime_ns = CORE_UNSET,
            .reclaim_min_runtime_ns = i == 2 ? INT64_C(3000000000) : CORE_UNSET,
            .shares = {{-1, -1, 1}, {-1, -1, 1}, {top ? 10 : 4 + i % 2, i == 5 ? 9 : -1, 1 + i}},
            .usage = {0, 0, facts->usage[i]}};
        struct err err;
        uint32_t index;
        cr_assert(core_add_queue(core, &spec, &index, &err), "%s", err.msg);
    }
}

/* The state as the core takes it; the arrays are the caller's. */
static struct core_claim_state claim_state(const struct fact_claim *claim, const char **holders,
                                           struct core_device *devices)
{
    for (size_t i = 0; i < claim->holder_count; i++) {
        holders[i] = claim->holders[i];
    }
    for (size_t i = 0; i < claim->device_count; i++) {
        devices[i] = (struct core_device){claim->pools[i], claim->devices[i]};
    }
    return (struct core_claim_state){{holders, claim->holder_count}, devices, claim->device_count};
}

static const char *claim_name(uint32_t number)
{
    static const char *const NAMES[FACT_CLAIMS] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"};
    return NAMES[number];
}

static void add_claims(struct core *core, const struct facts *facts)
{
    for (uint32_t i = 0; facts->has_claims && i < FACT_CLAIMS; i++) {
        const char *holders[FACT_MOST_HOLDERS];
        struct core_device devices[FACT_MOST_DEVICES];
        const struct core_claim_spec spec = {.name = claim_name(i),
                                             .namespace_name = "",
                                             .device_class = i == 7 ? "fpga" : "a-gpu",
                                             .count = 1 + i % 2,
                                             .queue_label = QUEUE_NAMES[LEAVES[i % 4]],
                                             .state =
                                                 claim_state(&facts->claims[i], holders, devices)};
        struct err err;
        uint32_t index;
        cr_assert(core_add_claim(core, &spec, &index, &err), "%s", err.msg);
        cr_assert_eq(index, i);
    }
}

void facts_set_claim(struct core *core, uint32_t number, const struct fact_claim *claim)
{
    const char *holders[FACT_MOST_HOLDERS];
    struct core_device devices[FACT_MOST_DEVICES];
    const struct core_claim_state state = claim_state(claim, holders, devices);
    struct err err;
    cr_assert(core_set_claim(core, number, &state, &err), "%s", err.msg);
}

void facts_let_go(struct fact_claim *claim, const char *task)
{
    for (size_t i = 0; i < claim->holder_count; i++) {
        if (strcmp(claim->holders[i], task) == 0) {
            memmove(claim->holders[i], claim->holders[i + 1],
                    (claim->holder_count - i - 1) * sizeof *claim->holders);
            claim->holder_count--;
            claim->device_count = claim->holder_count == 0 ? 0 : claim->device_count;
            return;
        }
    }
}

static void add_nodes(struct core *core, const struct facts *facts)
{
    static const char *const LEVELS[] = {"rack"};
    const struct core_topology_spec topology = {"racks", {LEVELS, 1}};
    struct err err;
    cr_assert(core_add_topology(core, &topology, &err), "%s", err.msg);
    for (int i = 0; i < FACT_NODES; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "n%d", i);
        const struct core_label labels[] = {{"rack", i < 3 ? "r0" : "r1"},
                                            {"kind", i % 2 == 0 ? "even" : "odd"},
                                            {"nvidia.com/gpu.count", "4"}};
        const struct core_node_spec spec = {.name = name,
                                            .cpu_milli = 64000,
                                            .memory_bytes = 64e9,
                                            .gpus = 4,
                                            .pods = 20,
                                            .gpu_memory_mib = 40000,
                                            .dra_gpus = facts->has_claims && i > 3 ? 3 : 0,
                                            .not_ready = !facts->node_ready[i],
                                            .labels = {labels, 3}};
        uint32_t index;
        cr_assert(core_add_node(core, &spec, &index, &err), "%s", err.msg);
    }
}

struct core *facts_core(const struct facts *facts)
{
    const struct core_settings settings = {
        .max_preemptees = -1, .staleness_grace_ns = INT64_C(5000000000), .use_signatures = true};
    struct core *core = core_new(&settings);
    add_queues(core, facts);
    add_nodes(core, facts);
    add_claims(core, facts);
    return core;
}

struct fact_job *facts_new_job(struct facts *facts, uint64_t draw)
{
    struct fact_job job = {.number = facts->next_job++,
                           .queue = LEAVES[draw % 4],
                           .priority = (draw >> 8) % 5 == 0   ? 125
                                       : (draw >> 8) % 5 == 1 ? 75
                                                              : 50,
                           .created_ns = facts->now_ns,
                           .times = {CORE_UNSET, CORE_UNSET, CORE_UNSET}};
    job.preemptible = job.priority < 100;
    job.task_count = 1 + (draw >> 16) % FACT_MOST_TASKS;
    job.whole = facts->whole_gpus;
    job.claims = facts->has_claims && job.number % 6 >= 4;
    job.min_tasks = (draw >> 24) % 3 == 0 ? 1 : job.task_count;
    (void)snprintf(job.name, sizeof job.name, "j%05u", job.number);
    for (size_t i = 0; i < job.task_count; i++) {
        (void)snprintf(job.tasks[i].name, sizeof job.tasks[i].name, "%s-%u", job.name, (unsigned)i);
    }
    vec_push(&facts->jobs, job);
    return &facts->jobs.items[facts->jobs.count - 1];
}

/* Whole GPUs, shares of one or of two, or GPU memory, by the job's number. */
static struct core_request_spec request_of(const struct fact_job *job)
{
    struct core_request_spec request = {.cpu_milli = 1000, .memory_bytes = 1e9};
    if (job->claims) {
        return request;
    }
    switch (job->whole ? 6 : job->number % 6) {
    case 0:
        request.kind = CORE_GPU_FRACTION;
        request.gpu =
            (struct core_gpu_need){.count = 1, .portion = 0.25 + 0.25 * (job->number % 3)};
        break;
    case 1:
        request.kind = CORE_GPU_MEMORY;
        request.gpu = (struct core_gpu_need){.count = 1, .memory_mib = 10000};
        break;
    case 2:
        request.kind = CORE_GPU_FRACTION;
        request.gpu = (struct core_gpu_need){.count = 2, .portion = 0.5};
        break;
    default:
        request.gpu = (struct core_gpu_need){.count = 1 + job->number % 3, .portion = 1};
    }
    return request;
}

static void tell_task(struct core *core, const struct fact_job *job, uint32_t number,
                      struct fact_task *task, bool keep)
{
    static const char *const EVEN[] = {"even"};
    const struct core_node_term term = {"kind", {EVEN, 1}, false};
    const struct core_label label = {"app", job->name};
    const struct core_pod_term apart = {true, "rack", {&label, 1}};
    const char *groups[FACT_MOST_GROUPS];
    for (size_t i = 0; i < task->group_count; i++) {
        groups[i] = task->groups[i];
    }
    /* Its queue's first claim, its second one, or both. */
    static const int CLAIM_OF_QUEUE[FACT_QUEUES] = {0, 0, 1, 0, 2, 3};
    const char *claims[] = {claim_name((uint32_t)CLAIM_OF_QUEUE[job->queue]),
                            claim_name((uint32_t)CLAIM_OF_QUEUE[job->queue] + 4)};
    const struct core_texts asked = {job->number % 3 == 1 ? claims + 1 : claims,
                                     job->number % 3 == 2 ? 2 : 1};
    const struct core_task_spec spec = {.name = task->name,
                                        .claims = job->claims ? asked : (struct core_texts){0},
                                        .job = number,
                                        .status = task->runs ? CORE_RUNNING : CORE_PENDING,
                                        .node = task->runs ? task->node : NULL,
                                        .groups = {groups, task->group_count},
                                        .request = request_of(job),
                                        .labels = {&label, 1},
                                        .node_terms = &term,
                                        .node_term_count = job->number % 7 == 3,
                                        .pod_terms = &apart,
                                        .pod_term_count = job->number % 11 == 5};
    struct err err;
    uint32_t index;
    cr_assert(core_add_task(core, &spec, &index, &err), "%s", err.msg);
    if (keep) {
        task->core = index;
    }
}

void facts_tell(struct core *core, struct fact_job *job, bool keep)
{
    const struct core_group_spec groups[] = {
        {.name = "", .min = -1, .topology = {job->number % 5 == 4 ? "racks" : NULL, "rack", NULL}},
        {.name = "default", .is_pod_set = true, .min = (int64_t)job->min_tasks}};
    const struct core_job_spec spec = {.name = job->name,
                                       .namespace_name = "",
                                       .queue = QUEUE_NAMES[job->queue],
                                       .priority = job->priority,
                                       .preemptible = job->preemptible,
                                       .created_ns = job->created_ns,
                                       .last_start_ns = job->times.last_start_ns,
                                       .last_eviction_ns = job->times.last_eviction_ns,
                                       .stale_since_ns = job->times.stale_since_ns,
                                       .preemption_delay_ns =
                                           job->number % 13 == 1 ? INT64_C(2000000000) : 0,
                                       .staleness_grace_ns = CORE_UNSET,
                                       .groups = groups,
                                       .group_count = 2};
    struct err err;
    uint32_t index;
    cr_assert(core_add_job(core, &spec, &index, &err), "%s", err.msg);
    for (size_t i = 0; i < job->task_count; i++) {
        if (!job->tasks[i].removed) {
            tell_task(core, job, index, &job->tasks[i], keep);
        }
    }
    if (keep) {
        job->core = index;
    }
}

void facts_set_task(struct core *core, uint32_t number, const struct fact_task *task)
{
    const char *groups[FACT_MOST_GROUPS];
    for (size_t i = 0; i < task->group_count; i++) {
        groups[i] = task->groups[i];
    }
    struct err err;
    cr_assert(core_set_task(core, number, task->runs ? CORE_RUNNING : CORE_PENDING,
                            task->runs ? task->node : NULL,
                            (struct core_texts){groups, task->group_count}, &err),
              "%s", err.msg);
}
