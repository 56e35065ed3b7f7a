/*
 * swf.c - the Standard Workload Format of the Parallel Workloads Archive.
 *
 * Lines that start with ';' are the header; every other line has 18 numbers between blanks:
 *
 *     1 job  2 submit s  3 wait s  4 run s  5 allocated processors  6 CPU s  7 used memory
 *     8 requested processors  9 requested s  10 requested memory  11 status  12 user  13 group
 *     14 executable  15 queue  16 partition  17 preceding job  18 think time
 *
 * -1 means missing. Processors are read as GPUs of free shape. Jobs of one submit time are ordered
 * by job number, whatever the order of the rows (outputs of simulators come in order of end).
 *
 * rules=pyss cleans rows as the pyss simulator does: a job without run time, processors or submit
 * time becomes one second long; estimates are at least the run time, processors at most MaxProcs.
 */
#include <inttypes.h>
#include <stddef.h>

#include "sim/base/check.h"
#include "sim/base/parse.h"
#include "sim/workload/trace_format.h"

enum { SWF_FIELDS = 18, MOST_SIMPLE_DIGITS = 17, MISSING = -1, SECOND_US = 1000000 };

/* Positions from 0. */
enum swf_field {
    FIELD_JOB = 0,
    FIELD_SUBMIT = 1,
    FIELD_RUN = 3,
    FIELD_ALLOCATED = 4,
    FIELD_REQUESTED = 7,
    FIELD_REQUESTED_TIME = 8,
    FIELD_STATUS = 10,
    FIELD_USER = 11,
    FIELD_GROUP = 12,
    FIELD_QUEUE = 14,
    FIELD_PARTITION = 15,
};

static const char *const field_names[SWF_FIELDS] = {
    "job number",     "submit time",      "wait time",   "run time",
    "processors",     "CPU time",         "used memory", "requested processors",
    "requested time", "requested memory", "status",      "user",
    "group",          "executable",       "queue",       "partition",
    "preceding job",  "think time",
};

enum { PROCS_ALLOCATED, PROCS_REQUESTED };
enum { RULES_PLAIN, RULES_PYSS };
enum { QUEUES_QUEUE, QUEUES_PARTITION, QUEUES_GROUP };

struct swf_params {
    int procs;
    int rules;
    int queues;
};

static const struct param_spec swf_params[] = {
    {.name = "procs",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct swf_params, procs),
     .dflt = "allocated",
     .choices = "allocated|requested",
     .help = "which processor count is taken first; the other one where it is missing"},
    {.name = "rules",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct swf_params, rules),
     .dflt = "plain",
     .choices = "plain|pyss",
     .help = "pyss: clean the rows as the pyss simulator does"},
    {.name = "queues",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct swf_params, queues),
     .dflt = "queue",
     .choices = "queue|partition|group",
     .help = "which number names a job's queue"},
    {0},
};

/* A line of 18 numbers. Nearly all are plain integers, whose values are here; the bits of `other`
 * mark those that are not (decimals, exponents, anything else). */
struct swf_row {
    int64_t line;
    struct view text[SWF_FIELDS];
    int64_t whole[SWF_FIELDS];
    uint32_t other;
};

struct swf {
    const struct swf_params *params;
    struct workload *out;
    const char *at;
    const char *end;
    int64_t line;
    int64_t unix_start;   /* MISSING when the header does not tell */
    int64_t zone_s;       /* east of Greenwich; 0 likewise */
    int64_t max_procs;    /* same */
    VEC(int64_t) numbers; /* job numbers of the jobs added */
    int64_t partial_rows;
    int64_t without_size;
    int64_t without_run;
    int64_t absurd_estimates;
};

/* -- lines ----------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Reads the token at `at` into field `i` of the row; returns what follows it. */
static const char *scan_field(const char *at, const char *end, struct swf_row *row, int i)
{
    const char *start = at;
    bool negative = *at == '-';
    at += negative ? 1 : 0;
    const char *digits = at;
    int64_t value = 0;
    while (at < end && *at >= '0' && *at <= '9' && at - digits < MOST_SIMPLE_DIGITS) {
        value = value * 10 + (*at - '0');
        at++;
    }
    bool simple = at > digits && (at == end || is_blank(*at));
    while (at < end && !is_blank(*at)) {
        at++;
    }
    row->text[i] = (struct view){start, (size_t)(at - start)};
    row->whole[i] = negative ? -value : value;
    row->other |= simple ? 0 : 1U << i;
    return at;
}

