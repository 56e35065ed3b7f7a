/*
 * openb - Alibaba's open pod lists of a production GPU cluster (2023), and its node list.
 *
 * Pods: name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,
 * deletion_time,scheduled_time. A pod is a job of one task. gpu_milli is a share of one GPU when
 * num_gpu is 1 and it is below 1000; of more GPUs it is 1000 each. gpu_spec lists the models that
 * will do ("V100M16|V100M32"). Times are whole seconds from the start of the trace. The multigpu
 * lists have no times at all: every pod is submitted at 0, in the order of the file, with an
 * unknown duration.
 *
 * lifetime=scheduled: a pod runs from scheduled_time to deletion_time; pods that were never
 * scheduled have an unknown duration and cannot be replayed. lifetime=created: every pod runs from
 * creation_time to deletion_time.
 *
 * Nodes: sn,cpu_milli,memory_mib,gpu,model.
 */
#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum pod_column {
    NAME,
    CPU_MILLI,
    MEMORY_MIB,
    NUM_GPU,
    GPU_MILLI,
    GPU_SPEC,
    QOS,
    POD_PHASE,
    CREATION_TIME,
    DELETION_TIME,
    SCHEDULED_TIME,
};

static const struct column pod_columns[] = {
    [NAME] = {"name", true},
    [CPU_MILLI] = {"cpu_milli", true},
    [MEMORY_MIB] = {"memory_mib", true},
    [NUM_GPU] = {"num_gpu", true},
    [GPU_MILLI] = {"gpu_milli", true},
    [GPU_SPEC] = {"gpu_spec", false},
    [QOS] = {"qos", false},
    [POD_PHASE] = {"pod_phase", false},
    [CREATION_TIME] = {"creation_time", false},
    [DELETION_TIME] = {"deletion_time", false},
    [SCHEDULED_TIME] = {"scheduled_time", false},
    {NULL, false},
};

enum node_column { SN, NODE_CPU_MILLI, NODE_MEMORY_MIB, GPU, MODEL };

static const struct column node_columns[] = {
    [SN] = {"sn", true},
    [NODE_CPU_MILLI] = {"cpu_milli", true},
    [NODE_MEMORY_MIB] = {"memory_mib", true},
    [GPU] = {"gpu", true},
    [MODEL] = {"model", true},
    {NULL, false},
};

static const struct number_kind number_node_gpus = {1, true, 0, NODE_MOST_GPUS,
                                                    "a whole number from 0 to 64"};
static const struct number_kind number_share = {1, true, 0, 1000, "thousandths from 0 to 1000"};

enum lifetime { LIFETIME_SCHEDULED, LIFETIME_CREATED };

struct openb_params {
    int lifetime; /* enum lifetime */
};

static const struct param_spec openb_params[] = {
    {.name = "lifetime",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct openb_params, lifetime),
     .dflt = "scheduled",
     .choices = "scheduled|created",
     .help = "a pod runs until its deletion from when it was scheduled, or created"},
    {.name = NULL},
};

static bool openb_detect(struct view head)
{
    static const char *const names[] = {"name",    "cpu_milli", "memory_mib",
                                        "num_gpu", "gpu_milli", NULL};
    return columns_detect(head, names);
}

static bool read_times(const struct columns *row, const struct openb_params *params,
                       struct job_draft *draft, struct err *err)
{
    int64_t deleted_us = TIME_UNKNOWN;
    int64_t scheduled_us = TIME_UNKNOWN;
    draft->submit_us = 0;
    if (!columns_optional(row, CREATION_TIME, &number_time, &draft->submit_us, err) ||
        !columns_optional(row, DELETION_TIME, &number_time, &deleted_us, err) ||
        !columns_optional(row, SCHEDULED_TIME, &number_time, &scheduled_us, err)) {
        return false;
    }
    if (scheduled_us != TIME_UNKNOWN && scheduled_us < draft->submit_us) {
        return columns_refuse(row, SCHEDULED_TIME, "a time not before creation_time", err);
    }
    int64_t from_us = params->lifetime == LIFETIME_CREATED ? draft->submit_us : scheduled_us;
    if (deleted_us == TIME_UNKNOWN || from_us == TIME_UNKNOWN) {
        return true;
    }
    if (deleted_us < from_us) {
        return columns_refuse(row, DELETION_TIME, "a time not before the pod began", err);
    }
    draft->duration_us = deleted_us - from_us;
    return true;
}

