/* queue_file.c - see queue_file.h. */
#include "sim/cluster/queue_file.h"

#include "sim/base/json_read.h"

static bool read_amount(const json_t *object, const char *path, const char *key, double *out,
                        struct err *err)
{
    if (!json_read_number(object, path, key, -1, out, err)) {
        return false;
    }
    if (*out < 0 && *out > -1) {
        return json_unexpected(path, key, json_object_get(object, key), "0 or more, or -1", err);
    }
    return true;
}

static bool read_share(const json_t *queue, const char *path, const char *key,
                       struct queue_share *out, struct err *err)
{
    static const char *const KEYS[] = {"quota", "limit", "weight", NULL};
    const json_t *object = json_object_get(queue, key);
    if (object == NULL) {
        return true;
    }
    char at[JSON_PATH_MOST];
    json_path(at, path, key, -1);
    return json_check_object(object, at, KEYS, err) &&
           read_amount(object, at, "quota", &out->quota, err) &&
           read_amount(object, at, "limit", &out->limit, err) &&
           json_read_number(object, at, "weight", 0, &out->weight, err);
}

static bool read_queue(const json_t *object, const char *path, struct cluster *out, struct err *err)
{
    static const char *const KEYS[] = {"name", "parent", "priority", "gpu", "cpu", "memory", NULL};
    struct queue_spec queue = {
        .name = "",
        .parent = QUEUE_NO_PARENT,
        .priority = 100,
        .gpu = {0, -1, 1},
        .cpu = {-1, -1, 1},
        .memory = {-1, -1, 1},
    };
    if (!json_check_object(object, path, KEYS, err) ||
        !json_read_text(object, path, "name", &queue.name, err) ||
        !json_read_whole(object, path, "priority", (struct json_range){INT32_MIN, INT32_MAX},
                         &queue.priority, err) ||
        !read_share(object, path, "gpu", &queue.gpu, err) ||
        !read_share(object, path, "cpu", &queue.cpu, err) ||
        !read_share(object, path, "memory", &queue.memory, err)) {
        return false;
    }
    if (queue.name[0] == '\0') {
        return json_unexpected(path, "name", json_object_get(object, "name"), "a name", err);
    }
    queue.name = arena_copy_text(&out->arena, queue.name, strlen(queue.name));
    vec_push(&out->queues, queue);
    return true;
}

/* Links the queues to their parents; `names` has their names by number. */
static bool link_parents(const json_t *list, const struct names *names, struct cluster *out,
                         struct err *err)
{
    for (size_t i = 0; i < out->queues.count; i++) {
        char path[JSON_PATH_MOST];
        json_path(path, "", "queues", (long)i);
        const json_t *object = json_array_get(list, i);
        const char *parent = NULL;
        if (json_is_null(json_object_get(object, "parent"))) {
            continue;
        }
        if (!json_read_text(object, path, "parent", &parent, err)) {
            return false;
        }
        if (parent != NULL) {
            out->queues.items[i].parent = names_find(names, view_of(parent));
            if (out->queues.items[i].parent == NAMES_NONE) {
                return json_unexpected(path, "parent", json_object_get(object, "parent"),
                                       "the name of a queue of this list", err);
            }
        }
    }
    return true;
}

/* Walks up from each queue, as far as nobody has walked before: linear in all. */
static bool check_no_cycle(const struct cluster *cluster, struct err *err)
{
    size_t count = cluster->queues.count;
    size_t *walks = mem_alloc(count, sizeof(*walks)); /* which walk came by, from 1 */
    uint32_t culprit = QUEUE_NO_PARENT;
    for (size_t i = 0; i < count && culprit == QUEUE_NO_PARENT; i++) {
        uint32_t at = (uint32_t)i;
        while (at != QUEUE_NO_PARENT && walks[at] == 0) {
            walks[at] = i + 1;
            at = cluster->queues.items[at].parent;
        }
        culprit = at != QUEUE_NO_PARENT && walks[at] == i + 1 ? at : QUEUE_NO_PARENT;
    }
    free(walks);
    return culprit == QUEUE_NO_PARENT ||
           err_set(err, ERR_FORMAT, 0,
                   "at queues[%u]: \"%.60s\" is among its own ancestors, expected a tree", culprit,
                   cluster->queues.items[culprit].name);
}

bool queues_from_json(const json_t *top, struct cluster *out, struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(top, "", "queues", &list, err)) {
        return false;
    }
    struct names names = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        char path[JSON_PATH_MOST];
        json_path(path, "", "queues", (long)i);
        bool is_new = true;
        ok = read_queue(json_array_get(list, i), path, out, err);
        if (ok) {
            (void)names_add(&names, view_of(out->queues.items[i].name), &is_new);
        }
        if (!is_new) {
            ok = json_unexpected(path, "name", json_object_get(json_array_get(list, i), "name"),
                                 "a name that no other queue has", err);
        }
    }
    ok = ok && link_parents(list, &names, out, err) && check_no_cycle(out, err);
    names_release(&names);
    return ok;
}

static json_t *share_json(const struct queue_share *share)
{
    return json_pack("{s:f, s:f, s:f}", "quota", share->quota, "limit", share->limit, "weight",
                     share->weight);
}

json_t *queues_json(const struct cluster *cluster)
{
    json_t *list = json_array();
    for (size_t i = 0; i < cluster->queues.count; i++) {
        const struct queue_spec *queue = &cluster->queues.items[i];
        json_t *object =
            json_pack("{s:s, s:I, s:o, s:o, s:o}", "name", queue->name, "priority",
                      (json_int_t)queue->priority, "gpu", share_json(&queue->gpu), "cpu",
                      share_json(&queue->cpu), "memory", share_json(&queue->memory));
        if (queue->parent != QUEUE_NO_PARENT) {
            const char *parent = cluster->queues.items[queue->parent].name;
            json_object_set_new(object, "parent", json_string(parent));
        }
        json_array_append_new(list, object);
    }
    return list;
}
