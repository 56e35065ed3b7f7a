/* queues.c - see queues.h. */
#include "queues.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "judge.h"

#define UNTOLD    UINT32_MAX
#define TOP       "default-parent-queue" /* of a tree made flat */
#define NEAR      1e-6                   /* GPUs; sums of fractions are rounded */
#define SECOND_US INT64_C(1000000)

enum { TOP_PRIORITY = 100 };

static bool asks_for_parts(const struct workload *workload, uint32_t group)
{
    uint32_t kind = workload->groups.items[group].request.kind;
    return kind != GPU_WHOLE && kind != GPU_NONE;
}

void queues_init(struct judge *judge, const struct kai_settings *settings)
{
    struct queues *queues = &judge->queues;
    *queues = (struct queues){.settings = settings, .all_exact = true};
    for (uint32_t i = 0; i < judge->workload->groups.count; i++) {
        queues->all_exact &= judge->workload->groups.items[i].request.kind != GPU_MEMORY;
        queues->any_parts |= asks_for_parts(judge->workload, i);
    }
}

static const char *queue_name(const struct judge *judge, uint32_t job)
{
    const struct workload *workload = judge->workload;
    const char *name = names_get(&workload->queues, workload->jobs.items[job].queue);
    return name[0] != '\0' ? name : "default";
}

static uint32_t find_told(const struct queues *queues, const char *name)
{
    for (uint32_t i = 0; i < queues->count; i++) {
        if (strcmp(queues->told[i].name, name) == 0) {
            return i;
        }
    }
    return UNTOLD;
}

/* -- what the log tells ---------------------------------------------------------------------- */

/* What the cluster file, or the lack of one, makes of this queue. */
static struct division_queue describe(const struct judge *judge, const char *name)
{
    const struct cluster *cluster = judge->cluster;
    struct division_queue queue = {.name = name,
                                   .parent = DIVISION_NO_PARENT,
                                   .priority = TOP_PRIORITY,
                                   .limit = -1,
                                   .weight = 1};
    for (uint32_t i = 0; i < cluster->queues.count; i++) {
        const struct queue_spec *spec = &cluster->queues.items[i];
        if (strcmp(spec->name, name) == 0) {
            queue.created = i;
            queue.priority = spec->priority;
            queue.limit = spec->gpu.limit;
            queue.weight = spec->gpu.weight;
        }
    }
    for (uint32_t i = 0; i < names_count(&judge->workload->queues); i++) {
        if (cluster->queues.count == 0 &&
            strcmp(names_get(&judge->workload->queues, i), name) == 0) {
            queue.created = i;
        }
    }
    return queue;
}

static const char *parent_name(const struct judge *judge, const char *name)
{
    const struct cluster *cluster = judge->cluster;
    for (uint32_t i = 0; i < cluster->queues.count; i++) {
        const struct queue_spec *spec = &cluster->queues.items[i];
        if (strcmp(spec->name, name) == 0 && spec->parent != QUEUE_NO_PARENT) {
            return judge->queues.settings->full_hierarchy ? cluster->queues.items[spec->parent].name
                                                          : TOP;
        }
    }
    return NULL;
}

/* Queues stand by name, so a new one moves others; parents are found again. */
static void add_queue(struct judge *judge, const char *name)
{
    struct queues *queues = &judge->queues;
    if (queues->count == DIVISION_MOST_QUEUES) {
        judge_require(judge, false, "too many queues for this judge");
        return;
    }
    uint32_t at = queues->count++;
    while (at > 0 && strcmp(name, queues->told[at - 1].name) < 0) {
        queues->told[at] = queues->told[at - 1];
        at--;
    }
    queues->told[at] = describe(judge, name);
    for (uint32_t i = 0; i < queues->count; i++) {
        const char *parent = parent_name(judge, queues->told[i].name);
        queues->told[i].parent = parent == NULL ? DIVISION_NO_PARENT : find_told(queues, parent);
    }
}

static void hear(struct judge *judge, const struct queue_standing *standing)
{
    struct queues *queues = &judge->queues;
    if (find_told(queues, standing->name) == UNTOLD) {
        add_queue(judge, standing->name);
    }
    uint32_t at = find_told(queues, standing->name);
    if (at != UNTOLD) {
        queues->told[at].deserved = standing->deserved;
        queues->told[at].request = standing->requested;
        queues->told[at].usage = standing->usage;
        queues->told[at].fair = standing->fair_share;
        queues->fresh = true;
    }
}

/* -- sums ------------------------------------------------------------------------------------ */

static bool is_below(const struct queues *queues, uint32_t queue, uint32_t ancestor)
{
    while (queue != ancestor && queue != DIVISION_NO_PARENT) {
        queue = queues->told[queue].parent;
    }
    return queue == ancestor;
}

