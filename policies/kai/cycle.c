/* cycle.c - see cycle.h. */
#include "policies/kai/cycle.h"

#include "policies/kai/causes.h"
#include "policies/kai/memory.h"
#include "sim/base/arith.h"
#include "sim/base/check.h"

#define SECOND_NS INT64_C(1000000000)

bool kai_cycle_init(struct kai_cycle *cycle, const struct kai_settings *settings,
                    struct sched_ctx *ctx, struct err *err)
{
    cycle->settings = settings;
    if (!kai_world_init(&cycle->world, settings, ctx, err)) {
        return false;
    }
    if (!kai_usage_init(&cycle->usage, &cycle->world, ctx, err)) {
        kai_world_release(&cycle->world);
        return false;
    }
    cycle->told = mem_alloc(cycle->world.queues.count, sizeof(*cycle->told));
    return true;
}

void kai_cycle_release(struct kai_cycle *cycle)
{
    kai_usage_release(&cycle->usage);
    kai_world_release(&cycle->world);
    heap_release(&cycle->releasing);
    vec_release(&cycle->events);
    vec_release(&cycle->groups);
    vec_release(&cycle->fresh);
    vec_release(&cycle->shares);
    vec_release(&cycle->memory);
    vec_release(&cycle->jobs);
    vec_release(&cycle->spots);
    vec_release(&cycle->spot_tasks);
    free(cycle->told);
}

/* -- what the core decided ------------------------------------------------------------------- */

static void copy_groups(struct kai_cycle *cycle, const struct core_event *event,
                        struct kai_event *to)
{
    to->first_group = (uint32_t)cycle->groups.count;
    to->group_count = event->group_count;
    for (uint32_t i = 0; i < event->group_count; i++) {
        struct kai_group group = {core_group_is_fresh(event->groups[i]), event->groups[i]};
        if (!group.fresh) {
            struct text *name = &cycle->world.name;
            text_clear(name);
            core_group_name(cycle->world.core, event->groups[i], name);
            const char *gpu = strstr(name->bytes, "-gpu");
            CHECK(gpu != NULL);
            group.number = (uint32_t)strtoul(gpu + 4, NULL, 10);
        }
        vec_push(&cycle->groups, group);
    }
}

static void copy_events(struct kai_cycle *cycle)
{
    vec_clear(&cycle->events);
    vec_clear(&cycle->groups);
    const struct core *core = cycle->world.core;
    for (size_t i = 0; i < core_event_count(core); i++) {
        struct core_event event = core_event_get(core, i);
        if (event.kind == CORE_PIPELINE) {
            continue;
        }
        struct kai_event copy = {
            .action = event.action,
            .kind = event.kind,
            .task = cycle->world.task_of_core.items[event.task],
            .node = event.node,
            .for_job = event.preemptor == CORE_NONE
                           ? SCHED_NO_JOB
                           : cycle->world.job_of_core.items[event.preemptor],
        };
        copy_groups(cycle, &event, &copy);
        vec_push(&cycle->events, copy);
        /* Times are kept in whole seconds, as in the annotations of the original. */
        struct kai_job *job = &cycle->world.jobs[cycle->world.tasks.items[copy.task].job];
        struct core_job_view view = core_job_get(core, job->core_job);
        job->last_start_ns = view.last_start_ns == CORE_UNSET
                                 ? CORE_UNSET
                                 : view.last_start_ns / SECOND_NS * SECOND_NS;
        job->last_eviction_ns = view.last_eviction_ns == CORE_UNSET
                                    ? CORE_UNSET
                                    : view.last_eviction_ns / SECOND_NS * SECOND_NS;
    }
}

static bool same_standing(const struct queue_standing *a, const struct queue_standing *b)
{
    const double differences[] = {a->deserved - b->deserved, a->fair_share - b->fair_share,
                                  a->allocated - b->allocated, a->requested - b->requested,
                                  a->usage - b->usage};
    for (size_t i = 0; i < sizeof(differences) / sizeof(*differences); i++) {
        if (differences[i] < 0 || differences[i] > 0) {
            return false;
        }
    }
    return true;
}

