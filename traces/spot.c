/*
 * spot - jobs and nodes of Alibaba's GPU cluster with spot jobs (2026).
 *
 * Jobs: job_name,organization,gpu_model,cpu_request,gpu_request,worker_num,submit_time,duration,
 * job_type. A job is a gang of worker_num tasks; gpu_request (below 1: a share of one GPU) and
 * cpu_request are those of one. Times are seconds from the first submit. job_type HP is a job of
 * high priority, which is never preempted; Spot is one that may be. Organizations are queues.
 *
 * Nodes: gpu_model,gpu_capacity_num,cpu_num,node_name.
 */
#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum job_column {
    JOB_NAME,
    ORGANIZATION,
    GPU_MODEL,
    CPU_REQUEST,
    GPU_REQUEST,
    WORKER_NUM,
    SUBMIT_TIME,
    DURATION,
    JOB_TYPE,
};

static const struct column job_columns[] = {
    [JOB_NAME] = {"job_name", true},       [ORGANIZATION] = {"organization", true},
    [GPU_MODEL] = {"gpu_model", true},     [CPU_REQUEST] = {"cpu_request", true},
    [GPU_REQUEST] = {"gpu_request", true}, [WORKER_NUM] = {"worker_num", true},
    [SUBMIT_TIME] = {"submit_time", true}, [DURATION] = {"duration", true},
    [JOB_TYPE] = {"job_type", true},       {NULL, false},
};

enum node_column { NODE_MODEL, NODE_GPUS, NODE_CPUS, NODE_NAME };

static const struct column node_columns[] = {
    [NODE_MODEL] = {"gpu_model", true},
    [NODE_GPUS] = {"gpu_capacity_num", true},
    [NODE_CPUS] = {"cpu_num", true},
    [NODE_NAME] = {"node_name", true},
    {NULL, false},
};

static const struct number_kind number_workers = {1, true, 1, WORKLOAD_MOST_TASKS,
                                                  "a whole number from 1 to 1048576"};
static const struct number_kind number_worker_gpus = {1000, false, 0, NODE_MOST_GPUS * 1000,
                                                      "GPUs from 0 to 64"};
static const struct number_kind number_node_gpus = {1, true, 0, NODE_MOST_GPUS,
                                                    "a whole number from 0 to 64"};

static bool spot_detect(struct view head)
{
    static const char *const names[] = {"job_name",   "organization", "gpu_request",
                                        "worker_num", "job_type",     NULL};
    return columns_detect(head, names);
}

static bool read_group(const struct columns *row, struct task_group *group, struct err *err)
{
    int64_t gpu_milli = 0;
    int64_t workers = 0;
    struct request *request = &group->request;
    if (!columns_number(row, WORKER_NUM, &number_workers, &workers, err) ||
        !columns_optional(row, CPU_REQUEST, &number_milli, &request->cpu_milli, err) ||
        !columns_number(row, GPU_REQUEST, &number_worker_gpus, &gpu_milli, err)) {
        return false;
    }
    if (gpu_milli > 1000 && gpu_milli % 1000 != 0) {
        return columns_refuse(row, GPU_REQUEST, "a share of one GPU, or whole GPUs", err);
    }
    group->count = (uint32_t)workers;
    group->min_count = (uint32_t)workers;
    if (gpu_milli == 0) {
        return true;
    }
    bool share = gpu_milli < 1000;
    request->kind = share ? GPU_FRACTION : GPU_WHOLE;
    request->gpu_count = share ? 1 : (uint32_t)(gpu_milli / 1000);
    request->gpu_milli = share ? (uint32_t)gpu_milli : 0;
    return true;
}

