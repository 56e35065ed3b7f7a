/* profile_jobs.c - see profile_jobs.h. */
#include "sim/workload/profile_jobs.h"

#include <inttypes.h>
#include <math.h>

#include "sim/workload/columns.h"
#include "sim/workload/profiles.h"

enum job_column { NAME, TIME, APPLICATION, NUM_REPLICAS, BATCH_SIZE };

static const struct column job_columns[] = {
    [NAME] = {"name", true},
    [TIME] = {"time", true},
    [APPLICATION] = {"application", true},
    [NUM_REPLICAS] = {"num_replicas", true},
    [BATCH_SIZE] = {"batch_size", true},
    {NULL, false},
};

static const struct number_kind number_batch = {1, true, 1, 1 << 30, "a batch size of 1 or more"};
static const struct number_kind number_replicas = {1, true, 1, 1 << 16,
                                                   "a whole number from 1 to 65536"};

bool profile_jobs_detect(struct view head)
{
    static const char *const names[] = {"name",         "time",       "application",
                                        "num_replicas", "batch_size", NULL};
    return columns_detect(head, names);
}

struct reading {
    const struct profile_jobs *settings;
    struct profiles profiles;
    struct names asked;        /* "application replicas batch", of which there are few */
    VEC(int64_t) durations_us; /* by number of what was asked */
    struct text key;
    int64_t untold;
};

static bool measure(struct reading *reading, struct view application, struct profile_run run,
                    int64_t *out, struct err *err)
{
    const struct profile *profile = profiles_get(&reading->profiles, application, err);
    if (profile == NULL) {
        return false;
    }
    double steps = profile_training_steps(profile, run.batch);
    double step_s = profile_step_s(profile, run);
    double duration_us = steps >= 0 && step_s >= 0 ? round(steps * step_s * 1e6) : -1;
    bool is_told = duration_us >= 0 && duration_us < (double)WORKLOAD_MOST_US;
    *out = is_told ? (int64_t)duration_us : TIME_UNKNOWN;
    return true;
}

/* The time of a whole training, measured once for each application, size and batch size. */
static bool find_duration(struct reading *reading, struct view application, struct profile_run run,
                          int64_t *out, struct err *err)
{
    text_clear(&reading->key);
    text_add_bytes(&reading->key, application.at, application.length);
    text_add_char(&reading->key, ' ');
    text_add_i64(&reading->key, run.replicas);
    text_add_char(&reading->key, ' ');
    text_add_i64(&reading->key, run.batch);
    struct view key = {reading->key.bytes, reading->key.length};
    uint32_t known = names_find(&reading->asked, key);
    if (known == NAMES_NONE) {
        int64_t duration_us = 0;
        if (!measure(reading, application, run, &duration_us, err)) {
            return false;
        }
        known = names_add(&reading->asked, key, NULL);
        vec_push(&reading->durations_us, duration_us);
    }
    *out = reading->durations_us.items[known];
    reading->untold += *out == TIME_UNKNOWN ? 1 : 0;
    return true;
}

static bool read_row(struct reading *reading, const struct columns *row, struct job_draft *draft,
                     struct err *err)
{
    int64_t replicas = 0;
    int64_t batch = 0;
    job_draft_init(draft);
    draft->id = columns_text(row, NAME);
    if (draft->id.length == 0) {
        return columns_refuse(row, NAME, "a name", err);
    }
    if (!columns_number(row, TIME, &number_time, &draft->submit_us, err) ||
        !columns_number(row, NUM_REPLICAS, &number_replicas, &replicas, err) ||
        !columns_number(row, BATCH_SIZE, &number_batch, &batch, err)) {
        return false;
    }
    job_draft_set_gpus(draft, (uint32_t)replicas);
    if (reading->settings->folder.length == 0) {
        return true;
    }
    struct profile_run run = {(uint32_t)replicas, (uint32_t)batch, reading->settings->node_gpus};
    if (!find_duration(reading, columns_text(row, APPLICATION), run, &draft->duration_us, err)) {
        err->line = columns_line(row);
        return false;
    }
    return true;
}

static void add_notes(const struct reading *reading, struct workload *out)
{
    const struct profile_jobs *settings = reading->settings;
    workload_note(out, "jobs run with the replicas and batch size of the list, without adapting "
                       "them; dropped: the application's name");
    if (settings->folder.length == 0) {
        workload_note(out, "the list tells no durations; profiles=FOLDER computes them");
        return;
    }
    workload_note(out,
                  "durations are computed: steps of a whole recorded training x seconds a step on "
                  "nodes of %u GPUs, by the profiles%s%.*s",
                  settings->node_gpus, settings->kind.length > 0 ? " of " : "",
                  VIEW_ARG(settings->kind));
    if (reading->untold > 0) {
        workload_note(out,
                      "%" PRId64 " jobs tell no duration: their size or batch size is beyond "
                      "what was measured",
                      reading->untold);
    }
}

bool profile_jobs_read(const struct profile_jobs *settings, struct file *file, struct workload *out,
                       struct err *err)
{
    struct reading reading = {.settings = settings};
    struct columns row;
    struct job_draft draft;
    profiles_init(&reading.profiles, settings->folder, settings->kind);
    bool ok = columns_open(&row, file, job_columns, false, err);
    while (ok && columns_next(&row, err)) {
        ok = read_row(&reading, &row, &draft, err) &&
             workload_add(out, &draft, columns_line(&row), err);
    }
    ok = ok && err->code == ERR_NONE;
    if (ok) {
        add_notes(&reading, out);
    }
    profiles_release(&reading.profiles);
    names_release(&reading.asked);
    vec_release(&reading.durations_us);
    text_release(&reading.key);
    return ok;
}