static bool read_request(const struct columns *row, struct request *request, struct err *err)
{
    int64_t gpus = 0;
    int64_t milli = 0;
    if (!columns_number(row, CPU_MILLI, &number_amount, &request->cpu_milli, err) ||
        !columns_number(row, MEMORY_MIB, &number_amount, &request->memory_mib, err) ||
        !columns_number(row, NUM_GPU, &number_node_gpus, &gpus, err) ||
        !columns_number(row, GPU_MILLI, &number_share, &milli, err)) {
        return false;
    }
    if ((gpus == 0) != (milli == 0)) {
        return columns_refuse(row, GPU_MILLI, "0 just where num_gpu is 0", err);
    }
    if (gpus == 0) {
        return true;
    }
    request->gpu_count = (uint32_t)gpus;
    request->kind = milli < 1000 ? GPU_FRACTION : GPU_WHOLE;
    request->gpu_milli = milli < 1000 ? (uint32_t)milli : 0;
    return true;
}

static bool openb_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    const struct openb_params *settings = params;
    struct columns row;
    struct job_draft draft;
    uint32_t endless = 0;
    if (!columns_open(&row, file, pod_columns, false, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        job_draft_init(&draft);
        draft.id = columns_text(&row, NAME);
        draft.models = columns_text(&row, GPU_SPEC);
        if (draft.id.length == 0) {
            return columns_refuse(&row, NAME, "the name of the pod", err);
        }
        if (!read_times(&row, settings, &draft, err) ||
            !read_request(&row, &draft.groups[0].request, err) ||
            !workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
        endless += draft.duration_us == TIME_UNKNOWN ? 1 : 0;
    }
    workload_note(out, "qos and pod_phase are dropped: they are a snapshot, not an outcome");
    if (row.at[CREATION_TIME] < 0) {
        workload_note(out, "the list has no times: all pods are submitted at once, in its order");
    } else if (endless > 0) {
        workload_note(out, "%u pods tell no duration and cannot be replayed (lifetime=%s)", endless,
                      settings->lifetime == LIFETIME_CREATED ? "created" : "scheduled");
    }
    return err->code == ERR_NONE;
}

static bool openb_detect_nodes(struct view head)
{
    static const char *const names[] = {"sn", "cpu_milli", "memory_mib", "gpu", "model", NULL};
    return columns_detect(head, names);
}

/* Adds the node of a row as a pool of its own, named by its kind. */
static bool add_node(const struct columns *row, struct cluster *out, struct err *err)
{
    struct pool pool = {.name = "cpu", .node_count = 1, .model = NAMES_NONE};
    struct node_draft node = {0};
    int64_t gpus = 0;
    struct view model = columns_text(row, MODEL);
    if (!columns_number(row, NODE_CPU_MILLI, &number_amount, &pool.cpu_milli, err) ||
        !columns_number(row, NODE_MEMORY_MIB, &number_amount, &pool.memory_mib, err) ||
        !columns_number(row, GPU, &number_node_gpus, &gpus, err)) {
        return false;
    }
    if (gpus > 0 && model.length == 0) {
        return columns_refuse(row, MODEL, "the model of the node's GPUs", err);
    }
    pool.gpu_count = (uint32_t)gpus;
    if (model.length > 0) {
        pool.model = names_add(&out->models, model, NULL);
        pool.name = names_get(&out->models, pool.model);
        if (pool.model >= CLUSTER_MOST_MODELS) {
            return columns_refuse(row, MODEL, "at most 64 different models", err);
        }
    }
    struct view name = columns_text(row, SN);
    if (name.length == 0) {
        return columns_refuse(row, SN, "the name of the node", err);
    }
    node.name = arena_copy_text(&out->arena, name.at, name.length);
    if (!cluster_add_pool(out, &pool, &node, err)) {
        err->line = columns_line(row);
        return false;
    }
    return true;
}

static bool openb_read_cluster(const void *params, struct file *file, struct cluster *out,
                               struct err *err)
{
    (void)params; /* none of them is about nodes */
    struct columns row;
    char digest[DIGEST_TEXT];
    memcpy(digest, file->digest, sizeof(digest));
    cluster_init(out, NULL, 0);
    bool ok = columns_open(&row, file, node_columns, false, err);
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
    memcpy(out->digest, digest, sizeof(digest));
    return true;
}

extern const struct trace_format trace_format_openb;
const struct trace_format trace_format_openb = {
    .name = "openb",
    .help = "Alibaba's open pod lists of a GPU cluster (2023), and its node list",
    .params_size = sizeof(struct openb_params),
    .params = openb_params,
    .detect = openb_detect,
    .read = openb_read,
    .detect_cluster = openb_detect_nodes,
    .read_cluster = openb_read_cluster,
};
