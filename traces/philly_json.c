/*
 * philly_json.c - the original log of Microsoft Philly, cluster_job_log: a JSON array of jobs, each
 * with its attempts (retries after failures), and its list of machines, cluster_machine_list.
 *
 * The log tells no GPUs of a job but those of each attempt. By default a job is one job: its work
 * is the time of all its attempts together, its size that of the largest attempt. With
 * jobs=attempts each attempt is a job "id#1", "id#2": the first from the job's submit time, later
 * ones from the end of the attempt before. Times are local and stay so.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/base/arith.h"
#include "sim/base/json_read.h"
#include "sim/base/json_slice.h"
#include "sim/base/parse.h"
#include "sim/workload/columns.h"
#include "sim/workload/outcome.h"
#include "sim/workload/trace_format.h"

enum { JOBS_WHOLE, JOBS_ATTEMPTS };

struct philly_params {
    int jobs;
};

static const struct param_spec philly_params[] = {
    {.name = "jobs",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct philly_params, jobs),
     .dflt = "whole",
     .choices = "whole|attempts",
     .help = "what a job is: all its attempts together, or each attempt"},
    {0},
};

struct attempt {
    int64_t start_us, end_us; /* TIME_UNKNOWN when not told */
    int64_t gpus;
};

/* What the notes count. */
struct reading {
    const struct philly_params *params;
    struct workload *out;
    int64_t never_placed, unsubmitted, retried, uneven, untimed;
    VEC(struct attempt) attempts; /* of the job at hand */
};

