/*
 * numa.c - which NUMA zones of a node a task is given (annex B.1), as a decision of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "policies/core/rules.h"
#include "sim/base/mem.h"

static double asked_of(const struct core_numa_problem *p, const double *request, size_t resource)
{
    return p->aware[resource] ? request[resource] : 0;
}

/* Zones in the order in which amounts are drawn from them. */
struct mask {
    size_t *zones;
    size_t count;
    bool *has;
};

static void mask_add(struct mask *mask, size_t zone)
{
    mask->zones[mask->count++] = zone;
    mask->has[zone] = true;
}

static void mask_drop(struct mask *mask)
{
    mask->has[mask->zones[--mask->count]] = false;
}

/* Do the zones of the mask together have what is asked? */
static bool covers(const struct core_numa_problem *p, const double *request,
                   const struct mask *mask)
{
    for (size_t r = 0; r < p->width; r++) {
        double sum = 0;
        for (size_t z = 0; z < p->zone_count; z++) {
            sum += mask->has[z] ? p->zones[z].available[r] : 0;
        }
        if (asked_of(p, request, r) > sum) {
            return false;
        }
    }
    return true;
}

static bool first_zone(const struct core_numa_problem *p, const double *request, struct mask *mask)
{
    for (size_t z = 0; z < p->zone_count; z++) {
        mask_add(mask, z);
        if (covers(p, request, mask)) {
            return true;
        }
        mask_drop(mask);
    }
    return false;
}

static int descending(const void *l, const void *r)
{
    double a = *(const double *)l;
    double b = *(const double *)r;
    return (a < b) - (a > b);
}

/* The fewest zones whose allocatable amounts hold the request; 0 when not all resources agree. */
static size_t width_of(const struct core_numa_problem *p, const double *request)
{
    size_t common = 0;
    double *sizes = mem_alloc(p->zone_count, sizeof *sizes);
    bool agree = true;
    for (size_t r = 0; agree && r < p->width; r++) {
        double asked = asked_of(p, request, r);
        if (asked <= 0) {
            continue;
        }
        for (size_t z = 0; z < p->zone_count; z++) {
            sizes[z] = p->zones[z].allocatable[r];
        }
        qsort(sizes, p->zone_count, sizeof *sizes, descending);
        size_t width = 0;
        for (double sum = 0; width < p->zone_count && sum < asked; width++) {
            sum += sizes[width];
            agree = width + 1 < p->zone_count || sum >= asked;
        }
        agree = agree && (common == 0 || common == width);
        common = width;
    }
    free(sizes);
    return agree ? common : 0;
}

/* The lexicographically first zones, `left` of them from `from` on, that cover the request. */
static bool combine(const struct core_numa_problem *p, const double *request, size_t from,
                    size_t left, struct mask *mask)
{
    if (left == 0) {
        return covers(p, request, mask);
    }
    for (size_t z = from; z + left <= p->zone_count; z++) {
        mask_add(mask, z);
        if (combine(p, request, z + 1, left - 1, mask)) {
            return true;
        }
        mask_drop(mask);
    }
    return false;
}

static double gain(const struct core_numa_problem *p, const double *remaining, size_t zone)
{
    double sum = 0;
    for (size_t r = 0; r < p->width; r++) {
        double available = p->zones[zone].available[r];
        sum += remaining[r] < available ? remaining[r] : available;
    }
    return sum;
}

/* The zone that covers most of the rest, again and again. */
static bool gather(const struct core_numa_problem *p, const double *request, struct mask *mask)
{
    double *remaining = mem_alloc(p->width, sizeof *remaining);
    for (size_t r = 0; r < p->width; r++) {
        remaining[r] = asked_of(p, request, r);
    }
    bool good = covers(p, request, mask);
    for (size_t step = 0; !good && step < p->zone_count; step++) {
        size_t best = p->zone_count;
        for (size_t z = 0; z < p->zone_count; z++) {
            if (!mask->has[z] &&
                (best == p->zone_count || gain(p, remaining, z) > gain(p, remaining, best))) {
                best = z;
            }
        }
        mask_add(mask, best);
        for (size_t r = 0; r < p->width; r++) {
            double available = p->zones[best].available[r];
            remaining[r] -= remaining[r] < available ? remaining[r] : available;
        }
        good = covers(p, request, mask);
    }
    free(remaining);
    return good;
}

static bool find_mask(const struct core_numa_problem *p, const double *request, struct mask *mask)
{
    bool asks = false;
    for (size_t r = 0; r < p->width; r++) {
        asks |= asked_of(p, request, r) > 0;
    }
    if (!asks || p->policy == CORE_NUMA_NONE) {
        return true;
    }
    if (p->policy == CORE_NUMA_SINGLE) {
        return first_zone(p, request, mask);
    }
    if (p->policy == CORE_NUMA_BEST_EFFORT) {
        return gather(p, request, mask);
    }
    size_t width = width_of(p, request);
    return width > 0 && combine(p, request, 0, width, mask);
}

static void draw(struct core_numa_problem *p, const double *request, const struct mask *mask)
{
    for (size_t r = 0; r < p->width; r++) {
        double left = asked_of(p, request, r);
        for (size_t i = 0; i < mask->count && left > 0; i++) {
            struct core_numa_zone *zone = &p->zones[mask->zones[i]];
            double x = left < zone->available[r] ? left : zone->available[r];
            if (x > 0) {
                zone->available[r] -= x;
                zone->taken[r] += x;
                left -= x;
            }
        }
    }
}

/* Gives back what was drawn, so that zones are as before, or takes it again. */
static void give_back(struct core_numa_problem *p, double sign)
{
    for (size_t z = 0; z < p->zone_count; z++) {
        for (size_t r = 0; r < p->width; r++) {
            p->zones[z].available[r] += sign * p->zones[z].taken[r];
        }
    }
}

static void mask_clear(struct mask *mask)
{
    while (mask->count > 0) {
        mask_drop(mask);
    }
}

bool core_numa_solve(struct core_numa_problem *p)
{
    struct mask mask = {mem_alloc(p->zone_count + 1, sizeof *mask.zones), 0,
                        mem_alloc(p->zone_count + 1, sizeof *mask.has)};
    bool good = true;
    for (size_t i = 0; good && i < p->concurrent_count; i++) {
        mask_clear(&mask);
        good = find_mask(p, p->concurrent[i], &mask);
        if (good) {
            draw(p, p->concurrent[i], &mask);
        }
    }
    give_back(p, 1);
    for (size_t i = 0; good && i < p->serial_count; i++) {
        mask_clear(&mask);
        good = find_mask(p, p->serial[i], &mask);
    }
    give_back(p, -1);
    free(mask.zones);
    free(mask.has);
    return good;
}
