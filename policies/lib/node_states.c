/*
 * node_states.c - see node_states.h.
 *
 * States are found by a hash of what they look like and go when their last node leaves; their
 * numbers are used again. A score kept for a number that stands for another state since is told by
 * its stamp, as is one of another request in the same slot.
 */
#include "policies/lib/node_states.h"

#include <string.h>

#include "sim/base/check.h"

enum { MOST_SLOTS = 512, LEAST_SLOTS = 16, MOST_SCORES = 1 << 22 };

#define NO_STATE UINT32_MAX

struct state {
    uint64_t hash;
    uint32_t next;         /* state of the same bucket, or the next unused one; or NO_STATE */
    uint32_t stamp;        /* of the look; never used twice */
    uint32_t place;        /* in `live` */
    VEC(uint32_t) members; /* falling, so that the first node is the last */
    struct node_look look; /* the last member: memory is taken for the GPUs there are */
};

struct state_entry {
    struct state *state;
};

/* What a choice goes through: the states that there are, and what passes most of them over. */
struct live_state {
    uint32_t number;
    uint32_t first; /* node */
    uint32_t stamp;
    uint64_t model;     /* bit of the model, or 0 */
    int64_t most_milli; /* free on one GPU, on divisible nodes on all */
    int64_t gpu_milli;
    int64_t cpu_milli;
    int64_t memory_mib;
};

struct kept_score {
    uint32_t stamp; /* of the state; 0: none */
    uint32_t since; /* of the slot */
    int64_t score;
};

/* The scores of one request. */
struct slot {
    struct request request;
    uint32_t since;                /* when the slot became that request's; 0: nobody's */
    VEC(struct kept_score) scores; /* by state */
};

struct node_states {
    const struct cluster *cluster;
    node_score score;
    void *rule;
    uint32_t *kind_of_pool;
    uint32_t *state_of_node;
    uint64_t seen; /* changes of the cluster */
    VEC(struct state_entry) states;
    size_t state_size;
    uint32_t unused; /* the first state without nodes, or NO_STATE */
    VEC(struct live_state) live;
    uint32_t *buckets;
    uint32_t bucket_count; /* a power of two */
    uint32_t last_stamp;
    uint32_t last_since;
    struct slot *slots;
    uint32_t slot_count;   /* a power of two */
    struct node_look look; /* being looked at */
};

/* -- looks ----------------------------------------------------------------------------------- */

static int compare_gpus(const struct node_gpu *a, const struct node_gpu *b)
{
    int order = (a->free_milli > b->free_milli) - (a->free_milli < b->free_milli);
    order = order != 0 ? order : (int)a->group - (int)b->group;
    order = order != 0 ? order : (int)a->tasks - (int)b->tasks;
    order = order != 0 ? order : (int)a->mig_compute - (int)b->mig_compute;
    order = order != 0 ? order : (int)a->mig_slices - (int)b->mig_slices;
    return order != 0 ? order
                      : (a->free_memory_mib > b->free_memory_mib) -
                            (a->free_memory_mib < b->free_memory_mib);
}

void node_look_at(struct node_look *look, const struct cluster *cluster, uint32_t node)
{
    const struct node *at = &cluster->nodes.items[node];
    look->pool = cluster_pool(cluster, node);
    look->kind = 0;
    look->gpu_count = look->pool->divisible ? 0 : look->pool->gpu_count;
    look->free_gpu_milli = at->free_gpu_milli;
    look->free_cpu_milli = at->free_cpu_milli;
    look->free_memory_mib = at->free_memory_mib;
    look->is_closed = at->is_closed;
    for (uint32_t i = 0; i < look->gpu_count; i++) {
        const struct gpu *gpu = &cluster->gpus.items[at->first_gpu + i];
        struct node_gpu seen = {
            .free_milli = gpu->free_milli,
            .tasks = gpu->tasks > 0 ? 1 : 0,
            .group = gpu->group,
            .mig_compute = gpu->mig_compute,
            .mig_slices = gpu->mig_slices,
            .free_memory_mib = gpu->free_memory_mib,
        };
        uint32_t place = i;
        for (; place > 0 && compare_gpus(&seen, &look->gpus[place - 1]) < 0; place--) {
            look->gpus[place] = look->gpus[place - 1];
        }
        look->gpus[place] = seen;
    }
}

