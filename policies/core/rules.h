/*
 * rules.h - decisions that depend on numbers only, callable alone.
 *
 * The cycle uses exactly these functions; they are public so that each rule can be judged by
 * records of single decisions and reused by tools. Rules that need a cluster around them are in
 * probe.h. Arrays of three follow enum core_resource.
 */
#ifndef CORE_RULES_H
#define CORE_RULES_H

#include "policies/core/core.h"

/* -- Amounts with -1 for unlimited (specification, reading rules) -- */
int core_compare_amount(double a, double b);                        /* -1, 0, 1 */
bool core_amounts_less(const double a[3], const double b[3]);       /* plain, in all three */
bool core_amounts_less_equal(const double a[3], const double b[3]); /* -1 is largest */
bool core_amounts_less_in_one(const double a[3], const double b[3]);

/* -- Queue shares (3.4, 3.5) -- */
double core_allocatable_share(double deserved, double limit, double fair_share);
double core_requestable_share(double limit, double request);
double core_dominant_share(const struct core_queue_view *queue, const double total[3]);
/* The first resource that breaks the rule, or CORE_RESOURCE_COUNT (5.1). */
enum core_resource core_over_limit(const struct core_queue_view *queue, const double asked[3]);
enum core_resource core_np_over_quota(const struct core_queue_view *queue, const double asked[3]);

/* -- Division (3.4); queues are given with deserved, limit, weight, requested, usage, fair_share --
 */
struct core_division_queue {
    const char *name;
    int priority;
    int64_t created_ns;
    double deserved, limit, weight, request, usage;
    double fair_share; /* in: start value; out: with what was added */
};
/* One resource, one level; the queues in ascending name. Returns what nobody got (0 if the quotas
 * took more than there is). */
double core_divide(double amount, double k, struct core_division_queue *queues, size_t count);
/* The same without the step that hands out quotas. */
double core_divide_over_quota(double amount, double k, struct core_division_queue *queues,
                              size_t count);

/* -- Reclaim (9.3) -- */
double core_saturation(double allocated, double fair_share);
/* Does the reclaimer stay less saturated than its sibling in the listed resources? */
bool core_saturation_lower(const double *mine, const double *my_share, const double *theirs,
                           const double *their_share, const bool resources[3], double multiplier);
bool core_keeps_fair_share(const struct core_queue_view *victim, const double remaining[3]);
bool core_gives_deserved(const struct core_queue_view *reclaimer, const double request[3],
                         const struct core_queue_view *victim, const double remaining[3]);

/* -- Orders (4.6, 8.1, 8.5) -- */
struct core_member {
    const char *name;
    int64_t have, need;
};
int core_member_order(const struct core_member *l, const struct core_member *r); /* without names */
bool core_member_before(const struct core_member *l, const struct core_member *r);
/* The probes of the outer search with `n` tasks; `solvable` answers for 1..n tasks. Returns the
 * largest number found; probes are appended (at most 2 log2(n) + 2 of them). */
int64_t core_search(int64_t n, bool (*probe)(void *arg, int64_t tasks), void *arg);
/* Both lists descending. `taken` is scratch of `holder_count` doubles. */
bool core_match(const double *demands, size_t demand_count, const double *holders,
                size_t holder_count, double *taken);

/* -- GPU requirements (1.2) -- */
double core_need_gpus(const struct core_gpu_need *need);
double core_need_quota_gpus(const struct core_gpu_need *need);
double core_need_memory_as_gpus(const struct core_gpu_need *need, int64_t device_mib);
bool core_need_is_empty(const struct core_gpu_need *need);
bool core_need_is_fractional(const struct core_gpu_need *need);
struct core_gpu_need core_need_from_gpus(double gpus, int64_t memory_mib);
bool core_need_less_equal(const struct core_gpu_need *l, const struct core_gpu_need *r);
/* Both change *l and return false for two different portions. MIG lists are written to `mig`, which
 * has room for both. */
bool core_need_add(struct core_gpu_need *l, const struct core_gpu_need *r, struct core_amount *mig);
bool core_need_max(struct core_gpu_need *l, const struct core_gpu_need *r, struct core_amount *mig);
/* nvidia.com/mig-<g>g.<m>gb; false when the name is not of this form. */
bool core_mig_profile(const char *name, int64_t *gpus, int64_t *memory_gb);

/* -- Amounts of pods and nodes as the original compares them outside the cycle -- */
struct core_base {
    double cpu, memory;
    struct core_amounts scalars;
    double gpus;               /* node side */
    struct core_gpu_need need; /* pod side */
};
bool core_base_less_equal(const struct core_base *l, const struct core_base *r);
bool core_base_is_empty(const struct core_base *l);
bool core_resource_less_equal(const struct core_base *l, const struct core_base *r);
bool core_requirement_less_equal(const struct core_base *l, const struct core_base *r);
bool core_requirement_fits_resource(const struct core_base *l, const struct core_base *r);
bool core_requirement_is_empty(const struct core_base *l);
bool core_vector_less_equal(const double *l, size_t l_count, const double *r, size_t r_count);

/* -- Statuses (1.3) -- */
struct core_status_classes {
    bool active_used, active_allocated, alive, allocated, bound;
};
struct core_status_classes core_status_classes(enum core_status status);
struct core_pod_facts {
    const char *phase;
    bool deleted;
    double deleting_for_s, stuck_threshold_s;
    bool has_node, has_bind_request, gated;
};
enum core_status core_status_of_pod(const struct core_pod_facts *pod);
const char *core_status_name(enum core_status status); /* "pending", "stuck_in_releasing" */
/* The value of the GPU memory label (NULL: none). Returns MiB; *known tells whether it parsed. */
int64_t core_gpu_memory_of_label(const char *label, bool *known);

/* -- NUMA (annex B.1). Amounts are arrays of `width`; zones in id order -- */
struct core_numa_zone {
    const double *allocatable;
    double *available; /* reduced by what is taken */
    double *taken;
};
struct core_numa_problem {
    enum core_numa_policy policy;
    struct core_numa_zone *zones;
    size_t zone_count, width;
    const bool *aware;
    const double *const *concurrent; /* share the zones, one after another */
    size_t concurrent_count;
    const double *const *serial; /* each tested alone against the untouched zones */
    size_t serial_count;
};
bool core_numa_solve(struct core_numa_problem *problem);

/* -- Usage history (3.7) -- */
/* weights[i] of a window of `length` samples one second apart; half_life_s <= 0: none. */
void core_usage_weights(double *weights, size_t length, double half_life_s);
/* usage = sum of amounts x weights / sum of capacities x weights over the last `window` samples. */
double core_usage(const double *amounts, const double *capacities, size_t count, size_t window,
                  double half_life_s);
/* Last reset before `now_s` (UTC seconds from 1970 on): false for a start in the future or a text
 * that does not parse. */
bool core_usage_tumbling_start(int64_t start_s, const char *window, int64_t now_s, int64_t *out);
bool core_usage_cron_start(const char *expression, int64_t now_s, int64_t *out);

#endif
