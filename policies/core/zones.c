/*
 * zones.c - NUMA zones of nodes in a cycle (annex B.1): which tasks are aligned, what they take,
 * what is left. numa.c decides which zones a single request gets.
 *
 * A task stands for one container, so the scope of a node makes no difference. What a placement
 * took is kept with the task's record; the statement gives it back and restores it like shared
 * GPUs.
 */
#include <math.h>

#include "policies/core/modules.h"

/* Amounts of zones are named like components, or as Kubernetes names GPUs. */
static uint32_t component_of(struct core *core, const char *name)
{
    bool gpu = strcmp(name, "nvidia.com/gpu") == 0;
    return names_add(&core->components, view_of(gpu ? "gpu" : name), NULL);
}

static struct core_amount_at *copy_amounts(struct core *core, struct core_amounts from)
{
    struct core_amount_at *to = arena_alloc(&core->facts, from.count + 1, sizeof *to);
    for (size_t i = 0; i < from.count; i++) {
        to[i] =
            (struct core_amount_at){component_of(core, from.items[i].name), from.items[i].amount};
    }
    return to;
}

/* The number at the end of an id, or -1. */
static int64_t number_of(const char *id)
{
    size_t end = strlen(id), start = end;
    while (start > 0 && end - start < 18 && id[start - 1] >= '0' && id[start - 1] <= '9') {
        start--;
    }
    return start == end ? -1 : strtoll(id + start, NULL, 10);
}

/* By the number at the end of the id; ids without one come last. */
static bool comes_before(const struct core_zone *l, const struct core_zone *r)
{
    int64_t a = number_of(l->id), b = number_of(r->id);
    if (a != b) {
        return b < 0 || (a >= 0 && a < b);
    }
    return strcmp(l->id, r->id) < 0;
}

void core_numa_read(struct core *core, struct core_node *node, const struct core_numa_spec *spec)
{
    node->numa_policy = spec->policy;
    node->zone_count = spec->zone_count;
    node->zones = arena_alloc(&core->facts, spec->zone_count + 1, sizeof *node->zones);
    for (size_t i = 0; i < spec->zone_count; i++) {
        const struct core_zone_spec *from = &spec->zones[i];
        struct core_zone zone = {
            .id = names_get(&core->texts, names_add(&core->texts, view_of(from->id), NULL)),
            .given = copy_amounts(core, from->allocatable),
            .given_count = from->allocatable.count};
        size_t at = i;
        for (; at > 0 && comes_before(&zone, &node->zones[at - 1]); at--) {
            node->zones[at] = node->zones[at - 1];
        }
        node->zones[at] = zone;
    }
}

void core_numa_read_task(struct core *core, struct core_task *task,
                         const struct core_task_spec *spec)
{
    task->placed_count = spec->zone_count;
    task->placed = arena_alloc(&core->facts, spec->zone_count + 1, sizeof *task->placed);
    for (size_t i = 0; i < spec->zone_count; i++) {
        const struct core_zone_amount *from = &spec->zones[i];
        task->placed[i] = (struct core_placed_zone){
            .id = names_get(&core->texts, names_add(&core->texts, view_of(from->zone), NULL)),
            .amounts = copy_amounts(core, from->amounts),
            .count = from->amounts.count};
    }
}

static double *lay_out(struct core *core, const struct core_node *node,
                       const struct core_task *task)
{
    double *zones = arena_alloc(&core->session, node->zone_count * core->width, sizeof *zones);
    for (size_t i = 0; i < task->placed_count; i++) {
        const struct core_placed_zone *placed = &task->placed[i];
        for (size_t z = 0; z < node->zone_count; z++) {
            for (size_t k = 0; strcmp(node->zones[z].id, placed->id) == 0 && k < placed->count;
                 k++) {
                zones[z * core->width + placed->amounts[k].component] = placed->amounts[k].amount;
            }
        }
    }
    return zones;
}

static void take(const struct core *core, struct core_node *node, const double *zones, double sign)
{
    for (size_t z = 0; z < node->zone_count; z++) {
        for (size_t c = 0; c < core->width; c++) {
            node->zones[z].available[c] -= sign * zones[z * core->width + c];
        }
    }
}

static void open_node(struct core *core, struct core_node *node)
{
    for (size_t z = 0; z < node->zone_count; z++) {
        struct core_zone *zone = &node->zones[z];
        zone->allocatable = arena_alloc(&core->session, core->width, sizeof(double));
        zone->available = arena_alloc(&core->session, core->width, sizeof(double));
        for (size_t i = 0; i < zone->given_count; i++) {
            uint32_t component = zone->given[i].component;
            zone->allocatable[component] = zone->given[i].amount;
            zone->available[component] = zone->given[i].amount;
            core->numa_aware[component] = true;
        }
    }
    for (size_t i = 0; i < node->residents.count; i++) {
        struct core_task *task = core_task_at(core, node->residents.items[i]);
        task->record->zones = NULL;
        if (task->placed_count > 0 && core_status_in(task->record->status, CORE_SET_ACTIVE)) {
            task->record->zones = lay_out(core, node, task);
            take(core, node, task->record->zones, 1);
        }
    }
}

/* What the zones have is what they can have less what active tasks hold there. */
void core_numa_open(struct core *core)
{
    core->numa_aware = arena_alloc(&core->session, core->width, sizeof *core->numa_aware);
    core->most_zones = 0;
    for (size_t i = 0; i < core->node_list.count; i++) {
        struct core_node *node = core_node_at(core, core->node_list.items[i]);
        if (node->zone_count > 0) {
            core->most_zones =
                node->zone_count > core->most_zones ? node->zone_count : core->most_zones;
            open_node(core, node);
        }
    }
}

