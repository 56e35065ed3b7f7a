/*
 * sacct.c - accounting of Slurm, `sacct --parsable2`: fields between bars under a header of names,
 * in any order, never quoted. `--parsable`, with a bar at the end of each line, is read too.
 *
 * JobID (or JobIDRaw) and Submit must be there, and one of ElapsedRaw, Elapsed; what else is read:
 * User, Partition, Account, QOS, State, Start, Timelimit, TimelimitRaw (minutes), AllocTRES,
 * ReqTRES, AllocCPUS, NCPUS, ReqCPUS, AllocNodes, NNodes, ReqNodes. Times have no zone, or are Unix
 * seconds.
 *
 *     123            a job
 *     123.batch      a step: dropped
 *     123_4          a task of an array: a job of its own; "123_[5-9%2]" are tasks that never ran
 *     123+1          a part of a heterogeneous job: one job that asks for the sum of its parts
 *     123 once more  an attempt of a job that was requeued (--duplicates); see `attempts`
 *
 * A job that never started has no duration. A text with a bar in it makes a row too long: when the
 * header has one column of free text (JobName, Comment, ...) the bar must be there.
 */
#include <inttypes.h>
#include <stddef.h>

#include "sim/base/parse.h"
#include "sim/workload/columns.h"
#include "sim/workload/slurm_jobs.h"
#include "sim/workload/slurm_text.h"
#include "sim/workload/time_text.h"
#include "sim/workload/trace_format.h"

enum sacct_column {
    JOB_ID,
    JOB_ID_RAW,
    USER,
    PARTITION,
    ACCOUNT,
    QOS,
    STATE,
    SUBMIT,
    START,
    ELAPSED_RAW,
    ELAPSED,
    TIMELIMIT_RAW,
    TIMELIMIT,
    ALLOC_TRES,
    REQ_TRES,
    ALLOC_CPUS,
    NCPUS,
    REQ_CPUS,
    ALLOC_NODES,
    NNODES,
    REQ_NODES,
};

static const struct column sacct_columns[] = {
    [JOB_ID] = {"JobID", false},
    [JOB_ID_RAW] = {"JobIDRaw", false},
    [USER] = {"User", false},
    [PARTITION] = {"Partition", false},
    [ACCOUNT] = {"Account", false},
    [QOS] = {"QOS", false},
    [STATE] = {"State", false},
    [SUBMIT] = {"Submit", true},
    [START] = {"Start", false},
    [ELAPSED_RAW] = {"ElapsedRaw", false},
    [ELAPSED] = {"Elapsed", false},
    [TIMELIMIT_RAW] = {"TimelimitRaw", false},
    [TIMELIMIT] = {"Timelimit", false},
    [ALLOC_TRES] = {"AllocTRES", false},
    [REQ_TRES] = {"ReqTRES", false},
    [ALLOC_CPUS] = {"AllocCPUS", false},
    [NCPUS] = {"NCPUS", false},
    [REQ_CPUS] = {"ReqCPUS", false},
    [ALLOC_NODES] = {"AllocNodes", false},
    [NNODES] = {"NNodes", false},
    [REQ_NODES] = {"ReqNodes", false},
    {NULL, false},
};

enum { MINUTE_US = 60000000 };
enum { TRES_ALLOCATED, TRES_REQUESTED };
enum { RUNNING_ELAPSED, RUNNING_UNKNOWN };
enum { SHAPE_FREE, SHAPE_NODES };
enum { QUEUES_PARTITION, QUEUES_ACCOUNT, QUEUES_QOS };

struct sacct_params {
    int tres;
    int attempts;
    int running;
    int shape;
    int queues;
};

