/*
 * record.c - records go to the sinks, decisions also into the fingerprint.
 *
 * The fingerprint covers every record but submits: time, kind, job, and for each grant the node,
 * the GPUs and the amount. Two runs with equal fingerprints made the same decisions.
 */
#include "sim/base/check.h"
#include "sim/engine/run.h"

static void flush_fingerprint(struct sched_ctx *run)
{
    digest_add_i64(run->fingerprint, run->fingerprint_buffer, run->fingerprint_used);
    run->fingerprint_used = 0;
}

static void add_to_fingerprint(struct sched_ctx *run, int64_t a, int64_t b, int64_t c)
{
    if (run->fingerprint_used + 3 > FINGERPRINT_BUFFER) {
        flush_fingerprint(run);
    }
    int64_t *to = run->fingerprint_buffer + run->fingerprint_used;
    to[0] = a;
    to[1] = b;
    to[2] = c;
    run->fingerprint_used += 3;
}

void run_record(struct sched_ctx *run, const struct log_record *record)
{
    run_causes_note(run, record);
    run_supply_note(run, record);
    for (uint32_t i = 0; i < run->input->sink_count; i++) {
        run->input->sinks[i].record(run->input->sinks[i].self, record);
    }
    if (record->kind == LOG_SUBMIT || record->kind == LOG_SHARE || record->kind == LOG_END ||
        record->kind == LOG_STEP || record->kind == LOG_CAUSE) {
        return;
    }
    int64_t what = (int64_t)record->kind << 32 | record->job;
    add_to_fingerprint(run, record->time_us, what, record->grant_count);
    if (record->supply != NULL) {
        const struct log_supply *supply = record->supply;
        add_to_fingerprint(run, supply->node, supply->gpu, supply->cause);
    }
    for (uint32_t i = 0; i < record->grant_count; i++) {
        const struct grant *grant = &record->grants[i];
        int64_t node = (int64_t)grant->group << 32 | grant->node;
        add_to_fingerprint(run, node, (int64_t)grant->gpus, grant->gpu_milli);
    }
}

void run_record_job(struct sched_ctx *run, uint32_t job, enum log_kind kind, int64_t milli_before,
                    int64_t lost_us)
{
    const grant_vec *grants = run_grants(run, job);
    struct log_record record = {
        .time_us = run->now_us,
        .kind = kind,
        .job = job,
        .gpu_milli = run->jobs[job].gpu_milli,
        .gpu_milli_before = milli_before,
        .grants = grants->items,
        .grant_count = (uint32_t)grants->count,
        .lost_us = lost_us,
        .overhead_us = kind == LOG_FINISH || kind == LOG_PREEMPT || kind == LOG_MIGRATE ||
                               kind == LOG_INTERRUPT
                           ? run->jobs[job].run_latency_us - run->jobs[job].latency_left_us +
                                 run->jobs[job].saving_us
                           : 0,
        .reason = run->reason,
        .for_job = run->reason_for,
    };
    run_record(run, &record);
}

uint64_t run_fingerprint(struct sched_ctx *run)
{
    flush_fingerprint(run);
    return digest_value(run->fingerprint);
}
