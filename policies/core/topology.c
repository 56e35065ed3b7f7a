/*
 * topology.c - domains of nodes, and which of them a sub-group may use (specification 5.7).
 */
#include <math.h>

#include "policies/core/modules.h"

struct core_domain {
    uint32_t parent, level; /* level: 0 is the root's, 1 the coarsest given */
    uint32_t value;         /* label value of its level */
    const char *id;         /* values from the coarsest level on, joined by dots */
    VEC(uint32_t) children;
    VEC(uint32_t) nodes; /* ascending name */
    double *free;
    int64_t pods; /* -1: not counted */
};

static uint32_t child_of(struct core *core, struct core_topology *t, uint32_t parent,
                         uint32_t value)
{
    for (size_t i = 0; i < t->domains[parent].children.count; i++) {
        uint32_t child = t->domains[parent].children.items[i];
        if (t->domains[child].value == value) {
            return child;
        }
    }
    uint32_t index = t->domain_count++;
    struct core_domain *d = &t->domains[index];
    struct text id = {0};
    if (parent != 0) {
        text_add(&id, t->domains[parent].id);
        text_add_char(&id, '.');
    }
    text_add(&id, core_text_get(core, value));
    *d = (struct core_domain){.parent = parent,
                              .level = t->domains[parent].level + 1,
                              .value = value,
                              .id = arena_copy_text(&core->session, id.bytes, id.length),
                              .free = arena_alloc(&core->session, core->width, sizeof(double)),
                              .pods = -1};
    text_release(&id);
    vec_push(&t->domains[parent].children, index);
    return index;
}

static bool carries(const struct core_topology *t, const struct core_node *node)
{
    for (uint32_t i = 0; i < t->level_count; i++) {
        if (core_node_label(node, t->levels[i]) == CORE_NONE) {
            return false;
        }
    }
    return true;
}

void core_topology_build(struct core *core, struct core_topology *t)
{
    size_t most = core->node_list.count * t->level_count + 1;
    t->domains = mem_alloc(most, sizeof *t->domains);
    t->domains[0] =
        (struct core_domain){.parent = CORE_NONE,
                             .id = "root",
                             .value = CORE_NONE,
                             .free = arena_alloc(&core->session, core->width, sizeof(double)),
                             .pods = -1};
    t->domain_count = 1;
    t->leaf_of = mem_alloc(core->nodes.count, sizeof *t->leaf_of);
    for (size_t i = 0; i < core->nodes.count; i++) {
        t->leaf_of[i] = CORE_NONE;
    }
    for (size_t i = 0; i < core->node_list.count; i++) {
        const struct core_node *node = core_node_at(core, core->node_list.items[i]);
        if (!carries(t, node)) {
            continue;
        }
        uint32_t d = 0;
        vec_push(&t->domains[0].nodes, node->index);
        for (uint32_t l = 0; l < t->level_count; l++) {
            d = child_of(core, t, d, core_node_label(node, t->levels[l]));
            vec_push(&t->domains[d].nodes, node->index);
        }
        t->leaf_of[node->index] = d;
    }
}

void core_topology_release(struct core_topology *t)
{
    for (uint32_t i = 0; i < t->domain_count; i++) {
        vec_release(&t->domains[i].children);
        vec_release(&t->domains[i].nodes);
    }
    free(t->domains);
    free(t->leaf_of);
    t->domains = NULL;
    t->leaf_of = NULL;
    t->domain_count = 0;
}

bool core_is_constrained(const struct core *core, const struct core_view *view, uint32_t member)
{
    return core->on[CORE_PLUGIN_TOPOLOGY] && view->job->members[member].topology_name != CORE_NONE;
}

/* One look at a tree for one sub-group. */
struct look {
    struct core *core;
    struct core_topology *t;
    const struct core_subsets *query;
    const struct core_member_facts *want;
    double *total, *largest;
    uint32_t start;
    bool *valid; /* by node index: offered and part of the topology */
};

