/* resample.c - berth trace resample: another trace that could have been. */
#include "sim/transform/resample.h"

#include "sim/base/param.h"
#include "sim/cli/transformed.h"

static const struct cli_option resample_options[] = {
    {"--by", "WHAT", "sessions",
     "what is drawn with replacement: sessions (of users) or days (blocks of them)", false},
    {"--gap", "SECONDS", "1200",
     "with sessions: a user's submits less than this apart are one session", false},
    {"--days", "N", "1", "with days: days of a block", false},
    {"--any-weekday", NULL, NULL, "with days: blocks are not kept to their weekday", false},
    TRANSFORMED_SEED,
    TRANSFORMED_OPTIONS,
    {.name = NULL},
};

struct asked {
    int by; /* 0: sessions, 1: days */
    int64_t gap_us;
    struct resample_days days;
};

static bool read_asked(const struct cli_args *args, struct asked *asked, struct err *err)
{
    *asked = (struct asked){.days = {.keeps_weekday = !cli_flag(args, "--any-weekday")}};
    if (!transformed_word(args, "--by", "sessions|days", &asked->by, err) ||
        !cli_seconds_us(args, "--gap", &asked->gap_us, err) ||
        !cli_whole(args, "--days", 1, &asked->days.days, err) ||
        !transformed_seed(args, &asked->days.seed, err)) {
        return false;
    }
    if (asked->days.days > 36500) {
        return err_set(err, ERR_USAGE, 0, "--days is %lld, expected at most 36500",
                       (long long)asked->days.days);
    }
    return asked->gap_us > 0 ||
           err_set(err, ERR_USAGE, 0, "--gap is 0, expected more than 0 seconds");
}

static bool resample_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct asked asked;
    struct workload workload;
    struct workload drawn;
    *exit_status = EXIT_DONE;
    if (!read_asked(args, &asked, err) || !transformed_read(args, &workload, err)) {
        return false;
    }
    bool ok = asked.by == 0
                  ? resample_sessions(&workload, asked.gap_us, asked.days.seed, &drawn, err)
                  : resample_by_days(&asked.days, &workload, &drawn, err);
    workload_release(&workload);
    return ok && transformed_write(args, &drawn, true, err);
}

extern const struct cli_command cli_trace_resample;
const struct cli_command cli_trace_resample = {
    .name = "resample",
    .usage = "FILE [options]",
    .help = "another trace that could have been: users' sessions or days drawn anew",
    .details = "Writes native CSV. With sessions every user's sessions start when they did, and "
               "what\nhappens in each is drawn from all sessions of that user. With days each "
               "block of days\nis filled with one that is drawn. A job drawn again is called "
               "'ID~2', 'ID~3'.",
    .options = resample_options,
    .run = resample_run,
};
