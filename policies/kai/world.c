/* world.c - see world.h. */
#include "policies/kai/world.h"

#include <stdio.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"

#define BYTES_A_MIB      1048576.0
#define UNBOUNDED_CPU    1e12 /* milli-CPUs of a node whose CPUs nothing bounds */
#define UNBOUNDED_MEMORY 1e18
#define UNBOUNDED_PODS   1e6
#define MODEL_LABEL      "nvidia.com/gpu.product"
#define TOPOLOGY         "cluster"

enum {
    UNTOLD_GPU_MIB =
        100000, /* of a GPU whose memory is not told: fractions are exact to 1/100 milli */
    NAME_BYTES = 32,
    NUMBER_BASE = 10,
};

/* -- what can be told ------------------------------------------------------------------------ */

static bool check_requests(const struct sched_ctx *ctx, struct err *err)
{
    const struct cluster *cluster = sched_cluster(ctx);
    bool divisible = false;
    for (size_t i = 0; i < cluster->pools.count; i++) {
        divisible |= cluster->pools.items[i].divisible;
    }
    for (uint32_t i = 0; i < sched_job_count(ctx); i++) {
        struct sched_shape shape = sched_shape(ctx, i);
        for (uint32_t g = 0; g < shape.group_count; g++) {
            uint32_t kind = shape.groups[g].request.kind;
            if (kind == GPU_MIG) {
                return err_set(err, ERR_USAGE, 0, "policy 'kai' cannot place MIG instances yet");
            }
            if (divisible && (kind == GPU_FRACTION || kind == GPU_MEMORY)) {
                return err_set(err, ERR_USAGE, 0,
                               "policy 'kai' shares GPUs only on nodes of at most %d GPUs",
                               NODE_MOST_GPUS);
            }
        }
    }
    return true;
}

/* -- the cluster ----------------------------------------------------------------------------- */

/* A node that offers its GPUs as instances only has none for the core, which is given no requests
 * for instances. */
static void add_node(struct kai_world *world, const struct cluster *cluster, uint32_t node)
{
    const struct pool *pool = cluster_pool(cluster, node);
    VEC(struct core_label) labels = {0};
    for (uint32_t i = 0; i < pool->label_count; i++) {
        vec_push(&labels, ((struct core_label){pool->labels[i].key, pool->labels[i].value}));
    }
    if (pool->model != NAMES_NONE) {
        const char *model = names_get(&cluster->models, pool->model);
        vec_push(&labels, ((struct core_label){MODEL_LABEL, model}));
    }
    struct core_node_spec spec = {
        .name = cluster->nodes.items[node].name,
        .cpu_milli = pool->cpu_milli == UNLIMITED ? UNBOUNDED_CPU : (double)pool->cpu_milli,
        .memory_bytes = pool->memory_mib == UNLIMITED ? UNBOUNDED_MEMORY
                                                      : (double)pool->memory_mib * BYTES_A_MIB,
        .gpus = pool->mig_profile_count == 0
                    ? pool->gpu_count - cluster->nodes.items[node].broken_gpus
                    : 0,
        .not_ready = cluster_is_away(cluster, node) || cluster->nodes.items[node].is_closed,
        .pods = UNBOUNDED_PODS,
        .gpu_memory_mib = pool->gpu_memory_mib > 0 ? pool->gpu_memory_mib : UNTOLD_GPU_MIB,
        .labels = {labels.items, labels.count},
    };
    uint32_t number = 0;
    struct err err = {0};
    bool ok = core_add_node(world->core, &spec, &number, &err);
    CHECK(ok && number == node);
    world->broken_told[node] = cluster->nodes.items[node].broken_gpus;
    vec_release(&labels);
}

