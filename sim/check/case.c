/* case.c - the parts of a case that last over its rounds. */
#include "sim/check/case.h"

#include <string.h>

#include "sim/check/claims.h"

static const char *const STATUS_NAMES[CORE_STATUS_COUNT] = {[CORE_PENDING] = "pending",
                                                            [CORE_GATED] = "gated",
                                                            [CORE_ALLOCATED] = "allocated",
                                                            [CORE_PIPELINED] = "pipelined",
                                                            [CORE_BINDING] = "binding",
                                                            [CORE_BOUND] = "bound",
                                                            [CORE_RUNNING] = "running",
                                                            [CORE_RELEASING] = "releasing",
                                                            [CORE_STUCK] = "stuck_in_releasing",
                                                            [CORE_SUCCEEDED] = "succeeded",
                                                            [CORE_FAILED] = "failed",
                                                            [CORE_UNKNOWN] = "unknown",
                                                            [CORE_DELETED] = "deleted"};

static const char *const ACTION_NAMES[CORE_ACTION_COUNT] = {"allocate", "consolidation", "reclaim",
                                                            "preempt", "stalegangeviction"};

const char *case_status_name(enum core_status status)
{
    return STATUS_NAMES[status];
}

const char *case_action_name(enum core_action action)
{
    return ACTION_NAMES[action];
}

bool case_status(const char *name, enum core_status *out)
{
    for (int i = 0; i < CORE_STATUS_COUNT; i++) {
        if (strcmp(name, STATUS_NAMES[i]) == 0) {
            *out = (enum core_status)i;
            return true;
        }
    }
    return false;
}

static bool action_of(const char *name, enum core_action *out)
{
    for (int i = 0; i < CORE_ACTION_COUNT; i++) {
        if (strcmp(name, ACTION_NAMES[i]) == 0) {
            *out = (enum core_action)i;
            return true;
        }
    }
    return false;
}

static void read_protocol(struct reader *r, const struct place *root, struct check_case *c)
{
    struct place protocol = place_get(root, "protocol");
    const char *kind = read_text(r, &protocol, "kind", "rounds");
    c->single = strcmp(kind, "single") == 0;
    if (!c->single && strcmp(kind, "rounds") != 0) {
        read_fail(r, &protocol, "kind is neither single nor rounds");
    }
    c->rounds_until = read_int(r, &protocol, "rounds_until_match", 2);
    c->rounds_after = read_int(r, &protocol, "rounds_after_match", 5);
    if (c->rounds_until < 0 || c->rounds_after < 0 || c->rounds_until > 100000 ||
        c->rounds_after > 100000) {
        read_fail(r, &protocol, "the rounds must be from 0 to 100000");
    }
    c->asserts = strcmp(read_text(r, &protocol, "asserts", ""), "none") != 0;
    struct place expected = place_get(root, "expected");
    c->has_expected = json_object_size(expected.value) > 0;
    struct place actions = place_get(&protocol, "actions");
    size_t count = read_count(r, &actions);
    if (count > 16) {
        read_fail(r, &actions, "more than 16 actions");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct place item = place_item(&actions, i);
        if (!action_of(read_string(r, &item), &c->actions[i])) {
            read_fail(r, &item, "no such action");
        }
    }
    c->action_count = count;
    if (actions.value == NULL) {
        for (int i = 0; i < CORE_ACTION_COUNT; i++) {
            c->actions[i] = (enum core_action)i;
        }
        c->action_count = CORE_ACTION_COUNT;
    }
}

static void read_task(struct reader *r, const struct place *job, const struct place *item,
                      struct check_case *c)
{
    struct case_task task = {.job_index = job->index, .index = item->index};
    task.job = read_name(r, job);
    struct text name = {0};
    text_addf(&name, "%s-%zu", task.job, item->index);
    task.name = read_text(r, item, "name", arena_copy_text(r->arena, name.bytes, name.length));
    text_release(&name);
    if (!case_status(read_text(r, item, "state", "pending"), &task.status)) {
        read_fail(r, item, "no such state");
    }
    task.node = read_text(r, item, "node", NULL);
    struct place request = place_get(item, "request");
    const char *kind = read_text(r, &request, "gpu_kind", "none");
    task.shared = strcmp(kind, "fraction") == 0 || strcmp(kind, "gpu_memory") == 0;
    const char *const *groups = read_texts(r, item, "gpu_groups", &task.group_count);
    task.groups = arena_alloc(r->arena, task.group_count, sizeof(*task.groups));
    memcpy(task.groups, groups, task.group_count * sizeof(*groups));
    task.given_groups = task.groups;
    task.given_count = task.group_count;
    task.stays = read_bool(r, job, "delete_when_evicted", false);
    vec_push(&c->tasks, task);
}

