/*
 * fuzz_core_facts.h - a small snapshot for fuzz_core: facts that are numbers of choices, and how a
 * core is told them, so that two cores can be told the same.
 *
 * A tape of bytes answers every question ("which of n?"); past its end the answer is 0.
 */
#ifndef TESTS_FUZZ_FUZZ_CORE_FACTS_H
#define TESTS_FUZZ_FUZZ_CORE_FACTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policies/core/core.h"
#include "sim/base/check.h"

enum { MOST_NODES = 5, MOST_QUEUES = 5, MOST_JOBS = 10, MOST_TASKS = 32, MOST_GROUPS = 4 };
enum { MOST_STEPS = 24, TOLD = 0, ANEW = 1, CORES = 2 };

struct tape {
    const uint8_t *at;
    size_t left;
};

static unsigned ask(struct tape *tape, unsigned choices)
{
    if (tape->left == 0) {
        return 0;
    }
    tape->left--;
    return *tape->at++ % choices;
}

/* What every fact was made of: the answers, so that two cores can be told the same. */
struct node_fact {
    char name[24];
    unsigned gpus, memory, kind, rack, cpu;
    bool ready, known;
};
struct queue_fact {
    char name[24];
    unsigned parent, quota, limit, weight, priority, runtime;
    double usage;
    bool known;
};
struct job_fact {
    char name[24];
    unsigned queue, priority, shape, min, topology, delay, created;
    struct core_job_times times;
    bool live;
    uint32_t index[CORES];
};
struct task_fact {
    char name[24];
    unsigned job, set, request, amount, constraint, created;
    enum core_status status;
    char node[24]; /* "": none */
    char groups[MOST_GROUPS][16];
    size_t group_count;
    bool live, is_virtual;
    uint32_t index[CORES];
};
struct world {
    struct core_settings settings;
    unsigned arguments;
    struct node_fact nodes[MOST_NODES];
    struct queue_fact queues[MOST_QUEUES];
    struct job_fact jobs[MOST_JOBS];
    struct task_fact tasks[MOST_TASKS];
    size_t node_count, queue_count, job_count, task_count;
    unsigned fresh; /* GPU groups that got names so far */
    int64_t now_ns;
    struct core *core;
};

static const int64_t SECOND_NS = INT64_C(1000000000);

/* A refusal has a reason. */
static bool done(bool ok, const struct err *err)
{
    CHECK(ok || (err->code != ERR_NONE && err->msg[0] != '\0'));
    return ok;
}

static bool tell_node(struct core *core, const struct node_fact *node)
{
    static const double GPUS[] = {2, 0, 1, 4, 8, 0.5};
    static const int64_t MEMORIES[] = {1000, 0, 100, 40000, 81000};
    static const double CPUS[] = {64000, 0, 1000, 3000};
    static const char *const RACKS[] = {"r0", "r1", ""};
    const struct core_amount migs[] = {{"nvidia.com/mig-1g.5gb", 7}, {"nvidia.com/mig-3g.20gb", 1}};
    const struct core_amount disk[] = {{"example.com/disk", 2000}};
    const struct core_label labels[] = {{"rack", RACKS[node->rack % 3]},
                                        {"host", node->name},
                                        {"nvidia.com/mig.strategy", "mixed"}};
    const struct core_taint taint = {"keep", "out", "NoSchedule"};
    const struct core_node_spec spec = {.name = node->name,
                                        .cpu_milli = CPUS[node->cpu % 4],
                                        .memory_bytes = 64e9,
                                        .gpus = GPUS[node->gpus % 6],
                                        .pods = 8,
                                        .others = {node->kind == 1   ? migs
                                                   : node->kind == 2 ? disk
                                                                     : NULL,
                                                   node->kind == 1   ? 2
                                                   : node->kind == 2 ? 1
                                                                     : 0},
                                        .gpu_memory_mib = MEMORIES[node->memory % 5],
                                        .gpu_memory_unknown = node->memory == 2,
                                        .not_ready = !node->ready,
                                        .dra_gpus = node->kind == 3 ? 2 : 0,
                                        .labels = {labels, node->kind == 1 ? 3 : 2},
                                        .taints = &taint,
                                        .taint_count = node->kind == 4};
    struct err err = {0};
    uint32_t index;
    return done(core_add_node(core, &spec, &index, &err), &err);
}