struct node_most node_most_of(const struct cluster *cluster)
{
    struct node_most most = {0};
    for (size_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        int64_t gpu_milli = INT64_C(1000) * pool->gpu_count;
        if (pool->cpu_milli != UNLIMITED && pool->cpu_milli > most.cpu_milli) {
            most.cpu_milli = pool->cpu_milli;
        }
        most.gpu_milli = gpu_milli > most.gpu_milli ? gpu_milli : most.gpu_milli;
    }
    return most;
}

static bool look_same(const struct node_look *a, const struct node_look *b)
{
    bool same = a->kind == b->kind && a->is_closed == b->is_closed &&
                a->free_gpu_milli == b->free_gpu_milli && a->free_cpu_milli == b->free_cpu_milli &&
                a->free_memory_mib == b->free_memory_mib;
    for (uint32_t i = 0; same && i < a->gpu_count; i++) {
        same = compare_gpus(&a->gpus[i], &b->gpus[i]) == 0;
    }
    return same;
}

static uint64_t mix(uint64_t hash, int64_t word)
{
    uint64_t mixed = (hash ^ (uint64_t)word) * UINT64_C(0x9e3779b97f4a7c15);
    return mixed ^ mixed >> 29;
}

static uint64_t hash_look(const struct node_look *look)
{
    uint64_t hash = mix(mix(look->kind, look->free_gpu_milli), look->free_cpu_milli);
    hash = mix(hash, look->free_memory_mib);
    for (uint32_t i = 0; i < look->gpu_count; i++) {
        hash = mix(hash, look->gpus[i].free_milli * 256 + look->gpus[i].mig_slices);
    }
    return hash;
}

static void look_at_own(struct node_states *states, uint32_t node)
{
    node_look_at(&states->look, states->cluster, node);
    states->look.kind = states->kind_of_pool[states->cluster->nodes.items[node].pool];
}

/* -- states ---------------------------------------------------------------------------------- */

static uint32_t take_unused(struct node_states *states)
{
    if (states->unused == NO_STATE) {
        struct state *state = mem_alloc(1, states->state_size);
        state->next = NO_STATE;
        vec_push(&states->states, (struct state_entry){state});
        return (uint32_t)states->states.count - 1;
    }
    uint32_t number = states->unused;
    states->unused = states->states.items[number].state->next;
    return number;
}

/* Its first node is set when one enters. */
static struct live_state live_state_of(const struct node_states *states, uint32_t number)
{
    const struct state *state = states->states.items[number].state;
    const struct node_look *look = &state->look;
    uint32_t model = look->pool->model;
    struct live_state live = {
        .number = number,
        .stamp = state->stamp,
        .model = model == NAMES_NONE ? 0 : UINT64_C(1) << model,
        .most_milli = look->free_gpu_milli,
        .gpu_milli = look->free_gpu_milli,
        .cpu_milli = look->free_cpu_milli,
        .memory_mib = look->free_memory_mib,
    };
    if (!look->pool->divisible) {
        live.most_milli = look->gpu_count == 0 ? 0 : look->gpus[look->gpu_count - 1].free_milli;
    }
    return live;
}

/* The state that looks like what is being looked at, made if it is new. */
static uint32_t state_of_look(struct node_states *states)
{
    uint64_t hash = hash_look(&states->look);
    uint32_t *bucket = &states->buckets[hash & (states->bucket_count - 1)];
    for (uint32_t number = *bucket; number != NO_STATE;) {
        const struct state *state = states->states.items[number].state;
        if (state->hash == hash && look_same(&state->look, &states->look)) {
            return number;
        }
        number = state->next;
    }
    uint32_t number = take_unused(states);
    struct state *state = states->states.items[number].state;
    size_t used =
        offsetof(struct node_look, gpus) + states->look.gpu_count * sizeof(states->look.gpus[0]);
    memcpy(&state->look, &states->look, used);
    state->hash = hash;
    state->next = *bucket;
    *bucket = number;
    CHECK(states->last_stamp < UINT32_MAX);
    state->stamp = ++states->last_stamp;
    state->place = (uint32_t)states->live.count;
    vec_push(&states->live, live_state_of(states, number));
    return number;
}