/* Splits a line into its 18 fields. */
static bool scan_row(const char *at, const char *end, struct swf_row *row, struct err *err)
{
    int count = 0;
    row->other = 0;
    for (;;) {
        while (at < end && is_blank(*at)) {
            at++;
        }
        if (at == end) {
            break;
        }
        if (count == SWF_FIELDS) {
            return err_set(err, ERR_FORMAT, row->line, "more than 18 fields, expected 18 numbers");
        }
        at = scan_field(at, end, row, count++);
    }
    if (count != SWF_FIELDS) {
        return err_set(err, ERR_FORMAT, row->line, "%d fields, expected 18 numbers", count);
    }
    double unused = 0;
    for (int i = 0; row->other >> i != 0; i++) {
        if ((row->other >> i & 1) != 0 && parse_f64(row->text[i], &unused) != PARSE_OK) {
            return err_set(err, ERR_FORMAT, row->line, "field %d (%s) is '%.*s', expected a number",
                           i + 1, field_names[i], VIEW_ARG(row->text[i]));
        }
    }
    return true;
}

/* "; MaxProcs: 128": the number after the key, when the header line has this key. */
static void header_number(struct view line, const char *key, int64_t *out)
{
    struct view value = {0};
    line.at++;
    line.length--;
    struct view name = view_trim(view_cut(line, ':', &value));
    if (value.at != NULL && view_is(name, key)) {
        (void)parse_i64(value, out);
    }
}

/* The next line with numbers; false at the end (err->code is ERR_NONE) or at a bad line. */
static bool next_row(struct swf *swf, struct swf_row *row, struct err *err)
{
    err->code = ERR_NONE;
    while (swf->at < swf->end) {
        const char *start = swf->at;
        const char *stop = memchr(start, '\n', (size_t)(swf->end - start));
        stop = stop == NULL ? swf->end : stop;
        swf->at = stop < swf->end ? stop + 1 : stop;
        swf->line++;
        while (start < stop && is_blank(*start)) {
            start++;
        }
        if (start == stop) {
            continue;
        }
        if (*start == ';') {
            struct view line = {start, (size_t)(stop - start)};
            header_number(line, "UnixStartTime", &swf->unix_start);
            header_number(line, "TimeZone", &swf->zone_s);
            header_number(line, "MaxProcs", &swf->max_procs);
            continue;
        }
        row->line = swf->line;
        return scan_row(start, stop, row, err);
    }
    return false;
}

/* -- fields ---------------------------------------------------------------------------------- */

static bool refuse(const struct swf_row *row, enum swf_field field, const char *expected,
                   struct err *err)
{
    return err_set(err, ERR_FORMAT, row->line, "field %d (%s) is '%.*s', expected %s",
                   (int)field + 1, field_names[field], VIEW_ARG(row->text[field]), expected);
}

/* A whole number from 0 to `most`, or MISSING. */
static bool get_count(const struct swf_row *row, enum swf_field field, int64_t most, int64_t *out,
                      struct err *err)
{
    int64_t value = row->whole[field];
    if ((row->other >> field & 1) != 0 && parse_i64(row->text[field], &value) != PARSE_OK) {
        return refuse(row, field, "a whole number", err);
    }
    if (value < MISSING || value > most) {
        return refuse(row, field, value < 0 ? "0 or more, or -1 for missing" : "a smaller number",
                      err);
    }
    *out = value;
    return true;
}

/* Seconds as microseconds; TIME_UNKNOWN for -1. */
static bool get_seconds(const struct swf_row *row, enum swf_field field, int64_t *out,
                        struct err *err)
{
    int64_t value = 0;
    if ((row->other >> field & 1) == 0 && row->whole[field] <= WORKLOAD_MOST_US / SECOND_US &&
        row->whole[field] >= MISSING) {
        value = row->whole[field] * SECOND_US;
    } else if (parse_seconds_us(row->text[field], &value) != PARSE_OK || value > WORKLOAD_MOST_US) {
        return refuse(row, field, "fewer seconds", err);
    }
    if (value < 0 && value != -SECOND_US) {
        return refuse(row, field, "0 or more, or -1 for missing", err);
    }
    *out = value < 0 ? TIME_UNKNOWN : value;
    return true;
}

