/* replicate.c - see replicate.h. */
#include "sim/study/replicate.h"

#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/transform/rebuild.h"
#include "sim/transform/scale.h"

uint64_t replicate_seed(uint64_t seed, uint32_t replication)
{
    gsl_rng *stream = rng_new(seed, "replication", replication);
    uint64_t high = gsl_rng_get(stream);
    uint64_t low = gsl_rng_get(stream);
    gsl_rng_free(stream);
    return (high & UINT32_MAX) << 32 | (low & UINT32_MAX);
}

static bool copy(const struct workload *from, struct workload *out, struct err *err)
{
    workload_init(out);
    rebuild_begin(out, from);
    bool ok = true;
    for (size_t i = 0; ok && i < from->jobs.count; i++) {
        struct job_draft draft;
        rebuild_draft(from, &from->jobs.items[i], &draft);
        ok = workload_add(out, &draft, 0, err);
    }
    ok = ok && workload_finish(out, err);
    if (!ok) {
        workload_release(out);
    }
    return ok;
}

static bool draw(const struct replicate *replicate, uint64_t seed, struct workload *out,
                 struct err *err)
{
    struct resample_days days = replicate->days;
    days.seed = seed;
    switch (replicate->kind) {
    case REPLICATE_NONE:
    case REPLICATE_SHAKE:
        return copy(replicate->base, out, err);
    case REPLICATE_SESSIONS:
        return resample_sessions(replicate->base, replicate->gap_us, seed, out, err);
    case REPLICATE_DAYS:
        return resample_by_days(&days, replicate->base, out, err);
    case REPLICATE_MODEL:
        return generate_workload(replicate->model, seed, &replicate->options, out, err);
    }
    CHECK_NEVER("a replicate_kind of this enum");
}

bool replicate_make(const struct replicate *replicate, uint32_t replication, double factor,
                    struct workload *out, struct err *err)
{
    uint64_t seed = replicate_seed(replicate->seed, replication);
    if (!draw(replicate, seed, out, err)) {
        return false;
    }
    struct shake shake = replicate->shake;
    shake.seed = seed;
    bool ok = replicate->kind != REPLICATE_SHAKE || shake_apply(&shake, out, err);
    bool is_denser = factor < 1 || factor > 1;
    ok = ok && (!is_denser || scale_arrivals(out, factor, err));
    if (!ok) {
        workload_release(out);
    }
    return ok;
}
