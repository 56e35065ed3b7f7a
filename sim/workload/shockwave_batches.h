/*
 * shockwave_batches.h - how jobs of Shockwave's traces change their batch size: the epochs that its
 * simulator has for each of its models, batch sizes and numbers of GPUs.
 */
#ifndef WORKLOAD_SHOCKWAVE_BATCHES_H
#define WORKLOAD_SHOCKWAVE_BATCHES_H

#include "sim/base/text.h"
#include "sim/workload/batch_plan.h"

struct shockwave_job {
    struct view model; /* with the batch size it begins with: "LM (batch size 10)" */
    struct view mode;  /* "static", "accordion" or "gns" */
    uint32_t gpus;
};

/* Fills *plan, without the speed classes of its levels. False: the job never changes. */
bool shockwave_batches(const struct shockwave_job *job, struct batch_plan *plan);

/* "LM (batch size 10)" with another batch size. */
void shockwave_model_with(struct text *out, struct view model, uint32_t batch);

#endif