static void build_cluster(struct kai_world *world, const struct cluster *cluster)
{
    world->core = kai_core_new(world->settings);
    struct err err = {0};
    const char *levels[CLUSTER_MOST_LEVELS];
    for (uint32_t i = 0; i < cluster->level_count; i++) {
        levels[i] = cluster->levels[i].label;
    }
    struct core_topology_spec topology = {TOPOLOGY, {levels, cluster->level_count}};
    bool ok = cluster->level_count == 0 || core_add_topology(world->core, &topology, &err);
    CHECK(ok);
    kai_queues_add(world);
    for (uint32_t i = 0; i < cluster->nodes.count; i++) {
        add_node(world, cluster, i);
    }
    world->presence_seen = cluster->presence_changes;
}

bool kai_world_init(struct kai_world *world, const struct kai_settings *settings,
                    struct sched_ctx *ctx, struct err *err)
{
    *world = (struct kai_world){.settings = settings};
    if (!check_requests(ctx, err) || !kai_queues_init(world, ctx, err)) {
        kai_world_release(world);
        return false;
    }
    world->jobs = mem_alloc(sched_job_count(ctx), sizeof(*world->jobs));
    world->broken_told = mem_alloc(sched_cluster(ctx)->nodes.count, sizeof(*world->broken_told));
    bitset_init(&world->live, sched_job_count(ctx));
    build_cluster(world, sched_cluster(ctx));
    return true;
}

void kai_world_release(struct kai_world *world)
{
    core_free(world->core);
    if (world->jobs != NULL) {
        bitset_release(&world->live);
    }
    free(world->jobs);
    free(world->queue_of);
    free(world->broken_told);
    vec_release(&world->tasks);
    vec_release(&world->task_of_core);
    vec_release(&world->job_of_core);
    vec_release(&world->running);
    vec_release(&world->queues);
    vec_release(&world->parts);
    text_release(&world->name);
    *world = (struct kai_world){0};
}

/* -- jobs ------------------------------------------------------------------------------------ */

/* Digits of fixed width, so that names are in the order of numbers. */
static const char *number_name(char *out, uint32_t job, uint32_t task)
{
    char *at = out;
    for (int part = 0; part < (task == UINT32_MAX ? 1 : 2); part++) {
        uint32_t rest = part == 0 ? job : task;
        for (int i = NUMBER_BASE - 1; i >= 0; i--) {
            at[i] = (char)('0' + rest % NUMBER_BASE);
            rest /= NUMBER_BASE;
        }
        at += NUMBER_BASE;
        *at++ = '-';
    }
    at[-1] = '\0';
    return out;
}

static void pod_set_name(char *out, uint32_t group)
{
    (void)snprintf(out, NAME_BYTES, "group%02u", group);
}

static void tell_job(struct kai_world *world, const struct sched_ctx *ctx, uint32_t job)
{
    struct sched_job facts = sched_job(ctx, job);
    struct sched_shape shape = sched_shape(ctx, job);
    const struct cluster *cluster = sched_cluster(ctx);
    const struct kai_job *kai = &world->jobs[job];
    char name[NAME_BYTES];
    char set_names[WORKLOAD_MOST_GROUPS][NAME_BYTES];
    struct core_group_spec groups[WORKLOAD_MOST_GROUPS + 1];
    groups[0] = (struct core_group_spec){.name = "", .min = -1};
    if (shape.required_level != CLUSTER_MOST_LEVELS ||
        shape.preferred_level != CLUSTER_MOST_LEVELS) {
        groups[0].topology.topology = TOPOLOGY;
    }
    if (shape.required_level != CLUSTER_MOST_LEVELS) {
        groups[0].topology.required = cluster->levels[shape.required_level].label;
    }
    if (shape.preferred_level != CLUSTER_MOST_LEVELS) {
        groups[0].topology.preferred = cluster->levels[shape.preferred_level].label;
    }
    for (uint32_t i = 0; i < shape.group_count; i++) {
        pod_set_name(set_names[i], i);
        groups[i + 1] = (struct core_group_spec){
            .name = set_names[i],
            .is_pod_set = true,
            .min = shape.is_free ? kai->task_count : shape.groups[i].min_count,
        };
    }
    struct core_job_spec spec = {
        .name = number_name(name, job, UINT32_MAX),
        .queue = world->queues.items[world->queue_of[facts.queue]].name,
        .priority = facts.priority,
        .preemptible = facts.preemptible,
        .created_ns = facts.submit_us * 1000,
        .last_start_ns = kai->last_start_ns,
        .last_eviction_ns = kai->last_eviction_ns,
        .stale_since_ns = CORE_UNSET,
        .staleness_grace_ns = CORE_UNSET,
        .groups = groups,
        .group_count = shape.group_count + 1,
    };
    struct err err = {0};
    bool ok = core_add_job(world->core, &spec, &world->jobs[job].core_job, &err);
    CHECK(ok && world->jobs[job].core_job == world->job_of_core.count);
    vec_push(&world->job_of_core, job);
}

