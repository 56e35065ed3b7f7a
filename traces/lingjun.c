/*
 * lingjun - the network topology of Alibaba's Lingjun data set (2023), as a cluster.
 *
 * Header: ip,DSW,PSW,ASW: a host and its core, aggregation and access switch, which become three
 * topology levels. What a host has is not told: gpus= says how many GPUs, CPU and memory are
 * unbounded.
 *
 * The name of an access switch stands under up to three aggregation switches, with at most eight
 * hosts under each. asw=nested takes it for one switch in each; asw=global takes it for one switch,
 * and the aggregation switch, which then parts its hosts, for a label that is no level.
 */
#include <stddef.h>

#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum topo_column { IP, DSW, PSW, ASW };

static const struct column topo_columns[] = {
    [IP] = {"ip", true},   [DSW] = {"DSW", true}, [PSW] = {"PSW", true},
    [ASW] = {"ASW", true}, {NULL, false},
};

enum asw { ASW_NESTED, ASW_GLOBAL };

struct lingjun_params {
    int64_t gpus;
    int asw; /* enum asw */
};

static const struct param_spec lingjun_params[] = {
    {.name = "gpus",
     .type = PARAM_I64,
     .offset = offsetof(struct lingjun_params, gpus),
     .dflt = "8",
     .min = 0,
     .max = NODE_MOST_GPUS,
     .help = "GPUs of a host; the file does not tell"},
    {.name = "asw",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct lingjun_params, asw),
     .dflt = "nested",
     .choices = "nested|global",
     .help = "an access switch of one name: one under each PSW, or one in all"},
    {.name = NULL},
};

static bool lingjun_detect_cluster(struct view head)
{
    static const char *const names[] = {"ip", "DSW", "PSW", "ASW", NULL};
    return columns_detect(head, names);
}

/* A copy of the column, which must not be empty; NULL when it is. */
static const char *copy_name(const struct columns *row, uint32_t column, struct cluster *out,
                             struct err *err)
{
    struct view name = columns_text(row, column);
    if (name.length == 0) {
        (void)columns_refuse(row, column, "a name", err);
        return NULL;
    }
    return arena_copy_text(&out->arena, name.at, name.length);
}

static bool add_host(const struct columns *row, const struct lingjun_params *params,
                     struct cluster *out, struct err *err)
{
    struct pool pool = {.name = "host",
                        .node_count = 1,
                        .model = NAMES_NONE,
                        .gpu_count = (uint32_t)params->gpus,
                        .cpu_milli = UNLIMITED,
                        .memory_mib = UNLIMITED};
    struct label labels[] = {{"DSW", NULL}, {"PSW", NULL}, {"ASW", NULL}};
    struct node_draft node = {.label_count = 3, .labels = labels};
    node.name = copy_name(row, IP, out, err);
    for (uint32_t i = 0; node.name != NULL && i < 3; i++) {
        labels[i].value = copy_name(row, DSW + i, out, err);
        if (labels[i].value == NULL) {
            return false;
        }
    }
    if (node.name == NULL) {
        return false;
    }
    if (!cluster_add_pool(out, &pool, &node, err)) {
        err->line = columns_line(row);
        return false;
    }
    return true;
}

static bool lingjun_read_cluster(const void *params, struct file *file, struct cluster *out,
                                 struct err *err)
{
    static const char *const nested[] = {"DSW", "PSW", "ASW"};
    static const char *const global[] = {"DSW", "ASW"};
    const struct lingjun_params *settings = params;
    bool is_nested = settings->asw == ASW_NESTED;
    struct columns row;
    cluster_init(out, is_nested ? nested : global, is_nested ? 3 : 2);
    bool ok = columns_open(&row, file, topo_columns, false, err);
    while (ok && columns_next(&row, err)) {
        ok = add_host(&row, settings, out, err);
    }
    ok = ok && err->code == ERR_NONE;
    if (ok && out->nodes.count == 0) {
        ok = err_set(err, ERR_FORMAT, 1, "no hosts follow the header, expected at least one");
    }
    if (!ok) {
        cluster_release_all(out);
        return false;
    }
    cluster_finish(out);
    return true;
}

extern const struct trace_format trace_format_lingjun;
const struct trace_format trace_format_lingjun = {
    .name = "lingjun",
    .help = "network topology of Alibaba's Lingjun data set (2023)",
    .params_size = sizeof(struct lingjun_params),
    .params = lingjun_params,
    .detect_cluster = lingjun_detect_cluster,
    .read_cluster = lingjun_read_cluster,
};
