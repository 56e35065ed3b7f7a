/* changes.c - see changes.h. */
#include "sim/cli/changes.h"

#include "sim/base/check.h"
#include "sim/base/file.h"
#include "sim/base/json_read.h"
#include "sim/base/parse.h"
#include "sim/cluster/cluster_file.h"

enum { MOST_WORDS = 8, MOST_ADDED = 1000000 };

/* What one variant owns. */
struct changed {
    struct cluster cluster;
    bool has_cluster;
    struct grid_change change;
    bool has_change;
};

/* A change while it is read: the words of one part, and what it makes of the base. */
struct part {
    struct view words[MOST_WORDS];
    uint32_t count;
    const struct cli_args *args;
    struct comparing *out;
    struct changed *changed;
    struct grid_policy *entry;
    json_t *cluster; /* of the variant; NULL: as the base */
};

static bool is_word(const struct part *part, uint32_t i, const char *word)
{
    return i < part->count && view_is(part->words[i], word);
}

static const char *keep(const struct part *part, uint32_t i)
{
    return comparing_keep(part->out, part->words[i].at, part->words[i].length);
}

/* -- pools ----------------------------------------------------------------------------------- */

static bool open_cluster(struct part *part, struct err *err)
{
    if (part->cluster == NULL) {
        struct text text = {0};
        cluster_add_json(&text, &part->out->cluster);
        part->cluster = json_parse(text.bytes, text.length, err);
        text_release(&text);
    }
    return part->cluster != NULL;
}

static size_t find_pool(const struct part *part, struct view name, json_t **pool)
{
    json_t *pools = json_object_get(part->cluster, "pools");
    for (size_t i = 0; i < json_array_size(pools); i++) {
        *pool = json_array_get(pools, i);
        if (view_is(name, json_string_value(json_object_get(*pool, "name")))) {
            return i;
        }
    }
    *pool = NULL;
    return json_array_size(pools);
}

static bool no_such_pool(const struct part *part, struct view name, struct err *err)
{
    struct text all = {0};
    json_t *pools = json_object_get(part->cluster, "pools");
    for (size_t i = 0; i < json_array_size(pools) && i < MOST_WORDS; i++) {
        text_addf(&all, "%s%s", i > 0 ? ", " : "",
                  json_string_value(json_object_get(json_array_get(pools, i), "name")));
    }
    bool ok =
        err_set(err, ERR_USAGE, 0, "no pool '%.*s', expected one of %s", VIEW_ARG(name), all.bytes);
    text_release(&all);
    return ok;
}

static bool read_count(struct view word, int64_t *out, struct err *err)
{
    return (parse_i64(word, out) == PARSE_OK && *out > 0 && *out <= MOST_ADDED) ||
           err_set(err, ERR_USAGE, 0, "'%.*s' is no number of nodes from 1 to %d", VIEW_ARG(word),
                   MOST_ADDED);
}

static bool change_nodes(struct part *part, struct view name, int64_t more, struct err *err)
{
    json_t *pool = NULL;
    (void)find_pool(part, name, &pool);
    if (pool == NULL) {
        return no_such_pool(part, name, err);
    }
    const json_t *nodes = json_object_get(pool, "nodes");
    if (!json_is_integer(nodes)) {
        return err_set(err, ERR_USAGE, 0,
                       "pool '%.*s' is a list of single nodes, expected one with a number",
                       VIEW_ARG(name));
    }
    int64_t count = json_integer_value(nodes) + more;
    if (count <= 0) {
        return err_set(err, ERR_USAGE, 0,
                       "pool '%.*s' has %lld nodes, expected to keep one; 'drop "
                       "pool' takes them all",
                       VIEW_ARG(name), (long long)json_integer_value(nodes));
    }
    (void)json_object_set_new(pool, "nodes", json_integer(count));
    return true;
}

