/*
 * batsim.c - workloads of the Batsim simulator:
 *
 *     {"nb_res": 4,
 *      "jobs": [{"id": "1", "subtime": 0.5, "walltime": 100, "res": 4, "profile": "p"}],
 *      "profiles": {"p": {"type": "delay", "delay": 60}}}
 *
 * Resources are read as GPUs of free shape, the walltime as the user's estimate. A profile tells
 * the duration (sim/workload/batsim_profile.h): a delay as it stands, a parallel task by the speed
 * `gflops` of a resource, without its communication; of other types it is unknown. Batsim kills a
 * job at its walltime; walltime=limit cuts durations there. `extra_data` of a job may hold a JSON
 * text or object with "user" and "queue"; a job may also have these itself.
 */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>

#include "sim/base/json_read.h"
#include "sim/base/json_slice.h"
#include "sim/workload/batsim_profile.h"
#include "sim/workload/trace_format.h"

enum { WALLTIME_ESTIMATE, WALLTIME_LIMIT };

struct batsim_params {
    double gflops;
    int walltime;
};

static const struct param_spec batsim_params[] = {
    {.name = "gflops",
     .type = PARAM_F64,
     .offset = offsetof(struct batsim_params, gflops),
     .dflt = "1",
     .min = 1e-9,
     .max = 1e12,
     .help = "speed of a resource, in 10^9 floating-point operations a second"},
    {.name = "walltime",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct batsim_params, walltime),
     .dflt = "estimate",
     .choices = "estimate|limit",
     .help = "limit: durations end at the walltime, as in Batsim"},
    {0},
};

struct batsim_counts {
    uint64_t unknown;
    uint64_t communicating;
    uint64_t computed;
    uint64_t over_walltime;
    uint64_t without_walltime;
};

struct batsim {
    const struct batsim_params *params;
    struct batsim_profiles profiles;
    struct workload *out;
    struct batsim_counts counts;
};

/* Seconds of a double as microseconds; beyond what a workload holds: its limit and one. */
static int64_t to_us(double seconds)
{
    double us = seconds * 1e6;
    double most = (double)WORKLOAD_MOST_US;
    return us > most ? WORKLOAD_MOST_US + 1 : us < -most ? -WORKLOAD_MOST_US - 1 : llround(us);
}

static bool read_time(const json_t *job, const char *path, const char *key, double *out,
                      struct err *err)
{
    const json_t *value = json_object_get(job, key);
    if (!json_is_number(value) || !isfinite(json_number_value(value))) {
        return json_unexpected(path, key, value, "a number of seconds", err);
    }
    *out = json_number_value(value);
    return true;
}

/* An id or a name that may be a number: its text, which is kept in `buffer` when it has none. */
static struct view name_of(const json_t *value, char *buffer, size_t size)
{
    if (json_is_string(value)) {
        return view_of(json_string_value(value));
    }
    if (json_is_integer(value)) {
        (void)snprintf(buffer, size, "%" PRId64, (int64_t)json_integer_value(value));
        return view_of(buffer);
    }
    return (struct view){"", 0};
}

static void read_walltime(struct batsim *batsim, const json_t *job, struct job_draft *draft)
{
    const json_t *walltime = json_object_get(job, "walltime");
    double seconds = json_number_value(walltime);
    if (!json_is_number(walltime) || !(seconds > 0) || !isfinite(seconds)) {
        batsim->counts.without_walltime++;
        return;
    }
    draft->estimate_us = to_us(seconds);
}

static void set_duration(struct batsim *batsim, const struct batsim_profile *profile,
                         int64_t resources, struct job_draft *draft)
{
    if (!profile->is_known) {
        batsim->counts.unknown++;
        return;
    }
    double operations = profile->operations + profile->total_operations / (double)resources;
    double seconds = profile->delay_s + operations / (batsim->params->gflops * 1e9);
    batsim->counts.computed += operations > 0 ? 1 : 0;
    batsim->counts.communicating += profile->communicates ? 1 : 0;
    draft->duration_us = to_us(seconds);
    if (draft->estimate_us != TIME_UNKNOWN && draft->duration_us > draft->estimate_us) {
        batsim->counts.over_walltime++;
        if (batsim->params->walltime == WALLTIME_LIMIT) {
            draft->duration_us = draft->estimate_us;
        }
    }
}