static bool contains(struct view text, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= text.length; i++) {
        if (memcmp(text.at + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool philly_detect(struct view head)
{
    struct view start = head;
    while (start.length > 0 && (*start.at == ' ' || *start.at == '\n' || *start.at == '\r')) {
        start.at++;
        start.length--;
    }
    return start.length > 0 && *start.at == '[' && contains(head, "\"attempts\"") &&
           contains(head, "\"submitted_time\"");
}

/* A time of the log; null, "None" and "" mean that it is not told. */
static bool read_time(const json_t *object, const char *path, const char *key, int64_t *out,
                      struct err *err)
{
    const json_t *value = json_object_get(object, key);
    *out = TIME_UNKNOWN;
    if (value == NULL || json_is_null(value)) {
        return true;
    }
    struct view text = {json_string_value(value), json_string_length(value)};
    if (json_is_string(value) && (text.length == 0 || view_is(text, "None"))) {
        return true;
    }
    if (!json_is_string(value) || parse_datetime_us(text, out) != PARSE_OK) {
        return json_unexpected(path, key, value, "a time like 2017-10-09 07:01:55, or null", err);
    }
    return true;
}

static bool read_attempt(const json_t *value, const char *path, struct attempt *out,
                         struct err *err)
{
    const json_t *detail = NULL;
    *out = (struct attempt){0};
    if (!json_is_object(value)) {
        return json_unexpected(path, "", value, "an object", err);
    }
    if (!read_time(value, path, "start_time", &out->start_us, err) ||
        !read_time(value, path, "end_time", &out->end_us, err)) {
        return false;
    }
    if (out->start_us != TIME_UNKNOWN && out->end_us != TIME_UNKNOWN &&
        out->end_us < out->start_us) {
        return json_unexpected(path, "end_time", json_object_get(value, "end_time"),
                               "no time before start_time", err);
    }
    if (json_is_null(json_object_get(value, "detail"))) {
        return true;
    }
    if (!json_read_array(value, path, "detail", &detail, err)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(detail); i++) {
        const json_t *gpus = NULL;
        if (!json_read_array(json_array_get(detail, i), path, "gpus", &gpus, err)) {
            return false;
        }
        out->gpus += (int64_t)json_array_size(gpus);
    }
    return out->gpus <= WORKLOAD_MOST_GPUS ||
           err_set(err, ERR_FORMAT, 0, "at %s: more than %d GPUs", path, WORKLOAD_MOST_GPUS);
}

static int64_t run_us(const struct attempt *attempt)
{
    return attempt->start_us == TIME_UNKNOWN || attempt->end_us == TIME_UNKNOWN
               ? TIME_UNKNOWN
               : attempt->end_us - attempt->start_us;
}

/* The whole job: the sum of what is told of its attempts. */
static bool add_whole(struct reading *reading, struct job_draft *draft, int64_t line,
                      struct err *err)
{
    int64_t most = 0;
    int64_t fewest = WORKLOAD_MOST_GPUS;
    for (size_t i = 0; i < reading->attempts.count; i++) {
        const struct attempt *attempt = &reading->attempts.items[i];
        int64_t us = run_us(attempt);
        most = attempt->gpus > most ? attempt->gpus : most;
        fewest = attempt->gpus > 0 && attempt->gpus < fewest ? attempt->gpus : fewest;
        if (us != TIME_UNKNOWN) {
            draft->duration_us =
                time_add_us(draft->duration_us == TIME_UNKNOWN ? 0 : draft->duration_us, us);
        }
    }
    if (most == 0) {
        reading->never_placed++;
        return true;
    }
    reading->retried += reading->attempts.count > 1 ? 1 : 0;
    reading->uneven += fewest < most ? 1 : 0;
    reading->untimed += draft->duration_us == TIME_UNKNOWN ? 1 : 0;
    job_draft_set_gpus(draft, (uint32_t)most);
    return workload_add(reading->out, draft, line, err);
}

static bool add_attempts(struct reading *reading, struct job_draft *draft, int64_t line,
                         struct err *err)
{
    struct view id = draft->id;
    enum job_outcome last = draft->outcome;
    bool ok = true;
    struct text name = {0};
    reading->never_placed += reading->attempts.count == 0 ? 1 : 0;
    reading->retried += reading->attempts.count > 1 ? 1 : 0;
    for (size_t i = 0; ok && i < reading->attempts.count; i++) {
        const struct attempt *attempt = &reading->attempts.items[i];
        const struct attempt *before = i > 0 ? attempt - 1 : NULL;
        if (before != NULL && before->end_us != TIME_UNKNOWN) {
            draft->submit_us = before->end_us;
        } else if (before != NULL && attempt->start_us != TIME_UNKNOWN) {
            draft->submit_us = attempt->start_us;
        }
        if (attempt->gpus == 0) {
            reading->never_placed++;
            continue;
        }
        text_clear(&name);
        text_addf(&name, "%.*s#%zu", (int)id.length, id.at, i + 1);
        draft->id = (struct view){name.bytes, name.length};
        draft->duration_us = run_us(attempt);
        draft->outcome = i + 1 == reading->attempts.count ? last : OUTCOME_FAILED;
        reading->untimed += draft->duration_us == TIME_UNKNOWN ? 1 : 0;
        job_draft_set_gpus(draft, (uint32_t)attempt->gpus);
        ok = workload_add(reading->out, draft, line, err);
    }
    text_release(&name);
    return ok;
}

static bool read_job(struct reading *reading, const json_t *job, int64_t line, struct err *err)
{
    struct job_draft draft;
    const char *id = "";
    const char *user = "";
    const char *cluster = "";
    const char *status = "";
    const json_t *attempts = NULL;
    if (!json_is_object(job)) {
        return json_unexpected("", "", job, "an object: a job", err);
    }
    if (!json_read_text(job, "", "jobid", &id, err) ||
        !json_read_text(job, "", "vc", &cluster, err) ||
        !json_read_text(job, "", "user", &user, err) ||
        !json_read_text(job, "", "status", &status, err) ||
        !json_read_array(job, "", "attempts", &attempts, err)) {
        return false;
    }
    job_draft_init(&draft);
    draft.id = view_trim(view_of(id));
    draft.user = view_trim(view_of(user));
    draft.queue = view_trim(view_of(cluster));
    if (draft.id.length == 0) {
        return err_set(err, ERR_FORMAT, 0, "a job without 'jobid', expected one");
    }
    draft.outcome = outcome_of_word(view_of(status), NULL);
    if (!read_time(job, "", "submitted_time", &draft.submit_us, err)) {
        return false;
    }
    if (draft.submit_us == TIME_UNKNOWN) {
        reading->unsubmitted++;
        return true;
    }
    vec_clear(&reading->attempts);
    for (size_t i = 0; i < json_array_size(attempts); i++) {
        char path[JSON_PATH_MOST];
        struct attempt attempt;
        json_path(path, "", "attempts", (long)i);
        if (!read_attempt(json_array_get(attempts, i), path, &attempt, err)) {
            return false;
        }
        vec_push(&reading->attempts, attempt);
    }
    return reading->params->jobs == JOBS_WHOLE ? add_whole(reading, &draft, line, err)
                                               : add_attempts(reading, &draft, line, err);
}

static void add_notes(const struct reading *reading)
{
    struct workload *out = reading->out;
    bool whole = reading->params->jobs == JOBS_WHOLE;
    if (reading->never_placed > 0) {
        workload_note(out, "dropped: %" PRId64 " %s that never had a GPU, so tell no size",
                      reading->never_placed, whole ? "jobs" : "jobs and attempts");
    }
    if (reading->unsubmitted > 0) {
        workload_note(out, "dropped: %" PRId64 " jobs without a submit time", reading->unsubmitted);
    }
    if (reading->retried > 0) {
        workload_note(out, "%" PRId64 " jobs were tried several times: %s", reading->retried,
                      whole ? "their work is the time of all attempts"
                            : "each attempt is a job of its own");
    }
    if (reading->uneven > 0) {
        workload_note(out, "%" PRId64 " jobs had attempts of different sizes: the largest is taken",
                      reading->uneven);
    }
    if (reading->untimed > 0) {
        workload_note(out, "%" PRId64 " %s tell no duration", reading->untimed,
                      whole ? "jobs" : "attempts");
    }
}

static bool read_slice(struct reading *reading, struct json_slice slice, struct err *err)
{
    json_t *job = json_slice_parse(slice, err);
    if (job == NULL) {
        return false;
    }
    bool ok = read_job(reading, job, slice.line, err);
    if (!ok && err->line == 0) {
        err->line = slice.line;
    }
    json_decref(job);
    return ok;
}

static bool philly_read(const void *params, struct file *file, struct workload *out,
                        struct err *err)
{
    struct reading reading = {.params = params, .out = out};
    struct json_slices slices;
    struct json_slice slice = {{file->bytes, file->length}, 1};
    bool ok = json_slices_open(&slices, slice, '[', err);
    while (ok && json_slices_next(&slices, NULL, &slice, err)) {
        ok = read_slice(&reading, slice, err);
    }
    ok = ok && err->code == ERR_NONE;
    if (ok) {
        add_notes(&reading);
    }
    vec_release(&reading.attempts);
    return ok;
}

/* -- machines -------------------------------------------------------------------------------- */

enum machine_column { MACHINE, MACHINE_GPUS, MACHINE_MEMORY };

static const struct column machine_columns[] = {
    [MACHINE] = {"machineId", true},
    [MACHINE_GPUS] = {"number of GPUs", true},
    [MACHINE_MEMORY] = {"single GPU mem", true},
    {NULL, false},
};

static const struct number_kind number_node_gpus = {1, true, 0, NODE_MOST_GPUS,
                                                    "a whole number from 0 to 64"};

static bool philly_detect_cluster(struct view head)
{
    static const char *const names[] = {"machineId", "number of GPUs", NULL};
    return columns_detect(head, names);
}

static bool add_machine(const struct columns *row, struct cluster *out, struct err *err)
{
    struct pool pool = {
        .node_count = 1, .model = NAMES_NONE, .cpu_milli = UNLIMITED, .memory_mib = UNLIMITED};
    struct node_draft node = {0};
    int64_t gpus = 0;
    int64_t gigabytes = 0;
    struct view name = columns_text(row, MACHINE);
    struct view memory = columns_text(row, MACHINE_MEMORY);
    if (memory.length > 2 && memcmp(memory.at + memory.length - 2, "GB", 2) == 0) {
        memory.length -= 2;
    }
    if (name.length == 0) {
        return columns_refuse(row, MACHINE, "the name of a machine", err);
    }
    if (!columns_number(row, MACHINE_GPUS, &number_node_gpus, &gpus, err)) {
        return false;
    }
    if (memory.length > 0 &&
        (parse_i64(memory, &gigabytes) != PARSE_OK || gigabytes < 0 || gigabytes > 1 << 20)) {
        return columns_refuse(row, MACHINE_MEMORY, "gigabytes like 24GB", err);
    }
    pool.gpu_count = (uint32_t)gpus;
    pool.gpu_memory_mib = gpus > 0 ? gigabytes * 1024 : 0;
    node.name = arena_copy_text(&out->arena, name.at, name.length);
    pool.name = node.name;
    if (!cluster_add_pool(out, &pool, &node, err)) {
        err->line = columns_line(row);
        return false;
    }
    return true;
}

static bool philly_read_cluster(const void *params, struct file *file, struct cluster *out,
                                struct err *err)
{
    (void)params; /* none of them is about machines */
    struct columns row;
    cluster_init(out, NULL, 0);
    bool ok = columns_open(&row, file, machine_columns, false, err);
    while (ok && columns_next(&row, err)) {
        ok = add_machine(&row, out, err);
    }
    ok = ok && err->code == ERR_NONE;
    if (ok && out->nodes.count == 0) {
        ok = err_set(err, ERR_FORMAT, 1, "no machines follow the header, expected at least one");
    }
    if (!ok) {
        cluster_release_all(out);
        return false;
    }
    cluster_note(out,
                 "CPUs, memory and models of GPUs are not told; CPUs and memory are unlimited");
    cluster_finish(out);
    return true;
}

extern const struct trace_format trace_format_philly_json;
const struct trace_format trace_format_philly_json = {
    .name = "philly_json",
    .help = "the original job log of Microsoft Philly with its attempts, and its machine list",
    .params_size = sizeof(struct philly_params),
    .params = philly_params,
    .detect = philly_detect,
    .read = philly_read,
    .detect_cluster = philly_detect_cluster,
    .read_cluster = philly_read_cluster,
};
