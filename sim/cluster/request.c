/* request.c - see request.h. */
#include "sim/cluster/request.h"

#include "sim/base/check.h"
#include "sim/cluster/mig.h"

int64_t request_gpu_milli(const struct request *request)
{
    switch ((enum gpu_kind)request->kind) {
    case GPU_NONE:
    case GPU_MEMORY:
        return 0;
    case GPU_WHOLE:
        return INT64_C(1000) * request->gpu_count;
    case GPU_FRACTION:
        return (int64_t)request->gpu_milli * request->gpu_count;
    case GPU_MIG:
        return mig_gpu_milli(request->mig_profile) * request->gpu_count;
    }
    CHECK_NEVER("a kind of GPU request");
}
