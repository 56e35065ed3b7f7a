/* fairsim.c - see fairsim.h. */
#include "sim/check/fairsim.h"

#include <stdio.h>

#include "policies/core/rules.h"
#include "sim/base/check.h"
#include "sim/base/json_read.h"
#include "sim/base/vec.h"

#define SECOND_NS INT64_C(1000000000)

enum { NAME_BYTES = 160, MOST_PODS = 1 << 20, MOST_CYCLES = 1 << 20 };

struct fair_queue {
    const char *name;
    uint32_t core_queue;
    bool is_parent;
    uint32_t parent;     /* in sim.queues, or CORE_NONE */
    VEC(double) amounts; /* GPUs allocated, cycle by cycle */
};

struct fair_pod {
    uint32_t task;
    uint32_t queue; /* in sim.queues */
    double gpus;
};

struct fairsim {
    struct core *core;
    int64_t cycles, window;
    double half_life, k;
    double capacity;
    VEC(struct fair_queue) queues;
    VEC(struct fair_pod) pods; /* by the core's index of the task */
    VEC(double) capacities;
    VEC(struct core_event) events; /* of a cycle, without groups */
};

bool fairsim_is_config(const json_t *value)
{
    return json_object_get(value, "Queues") != NULL;
}

static bool read_settings(const json_t *config, struct fairsim *sim, struct err *err)
{
    static const char *const KEYS[] = {"Cycles", "WindowSize", "HalfLifePeriod", "KValue",
                                       "Nodes",  "Queues",     "Jobs",           NULL};
    sim->cycles = 100;
    sim->window = 5;
    sim->k = 1;
    return json_check_object(config, "", KEYS, err) &&
           json_read_whole(config, "", "Cycles", (struct json_range){1, MOST_CYCLES}, &sim->cycles,
                           err) &&
           json_read_whole(config, "", "WindowSize", (struct json_range){1, MOST_CYCLES},
                           &sim->window, err) &&
           json_read_number(config, "", "HalfLifePeriod", 0, &sim->half_life, err) &&
           json_read_number(config, "", "KValue", 0, &sim->k, err);
}

static bool read_nodes(const json_t *config, struct fairsim *sim, struct err *err)
{
    static const char *const KEYS[] = {"GPUs", "Count", NULL};
    const json_t *list = NULL;
    if (!json_read_array(config, "", "Nodes", &list, err)) {
        return false;
    }
    uint32_t made = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        char path[JSON_PATH_MOST];
        json_path(path, "", "Nodes", (long)i);
        int64_t gpus = 0;
        int64_t count = 1;
        const json_t *node = json_array_get(list, i);
        if (!json_check_object(node, path, KEYS, err) ||
            !json_read_whole(node, path, "GPUs", (struct json_range){0, MOST_PODS}, &gpus, err) ||
            !json_read_whole(node, path, "Count", (struct json_range){0, MOST_PODS}, &count, err)) {
            return false;
        }
        for (int64_t n = 0; n < count; n++) {
            char name[NAME_BYTES];
            (void)snprintf(name, sizeof(name), "node-%08u", made++);
            struct core_node_spec spec = {.name = name,
                                          .cpu_milli = 1e9,
                                          .memory_bytes = 1e15,
                                          .gpus = (double)gpus,
                                          .pods = MOST_PODS};
            uint32_t number = 0;
            if (!core_add_node(sim->core, &spec, &number, err)) {
                return false;
            }
            sim->capacity += (double)gpus;
        }
    }
    return sim->capacity > 0 ||
           err_set(err, ERR_FORMAT, 0, "at Nodes: no GPUs, expected nodes with \"GPUs\"");
}

static uint32_t find_queue(const struct fairsim *sim, const char *name)
{
    for (uint32_t i = 0; i < sim->queues.count; i++) {
        if (strcmp(sim->queues.items[i].name, name) == 0) {
            return i;
        }
    }
    return CORE_NONE;
}

static bool read_queue(const json_t *value, const char *path, struct fairsim *sim, struct err *err)
{
    static const char *const KEYS[] = {"Name",         "Parent", "Priority",
                                       "DeservedGPUs", "Weight", NULL};
    const char *name = NULL;
    const char *parent = NULL;
    int64_t priority = 100;
    double deserved = 0;
    double weight = 1;
    if (!json_check_object(value, path, KEYS, err) ||
        !json_read_text(value, path, "Name", &name, err) ||
        !json_read_text(value, path, "Parent", &parent, err) ||
        !json_read_whole(value, path, "Priority", (struct json_range){INT32_MIN, INT32_MAX},
                         &priority, err) ||
        !json_read_number(value, path, "DeservedGPUs", -1, &deserved, err) ||
        !json_read_number(value, path, "Weight", 0, &weight, err)) {
        return false;
    }
    if (name == NULL) {
        return json_unexpected(path, "Name", NULL, "a name", err);
    }
    struct core_share_spec any = {-1, -1, 1};
    struct core_queue_spec spec = {
        .name = name,
        .parent = parent != NULL && *parent != '\0' ? parent : NULL,
        .priority = (int)priority,
        .created_ns = (int64_t)sim->queues.count,
        .shares = {any, any, {deserved, -1, weight}},
        .preempt_min_runtime_ns = CORE_UNSET,
        .reclaim_min_runtime_ns = CORE_UNSET,
    };
    struct fair_queue queue = {.name = name, .parent = CORE_NONE};
    if (!core_add_queue(sim->core, &spec, &queue.core_queue, err)) {
        return false;
    }
    vec_push(&sim->queues, queue);
    return true;
}

