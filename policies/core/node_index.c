/*
 * node_index.c - the nodes that have room for tasks of one class, best first, kept over placements.
 *
 * Scoring every node for every task costs nodes x tasks. But between two tasks of one class only a
 * few nodes change. So each class keeps a heap of the nodes with room for it, and a log tells which
 * nodes changed since the class last looked; only those are scored again.
 *
 * The order equals that of the sums of scores (specification 5.5): all scores but the placement
 * score are multiples of ten and above it, and the placement score falls strictly with what a node
 * has free (binpack) or depends on the node alone (spread). Where that does not hold - a score that
 * depends on the task, or amounts below zero, for which the range of free amounts matters - the
 * caller scores all nodes (score.c).
 */
#include "policies/core/modules.h"

struct core_index_key {
    double bucket;    /* scores above the placement score; higher first */
    double placement; /* lower first */
};

struct core_node_index {
    uint32_t *heap;              /* node numbers */
    uint32_t *at;                /* by node: 1 + place in the heap; 0: no room */
    struct core_index_key *keys; /* by node */
    size_t count, capacity;
    size_t negative; /* nodes in the heap with less than nothing free */
    uint64_t seen;   /* how much of the log it knows */
    bool built;
};

void core_index_free(struct core_node_index *index)
{
    if (index != NULL) {
        free(index->heap);
        free(index->at);
        free(index->keys);
        free(index);
    }
}

void core_index_note(struct core *core, struct core_node *node)
{
    /* An entry that nobody has read yet tells of this change as well. */
    if (node->logged > core->changes_read) {
        return;
    }
    if (core->changes.count > 8 * core->nodes.count + 64) {
        core->changes_dropped += core->changes.count;
        vec_clear(&core->changes);
    }
    vec_push(&core->changes, node->index);
    node->logged = core->changes_dropped + core->changes.count;
}

static bool before(const struct core *core, const struct core_node_index *index, uint32_t l,
                   uint32_t r)
{
    const struct core_index_key *a = &index->keys[l];
    const struct core_index_key *b = &index->keys[r];
    if (a->bucket < b->bucket || a->bucket > b->bucket) {
        return a->bucket > b->bucket;
    }
    if (a->placement < b->placement || a->placement > b->placement) {
        return a->placement < b->placement;
    }
    return core_node_at(core, l)->rank < core_node_at(core, r)->rank;
}

static void put(struct core_node_index *index, size_t place, uint32_t node)
{
    index->heap[place] = node;
    index->at[node] = (uint32_t)place + 1;
}

