/* study.c - see study.h. */
#include "sim/plan/study.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/base/json_read.h"
#include "sim/base/param.h"
#include "sim/plan/candidate.h"
#include "sim/plan/study_parts.h"
#include "sim/study/metric.h"

enum { MOST_NODES = 100000, MOST_REPLICATIONS = 10000, HOURS_A_YEAR = 8760 };

/* -- pools ----------------------------------------------------------------------------------- */

static bool read_range(const json_t *range, const char *path, struct plan_pool *pool,
                       struct err *err)
{
    static const char *const KEYS[] = {"from", "to", "step", NULL};
    pool->least = 1;
    pool->most = -1;
    pool->step = 1;
    if (!json_check_object(range, path, KEYS, err) ||
        !json_read_whole(range, path, "from", (struct json_range){0, MOST_NODES}, &pool->least,
                         err) ||
        !json_read_whole(range, path, "to", (struct json_range){1, MOST_NODES}, &pool->most, err) ||
        !json_read_whole(range, path, "step", (struct json_range){1, MOST_NODES}, &pool->step,
                         err)) {
        return false;
    }
    if (pool->most < 0) {
        return json_unexpected(path, "to", NULL, "the most nodes that may be bought", err);
    }
    return pool->most >= pool->least ||
           err_set(err, ERR_FORMAT, 0, "at %s: the range from %lld to %lld is empty", path,
                   (long long)pool->least, (long long)pool->most);
}

static bool read_pool(struct plan_study *study, const json_t *object, size_t at, struct err *err)
{
    char path[JSON_PATH_MOST];
    json_path(path, "cluster", "pools", (long)at);
    if (!json_is_object(object)) {
        return json_unexpected(path, "", object, "a pool", err);
    }
    struct plan_pool pool = {.name = "", .at = at};
    double price = 0;
    if (!json_read_text(object, path, "name", &pool.name, err) ||
        !json_read_number(object, path, "price_per_hour", 0, &price, err)) {
        return false;
    }
    const json_t *nodes = json_object_get(object, "nodes");
    if (!json_is_object(nodes)) {
        return true; /* as it is; the reader of clusters will judge it */
    }
    char nodes_path[JSON_PATH_MOST];
    json_path(nodes_path, path, "nodes", -1);
    if (!read_range(nodes, nodes_path, &pool, err)) {
        return false;
    }
    if (study->pools.count == PLAN_MOST_POOLS) {
        return err_set(err, ERR_FORMAT, 0, "at %s: more than %d pools with a range", nodes_path,
                       PLAN_MOST_POOLS);
    }
    vec_push(&study->pools, pool);
    return true;
}

