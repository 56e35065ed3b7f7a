/*
 * scontrol.c - the nodes of a Slurm cluster, `scontrol show node` with --oneliner or without.
 *
 * Words of the form Key=value between blanks and line ends; NodeName begins a node. GPUs are those
 * of Gres ("gpu:a100:4(S:0-1)"), or of CfgTRES where Gres tells none; a type like a100_1g.5gb is so
 * many MIG instances. CPUs are CPUEfctv or CPUTot, memory RealMemory less MemSpecLimit. Partitions
 * and features become labels of those names. nodes=up leaves out nodes that are down or drained.
 */
#include <inttypes.h>
#include <stddef.h>

#include "sim/base/parse.h"
#include "sim/workload/node_list.h"
#include "sim/workload/slurm_text.h"
#include "sim/workload/trace_format.h"

enum { NODES_ALL, NODES_UP };

struct scontrol_params {
    int nodes;
};

static const struct param_spec scontrol_params[] = {
    {.name = "nodes",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct scontrol_params, nodes),
     .dflt = "all",
     .choices = "all|up",
     .help = "up: leave out nodes that are down, drained or failing"},
    {0},
};

enum scontrol_key {
    NODE_NAME,
    CPU_TOT,
    CPU_EFCTV,
    REAL_MEMORY,
    MEM_SPEC_LIMIT,
    GRES,
    CFG_TRES,
    STATE,
    PARTITIONS,
    FEATURES,
    KEY_COUNT,
};

static const char *const key_names[KEY_COUNT] = {
    [NODE_NAME] = "NodeName",
    [CPU_TOT] = "CPUTot",
    [CPU_EFCTV] = "CPUEfctv",
    [REAL_MEMORY] = "RealMemory",
    [MEM_SPEC_LIMIT] = "MemSpecLimit",
    [GRES] = "Gres",
    [CFG_TRES] = "CfgTRES",
    [STATE] = "State",
    [PARTITIONS] = "Partitions",
    [FEATURES] = "AvailableFeatures",
};

/* A node as the text has it; values are empty where it does not tell. */
struct raw_node {
    int64_t line;
    struct view values[KEY_COUNT];
};

struct scontrol {
    const struct scontrol_params *params;
    const char *at;
    const char *end;
    int64_t line;
    struct cluster *out;
    uint32_t unavailable;
    uint32_t mixed;
    uint32_t shares;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next word, "Key=value" or any other; empty at the end. */
static struct view next_word(struct scontrol *scontrol)
{
    const char *at = scontrol->at;
    while (at < scontrol->end && is_space(*at)) {
        scontrol->line += *at == '\n' ? 1 : 0;
        at++;
    }
    const char *start = at;
    while (at < scontrol->end && !is_space(*at)) {
        at++;
    }
    scontrol->at = at;
    return (struct view){start, (size_t)(at - start)};
}

static void skip_line(struct scontrol *scontrol)
{
    const char *stop = memchr(scontrol->at, '\n', (size_t)(scontrol->end - scontrol->at));
    scontrol->at = stop == NULL ? scontrol->end : stop;
}

/* Keys whose value is text that people write, up to the end of the line. */
static bool is_free_text(struct view key)
{
    return view_is(key, "Reason") || view_is(key, "Comment") || view_is(key, "Extra");
}

/* Reads the words of one node, the first of which is read already. *next is the one that begins the
 * node behind it, or empty. */
static void read_words(struct scontrol *scontrol, struct view first, struct raw_node *node,
                       struct view *next)
{
    *node = (struct raw_node){.line = scontrol->line};
    struct view value = {0};
    (void)view_cut(first, '=', &value);
    node->values[NODE_NAME] = value;
    for (;;) {
        struct view word = next_word(scontrol);
        struct view key = view_cut(word, '=', &value);
        if (word.length == 0 || (value.at != NULL && view_is(key, key_names[NODE_NAME]))) {
            *next = word;
            return;
        }
        if (value.at != NULL && is_free_text(key)) {
            skip_line(scontrol);
            continue;
        }
        for (int i = 0; value.at != NULL && i < KEY_COUNT; i++) {
            if (view_is(key, key_names[i])) {
                node->values[i] = value;
            }
        }
    }
}

static bool is_null(struct view value)
{
    return value.length == 0 || view_is(value, "(null)") || view_is(value, "N/A");
}

static bool refuse(const struct raw_node *node, enum scontrol_key key, const char *expected,
                   struct err *err)
{
    return err_set(err, ERR_FORMAT, node->line, "node '%.*s': %s is '%.*s', expected %s",
                   VIEW_ARG(node->values[NODE_NAME]), key_names[key], VIEW_ARG(node->values[key]),
                   expected);
}

static bool read_amount(const struct raw_node *node, enum scontrol_key key, int64_t *out,
                        struct err *err)
{
    if (is_null(node->values[key])) {
        return true;
    }
    if (parse_i64(node->values[key], out) != PARSE_OK || *out < 0 || *out > INT64_C(1000000000)) {
        return refuse(node, key, "a whole number from 0 to 10^9", err);
    }
    return true;
}

/* A sign behind a state: not responding, powered down, in maintenance, ... */
static bool is_state_mark(char c)
{
    return c != '\0' && strchr("*~#$%@^-!", c) != NULL;
}

/* "IDLE+DRAIN", "DOWN*", "MIXED". */
static bool is_available(struct view state)
{
    static const char *const bad[] = {"DOWN",    "DRAIN",   "DRAINED",        "DRAINING",
                                      "FAIL",    "FAILING", "FUTURE",         "ERROR",
                                      "UNKNOWN", "INVAL",   "NOT_RESPONDING", "INVALID_REG"};
    while (state.length > 0) {
        struct view word = view_cut(state, '+', &state);
        bool not_responding = false;
        while (word.length > 0 && is_state_mark(word.at[word.length - 1])) {
            not_responding = not_responding || word.at[word.length - 1] == '*';
            word.length--;
        }
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
            if (not_responding || view_is(word, bad[i])) {
                return false;
            }
        }
    }
    return true;
}

