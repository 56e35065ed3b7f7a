/* grid.c - see grid.h. */
#include "sim/study/grid.h"

#include <math.h>
#include <pthread.h>

#include "sim/base/check.h"
#include "sim/base/parallel.h"
#include "sim/transform/scale.h"

/* The workload of one replication at one load, while somebody still needs it. */
struct shared_workload {
    pthread_mutex_t lock; /* held while it is made */
    uint32_t users;       /* runs that have not ended */
    bool made;
    bool failed;
    struct workload workload;
    struct err err;
};

struct campaign {
    struct grid *grid;
    uint32_t first; /* replication */
    size_t count;   /* of runs */
    size_t block;   /* groups of runs begun together */
    struct shared_workload *shared;
    pthread_mutex_t lock; /* of all below */
    size_t done;
    size_t failed; /* the first run that failed, or count */
    bool gave_up;
    struct err err;
};

void grid_init(struct grid *grid, const struct grid_plan *plan)
{
    *grid = (struct grid){.plan = plan};
    metric_columns_init(&grid->columns, plan->replicate->base);
}

void grid_release(struct grid *grid)
{
    for (size_t i = 0; i < grid->runs.count; i++) {
        free(grid->runs.items[i].values);
    }
    vec_release(&grid->runs);
    metric_columns_release(&grid->columns);
}

const struct grid_run *grid_at(const struct grid *grid, uint32_t replication, uint32_t load,
                               uint32_t policy)
{
    const struct grid_plan *plan = grid->plan;
    CHECK(replication < grid->replications && load < plan->load_count &&
          policy < plan->policy_count);
    size_t cell = (size_t)replication * plan->load_count + load;
    return &grid->runs.items[cell * plan->policy_count + policy];
}

void grid_column(const struct grid *grid, uint32_t load, uint32_t policy, uint32_t column,
                 double *values)
{
    for (uint32_t r = 0; r < grid->replications; r++) {
        values[r] = grid_at(grid, r, load, policy)->values[column];
    }
}

/* -- one run --------------------------------------------------------------------------------- */

/* One block for all numbers of a run. */
static void take_numbers(const struct grid *grid, const struct report *report,
                         const struct series *series, struct grid_run *run)
{
    const struct report_numbers *numbers = report_numbers(report);
    run->censored = numbers->counts.running + numbers->counts.pending;
    run->rejected = numbers->counts.rejected;
    run->values = mem_alloc((size_t)grid->columns.count + GRID_SERIES, sizeof(double));
    run->backlog = run->values + grid->columns.count;
    run->waits = run->backlog + SERIES_STEPS;
    run->wait_shares = run->waits + SERIES_STEPS;
    run->slowdown_shares = run->wait_shares + SERIES_BINS;
    series_cumulate(series->wait_bins, run->wait_shares);
    series_cumulate(series->slowdown_bins, run->slowdown_shares);
    const struct metric_source source = {numbers, report_equity(report), report_causes(report)};
    metric_take(&grid->columns, &source, run->values);
    for (size_t i = 0; i < SERIES_STEPS; i++) {
        run->backlog[i] = series->backlog[i] / 1000;
        run->waits[i] =
            series->waits[i] > 0 ? series->wait_us[i] / 1e6 / series->waits[i] : (double)NAN;
    }
}

struct cell {
    uint32_t replication;
    uint32_t load;
    uint32_t policy;
};

