/*
 * service_model.h - how long a request to a language model takes, and of what: declared, not read.
 *
 * Request streams tell when a request came and how many tokens went in and out, but neither
 * durations nor GPUs. The service model makes a job of each: it takes `share` of each of `gpus`
 * GPUs of one instance, for
 *
 *     overhead + prompt tokens / prefill rate + generated tokens / decode rate.
 *
 * Rates are those of one request and do not depend on the others that are served at the same time:
 * the share stands for how many an instance serves at once. An importer of such a stream takes
 * these parameters as its own.
 */
#ifndef WORKLOAD_SERVICE_MODEL_H
#define WORKLOAD_SERVICE_MODEL_H

#include <stdint.h>

#include "sim/base/param.h"
#include "sim/workload/workload.h"

struct service_model {
    double prefill_tokens_per_s;
    double decode_tokens_per_s;
    int64_t overhead_us;
    int64_t gpus; /* 1 to 64 */
    double share; /* 0.001 to 1 of each of them */
};

/* Every parameter above, for streams of tokens. Those from number SERVICE_INSTANCE_PARAMS on are
 * gpus and share only, for streams that tell their service times. */
enum { SERVICE_INSTANCE_PARAMS = 3 };
extern const struct param_spec service_model_params[];

enum { SERVICE_MOST_TOKENS = 1 << 24 };

/* The service time of a request; at most SERVICE_MOST_TOKENS each, 0 or more. Rounded once a term,
 * half away from zero. */
int64_t service_time_us(const struct service_model *model, int64_t prompt_tokens,
                        int64_t generated_tokens);

/* Makes the one task of the draft ask for the share of an instance. */
void service_set_request(const struct service_model *model, struct job_draft *draft);

/* Notes that durations, and the share, are the model's. */
void service_note(const struct service_model *model, struct workload *out);
void service_note_instance(const struct service_model *model, struct workload *out);

#endif
