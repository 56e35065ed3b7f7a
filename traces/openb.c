/*
 * openb.c - Alibaba's openb trace (cluster-trace-gpu-v2023): its pod lists and its node lists.
 *
 * A pod is one task on one node. With one GPU, gpu_milli is its share of it (1000: the whole one);
 * with more, what it takes of each. gpu_spec names the models that will do, "A|B". Times are whole
 * seconds from the start of the trace. The multigpu lists tell no times: their pods are submitted
 * at 0, in the order of the file, for an unknown duration.
 *
 * pod_phase is the phase at the moment of the snapshot, not how the pod ended, so it is not read.
 */
#include <inttypes.h>
#include <stddef.h>

#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum pod_column {
    POD_NAME,
    POD_CPU_MILLI,
    POD_MEMORY_MIB,
    POD_NUM_GPU,
    POD_GPU_MILLI,
    POD_GPU_SPEC,
    POD_CREATION,
    POD_DELETION,
    POD_SCHEDULED,
};

static const struct column pod_columns[] = {
    [POD_NAME] = {"name", true},
    [POD_CPU_MILLI] = {"cpu_milli", true},
    [POD_MEMORY_MIB] = {"memory_mib", true},
    [POD_NUM_GPU] = {"num_gpu", true},
    [POD_GPU_MILLI] = {"gpu_milli", true},
    [POD_GPU_SPEC] = {"gpu_spec", false},
    [POD_CREATION] = {"creation_time", false},
    [POD_DELETION] = {"deletion_time", false},
    [POD_SCHEDULED] = {"scheduled_time", false},
    {NULL, false},
};

enum node_column { NODE_NAME, NODE_CPU_MILLI, NODE_MEMORY_MIB, NODE_GPU, NODE_MODEL };

static const struct column node_columns[] = {
    [NODE_NAME] = {"sn", true},
    [NODE_CPU_MILLI] = {"cpu_milli", true},
    [NODE_MEMORY_MIB] = {"memory_mib", true},
    [NODE_GPU] = {"gpu", true},
    [NODE_MODEL] = {"model", true},
    {NULL, false},
};

static const struct number_kind number_share = {1, true, 0, 1000,
                                                "thousandths of a GPU, 0 to 1000"};
static const struct number_kind number_node_gpus = {1, true, 0, NODE_MOST_GPUS,
                                                    "a whole number from 0 to 64"};

enum { LIFETIME_SCHEDULED, LIFETIME_CREATED };

struct openb_params {
    int lifetime;
};

static const struct param_spec openb_params[] = {
    {.name = "lifetime",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct openb_params, lifetime),
     .dflt = "scheduled",
     .choices = "scheduled|created",
     .help = "a pod runs from then until its deletion; never scheduled: duration unknown"},
    {0},
};

struct openb {
    const struct openb_params *params;
    struct columns row;
    int64_t without_times;
    int64_t never_scheduled;
};

/* -- pods ------------------------------------------------------------------------------------ */

static bool openb_detect(struct view head)
{
    static const char *const names[] = {"name",    "cpu_milli", "memory_mib",
                                        "num_gpu", "gpu_milli", NULL};
    return columns_detect(head, names);
}

static bool read_request(const struct columns *row, struct request *request, struct err *err)
{
    int64_t devices = 0;
    int64_t milli = 0;
    if (!columns_number(row, POD_CPU_MILLI, &number_amount, &request->cpu_milli, err) ||
        !columns_number(row, POD_MEMORY_MIB, &number_amount, &request->memory_mib, err) ||
        !columns_number(row, POD_NUM_GPU, &number_count, &devices, err) ||
        !columns_number(row, POD_GPU_MILLI, &number_share, &milli, err)) {
        return false;
    }
    if (devices == 0) {
        return milli == 0 || columns_refuse(row, POD_GPU_MILLI, "0, for num_gpu is 0", err);
    }
    if (milli == 0) {
        return columns_refuse(row, POD_GPU_MILLI, "1 to 1000, for num_gpu is not 0", err);
    }
    request->gpu_count = (uint32_t)devices;
    request->kind = milli == 1000 ? GPU_WHOLE : GPU_FRACTION;
    request->gpu_milli = milli == 1000 ? 0 : (uint32_t)milli;
    return true;
}