static void drop_state(struct node_states *states, uint32_t number)
{
    struct state *state = states->states.items[number].state;
    uint32_t *link = &states->buckets[state->hash & (states->bucket_count - 1)];
    while (*link != number) {
        CHECK(*link != NO_STATE);
        link = &states->states.items[*link].state->next;
    }
    *link = state->next;
    struct live_state last = vec_pop(&states->live);
    if (last.number != number) {
        states->live.items[state->place] = last;
        states->states.items[last.number].state->place = state->place;
    }
    state->next = states->unused;
    states->unused = number;
}

/* The place of a node among members, or where it would stand. */
static size_t member_place(const struct state *state, uint32_t node)
{
    size_t low = 0;
    size_t high = state->members.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (state->members.items[middle] > node) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void note_first(struct node_states *states, const struct state *state)
{
    states->live.items[state->place].first = state->members.items[state->members.count - 1];
}

static void leave(struct node_states *states, uint32_t node)
{
    uint32_t number = states->state_of_node[node];
    struct state *state = states->states.items[number].state;
    size_t place = member_place(state, node);
    uint32_t *items = state->members.items;
    CHECK(place < state->members.count && items[place] == node);
    memmove(items + place, items + place + 1, (state->members.count - place - 1) * sizeof(*items));
    state->members.count--;
    if (state->members.count == 0) {
        drop_state(states, number);
    } else {
        note_first(states, state);
    }
}

static void enter(struct node_states *states, uint32_t node, uint32_t number)
{
    struct state *state = states->states.items[number].state;
    size_t place = member_place(state, node);
    vec_push(&state->members, node);
    uint32_t *items = state->members.items;
    memmove(items + place + 1, items + place, (state->members.count - place - 1) * sizeof(*items));
    items[place] = node;
    note_first(states, state);
    states->state_of_node[node] = number;
}

static void refresh_node(struct node_states *states, uint32_t node)
{
    look_at_own(states, node);
    uint32_t number = states->state_of_node[node];
    if (look_same(&states->look, &states->states.items[number].state->look)) {
        return;
    }
    leave(states, node);
    enter(states, node, state_of_look(states));
}

static void refresh(struct node_states *states)
{
    const struct cluster *cluster = states->cluster;
    uint64_t count = cluster->change_count - states->seen;
    if (count > CLUSTER_RECENT_CHANGES) {
        for (uint32_t node = 0; node < cluster->nodes.count; node++) {
            refresh_node(states, node);
        }
    } else {
        for (uint64_t i = states->seen; i < cluster->change_count; i++) {
            refresh_node(states, cluster->recent_changes[i % CLUSTER_RECENT_CHANGES]);
        }
    }
    states->seen = cluster->change_count;
}

/* -- scores ---------------------------------------------------------------------------------- */

static struct slot *slot_of(struct node_states *states, const struct request *request)
{
    int64_t words[sizeof(*request) / sizeof(int64_t)];
    memcpy(words, request, sizeof(words));
    uint64_t hash = 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        hash = mix(hash, words[i]);
    }
    struct slot *slot = &states->slots[hash >> 20 & (states->slot_count - 1)];
    if (slot->since == 0 || memcmp(&slot->request, request, sizeof(*request)) != 0) {
        slot->request = *request;
        CHECK(states->last_since < UINT32_MAX);
        slot->since = ++states->last_since;
    }
    while (slot->scores.count < states->states.count) {
        vec_push(&slot->scores, ((struct kept_score){0}));
    }
    return slot;
}

/* The least that must be free, and the models that will do; the rest cluster_fits knows. */
struct least {
    uint64_t models;
    int64_t one_gpu_milli;
    int64_t gpu_milli;
    int64_t cpu_milli;
    int64_t memory_mib;
};

