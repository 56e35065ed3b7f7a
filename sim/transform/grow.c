/* grow.c - see grow.h. */
#include "sim/transform/grow.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/transform/copies.h"

static const int64_t day_us = (int64_t)86400 * 1000000;

bool grow_workload(const struct workload *from, const double *factors, uint64_t seed,
                   struct workload *out, struct err *err)
{
    uint32_t *counts = mem_alloc(from->jobs.count, sizeof(*counts));
    gsl_rng *stream = rng_new(seed, "grow days", 0);
    double sum = 0;
    for (size_t i = 0; i < from->jobs.count; i++) {
        const struct job *job = &from->jobs.items[i];
        CHECK(factors[i] >= 0 && factors[i] <= WORKLOAD_MOST_JOBS);
        uint64_t day = (uint64_t)(job->submit_us / day_us);
        rng_restart(stream, seed, "grow days", (uint64_t)job->user << 32 | day);
        double drawn = gsl_rng_uniform(stream);
        double whole = floor(factors[i]);
        counts[i] = (uint32_t)whole + (drawn < factors[i] - whole ? 1 : 0);
        sum += counts[i];
    }
    gsl_rng_free(stream);
    bool ok = sum <= WORKLOAD_MOST_JOBS ||
              err_set(err, ERR_USAGE, 0, "growth makes more than %d jobs", WORKLOAD_MOST_JOBS);
    ok = ok && copies_make(from, counts, seed, out, err);
    free(counts);
    return ok;
}
