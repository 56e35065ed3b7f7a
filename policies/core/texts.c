/*
 * texts.c - names, labels and small texts of the facts.
 */
#include <math.h>

#include "policies/core/facts.h"

uint32_t core_text(struct core *core, const char *text)
{
    return text == NULL ? CORE_NONE : names_add(&core->texts, view_of(text), NULL);
}

const char *core_text_get(const struct core *core, uint32_t text)
{
    return text == CORE_NONE ? "" : names_get(&core->texts, text);
}

uint32_t core_component(struct core *core, const char *name)
{
    return names_add(&core->components, view_of(name), NULL);
}

struct core_amount_at *core_copy_amounts(struct core *core, struct core_amounts amounts)
{
    struct core_amount_at *copy = arena_alloc(&core->facts, amounts.count + 1, sizeof *copy);
    for (size_t i = 0; i < amounts.count; i++) {
        copy[i] = (struct core_amount_at){core_component(core, amounts.items[i].name),
                                          amounts.items[i].amount};
    }
    return copy;
}

struct core_pair *core_copy_labels(struct core *core, struct core_labels labels)
{
    struct core_pair *copy = arena_alloc(&core->facts, labels.count + 1, sizeof *copy);
    for (size_t i = 0; i < labels.count; i++) {
        struct core_pair pair = {core_text(core, labels.items[i].key),
                                 core_text(core, labels.items[i].value)};
        size_t at = i;
        while (at > 0 && copy[at - 1].key > pair.key) {
            copy[at] = copy[at - 1];
            at--;
        }
        copy[at] = pair;
    }
    return copy;
}

struct core_groups core_copy_groups(struct core *core, struct core_texts groups)
{
    struct core_groups run = {(uint32_t)core->group_pool.count, (uint32_t)groups.count};
    for (size_t i = 0; i < groups.count; i++) {
        vec_push(&core->group_pool, core_text(core, groups.items[i]));
    }
    return run;
}

uint32_t core_node_label(const struct core_node *node, uint32_t key)
{
    for (size_t i = 0; i < node->label_count; i++) {
        if (node->labels[i].key == key) {
            return node->labels[i].value;
        }
    }
    return CORE_NONE;
}

static double unit_ns(const char *unit, size_t length)
{
    static const struct {
        const char *name;
        double ns;
    } UNITS[] = {{"w", 604800e9}, {"d", 86400e9}, {"h", 3600e9}, {"m", 60e9},
                 {"s", 1e9},      {"ms", 1e6},    {"us", 1e3},   {"ns", 1}};
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
        if (strlen(UNITS[i].name) == length && memcmp(UNITS[i].name, unit, length) == 0) {
            return UNITS[i].ns;
        }
    }
    return 0;
}

bool core_parse_duration(const char *text, int64_t *ns)
{
    bool negative = *text == '-';
    text += *text == '-' || *text == '+';
    if (strcmp(text, "0") == 0) {
        *ns = 0;
        return true;
    }
    double total = 0;
    bool any = false;
    while (*text != '\0') {
        char *end = NULL;
        if (strspn(text, "0123456789.") == 0) {
            return false;
        }
        double value = strtod(text, &end);
        size_t length = strspn(end, "wdhmsun");
        double unit = unit_ns(end, length);
        if (end == text || unit <= 0) {
            return false;
        }
        total += value * unit;
        text = end + length;
        any = true;
    }
    if (!any || total > 9e18) {
        return false;
    }
    *ns = (int64_t)(negative ? -total : total);
    return true;
}

bool core_parse_integer(const char *text, int64_t *value)
{
    size_t sign = *text == '-' || *text == '+';
    size_t digits = strspn(text + sign, "0123456789");
    if (digits == 0 || digits > 18 || text[sign + digits] != '\0') {
        return false;
    }
    *value = strtoll(text, NULL, 10);
    return true;
}

const char *core_node_name(const struct core *core, uint32_t node)
{
    return node == CORE_NONE ? "" : core_node_at(core, node)->name;
}

const char *core_queue_name(const struct core *core, uint32_t queue)
{
    return core_queue_at(core, queue)->name;
}

const char *core_job_name(const struct core *core, uint32_t job)
{
    return core_job_at(core, job)->name;
}

const char *core_task_name(const struct core *core, uint32_t task)
{
    return core_task_at(core, task)->name;
}

uint32_t core_task_job(const struct core *core, uint32_t task)
{
    return core_task_at(core, task)->job;
}

void core_text_free(struct text *text)
{
    text_release(text);
}

bool core_group_is_fresh(uint32_t group)
{
    return (group & CORE_FRESH_BIT) != 0;
}

void core_group_name(const struct core *core, uint32_t group, struct text *out)
{
    if (core_group_is_fresh(group)) {
        text_addf(out, "fresh-%u", group & ~CORE_FRESH_BIT);
    } else {
        text_add(out, names_get(&core->texts, group));
    }
}

uint32_t core_find_node(const struct core *core, const char *name)
{
    uint32_t node = names_find(&core->node_names, view_of(name));
    return node != NAMES_NONE && core_node_at(core, node)->exists ? node : CORE_NONE;
}

uint32_t core_find_queue(const struct core *core, const char *name)
{
    return names_find(&core->queue_names, view_of(name));
}

uint32_t core_find_job(const struct core *core, const char *name)
{
    uint32_t job = names_find(&core->job_names, view_of(name));
    return job != NAMES_NONE && !core_job_at(core, job)->removed ? job : CORE_NONE;
}

uint32_t core_find_task(const struct core *core, const char *name)
{
    uint32_t task = names_find(&core->task_names, view_of(name));
    return task != NAMES_NONE && !core_task_at(core, task)->removed ? task : CORE_NONE;
}

uint32_t core_name_group(struct core *core, const char *name)
{
    return names_add(&core->texts, view_of(name), NULL);
}

size_t core_component_count(const struct core *core)
{
    return names_count(&core->components);
}

const char *core_component_name(const struct core *core, size_t component)
{
    return names_get(&core->components, (uint32_t)component);
}