static bool read_row(const struct columns *row, struct job_draft *draft, struct err *err)
{
    struct view type = columns_text(row, JOB_TYPE);
    job_draft_init(draft);
    draft->id = columns_text(row, JOB_NAME);
    draft->queue = columns_text(row, ORGANIZATION);
    draft->models = columns_text(row, GPU_MODEL);
    if (draft->id.length == 0) {
        return columns_refuse(row, JOB_NAME, "the name of the job", err);
    }
    if (!view_is(type, "HP") && !view_is(type, "Spot")) {
        return columns_refuse(row, JOB_TYPE, "HP or Spot", err);
    }
    draft->preemptible = view_is(type, "Spot");
    draft->priority = draft->preemptible ? 0 : 1;
    return columns_number(row, SUBMIT_TIME, &number_time, &draft->submit_us, err) &&
           columns_optional(row, DURATION, &number_span, &draft->duration_us, err) &&
           read_group(row, &draft->groups[0], err);
}

static bool spot_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    (void)params; /* there are none */
    struct columns row;
    struct job_draft draft;
    if (!columns_open(&row, file, job_columns, true, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        if (!read_row(&row, &draft, err) || !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    workload_note(out, "organizations are queues; HP jobs have priority 1 and are not preempted, "
                       "Spot jobs have 0 and are");
    workload_note(out, "no users, memory, estimates or outcomes: the table has none");
    return err->code == ERR_NONE;
}

static bool spot_detect_nodes(struct view head)
{
    static const char *const names[] = {"gpu_model", "gpu_capacity_num", "cpu_num", "node_name",
                                        NULL};
    return columns_detect(head, names);
}

/* Adds the node of a row as a pool of its own, named by its kind. */
static bool add_node(const struct columns *row, struct cluster *out, struct err *err)
{
    struct pool pool = {
        .name = "cpu", .node_count = 1, .model = NAMES_NONE, .memory_mib = UNLIMITED};
    struct node_draft node = {0};
    int64_t gpus = 0;
    struct view model = columns_text(row, NODE_MODEL);
    struct view name = columns_text(row, NODE_NAME);
    if (!columns_number(row, NODE_CPUS, &number_milli, &pool.cpu_milli, err) ||
        !columns_number(row, NODE_GPUS, &number_node_gpus, &gpus, err)) {
        return false;
    }
    if (gpus > 0 && model.length == 0) {
        return columns_refuse(row, NODE_MODEL, "the model of the node's GPUs", err);
    }
    if (name.length == 0) {
        return columns_refuse(row, NODE_NAME, "the name of the node", err);
    }
    pool.gpu_count = (uint32_t)gpus;
    if (gpus > 0) {
        pool.model = names_add(&out->models, model, NULL);
        pool.name = names_get(&out->models, pool.model);
        if (pool.model >= CLUSTER_MOST_MODELS) {
            return columns_refuse(row, NODE_MODEL, "at most 64 different models", err);
        }
    }
    node.name = arena_copy_text(&out->arena, name.at, name.length);
    if (!cluster_add_pool(out, &pool, &node, err)) {
        err->line = columns_line(row);
        return false;
    }
    return true;
}

static bool spot_read_cluster(const void *params, struct file *file, struct cluster *out,
                              struct err *err)
{
    (void)params; /* there are none */
    struct columns row;
    cluster_init(out, NULL, 0);
    bool ok = columns_open(&row, file, node_columns, true, err);
    while (ok && columns_next(&row, err)) {
        ok = add_node(&row, out, err);
    }
    ok = ok && err->code == ERR_NONE;
    if (ok && out->nodes.count == 0) {
        ok = err_set(err, ERR_FORMAT, 1, "no nodes follow the header, expected at least one");
    }
    if (!ok) {
        cluster_release_all(out);
        return false;
    }
    cluster_finish(out);
    return true;
}

extern const struct trace_format trace_format_spot;
const struct trace_format trace_format_spot = {
    .name = "spot",
    .help = "jobs and nodes of Alibaba's GPU cluster with spot jobs (2026)",
    .detect = spot_detect,
    .read = spot_read,
    .detect_cluster = spot_detect_nodes,
    .read_cluster = spot_read_cluster,
};
