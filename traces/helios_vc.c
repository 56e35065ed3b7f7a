/*
 * helios_vc.c - the virtual clusters of Helios (cluster_gpu_number.csv: date, GPUs of each virtual
 * cluster that day, total) and of Philly (vc,node num), as a cluster.
 *
 * Virtual clusters are partitions upstream: each has nodes of its own. Here they become a pool of
 * nodes with the label "vc" each, and a queue whose quota is its GPUs; with borrow=false, the
 * default, also its limit, so that no queue gets more than its partition had. Which nodes a job
 * runs on is up to the placement. The table has no node sizes: `per_node` GPUs a node.
 */
#include <inttypes.h>
#include <stddef.h>

#include "sim/base/parse.h"
#include "sim/workload/columns.h"
#include "sim/workload/trace_format.h"

enum { MOST_VC_GPUS = 1 << 20 };

struct vc_params {
    int64_t day;
    int64_t per_node;
    bool borrow;
};

static const struct param_spec vc_params[] = {
    {.name = "day",
     .type = PARAM_I64,
     .offset = offsetof(struct vc_params, day),
     .dflt = "0",
     .min = 0,
     .max = 1e6,
     .help = "which row of the days, from 1; 0: the last"},
    {.name = "per_node",
     .type = PARAM_I64,
     .offset = offsetof(struct vc_params, per_node),
     .dflt = "8",
     .min = 1,
     .max = NODE_MOST_GPUS,
     .help = "GPUs of a node"},
    {.name = "borrow",
     .type = PARAM_BOOL,
     .offset = offsetof(struct vc_params, borrow),
     .dflt = "false",
     .help = "queues may use more than their quota"},
    {.name = NULL},
};

/* A virtual cluster; the name lies in the file. */
struct vc {
    struct view name;
    int64_t gpus;
};

typedef VEC(struct vc) vc_vec;

static bool is_daily(const struct csv *table)
{
    return table->count >= 3 && view_is(view_trim(table->fields[0]), "date") &&
           view_is(view_trim(table->fields[table->count - 1]), "total");
}

static bool is_node_table(const struct csv *table)
{
    return table->count == 2 && view_is(view_trim(table->fields[0]), "vc") &&
           view_is(view_trim(table->fields[1]), "node num");
}

static bool read_count(const struct csv *table, uint32_t field, int64_t each, int64_t *out,
                       struct err *err)
{
    struct view text = view_trim(table->fields[field]);
    int64_t count = 0;
    if (parse_i64(text, &count) != PARSE_OK || count < 0 || count > MOST_VC_GPUS / each) {
        return err_set(err, ERR_FORMAT, table->line,
                       "field %" PRIu32 " is '%.*s', expected a whole number from 0 to %" PRId64,
                       field + 1, VIEW_ARG(text), MOST_VC_GPUS / each);
    }
    *out = count * each;
    return true;
}

/* Reads the GPUs of a row; the last column is their sum. */
static bool read_sizes(const struct csv *table, vc_vec *vcs, struct err *err)
{
    int64_t sum = 0;
    int64_t total = 0;
    for (uint32_t i = 0; i < vcs->count; i++) {
        if (!read_count(table, i + 1, 1, &vcs->items[i].gpus, err)) {
            return false;
        }
        sum += vcs->items[i].gpus;
    }
    if (!read_count(table, table->count - 1, 1, &total, err)) {
        return false;
    }
    return sum == total ||
           err_set(err, ERR_FORMAT, table->line,
                   "the virtual clusters have %" PRId64 " GPUs, expected the total %" PRId64, sum,
                   total);
}

/* Reads the chosen day; its name goes to `day`. */
static bool read_day(struct csv *table, const struct vc_params *params, vc_vec *vcs, char day[32],
                     struct err *err)
{
    int64_t number = 0;
    uint32_t count = table->count;
    for (uint32_t i = 1; i + 1 < count; i++) {
        struct vc vc = {.name = view_trim(table->fields[i])};
        vec_push(vcs, vc);
    }
    while (csv_next(table, err)) {
        number++;
        if (table->count != count) {
            return err_set(err, ERR_FORMAT, table->line,
                           "found %" PRIu32 " fields, expected %" PRIu32 " as in the header",
                           table->count, count);
        }
        if (params->day > 0 && number != params->day) {
            continue;
        }
        if (!read_sizes(table, vcs, err)) {
            return false;
        }
        (void)snprintf(day, 32, "%.*s", VIEW_ARG(table->fields[0]));
    }
    if (err->code == ERR_NONE && (number == 0 || number < params->day)) {
        (void)err_set(err, ERR_FORMAT, number == 0 ? 1 : table->line,
                      "there are %" PRId64 " days, expected %s", number,
                      number == 0 ? "at least one" : "as many as 'day' says");
    }
    return err->code == ERR_NONE;
}

