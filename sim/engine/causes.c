/*
 * causes.c - why pending jobs wait, found out after every instant.
 *
 * Jobs of one shape ask for the same, so the answer is one for all of them, unless the policy tells
 * another one for a job. The table of answers, in the order in which they are tried, is in
 * README.md.
 *
 * The rule that is asked is an instance of its own: a rule may remember or draw, and asking must
 * change no decision. An answer "no room" holds until something is given back.
 */
#include "sim/base/check.h"
#include "sim/engine/run.h"

struct shape_wait {
    uint32_t pending; /* jobs of the shape that are pending */
    uint32_t place;   /* in causes->active while there are any */
    uint8_t told;     /* the cause that was logged last; WAIT_CAUSE_COUNT: none yet */
    bool fits;        /* as of the two counts below */
    bool passed_over; /* it found room at the last pass already, and was not started */
    uint64_t taken;   /* causes->taken then; 0: never asked */
    uint64_t releases;
};

struct causes {
    struct shape_wait *shapes;
    VEC(uint32_t) active; /* shapes with pending jobs, */
    VEC(uint8_t) found;   /* and what they wait for; scratch */
    uint64_t taken;       /* how often somebody took room, and 1 */
    void *place_state;
    uint8_t *told;          /* by job: the cause that the policy told, or WAIT_CAUSE_COUNT */
    int64_t *free_of_model; /* milli-GPUs; the last one of no model */
    bool models_are_stale;
};

/* -- opening and closing --------------------------------------------------------------------- */

bool run_causes_open(struct sched_ctx *run, struct err *err)
{
    const struct place_ops *place = run->input->place;
    if (!run->settings->causes) {
        return true;
    }
    struct causes *causes = mem_alloc(1, sizeof(*causes));
    size_t jobs = run->workload->jobs.count;
    causes->taken = 1;
    causes->models_are_stale = true;
    causes->shapes = mem_alloc(run->workload->shapes.count, sizeof(*causes->shapes));
    causes->told = mem_alloc(jobs, sizeof(*causes->told));
    causes->free_of_model =
        mem_alloc(names_count(&run->cluster->models) + 1, sizeof(*causes->free_of_model));
    causes->place_state = mem_alloc(1, place->state_size + 1);
    memset(causes->told, WAIT_CAUSE_COUNT, jobs);
    for (size_t i = 0; i < run->workload->shapes.count; i++) {
        causes->shapes[i].told = WAIT_CAUSE_COUNT;
    }
    run->causes = causes;
    return place->init == NULL || place->init(causes->place_state, run->input->place_params,
                                              run->cluster, run->settings->seed, err);
}

void run_causes_close(struct sched_ctx *run)
{
    struct causes *causes = run->causes;
    if (causes == NULL) {
        return;
    }
    if (run->input->place->release != NULL) {
        run->input->place->release(causes->place_state);
    }
    vec_release(&causes->active);
    vec_release(&causes->found);
    free(causes->place_state);
    free(causes->free_of_model);
    free(causes->told);
    free(causes->shapes);
    free(causes);
    run->causes = NULL;
}

void *run_causes_place_state(struct sched_ctx *run)
{
    return run->causes == NULL ? NULL : run->causes->place_state;
}

/* -- what happened --------------------------------------------------------------------------- */

static void add_pending(struct causes *causes, uint32_t shape)
{
    struct shape_wait *wait = &causes->shapes[shape];
    if (wait->pending++ == 0) {
        wait->place = (uint32_t)causes->active.count;
        vec_push(&causes->active, shape);
    }
}

static void remove_pending(struct causes *causes, uint32_t shape)
{
    struct shape_wait *wait = &causes->shapes[shape];
    CHECK(wait->pending > 0);
    if (--wait->pending == 0) {
        wait->passed_over = false;
        uint32_t last = vec_pop(&causes->active);
        if (last != shape) {
            causes->active.items[wait->place] = last;
            causes->shapes[last].place = wait->place;
        }
    }
}

