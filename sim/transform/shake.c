/* shake.c - see shake.h. */
#include "sim/transform/shake.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/transform/rebuild.h"

/* FNV-1a, 64 bits: the entity of the job's stream. Jobs of equal values would share their noise. */
static uint64_t number_of(const char *id)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *id != '\0'; id++) {
        hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
    }
    return hash;
}

/* Evenly from -1 to 1. */
static double draw_sign(gsl_rng *stream)
{
    return 2 * gsl_rng_uniform(stream) - 1;
}

static int64_t shaken_duration(const struct job *job, double by)
{
    int64_t duration_us = llround((double)job->duration_us * (1 + by));
    if (job->estimate_us != TIME_UNKNOWN && job->duration_us <= job->estimate_us &&
        duration_us > job->estimate_us) {
        duration_us = job->estimate_us;
    }
    if (duration_us > WORKLOAD_MOST_US) {
        return WORKLOAD_MOST_US;
    }
    return duration_us > 0 || job->duration_us == 0 ? duration_us : 1;
}

bool shake_jobs(const struct shake *shake, struct workload *workload, size_t first, struct err *err)
{
    CHECK(shake->arrivals_us >= 0 && shake->durations >= 0 && shake->durations <= 1);
    gsl_rng *stream = rng_new(shake->seed, "shake", 0);
    bool ok = true;
    for (size_t i = first; ok && i < workload->jobs.count; i++) {
        struct job *job = &workload->jobs.items[i];
        uint64_t entity = number_of(workload_job_id(workload, (uint32_t)i));
        rng_restart(stream, shake->seed, "shake", entity);
        double arrival = draw_sign(stream);
        double duration = draw_sign(stream);
        int64_t moved_us = llround(arrival * (double)shake->arrivals_us);
        ok = rebuild_moved(job->submit_us, moved_us, &job->submit_us, err);
        if (ok && job->duration_us != TIME_UNKNOWN && shake->durations > 0) {
            job->duration_us = shaken_duration(job, duration * shake->durations);
        }
    }
    gsl_rng_free(stream);
    return ok;
}

bool shake_apply(const struct shake *shake, struct workload *workload, struct err *err)
{
    return shake_jobs(shake, workload, 0, err) && rebuild_order(workload, err);
}