static void fill_request(struct core_request_spec *out, const struct sched_shape *shape,
                         const struct kai_task *task, uint32_t before)
{
    const struct request *request = &shape->groups[task->group].request;
    int64_t cpu_milli = request->cpu_milli;
    int64_t memory_mib = request->memory_mib;
    uint32_t gpus = request->gpu_count;
    if (task->part_gpus > 0) {
        uint32_t after = before + task->part_gpus;
        cpu_milli = mul_div_floor(cpu_milli, after, gpus) - mul_div_floor(cpu_milli, before, gpus);
        memory_mib =
            mul_div_floor(memory_mib, after, gpus) - mul_div_floor(memory_mib, before, gpus);
        gpus = task->part_gpus;
    }
    *out = (struct core_request_spec){
        .cpu_milli = (double)cpu_milli,
        .memory_bytes = (double)memory_mib * BYTES_A_MIB,
        .kind = CORE_GPU_REGULAR,
    };
    switch ((enum gpu_kind)request->kind) {
    case GPU_WHOLE:
        out->gpu = (struct core_gpu_need){.count = gpus, .portion = 1};
        return;
    case GPU_FRACTION:
        out->kind = CORE_GPU_FRACTION;
        out->gpu =
            (struct core_gpu_need){.count = gpus, .portion = (double)request->gpu_milli / 1000};
        return;
    case GPU_MEMORY:
        out->kind = CORE_GPU_MEMORY;
        out->gpu = (struct core_gpu_need){.count = gpus, .memory_mib = request->gpu_memory_mib};
        return;
    case GPU_NONE:
    case GPU_MIG:
        return;
    }
}

/* The models that will do, as a node term. */
static struct core_node_term model_term(const struct cluster *cluster, uint64_t models,
                                        const char **names)
{
    size_t count = 0;
    for (uint32_t i = 0; i < CLUSTER_MOST_MODELS; i++) {
        if ((models >> i & 1) != 0) {
            names[count++] = names_get(&cluster->models, i);
        }
    }
    return (struct core_node_term){.key = MODEL_LABEL, .values = {names, count}};
}

static void tell_tasks(struct kai_world *world, const struct sched_ctx *ctx, uint32_t job)
{
    struct sched_shape shape = sched_shape(ctx, job);
    const struct kai_job *kai = &world->jobs[job];
    int64_t created_ns = sched_job(ctx, job).submit_us * 1000;
    uint32_t before = 0;
    for (uint32_t i = 0; i < kai->task_count; i++) {
        struct kai_task *task = &world->tasks.items[kai->first_task + i];
        char name[NAME_BYTES];
        char set_name[NAME_BYTES];
        pod_set_name(set_name, task->group);
        struct core_task_spec spec = {
            .name = number_name(name, job, i),
            .job = kai->core_job,
            .pod_set = set_name,
            .created_ns = created_ns,
            .status = CORE_PENDING,
        };
        fill_request(&spec.request, &shape, task, before);
        before += task->part_gpus;
        const char *models[CLUSTER_MOST_MODELS];
        uint64_t wanted = shape.groups[task->group].request.models;
        struct core_node_term term = model_term(sched_cluster(ctx), wanted, models);
        spec.node_terms = &term;
        spec.node_term_count = wanted != 0 ? 1 : 0;
        struct err err = {0};
        bool ok = core_add_task(world->core, &spec, &task->core_task, &err);
        CHECK(ok && task->core_task == world->task_of_core.count);
        vec_push(&world->task_of_core, kai->first_task + i);
    }
}

