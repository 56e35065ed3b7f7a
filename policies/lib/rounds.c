/* rounds.c - see rounds.h. */
#include "policies/lib/rounds.h"

#include <math.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"

/* By how much the clock of sums may differ from the engine's before it is set anew. */
static const double MOST_DRIFT_S = 0.01;

/* Of the source: leases shorter than a round by more than this lose no time to a restart, and a job
 * is given up after so many rounds in which it does nothing. */
static const int64_t RESTART_SLACK_US = 5000000;
enum { MOST_VAIN_ROUNDS = 5 };

/* -- types ----------------------------------------------------------------------------------- */

/* One type a GPU model; one in all where a node does not tell its model. */
static void find_types(struct rounds *rounds, const struct cluster *cluster)
{
    uint32_t models = names_count(&cluster->models);
    rounds->type_count = models;
    for (uint32_t i = 0; i < models; i++) {
        rounds->types[i] = (struct rounds_type){.model = i};
    }
    for (size_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        if (pool->gpu_count > 0 && pool->model == NAMES_NONE) {
            rounds->type_count = 1;
        }
    }
    if (rounds->type_count <= 1) {
        rounds->type_count = 1;
        rounds->types[0] = (struct rounds_type){NAMES_NONE, cluster->gpu_milli};
        return;
    }
    for (size_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        if (pool->gpu_count > 0) {
            rounds->types[pool->model].milli += (int64_t)pool->node_count * pool->gpu_count * 1000;
        }
    }
}

void rounds_init(struct rounds *rounds, struct rounds_settings settings,
                 const struct sched_ctx *ctx)
{
    CHECK(settings.round_us > 0);
    rounds->settings = settings;
    find_types(rounds, sched_cluster(ctx));
    python_random_init(&rounds->random, (uint32_t)settings.seed);
}

void rounds_release(struct rounds *rounds)
{
    vec_release(&rounds->jobs);
    vec_release(&rounds->cells);
    vec_release(&rounds->arrivals);
    vec_release(&rounds->queue);
}

/* -- jobs ------------------------------------------------------------------------------------ */

static double round_s(const struct rounds *rounds)
{
    return (double)rounds->settings.round_us / 1e6;
}

static double speed_on(const struct sched_ctx *ctx, uint32_t job, const struct rounds_type *type)
{
    uint64_t wanted = sched_shape(ctx, job).groups[0].request.models;
    if (type->model != NAMES_NONE && wanted != 0 && (wanted >> type->model & 1) == 0) {
        return 0;
    }
    uint32_t model = type->model;
    if (model == NAMES_NONE && names_count(&sched_cluster(ctx)->models) == 1) {
        model = 0;
    }
    return sched_step_speed(ctx, job, model);
}

static int64_t size_of(const struct rounds *rounds, struct sched_job facts)
{
    int64_t most = 0;
    for (uint32_t i = 0; i < rounds->type_count; i++) {
        most = rounds->types[i].milli > most ? rounds->types[i].milli : most;
    }
    int64_t size = facts.gpu_milli;
    if (size > most && facts.min_tasks < facts.tasks) {
        size = size * facts.min_tasks / facts.tasks; /* elastic: what it cannot do without */
    }
    return size < 1 ? 1 : size;
}

static void admit(struct rounds *rounds, const struct sched_ctx *ctx)
{
    if (rounds->jobs.count == 0) {
        rounds->busy_since_us = sched_now_us(ctx);
        rounds->clock_s = 0;
        rounds->reset_at_us = rounds->busy_since_us;
        rounds->reset_at_s = 0;
    }
    for (size_t i = 0; i < rounds->arrivals.count; i++) {
        struct rounds_job added = {.job = rounds->arrivals.items[i], .type = ROUNDS_NO_TYPE};
        added.size_milli = size_of(rounds, sched_job(ctx, added.job));
        vec_push(&rounds->jobs, added);
        for (uint32_t type = 0; type < rounds->type_count; type++) {
            struct rounds_cell cell = {
                .steps_per_s = speed_on(ctx, added.job, &rounds->types[type]),
                .time_s = round_s(rounds) / 2,
            };
            vec_push(&rounds->cells, cell);
        }
        rounds->changed = true;
    }
    vec_clear(&rounds->arrivals);
}

void rounds_submit(struct rounds *rounds, uint32_t job)
{
    vec_push(&rounds->arrivals, job);
}