static void copy_shares(struct kai_cycle *cycle)
{
    vec_clear(&cycle->shares);
    for (uint32_t i = 0; i < cycle->world.queues.count; i++) {
        const char *name = cycle->world.queues.items[i].name;
        uint32_t number = core_find_queue(cycle->world.core, name);
        if (number == CORE_NONE) {
            continue;
        }
        struct core_queue_view view = core_queue_get(cycle->world.core, number);
        struct queue_standing standing = {
            .name = name,
            .deserved = view.deserved[CORE_GPU],
            .fair_share = view.fair_share[CORE_GPU],
            .allocated = view.allocated[CORE_GPU],
            .requested = view.requested[CORE_GPU],
            .usage = view.usage[CORE_GPU],
        };
        if (cycle->told[i].name == NULL || !same_standing(&standing, &cycle->told[i])) {
            struct kai_share share = {i, standing};
            vec_push(&cycle->shares, share);
        }
    }
}

static void tell_shares(struct kai_cycle *cycle, struct sched_ctx *ctx)
{
    for (size_t i = 0; i < cycle->shares.count; i++) {
        const struct kai_share *share = &cycle->shares.items[i];
        cycle->told[share->queue] = share->standing;
        sched_tell_share(ctx, &share->standing);
    }
}

/* -- binding --------------------------------------------------------------------------------- */

/* Which GPU of the node a group is; a fresh one becomes the first that nobody is on or was given
 * in this cycle. 64 when there is none. */
static uint32_t gpu_of_group(struct kai_cycle *cycle, const struct sched_ctx *ctx,
                             struct kai_group group, uint32_t node)
{
    if (!group.fresh) {
        return group.number;
    }
    uint64_t idle = sched_cluster(ctx)->nodes.items[node].idle_gpus;
    for (size_t i = 0; i < cycle->fresh.count; i++) {
        const struct kai_fresh *fresh = &cycle->fresh.items[i];
        if (fresh->number == group.number) {
            return fresh->gpu;
        }
        if (fresh->node == node) {
            idle &= ~(UINT64_C(1) << fresh->gpu);
        }
    }
    if (idle == 0) {
        return NODE_MOST_GPUS;
    }
    uint32_t gpu = (uint32_t)__builtin_ctzll(idle);
    vec_push(&cycle->fresh, ((struct kai_fresh){group.number, node, gpu}));
    return gpu;
}

static uint64_t gpus_of_event(struct kai_cycle *cycle, const struct sched_ctx *ctx,
                              const struct kai_event *event)
{
    uint64_t gpus = 0;
    for (uint32_t i = 0; i < event->group_count; i++) {
        struct kai_group group = cycle->groups.items[event->first_group + i];
        uint32_t gpu = gpu_of_group(cycle, ctx, group, event->node);
        gpus |= gpu < NODE_MOST_GPUS ? UINT64_C(1) << gpu : 0;
    }
    return gpus;
}

/* The spots of a job's binds, those with shared GPUs first: the engine must not give their GPUs to
 * the others. */
static void collect_spots(struct kai_cycle *cycle, const struct sched_ctx *ctx, uint32_t job)
{
    vec_clear(&cycle->spots);
    vec_clear(&cycle->spot_tasks);
    for (int shared = 1; shared >= 0; shared--) {
        for (size_t i = 0; i < cycle->events.count; i++) {
            const struct kai_event *event = &cycle->events.items[i];
            const struct kai_task *task = &cycle->world.tasks.items[event->task];
            if (event->kind != CORE_BIND || task->job != job || task->state != KAI_PENDING ||
                (event->group_count > 0) != (shared == 1)) {
                continue;
            }
            struct sched_spot spot = {
                .group = task->group,
                .node = event->node,
                .part_gpus = task->part_gpus,
                .gpus = gpus_of_event(cycle, ctx, event),
            };
            vec_push(&cycle->spots, spot);
            vec_push(&cycle->spot_tasks, event->task);
        }
    }
}

/* Parts of a free shape are dealt in the order of its tasks, which have their amounts by it. */
static void order_parts(struct kai_cycle *cycle)
{
    for (size_t i = 1; i < cycle->spots.count; i++) {
        for (size_t k = i; k > 0 && cycle->spot_tasks.items[k - 1] > cycle->spot_tasks.items[k];
             k--) {
            uint32_t task = cycle->spot_tasks.items[k];
            struct sched_spot spot = cycle->spots.items[k];
            cycle->spot_tasks.items[k] = cycle->spot_tasks.items[k - 1];
            cycle->spots.items[k] = cycle->spots.items[k - 1];
            cycle->spot_tasks.items[k - 1] = task;
            cycle->spots.items[k - 1] = spot;
        }
    }
}