static bool is_named(const struct names *names, uint32_t number, const char *const *list,
                     size_t count)
{
    const char *name = names_get(names, number);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void change_durations(struct job *job, double factor)
{
    if (job->duration_us != TIME_UNKNOWN) {
        job->duration_us = llround((double)job->duration_us * factor);
    }
    if (job->estimate_us != TIME_UNKNOWN) {
        job->estimate_us = llround((double)job->estimate_us * factor);
    }
}

/* The workload with the change: jobs of its own, everything else is that of `from`. To be released
 * by freeing the jobs. */
static bool change_workload(const struct workload *from, const struct grid_change *change,
                            struct workload *out, struct err *err)
{
    *out = *from;
    out->jobs.items = NULL;
    out->jobs.count = 0;
    out->jobs.capacity = 0;
    for (size_t i = 0; i < from->jobs.count; i++) {
        struct job job = from->jobs.items[i];
        if (!is_named(&from->queues, job.queue, change->queues.items, change->queues.count) &&
            !is_named(&from->users, job.user, change->users.items, change->users.count)) {
            change_durations(&job, change->durations);
            vec_push(&out->jobs, job);
        }
    }
    if (out->jobs.count == 0) {
        return err_set(err, ERR_USAGE, 0, "without them no job is left");
    }
    return scale_arrivals(out, change->factor, err);
}

static bool run_on(const struct grid *grid, struct cell cell, const struct workload *workload,
                   struct grid_run *run, struct err *err)
{
    const struct grid_plan *plan = grid->plan;
    const struct grid_policy *policy = &plan->policies[cell.policy];
    struct engine_settings settings =
        policy->settings != NULL ? *policy->settings : *plan->settings;
    settings.seed = replicate_seed(plan->replicate->seed, cell.replication);
    struct report_options options = *plan->report;
    options.warmup_us = plan->warmup_us[cell.load];
    options.fairness = true;
    options.causes = true;
    settings.causes = true;
    struct cluster cluster;
    const struct cluster *empty = policy->cluster != NULL ? policy->cluster : plan->cluster;
    cluster_init_empty_copy(&cluster, empty);
    struct report *report = report_open(&options, workload, &cluster, NULL, err);
    struct series series;
    const struct series_options bounds = {options.warmup_us, options.tau_us};
    series_init(&series, workload, &bounds);
    struct log_sink sinks[] = {report_sink(report), series_sink(&series)};
    struct engine_input input = {
        .settings = &settings,
        .workload = workload,
        .cluster = &cluster,
        .policy = policy->ops,
        .policy_params = policy->params,
        .place = policy->place,
        .place_params = policy->place_params,
        .sinks = sinks,
        .sink_count = 2,
    };
    struct engine_result result = {0};
    struct report_run nothing = {0};
    bool ok = engine_run(&input, &result, err) && report_close(report, &nothing, err);
    if (ok) {
        run->fingerprint = result.fingerprint;
        run->events = result.events;
        run->jobs = (uint32_t)workload->jobs.count;
        run->span_us = workload->jobs.items[workload->jobs.count - 1].submit_us;
        run->offered_load = scale_offered_load(workload, (double)empty->gpu_milli / 1000);
        take_numbers(grid, report, &series, run);
    }
    series_release(&series);
    report_free(report);
    cluster_release_all(&cluster);
    return ok;
}

static bool run_cell(const struct grid *grid, struct cell cell, const struct workload *workload,
                     struct grid_run *run, struct err *err)
{
    const struct grid_change *change = grid->plan->policies[cell.policy].change;
    if (change == NULL) {
        return run_on(grid, cell, workload, run, err);
    }
    struct workload changed;
    bool ok =
        change_workload(workload, change, &changed, err) && run_on(grid, cell, &changed, run, err);
    vec_release(&changed.jobs);
    return ok;
}

/* -- all of them ----------------------------------------------------------------------------- */

/* Runs are taken in blocks of some groups (a group shares its workload), in a block policy by
 * policy: threads that start together then make different workloads instead of waiting for one. */
static size_t place_of(const struct campaign *campaign, size_t item)
{
    size_t policies = campaign->grid->plan->policy_count;
    size_t groups = campaign->count / policies;
    size_t first = item / (campaign->block * policies) * campaign->block;
    size_t width = groups - first < campaign->block ? groups - first : campaign->block;
    size_t within = item - first * policies;
    return (first + within % width) * policies + within / width;
}

static struct cell cell_of(const struct campaign *campaign, size_t place)
{
    const struct grid_plan *plan = campaign->grid->plan;
    size_t group = place / plan->policy_count;
    return (struct cell){
        .replication = campaign->first + (uint32_t)(group / plan->load_count),
        .load = (uint32_t)(group % plan->load_count),
        .policy = (uint32_t)(place % plan->policy_count),
    };
}

/* The workload of a run, made when nobody has yet. */
static bool borrow(const struct campaign *campaign, struct shared_workload *shared,
                   struct cell cell, struct err *err)
{
    const struct grid_plan *plan = campaign->grid->plan;
    (void)pthread_mutex_lock(&shared->lock);
    if (!shared->made) {
        shared->made = true;
        shared->failed = !replicate_make(plan->replicate, cell.replication,
                                         plan->factors[cell.load], &shared->workload, &shared->err);
    }
    bool ok = !shared->failed;
    if (!ok) {
        *err = shared->err;
    }
    (void)pthread_mutex_unlock(&shared->lock);
    return ok;
}

static void give_back(struct shared_workload *shared)
{
    (void)pthread_mutex_lock(&shared->lock);
    shared->users--;
    bool is_last = shared->users == 0;
    (void)pthread_mutex_unlock(&shared->lock);
    if (is_last && shared->made && !shared->failed) {
        workload_release(&shared->workload);
    }
}

/* A run after one that failed need not be made; one before it does, because the first failure in
 * the grid is the one that is told. */
static bool is_wanted(struct campaign *campaign, size_t place)
{
    (void)pthread_mutex_lock(&campaign->lock);
    bool wanted = place < campaign->failed && !campaign->gave_up;
    (void)pthread_mutex_unlock(&campaign->lock);
    return wanted;
}

static void tell(struct campaign *campaign, size_t place, bool ok, const struct err *err)
{
    const struct grid_plan *plan = campaign->grid->plan;
    (void)pthread_mutex_lock(&campaign->lock);
    campaign->done++;
    if (!ok && place < campaign->failed) {
        campaign->failed = place;
        campaign->err = *err;
    }
    if (ok && plan->progress != NULL &&
        !plan->progress(plan->progress_self, campaign->done, campaign->count)) {
        campaign->gave_up = true;
    }
    (void)pthread_mutex_unlock(&campaign->lock);
}

static void work(void *arg, size_t item)
{
    struct campaign *campaign = arg;
    struct grid *grid = campaign->grid;
    size_t place = place_of(campaign, item);
    struct shared_workload *shared = &campaign->shared[place / grid->plan->policy_count];
    struct cell cell = cell_of(campaign, place);
    if (is_wanted(campaign, place)) {
        struct err err = {0};
        struct grid_run *run = &grid->runs.items[grid->runs.count - campaign->count + place];
        bool ok = borrow(campaign, shared, cell, &err) &&
                  run_cell(grid, cell, &shared->workload, run, &err);
        tell(campaign, place, ok, &err);
    }
    give_back(shared);
}

static void add_places(struct grid *grid, size_t count)
{
    vec_reserve(&grid->runs, grid->runs.count + count);
    for (size_t i = 0; i < count; i++) {
        vec_push(&grid->runs, (struct grid_run){0});
    }
}

bool grid_extend(struct grid *grid, uint32_t more, struct err *err)
{
    const struct grid_plan *plan = grid->plan;
    size_t groups = (size_t)more * plan->load_count;
    struct campaign campaign = {
        .grid = grid,
        .first = grid->replications,
        .count = groups * plan->policy_count,
        .shared = mem_alloc(groups, sizeof(*campaign.shared)),
    };
    campaign.failed = campaign.count;
    campaign.block = plan->threads > 0 ? plan->threads : parallel_processors();
    (void)pthread_mutex_init(&campaign.lock, NULL);
    for (size_t i = 0; i < groups; i++) {
        (void)pthread_mutex_init(&campaign.shared[i].lock, NULL);
        campaign.shared[i].users = plan->policy_count;
    }
    add_places(grid, campaign.count);
    parallel_for(campaign.count, plan->threads, work, &campaign);
    for (size_t i = 0; i < groups; i++) {
        (void)pthread_mutex_destroy(&campaign.shared[i].lock);
    }
    (void)pthread_mutex_destroy(&campaign.lock);
    free(campaign.shared);
    if (campaign.failed < campaign.count) {
        *err = campaign.err;
        return false;
    }
    if (campaign.gave_up) {
        return err_set(err, ERR_IO, 0, "stopped before the end");
    }
    grid->replications += more;
    return true;
}