static bool read_nodes(struct csv *table, const struct vc_params *params, vc_vec *vcs,
                       struct err *err)
{
    while (csv_next(table, err)) {
        struct vc vc = {.name = view_trim(table->fields[0])};
        if (table->count != 2) {
            return err_set(err, ERR_FORMAT, table->line,
                           "found %" PRIu32 " fields, expected 2 as in the header", table->count);
        }
        if (!read_count(table, 1, params->per_node, &vc.gpus, err)) {
            return false;
        }
        vec_push(vcs, vc);
    }
    return err->code == ERR_NONE;
}

/* A pool of `nodes` nodes of the virtual cluster `vc`; none when that is 0. */
static bool add_pool(const char *vc, const char *name, int64_t nodes, int64_t gpus,
                     struct cluster *out, struct err *err)
{
    struct label label = {"vc", vc};
    struct node_draft node = {.label_count = 1, .labels = &label};
    struct pool pool = {
        .name = name,
        .node_count = (uint32_t)nodes,
        .gpu_count = (uint32_t)gpus,
        .model = NAMES_NONE,
        .cpu_milli = UNLIMITED,
        .memory_mib = UNLIMITED,
    };
    return nodes == 0 || cluster_add_pool(out, &pool, &node, err);
}

/* The nodes and the queue of one virtual cluster. A last node may be smaller. */
static bool add_vc(const struct vc *vc, const struct vc_params *params, struct cluster *out,
                   struct err *err)
{
    const char *name = arena_copy_text(&out->arena, vc->name.at, vc->name.length);
    if (vc->name.length == 0) {
        return err_set(err, ERR_FORMAT, 1, "a virtual cluster has no name");
    }
    struct text rest_name = {0};
    text_addf(&rest_name, "%s-rest", name);
    int64_t rest = vc->gpus % params->per_node;
    bool ok = add_pool(name, name, vc->gpus / params->per_node, params->per_node, out, err) &&
              add_pool(name, rest_name.bytes, rest > 0 ? 1 : 0, rest, out, err);
    text_release(&rest_name);
    struct queue_spec queue = {
        .name = name,
        .parent = QUEUE_NO_PARENT,
        .priority = 100,
        .gpu = {(double)vc->gpus, params->borrow ? -1 : (double)vc->gpus, 1},
        .cpu = {-1, -1, 1},
        .memory = {-1, -1, 1},
    };
    vec_push(&out->queues, queue);
    return ok;
}

static bool read_table(struct csv *table, const struct vc_params *params, struct cluster *out,
                       struct err *err)
{
    vc_vec vcs = {0};
    char day[32] = "";
    bool ok = csv_next(table, err);
    if (ok && is_daily(table)) {
        ok = read_day(table, params, &vcs, day, err);
    } else if (ok && is_node_table(table)) {
        ok = read_nodes(table, params, &vcs, err);
    } else if (ok || err->code == ERR_NONE) {
        ok = err_set(err, ERR_FORMAT, 1,
                     "found another header, expected 'date,...,total' or 'vc,node num'");
    }
    struct names names = {0};
    for (size_t i = 0; ok && i < vcs.count; i++) {
        bool is_new = false;
        (void)names_add(&names, vcs.items[i].name, &is_new);
        ok = is_new ? add_vc(&vcs.items[i], params, out, err)
                    : err_set(err, ERR_FORMAT, 1, "virtual cluster '%.*s' is named twice",
                              VIEW_ARG(vcs.items[i].name));
    }
    names_release(&names);
    vec_release(&vcs);
    if (ok && out->nodes.count == 0) {
        ok = err_set(err, ERR_FORMAT, 0, "no virtual cluster has GPUs, expected at least one");
    }
    if (ok && day[0] != '\0') {
        cluster_note(out, "GPUs are those of %s; virtual clusters grew and shrank (day)", day);
    }
    return ok;
}

static bool vc_read_cluster(const void *params, struct file *file, struct cluster *out,
                            struct err *err)
{
    const struct vc_params *settings = params;
    struct csv table;
    err->code = ERR_NONE;
    csv_init(&table, file->bytes, file->length, ',');
    cluster_init(out, NULL, 0);
    if (!read_table(&table, settings, out, err)) {
        cluster_release_all(out);
        return false;
    }
    cluster_note(out,
                 "virtual clusters are separate partitions upstream; here they are queues with "
                 "their GPUs as quota%s, over nodes that all queues share",
                 settings->borrow ? "" : " and limit");
    cluster_note(out, "nodes are supposed to have %" PRId64 " GPUs (per_node)", settings->per_node);
    cluster_finish(out);
    return true;
}

static bool vc_detect(struct view head)
{
    char *copy = mem_copy_text(head.at, head.length);
    struct csv table;
    struct err err = {0};
    csv_init(&table, copy, head.length, ',');
    bool found = csv_next(&table, &err) && (is_daily(&table) || is_node_table(&table));
    free(copy);
    return found;
}

extern const struct trace_format trace_format_helios_vc;
const struct trace_format trace_format_helios_vc = {
    .name = "helios_vc",
    .help = "virtual clusters of Helios (GPUs a day) and Philly (nodes) as queues with quotas",
    .params_size = sizeof(struct vc_params),
    .params = vc_params,
    .detect_cluster = vc_detect,
    .read_cluster = vc_read_cluster,
};