/* GPUs by type. A node has one model here: that of most of them. */
static bool read_gpus(struct scontrol *scontrol, const struct raw_node *node,
                      struct node_entry *entry, struct err *err)
{
    struct slurm_tres tres = {0};
    struct slurm_tres configured = {0};
    if (!slurm_gres_read(node->values[GRES], &tres)) {
        return refuse(node, GRES, "resources like gpu:a100:4", err);
    }
    if (!slurm_tres_read(node->values[CFG_TRES], &configured)) {
        return refuse(node, CFG_TRES, "resources like cpu=96,mem=512G,gres/gpu:a100=4", err);
    }
    tres = tres.gpus > 0 ? tres : configured;
    scontrol->shares += tres.has_shares ? 1 : 0;
    entry->gpus = tres.gpus;
    for (uint32_t i = 0; i < tres.type_count; i++) {
        struct mig_profile profile = {0};
        struct view model = {0};
        int64_t count = tres.types[i].count;
        if (!slurm_mig_type(tres.types[i].name, &profile, &model)) {
            continue;
        }
        entry->gpus -= count;
        if (!node_entry_add_mig(entry, profile, count)) {
            return refuse(node, GRES, "MIG instances that one node can have", err);
        }
    }
    entry->model = slurm_most_model(&tres);
    scontrol->mixed += entry->model.length < slurm_models(&tres, &scontrol->out->arena).length;
    return true;
}

/* Keeps the value as a label of the node. */
static void add_label(struct scontrol *scontrol, const char *key, struct view value,
                      struct node_entry *entry)
{
    if (!is_null(value)) {
        struct label *label = &entry->labels[entry->label_count++];
        label->key = key;
        label->value = arena_copy_text(&scontrol->out->arena, value.at, value.length);
    }
}