/* Level numbers of domains; the root is 0, a level that is not wanted none. */
static uint32_t wanted_level(uint32_t level)
{
    return level == CORE_NONE ? CORE_NONE : level + 1;
}

double core_domain_ratio(const double *request, const double *available, size_t width)
{
    double x = 0;
    for (size_t i = 0; i < width; i++) {
        if (i != CORE_PODS && request[i] > 0) {
            double r = available[i] <= 0 ? 1000 : request[i] / available[i];
            x = r > x ? r : x;
        }
    }
    return x;
}

static double ratio(const struct look *k, uint32_t d)
{
    return core_domain_ratio(k->total, k->t->domains[d].free, k->core->width);
}

static bool fits_domain(const struct look *k, uint32_t d)
{
    int64_t pods = k->t->domains[d].pods;
    return pods != -1 ? pods >= (int64_t)k->query->task_count : ratio(k, d) <= 1;
}

static void find_start(struct look *k)
{
    for (uint32_t l = 0; l < k->t->level_count; l++) {
        uint32_t shared = CORE_NONE;
        for (size_t i = 0; i < k->query->nodes.count; i++) {
            uint32_t n = k->query->nodes.items[i];
            if (!core_nodes_has(&k->query->nodes, n)) {
                continue;
            }
            if (!k->valid[n]) {
                continue;
            }
            uint32_t value = core_node_label(core_node_at(k->core, n), k->t->levels[l]);
            if (shared != CORE_NONE && shared != value) {
                return;
            }
            shared = value;
        }
        if (shared == CORE_NONE || *core_text_get(k->core, shared) == '\0') {
            return;
        }
        k->start = child_of(k->core, k->t, k->start, shared);
        if (l == k->want->preferred) {
            return;
        }
    }
}

int64_t core_room(const struct core *core, const struct core_node *node, const double *largest,
                  int64_t tasks)
{
    bool asks = largest[CORE_PODS] > 1;
    for (size_t i = 0; i < core->width; i++) {
        asks |= i != CORE_PODS && largest[i] > 0;
    }
    if (!asks) {
        return tasks;
    }
    double gpus = node->idle[CORE_GPU] + node->releasing[CORE_GPU];
    if (largest[CORE_GPU] > 0 && largest[CORE_GPU] < 1) {
        for (size_t i = 0; i < node->by_group.count; i++) {
            const struct core_gpu *gpu = &node->gpus.items[node->by_group.items[i]];
            double left = (double)(node->gpu_memory_mib - gpu->allocated + gpu->releasing) /
                          (double)node->gpu_memory_mib;
            gpus += gpu->used > 0 && left > 0 ? left : 0;
        }
    }
    int64_t room = INT64_MAX;
    for (size_t i = 0; i < core->width; i++) {
        double v = i == CORE_GPU ? gpus : node->idle[i] + node->releasing[i];
        if (largest[i] > v) {
            return 0;
        }
        if (largest[i] > 0 && (double)room > v / largest[i]) {
            room = (int64_t)(v / largest[i]);
        }
    }
    return room;
}

static void fill(struct look *k, uint32_t d, bool count_pods)
{
    struct core_domain *domain = &k->t->domains[d];
    for (size_t i = 0; i < domain->nodes.count; i++) {
        const struct core_node *node = core_node_at(k->core, domain->nodes.items[i]);
        for (size_t c = 0; c < k->core->width; c++) {
            domain->free[c] += node->idle[c] + node->releasing[c];
        }
    }
    domain->pods = count_pods ? 0 : -1;
    for (size_t i = 0; i < domain->children.count; i++) {
        fill(k, domain->children.items[i], count_pods);
        domain->pods += count_pods ? k->t->domains[domain->children.items[i]].pods : 0;
    }
    for (size_t i = 0; count_pods && domain->children.count == 0 && i < domain->nodes.count; i++) {
        domain->pods += core_room(k->core, core_node_at(k->core, domain->nodes.items[i]),
                                  k->largest, (int64_t)k->query->task_count);
    }
}

