/* run.c - see run.h. */
#include "sim/plan/run.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/report/causes.h"
#include "sim/report/pools.h"
#include "sim/report/report.h"
#include "sim/transform/scale.h"

static bool wants_metrics(const struct plan_study *study)
{
    bool wants = study->least == LEAST_METRIC;
    for (size_t i = 0; i < study->levels.count; i++) {
        wants = wants || study->levels.items[i].kind == LEVEL_METRIC;
    }
    return wants;
}

static void take_metrics(const struct plan_study *study, const struct report *report,
                         struct plan_outcome *out)
{
    const struct metric_source source = {report_numbers(report), report_equity(report),
                                         report_causes(report)};
    for (size_t i = 0; i < study->levels.count; i++) {
        const struct plan_level *level = &study->levels.items[i];
        if (level->kind == LEVEL_METRIC) {
            double value = metrics[level->metric].of(&source);
            out->sums[i] = (struct level_sum){isnan(value) ? (double)INFINITY : value, 1};
        }
    }
    if (study->least == LEAST_METRIC) {
        double value = metrics[study->metric].of(&source);
        out->numbers[PLAN_METRIC] = isnan(value) ? (double)INFINITY : value;
    }
}

/* Nodes there in the mean, of every metered pool. */
static void take_there(const struct plan_study *study, const struct report *report,
                       struct plan_outcome *out)
{
    const struct pools *pools = report_pools(report);
    size_t metered = 0;
    for (size_t i = 0; i < study->prices.count; i++) {
        if (!study->prices.items[i].is_metered) {
            continue;
        }
        for (size_t k = 0; k < pools->uses.count; k++) {
            const struct pool_use *use = &pools->uses.items[k];
            if (strcmp(use->name, study->prices.items[i].name) == 0 && use->since_us > 0) {
                out->there[metered] = (double)use->node_us / (double)use->since_us;
            }
        }
        metered++;
    }
}

/* Watts in the mean over the run: nodes that were there, and their GPUs in use. */
static double mean_power_w(const struct plan_study *study, const struct report *report)
{
    const struct pools *pools = report_pools(report);
    double sum_w = 0;
    CHECK(pools != NULL);
    for (size_t k = 0; k < pools->uses.count; k++) {
        const struct pool_use *use = &pools->uses.items[k];
        for (size_t i = 0; i < study->prices.count && use->since_us > 0; i++) {
            const struct plan_price *price = &study->prices.items[i];
            if (strcmp(use->name, price->name) == 0 && price->gpus > 0) {
                double nodes = (double)use->node_us / (double)use->since_us;
                double busy = (double)use->held_milli_us / (double)use->since_us / 1000;
                sum_w += nodes * price->idle_w + busy / price->gpus * price->busy_w;
            }
        }
    }
    return sum_w;
}

static void take_numbers(const struct plan_study *study, const struct report *report,
                         const struct workload *workload, const struct cluster *cluster,
                         struct plan_outcome *out)
{
    const struct report_numbers *numbers = report_numbers(report);
    out->numbers[PLAN_MEAN_WAIT_S] = numbers->wait_censored.mean;
    out->numbers[PLAN_P95_WAIT_S] = numbers->wait_censored.p95;
    out->numbers[PLAN_ALLOCATION] = numbers->allocation_ratio;
    out->numbers[PLAN_OFFERED] = scale_offered_load(workload, (double)cluster->gpu_milli / 1000);
    out->numbers[PLAN_CENSORED] = numbers->counts.running + numbers->counts.pending;
    out->numbers[PLAN_REJECTED] = numbers->counts.rejected;
    out->numbers[PLAN_POWER_W] = mean_power_w(study, report);
    take_there(study, report, out);
    if (wants_metrics(study)) {
        take_metrics(study, report, out);
    }
}