static const struct param_spec sacct_params[] = {
    {.name = "tres",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct sacct_params, tres),
     .dflt = "allocated",
     .choices = "allocated|requested",
     .help = "which resources are taken first; the others where they are missing"},
    {.name = "attempts",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct sacct_params, attempts),
     .dflt = "last",
     .choices = "last|sum|each",
     .help = "of a requeued job: the last attempt since the first submit, all of them in sum, or "
             "a job each"},
    {.name = "running",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct sacct_params, running),
     .dflt = "elapsed",
     .choices = "elapsed|unknown",
     .help = "the duration of a job that has not ended: what it has run, or unknown"},
    {.name = "shape",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct sacct_params, shape),
     .dflt = "free",
     .choices = "free|nodes",
     .help = "nodes: GPUs are a gang of as many tasks as there were nodes"},
    {.name = "queues",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct sacct_params, queues),
     .dflt = "partition",
     .choices = "partition|account|qos",
     .help = "which column names a job's queue"},
    {0},
};

struct sacct_counts {
    uint64_t steps;
    uint64_t waiting_arrays;
    uint64_t never_started;
    uint64_t running;
    uint64_t unlimited;
    uint64_t other_states;
    uint64_t shares;
    uint64_t mixed_mig;
    uint64_t repaired;
};

struct sacct {
    const struct sacct_params *params;
    struct columns row;
    struct slurm_jobs jobs;
    struct sacct_counts counts;
    int free_text; /* the one field of free text; -1: none, -2: several */
};

/* -- rows ------------------------------------------------------------------------------------ */

/* Columns whose texts users or administrators write. */
static int find_free_text(const struct columns *row)
{
    static const char *const names[] = {"JobName",       "Comment",    "AdminComment",
                                        "SystemComment", "SubmitLine", "Constraints",
                                        "WorkDir",       "Extra"};
    int found = -1;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int at = csv_column(&row->csv, names[i]);
        found = at < 0 ? found : (found == -1 ? at : -2);
    }
    return found;
}

/* The next row, with the bars of its free text put back; false at the end or when it is malformed.
 */
static bool next_row(struct sacct *sacct, struct err *err)
{
    struct csv *csv = &sacct->row.csv;
    if (!csv_next(csv, err)) {
        return false;
    }
    uint32_t wanted = sacct->row.header_count;
    if (csv->count == wanted) {
        return true;
    }
    if (csv->count < wanted || sacct->free_text < 0) {
        return err_set(err, ERR_FORMAT, csv->line,
                       "found %u fields, expected %u as in the header%s", csv->count, wanted,
                       csv->count > wanted && sacct->free_text == -2
                           ? " (leave out all columns of free text but one: a bar in a JobName or "
                             "Comment looks like a separator)"
                           : "");
    }
    uint32_t surplus = csv->count - wanted;
    struct view *field = &csv->fields[sacct->free_text];
    field->length = (size_t)(field[surplus].at + field[surplus].length - field->at);
    memmove(field + 1, field + 1 + surplus,
            (wanted - (uint32_t)sacct->free_text - 1) * sizeof(*field));
    csv->count = wanted;
    sacct->counts.repaired++;
    return true;
}

static bool is_word(struct view text, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (view_is(text, *words)) {
            return true;
        }
    }
    return false;
}

/* Words for a time or span that there is not. */
static bool is_missing(struct view text)
{
    static const char *const words[] = {"Unknown", "None", "N/A", "INVALID", "NONE", NULL};
    return text.length == 0 || is_word(text, words);
}

static bool read_submit(const struct columns *row, int64_t *out, struct err *err)
{
    struct view text = columns_text(row, SUBMIT);
    return parse_datetime_us(text, out) == PARSE_OK || parse_seconds_us(text, out) == PARSE_OK ||
           columns_refuse(row, SUBMIT, "a time like 2024-03-01T12:00:00, or Unix seconds", err);
}

