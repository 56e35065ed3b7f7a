/*
 * isolated.c - every queue alone on its own part of the cluster (engine_settings.isolate).
 *
 * Each queue is a run of its own: its jobs, the pools that carry its name as label, a policy and a
 * placement rule of its own, which see nothing else. The runs are stepped side by side, the one
 * with the earliest instant first and of equal ones the queue with the smallest number, so that
 * records come in the order of time; on the way to the sinks jobs and nodes get the numbers they
 * have in the whole.
 */
#include "sim/base/check.h"
#include "sim/base/heap.h"
#include "sim/engine/run.h"

enum { PROGRESS_EVERY = 4096 /* instants */ };

struct part {
    const struct engine_input *whole;
    struct engine_settings settings;
    struct engine_input input;
    struct workload workload; /* the whole one's but for the jobs, which are those of the queue */
    struct cluster cluster;
    struct log_sink sink;
    VEC(uint32_t) jobs;  /* the number of each in the whole */
    VEC(uint32_t) nodes; /* likewise */
    grant_vec grants;    /* of the record in hand */
    struct sched_ctx run;
    uint32_t queue; /* number in the whole workload */
    bool is_open;   /* the run has to be closed */
};

struct isolated {
    const struct engine_input *input;
    VEC(struct part *) parts;
    struct heap next; /* parts by their next instant */
    uint64_t instants;
    bool stopped;
};

/* -- a part ---------------------------------------------------------------------------------- */

static void record(void *self, const struct log_record *record)
{
    struct part *part = self;
    if (record->kind == LOG_END) {
        return; /* the end of the whole comes later, once */
    }
    struct log_record global = *record;
    if (record->job != LOG_NO_JOB) {
        global.job = part->jobs.items[record->job];
    }
    struct log_waits waits;
    if (record->kind == LOG_CAUSE) {
        waits = *record->waits;
        waits.queue = part->queue;
        global.waits = &waits;
    }
    if (record->for_job != 0) {
        global.for_job = 1 + part->jobs.items[record->for_job - 1];
    }
    vec_clear(&part->grants);
    for (uint32_t i = 0; i < record->grant_count; i++) {
        struct grant grant = record->grants[i];
        grant.node = part->nodes.items[grant.node];
        vec_push(&part->grants, grant);
    }
    global.grants = part->grants.items;
    for (uint32_t i = 0; i < part->whole->sink_count; i++) {
        part->whole->sinks[i].record(part->whole->sinks[i].self, &global);
    }
}

/* Its nodes; false when none carries the queue's name. */
static bool take_nodes(struct part *part, const char *queue)
{
    const struct cluster *cluster = part->whole->cluster;
    struct label label = {.key = part->settings.isolate, .value = queue};
    if (!cluster_init_empty_part(&part->cluster, cluster, &label)) {
        return false;
    }
    for (size_t i = 0; i < part->cluster.nodes.count; i++) {
        uint32_t node = cluster_find_node(cluster, part->cluster.nodes.items[i].name);
        vec_push(&part->nodes, node);
    }
    return true;
}

static void part_free(struct part *part)
{
    vec_release(&part->workload.jobs);
    vec_release(&part->jobs);
    vec_release(&part->nodes);
    vec_release(&part->grants);
    if (part->cluster.index != NULL) {
        cluster_release_all(&part->cluster);
    }
    free(part);
}

/* A part without jobs yet. It draws random numbers of its own. */
static struct part *part_new(const struct engine_input *input, uint32_t queue)
{
    struct part *part = mem_alloc(1, sizeof(*part));
    part->whole = input;
    part->settings = *input->settings;
    part->settings.seed += (uint64_t)queue << 32;
    part->queue = queue;
    part->workload = *input->workload;
    part->workload.jobs.items = NULL;
    part->workload.jobs.count = 0;
    part->workload.jobs.capacity = 0;
    part->sink = (struct log_sink){part, record};
    part->input = *input;
    part->input.settings = &part->settings;
    part->input.workload = &part->workload;
    part->input.cluster = &part->cluster;
    part->input.sinks = &part->sink;
    part->input.sink_count = 1;
    part->input.progress = NULL;
    return part;
}

/* -- the whole ------------------------------------------------------------------------------- */

static void queue_up(struct isolated *isolated, uint32_t number)
{
    int64_t time_us = 0;
    if (run_next_instant(&isolated->parts.items[number]->run, &time_us)) {
        heap_push(&isolated->next, number, time_us);
    }
}

