/*
 * affinity.c - required inter-pod affinity and anti-affinity (specification 5.3, predicate 6).
 *
 * Every copy on every node counts, whatever its status, the old copy of the task itself included.
 */
#include "policies/core/modules.h"

static bool carries(const struct core_constraints *c, const struct core_affinity_term *term)
{
    size_t at = 0;
    for (size_t i = 0; i < term->label_count; i++) {
        while (c != NULL && at < c->label_count && c->labels[at].key < term->labels[i].key) {
            at++;
        }
        if (c == NULL || at == c->label_count || c->labels[at].key != term->labels[i].key ||
            c->labels[at].value != term->labels[i].value) {
            return false;
        }
    }
    return true;
}

static bool same_value(const struct core_node *a, const struct core_node *b, uint32_t key)
{
    uint32_t value = core_node_label(a, key);
    return value != CORE_NONE && value == core_node_label(b, key);
}

/* Anti-affinity in both directions between the task on `node` and a copy on `other`. */
static bool repels(const struct core_constraints *mine, const struct core_node *node,
                   const struct core_constraints *theirs, const struct core_node *other)
{
    for (size_t i = 0; i < theirs->pod_term_count; i++) {
        const struct core_affinity_term *term = &theirs->pod_terms[i];
        if (term->anti && same_value(node, other, term->key) && carries(mine, term)) {
            return true;
        }
    }
    for (size_t i = 0; i < mine->pod_term_count; i++) {
        const struct core_affinity_term *term = &mine->pod_terms[i];
        if (term->anti && term->label_count > 0 && same_value(node, other, term->key) &&
            carries(theirs, term)) {
            return true;
        }
    }
    return false;
}

struct search {
    const struct core *core;
    const struct core_constraints *mine;
    const struct core_node *node;
};

static bool anything_repels(const struct search *s, const struct core_node *other)
{
    for (uint32_t at = other->first_copy; at != 0;) {
        const struct core_copy *copy = &s->core->copies.items[at - 1];
        const struct core_constraints *theirs = core_class_of(s->core, copy->task)->constraints;
        if (theirs != NULL && theirs->namespace_name == s->mine->namespace_name &&
            repels(s->mine, s->node, theirs, other)) {
            return true;
        }
        at = copy->next_on_node;
    }
    return false;
}

static bool attracts(const struct search *s, const struct core_affinity_term *term,
                     const struct core_node *other)
{
    for (uint32_t at = other->first_copy; at != 0;) {
        const struct core_copy *copy = &s->core->copies.items[at - 1];
        const struct core_constraints *theirs = core_class_of(s->core, copy->task)->constraints;
        if (theirs != NULL && theirs->namespace_name == s->mine->namespace_name &&
            carries(theirs, term)) {
            return true;
        }
        at = copy->next_on_node;
    }
    return false;
}

/* The first pod of a group that wants its own company may go anywhere. */
static bool finds_company(const struct search *s, const struct core_affinity_term *term)
{
    if (core_node_label(s->node, term->key) == CORE_NONE) {
        return false;
    }
    bool matched = false;
    for (size_t i = 0; i < s->core->node_list.count; i++) {
        const struct core_node *other = core_node_at(s->core, s->core->node_list.items[i]);
        if (core_node_label(other, term->key) != CORE_NONE && attracts(s, term, other)) {
            matched = true;
            if (same_value(s->node, other, term->key)) {
                return true;
            }
        }
    }
    return !matched && carries(s->mine, term);
}

bool core_pod_affinity_allows(const struct core *core, uint32_t task, const struct core_node *node)
{
    static const struct core_constraints NOTHING;
    if (!core->any_pod_terms) {
        return true;
    }
    const struct core_constraints *mine = core_class_of(core, task)->constraints;
    if (mine == NULL) {
        mine = &NOTHING;
    }
    struct search s = {core, mine, node};
    for (size_t i = 0; i < core->node_list.count; i++) {
        if (anything_repels(&s, core_node_at(core, core->node_list.items[i]))) {
            return false;
        }
    }
    for (size_t i = 0; i < mine->pod_term_count; i++) {
        if (!mine->pod_terms[i].anti && !finds_company(&s, &mine->pod_terms[i])) {
            return false;
        }
    }
    return true;
}
