/* service_model.c - see service_model.h. */
#include "sim/workload/service_model.h"

#include <math.h>
#include <stddef.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"

const struct param_spec service_model_params[] = {
    {.name = "prefill_tokens_per_s",
     .type = PARAM_F64,
     .offset = offsetof(struct service_model, prefill_tokens_per_s),
     .dflt = "8000",
     .min = 0.001,
     .max = 1e9,
     .help = "prompt tokens read a second, of one request"},
    {.name = "decode_tokens_per_s",
     .type = PARAM_F64,
     .offset = offsetof(struct service_model, decode_tokens_per_s),
     .dflt = "40",
     .min = 0.001,
     .max = 1e9,
     .help = "tokens generated a second, of one request"},
    {.name = "overhead_s",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct service_model, overhead_us),
     .dflt = "0",
     .min = 0,
     .max = 86400,
     .help = "seconds a request takes besides its tokens"},
    [SERVICE_INSTANCE_PARAMS] = {.name = "gpus",
                                 .type = PARAM_I64,
                                 .offset = offsetof(struct service_model, gpus),
                                 .dflt = "1",
                                 .min = 1,
                                 .max = 64,
                                 .help = "GPUs of an instance"},
    {.name = "share",
     .type = PARAM_F64,
     .offset = offsetof(struct service_model, share),
     .dflt = "1",
     .min = 0.001,
     .max = 1,
     .help = "what a request takes of each of them"},
    {.name = NULL},
};

/* Rates count in thousandths of a token, so that the time is a quotient of integers: at most
 * 2^24 * 10^9 above the line, far from overflow. */
static int64_t time_of_tokens_us(int64_t tokens, double tokens_per_s)
{
    CHECK(tokens >= 0 && tokens <= SERVICE_MOST_TOKENS);
    int64_t rate_milli = llround(tokens_per_s * 1000);
    CHECK(rate_milli > 0);
    return (tokens * 1000000000 + rate_milli / 2) / rate_milli;
}

int64_t service_time_us(const struct service_model *model, int64_t prompt_tokens,
                        int64_t generated_tokens)
{
    int64_t prefill_us = time_of_tokens_us(prompt_tokens, model->prefill_tokens_per_s);
    int64_t decode_us = time_of_tokens_us(generated_tokens, model->decode_tokens_per_s);
    return time_add_us(model->overhead_us, time_add_us(prefill_us, decode_us));
}

void service_set_request(const struct service_model *model, struct job_draft *draft)
{
    struct request *request = &draft->groups[0].request;
    uint32_t milli = (uint32_t)lround(model->share * 1000);
    CHECK(milli >= 1 && milli <= 1000);
    request->gpu_count = (uint32_t)model->gpus;
    request->kind = milli < 1000 ? GPU_FRACTION : GPU_WHOLE;
    request->gpu_milli = milli < 1000 ? milli : 0;
}

void service_note(const struct service_model *model, struct workload *out)
{
    workload_note(
        out, "durations are a model's: %g s, prompts at %g tokens/s, answers at %g tokens/s",
        (double)model->overhead_us / 1e6, model->prefill_tokens_per_s, model->decode_tokens_per_s);
    service_note_instance(model, out);
}

void service_note_instance(const struct service_model *model, struct workload *out)
{
    workload_note(out, "a request takes %g of each of %d GPUs of an instance, by declaration",
                  model->share, (int)model->gpus);
}
