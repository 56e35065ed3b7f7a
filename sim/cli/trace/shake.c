/* shake.c - berth trace shake: small noise on submit times and durations. */
#include "sim/transform/shake.h"

#include "sim/base/param.h"
#include "sim/cli/transformed.h"
#include "sim/transform/stream.h"

static const struct cli_option shake_options[] = {
    {"--arrivals", "SECONDS", "60", "a submit moves by at most this, either way", false},
    {"--durations", "SHARE", "0.01", "a duration changes by at most this share of it", false},
    TRANSFORMED_SEED,
    TRANSFORMED_OPTIONS,
    {.name = NULL},
};

static bool streamed_apply(void *state, struct workload *piece, size_t first)
{
    struct err err = {0};
    return shake_jobs(state, piece, first, &err);
}

static bool shake_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct shake shake = {0};
    struct workload workload;
    *exit_status = EXIT_DONE;
    if (!cli_seconds_us(args, "--arrivals", &shake.arrivals_us, err) ||
        !transformed_number(args, "--durations", 1, true, &shake.durations, err) ||
        !transformed_seed(args, &shake.seed, err)) {
        return false;
    }
    if (shake.arrivals_us > WORKLOAD_MOST_US) {
        return err_set(err, ERR_USAGE, 0, "--arrivals is beyond 36,000 years");
    }
    const struct stream_transform transform = {
        .state = &shake,
        .apply = streamed_apply,
        .reorder_us = shake.arrivals_us,
    };
    bool done = false;
    if (!transformed_stream(args, &transform, &done, err) || done ||
        !transformed_read(args, &workload, err)) {
        return done;
    }
    return transformed_write(args, &workload, shake_apply(&shake, &workload, err), err);
}

extern const struct cli_command cli_trace_shake;
const struct cli_command cli_trace_shake = {
    .name = "shake",
    .usage = "FILE [options]",
    .help = "small noise on submit times and durations",
    .details = "Writes native CSV. Noise is even and belongs to the job: a part of a trace shakes "
               "as it\ndoes in the whole. A job that kept within its estimate still does.",
    .options = shake_options,
    .run = shake_run,
};