static int64_t held_of_job(const struct judge *judge, uint32_t job)
{
    int64_t milli = 0;
    for (uint32_t i = 0; i < judge->jobs[job].grant_count; i++) {
        milli += judge->jobs[job].grants[i].gpu_milli;
    }
    return milli;
}

/* What jobs of the queue and of those below hold; of those only that cannot be preempted, if so
 * asked. */
static int64_t held_by(const struct judge *judge, uint32_t queue, bool fixed_only)
{
    int64_t milli = 0;
    for (uint32_t job = 0; job < judge->workload->jobs.count; job++) {
        if (is_below(&judge->queues, find_told(&judge->queues, queue_name(judge, job)), queue) &&
            !(fixed_only && judge->workload->jobs.items[job].preemptible)) {
            milli += held_of_job(judge, job);
        }
    }
    return milli;
}

/* -- shares ---------------------------------------------------------------------------------- */

/* What is told of all queues has to be what the rule makes of their requests, and these what their
 * jobs ask for. A job that is being evicted asks for nothing until it is gone. */
static void check_shares(struct judge *judge)
{
    struct queues *queues = &judge->queues;
    struct division_queue expected[DIVISION_MOST_QUEUES];
    memcpy(expected, queues->told, sizeof(expected));
    double gpus = 0;
    for (uint32_t node = 0; node < judge->cluster->nodes.count; node++) {
        const struct pool *pool = cluster_pool(judge->cluster, node);
        gpus += pool->mig_profile_count == 0 ? pool->gpu_count : 0;
    }
    division_divide(expected, queues->count, gpus, queues->settings->k);
    for (uint32_t i = 0; i < queues->count; i++) {
        const struct division_queue *told = &queues->told[i];
        double asked = 0;
        for (uint32_t job = 0; job < judge->workload->jobs.count; job++) {
            enum judge_state state = judge->jobs[job].state;
            bool lives = state == JUDGE_PENDING || state == JUDGE_RUNNING;
            if (lives && is_below(queues, find_told(queues, queue_name(judge, job)), i)) {
                asked += (double)judge->jobs[job].asked_milli / 1000;
            }
        }
        judge_require(judge, fabs(told->fair - expected[i].fair) < NEAR,
                      "queue %s has a fair share of %g, expected %g", told->name, told->fair,
                      expected[i].fair);
        judge_require(judge,
                      !queues->all_exact || queues->settings->grace_us > 0 ||
                          fabs(told->request - asked) < NEAR,
                      "queue %s is said to ask for %g, and asks for %g", told->name, told->request,
                      asked);
    }
}

/* -- evictions ------------------------------------------------------------------------------- */

enum { OTHER_CAUSE = QUEUES_MOVED + 1 };

/* enum queues_cause, or OTHER_CAUSE. */
static uint32_t cause_of(const char *reason)
{
    static const char *const WORDS[] = {"reclaimed", "preempted", "moved by consolidation"};
    uint32_t cause = reason == NULL ? OTHER_CAUSE : 0;
    while (cause < OTHER_CAUSE && strncmp(reason, WORDS[cause], strlen(WORDS[cause])) != 0) {
        cause++;
    }
    return cause;
}

static void note_eviction(struct judge *judge, const struct log_record *record)
{
    struct queues *queues = &judge->queues;
    uint32_t cause = cause_of(record->reason);
    if (cause == OTHER_CAUSE || queues->eviction_count == QUEUES_MOST_EVICTIONS) {
        return;
    }
    for (uint32_t i = 0; i < queues->count && queues->eviction_count == 0; i++) {
        queues->held_milli[i] = held_by(judge, i, false);
    }
    queues->evictions[queues->eviction_count++] = (struct queues_eviction){
        .job = record->job,
        .for_job = record->for_job == 0 ? LOG_NO_JOB : record->for_job - 1,
        .milli = record->kind == LOG_PREEMPT ? record->gpu_milli
                                             : record->gpu_milli_before - record->gpu_milli,
        .cause = (enum queues_cause)cause,
    };
}

/* What jobs of the queue are promised at this instant: these count as theirs already. */
static int64_t promised_to(const struct judge *judge, const char *name)
{
    const struct queues *queues = &judge->queues;
    int64_t milli = 0;
    for (uint32_t i = 0; i < queues->eviction_count; i++) {
        uint32_t job = queues->evictions[i].for_job;
        bool known = job == LOG_NO_JOB;
        for (uint32_t k = 0; k < i; k++) {
            known |= queues->evictions[k].for_job == job;
        }
        milli +=
            !known && strcmp(queue_name(judge, job), name) == 0 ? judge->jobs[job].asked_milli : 0;
    }
    return milli;
}

