/*
 * genai - image-generation requests of Alibaba's GenAI serving trace (2026).
 *
 * Header: gmt_create,predict_type,predict_status,exec_time_seconds,groupId,prompt_length,
 * negative_prompt_length,num_images_per_prompt,num_inference_steps,checkpoint_model_version_id,
 * num_lora. A request is a job that takes exec_time_seconds; what it takes of a GPU is declared
 * (gpus=, share=), for the trace does not tell. Groups are queues. Times are a local clock; ids are
 * row numbers.
 */
#include "sim/workload/columns.h"
#include "sim/workload/service_model.h"
#include "sim/workload/trace_format.h"

enum genai_column { CREATED, STATUS, EXEC_TIME, GROUP };

static const struct column genai_columns[] = {
    [CREATED] = {"gmt_create", true},
    [STATUS] = {"predict_status", true},
    [EXEC_TIME] = {"exec_time_seconds", true},
    [GROUP] = {"groupId", true},
    {NULL, false},
};

static bool genai_detect(struct view head)
{
    static const char *const names[] = {"gmt_create", "predict_status", "exec_time_seconds",
                                        "groupId", NULL};
    return columns_detect(head, names);
}

/* The words of this trace that no other writes. */
static enum job_outcome outcome_of_status(struct view status)
{
    if (view_is(status, "SUCCEED")) {
        return OUTCOME_COMPLETED;
    }
    if (view_is(status, "FAILED")) {
        return OUTCOME_FAILED;
    }
    bool open = view_is(status, "PENDING") || view_is(status, "PROCESSING");
    return open ? OUTCOME_UNFINISHED : OUTCOME_UNKNOWN;
}

static bool genai_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    struct columns row;
    struct job_draft draft;
    struct text id = {0};
    bool ok = columns_open(&row, file, genai_columns, true, err);
    for (int64_t number = 1; ok && columns_next(&row, err); number++) {
        text_clear(&id);
        text_add_i64(&id, number);
        job_draft_init(&draft);
        draft.id = (struct view){id.bytes, id.length};
        draft.queue = columns_text(&row, GROUP);
        draft.outcome = outcome_of_status(columns_text(&row, STATUS));
        service_set_request(params, &draft);
        ok = columns_datetime(&row, CREATED, &draft.submit_us, err) &&
             columns_optional(&row, EXEC_TIME, &number_span, &draft.duration_us, err) &&
             workload_add(out, &draft, columns_line(&row), err);
    }
    text_release(&id);
    service_note_instance(params, out);
    workload_note(out, "groups are queues, ids are row numbers, times are a local clock");
    workload_note(out, "models, LoRAs, prompts and steps are dropped");
    return ok && err->code == ERR_NONE;
}

extern const struct trace_format trace_format_genai;
const struct trace_format trace_format_genai = {
    .name = "genai",
    .help = "image requests of Alibaba's GenAI serving trace (2026)",
    .params_size = sizeof(struct service_model),
    .params = &service_model_params[SERVICE_INSTANCE_PARAMS],
    .detect = genai_detect,
    .read = genai_read,
};
