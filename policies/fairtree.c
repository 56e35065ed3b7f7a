/*
 * fairtree - Slurm's multifactor priority with Fair Tree.
 *
 * As multifactor, but the fair-share factor is a rank: queues are ordered by share over usage, the
 * users of a queue in the same way within it, and every user of a queue comes before every user of
 * one with a lower level. A user's factor is its place from the end over the number of users.
 *
 * Good: what Slurm does by default; no user of a queue that is over its share comes before users of
 * one that is not, however the users within have behaved. Bad: a rank does not say by how much, so
 * a little usage more can cost many places.
 */
#include "policies/lib/slurm_priority.h"

struct fairtree_params {
    struct slurm_weights weights;
    struct slurm_limits limits;
};

static const struct param_spec params[] = {
    SLURM_WEIGHTS(struct fairtree_params),
    SLURM_PARAMS(struct fairtree_params),
    {.name = NULL},
};

static void share(struct slurm_priority *priority, int64_t now_us)
{
    fair_usage_tree(&priority->usage, now_us);
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    const struct fairtree_params *wanted = values;
    struct slurm_priority *priority = state;
    priority->share = share;
    slurm_priority_init(priority, ctx, &wanted->weights, &wanted->limits);
    return true;
}

extern const struct sched_ops sched_policy_fairtree;
const struct sched_ops sched_policy_fairtree = {
    .name = "fairtree",
    .help = "multifactor priority with fair share as a rank in a tree; Slurm's passes",
    .source = "Slurm (priority/multifactor, Fair Tree by Cox and Christiansen)",
    .flags = SCHED_NEEDS_ESTIMATES,
    .state_size = sizeof(struct slurm_priority),
    .params_size = sizeof(struct fairtree_params),
    .params = params,
    .init = init,
    .release = slurm_priority_release,
    .submit = slurm_priority_submit,
    .finish = slurm_priority_finish,
    .decide = slurm_priority_decide,
};
