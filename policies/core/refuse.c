/*
 * refuse.c - what a snapshot must not say. Every refusal names the item and what was expected.
 *
 * Legal though it looks odd, because the original meets it and goes on: a job of an unknown queue
 * (never scheduled), a queue of an unknown parent (left out with all below it), a task of an
 * unknown pod set (left out), a task on a node that is not there, sub-groups that share a name (the
 * default tree instead). Parents in a circle show only when all queues are there: core_open refuses
 * them.
 */
#include <math.h>

#include "policies/core/facts.h"

bool core_is_amount(double value, double most)
{
    return value >= 0 && value <= most;
}

/* Times can be added and subtracted in pairs without leaving their type. */
bool core_is_time(int64_t time_ns)
{
    const int64_t end = INT64_C(1) << 62;
    return time_ns == CORE_UNSET || (time_ns > -end && time_ns < end);
}

/* The subject of a check: what kind of thing, which one, and where to say it. */
struct subject {
    const char *kind, *name;
    struct err *err;
};

static bool refuse(const struct subject *s, const char *what)
{
    return err_set(s->err, ERR_FORMAT, 0, "%s \"%s\": %s", s->kind, s->name, what);
}

static bool check_amount(const struct subject *s, const char *what, double amount, double most)
{
    return core_is_amount(amount, most) ||
           err_set(s->err, ERR_FORMAT, 0, "%s \"%s\": %s must be a number from 0 to %g", s->kind,
                   s->name, what, most);
}

static bool check_amounts(const struct subject *s, struct core_amounts amounts)
{
    for (size_t i = 0; i < amounts.count; i++) {
        int64_t gpus, memory_gb;
        const char *resource = amounts.items[i].name;
        if (resource == NULL) {
            return refuse(s, "an amount has no resource name");
        }
        double most =
            core_mig_profile(resource, &gpus, &memory_gb) ? CORE_MOST_GPUS : CORE_MOST_AMOUNT;
        if (!check_amount(s, resource, amounts.items[i].amount, most)) {
            return false;
        }
    }
    return true;
}

static bool check_labels(const struct subject *s, struct core_labels labels)
{
    for (size_t i = 0; i < labels.count; i++) {
        if (labels.items[i].key == NULL || labels.items[i].value == NULL) {
            return refuse(s, "a label needs a key and a value");
        }
    }
    return true;
}

static bool check_texts(const struct subject *s, struct core_texts texts, const char *what)
{
    for (size_t i = 0; i < texts.count; i++) {
        if (texts.items[i] == NULL) {
            return refuse(s, what);
        }
    }
    return true;
}

static bool check_times(const struct subject *s, const int64_t *times, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!core_is_time(times[i])) {
            return refuse(s, "a time is further away than 146 years");
        }
    }
    return true;
}

static bool check_zones(const struct subject *s, const struct core_numa_spec *numa)
{
    for (size_t i = 0; i < numa->zone_count; i++) {
        const struct core_zone_spec *zone = &numa->zones[i];
        if (zone->id == NULL) {
            return refuse(s, "a zone has no id");
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(numa->zones[k].id, zone->id) == 0) {
                return refuse(s, "two zones have the same id");
            }
        }
        if (!check_amounts(s, zone->allocatable) || !check_amounts(s, zone->available)) {
            return false;
        }
    }
    return true;
}

bool core_check_node(const struct core_node_spec *spec, struct err *err)
{
    if (spec->name == NULL) {
        return err_set(err, ERR_FORMAT, 0, "a node without a name");
    }
    const struct subject s = {"node", spec->name, err};
    for (size_t i = 0; i < spec->taint_count; i++) {
        if (spec->taints[i].key == NULL) {
            return refuse(&s, "a taint needs a key");
        }
    }
    return check_amount(&s, "cpu", spec->cpu_milli, CORE_MOST_AMOUNT) &&
           check_amount(&s, "memory", spec->memory_bytes, CORE_MOST_AMOUNT) &&
           check_amount(&s, "pods", spec->pods, CORE_MOST_AMOUNT) &&
           check_amount(&s, "gpus", spec->gpus, CORE_MOST_GPUS) &&
           check_amount(&s, "DRA gpus", spec->dra_gpus, CORE_MOST_GPUS) &&
           check_amount(&s, "GPU memory", (double)spec->gpu_memory_mib,
                        (double)CORE_MOST_GPU_MIB) &&
           check_amounts(&s, spec->others) && check_labels(&s, spec->labels) &&
           check_zones(&s, &spec->numa);
}

