/* decisions.c - see decisions.h. */
#include "sim/report/decisions.h"

/* The word for a kind of record, or NULL when it is not a decision. */
static const char *decision_name(enum log_kind kind)
{
    switch (kind) {
    case LOG_START:
        return "start";
    case LOG_PREEMPT:
        return "preempt";
    case LOG_RESIZE:
        return "resize";
    case LOG_MIGRATE:
        return "migrate";
    case LOG_REJECT:
        return "reject";
    case LOG_SUBMIT:
    case LOG_FINISH:
    case LOG_SHARE:
    case LOG_STEP:
    case LOG_CAUSE:
    case LOG_INTERRUPT:
    case LOG_AWAY:
    case LOG_BACK:
    case LOG_END:
        break;
    }
    return NULL;
}

static void add_devices(struct text *out, uint64_t devices)
{
    text_add(out, ",\"devices\":[");
    for (uint32_t i = 0; i < 64; i++) {
        if ((devices >> i & 1) != 0) {
            text_add_i64(out, i);
            text_add_char(out, devices >> i == 1 ? ']' : ',');
        }
    }
}

static void add_grants(struct text *out, const struct cluster *cluster,
                       const struct log_record *record)
{
    text_add(out, ",\"nodes\":[");
    for (uint32_t i = 0; i < record->grant_count; i++) {
        const struct grant *grant = &record->grants[i];
        text_add(out, i > 0 ? ",{\"node\":" : "{\"node\":");
        text_add_json(out, cluster->nodes.items[grant->node].name);
        if (grant->group > 0) {
            text_add(out, ",\"group\":");
            text_add_i64(out, grant->group);
        }
        text_add(out, ",\"gpus\":");
        text_add_milli(out, grant->gpu_milli);
        if (grant->gpus != 0) {
            add_devices(out, grant->gpus);
        }
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

void decisions_add(struct out_file *out, const struct workload *workload,
                   const struct cluster *cluster, const struct log_record *record)
{
    const char *name = decision_name(record->kind);
    if (name == NULL && record->kind != LOG_STEP) {
        return;
    }
    struct text *line = &out->text;
    text_add(line, "{\"time_s\":");
    text_add_seconds(line, record->time_us);
    if (record->kind == LOG_STEP) {
        text_add(line, ",\"step\":");
        text_add_json(line, record->step);
        text_add(line, "}\n");
        out_file_flush_if_large(out);
        return;
    }
    text_add(line, ",\"decision\":\"");
    text_add(line, name);
    text_add(line, "\",\"job\":");
    text_add_json(line, workload_job_id(workload, record->job));
    text_add(line, ",\"queue\":");
    uint32_t queue = workload->jobs.items[record->job].queue;
    text_add_json(line, names_get(&workload->queues, queue));
    text_add(line, ",\"gpus\":");
    text_add_milli(line, record->gpu_milli);
    if (record->kind == LOG_RESIZE) {
        text_add(line, ",\"gpus_before\":");
        text_add_milli(line, record->gpu_milli_before);
    }
    if (record->kind != LOG_REJECT) {
        add_grants(line, cluster, record);
    }
    if (record->kind == LOG_PREEMPT || record->kind == LOG_MIGRATE) {
        text_add(line, ",\"lost_s\":");
        text_add_seconds(line, record->lost_us);
    }
    if (record->reason != NULL) {
        text_add(line, ",\"reason\":");
        text_add_json(line, record->reason);
    }
    if (record->for_job > 0) {
        text_add(line, ",\"for\":");
        text_add_json(line, workload_job_id(workload, record->for_job - 1));
    }
    text_add(line, "}\n");
    out_file_flush_if_large(out);
}