bool core_homogeneous(const struct core *core, struct core_record *const *tasks, size_t count)
{
    size_t with_gpu = 0;
    for (size_t i = 0; i < count; i++) {
        with_gpu += core_class_of(core, tasks[i]->task)->need_gpus > 0;
    }
    if (with_gpu != 0 && with_gpu != count) {
        return false;
    }
    for (size_t c = CORE_PODS; c < core->width; c++) {
        size_t with = 0;
        for (size_t i = 0; i < count; i++) {
            with += core_class_of(core, tasks[i]->task)->vector[c] > 0;
        }
        if (with != 0 && with != count) {
            return false;
        }
    }
    return true;
}

static void sort_children(struct look *k, uint32_t d, uint32_t last_level)
{
    struct core_domain *domain = &k->t->domains[d];
    uint32_t *items = domain->children.items;
    for (size_t i = 1; i < domain->children.count; i++) {
        uint32_t child = items[i];
        double r = ratio(k, child);
        size_t at = i;
        while (at > 0) {
            double other = ratio(k, items[at - 1]);
            if (other > r || (!(other < r) && strcmp(k->t->domains[items[at - 1]].id,
                                                     k->t->domains[child].id) <= 0)) {
                break;
            }
            items[at] = items[at - 1];
            at--;
        }
        items[at] = child;
    }
    for (size_t i = 0; domain->level != last_level && i < domain->children.count; i++) {
        sort_children(k, items[i], last_level);
    }
}

static void collect(const struct look *k, uint32_t d, uint32_t level, struct core_list *out)
{
    if (k->t->domains[d].level == level) {
        vec_push(out, d);
    }
    for (size_t i = 0; i < k->t->domains[d].children.count; i++) {
        collect(k, k->t->domains[d].children.items[i], level, out);
    }
}

/* Later domains in tree order have more room and score higher. */
static void score_preferred(struct look *k)
{
    struct core *core = k->core;
    struct core_list domains = {0};
    collect(k, k->start, wanted_level(k->want->preferred), &domains);
    struct core_level_scores *scores = &core->level_scores[k->query->member];
    scores->present = true;
    scores->by_node = arena_alloc(&core->placement, core->nodes.count, sizeof(double));
    for (size_t i = 0; i < core->nodes.count; i++) {
        scores->by_node[i] = nan("");
    }
    for (size_t i = 0; i < domains.count; i++) {
        const struct core_domain *d = &k->t->domains[domains.items[i]];
        double score = floor((double)(i + 1) / (double)domains.count * 10) * 100000;
        for (size_t n = 0; n < d->nodes.count; n++) {
            scores->by_node[d->nodes.items[n]] = score;
        }
    }
    vec_release(&domains);
}

static uint32_t at_level(const struct core_topology *t, uint32_t d, uint32_t level)
{
    while (d != CORE_NONE && t->domains[d].level > level) {
        d = t->domains[d].parent;
    }
    return d;
}

/* Running tasks of the sub-group pin it to their domains of the required level. */
static bool is_pinned_elsewhere(const struct look *k, uint32_t d)
{
    const struct core_view *view = k->query->view;
    uint32_t level = wanted_level(k->want->required);
    bool pinned = false;
    for (uint32_t i = 0; i < view->job->pod_set_count; i++) {
        uint32_t member = view->job->pod_sets[i];
        const struct core_member_facts *m = &view->job->members[member];
        bool involved = false;
        for (size_t t = 0; t < k->query->pod_set_count; t++) {
            involved |= k->query->pod_sets[t] == member;
        }
        if (!involved) {
            continue;
        }
        pinned |= view->counts[member].allocated > 0;
        for (uint32_t t = 0; t < m->task_count; t++) {
            const struct core_record *record =
                core_task_at(k->core, view->job->order.items[m->first_task + t])->record;
            if (!core_view_holds(view, m->first_task + t) || record->node == CORE_NONE ||
                !core_status_in(record->status, CORE_SET_ACTIVE)) {
                continue;
            }
            uint32_t leaf = k->t->leaf_of[record->node];
            if (leaf != CORE_NONE && k->t->domains[d].level >= level &&
                at_level(k->t, leaf, level) == at_level(k->t, d, level)) {
                return false;
            }
        }
    }
    return pinned;
}

