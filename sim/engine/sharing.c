/*
 * sharing.c - how much slower jobs work for the others on their GPUs.
 *
 * The curve is geometric: with n tasks on the fullest of its GPUs a job works at factor^(n - 1) of
 * its speed. Whole GPUs and MIG instances are nobody else's; divisible nodes do not tell who is
 * with whom. When somebody comes or goes, jobs whose factor changes are settled and go on at the
 * new rate; a job whose factor stays is left alone, so that its finish is not rounded anew.
 */
#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/engine/run.h"

static uint32_t tasks_beside(const struct sched_ctx *run, const struct grant *grant)
{
    const struct node *node = &run->cluster->nodes.items[grant->node];
    uint32_t most = 1;
    for (uint64_t left = grant->gpus; left != 0; left &= left - 1) {
        uint32_t at = node->first_gpu + (uint32_t)__builtin_ctzll(left);
        uint32_t tasks = run->cluster->gpus.items[at].tasks;
        most = tasks > most ? tasks : most;
    }
    return most;
}

int64_t run_sharing_ppm(const struct sched_ctx *run, const struct bound_shape *shape,
                        const grant_vec *grants)
{
    int64_t each_ppm = run->settings->sharing_ppm;
    uint32_t most = 1;
    for (size_t i = 0; each_ppm > 0 && i < grants->count; i++) {
        uint32_t kind = shape->groups[grants->items[i].group].request.kind;
        if (kind == GPU_FRACTION || kind == GPU_MEMORY) {
            uint32_t tasks = tasks_beside(run, &grants->items[i]);
            most = tasks > most ? tasks : most;
        }
    }
    int64_t ppm = SPREAD_FULL_PPM;
    for (uint32_t i = 1; i < most; i++) {
        ppm = mul_div_ceil(ppm, each_ppm, SPREAD_FULL_PPM);
    }
    return ppm;
}

static bool shares(const struct bound_shape *shape)
{
    for (uint32_t i = 0; i < shape->group_count; i++) {
        uint32_t kind = shape->groups[i].request.kind;
        if (kind == GPU_FRACTION || kind == GPU_MEMORY) {
            return true;
        }
    }
    return false;
}

/* Gives every sharing job the rate it has now, in the order in which they began. */
static void refresh(struct sched_ctx *run)
{
    for (size_t i = 0; i < run->sharing.count; i++) {
        uint32_t job = run->sharing.items[i];
        struct job_run *state = &run->jobs[job];
        int64_t rate_ppb = run_rate_ppb(run, job);
        if (rate_ppb == state->rate_ppb || state->released_early) {
            continue;
        }
        run_settle_work(run, job);
        state->rate_ppb = rate_ppb;
        if (!state->halted) {
            run_schedule_finish(run, job);
        }
    }
}

void run_share_begins(struct sched_ctx *run, uint32_t job)
{
    const struct bound_shape *shape = &run->shapes[run->workload->jobs.items[job].shape];
    if (run->settings->sharing_ppm > 0 && shares(shape)) {
        refresh(run);
        vec_push(&run->sharing, job);
    }
}

void run_share_changes(struct sched_ctx *run)
{
    if (run->settings->sharing_ppm > 0) {
        refresh(run);
    }
}

void run_share_ends(struct sched_ctx *run, uint32_t job)
{
    if (run->settings->sharing_ppm == 0) {
        return;
    }
    size_t kept = 0;
    for (size_t i = 0; i < run->sharing.count; i++) {
        if (run->sharing.items[i] != job) {
            run->sharing.items[kept++] = run->sharing.items[i];
        }
    }
    bool shared = kept < run->sharing.count;
    run->sharing.count = kept;
    if (shared) {
        refresh(run);
    }
}