/* "add N [TYPE] to pool NAME" */
static bool add_nodes(struct part *part, struct err *err)
{
    bool has_type = part->count == 6;
    struct view name = part->words[part->count - 1];
    int64_t count = 0;
    json_t *pool = NULL;
    if (!open_cluster(part, err) || !read_count(part->words[1], &count, err)) {
        return false;
    }
    (void)find_pool(part, name, &pool);
    if (!has_type || pool != NULL) {
        return !has_type ? change_nodes(part, name, count, err)
                         : err_set(err, ERR_USAGE, 0,
                                   "pool '%.*s' is there already, expected 'add N to pool %.*s' or "
                                   "another name",
                                   VIEW_ARG(name), VIEW_ARG(name));
    }
    json_t *added = json_pack("{s:s, s:s, s:I}", "name", keep(part, part->count - 1), "node_type",
                              keep(part, 2), "nodes", (json_int_t)count);
    CHECK(added != NULL);
    (void)json_array_append_new(json_object_get(part->cluster, "pools"), added);
    return true;
}

static bool remove_nodes(struct part *part, struct err *err)
{
    int64_t count = 0;
    return open_cluster(part, err) && read_count(part->words[1], &count, err) &&
           change_nodes(part, part->words[4], -count, err);
}

static bool drop_pool(struct part *part, struct err *err)
{
    json_t *pool = NULL;
    if (!open_cluster(part, err)) {
        return false;
    }
    size_t at = find_pool(part, part->words[2], &pool);
    if (pool == NULL) {
        return no_such_pool(part, part->words[2], err);
    }
    (void)json_array_remove(json_object_get(part->cluster, "pools"), at);
    return true;
}

/* -- jobs, policy, settings ------------------------------------------------------------------ */

static bool drop_jobs(struct part *part, const struct names *names, struct err *err)
{
    bool is_queue = is_word(part, 1, "queue");
    if (names_find(names, part->words[2]) == NAMES_NONE) {
        return err_set(err, ERR_USAGE, 0, "the demand has no %s '%.*s'",
                       is_queue ? "queue" : "user", VIEW_ARG(part->words[2]));
    }
    const char *name = keep(part, 2);
    if (is_queue) {
        vec_push(&part->changed->change.queues, name);
    } else {
        vec_push(&part->changed->change.users, name);
    }
    part->changed->has_change = true;
    return true;
}

static bool scale(struct part *part, double *factor, struct err *err)
{
    double value = 0;
    if (parse_f64(part->words[1], &value) != PARSE_OK || !(value > 0 && value <= 1000)) {
        return err_set(err, ERR_USAGE, 0, "'%.*s' is no factor above 0 up to 1000",
                       VIEW_ARG(part->words[1]));
    }
    *factor *= value;
    part->changed->has_change = true;
    return true;
}

static bool change_policy(struct part *part, struct err *err)
{
    struct comparing *out = part->out;
    if (!comparing_add_policy(keep(part, 1), cli_value(part->args, "--place"), out, err)) {
        return false;
    }
    const struct grid_policy other = vec_pop(&out->policies);
    part->entry->ops = other.ops;
    part->entry->params = other.params;
    part->entry->place = other.place;
    part->entry->place_params = other.place_params;
    return true;
}

static bool change_setting(struct part *part, struct err *err)
{
    struct engine_settings *settings = NULL;
    bool ok = comparing_read_setting(part->args, keep(part, 0), part->out, &settings, err);
    part->entry->settings = settings;
    return ok;
}

/* -- one word of the command line ------------------------------------------------------------ */