void rounds_finish(struct rounds *rounds, const struct sched_ctx *ctx, uint32_t job)
{
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        if (rounds->jobs.items[i].job == job) {
            struct rounds_job *ended = &rounds->jobs.items[i];
            ended->ended = true;
            if (ended->type != ROUNDS_NO_TYPE) {
                double per_s = rounds_cells(rounds, i)[ended->type].steps_per_s;
                double ran_s = (double)(sched_now_us(ctx) - rounds->round_start_us) / 1e6;
                ended->finish_s = rounds->clock_s + round(ran_s * per_s) / per_s;
            }
            return;
        }
    }
    CHECK(false); /* a job that ends was admitted */
}

struct span {
    double finish_s;
    uint32_t at; /* in rounds->jobs */
};

static int compare_spans(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;
    if (x->finish_s > y->finish_s || x->finish_s < y->finish_s) {
        return x->finish_s > y->finish_s ? -1 : 1;
    }
    return x->at < y->at ? -1 : x->at > y->at ? 1 : 0;
}

/* Adds the spans of the round that is over, the last to finish first as in the source, and sets the
 * clock to its end. */
static void add_spans(struct rounds *rounds, int64_t now_us)
{
    struct span *spans = mem_alloc(rounds->jobs.count + 1, sizeof(*spans));
    size_t count = 0;
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        if (rounds->jobs.items[i].type != ROUNDS_NO_TYPE) {
            spans[count++] = (struct span){rounds->jobs.items[i].finish_s, (uint32_t)i};
        }
    }
    qsort(spans, count, sizeof(*spans), compare_spans);
    for (size_t i = 0; i < count; i++) {
        uint32_t type = rounds->jobs.items[spans[i].at].type;
        double ran_s = spans[i].finish_s - rounds->clock_s - rounds->jobs.items[spans[i].at].idle_s;
        rounds_cells(rounds, spans[i].at)[type].time_s += ran_s;
        rounds->type_time_s[type] += ran_s;
    }
    double now_s = (double)(now_us - rounds->busy_since_us) / 1e6;
    bool follows = count > 0 && fabs(spans[0].finish_s - now_s) < MOST_DRIFT_S;
    rounds->clock_s = follows ? spans[0].finish_s : now_s;
    free(spans);
}

/* Lets a job that had a lease change its batch size. */
static void checkpoint(struct rounds *rounds, struct sched_ctx *ctx, size_t at)
{
    struct rounds_job *job = &rounds->jobs.items[at];
    if (job->ended || job->type == ROUNDS_NO_TYPE) {
        return;
    }
    int64_t past_steps = 0;
    if (!sched_checkpoint(ctx, job->job, &past_steps)) {
        job->no_steps = true;
        job->past_steps = past_steps;
    }
    rounds->changed = rounds->changed || job->vain_rounds > 0;
    for (uint32_t type = 0; type < rounds->type_count; type++) {
        rounds_cells(rounds, at)[type].steps_per_s = speed_on(ctx, job->job, &rounds->types[type]);
    }
}

/* Accounts for the round that is over and forgets the jobs that ended in it. */
static void close_round(struct rounds *rounds, struct sched_ctx *ctx)
{
    add_spans(rounds, sched_now_us(ctx));
    rounds->has_run = rounds->has_run || rounds->jobs.count > 0;
    size_t kept = 0;
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        struct rounds_job *job = &rounds->jobs.items[i];
        checkpoint(rounds, ctx, i);
        if (job->ended) {
            rounds->changed = true;
            continue;
        }
        if (kept != i) {
            rounds->jobs.items[kept] = *job;
            memmove(rounds_cells(rounds, kept), rounds_cells(rounds, i),
                    rounds->type_count * sizeof(struct rounds_cell));
        }
        kept++;
    }
    rounds->jobs.count = kept;
    rounds->cells.count = kept * rounds->type_count;
}

/* -- allocation and priorities --------------------------------------------------------------- */

static void reset_times(struct rounds *rounds, int64_t now_us)
{
    double passed_s = rounds->clock_s - rounds->reset_at_s;
    double first_s = round_s(rounds) / 2;
    for (uint32_t type = 0; type < rounds->type_count; type++) {
        rounds->type_time_s[type] = 0;
        for (size_t i = 0; i < rounds->jobs.count; i++) {
            struct rounds_cell *cell = &rounds_cells(rounds, i)[type];
            double due_s = rounds->jobs.items[i].has_x ? cell->x * passed_s : 0;
            cell->deficit_s += due_s - (cell->time_s - first_s);
            cell->time_s = first_s;
            rounds->type_time_s[type] += first_s;
        }
    }
    rounds->reset_at_us = now_us;
    rounds->reset_at_s = rounds->clock_s;
}

