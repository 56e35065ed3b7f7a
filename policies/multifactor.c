/*
 * multifactor - Slurm's multifactor priority with the classic fair-share factor.
 *
 * Jobs are ordered by a weighted sum of age, fair share, size, queue and class
 * (lib/slurm_priority.h) and started by Slurm's main and backfill passes (lib/slurm_passes.h). The
 * fair-share factor is 2^(-usage / share): users below their share are above one half, and
 * their queue's usage counts in part as theirs.
 *
 * Good: what Slurm clusters set up before Fair Tree, and many still; every wish has a weight. Bad:
 * weights are in no unit, so that one factor often decides alone; a user of a well-behaved queue
 * can come behind one of a queue far over its share (fairtree was made for that).
 */
#include "policies/lib/slurm_priority.h"

struct multifactor_params {
    struct slurm_weights weights;
    struct slurm_limits limits;
    double dampening;
};

static const struct param_spec params[] = {
    SLURM_WEIGHTS(struct multifactor_params),
    {.name = "dampening",
     .type = PARAM_F64,
     .offset = offsetof(struct multifactor_params, dampening),
     .dflt = "1",
     .min = 0.001,
     .max = 1e6,
     .help = "how far usage must be from the share to matter (FairShareDampeningFactor)"},
    SLURM_PARAMS(struct multifactor_params),
    {.name = NULL},
};

static void share(struct slurm_priority *priority, int64_t now_us)
{
    fair_usage_classic(&priority->usage, now_us, priority->dampening);
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    const struct multifactor_params *wanted = values;
    struct slurm_priority *priority = state;
    priority->share = share;
    priority->dampening = wanted->dampening;
    slurm_priority_init(priority, ctx, &wanted->weights, &wanted->limits);
    return true;
}

extern const struct sched_ops sched_policy_multifactor;
const struct sched_ops sched_policy_multifactor = {
    .name = "multifactor",
    .help = "weighted sum of age, fair share, size, queue, class; Slurm's passes",
    .source = "Slurm (priority/multifactor with NO_FAIR_TREE, classic fair share)",
    .flags = SCHED_NEEDS_ESTIMATES,
    .state_size = sizeof(struct slurm_priority),
    .params_size = sizeof(struct multifactor_params),
    .params = params,
    .init = init,
    .release = slurm_priority_release,
    .submit = slurm_priority_submit,
    .finish = slurm_priority_finish,
    .decide = slurm_priority_decide,
};