static void push_task(struct kai_world *world, uint32_t job, uint32_t group, uint32_t part_gpus)
{
    struct kai_task task = {.job = job, .group = group, .part_gpus = part_gpus};
    vec_push(&world->tasks, task);
}

void kai_world_add_job(struct kai_world *world, const struct sched_ctx *ctx, uint32_t job)
{
    struct sched_shape shape = sched_shape(ctx, job);
    struct kai_job *kai = &world->jobs[job];
    *kai = (struct kai_job){
        .first_task = (uint32_t)world->tasks.count,
        .last_start_ns = CORE_UNSET,
        .last_eviction_ns = CORE_UNSET,
    };
    if (shape.is_free) {
        kai_parts_find(world, sched_cluster(ctx), &shape);
        for (size_t i = 0; i < world->parts.count; i++) {
            push_task(world, job, 0, world->parts.items[i].gpus);
        }
    } else {
        for (uint32_t g = 0; g < shape.group_count; g++) {
            for (uint32_t i = 0; i < shape.groups[g].count; i++) {
                push_task(world, job, g, 0);
            }
        }
    }
    kai->task_count = (uint32_t)world->tasks.count - kai->first_task;
    kai->pending_tasks = kai->task_count;
    world->pending_tasks += kai->task_count;
    bitset_add(&world->live, job);
    world->live_count++;
    tell_job(world, ctx, job);
    tell_tasks(world, ctx, job);
}

static void leave_running(struct kai_world *world, uint32_t job)
{
    uint32_t place = world->jobs[job].running_place;
    uint32_t last = vec_pop(&world->running);
    if (last != job) {
        world->running.items[place - 1] = last;
        world->jobs[last].running_place = place;
    }
    world->jobs[job].running_place = 0;
}

void kai_world_remove_job(struct kai_world *world, uint32_t job)
{
    struct kai_job *kai = &world->jobs[job];
    CHECK(bitset_has(&world->live, job));
    if (kai->running_place > 0) {
        leave_running(world, job);
    }
    bitset_remove(&world->live, job);
    world->live_count--;
    world->pending_tasks -= kai->pending_tasks;
    struct err err = {0};
    bool ok = core_remove_job(world->core, kai->core_job, &err);
    CHECK(ok);
}

/* -- tasks ----------------------------------------------------------------------------------- */

static void tell_task(struct kai_world *world, uint32_t index)
{
    static const enum core_status STATUS[] = {
        [KAI_PENDING] = CORE_PENDING,
        [KAI_RUNNING] = CORE_RUNNING,
        [KAI_RELEASING] = CORE_RELEASING,
    };
    const struct kai_task *task = &world->tasks.items[index];
    bool placed = task->state != KAI_PENDING;
    char names[NODE_MOST_GPUS][NAME_BYTES];
    const char *groups[NODE_MOST_GPUS];
    size_t count = 0;
    for (uint32_t i = 0; placed && i < NODE_MOST_GPUS; i++) {
        if ((task->gpus >> i & 1) != 0) {
            (void)snprintf(names[count], NAME_BYTES, "node%u-gpu%02u", task->node, i);
            groups[count] = names[count];
            count++;
        }
    }
    struct err err = {0};
    const char *node = placed ? core_node_name(world->core, task->node) : NULL;
    bool ok = core_set_task(world->core, task->core_task, STATUS[task->state], node,
                            (struct core_texts){groups, count}, &err);
    CHECK(ok);
}