/* Are these spots enough to run with? */
static bool is_enough(const struct kai_cycle *cycle, const struct sched_shape *shape,
                      const struct kai_job *job)
{
    if (shape->is_free) {
        return cycle->spots.count == job->task_count;
    }
    for (uint32_t group = 0; group < shape->group_count; group++) {
        uint32_t count = 0;
        for (size_t i = 0; i < cycle->spots.count; i++) {
            count += cycle->spots.items[i].group == group ? 1 : 0;
        }
        if (count < shape->groups[group].min_count) {
            return false;
        }
    }
    return true;
}

static void note_held(struct kai_cycle *cycle, const struct sched_ctx *ctx, uint32_t job)
{
    uint32_t count = 0;
    const struct grant *grants = NULL;
    if (sched_job_state(ctx, job) == SCHED_RUNNING) {
        grants = sched_grants(ctx, job, &count);
    }
    kai_usage_hold(&cycle->usage, ctx, job, grants, count);
}

static bool bind_job(struct kai_cycle *cycle, struct sched_ctx *ctx, uint32_t job)
{
    struct sched_shape shape = sched_shape(ctx, job);
    collect_spots(cycle, ctx, job);
    if (shape.is_free) {
        order_parts(cycle);
    }
    uint32_t count = (uint32_t)cycle->spots.count;
    bool bound = false;
    if (sched_job_state(ctx, job) == SCHED_RUNNING) {
        bound = count > 0 && !heap_contains(&cycle->releasing, job) &&
                sched_grow_at(ctx, job, cycle->spots.items, count);
    } else {
        bound =
            is_enough(cycle, &shape, &cycle->world.jobs[job]) &&
            sched_start_at(ctx, job, cycle->spots.items, count, cycle->settings->bind_latency_us);
    }
    if (!bound) {
        cycle->refused++;
        return false;
    }
    for (size_t i = 0; i < cycle->spots.count; i++) {
        kai_world_place(&cycle->world, cycle->spot_tasks.items[i], cycle->spots.items[i].node,
                        cycle->spots.items[i].gpus);
    }
    note_held(cycle, ctx, job);
    return true;
}

/* Jobs with events of this kind, in the order of their first. */
static void collect_jobs(struct kai_cycle *cycle, enum core_event_kind kind)
{
    vec_clear(&cycle->jobs);
    for (size_t i = 0; i < cycle->events.count; i++) {
        uint32_t job = cycle->world.tasks.items[cycle->events.items[i].task].job;
        if (cycle->events.items[i].kind == kind && !cycle->world.jobs[job].chosen) {
            cycle->world.jobs[job].chosen = true;
            vec_push(&cycle->jobs, job);
        }
    }
    for (size_t i = 0; i < cycle->jobs.count; i++) {
        cycle->world.jobs[cycle->jobs.items[i]].chosen = false;
    }
}

static bool bind_all(struct kai_cycle *cycle, struct sched_ctx *ctx)
{
    bool any = false;
    collect_jobs(cycle, CORE_BIND);
    for (size_t i = 0; i < cycle->jobs.count; i++) {
        sched_because(ctx, "its turn in the order of queues and jobs");
        any = bind_job(cycle, ctx, cycle->jobs.items[i]) || any;
        kai_world_set_times(&cycle->world, cycle->jobs.items[i]);
    }
    return any;
}

/* -- evicting -------------------------------------------------------------------------------- */

static const char *reason_of(enum core_action action)
{
    static const char *const REASONS[CORE_ACTION_COUNT] = {
        [CORE_ALLOCATE] = "evicted",
        [CORE_CONSOLIDATE] = "moved by consolidation, to make room in one piece",
        [CORE_RECLAIM] = "reclaimed for a queue that is owed more",
        [CORE_PREEMPT] = "preempted for a job that comes first in its queue",
        [CORE_EVICT_STALE] = "its gang stayed below the minimum",
    };
    return REASONS[action];
}

static bool is_chosen(const struct kai_world *world, const struct kai_job *job, uint32_t i)
{
    return world->tasks.items[job->first_task + i].chosen;
}

/* Does the job still have the minimum of every group without the chosen tasks? */
static bool survives(const struct kai_world *world, const struct sched_shape *shape,
                     const struct kai_job *job)
{
    if (shape->is_free) {
        return false;
    }
    for (uint32_t group = 0; group < shape->group_count; group++) {
        uint32_t left = 0;
        for (uint32_t i = 0; i < job->task_count; i++) {
            const struct kai_task *task = &world->tasks.items[job->first_task + i];
            left += task->group == group && task->state == KAI_RUNNING && !task->chosen ? 1 : 0;
        }
        if (left < shape->groups[group].min_count) {
            return false;
        }
    }
    return true;
}