static bool apply(struct part *part, struct err *err)
{
    struct grid_change *change = &part->changed->change;
    bool to_pool = is_word(part, part->count - 3, "to") && is_word(part, part->count - 2, "pool");
    if (is_word(part, 0, "add") && (part->count == 5 || part->count == 6) && to_pool) {
        return add_nodes(part, err);
    }
    if (is_word(part, 0, "remove") && part->count == 5 && is_word(part, 2, "from") &&
        is_word(part, 3, "pool")) {
        return remove_nodes(part, err);
    }
    if (is_word(part, 0, "drop") && part->count == 3) {
        if (is_word(part, 1, "pool")) {
            return drop_pool(part, err);
        }
        if (is_word(part, 1, "queue")) {
            return drop_jobs(part, &part->out->demand.workload.queues, err);
        }
        if (is_word(part, 1, "user")) {
            return drop_jobs(part, &part->out->demand.workload.users, err);
        }
    }
    if (is_word(part, 0, "policy") && part->count == 2) {
        return change_policy(part, err);
    }
    if (is_word(part, 0, "demand") && part->count == 2) {
        return scale(part, &change->factor, err);
    }
    if (is_word(part, 0, "durations") && part->count == 2) {
        return scale(part, &change->durations, err);
    }
    if (part->count == 1 && memchr(part->words[0].at, '=', part->words[0].length) != NULL) {
        return change_setting(part, err);
    }
    return err_set(err, ERR_USAGE, 0,
                   "expected 'add N [TYPE] to pool NAME', 'remove N from pool NAME', 'drop "
                   "pool|queue|user NAME', 'policy NAME', 'demand FACTOR', 'durations FACTOR' or "
                   "'SETTING=VALUE'");
}

static void split(struct part *part, struct view text)
{
    part->count = 0;
    while (text.length > 0 && part->count < MOST_WORDS) {
        struct view rest = {0};
        struct view word = view_cut(text, ' ', &rest);
        if (word.length > 0) {
            part->words[part->count++] = word;
        }
        text = rest;
    }
}

/* The cluster of the variant, if it has one of its own. */
static bool close_cluster(struct part *part, bool ok, struct err *err)
{
    if (ok && part->cluster != NULL) {
        char *dump = json_dumps(part->cluster, JSON_REAL_PRECISION(15));
        CHECK(dump != NULL);
        struct file file = {.bytes = dump, .length = strlen(dump)};
        ok = cluster_from_json(&file, &part->changed->cluster, err);
        part->changed->has_cluster = ok;
        part->entry->cluster = &part->changed->cluster;
        free(dump);
    }
    json_decref(part->cluster);
    return ok;
}

static bool read_one(const struct cli_args *args, const char *word, struct comparing *out,
                     struct err *err)
{
    struct changed *changed = mem_alloc(1, sizeof(*changed));
    changed->change.factor = 1;
    changed->change.durations = 1;
    vec_push(&out->changed, changed);
    struct grid_policy entry = out->policies.items[0];
    entry.label = word;
    entry.is_variant = true;
    struct part part = {.args = args, .out = out, .changed = changed, .entry = &entry};
    struct view rest = view_of(word);
    bool ok = true;
    while (ok && rest.at != NULL) {
        split(&part, view_cut(rest, ';', &rest));
        ok = apply(&part, err);
    }
    ok = close_cluster(&part, ok, err);
    if (!ok) {
        struct text where = {0};
        text_addf(&where, "'%.100s'", word);
        (void)err_locate(err, where.bytes);
        text_release(&where);
        return false;
    }
    entry.change = changed->has_change ? &changed->change : NULL;
    vec_push(&out->policies, entry);
    return true;
}

bool changes_read(const struct cli_args *args, struct comparing *out, struct err *err)
{
    for (size_t i = 0; i < args->words.count; i++) {
        if (!read_one(args, args->words.items[i], out, err)) {
            return false;
        }
    }
    return true;
}

void changes_release(struct comparing *comparing)
{
    for (size_t i = 0; i < comparing->changed.count; i++) {
        struct changed *changed = comparing->changed.items[i];
        if (changed->has_cluster) {
            cluster_release_all(&changed->cluster);
        }
        vec_release(&changed->change.queues);
        vec_release(&changed->change.users);
        free(changed);
    }
    vec_release(&comparing->changed);
}
