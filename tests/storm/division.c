/* division.c - see division.h. */
#include "division.h"

#include <math.h>
#include <stdbool.h>

/* The children of one queue, in ascending order of their names. */
struct level {
    struct division_queue *members[DIVISION_MOST_QUEUES];
    double rest[DIVISION_MOST_QUEUES];  /* what whole units left; below 0: nothing */
    double share[DIVISION_MOST_QUEUES]; /* parts of a round */
    size_t count;
    double k;
};

static double requestable(const struct division_queue *queue)
{
    if (queue->limit < 0) {
        return queue->request;
    }
    return fmin(queue->limit, queue->request);
}

static double want(const struct division_queue *queue)
{
    return fmax(requestable(queue) - queue->fair, 0);
}

static bool is_satisfied(const struct division_queue *queue)
{
    return queue->request <= queue->fair || (queue->limit >= 0 && queue->limit <= queue->fair);
}

/* The parts of a round; their sum, 0 when there is none. */
static double weigh(struct level *level, int64_t priority)
{
    double weights = 0;
    double sum = 0;
    for (size_t i = 0; i < level->count; i++) {
        const struct division_queue *queue = level->members[i];
        weights += queue->priority == priority && want(queue) > 0 ? queue->weight : 0;
    }
    for (size_t i = 0; i < level->count && weights > 0; i++) {
        const struct division_queue *queue = level->members[i];
        if (queue->priority == priority && !is_satisfied(queue)) {
            double part = queue->weight / weights;
            level->share[i] = fmax(0, part + level->k * (part - queue->usage));
            sum += level->share[i];
        }
    }
    return sum;
}

/* One round of what is `left`; true: there may be another. */
static bool give_round(struct level *level, int64_t priority, double sum, double *left)
{
    double base = *left;
    bool again = false;
    for (size_t i = 0; i < level->count && fabs(*left) > 0; i++) {
        struct division_queue *queue = level->members[i];
        if (queue->priority != priority || is_satisfied(queue) || !(fabs(queue->weight) > 0)) {
            continue;
        }
        double wants = want(queue);
        double fair = base * (level->share[i] / sum);
        double give = wants;
        if (wants <= fair) {
            level->rest[i] = -1;
        } else {
            give = fmax(floor(fair), 0);
            level->rest[i] = fair - give > 0 ? fair - give : level->rest[i];
        }
        queue->fair += give;
        *left -= give;
        again = again || (fabs(give) > 0 && wants < fair);
    }
    return again && fabs(*left) > 0;
}

static double by_weight(struct level *level, int64_t priority, double left)
{
    bool again = true;
    while (again) {
        double sum = weigh(level, priority);
        again = sum > 0 && give_round(level, priority, sum, &left);
    }
    return left;
}

/* One unit to each who is owed a part of one, the largest part first. */
static double by_rest(struct level *level, int64_t priority, double left)
{
    while (fabs(left) > 0) {
        size_t best = level->count;
        for (size_t i = 0; i < level->count; i++) {
            bool owed = level->members[i]->priority == priority && level->rest[i] > 0;
            bool larger = owed && best < level->count && level->rest[i] > level->rest[best];
            bool smaller = owed && best < level->count && level->rest[i] < level->rest[best];
            bool older = owed && best < level->count &&
                         level->members[i]->created < level->members[best]->created;
            if (owed && (best == level->count || larger || (!smaller && older))) {
                best = i;
            }
        }
        if (best == level->count) {
            return left;
        }
        level->members[best]->fair += fmin(1, left);
        left -= fmin(1, left);
        level->rest[best] = -1;
    }
    return left;
}

/* The next priority below; false: there is none. */
static bool next_priority(const struct level *level, int64_t *priority)
{
    bool found = false;
    int64_t best = 0;
    for (size_t i = 0; i < level->count; i++) {
        int64_t own = level->members[i]->priority;
        if (own < *priority && (!found || own > best)) {
            best = own;
            found = true;
        }
    }
    *priority = best;
    return found;
}

static void divide_level(struct level *level, double total)
{
    double left = total;
    for (size_t i = 0; i < level->count; i++) {
        struct division_queue *queue = level->members[i];
        double quota = fmin(queue->deserved < 0 ? total : queue->deserved, requestable(queue));
        level->rest[i] = -1;
        queue->fair = quota;
        left -= quota;
    }
    if (left <= 0) {
        return;
    }
    for (int64_t priority = INT64_MAX; next_priority(level, &priority);) {
        left = by_weight(level, priority, left);
    }
    for (int64_t priority = INT64_MAX; left > 0 && next_priority(level, &priority);) {
        left = by_rest(level, priority, left);
    }
}

static void divide_below(struct division_queue *queues, size_t count, uint32_t parent, double total,
                         double k)
{
    struct level level = {.k = k};
    for (size_t i = 0; i < count; i++) {
        if (queues[i].parent == parent) {
            level.members[level.count++] = &queues[i];
        }
    }
    divide_level(&level, total);
    for (size_t i = 0; i < count; i++) {
        if (queues[i].parent == parent) {
            divide_below(queues, count, (uint32_t)i, queues[i].fair, k);
        }
    }
}

void division_divide(struct division_queue *queues, size_t count, double total, double k)
{
    divide_below(queues, count, DIVISION_NO_PARENT, total, k);
}