/* Gives back the releasing tasks of a job: all of it, or what it does without. */
static void give_back(struct kai_cycle *cycle, struct sched_ctx *ctx, uint32_t job)
{
    struct kai_world *world = &cycle->world;
    struct kai_job *kai = &world->jobs[job];
    bool whole = true;
    vec_clear(&cycle->spots);
    for (uint32_t i = 0; i < kai->task_count; i++) {
        const struct kai_task *task = &world->tasks.items[kai->first_task + i];
        whole &= task->state != KAI_RUNNING;
        if (task->state == KAI_RELEASING) {
            struct sched_spot spot = {.group = task->group, .node = task->node, .gpus = task->gpus};
            vec_push(&cycle->spots, spot);
        }
    }
    if (whole) {
        sched_preempt(ctx, job);
    } else {
        sched_shrink_at(ctx, job, cycle->spots.items, (uint32_t)cycle->spots.count);
    }
    for (uint32_t i = 0; i < kai->task_count; i++) {
        if (world->tasks.items[kai->first_task + i].state == KAI_RELEASING) {
            kai_world_wait(world, kai->first_task + i);
        }
    }
    note_held(cycle, ctx, job);
}

static void evict_job(struct kai_cycle *cycle, struct sched_ctx *ctx, uint32_t job)
{
    struct kai_world *world = &cycle->world;
    struct kai_job *kai = &world->jobs[job];
    const struct kai_event *first = NULL;
    for (size_t i = 0; i < cycle->events.count; i++) {
        const struct kai_event *event = &cycle->events.items[i];
        if (event->kind == CORE_EVICT && world->tasks.items[event->task].job == job) {
            first = first == NULL ? event : first;
            world->tasks.items[event->task].chosen = true;
        }
    }
    struct sched_shape shape = sched_shape(ctx, job);
    bool whole = !survives(world, &shape, kai);
    bool any = false;
    for (uint32_t i = 0; i < kai->task_count; i++) {
        uint32_t task = kai->first_task + i;
        bool goes =
            world->tasks.items[task].state == KAI_RUNNING && (whole || is_chosen(world, kai, i));
        world->tasks.items[task].chosen = false;
        any = any || goes;
        if (goes) {
            kai_world_release_task(world, task);
        }
    }
    CHECK(first != NULL);
    if (!any) {
        return; /* all it holds is on its way out: its time of grace does not begin anew */
    }
    sched_because_of(ctx, reason_of(first->action), first->for_job);
    if (cycle->settings->grace_us == 0) {
        give_back(cycle, ctx, job);
        return;
    }
    if (whole) {
        sched_halt(ctx, job);
    }
    int64_t end_us = time_add_us(sched_now_us(ctx), cycle->settings->grace_us);
    if (heap_contains(&cycle->releasing, job)) {
        heap_remove(&cycle->releasing, job);
    }
    heap_push(&cycle->releasing, job, end_us);
    sched_wake_at(ctx, end_us);
}

static bool evict_all(struct kai_cycle *cycle, struct sched_ctx *ctx)
{
    collect_jobs(cycle, CORE_EVICT);
    bool any = false;
    for (size_t i = 0; i < cycle->jobs.count; i++) {
        uint32_t job = cycle->jobs.items[i];
        if (cycle->world.jobs[job].running_place > 0) {
            evict_job(cycle, ctx, job);
            kai_world_set_times(&cycle->world, job);
            any = true;
        }
    }
    return any;
}

bool kai_cycle_end_grace(struct kai_cycle *cycle, struct sched_ctx *ctx)
{
    bool any = false;
    kai_usage_advance(&cycle->usage, sched_now_us(ctx));
    while (heap_count(&cycle->releasing) > 0 &&
           heap_top(&cycle->releasing).key <= sched_now_us(ctx)) {
        sched_because(ctx, "the grace period of its eviction is over");
        give_back(cycle, ctx, heap_pop(&cycle->releasing).id);
        any = true;
    }
    return any;
}

/* -- the cycle ------------------------------------------------------------------------------- */

/* Spreading and consolidation would undo each other for ever: the operator of the original leaves
 * consolidation out as well. */