/* What the job has run, by whichever column tells it; TIME_UNKNOWN when none does. */
static bool read_elapsed(const struct columns *row, int64_t *out, struct err *err)
{
    struct view raw = columns_text(row, ELAPSED_RAW);
    if (!is_missing(raw)) {
        return columns_number(row, ELAPSED_RAW, &number_span, out, err);
    }
    struct view text = columns_text(row, ELAPSED);
    *out = TIME_UNKNOWN;
    return is_missing(text) || time_text_span(text, out) ||
           columns_refuse(row, ELAPSED, "a span like 1-02:30:00", err);
}

static bool read_timelimit(struct sacct *sacct, int64_t *out, struct err *err)
{
    static const char *const none[] = {"UNLIMITED", "Partition_Limit", NULL};
    const struct columns *row = &sacct->row;
    struct view raw = columns_text(row, TIMELIMIT_RAW);
    struct view text = columns_text(row, TIMELIMIT);
    bool use_raw = !is_missing(raw);
    if (is_word(use_raw ? raw : text, none)) {
        sacct->counts.unlimited++;
        return true;
    }
    if (use_raw) {
        int64_t minutes = 0;
        if (!columns_number(row, TIMELIMIT_RAW, &number_count, &minutes, err)) {
            return false;
        }
        *out = minutes * MINUTE_US;
        return true;
    }
    return is_missing(text) || time_text_span(text, out) ||
           columns_refuse(row, TIMELIMIT, "a span like 1-02:30:00, UNLIMITED or Partition_Limit",
                          err);
}

/* Whole numbers of the first of three columns that tells more than 0. */
static bool read_first(const struct columns *row, const enum sacct_column columns[3], int64_t *out,
                       struct err *err)
{
    for (int i = 0; i < 3 && *out == 0; i++) {
        if (!columns_optional(row, columns[i], &number_count, out, err)) {
            return false;
        }
    }
    return true;
}

/* One kind of MIG instances and nothing else is read as such; of a mix only the number is. */
static void read_types(struct sacct *sacct, const struct slurm_tres *tres, struct slurm_job *job)
{
    struct mig_profile profile = {0};
    struct view model = {"", 0};
    uint32_t instances = 0;
    for (uint32_t i = 0; i < tres->type_count; i++) {
        instances += slurm_mig_type(tres->types[i].name, &profile, &model) ? 1 : 0;
    }
    job->models = slurm_models(tres, &sacct->jobs.arena);
    if (instances == 1 && tres->type_count == 1 && tres->types[0].count == tres->gpus) {
        job->mig = profile;
    } else {
        sacct->counts.mixed_mig += instances > 0 ? 1 : 0;
    }
}

static bool read_resources(struct sacct *sacct, struct slurm_job *job, struct err *err)
{
    static const enum sacct_column cpus[] = {ALLOC_CPUS, NCPUS, REQ_CPUS};
    static const enum sacct_column nodes[] = {ALLOC_NODES, NNODES, REQ_NODES};
    const struct columns *row = &sacct->row;
    bool requested_first = sacct->params->tres == TRES_REQUESTED;
    enum sacct_column first = requested_first ? REQ_TRES : ALLOC_TRES;
    enum sacct_column second = requested_first ? ALLOC_TRES : REQ_TRES;
    enum sacct_column told = columns_has(row, first) ? first : second;
    struct slurm_tres tres;
    int64_t cpu_count = 0;
    if (!slurm_tres_read(columns_text(row, told), &tres)) {
        return columns_refuse(row, told, "resources like cpu=8,mem=64G,node=1,gres/gpu:a100=4",
                              err);
    }
    job->nodes = tres.nodes;
    if ((tres.cpu_milli == 0 && !read_first(row, cpus, &cpu_count, err)) ||
        !read_first(row, nodes, &job->nodes, err)) {
        return false;
    }
    job->cpu_milli = tres.cpu_milli > 0 ? tres.cpu_milli : cpu_count * 1000;
    job->memory_mib = tres.memory_mib;
    job->gpus = tres.gpus;
    if (tres.type_count > 0) {
        read_types(sacct, &tres, job);
    }
    sacct->counts.shares += tres.has_shares ? 1 : 0;
    return true;
}

