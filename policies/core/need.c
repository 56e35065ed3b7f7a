/*
 * need.c - GPU requirements as numbers, and how the original compares requests outside the cycle
 * (specification 1.1, 1.2).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "policies/core/rules.h"

double core_need_gpus(const struct core_gpu_need *need)
{
    /* Whole hundredths; a portion of a GPU without memory is infinite. */
    return round(need->portion * 100) * (double)need->count / 100;
}

bool core_mig_profile(const char *name, int64_t *gpus, int64_t *memory_gb)
{
    static const char PREFIX[] = "nvidia.com/mig-";
    if (strncmp(name, PREFIX, sizeof PREFIX - 1) != 0) {
        return false;
    }
    const char *at = name + sizeof PREFIX - 1;
    size_t digits = strspn(at, "0123456789");
    if (digits == 0 || digits > 9 || strncmp(at + digits, "g.", 2) != 0) {
        return false;
    }
    const char *second = at + digits + 2;
    size_t more = strspn(second, "0123456789");
    if (more == 0 || more > 9 || strcmp(second + more, "gb") != 0) {
        return false;
    }
    *gpus = strtoll(at, NULL, 10);
    *memory_gb = strtoll(second, NULL, 10);
    return true;
}

double core_need_quota_gpus(const struct core_gpu_need *need)
{
    double total = 0;
    for (size_t i = 0; i < need->mig.count; i++) {
        int64_t gpus = 0;
        int64_t memory = 0;
        core_mig_profile(need->mig.items[i].name, &gpus, &memory);
        total += (double)gpus * need->mig.items[i].amount;
    }
    return total + (double)need->dra + core_need_gpus(need);
}

double core_need_memory_as_gpus(const struct core_gpu_need *need, int64_t device_mib)
{
    if (need->memory_mib <= 0 || device_mib <= 0) {
        return 0;
    }
    return (double)need->count * ((double)need->memory_mib / (double)device_mib);
}

static double mig_amount(const struct core_gpu_need *need, const char *name)
{
    for (size_t i = 0; i < need->mig.count; i++) {
        if (strcmp(need->mig.items[i].name, name) == 0) {
            return need->mig.items[i].amount;
        }
    }
    return 0;
}

bool core_need_is_empty(const struct core_gpu_need *need)
{
    if (core_need_gpus(need) > 0.01 || need->dra > 0) {
        return false;
    }
    for (size_t i = 0; i < need->mig.count; i++) {
        if (need->mig.items[i].amount > 0) {
            return false;
        }
    }
    return true;
}

bool core_need_is_fractional(const struct core_gpu_need *need)
{
    return need->count > 0 && need->portion < 1;
}

struct core_gpu_need core_need_from_gpus(double gpus, int64_t memory_mib)
{
    struct core_gpu_need need = {.memory_mib = memory_mib};
    if (gpus >= 1) {
        need.count = (int64_t)gpus;
        need.portion = 1;
    } else {
        need.count = gpus > 0 || memory_mib > 0;
        need.portion = gpus;
    }
    return need;
}