static void take_look(const struct plan_study *study, const struct report *report,
                      const struct level_meter *meter, struct plan_look *look)
{
    const struct causes *causes = report_causes(report);
    double sum = 0;
    for (int cause = 0; cause < WAIT_CAUSE_COUNT; cause++) {
        look->causes[cause] = (double)causes->total[cause].job_us;
        sum += look->causes[cause];
    }
    for (int cause = 0; sum > 0 && cause < WAIT_CAUSE_COUNT; cause++) {
        look->causes[cause] /= sum;
    }
    for (uint32_t i = 0; i < study->levels.count; i++) {
        level_meter_hours(meter, i, look->hours[i]);
    }
}

/* The study's settings, with what is otherwise in the world. */
static void set_world(const struct plan_bench_input *input, const struct plan_choice *choice,
                      struct engine_settings *settings, struct supply_spec *supply)
{
    const struct plan_world *world = choice->world;
    *settings = *input->settings;
    settings->seed = replicate_seed(input->demand.replicate->seed, choice->replication);
    if (world->estimates == WORLD_ESTIMATES_EXACT) {
        settings->estimates = ESTIMATES_ORACLE;
    } else if (world->estimates == WORLD_ESTIMATES_ROUGH) {
        settings->estimates = ESTIMATES_NOISY;
        settings->noise_sigma = 0.7; /* half of them are off by 1.6 or more, a third by 2 */
    }
    if (settings->supply != NULL) {
        *supply = *settings->supply;
        for (uint32_t i = 0; i < supply->failure_count; i++) {
            supply->failures[i].law.mean_up_us /= world->failures;
        }
        settings->supply = supply;
    }
}

bool plan_run(const struct plan_bench_input *input, const struct plan_choice *choice,
              const struct workload *workload, struct plan_outcome *out, struct plan_look *look,
              struct err *err)
{
    const struct plan_study *study = input->demand.study;
    const struct grid_policy *policy = &input->policies[choice->candidate->policy];
    struct cluster cluster;
    if (!plan_candidate_cluster(study, choice->candidate, &cluster, err)) {
        return false;
    }
    struct engine_settings settings;
    struct supply_spec supply;
    set_world(input, choice, &settings, &supply);
    struct report_options options;
    report_options_init(&options);
    options.warmup_us = llround(study->warmup_s * 1e6);
    options.fairness = wants_metrics(study);
    options.causes = look != NULL || options.fairness;
    options.pools = true;
    settings.causes = options.causes;
    struct report *report = report_open(&options, workload, &cluster, NULL, err);
    struct level_meter meter;
    level_meter_init(&meter, workload, study->levels.items, (uint32_t)study->levels.count,
                     options.warmup_us);
    meter.asked_for = choice->asked_for;
    struct log_sink sinks[] = {report_sink(report), level_meter_sink(&meter)};
    struct engine_input run = {
        .settings = &settings,
        .workload = workload,
        .cluster = &cluster,
        .policy = policy->ops,
        .policy_params = policy->params,
        .place = policy->place,
        .place_params = policy->place_params,
        .sinks = sinks,
        .sink_count = 2,
        .stop = choice->may_stop ? &meter.hopeless : NULL,
    };
    struct engine_result result = {0};
    struct report_run nothing = {0};
    bool ok = engine_run(&run, &result, err) && report_close(report, &nothing, err);
    if (ok) {
        out->would_stop = meter.hopeless != 0;
        out->is_best = result.stopped;
        level_meter_take(&meter, out->sums);
        take_numbers(study, report, workload, &cluster, out);
    }
    if (ok && out->is_best) {
        level_meter_take_best(&meter, out->sums);
        for (size_t i = 0; i < PLAN_NUMBERS; i++) {
            out->numbers[i] = (double)NAN;
        }
    }
    if (ok && look != NULL) {
        take_look(study, report, &meter, look);
    }
    level_meter_release(&meter);
    report_free(report);
    cluster_release_all(&cluster);
    return ok;
}