static bool is_quota(double value)
{
    return core_is_amount(value, CORE_MOST_AMOUNT) || !(value < -1 || value > -1);
}

bool core_check_usage(const char *queue, const double usage[3], struct err *err)
{
    const struct subject s = {"queue", queue, err};
    return check_amount(&s, "usage of cpu", usage[CORE_CPU], CORE_MOST_AMOUNT) &&
           check_amount(&s, "usage of memory", usage[CORE_MEM], CORE_MOST_AMOUNT) &&
           check_amount(&s, "usage of gpus", usage[CORE_GPU], CORE_MOST_AMOUNT);
}

bool core_check_queue(const struct core_queue_spec *spec, struct err *err)
{
    if (spec->name == NULL) {
        return err_set(err, ERR_FORMAT, 0, "a queue without a name");
    }
    const struct subject s = {"queue", spec->name, err};
    for (int r = 0; r < CORE_RESOURCE_COUNT; r++) {
        const struct core_share_spec *share = &spec->shares[r];
        if (isnan(share->quota) || isnan(share->limit) || !is_quota(share->quota) ||
            !is_quota(share->limit)) {
            return refuse(&s, "quota and limit must be 0 or more, or -1 for unlimited");
        }
        /* Recorded clusters have a weight of -1. */
        if (!check_amount(&s, "the size of a weight", fabs(share->weight), CORE_MOST_AMOUNT)) {
            return false;
        }
    }
    const int64_t times[] = {spec->created_ns, spec->preempt_min_runtime_ns,
                             spec->reclaim_min_runtime_ns};
    return check_times(&s, times, sizeof times / sizeof *times) &&
           core_check_usage(spec->name, spec->usage, err);
}

bool core_check_topology(const struct core_topology_spec *spec, struct err *err)
{
    if (spec->name == NULL) {
        return err_set(err, ERR_FORMAT, 0, "a topology without a name");
    }
    const struct subject s = {"topology", spec->name, err};
    if (spec->levels.count > CORE_LEVELS_MAX) {
        return err_set(err, ERR_FORMAT, 0, "topology \"%s\": at most %d levels", spec->name,
                       CORE_LEVELS_MAX);
    }
    return check_texts(&s, spec->levels, "a level needs the key of a label");
}

static bool check_groups(const struct subject *s, const struct core_job_spec *spec)
{
    if (spec->groups != NULL && spec->group_count == 0) {
        return refuse(s, "sub-groups are given, but not even the root is there");
    }
    for (size_t i = 0; i < spec->group_count; i++) {
        const struct core_group_spec *g = &spec->groups[i];
        if (g->name == NULL || (i == 0 && g->is_pod_set) ||
            (i > 0 && (g->parent >= i || spec->groups[g->parent].is_pod_set))) {
            return err_set(s->err, ERR_FORMAT, 0,
                           "job \"%s\": sub-group %zu needs a name and a set listed before it as "
                           "parent",
                           s->name, i);
        }
        if (g->min < (g->is_pod_set ? 0 : -1) || g->min > CORE_MOST_MEMBERS) {
            return err_set(s->err, ERR_FORMAT, 0, "job \"%s\": minimum of sub-group \"%s\" is %s",
                           s->name, g->name, g->min < 0 ? "negative" : "too large");
        }
    }
    return true;
}

