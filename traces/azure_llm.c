/*
 * azure_llm - requests to language models on Azure (2023).
 *
 * Header: TIMESTAMP,ContextTokens,GeneratedTokens. A request is a job; how long it takes, and of
 * what, is said by the service model (sim/workload/service_model.h), for the trace tells neither.
 * Times have seven decimals (a tick is 100 ns) and are taken as UTC. Ids are row numbers.
 */
#include "sim/workload/columns.h"
#include "sim/workload/service_model.h"
#include "sim/workload/trace_format.h"

enum azure_column { TIMESTAMP, CONTEXT, GENERATED };

static const struct column azure_columns[] = {
    [TIMESTAMP] = {"TIMESTAMP", true},
    [CONTEXT] = {"ContextTokens", true},
    [GENERATED] = {"GeneratedTokens", true},
    {NULL, false},
};

static const struct number_kind number_tokens = {1, true, 0, SERVICE_MOST_TOKENS,
                                                 "tokens from 0 to 16777216"};

static bool azure_detect(struct view head)
{
    static const char *const names[] = {"TIMESTAMP", "ContextTokens", "GeneratedTokens", NULL};
    return columns_detect(head, names);
}

static bool read_row(const struct columns *row, const struct service_model *model,
                     struct job_draft *draft, struct err *err)
{
    int64_t context = 0;
    int64_t generated = 0;
    job_draft_init(draft);
    if (!columns_datetime(row, TIMESTAMP, &draft->submit_us, err) ||
        !columns_number(row, CONTEXT, &number_tokens, &context, err) ||
        !columns_number(row, GENERATED, &number_tokens, &generated, err)) {
        return false;
    }
    draft->duration_us = service_time_us(model, context, generated);
    service_set_request(model, draft);
    return true;
}

static bool azure_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    struct columns row;
    struct job_draft draft;
    struct text id = {0};
    bool ok = columns_open(&row, file, azure_columns, false, err);
    for (int64_t number = 1; ok && columns_next(&row, err); number++) {
        text_clear(&id);
        text_add_i64(&id, number);
        ok = read_row(&row, params, &draft, err);
        draft.id = (struct view){id.bytes, id.length};
        ok = ok && workload_add(out, &draft, columns_line(&row), err);
    }
    text_release(&id);
    service_note(params, out);
    workload_note(out, "ids are row numbers, times are taken as UTC");
    workload_note(out, "no users, queues or outcomes: the table has none");
    return ok && err->code == ERR_NONE;
}

extern const struct trace_format trace_format_azure_llm;
const struct trace_format trace_format_azure_llm = {
    .name = "azure_llm",
    .help = "requests to language models on Azure (2023), with a service model",
    .params_size = sizeof(struct service_model),
    .params = service_model_params,
    .detect = azure_detect,
    .read = azure_read,
};
