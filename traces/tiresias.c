/*
 * tiresias.c - jobs and cluster specifications of the Tiresias simulator. Times are in seconds;
 * a cluster is switches of equal nodes, which become the topology level "switch".
 */
#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum job_column { JOB_ID, NUM_GPU, SUBMIT_TIME, ITERATIONS, MODEL_NAME, DURATION, INTERVAL };

static const struct column job_columns[] = {
    [JOB_ID] = {"job_id", true},           [NUM_GPU] = {"num_gpu", true},
    [SUBMIT_TIME] = {"submit_time", true}, [ITERATIONS] = {"iterations", true},
    [MODEL_NAME] = {"model_name", true},   [DURATION] = {"duration", true},
    [INTERVAL] = {"interval", true},       {NULL, false},
};

enum spec_column { SWITCHES, NODES, GPUS, CPUS, MEMORY };

static const struct column spec_columns[] = {
    [SWITCHES] = {"num_switch", true}, [NODES] = {"num_node_p_switch", true},
    [GPUS] = {"num_gpu_p_node", true}, [CPUS] = {"num_cpu_p_node", true},
    [MEMORY] = {"mem_p_node", true},   {NULL, false},
};

static const struct number_kind number_switches = {1, true, 1, 4096,
                                                   "a whole number from 1 to 4096"};
static const struct number_kind number_nodes = {1, true, 1, CLUSTER_MOST_NODES,
                                                "a whole number from 1 to 1048576"};
static const struct number_kind number_node_gpus = {1, true, 0, NODE_MOST_GPUS,
                                                    "a whole number from 0 to 64"};

/* Other simulators added columns and changed the unit of time: their tables are not ours. */
static bool tiresias_detect(struct view head)
{
    static const char *const names[] = {"job_id",     "num_gpu",  "submit_time", "iterations",
                                        "model_name", "duration", "interval",    NULL};
    static const char *const muri[] = {"iteration_time", NULL};
    static const char *const chronus[] = {"job_type", NULL};
    return columns_detect(head, names) && !columns_detect(head, muri) &&
           !columns_detect(head, chronus);
}

static bool tiresias_read(const void *params, struct file *file, struct workload *out,
                          struct err *err)
{
    (void)params; /* it has none */
    struct columns row;
    struct job_draft draft;
    if (!columns_open(&row, file, job_columns, false, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        int64_t gpus = 0;
        job_draft_init(&draft);
        draft.id = columns_text(&row, JOB_ID);
        if (draft.id.length == 0) {
            return columns_refuse(&row, JOB_ID, "an id", err);
        }
        if (!columns_number(&row, NUM_GPU, &number_count, &gpus, err) ||
            !columns_number(&row, SUBMIT_TIME, &number_time, &draft.submit_us, err) ||
            !columns_number(&row, DURATION, &number_span, &draft.duration_us, err)) {
            return false;
        }
        job_draft_set_gpus(&draft, (uint32_t)gpus);
        if (!workload_add(out, &draft, columns_line(&row), err)) {
            return false;
        }
    }
    return err->code == ERR_NONE;
}

static bool tiresias_detect_cluster(struct view head)
{
    static const char *const names[] = {"num_switch", "num_node_p_switch", "num_gpu_p_node", NULL};
    return columns_detect(head, names);
}

/* The pool that every switch has, and how many there are. */
static bool read_spec(struct columns *row, struct pool *pool, int64_t *switches, struct err *err)
{
    int64_t nodes = 0;
    int64_t gpus = 0;
    int64_t gigabytes = 0;
    if (!columns_next(row, err)) {
        return err->code != ERR_NONE ? false
                                     : err_set(err, ERR_FORMAT, 0, "no row, expected one cluster");
    }
    if (!columns_number(row, SWITCHES, &number_switches, switches, err) ||
        !columns_number(row, NODES, &number_nodes, &nodes, err) ||
        !columns_number(row, GPUS, &number_node_gpus, &gpus, err) ||
        !columns_number(row, CPUS, &number_milli, &pool->cpu_milli, err) ||
        !columns_number(row, MEMORY, &number_count, &gigabytes, err)) {
        return false;
    }
    pool->node_count = (uint32_t)nodes;
    pool->gpu_count = (uint32_t)gpus;
    pool->memory_mib = gigabytes * 1024;
    return true;
}

static bool tiresias_read_cluster(const void *params, struct file *file, struct cluster *out,
                                  struct err *err)
{
    (void)params; /* it has none */
    static const char *const levels[] = {"switch"};
    struct columns row;
    struct pool pool = {.model = NAMES_NONE};
    int64_t switches = 0;
    if (!columns_open(&row, file, spec_columns, false, err) ||
        !read_spec(&row, &pool, &switches, err)) {
        return false;
    }
    cluster_init(out, levels, 1);
    for (int64_t i = 0; i < switches; i++) {
        char name[24];
        (void)snprintf(name, sizeof(name), "switch%d", (int)i);
        struct label label = {"switch", name};
        struct node_draft node = {.label_count = 1, .labels = &label};
        pool.name = name;
        if (!cluster_add_pool(out, &pool, &node, err)) {
            cluster_release_all(out);
            return false;
        }
    }
    cluster_finish(out);
    return true;
}

const struct trace_format trace_format_tiresias = {
    .name = "tiresias",
    .help = "jobs of the Tiresias simulator, and its cluster specifications",
    .detect = tiresias_detect,
    .read = tiresias_read,
    .detect_cluster = tiresias_detect_cluster,
    .read_cluster = tiresias_read_cluster,
};