static struct view name_of(const struct swf_row *row, enum swf_field field)
{
    return view_is(row->text[field], "-1") ? (struct view){"", 0} : row->text[field];
}

static enum job_outcome outcome_of(int64_t status)
{
    switch (status) {
    case 0:
        return OUTCOME_FAILED;
    case 1:
        return OUTCOME_COMPLETED;
    case 5:
        return OUTCOME_CANCELLED;
    default:
        return OUTCOME_UNKNOWN;
    }
}

/* -- jobs ------------------------------------------------------------------------------------ */

/* What the two sets of rules work on; MISSING and TIME_UNKNOWN where the row does not tell. */
struct swf_job {
    int64_t number;
    int64_t status;
    int64_t allocated;
    int64_t requested;
    int64_t submit_us;
    int64_t run_us;
    int64_t requested_us;
};

static bool read_job(const struct swf_row *row, struct swf_job *job, struct err *err)
{
    return get_count(row, FIELD_JOB, INT64_MAX, &job->number, err) &&
           get_count(row, FIELD_STATUS, INT64_MAX, &job->status, err) &&
           get_count(row, FIELD_ALLOCATED, WORKLOAD_MOST_GPUS, &job->allocated, err) &&
           get_count(row, FIELD_REQUESTED, WORKLOAD_MOST_GPUS, &job->requested, err) &&
           get_seconds(row, FIELD_SUBMIT, &job->submit_us, err) &&
           get_seconds(row, FIELD_RUN, &job->run_us, err) &&
           get_seconds(row, FIELD_REQUESTED_TIME, &job->requested_us, err);
}

static int64_t more_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t less_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Ten years: longer than any limit of a batch system. LLNL-Atlas has one request of 23 years. */
static const int64_t longest_estimate_us = (int64_t)10 * 365 * 86400 * SECOND_US;

static void apply_plain_rules(struct swf *swf, const struct swf_job *job, struct job_draft *draft)
{
    bool requested_first = swf->params->procs == PROCS_REQUESTED;
    int64_t first = requested_first ? job->requested : job->allocated;
    int64_t second = requested_first ? job->allocated : job->requested;
    int64_t procs = first > 0 ? first : more_of(second, 0);
    job_draft_set_gpus(draft, (uint32_t)procs);
    draft->submit_us = job->submit_us;
    draft->duration_us = job->run_us;
    draft->estimate_us = job->requested_us > 0 ? job->requested_us : TIME_UNKNOWN;
    if (draft->estimate_us > longest_estimate_us) {
        draft->estimate_us = longest_estimate_us;
        swf->absurd_estimates++;
    }
    swf->without_size += procs == 0 ? 1 : 0;
    swf->without_run += job->run_us == TIME_UNKNOWN ? 1 : 0;
}

/* How the pyss simulator prepares its jobs. TIME_UNKNOWN and MISSING are negative here, as -1 is
 * there. */
static void apply_pyss_rules(const struct swf *swf, const struct swf_job *job,
                             struct job_draft *draft)
{
    int64_t procs = more_of(job->allocated, 1);
    if (job->run_us <= 0 || job->allocated <= 0 || job->submit_us < 0) {
        draft->submit_us = more_of(job->submit_us, SECOND_US);
        draft->duration_us = SECOND_US;
        draft->estimate_us = SECOND_US;
    } else {
        draft->submit_us = job->submit_us;
        draft->duration_us = more_of(less_of(job->requested_us, job->run_us), SECOND_US);
        draft->estimate_us = more_of(more_of(job->requested_us, job->run_us), SECOND_US);
        procs = swf->max_procs > 0 ? less_of(procs, swf->max_procs) : procs;
    }
    job_draft_set_gpus(draft, (uint32_t)procs);
}