bool core_check_job(const struct core_job_spec *spec, struct err *err)
{
    if (spec->name == NULL) {
        return err_set(err, ERR_FORMAT, 0, "a job without a name");
    }
    const struct subject s = {"job", spec->name, err};
    const int64_t times[] = {spec->created_ns,          spec->last_start_ns,
                             spec->last_eviction_ns,    spec->stale_since_ns,
                             spec->preemption_delay_ns, spec->staleness_grace_ns};
    return check_groups(&s, spec) && check_times(&s, times, sizeof times / sizeof *times);
}

bool core_check_job_times(const char *job, const struct core_job_times *times, struct err *err)
{
    const struct subject s = {"job", job, err};
    const int64_t all[] = {times->last_start_ns, times->last_eviction_ns, times->stale_since_ns};
    return check_times(&s, all, sizeof all / sizeof *all);
}

static bool check_request(const struct subject *s, const struct core_request_spec *r)
{
    if ((unsigned)r->kind > CORE_GPU_UNTYPED) {
        return refuse(s, "unknown kind of GPU request");
    }
    return check_amount(s, "cpu", r->cpu_milli, CORE_MOST_AMOUNT) &&
           check_amount(s, "memory", r->memory_bytes, CORE_MOST_AMOUNT) &&
           check_amount(s, "the portion of a GPU", r->gpu.portion, 1) &&
           check_amount(s, "the number of GPUs", (double)r->gpu.count, CORE_MOST_GPUS) &&
           check_amount(s, "the number of DRA devices", (double)r->gpu.dra, CORE_MOST_GPUS) &&
           check_amount(s, "GPU memory", (double)r->gpu.memory_mib, (double)CORE_MOST_GPU_MIB) &&
           /* Vectors of unit records may be less than nothing. */
           check_amount(s, "the size of its GPU vector", fabs(r->vector_gpus), CORE_MOST_AMOUNT) &&
           check_amount(s, "the size of its pod vector", fabs(r->vector_pods), CORE_MOST_AMOUNT) &&
           check_amounts(s, r->others) && check_amounts(s, r->gpu.mig);
}

static bool check_constraints(const struct subject *s, const struct core_task_spec *spec)
{
    for (size_t i = 0; i < spec->node_term_count; i++) {
        if (spec->node_terms[i].key == NULL) {
            return refuse(s, "a requirement on nodes needs the key of a label");
        }
        if (!check_texts(s, spec->node_terms[i].values, "a value of a requirement is missing")) {
            return false;
        }
    }
    for (size_t i = 0; i < spec->pod_term_count; i++) {
        if (spec->pod_terms[i].topology_key == NULL) {
            return refuse(s, "a pod affinity needs a topology key");
        }
        if (!check_labels(s, spec->pod_terms[i].labels)) {
            return false;
        }
    }
    for (size_t i = 0; i < spec->zone_count; i++) {
        if (spec->zones[i].zone == NULL) {
            return refuse(s, "a zone has no id");
        }
        if (!check_amounts(s, spec->zones[i].amounts)) {
            return false;
        }
    }
    return check_labels(s, spec->node_selector) && check_labels(s, spec->labels) &&
           check_texts(s, spec->claims, "a claim has no name") &&
           check_texts(s, spec->groups, "a GPU group has no name");
}

bool core_check_task(const struct core *core, const struct core_task_spec *spec, struct err *err)
{
    if (spec->name == NULL) {
        return err_set(err, ERR_FORMAT, 0, "a task without a name");
    }
    if (spec->job >= core->jobs.count || core_job_at(core, spec->job)->removed) {
        return err_set(err, ERR_FORMAT, 0, "task \"%s\": no job has the index %u", spec->name,
                       spec->job);
    }
    const struct subject s = {"task", spec->name, err};
    if ((unsigned)spec->status >= CORE_STATUS_COUNT) {
        return refuse(&s, "unknown status");
    }
    return check_times(&s, &spec->created_ns, 1) && check_request(&s, &spec->request) &&
           check_constraints(&s, spec);
}