static bool read_pools(struct plan_study *study, struct err *err)
{
    const json_t *pools = NULL;
    study->cluster = json_object_get(study->json, "cluster");
    if (!json_is_object(study->cluster)) {
        return json_unexpected("", "cluster", study->cluster, "an object with pools", err);
    }
    if (!json_read_array(study->cluster, "cluster", "pools", &pools, err)) {
        return false;
    }
    if (json_array_size(pools) == 0) {
        return json_unexpected("cluster", "pools", pools, "a list of at least one pool", err);
    }
    double count = 1;
    for (size_t i = 0; i < json_array_size(pools); i++) {
        if (!read_pool(study, json_array_get(pools, i), i, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < study->pools.count; i++) {
        const struct plan_pool *pool = &study->pools.items[i];
        count *= (double)((pool->most - pool->least) / pool->step + 1);
    }
    count *= (double)study->policies.count;
    return count <= PLAN_MOST_CANDIDATES ||
           err_set(err, ERR_FORMAT, 0,
                   "at cluster.pools: the ranges and policies make %.0f candidates, expected at "
                   "most %d; a larger step makes fewer",
                   count, PLAN_MOST_CANDIDATES);
}

static bool read_policies(struct plan_study *study, struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(study->json, "", "policies", &list, err)) {
        return false;
    }
    if (json_array_size(list) == 0) {
        return json_unexpected("", "policies", list, "a list of at least one policy", err);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *policy = json_array_get(list, i);
        if (!json_is_string(policy)) {
            char path[JSON_PATH_MOST];
            json_path(path, "", "policies", (long)i);
            return json_unexpected(path, "", policy, "NAME[:key=value,...][@PLACE[:...]]", err);
        }
        vec_push(&study->policies, json_string_value(policy));
    }
    return true;
}

/* -- levels ---------------------------------------------------------------------------------- */

static bool read_of(const json_t *object, const char *path, struct plan_level *level,
                    struct err *err)
{
    const char *of = "";
    bool has_share = json_object_get(object, "share") != NULL;
    if (!json_read_text(object, path, "of", &of, err)) {
        return false;
    }
    level->metric = metric_find(of);
    if (strcmp(of, "wait_s") == 0) {
        level->kind = has_share ? LEVEL_SHARE_WAIT : LEVEL_MEAN_WAIT;
    } else if (strcmp(of, "bounded_slowdown") == 0) {
        level->kind = has_share ? LEVEL_SHARE_SLOWDOWN : LEVEL_MEAN_SLOWDOWN;
    } else if (level->metric < metric_count()) {
        level->kind = LEVEL_METRIC;
    } else {
        return json_unexpected(path, "of", json_object_get(object, "of"),
                               "wait_s, bounded_slowdown or a metric of 'berth compare'", err);
    }
    return !has_share || level->kind != LEVEL_METRIC ||
           json_unexpected(path, "share", json_object_get(object, "share"),
                           "no share: it is for wait_s and bounded_slowdown", err);
}

static bool read_bound(const json_t *object, const char *path, struct plan_level *level,
                       struct err *err)
{
    const json_t *most = json_object_get(object, "at_most");
    const json_t *least = json_object_get(object, "at_least");
    if ((most == NULL) == (least == NULL)) {
        return json_unexpected(path, "at_most", most,
                               "one of at_most and at_least, and not the other", err);
    }
    level->at_least = least != NULL;
    if (level->at_least && level->kind != LEVEL_METRIC) {
        return json_unexpected(path, "at_least", least,
                               "at_most: waits and slowdowns have no floor", err);
    }
    const char *key = level->at_least ? "at_least" : "at_most";
    if (!json_read_number(object, path, key, 0, &level->bound, err)) {
        return false;
    }
    bool is_ratio = level->kind == LEVEL_METRIC &&
                    (strcmp(metrics[level->metric].name, "allocation_ratio") == 0 ||
                     strcmp(metrics[level->metric].name, "share_jain") == 0);
    if (is_ratio && level->at_least && level->bound > 1) {
        return json_unexpected(path, key, least, "at most 1: it cannot be reached", err);
    }
    bool is_slowdown = level->kind == LEVEL_SHARE_SLOWDOWN || level->kind == LEVEL_MEAN_SLOWDOWN;
    return !is_slowdown || level->bound >= 1 ||
           json_unexpected(path, key, most, "at least 1: it cannot be reached", err);
}

static bool read_level(const json_t *object, const char *path, struct plan_level *level,
                       struct err *err)
{
    static const char *const KEYS[] = {"name", "of", "share", "at_most", "jobs", "at_least", NULL};
    *level = (struct plan_level){.name = ""};
    char jobs_path[JSON_PATH_MOST];
    json_path(jobs_path, path, "jobs", -1);
    if (!json_check_object(object, path, KEYS, err) ||
        !json_read_text(object, path, "name", &level->name, err) ||
        !read_of(object, path, level, err) ||
        !json_read_number(object, path, "share", 0, &level->share, err) ||
        !read_bound(object, path, level, err) ||
        !study_read_jobs(json_object_get(object, "jobs"), jobs_path, &level->jobs, err)) {
        return false;
    }
    bool is_share = level->kind == LEVEL_SHARE_WAIT || level->kind == LEVEL_SHARE_SLOWDOWN;
    if (is_share && !(level->share > 0 && level->share < 1)) {
        return json_unexpected(path, "share", json_object_get(object, "share"),
                               "a number between 0 and 1", err);
    }
    return level->kind != LEVEL_METRIC || json_object_get(object, "jobs") == NULL ||
           json_unexpected(path, "jobs", json_object_get(object, "jobs"),
                           "no choice of jobs: the metric is of the whole run", err);
}

/* A floor above a ceiling of the same metric. */
static bool check_contradictions(const struct plan_study *study, struct err *err)
{
    for (size_t i = 0; i < study->levels.count; i++) {
        const struct plan_level *a = &study->levels.items[i];
        for (size_t k = 0; k < study->levels.count; k++) {
            const struct plan_level *b = &study->levels.items[k];
            if (a->kind == LEVEL_METRIC && b->kind == LEVEL_METRIC && a->metric == b->metric &&
                a->at_least && !b->at_least && a->bound > b->bound) {
                return err_set(err, ERR_FORMAT, 0,
                               "at levels[%zu] and levels[%zu]: %s cannot be at least %g and at "
                               "most %g",
                               i, k, metrics[a->metric].name, a->bound, b->bound);
            }
        }
    }
    return true;
}

static bool read_levels(struct plan_study *study, enum plan_kind kind, struct err *err)
{
    const json_t *list = NULL;
    size_t least = kind == PLAN_OF_NODES ? 1 : 0;
    if (!json_read_array(study->json, "", "levels", &list, err)) {
        return false;
    }
    if (json_array_size(list) < least || json_array_size(list) > LEVEL_MOST) {
        return json_unexpected("", "levels", list,
                               least > 0 ? "a list of 1 to 32 service levels"
                                         : "a list of at most 32 service levels",
                               err);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        char path[JSON_PATH_MOST];
        struct plan_level level;
        json_path(path, "", "levels", (long)i);
        if (!read_level(json_array_get(list, i), path, &level, err)) {
            return false;
        }
        vec_push(&study->levels, level);
    }
    return check_contradictions(study, err);
}

/* -- the rest -------------------------------------------------------------------------------- */

static bool read_objective(struct plan_study *study, struct err *err)
{
    static const char *const KEYS[] = {"least", "budget_per_hour", NULL};
    const json_t *object = json_object_get(study->json, "objective");
    const char *least = "cost";
    study->budget_per_hour = (double)INFINITY;
    if (object == NULL) {
        return true;
    }
    if (!json_check_object(object, "objective", KEYS, err) ||
        !json_read_text(object, "objective", "least", &least, err) ||
        !json_read_number(object, "objective", "budget_per_hour", 0, &study->budget_per_hour,
                          err)) {
        return false;
    }
    study->metric = metric_find(least);
    if (strcmp(least, "cost") == 0) {
        study->least = LEAST_COST;
    } else if (strcmp(least, "gpus") == 0) {
        study->least = LEAST_GPUS;
    } else if (strcmp(least, "energy") == 0) {
        study->least = LEAST_ENERGY;
    } else if (study->metric < metric_count() && metrics[study->metric].better == METRIC_LOWER) {
        study->least = LEAST_METRIC;
    } else {
        return json_unexpected("objective", "least", json_object_get(object, "least"),
                               "cost, gpus, energy, or a metric of which less is better", err);
    }
    return study->least != LEAST_METRIC || json_object_get(object, "budget_per_hour") != NULL ||
           json_unexpected("objective", "budget_per_hour", NULL,
                           "what may be spent: without it the largest cluster is best", err);
}

/* Objects whose content the command line reads. */
static bool read_objects(struct plan_study *study, struct err *err)
{
    study->demand = json_object_get(study->json, "demand");
    study->settings = json_object_get(study->json, "settings");
    if (!json_is_object(study->demand)) {
        return json_unexpected("", "demand", study->demand, "an object with a trace or a model",
                               err);
    }
    return study->settings == NULL || json_is_object(study->settings) ||
           json_unexpected("", "settings", study->settings, "an object", err);
}

static bool read_numbers(struct plan_study *study, struct err *err)
{
    int64_t replications = 20;
    double growth_percent = 0;
    study->confidence = 0.95;
    study->hours = HOURS_A_YEAR;
    if (!json_read_text(study->json, "", "name", &study->name, err) ||
        !json_read_text(study->json, "", "currency", &study->currency, err) ||
        !json_read_number(study->json, "", "confidence", 0, &study->confidence, err) ||
        !json_read_number(study->json, "", "hours", 0, &study->hours, err) ||
        !json_read_number(study->json, "", "years", 0, &study->years, err) ||
        !json_read_number(study->json, "", "warmup_s", 0, &study->warmup_s, err) ||
        !json_read_number(study->json, "", "growth_percent_a_year", -99, &growth_percent, err) ||
        !json_read_whole(study->json, "", "replications", (struct json_range){1, MOST_REPLICATIONS},
                         &replications, err)) {
        return false;
    }
    study->growth = growth_percent / 100;
    study->replications = (uint32_t)replications;
    return (study->confidence >= 0.5 && study->confidence < 1) ||
           json_unexpected("", "confidence", json_object_get(study->json, "confidence"),
                           "0.5 to less than 1", err);
}

/* Keys of every study, and those of one kind only. */
static bool check_keys(const json_t *json, enum plan_kind kind, struct err *err)
{
    static const char *const OF_NODES[] = {"name",      "demand",     "growth_percent_a_year",
                                           "growth",    "projects",   "years",
                                           "scenarios", "cluster",    "policies",
                                           "settings",  "levels",     "replications",
                                           "hours",     "objective",  "currency",
                                           "warmup_s",  "confidence", "comment",
                                           NULL};
    static const char *const OF_QUOTAS[] = {"name",       "demand",   "growth_percent_a_year",
                                            "growth",     "projects", "years",
                                            "scenarios",  "cluster",  "policies",
                                            "settings",   "levels",   "replications",
                                            "quotas",     "comment",  "warmup_s",
                                            "confidence", NULL};
    return json_check_object(json, "", kind == PLAN_OF_NODES ? OF_NODES : OF_QUOTAS, err);
}

bool plan_study_read(const char *text, size_t length, enum plan_kind kind, struct plan_study *out,
                     struct err *err)
{
    *out =
        (struct plan_study){.name = "", .currency = "USD", .json = json_parse(text, length, err)};
    if (out->json == NULL) {
        return false;
    }
    if (!check_keys(out->json, kind, err) || !read_objects(out, err) || !read_numbers(out, err) ||
        !read_policies(out, err) || !read_pools(out, err) || !read_levels(out, kind, err) ||
        !study_read_demand(out, err) || !read_objective(out, err) || !plan_prices_read(out, err) ||
        !study_read_terms(out, err) || (kind == PLAN_OF_QUOTAS && !study_read_quotas(out, err))) {
        plan_study_release(out);
        return false;
    }
    return true;
}

void plan_study_release(struct plan_study *study)
{
    vec_release(&study->pools);
    vec_release(&study->prices);
    vec_release(&study->policies);
    vec_release(&study->levels);
    vec_release(&study->scenarios);
    vec_release(&study->rules);
    vec_release(&study->projects);
    vec_release(&study->quotas.queues);
    vec_release(&study->shares);
    json_decref(study->json);
    *study = (struct plan_study){0};
}