static void set_priorities(struct rounds *rounds)
{
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        for (uint32_t type = 0; type < rounds->type_count; type++) {
            struct rounds_cell *cell = &rounds_cells(rounds, i)[type];
            double all_s = rounds->type_time_s[type];
            double part = all_s > 0 ? cell->time_s / all_s : 0;
            double x = rounds->jobs.items[i].has_x && cell->steps_per_s > 0 ? cell->x : 0;
            cell->priority = part > 0 ? x / part : x * 1e9;
        }
    }
}

bool rounds_recall(struct rounds *rounds, struct sched_ctx *ctx)
{
    const int64_t *values = NULL;
    size_t count = 0;
    if (!sched_recall(ctx, &values, &count) || count != rounds->cells.count) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(&rounds->cells.items[i].x, &values[i], sizeof(double));
    }
    return true;
}

void rounds_remember(const struct rounds *rounds, struct sched_ctx *ctx)
{
    VEC(int64_t) values = {0};
    for (size_t i = 0; i < rounds->cells.count; i++) {
        int64_t bits = 0;
        memcpy(&bits, &rounds->cells.items[i].x, sizeof(bits));
        vec_push(&values, bits);
    }
    sched_remember(ctx, values.items, values.count);
    vec_release(&values);
}

static void update_allocation(struct rounds *rounds, struct sched_ctx *ctx,
                              rounds_allocate *allocate, void *owner)
{
    int64_t now_us = sched_now_us(ctx);
    /* The first change after the beginning is not put off, as in the source. */
    bool is_due = rounds->reset_at_us == rounds->busy_since_us ||
                  now_us - rounds->reset_at_us >= rounds->settings.reset_us;
    if (rounds->settings.every_round || (rounds->changed && is_due)) {
        reset_times(rounds, now_us);
        allocate(owner, rounds, ctx);
        for (size_t i = 0; i < rounds->jobs.count; i++) {
            rounds->jobs.items[i].has_x = true;
        }
        rounds->changed = false;
    }
    set_priorities(rounds);
}

/* -- choice ---------------------------------------------------------------------------------- */

static int compare_doubles(double a, double b)
{
    return a > b ? -1 : a < b ? 1 : 0;
}

/* Greatest priority first, then deficit, then allocation, then submit order. */
static int compare_cells(const struct rounds *rounds, uint64_t a, uint64_t b)
{
    const struct rounds_cell *cells = rounds->cells.items;
    const struct rounds_cell *x = &cells[(a >> 32) * rounds->type_count + (uint32_t)a];
    const struct rounds_cell *y = &cells[(b >> 32) * rounds->type_count + (uint32_t)b];
    int order = compare_doubles(x->priority, y->priority);
    order = order != 0 ? order : compare_doubles(x->deficit_s, y->deficit_s);
    order = order != 0 ? order : compare_doubles(x->x, y->x);
    return order != 0 ? order : a < b ? -1 : a > b ? 1 : 0;
}

/* Sorts the end of the queue from `from`; merge sort, for its comparisons need the rounds. */
static void sort_queue(struct rounds *rounds, size_t from)
{
    size_t count = rounds->queue.count - from;
    if (count < 2) {
        return;
    }
    uint64_t *items = rounds->queue.items + from;
    uint64_t *spare = mem_alloc(count, sizeof(*spare));
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            size_t left = start;
            size_t middle = start + width < count ? start + width : count;
            size_t right = middle;
            size_t end = start + 2 * width < count ? start + 2 * width : count;
            for (size_t at = start; at < end; at++) {
                bool take_left =
                    left < middle &&
                    (right >= end || compare_cells(rounds, items[left], items[right]) < 0);
                spare[at] = take_left ? items[left++] : items[right++];
            }
        }
        memcpy(items, spare, count * sizeof(*items));
    }
    free(spare);
}

static void fill_queue(struct rounds *rounds)
{
    uint32_t order[ROUNDS_MOST_TYPES];
    for (uint32_t i = 0; i < rounds->type_count; i++) {
        order[i] = i;
    }
    if (rounds->settings.shuffle) {
        python_random_shuffle(&rounds->random, order, rounds->type_count);
    }
    vec_clear(&rounds->queue);
    for (uint32_t k = 0; k < rounds->type_count; k++) {
        size_t from = rounds->queue.count;
        for (size_t i = 0; i < rounds->jobs.count; i++) {
            if (rounds_cells(rounds, i)[order[k]].steps_per_s > 0) {
                uint64_t entry = (uint64_t)i << 32 | order[k];
                vec_push(&rounds->queue, entry);
            }
        }
        sort_queue(rounds, from);
    }
}