static bool add_node(struct scontrol *scontrol, const struct raw_node *node, struct err *err)
{
    struct node_entry entry;
    int64_t cpus = 0;
    int64_t reserved_mib = 0;
    node_entry_init(&entry, node->values[NODE_NAME]);
    bool is_up = is_available(node->values[STATE]);
    scontrol->unavailable += is_up ? 0 : 1;
    if (!is_up && scontrol->params->nodes == NODES_UP) {
        return true;
    }
    if (is_null(node->values[CPU_TOT])) {
        return refuse(node, CPU_TOT, "the number of CPUs", err);
    }
    entry.memory_mib = 0;
    if (!read_amount(node, CPU_TOT, &cpus, err) || !read_amount(node, CPU_EFCTV, &cpus, err) ||
        !read_amount(node, REAL_MEMORY, &entry.memory_mib, err) ||
        !read_amount(node, MEM_SPEC_LIMIT, &reserved_mib, err) ||
        !read_gpus(scontrol, node, &entry, err)) {
        return false;
    }
    entry.cpu_milli = cpus * 1000;
    entry.memory_mib -= reserved_mib < entry.memory_mib ? reserved_mib : entry.memory_mib;
    add_label(scontrol, "partitions", node->values[PARTITIONS], &entry);
    add_label(scontrol, "features", node->values[FEATURES], &entry);
    return node_list_add(scontrol->out, &entry, node->line, err);
}

static bool read_nodes(struct scontrol *scontrol, struct err *err)
{
    struct view word = next_word(scontrol);
    while (word.length > 0) {
        struct raw_node node;
        struct view value = {0};
        struct view key = view_cut(word, '=', &value);
        if (value.at == NULL || !view_is(key, key_names[NODE_NAME])) {
            return err_set(err, ERR_FORMAT, scontrol->line, "found '%.*s', expected NodeName=...",
                           VIEW_ARG(word));
        }
        read_words(scontrol, word, &node, &word);
        if (!add_node(scontrol, &node, err)) {
            return false;
        }
    }
    if (scontrol->out->nodes.count == 0) {
        return err_set(err, ERR_FORMAT, 0, "no nodes in it%s, expected at least one",
                       scontrol->unavailable > 0 ? " that are up" : "");
    }
    return true;
}

static void add_notes(const struct scontrol *scontrol)
{
    struct cluster *out = scontrol->out;
    if (scontrol->unavailable > 0) {
        cluster_note(out, "%" PRIu32 " nodes are down, drained or failing%s", scontrol->unavailable,
                     scontrol->params->nodes == NODES_UP ? " and left out (nodes=up)"
                                                         : " (nodes=up leaves them out)");
    }
    if (scontrol->mixed > 0) {
        cluster_note(out,
                     "%" PRIu32
                     " nodes have GPUs of several models, which count as the one of most of them",
                     scontrol->mixed);
    }
    if (scontrol->shares > 0) {
        cluster_note(out, "shares of GPUs (gres/shard, gres/mps) on %" PRIu32 " nodes are dropped",
                     scontrol->shares);
    }
    cluster_note(out, "partitions are labels: they bind no queue to their nodes here");
}

static bool scontrol_read_cluster(const void *params, struct file *file, struct cluster *out,
                                  struct err *err)
{
    cluster_init(out, NULL, 0);
    struct scontrol scontrol = {
        .params = params,
        .at = file->bytes,
        .end = file->bytes + file->length,
        .line = 1,
        .out = out,
    };
    if (!read_nodes(&scontrol, err)) {
        cluster_release_all(out);
        return false;
    }
    add_notes(&scontrol);
    cluster_finish(out);
    return true;
}

/* The file of the configuration begins likewise, but has no CPUTot. */
static bool scontrol_detect(struct view head)
{
    struct scontrol scontrol = {.at = head.at, .end = head.at + head.length};
    struct raw_node node;
    struct view value = {0};
    struct view word = next_word(&scontrol);
    if (!view_is(view_cut(word, '=', &value), key_names[NODE_NAME])) {
        return false;
    }
    read_words(&scontrol, word, &node, &word);
    return node.values[CPU_TOT].length > 0;
}

extern const struct trace_format trace_format_scontrol;
const struct trace_format trace_format_scontrol = {
    .name = "scontrol",
    .help = "nodes of a Slurm cluster: scontrol show node",
    .params_size = sizeof(struct scontrol_params),
    .params = scontrol_params,
    .detect_cluster = scontrol_detect,
    .read_cluster = scontrol_read_cluster,
};
