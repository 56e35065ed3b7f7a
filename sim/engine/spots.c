/*
 * spots.c - the actions of policies that choose the place themselves: start, grow, shrink, halt.
 *
 * A policy names a node for every task and, for shared GPUs, the GPUs. What the task then holds
 * follows from its request alone, so a policy can misjudge room but cannot make any up.
 */
#include "sim/base/check.h"
#include "sim/engine/run.h"

struct spotting {
    struct sched_ctx *ctx;
    uint32_t job;
    const char *action;
    const struct bound_shape *shape;
    grant_vec *grants;
};

static struct spotting spotting_of(struct sched_ctx *ctx, uint32_t job, const char *action,
                                   grant_vec *grants)
{
    const struct bound_shape *shape = &ctx->shapes[ctx->workload->jobs.items[job].shape];
    return (struct spotting){ctx, job, action, shape, grants};
}

static uint32_t held_of_group(const grant_vec *grants, uint32_t group)
{
    uint32_t held = 0;
    for (size_t i = 0; i < grants->count; i++) {
        held += grants->items[i].group == group ? 1 : 0;
    }
    return held;
}

/* Takes what one task gets on its spot; false: no room. */
static bool take_spot(struct spotting *spotting, const struct sched_spot *spot, uint32_t before)
{
    struct cluster *cluster = spotting->ctx->cluster;
    const struct request *request = &spotting->shape->groups[spot->group].request;
    struct grant grant = {0};
    if (spotting->shape->is_free && request->kind == GPU_WHOLE) {
        if (cluster_whole_room(cluster, spot->node, request) < spot->part_gpus) {
            return false;
        }
        cluster_choose_part(cluster, spot->node, request, before, spot->part_gpus, &grant);
    } else if (!cluster_choose_among(cluster, spot->node, request, spot->gpus, &grant)) {
        return false;
    }
    grant.group = spot->group;
    cluster_place(cluster, &grant);
    vec_push(spotting->grants, grant);
    return true;
}

/* Are there such groups and nodes, and are parts of a free shape some of its GPUs? If not the run
 * ends. */
static bool check_spots(const struct spotting *spotting, const struct sched_spot *spots,
                        uint32_t count)
{
    const struct bound_shape *shape = spotting->shape;
    bool has_parts = shape->is_free && shape->groups[0].request.kind == GPU_WHOLE;
    uint32_t left = has_parts ? shape->groups[0].request.gpu_count : 0;
    const char *problem = NULL;
    for (uint32_t i = 0; i < count && problem == NULL; i++) {
        if (spots[i].group >= shape->group_count) {
            problem = "it has no such task group";
        } else if (spots[i].node >= spotting->ctx->cluster->nodes.count) {
            problem = "there is no such node";
        } else if (has_parts && (spots[i].part_gpus == 0 || spots[i].part_gpus > left)) {
            problem = "the parts are not its GPUs";
        } else {
            left -= has_parts ? spots[i].part_gpus : 0;
        }
    }
    if (problem != NULL) {
        run_refuse(spotting->ctx, spotting->job, spotting->action, problem);
    }
    return problem == NULL;
}

/* Takes all spots or none. */
static bool take_spots(struct spotting *spotting, const struct sched_spot *spots, uint32_t count)
{
    size_t held = spotting->grants->count;
    uint32_t parts = 0;
    bool room = check_spots(spotting, spots, count);
    for (uint32_t i = 0; room && i < count; i++) {
        room = take_spot(spotting, &spots[i], parts);
        parts += spots[i].part_gpus;
    }
    while (!room && spotting->grants->count > held) {
        struct grant grant = vec_pop(spotting->grants);
        cluster_undo(spotting->ctx->cluster, &grant);
    }
    return room;
}

/* Does the job hold between the minimum and all of every task group? */
static bool holds_enough(const struct spotting *spotting)
{
    const struct bound_shape *shape = spotting->shape;
    if (shape->is_free && shape->groups[0].request.kind == GPU_WHOLE) {
        int64_t milli = 0;
        for (size_t i = 0; i < spotting->grants->count; i++) {
            milli += spotting->grants->items[i].gpu_milli;
        }
        return milli == shape->gpu_milli;
    }
    for (uint32_t group = 0; group < shape->group_count; group++) {
        uint32_t held = held_of_group(spotting->grants, group);
        if (held < shape->groups[group].min_count || held > shape->groups[group].count) {
            return false;
        }
    }
    return true;
}