static bool is_whole_cores(double cpu_milli)
{
    return !(fmod(cpu_milli, 1000) > 0);
}

static bool is_device(const struct core *core, size_t component)
{
    return component == CORE_GPU ||
           (component >= CORE_FIRST_OTHER &&
            strncmp(core_component_name(core, component), "hugepages-", 10) != 0);
}

/* What of the request has to be aligned; false: nothing. */
static bool aligned_request(const struct core *core, uint32_t task, double *request)
{
    const struct core_class *class = core_class_of(core, task);
    bool any = false;
    for (size_t c = 0; c < core->width; c++) {
        bool counts =
            core->numa_aware[c] && (class->guaranteed ? c != CORE_PODS : is_device(core, c));
        counts = counts && (c != CORE_CPU || is_whole_cores(class->vector[c]));
        request[c] = counts ? class->vector[c] : 0;
        any |= request[c] > 0;
    }
    return any;
}

enum alignment { NOT_ALIGNED, NO_ROOM, HAS_ROOM };

/* Finds zones for a task; `taken` holds zone count x width amounts. Nothing is charged. */
static enum alignment align(const struct core *core, uint32_t task, const struct core_node *node,
                            double *taken)
{
    size_t width = core->width;
    double *request = mem_alloc(width, sizeof *request);
    double *available = mem_alloc(node->zone_count * width, sizeof *available);
    struct core_numa_zone *zones = mem_alloc(node->zone_count, sizeof *zones);
    enum alignment result = NOT_ALIGNED;
    if (node->numa_policy != CORE_NUMA_NONE && aligned_request(core, task, request)) {
        for (size_t z = 0; z < node->zone_count; z++) {
            memcpy(&available[z * width], node->zones[z].available, width * sizeof *available);
            zones[z] = (struct core_numa_zone){node->zones[z].allocatable, &available[z * width],
                                               &taken[z * width]};
        }
        const double *const concurrent[1] = {request};
        struct core_numa_problem problem = {.policy = node->numa_policy,
                                            .zones = zones,
                                            .zone_count = node->zone_count,
                                            .width = width,
                                            .aware = core->numa_aware,
                                            .concurrent = concurrent,
                                            .concurrent_count = 1};
        result = core_numa_solve(&problem) ? HAS_ROOM : NO_ROOM;
    }
    free(request);
    free(available);
    free(zones);
    return result;
}

static bool has_zones(const struct core *core, const struct core_node *node)
{
    return core->on[CORE_PLUGIN_NUMA] && !core->bare && node->zone_count > 0;
}

bool core_numa_allows(const struct core *core, uint32_t task, const struct core_node *node)
{
    if (!has_zones(core, node) ||
        (node->numa_policy != CORE_NUMA_RESTRICTED && node->numa_policy != CORE_NUMA_SINGLE)) {
        return true;
    }
    double *taken = mem_alloc(node->zone_count * core->width, sizeof *taken);
    bool good = align(core, task, node, taken) != NO_ROOM;
    free(taken);
    return good;
}

static size_t zones_used(const struct core *core, const struct core_node *node, const double *taken)
{
    size_t used = 0;
    for (size_t z = 0; z < node->zone_count; z++) {
        bool any = false;
        for (size_t c = 0; c < core->width; c++) {
            any |= taken[z * core->width + c] > 0;
        }
        used += any;
    }
    return used;
}

double core_numa_score(const struct core *core, uint32_t task, const struct core_node *node)
{
    if (core->bare || core->most_zones == 0) {
        return 0;
    }
    if (node->zone_count == 0) {
        return 100 / (double)core->most_zones;
    }
    double *taken = mem_alloc(node->zone_count * core->width, sizeof *taken);
    enum alignment found = align(core, task, node, taken);
    size_t used = found == HAS_ROOM ? zones_used(core, node, taken) : node->zone_count;
    free(taken);
    return found == NO_ROOM ? 0 : 100 / (double)(used > 0 ? used : 1);
}

/* The zones the task would be given now, in the session's arena; NULL: none. */
static double *zones_for(struct core *core, uint32_t task, const struct core_node *node)
{
    if (!has_zones(core, node)) {
        return NULL;
    }
    double *taken = arena_alloc(&core->session, node->zone_count * core->width, sizeof *taken);
    return align(core, task, node, taken) == HAS_ROOM ? taken : NULL;
}

void core_numa_place(struct core *core, struct core_record *record, const struct core_node *node)
{
    record->zones = zones_for(core, record->task, node);
}

bool core_numa_moves(struct core *core, const struct core_record *record,
                     const struct core_node *node)
{
    const double *now = zones_for(core, record->task, node);
    if (now == NULL || record->zones == NULL) {
        return now != record->zones;
    }
    return memcmp(now, record->zones, node->zone_count * core->width * sizeof *now) != 0;
}

void core_numa_charge(struct core *core, const struct core_record *record, int sign)
{
    if (record->zones != NULL && record->node != CORE_NONE) {
        struct core_node *node = core_node_at(core, record->node);
        if (has_zones(core, node)) {
            take(core, node, record->zones, sign);
        }
    }
}

size_t core_node_zone_count(const struct core *core, uint32_t node)
{
    return core->on[CORE_PLUGIN_NUMA] ? core_node_at(core, node)->zone_count : 0;
}

double core_node_zone_available(const struct core *core, uint32_t node, size_t zone,
                                size_t component)
{
    return core_node_at(core, node)->zones[zone].available[component];
}

double core_task_zone_amount(const struct core *core, uint32_t task, size_t zone, size_t component)
{
    const double *zones = core_task_at(core, task)->record->zones;
    return zones == NULL ? 0 : zones[zone * core->width + component];
}