static bool is_running(const struct sched_ctx *ctx, uint32_t job)
{
    return sched_job_state(ctx, job) == SCHED_RUNNING;
}

static bool stays(const struct sched_ctx *ctx, uint32_t job)
{
    return is_running(ctx, job) && !sched_job(ctx, job).preemptible;
}

/* Chooses the next round: each job's type, and the queue shortened to what was chosen, in order. */
static void choose(struct rounds *rounds, const struct sched_ctx *ctx, uint32_t *before)
{
    int64_t left[ROUNDS_MOST_TYPES];
    for (uint32_t i = 0; i < rounds->type_count; i++) {
        left[i] = rounds->types[i].milli;
    }
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        struct rounds_job *job = &rounds->jobs.items[i];
        before[i] = is_running(ctx, job->job) ? job->type : ROUNDS_NO_TYPE;
        job->type = stays(ctx, job->job) ? job->type : ROUNDS_NO_TYPE;
        if (job->type != ROUNDS_NO_TYPE) {
            left[job->type] -= job->size_milli;
        }
    }
    fill_queue(rounds);
    size_t chosen = 0;
    for (size_t i = 0; i < rounds->queue.count; i++) {
        struct rounds_job *job = &rounds->jobs.items[rounds->queue.items[i] >> 32];
        uint32_t type = (uint32_t)rounds->queue.items[i];
        bool fits = job->size_milli <= left[type] || sched_job(ctx, job->job).gpu_milli == 0;
        const struct rounds_cell *cell = &rounds_cells(rounds, rounds->queue.items[i] >> 32)[type];
        bool due = cell->priority > 0 || !rounds->settings.only_due;
        if (job->type == ROUNDS_NO_TYPE && fits && due) {
            left[type] -= job->size_milli;
            job->type = type;
            rounds->queue.items[chosen++] = rounds->queue.items[i];
        }
    }
    rounds->queue.count = chosen;
}

/* -- acting ---------------------------------------------------------------------------------- */

static bool start(const struct rounds *rounds, struct sched_ctx *ctx, const struct rounds_job *job)
{
    uint32_t model = rounds->types[job->type].model;
    return model == NAMES_NONE || sched_job(ctx, job->job).gpu_milli == 0
               ? sched_start(ctx, job->job)
               : sched_start_on(ctx, job->job, (uint64_t)1 << model);
}

static bool waits(const struct sched_ctx *ctx, const struct rounds_job *job)
{
    return job->has_x && sched_job_state(ctx, job->job) == SCHED_PENDING;
}

/* Starts what was chosen, larger jobs first (they find room while there is some), or as chosen. */
static bool start_chosen(struct rounds *rounds, struct sched_ctx *ctx, bool by_size)
{
    bool all = true;
    int64_t size = INT64_MAX;
    do {
        int64_t next = 0;
        for (size_t i = 0; i < rounds->queue.count; i++) {
            const struct rounds_job *job = &rounds->jobs.items[rounds->queue.items[i] >> 32];
            if (!waits(ctx, job)) {
                continue;
            }
            if (!by_size || job->size_milli == size) {
                all = start(rounds, ctx, job) && all;
            } else if (job->size_milli < size && job->size_milli > next) {
                next = job->size_milli;
            }
        }
        size = next;
    } while (by_size && size > 0);
    return all;
}

static void preempt_moved(struct rounds *rounds, struct sched_ctx *ctx, const uint32_t *before)
{
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        const struct rounds_job *job = &rounds->jobs.items[i];
        if (before[i] != ROUNDS_NO_TYPE && job->type != before[i]) {
            sched_preempt(ctx, job->job);
        }
    }
}

static void preempt_all(struct rounds *rounds, struct sched_ctx *ctx)
{
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        uint32_t job = rounds->jobs.items[i].job;
        if (is_running(ctx, job) && sched_job(ctx, job).preemptible) {
            sched_preempt(ctx, job);
        }
    }
}

static void place(struct rounds *rounds, struct sched_ctx *ctx, const uint32_t *before)
{
    preempt_moved(rounds, ctx, before);
    if (!start_chosen(rounds, ctx, true)) {
        /* Who stayed is in the way of somebody with more right: all over again, best first. */
        preempt_all(rounds, ctx);
        (void)start_chosen(rounds, ctx, false);
    }
}