bool sched_start_at(struct sched_ctx *ctx, uint32_t job, const struct sched_spot *spots,
                    uint32_t count, int64_t latency_us)
{
    if (!run_allows(ctx, job, "start", SCHED_PENDING)) {
        return false;
    }
    uint32_t placement = run_take_placement(ctx);
    struct spotting spotting = spotting_of(ctx, job, "start", &ctx->placements.items[placement]);
    bool room = take_spots(&spotting, spots, count);
    if (room && holds_enough(&spotting)) {
        run_begin_job(ctx, job, placement, latency_us);
        return true;
    }
    if (room) {
        run_refuse(ctx, job, "start", "these are not as many tasks as it can run with");
    }
    while (spotting.grants->count > 0) {
        struct grant grant = vec_pop(spotting.grants);
        cluster_undo(ctx->cluster, &grant);
    }
    vec_push(&ctx->free_placements, placement);
    return false;
}

/* May the running job change its number of tasks? */
static bool may_resize(struct sched_ctx *ctx, uint32_t job)
{
    if (!run_allows(ctx, job, "resize", SCHED_RUNNING)) {
        return false;
    }
    if (ctx->jobs[job].released_early || ctx->jobs[job].halted ||
        ctx->shapes[ctx->workload->jobs.items[job].shape].is_free) {
        run_refuse(ctx, job, "resize", "it ends, was halted, or is not elastic");
    }
    return !ctx->failed;
}

static void resized(struct spotting *spotting, int64_t milli_before)
{
    struct sched_ctx *ctx = spotting->ctx;
    if (!holds_enough(spotting)) {
        run_refuse(ctx, spotting->job, spotting->action, "it cannot hold so many tasks");
        return;
    }
    run_update_rate(ctx, spotting->job);
    run_schedule_finish(ctx, spotting->job);
    run_share_changes(ctx);
    run_record_job(ctx, spotting->job, LOG_RESIZE, milli_before, 0);
}

bool sched_grow_at(struct sched_ctx *ctx, uint32_t job, const struct sched_spot *spots,
                   uint32_t count)
{
    if (!may_resize(ctx, job)) {
        return false;
    }
    struct spotting spotting = spotting_of(ctx, job, "resize", run_grants(ctx, job));
    run_settle_work(ctx, job);
    int64_t milli_before = ctx->jobs[job].gpu_milli;
    if (!take_spots(&spotting, spots, count)) {
        run_schedule_finish(ctx, job);
        return false;
    }
    resized(&spotting, milli_before);
    return !ctx->failed;
}

static bool gives_back(struct spotting *spotting, const struct sched_spot *spot)
{
    grant_vec *grants = spotting->grants;
    for (size_t i = grants->count; i > 0; i--) {
        struct grant *grant = &grants->items[i - 1];
        if (grant->group == spot->group && grant->node == spot->node &&
            (spot->gpus == 0 || grant->gpus == spot->gpus)) {
            cluster_release(spotting->ctx->cluster, grant);
            memmove(grant, grant + 1, (grants->count - i) * sizeof(*grant));
            grants->count--;
            return true;
        }
    }
    return false;
}

void sched_shrink_at(struct sched_ctx *ctx, uint32_t job, const struct sched_spot *spots,
                     uint32_t count)
{
    if (!may_resize(ctx, job)) {
        return;
    }
    struct spotting spotting = spotting_of(ctx, job, "resize", run_grants(ctx, job));
    run_settle_work(ctx, job);
    int64_t milli_before = ctx->jobs[job].gpu_milli;
    for (uint32_t i = 0; i < count; i++) {
        if (!gives_back(&spotting, &spots[i])) {
            run_refuse(ctx, job, "resize", "it has no task there");
            return;
        }
    }
    resized(&spotting, milli_before);
}

void sched_halt(struct sched_ctx *ctx, uint32_t job)
{
    if (!run_allows_stop(ctx, job, "halt")) {
        return;
    }
    run_settle_work(ctx, job);
    ctx->jobs[job].halted = true;
    ctx->jobs[job].epoch++; /* it does not finish any more */
}