static struct least least_of(const struct request *request)
{
    struct least least = {
        .models = request->models,
        .gpu_milli = request_gpu_milli(request),
        .cpu_milli = request->cpu_milli,
        .memory_mib = request->memory_mib,
    };
    if (request->kind == GPU_WHOLE) {
        least.one_gpu_milli = request->gpu_count == 0 ? 0 : 1000;
    } else if (request->kind == GPU_FRACTION) {
        least.one_gpu_milli = request->gpu_milli;
    }
    return least;
}

static bool may_fit(const struct live_state *live, const struct least *least)
{
    return least->cpu_milli <= live->cpu_milli && least->gpu_milli <= live->gpu_milli &&
           least->one_gpu_milli <= live->most_milli && least->memory_mib <= live->memory_mib &&
           (least->models == 0 || (least->models & live->model) != 0);
}

static int64_t score_of(struct node_states *states, struct slot *slot,
                        const struct live_state *live)
{
    struct kept_score *kept = &slot->scores.items[live->number];
    if (kept->stamp != live->stamp || kept->since != slot->since) {
        const struct node_look *look = &states->states.items[live->number].state->look;
        bool fits = cluster_fits(states->cluster, live->first, &slot->request);
        kept->score = fits ? states->score(states->rule, look, &slot->request) : SCORE_NO_ROOM;
        kept->stamp = live->stamp;
        kept->since = slot->since;
    }
    return kept->score;
}

/* The best node so far. */
struct choice {
    uint32_t node;
    int64_t score;
};

static void consider(struct choice *choice, uint32_t node, int64_t score)
{
    if (score != SCORE_NO_ROOM && (choice->node == NODE_NONE || score > choice->score ||
                                   (score == choice->score && node < choice->node))) {
        *choice = (struct choice){node, score};
    }
}

static uint32_t best_anywhere(struct node_states *states, struct slot *slot)
{
    struct choice choice = {NODE_NONE, 0};
    struct least least = least_of(&slot->request);
    for (size_t i = 0; i < states->live.count; i++) {
        const struct live_state *live = &states->live.items[i];
        if (may_fit(live, &least)) {
            consider(&choice, live->first, score_of(states, slot, live));
        }
    }
    return choice.node;
}

static uint32_t best_of_copy(struct node_states *states, const struct cluster *cluster,
                             const struct request *request, struct node_filter filter)
{
    struct choice choice = {NODE_NONE, 0};
    struct node_look *look = &states->look;
    uint32_t node = cluster_first_fit(cluster, request, filter, 0);
    while (node != NODE_NONE) {
        node_look_at(look, cluster, node);
        look->kind = states->kind_of_pool[cluster->nodes.items[node].pool];
        consider(&choice, node, states->score(states->rule, look, request));
        node = cluster_first_fit(cluster, request, filter, node + 1);
    }
    return choice.node;
}

static uint32_t best_of_domain(struct node_states *states, struct slot *slot,
                               struct node_filter filter)
{
    struct choice choice = {NODE_NONE, 0};
    const struct level *level = &states->cluster->levels[filter.level];
    if (filter.domain >= level->domains.count) {
        return NODE_NONE;
    }
    const struct domain *domain = &level->domains.items[filter.domain];
    struct least least = least_of(&slot->request);
    for (uint32_t node = domain->first_node; node <= domain->last_node; node++) {
        const struct state *state = states->states.items[states->state_of_node[node]].state;
        const struct live_state *live = &states->live.items[state->place];
        if (level->domain_of_node[node] == filter.domain && may_fit(live, &least)) {
            consider(&choice, node, score_of(states, slot, live));
        }
    }
    return choice.node;
}

uint32_t node_states_best(struct node_states *states, const struct cluster *cluster,
                          const struct request *request, struct node_filter filter)
{
    if (cluster != states->cluster) {
        return best_of_copy(states, cluster, request, filter);
    }
    refresh(states);
    struct slot *slot = slot_of(states, request);
    return filter.domain == DOMAIN_ANY ? best_anywhere(states, slot)
                                       : best_of_domain(states, slot, filter);
}