static bool read_times(struct openb *openb, struct job_draft *draft, struct err *err)
{
    const struct columns *row = &openb->row;
    int64_t deletion_us = TIME_UNKNOWN;
    int64_t scheduled_us = TIME_UNKNOWN;
    if (!columns_optional(row, POD_CREATION, &number_span, &draft->submit_us, err) ||
        !columns_optional(row, POD_DELETION, &number_span, &deletion_us, err) ||
        !columns_optional(row, POD_SCHEDULED, &number_span, &scheduled_us, err)) {
        return false;
    }
    if (draft->submit_us == TIME_UNKNOWN) {
        draft->submit_us = 0;
        openb->without_times++;
        return true;
    }
    bool from_creation = openb->params->lifetime == LIFETIME_CREATED;
    int64_t start_us = from_creation ? draft->submit_us : scheduled_us;
    if (start_us == TIME_UNKNOWN) {
        openb->never_scheduled++;
        return true;
    }
    if (deletion_us == TIME_UNKNOWN) {
        return true;
    }
    if (deletion_us < start_us) {
        return columns_refuse(row, POD_DELETION, "a time after the pod began", err);
    }
    draft->duration_us = deletion_us - start_us;
    return true;
}

static bool openb_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    struct openb openb = {.params = params};
    struct job_draft draft;
    if (!columns_open(&openb.row, file, pod_columns, true, err)) {
        return false;
    }
    while (columns_next(&openb.row, err)) {
        job_draft_init(&draft);
        draft.id = columns_text(&openb.row, POD_NAME);
        draft.models = columns_text(&openb.row, POD_GPU_SPEC);
        if (draft.id.length == 0) {
            return columns_refuse(&openb.row, POD_NAME, "a name", err);
        }
        if (!read_request(&openb.row, &draft.groups[0].request, err) ||
            !read_times(&openb, &draft, err) ||
            !workload_add(out, &draft, columns_line(&openb.row), err)) {
            return false;
        }
    }
    if (openb.without_times > 0) {
        workload_note(out, "%" PRId64 " pods tell no times: submitted at 0, of unknown duration",
                      openb.without_times);
    }
    if (openb.never_scheduled > 0) {
        workload_note(out, "%" PRId64 " pods were never scheduled: of unknown duration",
                      openb.never_scheduled);
    }
    return err->code == ERR_NONE;
}

/* -- nodes ----------------------------------------------------------------------------------- */

static bool openb_detect_cluster(struct view head)
{
    static const char *const names[] = {"sn", "cpu_milli", "memory_mib", "gpu", "model", NULL};
    return columns_detect(head, names);
}

/* Adds the node of a row, a pool of its own, so that nodes keep the order of the file. */
static bool add_node(const struct columns *row, struct cluster *out, struct err *err)
{
    struct pool pool = {.node_count = 1, .model = NAMES_NONE};
    struct node_draft node = {0};
    struct view name = columns_text(row, NODE_NAME);
    struct view model = columns_text(row, NODE_MODEL);
    int64_t gpus = 0;
    if (name.length == 0) {
        return columns_refuse(row, NODE_NAME, "a name", err);
    }
    if (!columns_number(row, NODE_CPU_MILLI, &number_amount, &pool.cpu_milli, err) ||
        !columns_number(row, NODE_MEMORY_MIB, &number_amount, &pool.memory_mib, err) ||
        !columns_number(row, NODE_GPU, &number_node_gpus, &gpus, err)) {
        return false;
    }
    if (gpus > 0 && model.length > 0) {
        if (names_find(&out->models, model) == NAMES_NONE &&
            names_count(&out->models) == CLUSTER_MOST_MODELS) {
            return columns_refuse(row, NODE_MODEL, "at most 64 GPU models", err);
        }
        pool.model = names_add(&out->models, model, NULL);
    }
    pool.gpu_count = (uint32_t)gpus;
    pool.name = arena_copy_text(&out->arena, name.at, name.length);
    node.name = pool.name;
    if (!cluster_add_pool(out, &pool, &node, err)) {
        err->line = columns_line(row);
        return false;
    }
    return true;
}

static bool openb_read_cluster(const void *params, struct file *file, struct cluster *out,
                               struct err *err)
{
    (void)params; /* they are about pods */
    struct columns row;
    if (!columns_open(&row, file, node_columns, true, err)) {
        return false;
    }
    cluster_init(out, NULL, 0);
    bool ok = true;
    while (ok && columns_next(&row, err)) {
        ok = add_node(&row, out, err);
    }
    ok = ok && err->code == ERR_NONE;
    if (ok && out->nodes.count == 0) {
        ok = err_set(err, ERR_FORMAT, 0, "no nodes in it, expected at least one");
    }
    if (!ok) {
        cluster_release_all(out);
        return false;
    }
    cluster_finish(out);
    return true;
}

const struct trace_format trace_format_openb = {
    .name = "openb",
    .help = "Alibaba openb (GPU trace 2023): pod lists, and node lists as clusters",
    .params_size = sizeof(struct openb_params),
    .params = openb_params,
    .detect = openb_detect,
    .read = openb_read,
    .detect_cluster = openb_detect_cluster,
    .read_cluster = openb_read_cluster,
};
