/*
 * tree.c - the tree of heaps that jobs and victims come out of (specification 4.1, 4.2).
 *
 * Keys change while items are inside, and only the top of a heap is ever sorted again, so the exact
 * moves of the array heaps show in the order of jobs and must not be "improved". Only where the
 * order inside leaves cannot change, any heap gives the same: there a leaf is sorted when it is
 * needed, and for a search that takes a few victims out of thousands mostly not at all.
 */
#include "policies/core/modules.h"

struct tree_node {
    struct core_queue *queue;
    void **items; /* views in a leaf, nodes elsewhere */
    size_t count, capacity;
    uint32_t parent; /* queue index, or CORE_NONE */
    bool leaf, dirty, exists;
    bool loose;    /* a leaf that is no heap yet; its first item is the best all the same */
    bool headless; /* and its best was taken out, so that not even that is known */
    size_t wanted; /* jobs of a leaf that the caller waits for; the others are passed over */
    bool alike;    /* all jobs of the leaf are known to ask for the same amounts */
    const struct core_crowd *crowd; /* its best stands in the leaf for all; NULL: none */
};

struct core_tree {
    struct core *core;
    struct tree_node *nodes;     /* by queue index; the last one holds the root queues */
    struct core_doubles *popped; /* by queue index: triples of victims taken */
    uint32_t root;
    int64_t depth; /* of a leaf; 0: unlimited */
    bool victim_mode;
    bool settled; /* the order of jobs in a leaf does not change while they are inside */
};

static bool job_less(struct core_tree *tree, struct core_view *l, struct core_view *r)
{
    bool first = core_job_first(tree->core, l, r);
    return tree->victim_mode ? !first : first;
}

/* Makes a loose leaf a heap. */
static void tighten(struct core_tree *tree, struct tree_node *leaf)
{
    void **items = leaf->items;
    leaf->loose = false;
    leaf->headless = false;
    for (size_t start = leaf->count / 2; start > 0; start--) {
        size_t i = start - 1;
        void *item = items[i];
        for (size_t c = 2 * i + 1; c < leaf->count; c = 2 * i + 1) {
            if (c + 1 < leaf->count && job_less(tree, items[c + 1], items[c])) {
                c++;
            }
            if (!job_less(tree, items[c], item)) {
                break;
            }
            items[i] = items[c];
            i = c;
        }
        items[i] = item;
    }
}

static struct tree_node *top_leaf(struct core_tree *tree, struct tree_node *node)
{
    while (!node->leaf && node->count > 0) {
        node = node->items[0];
    }
    if (node->headless) {
        tighten(tree, node);
    }
    return node;
}

static void quantify_allocated(const struct core *core, const struct core_view *view, double q[3])
{
    q[CORE_CPU] = view->allocated[CORE_CPU];
    q[CORE_MEM] = view->allocated[CORE_MEM];
    q[CORE_GPU] = core_total_gpus(core, view->allocated);
}

static void fill_side(struct core_tree *tree, struct tree_node *node, struct core_side *side,
                      double last[3])
{
    const struct tree_node *leaf = top_leaf(tree, node);
    struct core_view *view = leaf->items[0];
    *side = (struct core_side){.queue = node->queue};
    if (tree->victim_mode) {
        const struct core_doubles *popped = &tree->popped[leaf->queue->index];
        quantify_allocated(tree->core, view, last);
        side->victims = popped->items;
        side->victim_count = popped->count / 3;
        side->last_victim = last;
    } else {
        core_view_request(tree->core, view, false);
        side->job = view->request_quantity;
    }
}

static bool node_less(struct core_tree *tree, struct tree_node *l, struct tree_node *r)
{
    if (l->count == 0) {
        return !tree->victim_mode;
    }
    if (r->count == 0) {
        return tree->victim_mode;
    }
    struct core_side left;
    struct core_side right;
    double left_last[3];
    double right_last[3];
    fill_side(tree, l, &left, left_last);
    fill_side(tree, r, &right, right_last);
    bool first = core_queue_first(tree->core, &left, &right);
    CORE_LOG(tree->core, "queue order %s (%s) vs %s (%s): %s first", l->queue->name,
             ((struct core_view *)top_leaf(tree, l)->items[0])->job->name, r->queue->name,
             ((struct core_view *)top_leaf(tree, r)->items[0])->job->name,
             (first ? l : r)->queue->name);
    return tree->victim_mode ? !first : first;
}

static bool less(struct core_tree *tree, const struct tree_node *heap, size_t l, size_t r)
{
    if (!heap->leaf) {
        return node_less(tree, heap->items[l], heap->items[r]);
    }
    return job_less(tree, heap->items[l], heap->items[r]);
}

static void swap(struct tree_node *heap, size_t l, size_t r)
{
    void *item = heap->items[l];
    heap->items[l] = heap->items[r];
    heap->items[r] = item;
}