void node_states_forget(struct node_states *states)
{
    for (uint32_t i = 0; i < states->slot_count; i++) {
        states->slots[i].since = 0;
    }
}

/* -- beginning and end ----------------------------------------------------------------------- */

static bool pools_alike(const struct pool *a, const struct pool *b)
{
    bool alike = a->gpu_count == b->gpu_count && a->model == b->model &&
                 a->divisible == b->divisible && a->gpu_memory_mib == b->gpu_memory_mib &&
                 a->cpu_milli == b->cpu_milli && a->memory_mib == b->memory_mib &&
                 a->mig_profile_count == b->mig_profile_count;
    for (uint32_t i = 0; alike && i < a->mig_profile_count; i++) {
        alike = memcmp(&a->mig_profiles[i], &b->mig_profiles[i], sizeof(a->mig_profiles[i])) == 0;
    }
    return alike;
}

static size_t size_of_state(const struct cluster *cluster)
{
    uint32_t most = 0;
    for (size_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        most = !pool->divisible && pool->gpu_count > most ? pool->gpu_count : most;
    }
    return offsetof(struct state, look) + offsetof(struct node_look, gpus) +
           most * sizeof(struct node_gpu);
}

/* Clusters of single nodes have as many pools; kinds are few, so each is found among the kinds. */
static void number_kinds(struct node_states *states)
{
    const struct cluster *cluster = states->cluster;
    VEC(uint32_t) firsts = {0}; /* a pool of each kind */
    for (uint32_t i = 0; i < cluster->pools.count; i++) {
        uint32_t kind = 0;
        while (kind < firsts.count &&
               !pools_alike(&cluster->pools.items[i], &cluster->pools.items[firsts.items[kind]])) {
            kind++;
        }
        if (kind == firsts.count) {
            vec_push(&firsts, i);
        }
        states->kind_of_pool[i] = kind;
    }
    vec_release(&firsts);
}

static uint32_t power_of_two(uint32_t least)
{
    uint32_t power = 1;
    while (power < least) {
        power *= 2;
    }
    return power;
}

struct node_states *node_states_new(const struct cluster *cluster, node_score score, void *rule)
{
    struct node_states *states = mem_alloc(1, sizeof(*states));
    uint32_t nodes = (uint32_t)cluster->nodes.count;
    states->cluster = cluster;
    states->score = score;
    states->rule = rule;
    states->seen = cluster->change_count;
    states->unused = NO_STATE;
    states->state_size = size_of_state(cluster);
    states->kind_of_pool = mem_alloc(cluster->pools.count, sizeof(*states->kind_of_pool));
    states->state_of_node = mem_alloc(nodes, sizeof(*states->state_of_node));
    states->bucket_count = power_of_two(2 * nodes);
    states->buckets = mem_alloc(states->bucket_count, sizeof(*states->buckets));
    memset(states->buckets, 0xff, states->bucket_count * sizeof(*states->buckets));
    uint32_t slots = MOST_SCORES / (nodes + 1);
    slots = slots > MOST_SLOTS ? MOST_SLOTS : slots;
    states->slot_count = power_of_two(slots < LEAST_SLOTS ? LEAST_SLOTS : slots);
    states->slots = mem_alloc(states->slot_count, sizeof(*states->slots));
    number_kinds(states);
    for (uint32_t node = 0; node < nodes; node++) {
        look_at_own(states, node);
        enter(states, node, state_of_look(states));
    }
    return states;
}

void node_states_free(struct node_states *states)
{
    if (states == NULL) {
        return;
    }
    for (size_t i = 0; i < states->states.count; i++) {
        vec_release(&states->states.items[i].state->members);
        free(states->states.items[i].state);
    }
    vec_release(&states->states);
    vec_release(&states->live);
    for (uint32_t i = 0; i < states->slot_count; i++) {
        vec_release(&states->slots[i].scores);
    }
    free(states->slots);
    free(states->buckets);
    free(states->kind_of_pool);
    free(states->state_of_node);
    free(states);
}