/* Jobs by descending priority, in the order of the document among equals: the place in that order
 * is the default age, and decides between equal ages. */
static void set_creation(struct reader *r, const struct place *jobs, size_t count,
                         struct check_case *c)
{
    int64_t *priority = arena_alloc(r->arena, count, sizeof(*priority));
    size_t *order = arena_alloc(r->arena, count, sizeof(*order));
    for (size_t i = 0; i < count; i++) {
        struct place job = place_item(jobs, i);
        priority[i] = read_int(r, &job, "priority", 0);
        order[i] = i;
    }
    /* A stable merge, bottom up. */
    size_t *other = arena_alloc(r->arena, count, sizeof(*other));
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t at = 0; at < count; at += 2 * width) {
            size_t mid = at + width < count ? at + width : count;
            size_t end = at + 2 * width < count ? at + 2 * width : count;
            for (size_t a = at, b = mid, k = at; k < end; k++) {
                bool left = a < mid && (b >= end || priority[order[a]] >= priority[order[b]]);
                other[k] = left ? order[a++] : order[b++];
            }
        }
        size_t *swap = order;
        order = other;
        other = swap;
    }
    for (size_t i = 0; i < count; i++) {
        vec_push(&c->job_created_ns, 0);
    }
    for (size_t p = 0; p < count; p++) {
        struct place job = place_item(jobs, order[p]);
        double age = read_number(r, &job, "age_minutes", (double)(count - p));
        if (!(age >= -1e7 && age <= 3e7)) {
            read_fail(r, &job, "an age out of range");
            age = 0;
        }
        c->job_created_ns.items[order[p]] =
            CASE_NOW_NS - (int64_t)(age * 60e9) - (int64_t)(count - p);
    }
}

static bool divides(struct reader *r, const struct place *root)
{
    struct place config = place_get(root, "config");
    if (!read_has(&config, "plugins")) {
        return true;
    }
    size_t count;
    const char *const *plugins = read_texts(r, &config, "plugins", &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(plugins[i], "proportion") == 0) {
            return true;
        }
    }
    return false;
}

static void read_parts(struct reader *r, const struct place *root, struct check_case *c)
{
    c->id = read_text(r, root, "id", "unnamed");
    read_protocol(r, root, c);
    c->divides = divides(r, root);
    struct place jobs = place_get(root, "jobs");
    size_t count = read_count(r, &jobs);
    for (size_t i = 0; i < count; i++) {
        struct place job = place_item(&jobs, i);
        struct place tasks = place_get(&job, "tasks");
        size_t task_count = read_count(r, &tasks);
        for (size_t k = 0; k < task_count; k++) {
            struct place item = place_item(&tasks, k);
            read_task(r, &job, &item, c);
        }
    }
    set_creation(r, &jobs, count, c);
    struct place nodes = place_get(root, "nodes");
    for (size_t i = 0; i < read_count(r, &nodes); i++) {
        struct place node = place_item(&nodes, i);
        c->numa = c->numa || read_has(&node, "numa");
    }
    claims_check(r, root);
    struct place dra = place_get(root, "dra");
    struct place claims = place_get(&dra, "claims");
    for (size_t i = 0; i < read_count(r, &claims); i++) {
        struct case_claim claim = {.core = CORE_NONE};
        vec_push(&c->claims, claim);
    }
}

bool case_read(const json_t *document, struct check_case *out, struct err *err)
{
    memset(out, 0, sizeof(*out));
    struct reader reader = {.err = err, .arena = &out->arena};
    struct place root = {.value = document};
    out->root = document;
    if (!json_is_object(document)) {
        read_fail(&reader, &root, "expected an object");
    } else {
        read_parts(&reader, &root, out);
    }
    if (reader.failed) {
        case_release(out);
    }
    return !reader.failed;
}

void case_release(struct check_case *c)
{
    vec_release(&c->tasks);
    vec_release(&c->claims);
    vec_release(&c->job_created_ns);
    arena_release(&c->arena);
}