static bool action_runs(const struct kai_settings *settings, enum core_action action)
{
    bool spread = settings->gpu == KAI_SPREAD || settings->cpu == KAI_SPREAD;
    return action == CORE_ALLOCATE ||
           (settings->action_on[action] && !(action == CORE_CONSOLIDATE && spread));
}

static void tell_step(void *ctx, const char *step)
{
    sched_tell_step(ctx, step);
}

/* The core's own cycle, and what it decided. */
static void run_core(struct kai_cycle *cycle, struct sched_ctx *ctx, bool tells)
{
    struct core *core = cycle->world.core;
    core_set_log(core, tells ? tell_step : NULL, ctx);
    struct err err = {0};
    bool ok = core_open(core, sched_now_us(ctx) * 1000, &err);
    CHECK(ok);
    for (int action = 0; action < CORE_ACTION_COUNT; action++) {
        if (action_runs(cycle->settings, (enum core_action)action)) {
            core_run(core, (enum core_action)action);
        }
    }
    copy_events(cycle);
    copy_shares(cycle);
    core_close(core);
}

bool kai_cycle_run(struct kai_cycle *cycle, struct sched_ctx *ctx)
{
    kai_usage_advance(&cycle->usage, sched_now_us(ctx));
    if (cycle->settings->rebuild) {
        kai_world_rebuild(&cycle->world, ctx);
    }
    bool is_new = kai_world_tell_presence(&cycle->world, ctx) || cycle->settings->rebuild;
    if (cycle->usage.fetches > cycle->told_fetches || is_new) {
        kai_usage_tell(&cycle->usage, cycle->world.core);
        cycle->told_fetches = cycle->usage.fetches;
    }
    bool tells = cycle->settings->steps_at_us == sched_now_us(ctx);
    if (tells || !kai_recall_cycle(cycle, ctx)) {
        run_core(cycle, ctx, tells);
        if (!tells) {
            kai_remember_cycle(cycle, ctx);
        }
    }
    vec_clear(&cycle->fresh);
    tell_shares(cycle, ctx);
    bool bound = bind_all(cycle, ctx);
    bool evicted = evict_all(cycle, ctx);
    kai_tell_causes(cycle, ctx);
    return evicted || bound;
}

void kai_cycle_submit(struct kai_cycle *cycle, struct sched_ctx *ctx, uint32_t job)
{
    kai_world_add_job(&cycle->world, ctx, job);
}

/* It holds nothing any more. */
static void lose_all(struct kai_cycle *cycle, const struct sched_ctx *ctx, uint32_t job)
{
    kai_usage_advance(&cycle->usage, sched_now_us(ctx));
    if (heap_contains(&cycle->releasing, job)) {
        heap_remove(&cycle->releasing, job);
    }
    kai_usage_hold(&cycle->usage, ctx, job, NULL, 0);
}

void kai_cycle_interrupt(struct kai_cycle *cycle, struct sched_ctx *ctx, uint32_t job)
{
    const struct kai_job *kai = &cycle->world.jobs[job];
    lose_all(cycle, ctx, job);
    for (uint32_t i = 0; i < kai->task_count; i++) {
        if (cycle->world.tasks.items[kai->first_task + i].state != KAI_PENDING) {
            kai_world_wait(&cycle->world, kai->first_task + i);
        }
    }
}

void kai_cycle_finish(struct kai_cycle *cycle, struct sched_ctx *ctx, uint32_t job)
{
    lose_all(cycle, ctx, job);
    kai_world_remove_job(&cycle->world, job);
}

int64_t kai_cycle_next_rule_us(const struct kai_cycle *cycle, int64_t now_us)
{
    const struct kai_settings *settings = cycle->settings;
    int64_t next_us = PARAM_NEVER_US;
    if (settings->usage) {
        next_us = (now_us / settings->fetch_us + 1) * settings->fetch_us;
    }
    const int64_t least_us[] = {settings->reclaim_min_us, settings->preempt_min_us};
    for (size_t i = 0; i < cycle->world.running.count; i++) {
        int64_t start_ns = cycle->world.jobs[cycle->world.running.items[i]].last_start_ns;
        for (size_t k = 0; start_ns != CORE_UNSET && k < 2; k++) {
            int64_t end_us = start_ns / 1000 + least_us[k];
            next_us = least_us[k] > 0 && end_us > now_us && end_us < next_us ? end_us : next_us;
        }
    }
    return next_us;
}
