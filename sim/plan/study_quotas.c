/* study_quotas.c - a study of quotas: what of the queues may change; see study_parts.h. */
#include "sim/base/json_read.h"
#include "sim/plan/candidate.h"
#include "sim/plan/study_parts.h"

static bool read_what(struct plan_study *study, const json_t *object, struct err *err)
{
    const json_t *list = NULL;
    struct plan_quotas *quotas = &study->quotas;
    if (!json_read_array(object, "quotas", "change", &list, err)) {
        return false;
    }
    quotas->quota = list == NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *word = json_array_get(list, i);
        const char *name = json_is_string(word) ? json_string_value(word) : "";
        bool *known = strcmp(name, "quota") == 0    ? &quotas->quota
                      : strcmp(name, "limit") == 0  ? &quotas->limit
                      : strcmp(name, "weight") == 0 ? &quotas->weight
                                                    : NULL;
        if (known == NULL) {
            char path[JSON_PATH_MOST];
            json_path(path, "quotas", "change", (long)i);
            return json_unexpected(path, "", word, "quota, limit or weight", err);
        }
        *known = true;
    }
    return quotas->quota || quotas->limit || quotas->weight ||
           json_unexpected("quotas", "change", list, "at least one of quota, limit, weight", err);
}

static bool read_loss(struct plan_study *study, const json_t *object, struct err *err)
{
    const char *of = "bounded_slowdown";
    const char *least = "worst";
    struct plan_quotas *quotas = &study->quotas;
    const json_t *bound = json_object_get(object, "at_most");
    if (!json_read_text(object, "quotas", "of", &of, err) ||
        !json_read_text(object, "quotas", "least", &least, err) ||
        !json_read_number(object, "quotas", "at_most", 0, &quotas->bound_s, err)) {
        return false;
    }
    bool is_wait = strcmp(of, "wait_s") == 0;
    if (!is_wait && strcmp(of, "bounded_slowdown") != 0) {
        return json_unexpected("quotas", "of", json_object_get(object, "of"),
                               "wait_s or bounded_slowdown", err);
    }
    if (bound != NULL && !is_wait) {
        return json_unexpected("quotas", "at_most", bound, "none: it is for wait_s", err);
    }
    quotas->kind = bound != NULL ? LEVEL_SHARE_WAIT
                   : is_wait     ? LEVEL_MEAN_WAIT
                                 : LEVEL_MEAN_SLOWDOWN;
    quotas->of_all = strcmp(least, "mean") == 0;
    return quotas->of_all || strcmp(least, "worst") == 0 ||
           json_unexpected("quotas", "least", json_object_get(object, "least"),
                           "worst (the loss of the worst-off queue) or mean (of all queues)", err);
}

/* The queues of the cluster as its reader understands them. */
static bool read_shares(struct plan_study *study, struct err *err)
{
    const struct plan_candidate as_it_is = {0};
    const json_t *list = json_object_get(study->cluster, "queues");
    struct cluster cluster;
    if (json_array_size(list) < 2) {
        return json_unexpected("cluster", "queues", list,
                               "at least two queues, with what they are entitled to now", err);
    }
    if (!plan_candidate_cluster(study, &as_it_is, &cluster, err)) {
        return false;
    }
    for (size_t i = 0; i < cluster.queues.count; i++) {
        const struct queue_spec *queue = &cluster.queues.items[i];
        const json_t *object = json_array_get(list, i);
        struct plan_share share = {json_string_value(json_object_get(object, "name")),
                                   queue->parent, queue->gpu};
        vec_push(&study->shares, share);
    }
    study->quotas.step_gpus = 1;
    cluster_release_all(&cluster);
    return true;
}

static bool has_children(const struct plan_study *study, uint32_t queue)
{
    for (size_t i = 0; i < study->shares.count; i++) {
        if (study->shares.items[i].parent == queue) {
            return true;
        }
    }
    return false;
}

/* The queue of this name; as many as there are when there is none. */
static uint32_t find_queue(const struct plan_study *study, const json_t *name)
{
    const char *text = json_string_value(name);
    uint32_t queue = 0;
    while (queue < study->shares.count &&
           (text == NULL || strcmp(study->shares.items[queue].name, text) != 0)) {
        queue++;
    }
    return queue;
}

/* Every queue without children, or those that are named, in the order of the cluster. */
static bool read_queues(struct plan_study *study, const json_t *object, struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(object, "quotas", "queues", &list, err)) {
        return false;
    }
    bool *chosen = mem_alloc(study->shares.count + 1, sizeof(*chosen)); /* the last: no queue */
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        uint32_t queue = find_queue(study, json_array_get(list, i));
        chosen[queue] = true;
        if (queue == study->shares.count) {
            char path[JSON_PATH_MOST];
            json_path(path, "quotas", "queues", (long)i);
            ok = json_unexpected(path, "", json_array_get(list, i), "a queue of the cluster", err);
        }
    }
    for (uint32_t queue = 0; ok && queue < study->shares.count; queue++) {
        if (list == NULL ? !has_children(study, queue) : chosen[queue]) {
            vec_push(&study->quotas.queues, queue);
        }
    }
    free(chosen);
    if (!ok) {
        return false;
    }
    return study->quotas.queues.count + study->levels.count <= LEVEL_MOST ||
           err_set(err, ERR_FORMAT, 0,
                   "at quotas.queues: %zu queues and %zu levels, expected at most %d of both",
                   study->quotas.queues.count, study->levels.count, LEVEL_MOST);
}

static void add_losses(struct plan_study *study)
{
    const struct plan_quotas *quotas = &study->quotas;
    study->quotas.first_level = (uint32_t)study->levels.count;
    for (size_t i = 0; i < quotas->queues.count; i++) {
        const char *name = study->shares.items[quotas->queues.items[i]].name;
        struct plan_level level = {
            .name = name, .kind = quotas->kind, .bound = quotas->bound_s, .jobs = {.queue = name}};
        vec_push(&study->levels, level);
    }
}

bool study_read_quotas(struct plan_study *study, struct err *err)
{
    static const char *const KEYS[] = {"change", "of", "at_most", "least", "queues", "step", NULL};
    const json_t *object = json_object_get(study->json, "quotas");
    if (study->pools.count > 0 || study->policies.count != 1) {
        return study->pools.count > 0
                   ? err_set(err, ERR_FORMAT, 0,
                             "at cluster.pools[%zu].nodes: a range, expected a number: quotas are "
                             "found for the cluster as it is",
                             study->pools.items[0].at)
                   : json_unexpected("", "policies", NULL, "one policy: quotas are found for one",
                                     err);
    }
    if (!read_shares(study, err)) {
        return false;
    }
    if ((object != NULL && !json_check_object(object, "quotas", KEYS, err)) ||
        !read_what(study, object, err) || !read_loss(study, object, err) ||
        !json_read_number(object, "quotas", "step", 0.001, &study->quotas.step_gpus, err) ||
        !read_queues(study, object, err)) {
        return false;
    }
    add_losses(study);
    return true;
}
