/* test_request.c - what requests count for. */
#include <criterion/criterion.h>

#include "sim/cluster/request.h"

Test(request, counts_in_milli_gpus)
{
    struct request none = {.kind = GPU_NONE, .cpu_milli = 4000};
    struct request whole = {.kind = GPU_WHOLE, .gpu_count = 3};
    struct request fraction = {.kind = GPU_FRACTION, .gpu_count = 2, .gpu_milli = 250};
    struct request memory = {.kind = GPU_MEMORY, .gpu_count = 2, .gpu_memory_mib = 1000};
    struct request mig = {.kind = GPU_MIG, .gpu_count = 2, .mig_profile = {3, 40}};
    struct request many = {.kind = GPU_WHOLE, .gpu_count = UINT32_MAX};
    cr_assert_eq(request_gpu_milli(&none), 0);
    cr_assert_eq(request_gpu_milli(&whole), 3000);
    cr_assert_eq(request_gpu_milli(&fraction), 500);
    cr_assert_eq(request_gpu_milli(&memory), 0);
    cr_assert_eq(request_gpu_milli(&mig), 856);
    cr_assert_eq(request_gpu_milli(&many), INT64_C(4294967295000));
}
