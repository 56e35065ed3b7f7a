/*
 * rules.c - see rules.h: comparisons, shares, saturation, member order, search.
 */
#include "policies/core/rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/check.h"

static bool is_equal(double a, double b)
{
    return !(a < b) && !(a > b);
}

int core_compare_amount(double a, double b)
{
    if (is_equal(a, b)) {
        return 0;
    }
    if (is_equal(a, -1)) {
        return 1;
    }
    return is_equal(b, -1) || a < b ? -1 : 1;
}

bool core_amounts_less(const double a[3], const double b[3])
{
    return a[0] < b[0] && a[1] < b[1] && a[2] < b[2];
}

bool core_amounts_less_equal(const double a[3], const double b[3])
{
    return core_compare_amount(a[0], b[0]) <= 0 && core_compare_amount(a[1], b[1]) <= 0 &&
           core_compare_amount(a[2], b[2]) <= 0;
}

bool core_amounts_less_in_one(const double a[3], const double b[3])
{
    return !core_amounts_less_equal(b, a);
}

double core_allocatable_share(double deserved, double limit, double fair_share)
{
    if (is_equal(deserved, -1)) {
        return limit;
    }
    double x = deserved > fair_share ? deserved : fair_share;
    return is_equal(limit, -1) || x < limit ? x : limit;
}

double core_requestable_share(double limit, double request)
{
    return is_equal(limit, -1) || request < limit ? request : limit;
}

double core_dominant_share(const struct core_queue_view *queue, const double total[3])
{
    double best = 0;
    for (int r = 0; r < 3; r++) {
        double share =
            core_allocatable_share(queue->deserved[r], queue->limit[r], queue->fair_share[r]);
        if (is_equal(share, -1)) {
            share = total[r];
        }
        double x = is_equal(share, 0) ? queue->allocated[r] * 1000 : queue->allocated[r] / share;
        best = x > best ? x : best;
    }
    return best;
}

static enum core_resource first_over(const double bound[3], const double used[3],
                                     const double asked[3])
{
    for (int r = 0; r < 3; r++) {
        if (!is_equal(bound[r], -1) && !is_equal(asked[r], 0) && bound[r] < used[r] + asked[r]) {
            return (enum core_resource)r;
        }
    }
    return CORE_RESOURCE_COUNT;
}

enum core_resource core_over_limit(const struct core_queue_view *queue, const double asked[3])
{
    return first_over(queue->limit, queue->allocated, asked);
}

enum core_resource core_np_over_quota(const struct core_queue_view *queue, const double asked[3])
{
    return first_over(queue->deserved, queue->allocated_np, asked);
}

double core_saturation(double allocated, double fair_share)
{
    if (is_equal(fair_share, 0)) {
        return allocated > 0 ? HUGE_VAL : 0;
    }
    return is_equal(fair_share, -1) ? 0 : allocated / fair_share;
}

bool core_saturation_lower(const double *mine, const double *my_share, const double *theirs,
                           const double *their_share, const bool resources[3], double multiplier)
{
    for (int r = 0; r < 3; r++) {
        if (!resources[r] || (is_equal(my_share[r], -1) && is_equal(their_share[r], -1))) {
            continue;
        }
        double x = core_saturation(mine[r], my_share[r]);
        double y = core_saturation(theirs[r], their_share[r]);
        if (x > 1 && their_share[r] > 0 && x * multiplier >= y) {
            return false;
        }
    }
    return true;
}

bool core_keeps_fair_share(const struct core_queue_view *victim, const double remaining[3])
{
    double shares[3];
    for (int r = 0; r < 3; r++) {
        shares[r] =
            core_allocatable_share(victim->deserved[r], victim->limit[r], victim->fair_share[r]);
    }
    return !core_amounts_less_equal(remaining, shares);
}

bool core_gives_deserved(const struct core_queue_view *reclaimer, const double request[3],
                         const struct core_queue_view *victim, const double remaining[3])
{
    double with[3];
    for (int r = 0; r < 3; r++) {
        with[r] = reclaimer->allocated[r] + request[r];
    }
    return core_amounts_less_equal(with, reclaimer->deserved) &&
           !core_amounts_less_equal(remaining, victim->deserved);
}