/* Deals the jobs to a part for every queue that has any, in the order of the queues. */
static void make_parts(struct isolated *isolated)
{
    const struct workload *workload = isolated->input->workload;
    uint32_t queue_count = names_count(&workload->queues);
    uint32_t *job_counts = mem_alloc(queue_count, sizeof(*job_counts));
    uint32_t *numbers = mem_alloc(queue_count, sizeof(*numbers));
    for (size_t i = 0; i < workload->jobs.count; i++) {
        job_counts[workload->jobs.items[i].queue]++;
    }
    for (uint32_t queue = 0; queue < queue_count; queue++) {
        if (job_counts[queue] > 0) {
            numbers[queue] = (uint32_t)isolated->parts.count;
            vec_push(&isolated->parts, part_new(isolated->input, queue));
        }
    }
    for (uint32_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        struct part *part = isolated->parts.items[numbers[job->queue]];
        vec_push(&part->workload.jobs, *job);
        vec_push(&part->jobs, i);
    }
    free(job_counts);
    free(numbers);
}

static bool open_part(struct part *part, struct err *err)
{
    uint32_t queue = part->workload.jobs.items[0].queue;
    const char *name = names_get(&part->workload.queues, queue);
    if (!take_nodes(part, name)) {
        return err_set(err, ERR_USAGE, 0,
                       "queue '%.60s' has %zu jobs and no node has the label '%.60s' with its name",
                       name, part->jobs.count, part->settings.isolate);
    }
    part->is_open = true;
    return run_open(&part->run, &part->input, err);
}

static bool open_parts(struct isolated *isolated, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < isolated->parts.count; i++) {
        ok = open_part(isolated->parts.items[i], err);
    }
    return ok;
}

static void report_progress(struct isolated *isolated)
{
    const struct engine_input *input = isolated->input;
    struct engine_progress sum = {.job_count = (uint32_t)input->workload->jobs.count};
    for (size_t i = 0; i < isolated->parts.count; i++) {
        const struct sched_ctx *run = &isolated->parts.items[i]->run;
        sum.now_us = run->now_us > sum.now_us ? run->now_us : sum.now_us;
        sum.jobs_submitted += run->progress.jobs_submitted;
        sum.jobs_ended += run->progress.jobs_ended;
    }
    if (input->progress != NULL) {
        isolated->stopped = !input->progress(input->progress_self, &sum);
    }
}

static bool step_parts(struct isolated *isolated)
{
    for (uint32_t i = 0; i < isolated->parts.count; i++) {
        queue_up(isolated, i);
    }
    while (heap_count(&isolated->next) > 0 && !isolated->stopped) {
        struct heap_item first = heap_pop(&isolated->next);
        struct sched_ctx *run = &isolated->parts.items[first.id]->run;
        run_step(run, first.key);
        if (run->failed) {
            return false;
        }
        queue_up(isolated, first.id);
        isolated->stopped = isolated->stopped || run->result.stopped;
        if (++isolated->instants % PROGRESS_EVERY == 0) {
            report_progress(isolated);
        }
    }
    return true;
}

/* Ends every run and adds up what they did. */
static bool close_parts(struct isolated *isolated, struct engine_result *out)
{
    bool ok = true;
    struct engine_result sum = {.stopped = isolated->stopped};
    struct digest *fingerprint = digest_new();
    for (size_t i = 0; i < isolated->parts.count; i++) {
        struct part *part = isolated->parts.items[i];
        struct engine_result result = {0};
        ok = part->is_open && run_close(&part->run, &result) && ok;
        sum.end_us = result.end_us > sum.end_us ? result.end_us : sum.end_us;
        sum.events += result.events;
        sum.passes += result.passes;
        int64_t bits = 0;
        memcpy(&bits, &result.fingerprint, sizeof(bits));
        digest_add_i64(fingerprint, &bits, 1);
        part_free(part);
    }
    sum.fingerprint = digest_value(fingerprint);
    digest_free(fingerprint);
    vec_release(&isolated->parts);
    heap_release(&isolated->next);
    *out = sum;
    return ok;
}

bool run_isolated(const struct engine_input *input, struct engine_result *out, struct err *err)
{
    struct isolated isolated = {.input = input};
    make_parts(&isolated);
    bool ok = open_parts(&isolated, err) && step_parts(&isolated);
    struct engine_result result;
    ok = close_parts(&isolated, &result) && ok;
    if (ok) {
        struct log_record end = {.time_us = result.end_us, .kind = LOG_END, .job = LOG_NO_JOB};
        for (uint32_t i = 0; i < input->sink_count; i++) {
            input->sinks[i].record(input->sinks[i].self, &end);
        }
        *out = result;
    }
    return ok;
}
