/* fifo_types.c - see fifo_types.h. */
#include "policies/lib/fifo_types.h"

#include <string.h>

#include "sim/base/check.h"

/* One allocation: what is left of each type, and who still waits for one. */
struct deal {
    struct fifo_types *fifo;
    struct rounds *rounds;
    int64_t left[ROUNDS_MOST_TYPES];
    uint32_t open[ROUNDS_MOST_TYPES]; /* types with GPUs left, by name */
    uint32_t open_count;
    uint32_t *queue; /* places in rounds->jobs */
    size_t first;    /* of the queue */
    size_t count;
};

static size_t find_slot(const struct fifo_types *fifo, uint32_t job)
{
    size_t at = 0;
    while (at < fifo->slots.count && fifo->slots.items[at].job < job) {
        at++;
    }
    return at;
}

static void take(struct deal *deal, size_t at, uint32_t type)
{
    const struct rounds_job *job = &deal->rounds->jobs.items[at];
    size_t place = find_slot(deal->fifo, job->job);
    struct fifo_slot slot = {job->job, type, job->size_milli};
    vec_push(&deal->fifo->slots, slot);
    struct fifo_slot *slots = deal->fifo->slots.items;
    memmove(&slots[place + 1], &slots[place],
            (deal->fifo->slots.count - 1 - place) * sizeof(*slots));
    slots[place] = slot;
    deal->left[type] -= job->size_milli;
}

static double speed_on(const struct deal *deal, size_t at, uint32_t type)
{
    return rounds_cells(deal->rounds, at)[type].steps_per_s;
}

/* Jobs that have ended hand their type to the head of the queue, if it has room. */
static void replace_ended(struct deal *deal)
{
    struct fifo_types *fifo = deal->fifo;
    size_t known = fifo->slots.count;
    struct fifo_slot *before = mem_alloc(known + 1, sizeof(*before));
    if (known > 0) {
        memcpy(before, fifo->slots.items, known * sizeof(*before));
    }
    size_t at = 0;
    for (size_t i = 0; i < known; i++) {
        const struct rounds *rounds = deal->rounds;
        while (at < rounds->jobs.count && rounds->jobs.items[at].job < before[i].job) {
            at++;
        }
        uint32_t type = before[i].type;
        if (at < rounds->jobs.count && rounds->jobs.items[at].job == before[i].job) {
            deal->left[type] -= before[i].size_milli;
            continue;
        }
        size_t ended = find_slot(fifo, before[i].job);
        memmove(&fifo->slots.items[ended], &fifo->slots.items[ended + 1],
                (fifo->slots.count - 1 - ended) * sizeof(*before));
        fifo->slots.count--;
        if (deal->first == deal->count) {
            continue;
        }
        uint32_t head = deal->queue[deal->first];
        bool fits = rounds->jobs.items[head].size_milli <= deal->left[type] &&
                    (!fifo->head_stays || speed_on(deal, head, type) > 0);
        deal->first += fits || !fifo->head_stays ? 1 : 0;
        if (fits) {
            take(deal, head, type);
        }
    }
    free(before);
}

static const char *name_of(const struct deal *deal, const struct cluster *cluster, uint32_t type)
{
    uint32_t model = deal->rounds->types[type].model;
    return model == NAMES_NONE ? "" : names_get(&cluster->models, model);
}

/* By insertion: there are a few types. */
static void find_open(struct deal *deal, const struct cluster *cluster)
{
    for (uint32_t k = 0; k < deal->rounds->type_count; k++) {
        if (deal->left[k] <= 0) {
            continue;
        }
        uint32_t at = deal->open_count++;
        const char *name = name_of(deal, cluster, k);
        while (at > 0 && strcmp(name_of(deal, cluster, deal->open[at - 1]), name) > 0) {
            deal->open[at] = deal->open[at - 1];
            at--;
        }
        deal->open[at] = k;
    }
}

static void close_type(struct deal *deal, uint32_t place)
{
    for (uint32_t i = place; i + 1 < deal->open_count; i++) {
        deal->open[i] = deal->open[i + 1];
    }
    deal->open_count--;
}

/* Gives the head of the queue a type; false: none has room for it. */
static bool deal_one(struct deal *deal)
{
    uint32_t at = deal->queue[deal->first++];
    int64_t size = deal->rounds->jobs.items[at].size_milli;
    uint32_t roomy[ROUNDS_MOST_TYPES]; /* places in deal->open */
    uint32_t count = 0;
    for (uint32_t i = 0; i < deal->open_count; i++) {
        if (deal->left[deal->open[i]] >= size) {
            roomy[count++] = i;
        }
    }
    if (count == 0) {
        return false;
    }
    uint32_t struck = 0;
    uint32_t type = deal->open[deal->open_count - 1];
    if (deal->fifo->speeds) {
        double best = -1;
        for (uint32_t i = 0; i < count; i++) {
            double speed = speed_on(deal, at, deal->open[roomy[i]]);
            if (speed > best) {
                best = speed;
                type = deal->open[roomy[i]];
                struck = roomy[i];
            }
        }
    } else {
        struck = roomy[python_random_below(&deal->fifo->random, count)];
    }
    if (deal->fifo->head_stays && speed_on(deal, at, type) <= 0) {
        return true;
    }
    take(deal, at, type);
    if (deal->left[type] == 0) {
        close_type(deal, struck);
    }
    return true;
}

void fifo_types_allocate(struct fifo_types *fifo, struct rounds *rounds,
                         const struct cluster *cluster)
{
    struct deal deal = {.fifo = fifo, .rounds = rounds};
    if (fifo->speeds) {
        vec_clear(&fifo->slots);
    }
    deal.queue = mem_alloc(rounds->jobs.count + 1, sizeof(*deal.queue));
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        uint32_t job = rounds->jobs.items[i].job;
        size_t place = find_slot(fifo, job);
        if (place == fifo->slots.count || fifo->slots.items[place].job != job) {
            deal.queue[deal.count++] = (uint32_t)i;
        }
    }
    for (uint32_t k = 0; k < rounds->type_count; k++) {
        deal.left[k] = rounds->types[k].milli;
    }
    replace_ended(&deal);
    find_open(&deal, cluster);
    while (deal.first < deal.count && deal.open_count > 0 && deal_one(&deal)) {
    }
    free(deal.queue);
    for (size_t i = 0; i < rounds->jobs.count; i++) {
        size_t place = find_slot(fifo, rounds->jobs.items[i].job);
        bool has =
            place < fifo->slots.count && fifo->slots.items[place].job == rounds->jobs.items[i].job;
        for (uint32_t k = 0; k < rounds->type_count; k++) {
            rounds_cells(rounds, i)[k].x = has && fifo->slots.items[place].type == k ? 1 : 0;
        }
    }
}

void fifo_types_release(struct fifo_types *fifo)
{
    vec_release(&fifo->slots);
}