static void rise(const struct core *core, struct core_node_index *index, size_t i)
{
    uint32_t node = index->heap[i];
    while (i > 0 && before(core, index, node, index->heap[(i - 1) / 2])) {
        put(index, i, index->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    put(index, i, node);
}

static void sink(const struct core *core, struct core_node_index *index, size_t i)
{
    uint32_t node = index->heap[i];
    for (size_t c = 2 * i + 1; c < index->count; c = 2 * i + 1) {
        if (c + 1 < index->count && before(core, index, index->heap[c + 1], index->heap[c])) {
            c++;
        }
        if (!before(core, index, index->heap[c], node)) {
            break;
        }
        put(index, i, index->heap[c]);
        i = c;
    }
    put(index, i, node);
}

static void take_out(const struct core *core, struct core_node_index *index, uint32_t node)
{
    index->negative -= index->keys[node].placement < 0;
    size_t place = index->at[node] - 1;
    uint32_t last = index->heap[--index->count];
    index->at[node] = 0;
    if (last != node) {
        put(index, place, last);
        rise(core, index, place);
        sink(core, index, index->at[last] - 1);
    }
}

/* Brings one node up to date; `order` keeps the heap a heap. */
static void refresh(struct core *core, struct core_node_index *index, uint32_t class_idx,
                    uint32_t node_index, bool order)
{
    struct core_node *node = core_node_at(core, node_index);
    const struct core_class *class = core->classes.items[class_idx];
    bool fits = node->exists && core_class_fits(core, node, class, 0, true) &&
                core_class_allowed(core, class, node);
    if (!fits) {
        if (index->at[node_index] != 0) {
            take_out(core, index, node_index);
        }
        return;
    }
    if (index->at[node_index] != 0) {
        index->negative -= index->keys[node_index].placement < 0;
    }
    index->keys[node_index].bucket = core_bucket_score(core, node, class);
    index->keys[node_index].placement = core_placement_key(core, node, class);
    index->negative += index->keys[node_index].placement < 0;
    if (index->at[node_index] == 0) {
        put(index, index->count++, node_index);
    }
    if (order) {
        rise(core, index, index->at[node_index] - 1);
        sink(core, index, index->at[node_index] - 1);
    }
}

static void build(struct core *core, struct core_node_index *index, uint32_t class_idx)
{
    size_t n = core->nodes.count;
    if (index->capacity < n) {
        free(index->heap);
        free(index->at);
        free(index->keys);
        index->capacity = n + n / 4 + 16;
        index->heap = mem_alloc(index->capacity, sizeof *index->heap);
        index->at = mem_alloc(index->capacity, sizeof *index->at);
        index->keys = mem_alloc(index->capacity, sizeof *index->keys);
    }
    if (index->capacity > 0) {
        memset(index->at, 0, index->capacity * sizeof *index->at);
    }
    index->count = 0;
    index->negative = 0;
    for (size_t i = 0; i < core->node_list.count; i++) {
        refresh(core, index, class_idx, core->node_list.items[i], false);
    }
    for (size_t i = index->count / 2; i > 0; i--) {
        sink(core, index, i - 1);
    }
    index->built = true;
}

static void synchronise(struct core *core, struct core_node_index *index, uint32_t class_idx)
{
    uint64_t end = core->changes_dropped + core->changes.count;
    if (!index->built || index->seen < core->changes_dropped || index->seen < core->index_epoch ||
        index->capacity < core->nodes.count || end - index->seen > core->node_list.count / 2 + 8) {
        build(core, index, class_idx);
    } else {
        for (uint64_t i = index->seen; i < end; i++) {
            uint32_t node = core->changes.items[i - core->changes_dropped];
            if (core_node_at(core, node)->logged == i + 1) {
                refresh(core, index, class_idx, node, true);
            }
        }
    }
    index->seen = end;
    core->changes_read = end;
}

void core_index_forget_all(struct core *core)
{
    /* One step of the log that no node has: whatever was built before it is built again. */
    vec_push(&core->changes, CORE_NONE);
    core->index_epoch = core->changes_dropped + core->changes.count;
    core->changes_read = core->index_epoch;
    core->changes_dropped += core->changes.count;
    vec_clear(&core->changes);
}

bool core_index_begin(struct core *core, uint32_t task)
{
    uint32_t class_idx = core_task_at(core, task)->class_idx;
    struct core_class *class = core->classes.items[class_idx];
    if (!core->index_usable || class->kind == CORE_GPU_MIG || class->dra > 0 ||
        core_task_at(core, task)->nominated != CORE_NONE ||
        core_task_at(core, task)->claim_count > 0) {
        return false;
    }
    if (class->index == NULL) {
        class->index = mem_alloc(1, sizeof *class->index);
    }
    synchronise(core, class->index, class_idx);
    core->walked = class->index;
    vec_clear(&core->frontier);
    /* Below zero the placement score depends on the range of all nodes; spread needs no range. */
    if (class->index->negative > 0 && !(class->needs_gpu ? core->gpu_spread : core->cpu_spread)) {
        return false;
    }
    if (class->index->count > 0) {
        vec_push(&core->frontier, 0);
    }
    return true;
}

static bool place_before(const struct core *core, uint32_t l, uint32_t r)
{
    const struct core_node_index *index = core->walked;
    return before(core, index, index->heap[l], index->heap[r]);
}

/* Adds a place of the heap to the frontier, which is a heap itself. */
static void reach(struct core *core, uint32_t place)
{
    vec_push(&core->frontier, place);
    uint32_t *places = core->frontier.items;
    size_t i = core->frontier.count - 1;
    while (i > 0 && place_before(core, place, places[(i - 1) / 2])) {
        places[i] = places[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    places[i] = place;
}

static uint32_t take_best(struct core *core)
{
    uint32_t *places = core->frontier.items;
    uint32_t best = places[0];
    size_t count = --core->frontier.count;
    uint32_t moved = places[count];
    size_t i = 0;
    for (size_t c = 1; c < count; c = 2 * i + 1) {
        if (c + 1 < count && place_before(core, places[c + 1], places[c])) {
            c++;
        }
        if (!place_before(core, places[c], moved)) {
            break;
        }
        places[i] = places[c];
        i = c;
    }
    places[i] = moved;
    return best;
}

/* The children of what is taken join the frontier: a walk down the heap in order, which leaves the
 * heap as it is. */
uint32_t core_index_next(struct core *core)
{
    const struct core_node_index *index = core->walked;
    if (core->frontier.count == 0) {
        return CORE_NONE;
    }
    uint32_t place = take_best(core);
    for (uint32_t child = 2 * place + 1; child <= 2 * place + 2 && child < index->count; child++) {
        reach(core, child);
    }
    return index->heap[place];
}
