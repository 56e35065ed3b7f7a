/* profile_speed.c - how long a training takes by its profile; see profiles.h. */
#include <math.h>

#include "sim/base/check.h"
#include "sim/workload/profiles.h"

/* Which measurements are looked at: those of one placement, or of one number of replicas. */
struct selection {
    uint64_t placement; /* 0: any */
    uint32_t replicas;
};

static bool is_selected(const struct profile_step *step, struct selection selection)
{
    return selection.placement != 0 ? step->placement == selection.placement
                                    : step->replicas == selection.replicas;
}

/* The replicas of `nodes` nodes packed: 4, 4, 1. The digits of a placement begin with the
 * smallest, as in the tables: 144. 0 when a node has more than 9 or the digits are too many. */
static uint64_t packed_placement(struct profile_run run)
{
    uint32_t full = run.replicas / run.node_gpus;
    uint32_t rest = run.replicas % run.node_gpus;
    uint64_t digits = rest;
    if (run.node_gpus > 9 || full > 17) {
        return 0;
    }
    for (uint32_t i = 0; i < full; i++) {
        digits = digits * 10 + run.node_gpus;
    }
    return digits;
}

static double between(double x, double x0, double y0, double x1, double y1)
{
    return x1 > x0 ? y0 + (y1 - y0) * (x - x0) / (x1 - x0) : y0;
}

/* Step and synchronising time at `local_batch` among the selected measurements, whose largest local
 * batch is at least that. Measurements of the same batch on several numbers of nodes: the fewest
 * nodes count, because the replicas are packed. False when nothing is selected. */
static bool time_at(const struct profile *profile, struct selection selection, uint32_t local_batch,
                    double *step_s, double *sync_s)
{
    const struct profile_step *below = NULL;
    const struct profile_step *above = NULL;
    for (size_t i = 0; i < profile->steps.count; i++) {
        const struct profile_step *step = &profile->steps.items[i];
        if (!is_selected(step, selection)) {
            continue;
        }
        if (step->local_batch <= local_batch &&
            (below == NULL || step->local_batch > below->local_batch ||
             (step->local_batch == below->local_batch && step->nodes < below->nodes))) {
            below = step;
        }
        if (step->local_batch >= local_batch &&
            (above == NULL || step->local_batch < above->local_batch ||
             (step->local_batch == above->local_batch && step->nodes < above->nodes))) {
            above = step;
        }
    }
    if (below == NULL && above == NULL) {
        return false;
    }
    below = below == NULL ? above : below;
    above = above == NULL ? below : above;
    *step_s =
        between(local_batch, below->local_batch, below->step_s, above->local_batch, above->step_s);
    *sync_s =
        between(local_batch, below->local_batch, below->sync_s, above->local_batch, above->sync_s);
    return true;
}

/* Seconds a step of run->batch takes by the selected measurements; less than 0 without any. */
static double selected_step_s(const struct profile *profile, struct selection selection,
                              struct profile_run run)
{
    uint32_t largest = 0;
    for (size_t i = 0; i < profile->steps.count; i++) {
        const struct profile_step *step = &profile->steps.items[i];
        if (is_selected(step, selection) && step->local_batch > largest) {
            largest = step->local_batch;
        }
    }
    if (largest == 0) {
        return -1;
    }
    uint32_t local = (run.batch + run.replicas - 1) / run.replicas;
    uint32_t passes = (local + largest - 1) / largest;
    double step_s = 0;
    double sync_s = 0;
    bool found = time_at(profile, selection, (local + passes - 1) / passes, &step_s, &sync_s);
    CHECK(found);
    return step_s + (passes - 1) * fmax(step_s - sync_s, 0);
}

double profile_step_s(const struct profile *profile, struct profile_run run)
{
    CHECK(run.replicas >= 1 && run.batch >= 1 && run.node_gpus >= 1);
    struct selection exact = {.placement = packed_placement(run)};
    double step_s = exact.placement > 0 ? selected_step_s(profile, exact, run) : -1;
    if (step_s >= 0) {
        return step_s;
    }
    uint32_t below = 0;
    uint32_t above = UINT32_MAX;
    for (size_t i = 0; i < profile->steps.count; i++) {
        uint32_t replicas = profile->steps.items[i].replicas;
        below = replicas <= run.replicas && replicas > below ? replicas : below;
        above = replicas >= run.replicas && replicas < above ? replicas : above;
    }
    if (below == 0 || above == UINT32_MAX) {
        return -1;
    }
    double low_s = selected_step_s(profile, (struct selection){.replicas = below}, run);
    double high_s = selected_step_s(profile, (struct selection){.replicas = above}, run);
    return between(run.replicas, below, low_s, above, high_s);
}

static double last_steps(const struct profile *profile, const struct profile_training *training)
{
    return profile->epochs.items[training->first_epoch + profile->epoch_count - 1].steps;
}

double profile_training_steps(const struct profile *profile, uint32_t batch)
{
    const struct profile_training *below = NULL;
    const struct profile_training *above = NULL;
    for (size_t i = 0; i < profile->trainings.count; i++) {
        const struct profile_training *training = &profile->trainings.items[i];
        below = training->batch <= batch ? training : below;
        above = training->batch >= batch && above == NULL ? training : above;
    }
    if (below == NULL || above == NULL) {
        return -1;
    }
    return between(batch, below->batch, last_steps(profile, below), above->batch,
                   last_steps(profile, above));
}