static bool tell_queue(struct core *core, const struct world *w, const struct queue_fact *queue)
{
    static const double AMOUNTS[] = {2, -1, 0, 1, 4, 0.5, 100};
    static const int64_t RUNTIMES[] = {CORE_UNSET, 0, 3, 100};
    int64_t runtime = RUNTIMES[queue->runtime % 4];
    runtime = runtime == CORE_UNSET ? runtime : runtime * SECOND_NS;
    double quota = AMOUNTS[queue->quota % 7];
    double limit = AMOUNTS[1 + queue->limit % 6];
    double weight = AMOUNTS[queue->weight % 7];
    const struct core_queue_spec spec = {
        .name = queue->name,
        .parent = queue->parent == 0               ? NULL
                  : queue->parent > w->queue_count ? "nobody"
                                                   : w->queues[queue->parent - 1].name,
        .priority = (int)queue->priority,
        .created_ns = queue->priority,
        .preempt_min_runtime_ns = runtime,
        .reclaim_min_runtime_ns = runtime,
        .shares = {{-1, -1, weight}, {-1, -1, 1}, {quota, limit, weight}},
        .usage = {0, 0, queue->usage}};
    struct err err = {0};
    uint32_t index;
    return done(core_add_queue(core, &spec, &index, &err), &err);
}

static bool tell_job(struct core *core, const struct world *w, struct job_fact *job, int which)
{
    static const char *const TOPOLOGIES[] = {NULL, "t", "t", "t", "unknown"};
    static const char *const REQUIRED[] = {NULL, "rack", NULL, "host", "rack"};
    static const char *const PREFERRED[] = {NULL, NULL, "host", "rack", NULL};
    const struct core_topology_want want = {
        TOPOLOGIES[job->topology % 5], REQUIRED[job->topology % 5], PREFERRED[job->topology % 5]};
    const struct core_group_spec flat[] = {
        {.name = "", .min = -1, .topology = want},
        {.name = "default", .is_pod_set = true, .min = job->min}};
    const struct core_group_spec deep[] = {
        {.name = "", .min = job->min % 3 == 0 ? -1 : (int64_t)(job->min % 3)},
        {.name = "inner", .parent = 0, .min = -1, .topology = want},
        {.name = "default", .parent = 1, .is_pod_set = true, .min = job->min},
        {.name = "other", .parent = 0, .is_pod_set = true, .min = 1, .topology = want}};
    const struct core_job_spec spec = {
        .name = job->name,
        .namespace_name = "",
        .queue = job->queue < w->queue_count ? w->queues[job->queue].name : "nowhere",
        .priority = (int)job->priority * 25,
        .preemptible = job->priority < 4,
        .created_ns = job->created,
        .last_start_ns = job->times.last_start_ns,
        .last_eviction_ns = job->times.last_eviction_ns,
        .stale_since_ns = job->times.stale_since_ns,
        .preemption_delay_ns = job->delay * SECOND_NS,
        .staleness_grace_ns = job->delay == 2 ? SECOND_NS : CORE_UNSET,
        .groups = job->shape == 0   ? NULL
                  : job->shape == 1 ? flat
                                    : deep,
        .group_count = job->shape == 0   ? 0
                       : job->shape == 1 ? 2
                                         : 4};
    struct err err = {0};
    return done(core_add_job(core, &spec, &job->index[which], &err), &err);
}

