/* slice.c - berth trace slice: some of the jobs of a trace. */
#include "sim/transform/slice.h"

#include "sim/base/arith.h"
#include "sim/base/parse.h"
#include "sim/cli/transformed.h"
#include "sim/transform/stream.h"

static const struct cli_option slice_options[] = {
    {"--from", "TIME", NULL,
     "jobs submitted then or later: seconds, or 2017-10-09T07:00:00, in the trace's own time",
     false},
    {"--to", "TIME", NULL, "jobs submitted before that, likewise", false},
    {"--after", "SECONDS", NULL, "jobs submitted so long after the first one, or later", false},
    {"--before", "SECONDS", NULL, "jobs submitted less than that after the first one", false},
    {"--user", "NAME", NULL, "jobs of this user; may be repeated", true},
    {"--queue", "NAME", NULL, "jobs of this queue; may be repeated", true},
    {"--min-gpus", "N", NULL, "jobs that ask for so many GPUs or more, all tasks together", false},
    {"--max-gpus", "N", NULL, "jobs that ask for so many or fewer", false},
    {"--first", "N", NULL, "of what is left the first N jobs", false},
    TRANSFORMED_OPTIONS,
    {.name = NULL},
};

static bool read_time(const struct cli_args *args, const char *name, int64_t *out, struct err *err)
{
    const char *value = cli_value(args, name);
    return value == NULL || parse_seconds_us(view_of(value), out) == PARSE_OK ||
           parse_datetime_us(view_of(value), out) == PARSE_OK ||
           err_set(err, ERR_USAGE, 0,
                   "%s is '%.60s', expected seconds or a time like 2017-10-09T07:00:00", name,
                   value);
}

static bool read_gpus(const struct cli_args *args, const char *name, int64_t *out, struct err *err)
{
    const char *value = cli_value(args, name);
    int64_t milli = *out;
    if (value != NULL && (parse_scaled(view_of(value), 1000, &milli) != PARSE_OK || milli < 0)) {
        return err_set(err, ERR_USAGE, 0, "%s is '%.60s', expected GPUs, 0 or more", name, value);
    }
    *out = milli;
    return true;
}

static bool read_slice(const struct cli_args *args, struct slice *slice, struct err *err)
{
    for (size_t i = 0; i < args->given.count; i++) {
        const struct cli_given *given = &args->given.items[i];
        if (strcmp(given->option->name, "--user") == 0) {
            vec_push(&slice->users, given->value);
        } else if (strcmp(given->option->name, "--queue") == 0) {
            vec_push(&slice->queues, given->value);
        }
    }
    return read_time(args, "--from", &slice->from_us, err) &&
           read_time(args, "--to", &slice->to_us, err) &&
           read_gpus(args, "--min-gpus", &slice->least_gpu_milli, err) &&
           read_gpus(args, "--max-gpus", &slice->most_gpu_milli, err) &&
           cli_whole(args, "--first", 1, &slice->first, err);
}

/* Times since the first submit, which is known once the trace is read. */
static bool add_since_start(const struct cli_args *args, int64_t epoch_us, struct slice *slice,
                            struct err *err)
{
    int64_t after_us = 0;
    int64_t before_us = INT64_MAX;
    if (!cli_seconds_us(args, "--after", &after_us, err) ||
        !cli_seconds_us(args, "--before", &before_us, err)) {
        return false;
    }
    wide_int from_us = (wide_int)epoch_us + after_us;
    wide_int to_us = (wide_int)epoch_us + before_us;
    if (cli_value(args, "--after") != NULL && from_us > slice->from_us) {
        slice->from_us = from_us > INT64_MAX ? INT64_MAX : (int64_t)from_us;
    }
    if (to_us < slice->to_us) {
        slice->to_us = (int64_t)to_us;
    }
    return true;
}

/* A slice that is taken piece by piece. */
struct streamed {
    const struct cli_args *args;
    const struct slice *asked; /* without the times that count from the first submit */
    struct slice slice;
    struct slice_progress progress;
};

static void streamed_begin(void *state, int64_t epoch_us)
{
    struct streamed *streamed = state;
    struct err err = {0};
    streamed->slice = *streamed->asked;
    (void)add_since_start(streamed->args, epoch_us, &streamed->slice, &err);
    slice_end(&streamed->progress);
    slice_begin(&streamed->progress, &streamed->slice);
}

static bool streamed_apply(void *state, struct workload *piece, size_t first)
{
    struct streamed *streamed = state;
    (void)first; /* nothing waits, so all are new */
    slice_take(&streamed->progress, piece);
    return true;
}

static bool streamed_measured(void *state)
{
    const struct streamed *streamed = state;
    return slice_saw_all(&streamed->progress);
}

static bool slice_stream(const struct cli_args *args, const struct slice *asked, bool *done,
                         struct err *err)
{
    struct slice checked = *asked;
    struct streamed streamed = {.args = args, .asked = asked};
    const struct stream_transform transform = {
        .state = &streamed,
        .begin = streamed_begin,
        .apply = streamed_apply,
        .measured = streamed_measured,
    };
    bool ok =
        add_since_start(args, 0, &checked, err) && transformed_stream(args, &transform, done, err);
    slice_end(&streamed.progress);
    return ok;
}

static bool slice_whole(const struct cli_args *args, struct slice *slice, struct err *err)
{
    struct workload workload;
    if (!transformed_read(args, &workload, err)) {
        return false;
    }
    bool ok =
        add_since_start(args, workload.epoch_us, slice, err) && slice_apply(slice, &workload, err);
    return transformed_write(args, &workload, ok, err);
}

static bool slice_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct slice slice;
    bool done = false;
    *exit_status = EXIT_DONE;
    slice_init(&slice);
    bool ok = read_slice(args, &slice, err) && slice_stream(args, &slice, &done, err) &&
              (done || slice_whole(args, &slice, err));
    slice_release(&slice);
    return ok;
}

extern const struct cli_command cli_trace_slice;
const struct cli_command cli_trace_slice = {
    .name = "slice",
    .usage = "FILE [options]",
    .help = "some of the jobs: a window of time, users, queues, sizes",
    .details = "Writes native CSV. Jobs are as they were, at the times they had; what is asked for "
               "has\nto hold all together.",
    .options = slice_options,
    .run = slice_run,
};