static bool read_profile(struct batsim *batsim, const json_t *job, const char *path,
                         const struct batsim_profile **out, struct err *err)
{
    char number[24];
    struct view name = name_of(json_object_get(job, "profile"), number, sizeof(number));
    uint32_t found = name.length > 0 ? names_find(&batsim->profiles.names, name) : NAMES_NONE;
    if (found == NAMES_NONE) {
        return json_unexpected(path, "profile", json_object_get(job, "profile"),
                               "the name of a profile", err);
    }
    *out = &batsim->profiles.list.items[found];
    return true;
}

static bool add_job(struct batsim *batsim, const json_t *job, const char *path, json_t *extra,
                    struct err *err)
{
    struct job_draft draft;
    char id[24];
    char user[24];
    char queue[24];
    double submit_s = 0;
    int64_t resources = -1;
    const struct batsim_profile *profile = NULL;
    job_draft_init(&draft);
    /* Blanks around a name would not come back from a CSV. */
    draft.id = view_trim(name_of(json_object_get(job, "id"), id, sizeof(id)));
    draft.user = view_trim(name_of(json_object_get(extra, "user"), user, sizeof(user)));
    draft.queue = view_trim(name_of(json_object_get(extra, "queue"), queue, sizeof(queue)));
    if (draft.id.length == 0) {
        return json_unexpected(path, "id", json_object_get(job, "id"), "an id", err);
    }
    if (!read_time(job, path, "subtime", &submit_s, err) ||
        !json_read_whole(job, path, "res", (struct json_range){1, WORKLOAD_MOST_GPUS}, &resources,
                         err) ||
        !read_profile(batsim, job, path, &profile, err)) {
        return false;
    }
    if (resources < 0) {
        return json_unexpected(path, "res", NULL, "a number of resources", err);
    }
    draft.submit_us = to_us(submit_s);
    job_draft_set_gpus(&draft, (uint32_t)resources);
    draft.outcome = profile->fails ? OUTCOME_FAILED : OUTCOME_UNKNOWN;
    read_walltime(batsim, job, &draft);
    set_duration(batsim, profile, resources, &draft);
    return workload_add(batsim->out, &draft, 0, err) || err_locate(err, path);
}

/* The object that holds user and queue: the extra data, a JSON text in it, or the job itself. A new
 * reference. */
static json_t *extra_of(json_t *job)
{
    json_t *extra = json_object_get(job, "extra_data");
    if (json_is_object(extra)) {
        return json_incref(extra);
    }
    json_t *parsed = NULL;
    if (json_is_string(extra)) {
        parsed = json_loadb(json_string_value(extra), json_string_length(extra), 0, NULL);
    }
    return json_is_object(parsed) ? parsed : json_incref(job);
}

/* Job number `i`, whose text is parsed here: the tree of all jobs would be ten times their text. */
static bool read_job(struct batsim *batsim, long i, struct json_slice text, struct err *err)
{
    char path[JSON_PATH_MOST];
    json_path(path, "", "jobs", i);
    json_t *job = json_slice_parse(text, err);
    if (job == NULL) {
        return false;
    }
    bool ok = json_is_object(job) || json_unexpected(path, "", job, "an object", err);
    if (ok) {
        json_t *extra = extra_of(job);
        ok = add_job(batsim, job, path, extra, err);
        json_decref(extra);
    }
    json_decref(job);
    if (!ok) {
        err->line = text.line;
    }
    return ok;
}

static bool add_jobs(struct batsim *batsim, struct json_slice jobs, struct err *err)
{
    struct json_slices slices;
    struct json_slice job;
    if (!json_slices_open(&slices, jobs, '[', err)) {
        return err_set(err, ERR_FORMAT, jobs.line, "at jobs: found '%.*s', expected a list of jobs",
                       VIEW_ARG(jobs.text));
    }
    for (long i = 0; json_slices_next(&slices, NULL, &job, err); i++) {
        if (!read_job(batsim, i, job, err)) {
            return false;
        }
    }
    return err->code == ERR_NONE;
}