/* One lease; `is_new`: the job did not run in the round before. */
static void lease(struct rounds *rounds, struct sched_ctx *ctx, size_t at, bool is_new)
{
    struct rounds_job *job = &rounds->jobs.items[at];
    double per_s = rounds_cells(rounds, at)[job->type].steps_per_s;
    int64_t round_us = rounds->settings.round_us;
    int64_t steps = (int64_t)(per_s * round_s(rounds));
    struct sched_lease_terms terms = {.steps = steps < 1 ? 1 : steps};
    if (job->no_steps && ++job->vain_rounds < MOST_VAIN_ROUNDS) {
        terms.steps = 0;
    }
    if (is_new && rounds->has_run && rounds->settings.restart_us < round_us - RESTART_SLACK_US) {
        terms.idle_us = rounds->settings.restart_us;
        terms.idle_from_us = round_us - RESTART_SLACK_US;
    }
    int64_t now_us = sched_now_us(ctx);
    job->lease_end_us = sched_lease_part(ctx, job->job, terms);
    double held_s = (double)(job->lease_end_us - now_us) / 1e6;
    bool restarts = terms.idle_us > 0 && job->lease_end_us - now_us > terms.idle_from_us;
    job->idle_s = restarts ? (double)terms.idle_us / 1e6 : 0;
    double made = restarts ? round(held_s * per_s) : (double)terms.steps;
    job->finish_s = rounds->clock_s + made / per_s;
    if (job->lease_end_us <= now_us) {
        job->lease_end_us = now_us + 1;
    }
}

/* Gives out the leases; false when nobody runs. */
static bool lease_all(struct rounds *rounds, struct sched_ctx *ctx, const uint32_t *before)
{
    bool any = false;
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        struct rounds_job *job = &rounds->jobs.items[i];
        job->idle_s = 0;
        if (!is_running(ctx, job->job)) {
            job->type = ROUNDS_NO_TYPE;
            continue;
        }
        any = true;
        lease(rounds, ctx, i, before[i] == ROUNDS_NO_TYPE);
    }
    return any;
}

/* When the last lease is used up of jobs that have not ended; now, when all have. */
static int64_t round_end_us(const struct rounds *rounds, int64_t now_us)
{
    int64_t end_us = now_us;
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        const struct rounds_job *job = &rounds->jobs.items[i];
        if (job->type != ROUNDS_NO_TYPE && !job->ended && job->lease_end_us > end_us) {
            end_us = job->lease_end_us;
        }
    }
    return end_us;
}

/* Asks for a pass at the end of the round, once; false when it has come. */
static bool wait_for_end(struct rounds *rounds, struct sched_ctx *ctx)
{
    int64_t now_us = sched_now_us(ctx);
    int64_t end_us = round_end_us(rounds, now_us);
    if (end_us > now_us && end_us != rounds->wake_us) {
        rounds->wake_us = end_us;
        sched_wake_at(ctx, end_us);
    }
    return end_us > now_us;
}

/* Starts the first job for which there is room on any type. */
static void start_any(struct rounds *rounds, struct sched_ctx *ctx)
{
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        struct rounds_job *job = &rounds->jobs.items[i];
        for (uint32_t type = 0; type < rounds->type_count; type++) {
            job->type = type;
            if (rounds_cells(rounds, i)[type].steps_per_s > 0 && start(rounds, ctx, job)) {
                return;
            }
        }
        job->type = ROUNDS_NO_TYPE;
    }
}

void rounds_decide(struct rounds *rounds, struct sched_ctx *ctx, rounds_allocate *allocate,
                   void *owner)
{
    int64_t now_us = sched_now_us(ctx);
    if (wait_for_end(rounds, ctx)) {
        return;
    }
    close_round(rounds, ctx);
    admit(rounds, ctx);
    rounds->round_start_us = now_us;
    if (rounds->jobs.count == 0) {
        return;
    }
    uint32_t *before = mem_alloc(rounds->jobs.count, sizeof(*before));
    update_allocation(rounds, ctx, allocate, owner);
    choose(rounds, ctx, before);
    place(rounds, ctx, before);
    bool any = lease_all(rounds, ctx, before);
    if (!any) {
        /* Nobody runs, so nothing would ever wake the policy: the allocation cannot wait. */
        rounds->reset_at_us = rounds->busy_since_us;
        rounds->changed = true;
        update_allocation(rounds, ctx, allocate, owner);
        choose(rounds, ctx, before);
        place(rounds, ctx, before);
        any = lease_all(rounds, ctx, before);
    }
    if (!any) {
        start_any(rounds, ctx);
        (void)lease_all(rounds, ctx, before);
    }
    free(before);
    (void)wait_for_end(rounds, ctx);
}