static bool read_queues(const json_t *config, struct fairsim *sim, struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(config, "", "Queues", &list, err)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        char path[JSON_PATH_MOST];
        json_path(path, "", "Queues", (long)i);
        if (!read_queue(json_array_get(list, i), path, sim, err)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < sim->queues.count; i++) {
        const char *parent = json_string_value(json_object_get(json_array_get(list, i), "Parent"));
        bool has_parent = parent != NULL && *parent != '\0';
        sim->queues.items[i].parent = has_parent ? find_queue(sim, parent) : CORE_NONE;
        if (has_parent && sim->queues.items[i].parent == CORE_NONE) {
            return err_set(err, ERR_FORMAT, 0,
                           "at Queues[%u]: the parent \"%.60s\" is no queue of this list", i,
                           parent);
        }
        if (has_parent) {
            sim->queues.items[sim->queues.items[i].parent].is_parent = true;
        }
    }
    return true;
}

static bool add_job(struct fairsim *sim, uint32_t queue, int64_t number, int64_t pods, double gpus,
                    struct err *err)
{
    char name[NAME_BYTES];
    (void)snprintf(name, sizeof(name), "job-%04u-%08lld", queue, (long long)number);
    struct core_group_spec groups[] = {{.name = "", .min = -1},
                                       {.name = "default", .is_pod_set = true, .min = pods}};
    struct core_job_spec spec = {
        .name = name,
        .queue = sim->queues.items[queue].name,
        .priority = 50,
        .preemptible = true,
        .last_start_ns = CORE_UNSET,
        .last_eviction_ns = CORE_UNSET,
        .stale_since_ns = CORE_UNSET,
        .staleness_grace_ns = CORE_UNSET,
        .groups = groups,
        .group_count = 2,
    };
    uint32_t job = 0;
    bool ok = core_add_job(sim->core, &spec, &job, err);
    for (int64_t i = 0; ok && i < pods; i++) {
        char task_name[NAME_BYTES];
        (void)snprintf(task_name, sizeof(task_name), "%.60s-%08lld", name, (long long)i);
        bool shared = gpus < 1 && gpus > 0;
        struct core_task_spec task = {
            .name = task_name,
            .job = job,
            .status = CORE_PENDING,
            .request = {.kind = shared ? CORE_GPU_FRACTION : CORE_GPU_REGULAR,
                        .gpu = {.count = shared ? 1 : (int64_t)gpus, .portion = shared ? gpus : 1}},
        };
        struct fair_pod pod = {.queue = queue, .gpus = gpus};
        ok = core_add_task(sim->core, &task, &pod.task, err);
        vec_push(&sim->pods, pod);
    }
    return ok;
}

static bool read_jobs(const json_t *config, struct fairsim *sim, struct err *err)
{
    static const char *const KEYS[] = {"GPUs", "NumPods", "NumJobs", NULL};
    const json_t *jobs = json_object_get(config, "Jobs");
    bool ok = true;
    for (uint32_t q = 0; ok && q < sim->queues.count; q++) {
        const char *name = sim->queues.items[q].name;
        const json_t *job = json_object_get(jobs, name);
        if (job == NULL) {
            continue;
        }
        char path[JSON_PATH_MOST];
        json_path(path, "Jobs", name, -1);
        double gpus = 0;
        int64_t pods = 1;
        int64_t count = 1;
        ok = json_check_object(job, path, KEYS, err) &&
             json_read_number(job, path, "GPUs", 0, &gpus, err) &&
             json_read_whole(job, path, "NumPods", (struct json_range){1, MOST_PODS}, &pods, err) &&
             json_read_whole(job, path, "NumJobs", (struct json_range){0, MOST_PODS}, &count, err);
        if (ok && (gpus > MOST_PODS || (gpus > 1 && (double)(int64_t)gpus < gpus))) {
            ok = json_unexpected(path, "GPUs", json_object_get(job, "GPUs"),
                                 "a whole number, or less than 1", err);
        }
        for (int64_t i = 0; ok && i < count; i++) {
            ok = add_job(sim, q, i, pods, gpus, err);
        }
    }
    const char *key = NULL;
    json_t *value = NULL;
    json_t *object = json_object_get(config, "Jobs");
    json_object_foreach(object, key, value)
    {
        if (ok && find_queue(sim, key) == CORE_NONE) {
            ok = json_unexpected("Jobs", key, value, "the name of a queue", err);
        }
    }
    return ok;
}

