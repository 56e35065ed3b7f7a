/*
 * gen_parallel.c - the tables of Gen-Parallel-Workloads, made from Philly, Helios and Blue Waters.
 *
 * `interval` is the time in seconds since the row before, so submit times are its running sum. A 0
 * in cpu_num and wall_time means missing. On Blue Waters one GPU is one node; size=nodes reads the
 * nodes of every job there as what it asks for.
 */
#include <stddef.h>

#include "sim/base/arith.h"
#include "sim/workload/columns.h"
#include "sim/workload/outcome.h"
#include "sim/workload/trace_format.h"

enum gen_column { U_ID, USER, GPU_NUM, CPU_NUM, NODE_NUM, INTERVAL, RUN_TIME, WALL_TIME, STATUS };

static const struct column gen_columns[] = {
    [U_ID] = {"u_id", true},         [USER] = {"user", true},
    [GPU_NUM] = {"gpu_num", true},   [CPU_NUM] = {"cpu_num", true},
    [NODE_NUM] = {"node_num", true}, [INTERVAL] = {"interval", true},
    [RUN_TIME] = {"run_time", true}, [WALL_TIME] = {"wall_time", true},
    [STATUS] = {"new_status", true}, {NULL, false},
};

enum { SIZE_GPUS, SIZE_NODES };

struct gen_params {
    int size;
};

static const struct param_spec gen_params[] = {
    {.name = "size",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct gen_params, size),
     .dflt = "gpus",
     .choices = "gpus|nodes",
     .help = "what a job's size is: gpu_num, or node_num"},
    {0},
};

static bool gen_detect(struct view head)
{
    static const char *const names[] = {"u_id",     "gpu_num",    "node_num", "interval",
                                        "run_time", "new_status", NULL};
    return columns_detect(head, names);
}

static bool read_shape(const struct columns *row, const struct gen_params *params,
                       struct job_draft *draft, struct err *err)
{
    int64_t gpus = 0;
    int64_t nodes = 0;
    int64_t cpu_milli = 0;
    if (!columns_number(row, GPU_NUM, &number_count, &gpus, err) ||
        !columns_number(row, NODE_NUM, &number_count, &nodes, err) ||
        !columns_number(row, CPU_NUM, &number_milli, &cpu_milli, err)) {
        return false;
    }
    if (params->size == SIZE_NODES) {
        job_draft_set_gpus(draft, (uint32_t)nodes);
        return true;
    }
    job_draft_set_gpus(draft, (uint32_t)gpus);
    draft->groups[0].request.cpu_milli = cpu_milli;
    if (gpus == 0) {
        job_draft_split(draft, nodes);
    }
    return true;
}

static bool read_row(const struct columns *row, const struct gen_params *params, int64_t *clock_us,
                     struct job_draft *draft, struct err *err)
{
    int64_t interval_us = 0;
    job_draft_init(draft);
    draft->id = columns_text(row, U_ID);
    draft->user = columns_text(row, USER);
    draft->outcome = outcome_of_word(columns_text(row, STATUS), NULL);
    if (draft->id.length == 0) {
        return columns_refuse(row, U_ID, "an id", err);
    }
    if (!columns_number(row, INTERVAL, &number_span, &interval_us, err) ||
        !columns_number(row, RUN_TIME, &number_span, &draft->duration_us, err) ||
        !columns_optional(row, WALL_TIME, &number_span, &draft->estimate_us, err)) {
        return false;
    }
    draft->estimate_us = draft->estimate_us == 0 ? TIME_UNKNOWN : draft->estimate_us;
    *clock_us = time_add_us(*clock_us, interval_us);
    draft->submit_us = *clock_us;
    return read_shape(row, params, draft, err);
}

static bool gen_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    struct columns row;
    struct job_draft draft;
    int64_t clock_us = 0;
    if (!columns_open(&row, file, gen_columns, true, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        if (!read_row(&row, params, &clock_us, &draft, err) ||
            !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    return err->code == ERR_NONE;
}

const struct trace_format trace_format_gen_parallel = {
    .name = "gen_parallel",
    .help = "tables of Gen-Parallel-Workloads (Philly, Helios, Blue Waters)",
    .params_size = sizeof(struct gen_params),
    .params = gen_params,
    .detect = gen_detect,
    .read = gen_read,
};