static bool read_times(struct sacct *sacct, struct slurm_job *job, struct err *err)
{
    const struct columns *row = &sacct->row;
    bool known = false;
    struct view state = columns_text(row, STATE);
    job->outcome = (uint8_t)slurm_outcome(state, &known);
    sacct->counts.other_states += known ? 0 : 1;
    if (!read_submit(row, &job->submit_us, err) || !read_elapsed(row, &job->duration_us, err) ||
        !read_timelimit(sacct, &job->estimate_us, err)) {
        return false;
    }
    bool waits = view_is(state, "PENDING");
    if (waits || (row->at[START] >= 0 && is_missing(columns_text(row, START)))) {
        sacct->counts.never_started++;
        job->duration_us = TIME_UNKNOWN;
    } else if (job->outcome == OUTCOME_UNFINISHED) {
        sacct->counts.running++;
        job->duration_us =
            sacct->params->running == RUNNING_UNKNOWN ? TIME_UNKNOWN : job->duration_us;
    }
    return true;
}

static bool read_job(struct sacct *sacct, struct view id, struct slurm_job *out, struct err *err)
{
    static const enum sacct_column queues[] = {PARTITION, ACCOUNT, QOS};
    const struct columns *row = &sacct->row;
    *out = (struct slurm_job){
        .line = columns_line(row),
        .id = id,
        .user = columns_text(row, USER),
        .queue = columns_text(row, queues[sacct->params->queues]),
        .models = {"", 0},
        .duration_us = TIME_UNKNOWN,
        .estimate_us = TIME_UNKNOWN,
    };
    sacct->counts.waiting_arrays += memchr(id.at, '[', id.length) != NULL ? 1 : 0;
    return read_times(sacct, out, err) && read_resources(sacct, out, err);
}

/* -- jobs ------------------------------------------------------------------------------------ */

static bool add_jobs(struct sacct *sacct, struct workload *out, struct err *err)
{
    struct job_draft draft;
    for (size_t i = 0; i < sacct->jobs.list.count; i++) {
        const struct slurm_job *job = &sacct->jobs.list.items[i];
        if (job->is_part) {
            continue;
        }
        job_draft_init(&draft);
        draft.id = job->id;
        draft.user = job->user;
        draft.queue = job->queue;
        draft.models = job->gpus > 0 ? job->models : (struct view){"", 0};
        draft.submit_us = job->submit_us;
        draft.duration_us = job->duration_us;
        draft.estimate_us = job->estimate_us;
        draft.outcome = (enum job_outcome)job->outcome;
        slurm_job_set_shape(job, sacct->params->shape == SHAPE_NODES, &draft);
        if (!workload_add(out, &draft, job->line, err)) {
            return false;
        }
    }
    return true;
}

static void note_count(struct workload *out, uint64_t count, const char *what)
{
    if (count > 0) {
        workload_note(out, "%" PRIu64 " %s", count, what);
    }
}