static void add_candidates(struct look *k, struct core_list *nodes, struct core_list *lengths)
{
    uint32_t required = wanted_level(k->want->required);
    uint32_t preferred = wanted_level(k->want->preferred);
    uint32_t finest = required == CORE_NONE                            ? preferred
                      : preferred == CORE_NONE || preferred < required ? required
                                                                       : preferred;
    uint32_t coarsest = required == CORE_NONE ? 0 : required;
    struct core_list row = {0};
    for (uint32_t level = finest + 1; level > coarsest; level--) {
        vec_clear(&row);
        collect(k, 0, level - 1, &row);
        for (size_t i = 0; i < row.count; i++) {
            uint32_t d = row.items[i];
            if (!fits_domain(k, d) || (required != CORE_NONE && is_pinned_elsewhere(k, d))) {
                continue;
            }
            size_t before = nodes->count;
            for (size_t n = 0; n < k->t->domains[d].nodes.count; n++) {
                if (k->valid[k->t->domains[d].nodes.items[n]]) {
                    vec_push(nodes, k->t->domains[d].nodes.items[n]);
                }
            }
            vec_push(lengths, (uint32_t)(nodes->count - before));
        }
    }
    vec_release(&row);
}

static void measure(struct look *k)
{
    struct core *core = k->core;
    k->valid = arena_alloc(&core->placement, core->nodes.count, sizeof *k->valid);
    for (size_t i = 0; i < k->query->nodes.count; i++) {
        uint32_t n = k->query->nodes.items[i];
        k->valid[n] = core_nodes_has(&k->query->nodes, n) && k->t->leaf_of[n] != CORE_NONE;
    }
    k->total = arena_alloc(&core->placement, core->width, sizeof(double));
    k->largest = arena_alloc(&core->placement, core->width, sizeof(double));
    for (size_t i = 0; i < k->query->task_count; i++) {
        const double *vector = core_class_of(core, k->query->tasks[i]->task)->vector;
        for (size_t c = 0; c < core->width; c++) {
            k->total[c] += vector[c];
            k->largest[c] = vector[c] > k->largest[c] ? vector[c] : k->largest[c];
        }
    }
    find_start(k);
    for (uint32_t d = 0; d < k->t->domain_count; d++) {
        memset(k->t->domains[d].free, 0, core->width * sizeof(double));
        k->t->domains[d].pods = -1;
    }
    fill(k, k->start, core_homogeneous(k->core, k->query->tasks, k->query->task_count));
}

bool core_subsets(struct core *core, const struct core_subsets *query, struct core_list *nodes,
                  struct core_list *lengths)
{
    const struct core_member_facts *want = &query->view->job->members[query->member];
    if (want->topology == CORE_NONE) {
        CORE_LOG(core, "%s: its topology does not exist", query->view->job->name);
        return true;
    }
    struct look k = {
        .core = core, .t = core->topologies.items[want->topology], .query = query, .want = want};
    measure(&k);
    if (!fits_domain(&k, k.start)) {
        CORE_LOG(core, "%s: domain %s has no room", query->view->job->name,
                 k.t->domains[k.start].id);
        return true;
    }
    bool prefers = want->preferred_name != CORE_NONE;
    uint32_t last = wanted_level(prefers ? want->preferred : want->required);
    sort_children(&k, k.start, last);
    if (prefers) {
        score_preferred(&k);
    }
    if ((want->required_name != CORE_NONE && want->required == CORE_NONE) ||
        (prefers && want->preferred == CORE_NONE) ||
        (!prefers && want->required_name == CORE_NONE)) {
        return false;
    }
    add_candidates(&k, nodes, lengths);
    return true;
}