static bool names_mig(const struct core_gpu_need *need, const char *name)
{
    for (size_t i = 0; i < need->mig.count; i++) {
        if (strcmp(need->mig.items[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

bool core_need_less_equal(const struct core_gpu_need *l, const struct core_gpu_need *r)
{
    if (l->count > r->count || !(l->portion - r->portion < 0.01)) {
        return false;
    }
    for (size_t i = 0; i < l->mig.count; i++) {
        /* A profile that the right side does not name is refused, even none of it. */
        if (!names_mig(r, l->mig.items[i].name) ||
            l->mig.items[i].amount > mig_amount(r, l->mig.items[i].name)) {
            return false;
        }
    }
    return true;
}

/* Both lists of profiles merged: sums, or the larger of the two. */
static void merge_migs(struct core_gpu_need *l, const struct core_gpu_need *r,
                       struct core_amount *mig, bool add)
{
    size_t count = 0;
    for (size_t i = 0; i < l->mig.count; i++) {
        struct core_amount item = l->mig.items[i];
        double other = mig_amount(r, item.name);
        item.amount = add ? item.amount + other : fmax(item.amount, other);
        mig[count++] = item;
    }
    for (size_t i = 0; i < r->mig.count; i++) {
        bool known = false;
        for (size_t k = 0; k < l->mig.count; k++) {
            known |= strcmp(l->mig.items[k].name, r->mig.items[i].name) == 0;
        }
        if (!known) {
            mig[count++] = r->mig.items[i];
        }
    }
    l->mig = (struct core_amounts){mig, count};
}

static bool is_equal(double a, double b)
{
    return !(a < b) && !(a > b);
}

bool core_need_add(struct core_gpu_need *l, const struct core_gpu_need *r, struct core_amount *mig)
{
    bool l_asks = l->count > 0 || l->portion > 0;
    bool r_asks = r->count > 0 || r->portion > 0;
    if (l_asks && r_asks && !is_equal(l->portion, r->portion)) {
        return false;
    }
    merge_migs(l, r, mig, true);
    l->dra = l->dra > INT64_MAX - r->dra ? INT64_MAX : l->dra + r->dra;
    if (r->portion > 0) {
        l->portion = r->portion;
    }
    l->count += r->count;
    l->memory_mib += r->memory_mib;
    return true;
}

bool core_need_max(struct core_gpu_need *l, const struct core_gpu_need *r, struct core_amount *mig)
{
    merge_migs(l, r, mig, false);
    l->dra = l->dra > r->dra ? l->dra : r->dra;
    if (l->portion > 0 && r->portion > 0 && !is_equal(l->portion, r->portion)) {
        return false;
    }
    if (core_need_gpus(r) > core_need_gpus(l)) {
        l->portion = r->portion;
        l->count = r->count;
        l->memory_mib = r->memory_mib;
    }
    return true;
}

static const double *find_scalar(const struct core_base *base, const char *name)
{
    for (size_t i = 0; i < base->scalars.count; i++) {
        if (strcmp(base->scalars.items[i].name, name) == 0) {
            return &base->scalars.items[i].amount;
        }
    }
    return NULL;
}

bool core_base_less_equal(const struct core_base *l, const struct core_base *r)
{
    if (l->cpu > r->cpu || l->memory > r->memory) {
        return false;
    }
    for (size_t i = 0; i < l->scalars.count; i++) {
        const double *other = find_scalar(r, l->scalars.items[i].name);
        if (other == NULL || l->scalars.items[i].amount > *other) {
            return false;
        }
    }
    return true;
}

bool core_base_is_empty(const struct core_base *l)
{
    if (!(l->cpu < 10 && l->memory < 10 * 1048576.0)) {
        return false;
    }
    for (size_t i = 0; i < l->scalars.count; i++) {
        if (!(l->scalars.items[i].amount < 10)) {
            return false;
        }
    }
    return true;
}

bool core_resource_less_equal(const struct core_base *l, const struct core_base *r)
{
    return core_base_less_equal(l, r) && l->gpus <= r->gpus;
}

bool core_requirement_less_equal(const struct core_base *l, const struct core_base *r)
{
    return core_base_less_equal(l, r) && core_need_less_equal(&l->need, &r->need);
}

bool core_requirement_fits_resource(const struct core_base *l, const struct core_base *r)
{
    if (!core_base_less_equal(l, r) || core_need_gpus(&l->need) > r->gpus) {
        return false;
    }
    for (size_t i = 0; i < l->need.mig.count; i++) {
        const double *other = find_scalar(r, l->need.mig.items[i].name);
        if (other == NULL || l->need.mig.items[i].amount > *other) {
            return false;
        }
    }
    return true;
}

bool core_requirement_is_empty(const struct core_base *l)
{
    return core_base_is_empty(l) && core_need_is_empty(&l->need);
}

bool core_vector_less_equal(const double *l, size_t l_count, const double *r, size_t r_count)
{
    for (size_t i = 0; i < l_count || i < r_count; i++) {
        if ((i < l_count ? l[i] : 0) > (i < r_count ? r[i] : 0)) {
            return false;
        }
    }
    return true;
}