int core_member_order(const struct core_member *l, const struct core_member *r)
{
    bool l_satisfied = l->have >= l->need;
    bool r_satisfied = r->have >= r->need;
    if (l_satisfied != r_satisfied) {
        return l_satisfied ? 1 : -1;
    }
    if (!l_satisfied) {
        return 0;
    }
    if ((l->need > 0) != (r->need > 0)) {
        return l->need > 0 ? -1 : 1;
    }
    double a = l->need > 0 ? (double)l->have / (double)l->need : (double)l->have;
    double b = r->need > 0 ? (double)r->have / (double)r->need : (double)r->have;
    return (a > b) - (a < b);
}

bool core_member_before(const struct core_member *l, const struct core_member *r)
{
    int order = core_member_order(l, r);
    return order != 0 ? order < 0 : strcmp(l->name, r->name) < 0;
}

int64_t core_search(int64_t n, bool (*probe)(void *arg, int64_t tasks), void *arg)
{
    int64_t lo = 0;
    int64_t hi = n;
    for (int64_t k = 1; n > 0;) {
        if (!probe(arg, k)) {
            hi = k;
            break;
        }
        lo = k;
        if (k == n) {
            return n;
        }
        k = 2 * k < n ? 2 * k : n;
    }
    while (hi - lo > 1) {
        int64_t mid = (lo + hi) / 2;
        if (probe(arg, mid)) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    return lo;
}

bool core_match(const double *demands, size_t demand_count, const double *holders,
                size_t holder_count, double *taken)
{
    for (size_t h = 0; h < holder_count; h++) {
        taken[h] = 0;
    }
    /* Holders before `first` have nothing to give to a demand of the same size. */
    size_t first = 0;
    double previous = 0;
    for (size_t d = 0; d < demand_count; d++) {
        double demand = demands[d];
        if (is_equal(demand, 0)) {
            return true;
        }
        if (!is_equal(demand, previous)) {
            first = 0;
        }
        previous = demand;
        size_t h = first;
        while (h < holder_count && holders[h] >= demand && !(holders[h] - taken[h] >= demand)) {
            h++;
        }
        if (h == holder_count || holders[h] < demand) {
            return false;
        }
        taken[h] += demand;
        first = h;
    }
    return true;
}

struct core_status_classes core_status_classes(enum core_status status)
{
    struct core_status_classes c = {0};
    c.allocated = status == CORE_ALLOCATED || status == CORE_BINDING || status == CORE_BOUND ||
                  status == CORE_RUNNING;
    c.active_allocated = c.allocated || status == CORE_PIPELINED;
    c.active_used = c.active_allocated || status == CORE_RELEASING || status == CORE_STUCK;
    c.alive = c.active_allocated || status == CORE_PENDING || status == CORE_GATED;
    c.bound = status == CORE_ALLOCATED || status == CORE_BOUND || status == CORE_RUNNING ||
              status == CORE_RELEASING || status == CORE_STUCK;
    return c;
}

const char *core_status_name(enum core_status status)
{
    static const char *const NAMES[CORE_STATUS_COUNT] = {[CORE_PENDING] = "pending",
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
    return NAMES[status];
}

enum core_status core_status_of_pod(const struct core_pod_facts *pod)
{
    if (strcmp(pod->phase, "Running") == 0) {
        if (!pod->deleted) {
            return CORE_RUNNING;
        }
        return pod->deleting_for_s > pod->stuck_threshold_s ? CORE_STUCK : CORE_RELEASING;
    }
    if (strcmp(pod->phase, "Pending") == 0) {
        return pod->deleted            ? CORE_RELEASING
               : pod->has_node         ? CORE_BOUND
               : pod->has_bind_request ? CORE_BINDING
               : pod->gated            ? CORE_GATED
                                       : CORE_PENDING;
    }
    return strcmp(pod->phase, "Succeeded") == 0 ? CORE_SUCCEEDED
           : strcmp(pod->phase, "Failed") == 0  ? CORE_FAILED
                                                : CORE_UNKNOWN;
}

int64_t core_gpu_memory_of_label(const char *label, bool *known)
{
    *known = false;
    size_t digits = label == NULL ? 0 : strspn(label, "0123456789");
    if (digits == 0 || digits > 18 || label[digits] != '\0') {
        return 100;
    }
    int64_t value = strtoll(label, NULL, 10);
    *known = true;
    if (value >= 1048576) {
        value /= 1048576;
    }
    return value - value % 100;
}