static void set_pending(struct kai_world *world, uint32_t index, bool pending)
{
    struct kai_task *task = &world->tasks.items[index];
    struct kai_job *job = &world->jobs[task->job];
    bool was = task->state == KAI_PENDING;
    if (was == pending) {
        return;
    }
    job->pending_tasks += pending ? 1 : UINT32_MAX; /* minus 1 */
    world->pending_tasks += pending ? 1 : UINT64_MAX;
    bool holds = job->pending_tasks < job->task_count;
    if (holds && job->running_place == 0) {
        vec_push(&world->running, task->job);
        job->running_place = (uint32_t)world->running.count;
    } else if (!holds && job->running_place > 0) {
        leave_running(world, task->job);
    }
}

void kai_world_place(struct kai_world *world, uint32_t index, uint32_t node, uint64_t gpus)
{
    struct kai_task *task = &world->tasks.items[index];
    CHECK(task->state == KAI_PENDING);
    set_pending(world, index, false);
    task->state = KAI_RUNNING;
    task->node = node;
    task->gpus = gpus;
    tell_task(world, index);
}

void kai_world_release_task(struct kai_world *world, uint32_t index)
{
    struct kai_task *task = &world->tasks.items[index];
    CHECK(task->state == KAI_RUNNING);
    task->state = KAI_RELEASING;
    tell_task(world, index);
}

void kai_world_wait(struct kai_world *world, uint32_t index)
{
    struct kai_task *task = &world->tasks.items[index];
    CHECK(task->state != KAI_PENDING);
    set_pending(world, index, true);
    task->state = KAI_PENDING;
    task->gpus = 0;
    tell_task(world, index);
}

void kai_world_set_times(struct kai_world *world, uint32_t job)
{
    const struct kai_job *kai = &world->jobs[job];
    struct core_job_times times = {kai->last_start_ns, kai->last_eviction_ns, CORE_UNSET};
    struct err err = {0};
    bool ok = core_set_job_times(world->core, kai->core_job, &times, &err);
    CHECK(ok);
}

void kai_world_rebuild(struct kai_world *world, const struct sched_ctx *ctx)
{
    core_free(world->core);
    vec_clear(&world->job_of_core);
    vec_clear(&world->task_of_core);
    build_cluster(world, sched_cluster(ctx));
    for (uint32_t job = bitset_next(&world->live, 0); job != BITSET_END;
         job = bitset_next(&world->live, job + 1)) {
        const struct kai_job *kai = &world->jobs[job];
        tell_job(world, ctx, job);
        tell_tasks(world, ctx, job);
        for (uint32_t i = 0; i < kai->task_count; i++) {
            if (world->tasks.items[kai->first_task + i].state != KAI_PENDING) {
                tell_task(world, kai->first_task + i);
            }
        }
    }
}

bool kai_world_tell_presence(struct kai_world *world, const struct sched_ctx *ctx)
{
    const struct cluster *cluster = sched_cluster(ctx);
    if (world->presence_seen == cluster->presence_changes) {
        return false;
    }
    for (uint32_t i = 0; i < cluster->nodes.count; i++) {
        if (!cluster_is_away(cluster, i) &&
            cluster->nodes.items[i].broken_gpus != world->broken_told[i]) {
            kai_world_rebuild(world, ctx);
            return true;
        }
    }
    for (uint32_t i = 0; i < cluster->nodes.count; i++) {
        struct err err = {0};
        bool ready = !cluster_is_away(cluster, i) && !cluster->nodes.items[i].is_closed;
        bool ok = core_set_node_ready(world->core, i, ready, &err);
        CHECK(ok);
    }
    world->presence_seen = cluster->presence_changes;
    return false;
}