/* Reclaimed from this queue at this instant, but for the largest part. */
static int64_t taken_before_last(const struct judge *judge, const char *name)
{
    const struct queues *queues = &judge->queues;
    int64_t sum = 0;
    int64_t largest = 0;
    for (uint32_t i = 0; i < queues->eviction_count; i++) {
        const struct queues_eviction *eviction = &queues->evictions[i];
        if (eviction->cause == QUEUES_RECLAIMED &&
            strcmp(queue_name(judge, eviction->job), name) == 0) {
            sum += eviction->milli;
            largest = eviction->milli > largest ? eviction->milli : largest;
        }
    }
    return sum - largest;
}

/* Who reclaims stays within its fair share. What its queue lost to others first is not counted. */
static void check_winner(struct judge *judge, const struct queues_eviction *eviction)
{
    const struct queues *queues = &judge->queues;
    uint32_t at = find_told(queues, queue_name(judge, eviction->for_job));
    const struct job *winner = &judge->workload->jobs.items[eviction->for_job];
    int64_t tasks = judge->jobs[eviction->for_job].account.tasks;
    int64_t least = workload_shape_min_tasks(judge->workload, winner->shape);
    if (at == UNTOLD || judge->terms.clips) {
        return;
    }
    int64_t milli = queues->held_milli[at];
    for (uint32_t i = 0; i < queues->eviction_count; i++) {
        const struct queues_eviction *own = &queues->evictions[i];
        uint32_t victim = find_told(queues, queue_name(judge, own->job));
        bool lost = own->cause != QUEUES_MOVED && victim != UNTOLD && is_below(queues, victim, at);
        milli -= lost ? own->milli : 0;
    }
    bool starts = judge->jobs[eviction->for_job].state == JUDGE_PENDING;
    double with = (double)milli / 1000;
    with +=
        starts ? (double)(judge->jobs[eviction->for_job].asked_milli * least / tasks) / 1000 : 0;
    judge_require(judge, with <= queues->told[at].fair + NEAR,
                  "queue %s reclaims for job %" PRIu32 " up to %g, its fair share is %g",
                  queues->told[at].name, eviction->for_job, with, queues->told[at].fair);
}

static void check_reclaim(struct judge *judge, const struct queues_eviction *eviction)
{
    const struct queues *queues = &judge->queues;
    const char *name = queue_name(judge, eviction->job);
    const char *winner = queue_name(judge, eviction->for_job);
    uint32_t at = find_told(queues, name);
    judge_require(judge, strcmp(name, winner) != 0, "job %" PRIu32 " is reclaimed by its own queue",
                  eviction->job);
    check_winner(judge, eviction);
    /* A victim that is moved elsewhere does not count, and the log does not tell which are. */
    if (at == UNTOLD || queues->settings->consolidating_reclaim || !queues->all_exact) {
        return;
    }
    int64_t milli =
        queues->held_milli[at] + promised_to(judge, name) - taken_before_last(judge, name);
    double had = (double)milli / 1000;
    double rounding = queues->any_parts ? NEAR : 0;
    judge_require(judge,
                  had > queues->told[at].deserved - rounding && queues->told[at].deserved >= 0,
                  "queue %s has %g of its quota of %g, and job %" PRIu32 " is reclaimed from it",
                  name, had, queues->told[at].deserved, eviction->job);
}

/* A job that has just started is left alone for a time, counted from the whole second. */
static void check_runtime(struct judge *judge, const struct queues_eviction *eviction)
{
    const struct kai_settings *settings = judge->queues.settings;
    const struct account *account = &judge->jobs[eviction->job].account;
    uint32_t shape = judge->workload->jobs.items[eviction->job].shape;
    bool elastic = workload_shape_min_tasks(judge->workload, shape) < account->tasks;
    int64_t least_us =
        eviction->cause == QUEUES_RECLAIMED ? settings->reclaim_min_us : settings->preempt_min_us;
    int64_t ran_us = judge->now_us - account->start_us / SECOND_US * SECOND_US;
    judge_require(judge,
                  elastic || !settings->plugin_on[KAI_PLUGIN_MIN_RUNTIME] || ran_us >= least_us,
                  "job %" PRIu32 " is evicted after %" PRId64 " us", eviction->job, ran_us);
}

static void check_eviction(struct judge *judge, const struct queues_eviction *eviction)
{
    if (eviction->cause == QUEUES_MOVED) {
        return;
    }
    if (eviction->for_job == LOG_NO_JOB) {
        judge_require(judge, false, "job %" PRIu32 " is evicted for nobody", eviction->job);
        return;
    }
    const struct job *victim = &judge->workload->jobs.items[eviction->job];
    const struct job *winner = &judge->workload->jobs.items[eviction->for_job];
    check_runtime(judge, eviction);
    if (eviction->cause == QUEUES_RECLAIMED) {
        check_reclaim(judge, eviction);
        return;
    }
    judge_require(judge, victim->queue == winner->queue && victim->priority < winner->priority,
                  "job %" PRIu32 " is preempted for job %" PRIu32 ", which does not go before it",
                  eviction->job, eviction->for_job);
}

