/* test_service_model.c - requests become jobs by declared rates and shares. */
#include <criterion/criterion.h>

#include "sim/workload/service_model.h"

static struct service_model read_model(const char *settings)
{
    struct service_model model;
    struct err err = {0};
    bool ok = param_read(service_model_params, "test", view_of(settings), &model, &err);
    cr_assert(ok, "%s", err.msg);
    return model;
}

Test(service_model, time_is_overhead_and_both_kinds_of_tokens)
{
    struct service_model model =
        read_model("prefill_tokens_per_s=1000,decode_tokens_per_s=20,overhead_s=0.5");
    cr_expect_eq(service_time_us(&model, 0, 0), 500000);
    cr_expect_eq(service_time_us(&model, 1500, 0), 2000000);
    cr_expect_eq(service_time_us(&model, 1500, 3), 2150000);
}

Test(service_model, each_term_is_rounded_half_away_from_zero)
{
    struct service_model model =
        read_model("prefill_tokens_per_s=2000000,decode_tokens_per_s=3000000");
    cr_expect_eq(service_time_us(&model, 1, 0), 1);
    cr_expect_eq(service_time_us(&model, 0, 1), 0);
    cr_expect_eq(service_time_us(&model, 0, 2), 1);
}

Test(service_model, slowest_rate_and_most_tokens_do_not_overflow)
{
    struct service_model model = read_model("prefill_tokens_per_s=0.001,decode_tokens_per_s=0.001");
    cr_expect_eq(service_time_us(&model, SERVICE_MOST_TOKENS, SERVICE_MOST_TOKENS),
                 (int64_t)SERVICE_MOST_TOKENS * 2000 * 1000000);
}

Test(service_model, a_share_of_one_is_whole_gpus)
{
    struct job_draft draft;
    struct service_model whole = read_model("gpus=4,share=0.9996");
    job_draft_init(&draft);
    service_set_request(&whole, &draft);
    cr_expect_eq(draft.groups[0].request.kind, GPU_WHOLE);
    cr_expect_eq(draft.groups[0].request.gpu_count, 4);
    cr_expect_eq(draft.groups[0].request.gpu_milli, 0);
}

Test(service_model, a_part_is_taken_of_each_gpu)
{
    struct job_draft draft;
    struct service_model part = read_model("gpus=8,share=0.03125");
    job_draft_init(&draft);
    service_set_request(&part, &draft);
    cr_expect_eq(draft.groups[0].request.kind, GPU_FRACTION);
    cr_expect_eq(draft.groups[0].request.gpu_count, 8);
    cr_expect_eq(draft.groups[0].request.gpu_milli, 31);
}

Test(service_model, what_was_declared_is_noted)
{
    struct workload workload;
    struct service_model model = read_model("gpus=2,share=0.5,overhead_s=0.25");
    workload_init(&workload);
    service_note(&model, &workload);
    cr_assert_eq(names_count(&workload.notes), 2);
    cr_expect_str_eq(
        names_get(&workload.notes, 0),
        "durations are a model's: 0.25 s, prompts at 8000 tokens/s, answers at 40 tokens/s");
    cr_expect_str_eq(names_get(&workload.notes, 1),
                     "a request takes 0.5 of each of 2 GPUs of an instance, by declaration");
    workload_release(&workload);
}