static bool add_row(struct swf *swf, const struct swf_row *row, struct job_draft *draft,
                    struct err *err)
{
    static const enum swf_field queue_fields[] = {FIELD_QUEUE, FIELD_PARTITION, FIELD_GROUP};
    struct swf_job job = {0};
    if (!read_job(row, &job, err)) {
        return false;
    }
    if (job.status >= 2 && job.status <= 4) {
        swf->partial_rows++;
        return true;
    }
    job_draft_init(draft);
    if (swf->params->rules == RULES_PYSS) {
        apply_pyss_rules(swf, &job, draft);
    } else {
        apply_plain_rules(swf, &job, draft);
    }
    char row_number[24];
    draft->id = row->text[FIELD_JOB];
    if (job.number == MISSING) {
        job.number = (int64_t)swf->numbers.count + 1;
        (void)snprintf(row_number, sizeof(row_number), "%" PRId64, job.number);
        draft->id = view_of(row_number);
    }
    draft->user = name_of(row, FIELD_USER);
    draft->queue = name_of(row, queue_fields[swf->params->queues]);
    draft->outcome = outcome_of(job.status);
    vec_push(&swf->numbers, job.number);
    bool ok = workload_add(swf->out, draft, row->line, err);
    draft->id = (struct view){"", 0}; /* it may have been on the stack here */
    return ok;
}

/* Hours and weekdays are those of the header, as far as it is to be believed. */
static void set_clock(struct swf *swf)
{
    const int64_t latest_s = (int64_t)1 << 40; /* in 30,000 years */
    const int64_t widest_s = 86400;
    bool has_zone = swf->zone_s != 0 && swf->zone_s >= -widest_s && swf->zone_s <= widest_s;
    if (swf->unix_start < 0 || swf->unix_start > latest_s) {
        return;
    }
    swf->out->clock_zone_us = (has_zone ? swf->zone_s : 0) * 1000000;
    swf->out->clock_offset_us = swf->unix_start * 1000000 + swf->out->clock_zone_us;
    if (has_zone) {
        workload_note(swf->out,
                      "submit times count from Unix time %" PRId64
                      ", hours and weekdays are %" PRId64 " s east of Greenwich (file header)",
                      swf->unix_start, swf->zone_s);
    } else {
        workload_note(swf->out,
                      "submit times count from Unix time %" PRId64
                      " (file header), hours and weekdays are UTC",
                      swf->unix_start);
    }
}

static void add_notes(const struct swf *swf)
{
    if (swf->max_procs > 0) {
        workload_note(swf->out, "the header says MaxProcs %" PRId64, swf->max_procs);
    }
    if (swf->partial_rows > 0) {
        workload_note(swf->out, "%" PRId64 " rows of partial executions (status 2 to 4) dropped",
                      swf->partial_rows);
    }
    if (swf->without_size > 0) {
        workload_note(swf->out, "%" PRId64 " jobs tell no processors and have size 0",
                      swf->without_size);
    }
    if (swf->without_run > 0) {
        workload_note(swf->out, "%" PRId64 " jobs tell no run time", swf->without_run);
    }
    if (swf->absurd_estimates > 0) {
        workload_note(swf->out, "%" PRId64 " requested times beyond 10 years cut to 10 years",
                      swf->absurd_estimates);
    }
    if (swf->params->rules == RULES_PYSS) {
        workload_note(swf->out, "rows cleaned as by pyss (rules=pyss)");
    }
}

static bool swf_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    struct swf swf = {
        .params = params,
        .out = out,
        .at = file->bytes,
        .end = file->bytes + file->length,
        .unix_start = MISSING,
        .max_procs = MISSING,
    };
    struct swf_row row;
    struct job_draft draft;
    bool ok = true;
    while (ok && next_row(&swf, &row, err)) {
        ok = add_row(&swf, &row, &draft, err);
    }
    ok = ok && err->code == ERR_NONE;
    if (ok) {
        CHECK(swf.numbers.count == out->jobs.count);
        workload_order(out, swf.numbers.items);
        set_clock(&swf);
        add_notes(&swf);
    }
    vec_release(&swf.numbers);
    return ok;
}

/* A header line, or 18 numbers in the first line that is not blank. */
static bool swf_detect(struct view head)
{
    struct swf swf = {.at = head.at, .end = head.at + head.length};
    while (swf.at < swf.end && (is_blank(*swf.at) || *swf.at == '\n')) {
        swf.at++;
    }
    if (swf.at < swf.end && *swf.at == ';') {
        return true;
    }
    struct swf_row row;
    struct err err = {0};
    return next_row(&swf, &row, &err);
}

const struct trace_format trace_format_swf = {
    .name = "swf",
    .help = "Standard Workload Format of the Parallel Workloads Archive",
    .unit = "processor",
    .params_size = sizeof(struct swf_params),
    .params = swf_params,
    .detect = swf_detect,
    .read = swf_read,
};
