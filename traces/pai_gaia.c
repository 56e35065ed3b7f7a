/*
 * pai_gaia.c - GAIA's samples of PAI 2020: arrival, length and a number of "cpus", which is how
 * many units of its one resource a job takes. How that number comes from the plan_gpu of PAI is
 * not told, so the samples serve as a load shape; the units are read as GPUs.
 *
 * One sample has hours, the other seconds, under the same header: whole numbers throughout are
 * taken for seconds.
 */
#include <stddef.h>

#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum gaia_column { ARRIVAL_TIME, LENGTH, CPUS };

static const struct column gaia_columns[] = {
    [ARRIVAL_TIME] = {"arrival_time", true},
    [LENGTH] = {"length", true},
    [CPUS] = {"cpus", true},
    {NULL, false},
};

enum { UNIT_GUESS, UNIT_SECONDS, UNIT_HOURS };

struct gaia_params {
    int unit;
};

static const struct param_spec gaia_params[] = {
    {.name = "unit",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct gaia_params, unit),
     .dflt = "guess",
     .choices = "guess|seconds|hours",
     .help = "of arrival_time and length; guess: seconds when all are whole numbers"},
    {0},
};

/* Both are kept in units of 10^-10 while the unit of time is not known: 3.6 * 10^9 microseconds an
 * hour are 9/25 of that, and 10^6 a second are 1/10^4. */
#define FINE_SCALE ((int64_t)10000000000)
static const struct number_kind number_fine = {FINE_SCALE, false, 0, (int64_t)1 << 62,
                                               "a time from 0 to 461168601"};

struct gaia_times {
    int64_t arrival, length;
};
typedef VEC(struct gaia_times) times_vec;

static bool gaia_detect(struct view head)
{
    static const char *const names[] = {"arrival_time", "length", "cpus", NULL};
    return columns_detect(head, names);
}

/* Adds the jobs with no times yet; *whole tells whether all times are whole numbers. */
static bool read_rows(struct columns *row, struct workload *out, times_vec *times, bool *whole,
                      struct err *err)
{
    struct job_draft draft;
    char id[24];
    while (columns_next(row, err)) {
        struct gaia_times fine = {0};
        int64_t units = 0;
        if (!columns_number(row, ARRIVAL_TIME, &number_fine, &fine.arrival, err) ||
            !columns_number(row, LENGTH, &number_fine, &fine.length, err) ||
            !columns_number(row, CPUS, &number_count, &units, err)) {
            return false;
        }
        *whole = *whole && fine.arrival % FINE_SCALE == 0 && fine.length % FINE_SCALE == 0;
        job_draft_init(&draft);
        (void)snprintf(id, sizeof(id), "%zu", times->count);
        draft.id = view_of(id);
        draft.submit_us = fine.arrival / 4; /* in the right order, and within what a time can be */
        job_draft_set_gpus(&draft, (uint32_t)units);
        if (!workload_add(out, &draft, columns_line(row), err)) {
            return false;
        }
        vec_push(times, fine);
    }
    return err->code == ERR_NONE;
}

static int64_t to_us(int64_t fine, bool hours)
{
    const int64_t second_fine = FINE_SCALE / 1000000;
    /* The product fits: fine is below 2^62 / 9 unless the time is beyond 5,000 years. */
    return hours ? (fine / 25 * 9 + (fine % 25 * 9 + 12) / 25)
                 : (fine + second_fine / 2) / second_fine;
}

static bool gaia_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    const struct gaia_params *settings = params;
    struct columns row;
    times_vec times = {0};
    bool whole = true;
    bool ok = columns_open(&row, file, gaia_columns, false, err) &&
              read_rows(&row, out, &times, &whole, err);
    bool hours = settings->unit == UNIT_HOURS || (settings->unit == UNIT_GUESS && !whole);
    for (size_t i = 0; ok && i < times.count; i++) {
        out->jobs.items[i].submit_us = to_us(times.items[i].arrival, hours);
        out->jobs.items[i].duration_us = to_us(times.items[i].length, hours);
    }
    vec_release(&times);
    if (settings->unit == UNIT_GUESS) {
        workload_note(out, "guessed: arrival_time and length are %s", hours ? "hours" : "seconds");
    }
    workload_note(out, "guessed: the units of 'cpus' are read as GPUs; ids are row numbers");
    return ok;
}

extern const struct trace_format trace_format_pai_gaia;
const struct trace_format trace_format_pai_gaia = {
    .name = "pai_gaia",
    .help = "GAIA's samples of PAI 2020: a load shape in hours or seconds",
    .unit = "unit",
    .params_size = sizeof(struct gaia_params),
    .params = gaia_params,
    .detect = gaia_detect,
    .read = gaia_read,
};