void run_causes_note(struct sched_ctx *run, const struct log_record *record)
{
    struct causes *causes = run->causes;
    if (causes != NULL && record->supply != NULL) {
        causes->models_are_stale = true;
        causes->taken++;
    }
    if (causes == NULL || record->job == LOG_NO_JOB || record->kind == LOG_CAUSE ||
        record->kind == LOG_REJECT) {
        return;
    }
    uint32_t shape = run->workload->jobs.items[record->job].shape;
    if (record->kind == LOG_SUBMIT) {
        add_pending(causes, shape);
        return;
    }
    causes->models_are_stale = true;
    bool stops = record->kind == LOG_PREEMPT || record->kind == LOG_INTERRUPT;
    causes->taken += record->kind == LOG_FINISH || stops ? 0 : 1;
    if (record->kind == LOG_START) {
        remove_pending(causes, shape);
        causes->told[record->job] = WAIT_CAUSE_COUNT;
    } else if (stops) {
        add_pending(causes, shape);
    }
}

/* -- judging --------------------------------------------------------------------------------- */

static bool try_place(struct sched_ctx *run, const struct bound_shape *shape)
{
    grant_vec grants = {0};
    void *own = run->place_state;
    run->place_state = run->causes->place_state;
    bool fits = run_place_job(run, run->cluster, shape, &grants);
    run->place_state = own;
    while (grants.count > 0) {
        struct grant grant = vec_pop(&grants);
        cluster_undo(run->cluster, &grant);
    }
    vec_release(&grants);
    return fits;
}

static bool finds_room(struct sched_ctx *run, uint32_t number)
{
    struct shape_wait *wait = &run->causes->shapes[number];
    const struct bound_shape *shape = &run->shapes[number];
    if (shape->failed_at == run->cluster->releases + 1) {
        return false; /* the policy has asked */
    }
    /* What fits goes on fitting until somebody takes room; what does not, until some is given
     * back. */
    bool is_known = wait->fits ? wait->taken == run->causes->taken
                               : wait->taken != 0 && wait->releases == run->cluster->releases;
    if (!is_known) {
        wait->fits = try_place(run, shape);
    }
    wait->taken = run->causes->taken;
    wait->releases = run->cluster->releases;
    return wait->fits;
}

/* Milli-GPUs free by model; sums over the nodes, when anything changed. */
static void count_models(struct sched_ctx *run)
{
    struct causes *causes = run->causes;
    uint32_t models = names_count(&run->cluster->models);
    if (!causes->models_are_stale) {
        return;
    }
    causes->models_are_stale = false;
    memset(causes->free_of_model, 0, (models + 1) * sizeof(*causes->free_of_model));
    for (uint32_t i = 0; i < run->cluster->nodes.count; i++) {
        uint32_t model = cluster_pool(run->cluster, i)->model;
        causes->free_of_model[model == NAMES_NONE ? models : model] +=
            run->cluster->nodes.items[i].free_gpu_milli;
    }
}

static int64_t free_of_models(struct sched_ctx *run, uint64_t mask)
{
    if (mask == 0) {
        return run->cluster->free_gpu_milli;
    }
    count_models(run);
    int64_t sum = 0;
    for (uint32_t i = 0; i < names_count(&run->cluster->models); i++) {
        sum += (mask >> i & 1) != 0 ? run->causes->free_of_model[i] : 0;
    }
    return sum;
}

static bool fits_without_level(struct sched_ctx *run, const struct bound_shape *shape)
{
    struct bound_shape anywhere = *shape;
    anywhere.required_level = CLUSTER_MOST_LEVELS;
    anywhere.preferred_level = CLUSTER_MOST_LEVELS;
    return shape->required_level != CLUSTER_MOST_LEVELS && try_place(run, &anywhere);
}

static bool fits_one_task(const struct sched_ctx *run, const struct bound_shape *shape)
{
    const struct node_filter anywhere = {0, DOMAIN_ANY};
    for (uint32_t i = 0; i < shape->group_count; i++) {
        if (cluster_first_fit(run->cluster, &shape->groups[i].request, anywhere, 0) != NODE_NONE) {
            return true;
        }
    }
    return false;
}

