/* tables.c - jobs.csv and queues.csv; see files.h. */
#include <math.h>

#include "sim/base/check.h"
#include "sim/report/files.h"
#include "sim/report/row.h"

enum { JOB_NUMBERS = 9 }; /* fields of a row of jobs.csv that are numbers */

/* Names as fields of a row, quoted where they have to be: made once a name, not once a row. */
struct fields {
    struct text text;
    VEC(uint32_t) starts; /* by number: offset in text; one more entry than names */
};

static void fields_init(struct fields *fields, const struct names *names)
{
    *fields = (struct fields){0};
    for (uint32_t i = 0; i < names_count(names); i++) {
        CHECK(fields->text.length < UINT32_MAX);
        vec_push(&fields->starts, (uint32_t)fields->text.length);
        text_add_csv(&fields->text, names_get(names, i));
        text_add_char(&fields->text, ',');
    }
    vec_push(&fields->starts, (uint32_t)fields->text.length);
}

static void fields_release(struct fields *fields)
{
    text_release(&fields->text);
    vec_release(&fields->starts);
}

static struct view fields_get(const struct fields *fields, uint32_t number)
{
    uint32_t start = fields->starts.items[number];
    return (struct view){fields->text.bytes + start, fields->starts.items[number + 1] - start};
}

static const char *phase_name(enum fold_phase phase)
{
    switch (phase) {
    case PHASE_PENDING:
        return "pending";
    case PHASE_RUNNING:
        return "running";
    case PHASE_COMPLETED:
        return "completed";
    case PHASE_REJECTED:
        return "rejected";
    case PHASE_ABSENT:
        break;
    }
    CHECK_NEVER("a job without a row");
}

static char *put_view(char *at, struct view view)
{
    if (view.length > 0) {
        memcpy(at, view.at, view.length);
    }
    return at + view.length;
}

/* A time that may not have come: nothing then. */
static char *put_time(char *at, bool happened, int64_t us)
{
    return row_put_comma(happened ? row_put_seconds(at, us) : at);
}

/* The numbers and the state of one job. */
static char *put_job(char *at, const struct fold *fold, uint32_t number)
{
    const struct fold_job *job = &fold->jobs[number];
    enum fold_phase phase = (enum fold_phase)job->phase;
    int64_t submit_us = fold->workload->jobs.items[number].submit_us;
    bool started = job->start_us != TIME_UNKNOWN;
    bool completed = phase == PHASE_COMPLETED;
    at = row_put_comma(row_put_milli(at, job->asked_milli));
    at = put_time(at, true, submit_us);
    at = put_time(at, started, job->start_us);
    at = put_time(at, completed, job->since_us);
    at = put_time(at, started, job->start_us - (started ? submit_us : 0));
    at = put_time(at, completed, job->since_us - submit_us);
    at = put_time(at, started, fold_ran_us(fold, number));
    at = row_put_comma(row_put_u64(at, job->preemptions));
    at = row_put_comma(put_view(at, view_of(phase_name(phase))));
    return put_time(at, true, job->lost_us);
}

void files_write_jobs(struct out_file *out, const struct fold *fold)
{
    struct fields users;
    struct fields queues;
    struct fields reasons;
    fields_init(&users, &fold->workload->users);
    fields_init(&queues, &fold->workload->queues);
    fields_init(&reasons, &fold->reasons);
    text_add(&out->text, "job_id,user,queue,gpus,submit_s,start_s,end_s,wait_s,jct_s,run_s,"
                         "preemptions,state,lost_s,reason\n");
    for (uint32_t i = 0; i < fold->workload->jobs.count; i++) {
        const struct fold_job *job = &fold->jobs[i];
        if (job->phase == PHASE_ABSENT) {
            continue;
        }
        const struct job *told = &fold->workload->jobs.items[i];
        struct view user = fields_get(&users, told->user);
        struct view queue = fields_get(&queues, told->queue);
        struct view reason = {NULL, 0};
        if (job->phase == PHASE_REJECTED) {
            reason = fields_get(&reasons, job->reason);
            reason.length--; /* the last field has no comma behind it */
        }
        text_add_csv(&out->text, workload_job_id(fold->workload, i));
        size_t bytes = user.length + queue.length + reason.length;
        char *at = row_begin(&out->text, bytes + (size_t)(JOB_NUMBERS + 3) * ROW_NUMBER);
        at = row_put_comma(at);
        at = put_view(put_view(at, user), queue);
        at = put_job(at, fold, i);
        row_end(out, put_view(at, reason));
    }
    fields_release(&users);
    fields_release(&queues);
    fields_release(&reasons);
}

/* -- queues.csv ------------------------------------------------------------------------------ */

static void add_count(struct text *out, uint32_t count)
{
    text_add_char(out, ',');
    text_add_i64(out, count);
}

/* Seconds rounded to a microsecond; a mean over no job is not told. */
static void add_wait(struct text *out, const struct report_spread *wait, double seconds)
{
    text_add_char(out, ',');
    if (wait->count > 0) {
        text_add_seconds(out, llround(seconds * 1e6));
    }
}

static void add_spec(struct text *out, const struct cluster *cluster, uint32_t number)
{
    if (number == QUEUE_NO_PARENT) {
        text_add(out, ",,,,");
        return;
    }
    const struct queue_spec *spec = &cluster->queues.items[number];
    text_addf(out, ",%.15g,%.15g,%.15g,", spec->gpu.quota, spec->gpu.limit, spec->gpu.weight);
    if (spec->parent != QUEUE_NO_PARENT) {
        text_add_csv(out, cluster->queues.items[spec->parent].name);
    }
}

void files_add_queues(struct text *out, const struct report_numbers *numbers,
                      const struct cluster *cluster)
{
    text_add(out, "queue,jobs,completed,running,pending,rejected,gpu_hours,share,wait_mean_s,"
                  "wait_p50_s,wait_p90_s,wait_p99_s,quota_gpus,limit_gpus,weight,parent\n");
    for (size_t i = 0; i < numbers->queues.count; i++) {
        const struct report_queue *queue = &numbers->queues.items[i];
        text_add_csv(out, queue->name);
        add_count(out, queue->counts.submitted);
        add_count(out, queue->counts.completed);
        add_count(out, queue->counts.running);
        add_count(out, queue->counts.pending);
        add_count(out, queue->counts.rejected);
        text_addf(out, ",%.15g,%.15g", queue->gpu_hours, queue->share);
        add_wait(out, &queue->wait, queue->wait.mean);
        add_wait(out, &queue->wait, queue->wait.p50);
        add_wait(out, &queue->wait, queue->wait.p90);
        add_wait(out, &queue->wait, queue->wait.p99);
        add_spec(out, cluster, queue->spec);
        text_add_char(out, '\n');
    }
}

/* -- users.csv ------------------------------------------------------------------------------- */

void files_add_users(struct text *out, const struct report_numbers *numbers,
                     const struct workload *workload)
{
    text_add(out, "user,jobs,wait_mean_s,wait_p50_s,wait_p90_s,wait_p95_s,wait_p99_s,wait_max_s\n");
    for (uint32_t i = 0; i < numbers->wait_by_user.count; i++) {
        const struct report_spread *wait = &numbers->wait_by_user.items[i];
        if (wait->count == 0) {
            continue;
        }
        text_add_csv(out, names_get(&workload->users, i));
        add_count(out, wait->count);
        const double values[] = {wait->mean, wait->p50, wait->p90, wait->p95, wait->p99, wait->max};
        for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
            add_wait(out, wait, values[k]);
        }
        text_add_char(out, '\n');
    }
}
