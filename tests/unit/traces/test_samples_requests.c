/* test_samples_requests.c - streams of requests, which become jobs by a declared service model. */
#include <criterion/criterion.h>

#include "sample.h"

Test(samples_requests, azure_llm_reads_ticks_and_crlf_without_a_last_newline)
{
    expect_jobs("azure_llm.csv", "azure_llm",
                "job_id,submit_s,duration_s,gpus,tasks\n"
                "3,1700158545,2.025,1,1\n"
                "1,1700158546.68059,1.14675,1,1\n"
                "2,1700158546.680591,0,1,1\n");
}

Test(samples_requests, azure_llm_takes_a_share_of_each_gpu_of_an_instance)
{
    expect_jobs("azure_llm.csv", "azure_llm:gpus=8,share=0.25,overhead_s=0.1",
                "job_id,submit_s,duration_s,gpus,gpu_fraction\n"
                "3,1700158545,2.125,2,0.25\n"
                "1,1700158546.68059,1.24675,2,0.25\n"
                "2,1700158546.680591,0.1,2,0.25\n");
}

Test(samples_requests, azure_llm_counts_prompts_alone_when_answers_cost_nothing)
{
    expect_jobs("azure_llm.csv",
                "azure_llm:prefill_tokens_per_s=0.5,decode_tokens_per_s=1000000000",
                "job_id,submit_s,duration_s,gpus,tasks\n"
                "3,1700158545,32000,1,1\n"
                "1,1700158546.68059,748,1,1\n"
                "2,1700158546.680591,0,1,1\n");
}

Test(samples_requests, mooncake_reads_a_request_a_line_in_milliseconds)
{
    expect_jobs("mooncake.jsonl", "mooncake",
                "job_id,submit_s,duration_s,gpus,tasks\n"
                "3,0,0.000125,1,1\n"
                "1,27,13.344375,1,1\n"
                "4,27,2,1,1\n");
}

Test(samples_requests, genai_keeps_the_times_it_tells)
{
    expect_jobs("genai.csv", "genai:share=0.5",
                "job_id,submit_s,duration_s,gpus,queue,gpu_fraction,status\n"
                "2,1731628801,,0.5,g2,0.5,unfinished\n"
                "1,1731628805,23.5,0.5,g1,0.5,completed\n"
                "3,1731628805,0,0.5,g1,0.5,failed\n");
}