static void add_notes(const struct batsim *batsim)
{
    const struct batsim_counts *counts = &batsim->counts;
    workload_note(batsim->out, "resources of Batsim are read as GPUs");
    if (counts->computed > 0) {
        workload_note(batsim->out,
                      "%" PRIu64 " jobs compute: their duration supposes resources of %g Gflop/s "
                      "(gflops)",
                      counts->computed, batsim->params->gflops);
    }
    if (counts->communicating > 0) {
        workload_note(batsim->out, "%" PRIu64 " jobs communicate, which is not in their duration",
                      counts->communicating);
    }
    if (counts->unknown > 0) {
        workload_note(batsim->out,
                      "%" PRIu64
                      " jobs have a profile (of data, of a trace) that tells no duration",
                      counts->unknown);
    }
    if (counts->over_walltime > 0) {
        workload_note(batsim->out,
                      "%" PRIu64 " jobs run longer than their walltime, where Batsim "
                      "would kill them (walltime=limit cuts them)",
                      counts->over_walltime);
    }
    if (counts->without_walltime > 0) {
        workload_note(batsim->out, "%" PRIu64 " jobs have no walltime", counts->without_walltime);
    }
}

/* Finds the two parts of the text; each must be there once. */
static bool find_parts(const struct file *file, struct json_slice *jobs,
                       struct json_slice *profiles, struct err *err)
{
    struct json_slices slices;
    struct json_slice value;
    struct json_slice all = {{file->bytes, file->length}, 1};
    struct view key = {0};
    if (!json_slices_open(&slices, all, '{', err)) {
        return false;
    }
    while (json_slices_next(&slices, &key, &value, err)) {
        bool is_jobs = view_is(key, "jobs");
        if (!is_jobs && !view_is(key, "profiles")) {
            continue;
        }
        struct json_slice *part = is_jobs ? jobs : profiles;
        if (part->line != 0) {
            return err_set(err, ERR_FORMAT, value.line, "\"%.*s\" is there twice", VIEW_ARG(key));
        }
        *part = value;
    }
    if (err->code != ERR_NONE) {
        return false;
    }
    return (jobs->line != 0 || json_unexpected("", "jobs", NULL, "a list of jobs", err)) &&
           (profiles->line != 0 || json_unexpected("", "profiles", NULL, "an object", err));
}

static bool batsim_read(const void *params, struct file *file, struct workload *out,
                        struct err *err)
{
    struct batsim batsim = {.params = params, .out = out};
    struct json_slice jobs = {0};
    struct json_slice profiles = {0};
    if (!find_parts(file, &jobs, &profiles, err)) {
        return false;
    }
    json_t *object = json_slice_parse(profiles, err);
    if (object == NULL) {
        return false;
    }
    bool ok = batsim_profiles_read(object, &batsim.profiles, err);
    json_decref(object);
    if (ok) {
        ok = add_jobs(&batsim, jobs, err);
        batsim_profiles_release(&batsim.profiles);
    }
    if (ok) {
        add_notes(&batsim);
    }
    return ok;
}

/* Is `word` anywhere in the text? */
static bool has_word(struct view text, const char *word)
{
    size_t length = strlen(word);
    while (text.length >= length) {
        const char *found = memchr(text.at, word[0], text.length - length + 1);
        if (found == NULL) {
            return false;
        }
        if (memcmp(found, word, length) == 0) {
            return true;
        }
        text.length -= (size_t)(found + 1 - text.at);
        text.at = found + 1;
    }
    return false;
}

/* An object with jobs; the profiles may come after more jobs than the head holds. */
static bool batsim_detect(struct view head)
{
    while (head.length > 0 &&
           (head.at[0] == ' ' || head.at[0] == '\n' || head.at[0] == '\r' || head.at[0] == '\t')) {
        head.at++;
        head.length--;
    }
    return head.length > 0 && head.at[0] == '{' && has_word(head, "\"jobs\"") &&
           (has_word(head, "\"profiles\"") || has_word(head, "\"nb_res\"") ||
            (has_word(head, "\"subtime\"") && has_word(head, "\"profile\"")));
}

extern const struct trace_format trace_format_batsim;
const struct trace_format trace_format_batsim = {
    .name = "batsim",
    .help = "workloads of the Batsim simulator (JSON)",
    .unit = "resource",
    .params_size = sizeof(struct batsim_params),
    .params = batsim_params,
    .detect = batsim_detect,
    .read = batsim_read,
};
