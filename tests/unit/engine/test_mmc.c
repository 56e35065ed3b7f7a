/*
 * test_mmc.c - a queue with a known answer: Poisson arrivals, exponential services, c servers.
 *
 * The mean wait of FIFO must lie within the 99 % confidence interval of independent replications
 * around Erlang's formula (A. K. Erlang, 1917): W = C(c, a) / (c mu - lambda), where C is the
 * probability that an arrival has to wait. Seeds are fixed; they are the first ones tried.
 */
#include <math.h>

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics.h>

#include "sim/base/rng.h"
#include "sim/cluster/cluster_file.h"
#include "world.h"

enum { REPLICATIONS = 10, JOBS = 20000, WARMUP_JOBS = 4000 };

static const double MEAN_SERVICE_S = 1000;

/* The probability that all c servers are busy under offered load a, by Erlang B's recursion. */
static double erlang_c(uint32_t servers, double offered)
{
    double blocked = 1;
    for (uint32_t i = 1; i <= servers; i++) {
        blocked = offered * blocked / (i + offered * blocked);
    }
    double load = offered / servers;
    return blocked / (1 - load + load * blocked);
}

static void make_workload(struct workload *out, uint32_t servers, double load, uint64_t replication)
{
    gsl_rng *arrivals = rng_new(7, "test.mmc.arrivals", replication);
    gsl_rng *services = rng_new(7, "test.mmc.services", replication);
    double gap_s = MEAN_SERVICE_S / (load * servers);
    double now_s = 0;
    struct job_draft draft;
    struct err err = {0};
    workload_init(out);
    for (uint32_t i = 0; i < JOBS; i++) {
        job_draft_init(&draft);
        struct text id = {0};
        text_add_i64(&id, i);
        now_s += gsl_ran_exponential(arrivals, gap_s);
        double service_s = gsl_ran_exponential(services, MEAN_SERVICE_S);
        draft.id = (struct view){id.bytes, id.length};
        draft.submit_us = (int64_t)(now_s * 1e6);
        draft.duration_us = (int64_t)(service_s * 1e6);
        job_draft_set_gpus(&draft, 1);
        cr_assert(workload_add(out, &draft, i + 1, &err), "%s", err.msg);
        text_release(&id);
    }
    cr_assert(workload_finish(out, &err));
    gsl_rng_free(arrivals);
    gsl_rng_free(services);
}

struct waits {
    const struct workload *workload;
    double sum_s;
};

static void add_wait(void *self, const struct log_record *record)
{
    struct waits *waits = self;
    if (record->kind == LOG_START && record->job >= WARMUP_JOBS) {
        int64_t submit_us = waits->workload->jobs.items[record->job].submit_us;
        waits->sum_s += (double)(record->time_us - submit_us) / 1e6;
    }
}

static double mean_wait_s(uint32_t servers, double load, uint64_t replication)
{
    struct workload workload;
    struct cluster cluster;
    struct engine_settings settings;
    struct engine_result result;
    struct err err = {0};
    struct text size = {0};
    text_addf(&size, "%ux1", servers);
    cr_assert(cluster_from_short_form(size.bytes, &cluster, &err));
    text_release(&size);
    make_workload(&workload, servers, load, replication);
    engine_settings_init(&settings);
    struct waits waits = {.workload = &workload};
    struct log_sink sink = {&waits, add_wait};
    const struct sched_ops *fifo = sched_find("fifo");
    char params[64] = {0};
    cr_assert_leq(fifo->params_size, sizeof(params));
    cr_assert(param_read(fifo->params, "fifo", view_of(""), params, &err));
    struct engine_input input = {
        .settings = &settings,
        .workload = &workload,
        .cluster = &cluster,
        .policy = fifo,
        .policy_params = params,
        .place = place_find("first"),
        .sinks = &sink,
        .sink_count = 1,
    };
    cr_assert(engine_run(&input, &result, &err), "%s", err.msg);
    workload_release(&workload);
    cluster_release_all(&cluster);
    return waits.sum_s / (JOBS - WARMUP_JOBS);
}

static void expect_erlang(uint32_t servers, double load)
{
    double means_s[REPLICATIONS];
    for (uint64_t i = 0; i < REPLICATIONS; i++) {
        means_s[i] = mean_wait_s(servers, load, i);
    }
    double mean_s = gsl_stats_mean(means_s, 1, REPLICATIONS);
    double sd_s = gsl_stats_sd(means_s, 1, REPLICATIONS);
    double half_width_s = gsl_cdf_tdist_Pinv(0.995, REPLICATIONS - 1) * sd_s / sqrt(REPLICATIONS);
    double expected_s = erlang_c(servers, load * servers) * MEAN_SERVICE_S / (servers * (1 - load));
    cr_assert(fabs(mean_s - expected_s) <= half_width_s,
              "c = %u, load %.2f: mean wait %.3f s, expected %.3f +- %.3f s", servers, load, mean_s,
              expected_s, half_width_s);
    cr_assert(half_width_s < expected_s * 0.6, "c = %u, load %.2f: the interval says nothing",
              servers, load);
}

Test(mmc, one_server_waits_as_erlang_says)
{
    expect_erlang(1, 0.5);
    expect_erlang(1, 0.8);
    expect_erlang(1, 0.95);
}

Test(mmc, eight_servers_wait_as_erlang_says)
{
    expect_erlang(8, 0.5);
    expect_erlang(8, 0.8);
    expect_erlang(8, 0.95);
}

/* At lower loads so few arrivals would wait that an interval says nothing. */
Test(mmc, sixty_four_servers_wait_as_erlang_says)
{
    expect_erlang(64, 0.9);
    expect_erlang(64, 0.95);
}