/* -- limits, order --------------------------------------------------------------------------- */

/* What is being evicted holds its GPUs and does not count any more. */
static void check_limits(struct judge *judge)
{
    const struct queues *queues = &judge->queues;
    if (queues->settings->grace_us > 0) {
        return;
    }
    for (uint32_t i = 0; i < queues->count; i++) {
        const struct division_queue *queue = &queues->told[i];
        double held = (double)held_by(judge, i, false) / 1000;
        double fixed = (double)held_by(judge, i, true) / 1000;
        judge_require(judge, queue->limit < 0 || held <= queue->limit + NEAR,
                      "queue %s holds %g, its limit is %g", queue->name, held, queue->limit);
        judge_require(judge, queue->deserved < 0 || fixed <= queue->deserved + NEAR,
                      "queue %s holds %g for good, its quota is %g", queue->name, fixed,
                      queue->deserved);
    }
}

/* Does a go before b, where they ask for the same in the same queue? */
static bool goes_before(const struct judge *judge, uint32_t a, uint32_t b)
{
    const struct job *x = &judge->workload->jobs.items[a];
    const struct job *y = &judge->workload->jobs.items[b];
    if (judge->queues.settings->plugin_on[KAI_PLUGIN_PRIORITY] && x->priority != y->priority) {
        return x->priority > y->priority;
    }
    return a < b;
}

/* May the job wait for a GPU that is being given back, though another is idle? Parts of GPUs may on
 * any node: the GPUs of a node are tried by their score, idle or not (specification 5.8). */
static bool may_await(const struct judge *judge, const struct shape *shape)
{
    bool parts = false;
    for (uint32_t i = 0; i < shape->group_count; i++) {
        parts |= asks_for_parts(judge->workload, shape->first_group + i);
    }
    const struct kai_settings *settings = judge->queues.settings;
    return settings->grace_us > 0 && (parts || !settings->plugin_on[KAI_PLUGIN_AVAILABILITY]);
}

/* Not where a cycle tries a few jobs of a queue only: which these are is the core's affair, and not
 * the first. */
static void check_order(struct judge *judge)
{
    const struct job *jobs = judge->workload->jobs.items;
    if (judge->queues.settings->depth[CORE_ALLOCATE] > 0) {
        return;
    }
    for (uint32_t b = 0; b < judge->workload->jobs.count; b++) {
        const struct judge_job *started = &judge->jobs[b];
        if (started->state != JUDGE_RUNNING || started->account.start_us != judge->now_us ||
            may_await(judge, &judge->workload->shapes.items[jobs[b].shape])) {
            continue;
        }
        for (uint32_t a = 0; a < judge->workload->jobs.count; a++) {
            bool waits =
                judge->jobs[a].state == JUDGE_PENDING && judge->jobs[a].pending_us < judge->now_us;
            bool alike = jobs[a].shape == jobs[b].shape && jobs[a].queue == jobs[b].queue &&
                         jobs[a].preemptible == jobs[b].preemptible;
            judge_require(
                judge, !waits || !alike || !goes_before(judge, a, b),
                "job %" PRIu32 " starts and job %" PRIu32 ", which asks for the same, waits", b, a);
        }
    }
}

/* -- the run --------------------------------------------------------------------------------- */

void queues_see(struct judge *judge, const struct log_record *record)
{
    struct queues *queues = &judge->queues;
    if (queues->settings == NULL) {
        return;
    }
    queues->cycled = record->kind == LOG_SHARE || record->kind == LOG_START ||
                     (queues->cycled && record->kind != LOG_FINISH);
    queues->stops += record->kind == LOG_PREEMPT || record->kind == LOG_RESIZE;
    if (record->kind == LOG_SHARE) {
        hear(judge, record->standing);
        return;
    }
    if (queues->fresh) {
        queues->fresh = false;
        check_shares(judge);
    }
    if (record->kind == LOG_PREEMPT || record->kind == LOG_RESIZE) {
        note_eviction(judge, record);
    }
}

void queues_end_instant(struct judge *judge)
{
    struct queues *queues = &judge->queues;
    if (queues->settings == NULL) {
        return;
    }
    for (uint32_t i = 0; i < queues->eviction_count; i++) {
        check_eviction(judge, &queues->evictions[i]);
    }
    check_limits(judge);
    check_order(judge);
    queues_check_idle(judge);
    queues->eviction_count = 0;
    queues->cycled = false;
    queues->stops = 0;
}
