/* finish_time.c - see finish_time.h. */
#include "sim/report/finish_time.h"

#include <math.h>

#include "sim/report/spread.h"

/* Completion time here, or TIME_UNKNOWN when the job does not count. */
static int64_t completion_us(const struct fold *fold, uint32_t number)
{
    const struct fold_job *job = &fold->jobs[number];
    if (!fold_is_measured(fold, number) || job->phase != PHASE_COMPLETED) {
        return TIME_UNKNOWN;
    }
    return job->since_us - fold->workload->jobs.items[number].submit_us;
}

static void measure_incentive(const struct fold *fold, const int64_t *alone_us,
                              struct finish_time *out)
{
    uint32_t queues = names_count(&fold->workload->queues);
    double *here = mem_alloc(queues, sizeof(*here));
    double *alone = mem_alloc(queues, sizeof(*alone));
    for (uint32_t i = 0; i < fold->workload->jobs.count; i++) {
        int64_t us = completion_us(fold, i);
        if (us != TIME_UNKNOWN && alone_us[i] != TIME_UNKNOWN) {
            here[fold->workload->jobs.items[i].queue] += (double)us;
            alone[fold->workload->jobs.items[i].queue] += (double)alone_us[i];
        }
    }
    double least = (double)INFINITY;
    for (uint32_t i = 0; i < queues; i++) {
        if (here[i] > 0 && alone[i] / here[i] < least) {
            least = alone[i] / here[i];
            out->incentive_queue = i;
        }
    }
    out->incentive = isfinite(least) ? least : 0;
    free(here);
    free(alone);
}

void finish_time_measure(const struct fold *fold, const int64_t *alone_us, struct finish_time *out)
{
    VEC(uint64_t) keys = {0};
    uint32_t unfair = 0;
    *out = (struct finish_time){0};
    for (uint32_t i = 0; i < fold->workload->jobs.count; i++) {
        int64_t us = completion_us(fold, i);
        if (us == TIME_UNKNOWN) {
            continue;
        }
        if (alone_us[i] == TIME_UNKNOWN) {
            out->without++;
        } else if (alone_us[i] > 0) {
            vec_push(&keys, spread_ratio_key((double)us / (double)alone_us[i]));
            unfair += us > alone_us[i];
        }
    }
    uint64_t *scratch = mem_alloc(keys.count, sizeof(*scratch));
    spread_sort(keys.items, scratch, keys.count);
    out->rho = spread_of_ratios(keys.items, keys.count);
    out->unfair = keys.count > 0 ? (double)unfair / (double)keys.count : 0;
    free(scratch);
    vec_release(&keys);
    measure_incentive(fold, alone_us, out);
}

json_t *finish_time_json(const struct finish_time *finish, const struct fold *fold)
{
    const char *queue = names_get(&fold->workload->queues, finish->incentive_queue);
    json_t *name = json_string(queue);
    return json_pack("{s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:f, s:o}", "jobs",
                     (json_int_t)finish->rho.count, "rho_mean", finish->rho.mean, "rho_p95",
                     finish->rho.p95, "rho_p99", finish->rho.p99, "rho_max", finish->rho.max,
                     "unfair_share", finish->unfair, "jobs_too_large_alone",
                     (json_int_t)finish->without, "sharing_incentive_min", finish->incentive,
                     "sharing_incentive_min_queue", name != NULL ? name : json_null());
}

void finish_time_print(struct text *out, const struct finish_time *finish)
{
    text_addf(
        out,
        "  against each queue alone on its share: rho p95 %.2f, p99 %.2f, max %.1f; %.1f %% "
        "of jobs end later\n  than alone; the queue that gains least from sharing: %.2f times\n",
        finish->rho.p95, finish->rho.p99, finish->rho.max, finish->unfair * 100, finish->incentive);
}