/* -- running --------------------------------------------------------------------------------- */

static bool tell_usage(struct fairsim *sim, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < sim->queues.count && sim->capacities.count > 0; i++) {
        struct fair_queue *queue = &sim->queues.items[i];
        double usage[CORE_RESOURCE_COUNT] = {0};
        usage[CORE_GPU] = core_usage(queue->amounts.items, sim->capacities.items,
                                     sim->capacities.count, (size_t)sim->window, sim->half_life);
        ok = core_set_queue_usage(sim->core, queue->core_queue, usage, err);
    }
    return ok;
}

/* Applies what was decided: bound pods run, evicted ones wait again. */
static bool apply(struct fairsim *sim, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < sim->events.count; i++) {
        const struct core_event *event = &sim->events.items[i];
        struct core_texts none = {0};
        const char *node = core_node_name(sim->core, event->node);
        if (event->kind == CORE_BIND) {
            ok = core_set_task(sim->core, event->task, CORE_RUNNING, node, none, err);
        } else if (event->kind == CORE_EVICT) {
            ok = core_set_task(sim->core, event->task, CORE_PENDING, NULL, none, err);
        }
    }
    return ok;
}

static void count_allocated(struct fairsim *sim, double *now)
{
    for (size_t i = 0; i < sim->events.count; i++) {
        const struct core_event *event = &sim->events.items[i];
        const struct fair_pod *pod = &sim->pods.items[event->task];
        double change = event->kind == CORE_BIND    ? pod->gpus
                        : event->kind == CORE_EVICT ? -pod->gpus
                                                    : 0;
        for (uint32_t q = pod->queue; q != CORE_NONE; q = sim->queues.items[q].parent) {
            now[q] += change;
        }
    }
}

static bool run_cycle(struct fairsim *sim, int64_t cycle, double *now, struct text *csv,
                      struct err *err)
{
    if (!tell_usage(sim, err) || !core_open(sim->core, cycle * SECOND_NS, err)) {
        return false;
    }
    for (int action = 0; action < CORE_ACTION_COUNT; action++) {
        core_run(sim->core, (enum core_action)action);
    }
    vec_clear(&sim->events);
    for (size_t i = 0; i < core_event_count(sim->core); i++) {
        struct core_event event = core_event_get(sim->core, i);
        vec_push(&sim->events, event);
    }
    count_allocated(sim, now);
    for (size_t i = 0; i < sim->queues.count; i++) {
        struct fair_queue *queue = &sim->queues.items[i];
        struct core_queue_view view = core_queue_get(sim->core, queue->core_queue);
        vec_push(&queue->amounts, now[i]);
        if (!queue->is_parent) {
            text_addf(csv, "%lld,", (long long)cycle);
            text_add_csv(csv, queue->name);
            text_addf(csv, ",%.6f,%.6f\n", now[i], view.fair_share[CORE_GPU]);
        }
    }
    core_close(sim->core);
    vec_push(&sim->capacities, sim->capacity);
    return apply(sim, err);
}

static bool run_cycles(struct fairsim *sim, struct text *csv, struct err *err)
{
    struct text k = {0};
    text_addf(&k, "%.17g", sim->k);
    core_set_argument(sim->core, "proportion", "kValue", k.bytes);
    text_release(&k);
    text_add(csv, "Time,QueueID,Allocation,FairShare\n");
    double *now = mem_alloc(sim->queues.count, sizeof(*now));
    bool ok = true;
    for (int64_t cycle = 0; ok && cycle < sim->cycles; cycle++) {
        ok = run_cycle(sim, cycle, now, csv, err);
    }
    free(now);
    return ok;
}

bool fairsim_run(const json_t *config, struct text *csv, struct err *err)
{
    struct core_settings settings = {
        .max_preemptees = 16, .staleness_grace_ns = 60 * SECOND_NS, .use_signatures = true};
    struct fairsim sim = {.core = core_new(&settings)};
    bool ok = read_settings(config, &sim, err) && read_nodes(config, &sim, err) &&
              read_queues(config, &sim, err) && read_jobs(config, &sim, err) &&
              run_cycles(&sim, csv, err);
    for (size_t i = 0; i < sim.queues.count; i++) {
        vec_release(&sim.queues.items[i].amounts);
    }
    vec_release(&sim.queues);
    vec_release(&sim.pods);
    vec_release(&sim.capacities);
    vec_release(&sim.events);
    core_free(sim.core);
    return ok;
}