static enum wait_cause cause_of(struct sched_ctx *run, uint32_t number)
{
    const struct bound_shape *shape = &run->shapes[number];
    struct shape_wait *wait = &run->causes->shapes[number];
    int64_t least_milli = shape->least_gpu_milli;
    if (least_milli > run->cluster->free_gpu_milli || run->cluster->free_gpu_milli == 0) {
        wait->passed_over = false;
        return WAIT_ROOM;
    }
    if (finds_room(run, number)) {
        bool is_due = run->settings->pass == PASS_PERIOD && run->pass_scheduled_us >= 0;
        wait->passed_over = wait->passed_over || !is_due;
        return wait->passed_over ? WAIT_ORDER : WAIT_PERIOD;
    }
    wait->passed_over = false;
    if (shape->groups[0].request.kind == GPU_NONE) {
        return WAIT_ROOM;
    }
    if (free_of_models(run, shape->groups[0].request.models) < least_milli) {
        return WAIT_MODEL;
    }
    if (fits_without_level(run, shape)) {
        return WAIT_TOPOLOGY;
    }
    return shape->min_tasks > 1 && fits_one_task(run, shape) ? WAIT_GANG : WAIT_FRAGMENTED;
}

static void tell(struct sched_ctx *run, uint32_t job, const struct log_waits *waits)
{
    run_record(run, &(struct log_record){
                        .time_us = run->now_us, .kind = LOG_CAUSE, .job = job, .waits = waits});
}

/* Who finds no room: would there be any if all were there? */
static void judge_shortage(struct sched_ctx *run)
{
    struct causes *causes = run->causes;
    if (!run_supply_is_short(run)) {
        return;
    }
    run_supply_pretend(run, true);
    for (size_t i = 0; i < causes->active.count; i++) {
        uint8_t cause = causes->found.items[i];
        if (cause != WAIT_ORDER && cause != WAIT_PERIOD &&
            try_place(run, &run->shapes[causes->active.items[i]])) {
            causes->found.items[i] = WAIT_FAILURE;
        }
    }
    run_supply_pretend(run, false);
}

void run_causes_judge(struct sched_ctx *run)
{
    struct causes *causes = run->causes;
    vec_clear(&causes->found);
    for (size_t i = 0; i < causes->active.count; i++) {
        vec_push(&causes->found, (uint8_t)cause_of(run, causes->active.items[i]));
    }
    judge_shortage(run);
    for (size_t i = 0; i < causes->active.count; i++) {
        uint32_t number = causes->active.items[i];
        enum wait_cause cause = (enum wait_cause)causes->found.items[i];
        struct log_waits waits = {number, LOG_ALL_QUEUES, cause};
        if (waits.cause != causes->shapes[number].told) {
            causes->shapes[number].told = (uint8_t)waits.cause;
            tell(run, LOG_NO_JOB, &waits);
        }
    }
}

/* -- what the policy tells ------------------------------------------------------------------- */

bool sched_wants_causes(const struct sched_ctx *ctx)
{
    return ctx->causes != NULL;
}

static void set_told(struct sched_ctx *ctx, uint32_t job, enum wait_cause cause)
{
    if (ctx->causes == NULL || ctx->causes->told[job] == (uint8_t)cause ||
        ctx->jobs[job].state != SCHED_PENDING) {
        return;
    }
    const struct job *facts = &ctx->workload->jobs.items[job];
    struct log_waits waits = {facts->shape, facts->queue, cause};
    ctx->causes->told[job] = (uint8_t)cause;
    tell(ctx, job, &waits);
}

void sched_tell_cause(struct sched_ctx *ctx, uint32_t job, enum wait_cause cause)
{
    CHECK(job < ctx->workload->jobs.count && cause < WAIT_CAUSE_COUNT);
    set_told(ctx, job, cause);
}

void sched_forget_cause(struct sched_ctx *ctx, uint32_t job)
{
    CHECK(job < ctx->workload->jobs.count);
    set_told(ctx, job, WAIT_CAUSE_COUNT);
}
