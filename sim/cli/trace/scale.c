/* scale.c - berth trace scale: more or less load from the same jobs. */
#include "sim/transform/scale.h"

#include "sim/cli/transformed.h"
#include "sim/cluster/cluster.h"
#include "sim/transform/stream.h"
#include "sim/workload/trace_format.h"

static const struct cli_option scale_options[] = {
    {"--factor", "F", NULL, "F times the load that there is", false},
    {"--load", "L", NULL, "a load of L (1 is all GPU time from first to last submit) on --cluster",
     false},
    {"--cluster", "CLUSTER", NULL, "a JSON file, a node list, or NxG, for --load", false},
    {"--by", "WHAT", "arrivals",
     "arrivals: submits closer together; users: fewer users, or copies of them", false},
    {"--tolerance", "SHARE", "0.05", "with --by users: how far the load may be off", false},
    TRANSFORMED_SEED,
    TRANSFORMED_OPTIONS,
    {.name = NULL},
};

struct asked {
    double factor; /* 0: load is given */
    double load;
    double gpus; /* for load */
    int by;      /* 0: arrivals, 1: users */
    struct scale_users users;
};

static bool read_gpus(const char *source, double *out, struct err *err)
{
    struct cluster cluster;
    if (!trace_read_cluster(source, NULL, &cluster, err)) {
        return false;
    }
    *out = (double)cluster.gpu_milli / 1000;
    cluster_release_all(&cluster);
    return *out > 0 || err_set(err, ERR_USAGE, 0, "--cluster %.60s has no GPUs", source);
}

static bool read_asked(const struct cli_args *args, struct asked *asked, struct err *err)
{
    const double most = 1e6;
    *asked = (struct asked){0};
    const char *source = cli_value(args, "--cluster");
    bool by_load = cli_value(args, "--load") != NULL;
    if (by_load == (cli_value(args, "--factor") != NULL)) {
        return err_set(err, ERR_USAGE, 0, "--factor or --load is needed, one of them");
    }
    if (by_load != (source != NULL)) {
        return err_set(err, ERR_USAGE, 0, "--load and --cluster belong together");
    }
    return transformed_number(args, "--factor", most, false, &asked->factor, err) &&
           transformed_number(args, "--load", most, false, &asked->load, err) &&
           transformed_number(args, "--tolerance", most, true, &asked->users.tolerance, err) &&
           transformed_word(args, "--by", "arrivals|users", &asked->by, err) &&
           transformed_seed(args, &asked->users.seed, err) &&
           (source == NULL || read_gpus(source, &asked->gpus, err));
}

static bool find_factor(struct asked *asked, const struct workload *workload, struct err *err)
{
    if (asked->factor > 0) {
        return true;
    }
    double offered = scale_offered_load(workload, asked->gpus);
    asked->factor = offered > 0 ? asked->load / offered : 0;
    return asked->factor > 0 ||
           err_set(err, ERR_FORMAT, 0,
                   "the trace offers no load (no durations, no GPUs, or one instant only)");
}

/* Scaling piece by piece: by arrivals, or to fewer users. */
struct streamed {
    const struct asked *asked;
    struct scale_crowd crowd; /* by users */
    double factor;
    double work;
    int64_t span_us;
    bool is_measured;
};

static bool streamed_apply(void *state, struct workload *piece, size_t first)
{
    struct streamed *streamed = state;
    struct err err = {0};
    (void)first; /* nothing waits, so all are new */
    if (piece->jobs.count == 0) {
        return true;
    }
    bool by_users = streamed->asked->by != 0;
    if (streamed->is_measured && by_users) {
        scale_crowd_thin(&streamed->crowd, piece);
        return true;
    }
    if (streamed->is_measured) {
        return scale_arrivals(piece, streamed->factor, &err);
    }
    if (by_users) {
        scale_crowd_add(&streamed->crowd, piece);
    }
    streamed->work = scale_work(piece, streamed->work);
    streamed->span_us = piece->jobs.items[piece->jobs.count - 1].submit_us;
    return true;
}

static void streamed_begin(void *state, int64_t epoch_us)
{
    struct streamed *streamed = state;
    (void)epoch_us; /* times are told since then */
    streamed->work = 0;
    if (!streamed->is_measured) {
        scale_crowd_release(&streamed->crowd);
    }
}

static bool streamed_measured(void *state)
{
    struct streamed *streamed = state;
    const struct asked *asked = streamed->asked;
    double offered = scale_load_of(streamed->work, streamed->span_us, asked->gpus);
    streamed->factor = asked->factor > 0 ? asked->factor : offered > 0 ? asked->load / offered : 0;
    streamed->is_measured = true;
    if (asked->by == 0) {
        return streamed->factor > 0 &&
               (double)streamed->span_us / streamed->factor <= (double)WORKLOAD_MOST_US / 2;
    }
    /* Copies of users go round the end of the trace, so they need all of it. */
    struct scale_users users = asked->users;
    struct err err = {0};
    users.factor = streamed->factor;
    return users.factor > 0 && users.factor <= 1 &&
           scale_crowd_choose(&streamed->crowd, &users, &err);
}

static bool scale_stream(const struct cli_args *args, const struct asked *asked, bool *done,
                         struct err *err)
{
    struct streamed streamed = {.asked = asked};
    const struct stream_transform transform = {
        .state = &streamed,
        .begin = streamed_begin,
        .apply = streamed_apply,
        .measured = streamed_measured,
        .looks_twice = asked->by != 0,
    };
    if (asked->by != 0 && asked->factor > 1) {
        return true;
    }
    bool ok = transformed_stream(args, &transform, done, err);
    scale_crowd_release(&streamed.crowd);
    return ok;
}

static bool scale_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct asked asked;
    struct workload workload;
    *exit_status = EXIT_DONE;
    bool done = false;
    if (!read_asked(args, &asked, err) || !scale_stream(args, &asked, &done, err) || done ||
        !transformed_read(args, &workload, err)) {
        return done;
    }
    bool ok = find_factor(&asked, &workload, err);
    if (asked.by == 0) {
        ok = ok && scale_arrivals(&workload, asked.factor, err);
        return transformed_write(args, &workload, ok, err);
    }
    struct workload scaled;
    asked.users.factor = asked.factor;
    ok = ok && scale_by_users(&asked.users, &workload, &scaled, err);
    workload_release(&workload);
    return ok && transformed_write(args, &scaled, true, err);
}

extern const struct cli_command cli_trace_scale;
const struct cli_command cli_trace_scale = {
    .name = "scale",
    .usage = "FILE --factor F|--load L --cluster CLUSTER [options]",
    .help = "more or less load from the same jobs, which stay as they are",
    .details = "Writes native CSV. By arrivals the load is exact and the daily cycle gets shorter "
               "or\nlonger; by users the cycle stays and the load is as near as whole users come: "
               "copies\nof a user are moved by whole weeks, round the end of the trace.",
    .options = scale_options,
    .run = scale_run,
};