static void move_up(struct core_tree *tree, struct tree_node *heap, size_t i)
{
    while (i > 0 && less(tree, heap, i, (i - 1) / 2)) {
        swap(heap, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static bool move_down(struct core_tree *tree, struct tree_node *heap, size_t i, size_t n)
{
    size_t start = i;
    for (;;) {
        size_t c = 2 * i + 1;
        if (c >= n) {
            break;
        }
        if (c + 1 < n && less(tree, heap, c + 1, c)) {
            c++;
        }
        if (!less(tree, heap, c, i)) {
            break;
        }
        swap(heap, i, c);
        i = c;
    }
    return i > start;
}

static void remove_at(struct core_tree *tree, struct tree_node *heap, size_t i)
{
    size_t last = heap->count - 1;
    if (i != last) {
        swap(heap, i, last);
        if (!move_down(tree, heap, i, last)) {
            move_up(tree, heap, i);
        }
    }
    heap->count--;
}

static void heap_add(struct core_tree *tree, struct tree_node *heap, void *item, int64_t cap)
{
    if (heap->count == heap->capacity) {
        heap->items = mem_grow(heap->items, &heap->capacity, heap->count + 1, sizeof(void *));
    }
    heap->items[heap->count++] = item;
    move_up(tree, heap, heap->count - 1);
    if (cap > 0 && (int64_t)heap->count > cap) {
        remove_at(tree, heap, (size_t)cap);
    }
}

/* Adds to a leaf whose order does not matter yet, keeping its best in front. */
static void loose_add(struct core_tree *tree, struct tree_node *leaf, struct core_view *view)
{
    if (leaf->count == leaf->capacity) {
        leaf->items = mem_grow(leaf->items, &leaf->capacity, leaf->count + 1, sizeof(void *));
    }
    leaf->items[leaf->count++] = view;
    if (!leaf->headless && job_less(tree, view, leaf->items[0])) {
        swap(leaf, 0, leaf->count - 1);
    }
}

static void *heap_take(struct core_tree *tree, struct tree_node *heap)
{
    size_t last = heap->count - 1;
    swap(heap, 0, last);
    move_down(tree, heap, 0, last);
    heap->count--;
    return heap->items[last];
}

/* The others of a crowd come in, when its best is about to leave. */
static void disperse(struct core_tree *tree, struct tree_node *leaf)
{
    const struct core_crowd *crowd = leaf->crowd;
    leaf->crowd = NULL;
    leaf->loose = true;
    for (size_t i = 0; i < crowd->waiting->count; i++) {
        struct core_job *job = core_job_at(tree->core, crowd->waiting->items[i]);
        if (job->queue == crowd->queue && job != crowd->except && &job->view != crowd->best) {
            loose_add(tree, leaf, &job->view);
        }
    }
}

static struct core_view *leaf_take(struct core_tree *tree, struct tree_node *leaf)
{
    if (leaf->headless) {
        tighten(tree, leaf);
    }
    if (leaf->crowd != NULL && leaf->items[0] == leaf->crowd->best) {
        disperse(tree, leaf);
    }
    if (!leaf->loose) {
        return heap_take(tree, leaf);
    }
    struct core_view *best = leaf->items[0];
    leaf->items[0] = leaf->items[--leaf->count];
    leaf->headless = leaf->count > 1;
    return best;
}

struct core_tree *core_tree_new(struct core *core, bool victim_mode, int64_t depth)
{
    struct core_tree *tree = mem_alloc(1, sizeof *tree);
    tree->core = core;
    tree->root = (uint32_t)core->queues.count;
    tree->nodes = mem_alloc(tree->root + 1, sizeof *tree->nodes);
    tree->popped = mem_alloc(tree->root + 1, sizeof *tree->popped);
    tree->nodes[tree->root].parent = CORE_NONE;
    tree->depth = depth;
    tree->victim_mode = victim_mode;
    return tree;
}

struct core_tree *core_tree_new_settled(struct core *core, bool victim_mode)
{
    struct core_tree *tree = core_tree_new(core, victim_mode, 0);
    tree->settled = true;
    return tree;
}

void core_tree_free(struct core_tree *tree)
{
    for (uint32_t i = 0; i <= tree->root; i++) {
        free(tree->nodes[i].items);
        vec_release(&tree->popped[i]);
    }
    free(tree->nodes);
    free(tree->popped);
    free(tree);
}

bool core_tree_is_empty(const struct core_tree *tree)
{
    return tree->nodes[tree->root].count == 0;
}

static struct tree_node *make_node(struct core_tree *tree, uint32_t queue, bool leaf)
{
    struct tree_node *node = &tree->nodes[queue];
    node->queue = core_queue_at(tree->core, queue);
    node->parent = CORE_NONE;
    node->leaf = leaf;
    node->dirty = false;
    node->exists = true;
    node->count = 0;
    node->loose = leaf && tree->settled;
    node->headless = false;
    node->wanted = 0;
    node->alike = true;
    node->crowd = NULL;
    return node;
}

/* Hangs a new node below its parent's, which is made when it is not there. */
static void link_node(struct core_tree *tree, struct tree_node *node)
{
    for (;;) {
        uint32_t parent = node->queue->parent;
        if (parent == CORE_NONE) {
            heap_add(tree, &tree->nodes[tree->root], node, 0);
            return;
        }
        bool is_new = !tree->nodes[parent].exists;
        struct tree_node *above = is_new ? make_node(tree, parent, false) : &tree->nodes[parent];
        node->parent = parent;
        heap_add(tree, above, node, 0);
        if (!is_new) {
            return;
        }
        node = above;
    }
}

static void mark(struct core_tree *tree, struct tree_node *node)
{
    for (;;) {
        node->dirty = true;
        if (node->parent == CORE_NONE) {
            return;
        }
        node = &tree->nodes[node->parent];
    }
}

void core_tree_push(struct core_tree *tree, struct core_view *view)
{
    uint32_t queue = view->job->queue;
    if (queue == CORE_NONE || core_queue_at(tree->core, queue)->child_count > 0) {
        return;
    }
    bool is_new = !tree->nodes[queue].exists;
    struct tree_node *node = is_new ? make_node(tree, queue, true) : &tree->nodes[queue];
    if (node->loose) {
        loose_add(tree, node, view);
    } else {
        heap_add(tree, node, view, tree->depth);
    }
    if (is_new) {
        link_node(tree, node);
    }
    mark(tree, node);
}

bool core_ask_alike(const struct core_view *l, const struct core_view *r)
{
    return l->request_known && r->request_known &&
           memcmp(l->request_quantity, r->request_quantity, sizeof l->request_quantity) == 0;
}

void core_tree_push_crowd(struct core_tree *tree, const struct core_crowd *crowd)
{
    core_tree_push_wanted(tree, crowd->best, false);
    tree->nodes[crowd->queue].crowd = crowd;
}

void core_tree_push_wanted(struct core_tree *tree, struct core_view *view, bool wanted)
{
    core_tree_push(tree, view);
    if (view->job->queue == CORE_NONE || !tree->nodes[view->job->queue].exists) {
        return;
    }
    struct tree_node *leaf = &tree->nodes[view->job->queue];
    leaf->wanted += wanted;
    leaf->alike = leaf->alike && core_ask_alike(view, leaf->items[0]);
}

/* The top of a heap, which is sorted again as long as it is marked. *sure becomes false unless the
 * top was compared just now and kept its place. */
static struct tree_node *next(struct core_tree *tree, struct tree_node *heap, bool *sure)
{
    bool compared = false;
    for (;;) {
        struct tree_node *top = heap->items[0];
        if (!top->dirty) {
            *sure &= compared;
            return top;
        }
        if (!move_down(tree, heap, 0, heap->count)) {
            move_up(tree, heap, 0);
        }
        compared = heap->items[0] == top;
        top->dirty = false;
    }
}

/* The leaf whose turn it is. */
static struct tree_node *next_leaf(struct core_tree *tree, bool *sure)
{
    struct tree_node *node = next(tree, &tree->nodes[tree->root], sure);
    while (!node->leaf) {
        node = next(tree, node, sure);
    }
    return node;
}

/* A leaf from which jobs were taken: it and what is empty above it leave the tree, or it is marked.
 */
static void after_taking(struct core_tree *tree, struct tree_node *node)
{
    struct tree_node *root = &tree->nodes[tree->root];
    while (node->count == 0) {
        uint32_t parent = node->parent;
        heap_take(tree, parent == CORE_NONE ? root : &tree->nodes[parent]);
        node->exists = false;
        if (parent == CORE_NONE) {
            return;
        }
        node = &tree->nodes[parent];
    }
    mark(tree, node);
}

struct core_view *core_tree_pop(struct core_tree *tree)
{
    bool sure = true;
    struct tree_node *node = next_leaf(tree, &sure);
    struct core_view *view = leaf_take(tree, node);
    if (tree->victim_mode) {
        double q[3];
        quantify_allocated(tree->core, view, q);
        for (int r = 0; r < 3; r++) {
            vec_push(&tree->popped[node->queue->index], q[r]);
        }
    }
    after_taking(tree, node);
    return view;
}

struct core_view *core_tree_pop_wanted(struct core_tree *tree,
                                       bool (*is_wanted)(const void *arg, struct core_view *view),
                                       const void *arg)
{
    while (!core_tree_is_empty(tree)) {
        bool sure = true;
        struct tree_node *leaf = next_leaf(tree, &sure);
        if (sure && leaf->wanted == 0 && leaf->alike) {
            /* Its queue was just compared and stays in front with each of its jobs alike: they
             * would come out one after another, and all be passed over. */
            leaf->count = 0;
            after_taking(tree, leaf);
            continue;
        }
        struct core_view *view = leaf_take(tree, leaf);
        after_taking(tree, leaf);
        if (is_wanted(arg, view)) {
            leaf->wanted--;
            return view;
        }
    }
    return NULL;
}