static struct core_request_spec request_of(const struct task_fact *task)
{
    static const double PORTIONS[] = {0.5, 0.25, 0.3, 0.1, 1, 0};
    static const struct core_amount MIG = {"nvidia.com/mig-1g.5gb", 2};
    static const struct core_amount DISK = {"example.com/disk", 1000};
    unsigned n = task->amount;
    struct core_request_spec r = {.cpu_milli = 500 * (double)(n % 4), .memory_bytes = 1e9};
    switch (task->request) {
    case 0:
        r.gpu = (struct core_gpu_need){.count = 1 + n % 4, .portion = 1};
        break;
    case 1:
        r.kind = CORE_GPU_FRACTION;
        r.gpu = (struct core_gpu_need){.count = 1 + n / 6 % 3, .portion = PORTIONS[n % 6]};
        break;
    case 2:
        r.kind = CORE_GPU_MEMORY;
        r.gpu = (struct core_gpu_need){.count = 1 + n % 2, .memory_mib = 50 * (int64_t)n};
        break;
    case 3:
        r.kind = CORE_GPU_MIG;
        r.gpu.mig = (struct core_amounts){&MIG, 1};
        break;
    case 4:
        r.others = (struct core_amounts){&DISK, 1};
        break;
    case 5:
        r.gpu.dra = n % 3;
        break;
    default: /* no GPU at all */
        break;
    }
    return r;
}

static bool tell_task(struct core *core, const struct world *w, struct task_fact *task, int which)
{
    static const char *const SETS[] = {NULL, "default", "other", "unknown"};
    static const char *const R0[] = {"r0"};
    static const int PORT = 80;
    const struct core_label app = {"app", w->jobs[task->job].name};
    const struct core_label role = {"kai.scheduler/task-priority", "7"};
    const struct core_node_term term = {"rack", {R0, 1}, task->constraint == 2};
    const struct core_pod_term apart = {task->constraint != 4, "rack", {&app, 1}};
    const struct core_toleration bears = {"keep", "Exists", NULL, NULL};
    const char *groups[MOST_GROUPS];
    for (size_t i = 0; i < task->group_count; i++) {
        groups[i] = task->groups[i];
    }
    const struct core_task_spec spec = {
        .name = task->name,
        .job = w->jobs[task->job].index[which],
        .pod_set = SETS[task->set % 4],
        .created_ns = task->created,
        .status = task->status,
        .is_virtual = task->is_virtual,
        .node = task->node[0] == '\0' ? NULL : task->node,
        .groups = {groups, task->group_count},
        .request = request_of(task),
        .labels = {task->constraint == 5 ? &role : &app, 1},
        .node_terms = &term,
        .node_term_count = task->constraint == 1 || task->constraint == 2,
        .pod_terms = &apart,
        .pod_term_count = task->constraint == 3 || task->constraint == 4,
        .tolerations = &bears,
        .toleration_count = task->constraint == 6,
        .host_ports = &PORT,
        .host_port_count = task->constraint == 7,
        .nominated_node = task->constraint == 8 ? "n0" : NULL,
        .reservation = task->constraint == 9,
        .foreign = task->constraint == 10,
        .legacy_mig = task->constraint == 11 && task->request == 3};
    struct err err = {0};
    return done(core_add_task(core, &spec, &task->index[which], &err), &err);
}

static struct core *new_core(const struct world *w)
{
    static const char *const PACK[] = {"gpupack"};
    static const char *const LEVELS[] = {"rack", "host"};
    struct core_settings settings = w->settings;
    const struct core_topology_spec topology = {"t", {LEVELS, 2}};
    struct err err = {0};
    settings.plugins.items = w->arguments == 7 ? PACK : NULL;
    settings.plugins.count = w->arguments == 7;
    struct core *core = core_new(&settings);
    if (w->arguments % 2 == 1) {
        core_set_argument(core, "nodeplacement", "gpu", "spread");
        core_set_argument(core, "proportion", "kValue", "0.5");
    }
    if (w->arguments >= 4) {
        core_set_argument(core, "minruntime", "defaultReclaimMinRuntime", "2s");
        core_set_argument(core, "minruntime", "reclaimResolveMethod", "queue");
    }
    CHECK(core_add_topology(core, &topology, &err));
    return core;
}

#endif
