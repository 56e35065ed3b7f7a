/*
 * divide.c - dividing an amount of one resource among queues (specification 3.4).
 *
 * First the quotas, then the rest by queue priority and weight in rounds of whole units, then the
 * remainders of those rounds one unit at a time. Everything in doubles, in ascending name.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "policies/core/rules.h"
#include "sim/base/mem.h"

static bool is_unlimited(double x)
{
    return core_compare_amount(x, -1) == 0;
}

static bool is_zero(double x)
{
    return !(x < 0) && !(x > 0);
}

static double wanted(const struct core_division_queue *q)
{
    double requestable = core_requestable_share(q->limit, q->request);
    return requestable < q->fair_share ? 0 : requestable - q->fair_share;
}

static bool is_satisfied(const struct core_division_queue *q)
{
    return q->request <= q->fair_share || (!is_unlimited(q->limit) && q->limit <= q->fair_share);
}

struct division {
    struct core_division_queue *queues;
    size_t count;
    double k;
    double *rest;   /* by queue: what a round left below a unit; negative: none */
    double *weight; /* by queue: its part of a round */
};

/* Parts of this round; the sum, or 0 when nobody can get anything. */
static double weigh(const struct division *d, int priority)
{
    double total = 0;
    for (size_t i = 0; i < d->count; i++) {
        if (d->queues[i].priority == priority && wanted(&d->queues[i]) > 0) {
            total += d->queues[i].weight;
        }
    }
    if (is_zero(total)) {
        return 0;
    }
    double sum = 0;
    for (size_t i = 0; i < d->count; i++) {
        const struct core_division_queue *q = &d->queues[i];
        if (q->priority == priority && !is_satisfied(q)) {
            double nw = q->weight / total;
            double s = nw + d->k * (nw - q->usage);
            d->weight[i] = s > 0 ? s : 0;
            sum += d->weight[i];
        }
    }
    return sum;
}

/* One round; returns whether another may change something. */
static bool give_round(const struct division *d, int priority, double sum, double *rem)
{
    double base = *rem;
    bool again = false;
    for (size_t i = 0; i < d->count && !is_zero(*rem); i++) {
        struct core_division_queue *q = &d->queues[i];
        if (q->priority != priority || is_satisfied(q) || is_zero(q->weight)) {
            continue;
        }
        double want = wanted(q);
        double fair = base * (d->weight[i] / sum);
        double give = want;
        if (want <= fair) {
            d->rest[i] = -1;
        } else {
            double whole = floor(fair);
            give = whole > 0 ? whole : 0;
            if (fair - give > 0) {
                d->rest[i] = fair - give;
            }
        }
        if (is_zero(give)) {
            continue;
        }
        q->fair_share += give;
        *rem -= give;
        again |= want < fair;
    }
    return again && !is_zero(*rem);
}

static double up_to_fair(const struct division *d, int priority, double rem)
{
    for (bool again = true; again;) {
        double sum = weigh(d, priority);
        if (is_zero(sum)) {
            break;
        }
        again = give_round(d, priority, sum, &rem);
    }
    return rem;
}

/* Is the remainder of l served before that of r? */
static bool rest_first(const struct division *d, size_t l, size_t r)
{
    if (d->rest[l] < d->rest[r] || d->rest[l] > d->rest[r]) {
        return d->rest[l] > d->rest[r];
    }
    if (d->queues[l].created_ns != d->queues[r].created_ns) {
        return d->queues[l].created_ns < d->queues[r].created_ns;
    }
    return l < r;
}

static double leftovers(const struct division *d, int priority, double rem)
{
    while (!is_zero(rem)) {
        size_t best = d->count;
        for (size_t i = 0; i < d->count; i++) {
            if (d->queues[i].priority == priority && d->rest[i] > 0 &&
                (best == d->count || rest_first(d, i, best))) {
                best = i;
            }
        }
        if (best == d->count) {
            break;
        }
        double x = rem < 1 ? rem : 1;
        d->queues[best].fair_share += x;
        rem -= x;
        d->rest[best] = -1;
    }
    return rem;
}

/* The next lower priority than `below` (any for the first call); false when there is none. */
static bool next_priority(const struct division *d, int64_t below, int *priority)
{
    int64_t best = INT64_MIN;
    for (size_t i = 0; i < d->count; i++) {
        if (d->queues[i].priority < below && d->queues[i].priority > best) {
            best = d->queues[i].priority;
        }
    }
    *priority = (int)best;
    return best != INT64_MIN;
}

double core_divide_over_quota(double amount, double k, struct core_division_queue *queues,
                              size_t count)
{
    struct division d = {queues, count, k, mem_alloc(count, sizeof(double)),
                         mem_alloc(count, sizeof(double))};
    for (size_t i = 0; i < count; i++) {
        d.rest[i] = -1;
    }
    int priority = 0;
    for (int64_t below = INT64_MAX; next_priority(&d, below, &priority); below = priority) {
        amount = up_to_fair(&d, priority, amount);
    }
    for (int64_t below = INT64_MAX; amount > 0 && next_priority(&d, below, &priority);
         below = priority) {
        amount = leftovers(&d, priority, amount);
    }
    free(d.rest);
    free(d.weight);
    return amount;
}

double core_divide(double amount, double k, struct core_division_queue *queues, size_t count)
{
    double rem = amount;
    for (size_t i = 0; i < count; i++) {
        struct core_division_queue *q = &queues[i];
        double deserved = is_unlimited(q->deserved) ? amount : q->deserved;
        double requestable = core_requestable_share(q->limit, q->request);
        double x = deserved < requestable ? deserved : requestable;
        q->fair_share += x;
        rem -= x;
    }
    return rem <= 0 ? 0 : core_divide_over_quota(rem, k, queues, count);
}