static void add_notes(const struct sacct *sacct, struct workload *out)
{
    static const char *const attempts[] = {
        "more attempts of requeued jobs are dropped (attempts=last); submit times are the first",
        "more attempts of requeued jobs are added to their durations (attempts=sum)",
        "more attempts of requeued jobs are jobs of their own, 'ID#2' and so on (attempts=each)",
    };
    const struct sacct_counts *counts = &sacct->counts;
    note_count(out, counts->steps, "rows of job steps are dropped");
    note_count(out, sacct->jobs.attempt_count, attempts[sacct->params->attempts]);
    note_count(out, sacct->jobs.part_count,
               "parts of heterogeneous jobs are added to the first part");
    note_count(out, counts->waiting_arrays,
               "rows stand for tasks of arrays that never ran, and are one job each");
    note_count(out, counts->never_started, "jobs never started and have no duration");
    note_count(out, counts->running,
               sacct->params->running == RUNNING_ELAPSED
                   ? "jobs have not ended: their duration is what they have run (running=elapsed)"
                   : "jobs have not ended and have no duration (running=unknown)");
    note_count(out, counts->unlimited, "jobs have no time limit of their own, so no estimate");
    note_count(out, counts->other_states, "jobs ended in a state that has no meaning here");
    note_count(out, counts->shares, "jobs ask for gres/shard or gres/mps, which are dropped");
    note_count(out, counts->mixed_mig,
               "jobs ask for several kinds of MIG instances or GPUs, which count as whole GPUs");
    note_count(out, counts->repaired, "rows had bars in their free text");
    if (sacct->row.at[ALLOC_TRES] < 0 && sacct->row.at[REQ_TRES] < 0) {
        workload_note(out, "there is no AllocTRES and no ReqTRES, so no job has GPUs or memory");
    }
    workload_note(out, "Slurm's priorities and the waiting of jobs are dropped%s",
                  sacct->params->shape == SHAPE_FREE
                      ? ", and how many nodes a GPU job had (shape=nodes keeps it)"
                      : "");
}

static bool read_rows(struct sacct *sacct, struct err *err)
{
    struct slurm_job job;
    const struct columns *row = &sacct->row;
    enum sacct_column id_column = row->at[JOB_ID] >= 0 ? JOB_ID : JOB_ID_RAW;
    while (next_row(sacct, err)) {
        struct view id = columns_text(row, id_column);
        if (id.length == 0) {
            return columns_refuse(row, id_column, "an id", err);
        }
        if (memchr(id.at, '.', id.length) != NULL) {
            sacct->counts.steps++;
            continue;
        }
        if (!read_job(sacct, id, &job, err)) {
            return false;
        }
        slurm_jobs_add(&sacct->jobs, &job);
    }
    return err->code == ERR_NONE;
}

static bool open_table(struct sacct *sacct, struct file *file, struct err *err)
{
    struct columns_style style = {.separator = '|', .unquoted = true, .ignore_unknown = true};
    if (!columns_open_styled(&sacct->row, file, sacct_columns, style, err)) {
        return false;
    }
    const int16_t *at = sacct->row.at;
    if (at[JOB_ID] < 0 && at[JOB_ID_RAW] < 0) {
        return err_set(err, ERR_FORMAT, columns_line(&sacct->row),
                       "the header has no column 'JobID', expected one");
    }
    if (at[ELAPSED] < 0 && at[ELAPSED_RAW] < 0) {
        return err_set(err, ERR_FORMAT, columns_line(&sacct->row),
                       "the header has no column 'ElapsedRaw' or 'Elapsed', expected one");
    }
    sacct->free_text = find_free_text(&sacct->row);
    return true;
}

static bool sacct_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    struct sacct sacct = {.params = params};
    sacct.jobs.attempts = (enum slurm_attempts)sacct.params->attempts;
    bool ok = open_table(&sacct, file, err) && read_rows(&sacct, err);
    if (ok) {
        slurm_jobs_merge_parts(&sacct.jobs);
        ok = add_jobs(&sacct, out, err);
    }
    if (ok) {
        add_notes(&sacct, out);
    }
    slurm_jobs_release(&sacct.jobs);
    return ok;
}

static bool sacct_detect(struct view head)
{
    static const char *const names[] = {"JobID", "Submit", NULL};
    static const char *const raw_names[] = {"JobIDRaw", "Submit", NULL};
    return columns_detect_separated(head, '|', names) ||
           columns_detect_separated(head, '|', raw_names);
}

extern const struct trace_format trace_format_sacct;
const struct trace_format trace_format_sacct = {
    .name = "sacct",
    .help = "accounting of Slurm: sacct --parsable2, with --duplicates or without",
    .params_size = sizeof(struct sacct_params),
    .params = sacct_params,
    .detect = sacct_detect,
    .read = sacct_read,
};
