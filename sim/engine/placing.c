/*
 * placing.c - finds room for the tasks of a job through the placement rule, all or nothing.
 *
 * The minimum of every task group is placed first, then what an elastic job can use beyond it. A
 * required topology level confines the whole job to one domain of that level: domains are tried
 * tightest first (least free GPUs that could suffice), then by number. A preferred level is tried
 * the same way before the job is let go anywhere it may.
 */
#include "sim/base/check.h"
#include "sim/engine/run.h"

static const struct node_filter anywhere = {0, DOMAIN_ANY};

void run_show_job(struct sched_ctx *run, uint32_t job, bool early)
{
    const struct place_ops *rule = run->input->place;
    if (rule->learn == NULL ||
        early != (rule->foresees != NULL && rule->foresees(run->input->place_params))) {
        return;
    }
    const struct bound_shape *shape = &run->shapes[run->workload->jobs.items[job].shape];
    void *asked = run_causes_place_state(run);
    for (uint32_t i = 0; i < shape->group_count; i++) {
        const struct task_group *group = &shape->groups[i];
        struct place_demand demand = {&group->request, group->count, shape->is_free};
        rule->learn(run->place_state, &demand);
        if (asked != NULL) {
            rule->learn(asked, &demand);
        }
    }
}

struct placing {
    struct sched_ctx *run;
    struct cluster *cluster;
    const struct bound_shape *shape;
    struct node_filter filter;
    grant_vec *out;
};

static void undo_all(struct placing *placing)
{
    while (placing->out->count > 0) {
        struct grant grant = vec_pop(placing->out);
        cluster_undo(placing->cluster, &grant);
    }
}

static void take(struct placing *placing, struct grant grant, uint32_t group)
{
    grant.group = group;
    cluster_place(placing->cluster, &grant);
    vec_push(placing->out, grant);
}

static bool place_task(struct placing *placing, uint32_t group)
{
    const struct place_ops *rule = placing->run->input->place;
    void *state = placing->run->place_state;
    const struct request *request = &placing->shape->groups[group].request;
    uint32_t node = rule->pick(state, placing->cluster, request, placing->filter);
    if (node == NODE_NONE) {
        return false;
    }
    CHECK(cluster_fits(placing->cluster, node, request));
    struct grant grant = {0};
    if (rule->choose != NULL) {
        rule->choose(state, placing->cluster, node, request, &grant);
    } else {
        cluster_choose(placing->cluster, node, request, &grant);
    }
    take(placing, grant, group);
    return true;
}

/* A free shape: the rule says part by part which node gives how many GPUs. */
static bool place_parts(struct placing *placing)
{
    const struct place_ops *rule = placing->run->input->place;
    const struct request *request = &placing->shape->groups[0].request;
    for (uint32_t placed = 0; placed < request->gpu_count;) {
        uint32_t node = NODE_NONE;
        uint32_t count = 0;
        struct place_split split = {request, placing->filter, placed};
        if (!rule->next_part(placing->run->place_state, placing->cluster, &split, &node, &count)) {
            return false;
        }
        CHECK(count > 0 && count <= request->gpu_count - placed);
        struct grant grant = {0};
        cluster_choose_part(placing->cluster, node, request, placed, count, &grant);
        take(placing, grant, 0);
        placed += count;
    }
    return true;
}

/* `near`: a node where it has a task already, which one more task is to join, or NODE_NONE. */
static void begin_gang(const struct placing *placing, uint32_t near)
{
    const struct place_ops *rule = placing->run->input->place;
    const struct bound_shape *shape = placing->shape;
    if (rule->begin == NULL) {
        return;
    }
    struct place_demand demands[WORKLOAD_MOST_GROUPS];
    CHECK(shape->group_count <= WORKLOAD_MOST_GROUPS);
    for (uint32_t i = 0; i < shape->group_count; i++) {
        const struct task_group *group = &shape->groups[i];
        uint32_t tasks = near == NODE_NONE ? group->min_count : 1;
        demands[i] = (struct place_demand){&group->request, tasks, shape->is_free};
    }
    struct place_gang gang = {demands, shape->group_count, placing->filter, near};
    rule->begin(placing->run->place_state, placing->cluster, &gang);
}

static bool place_minimum(struct placing *placing)
{
    begin_gang(placing, NODE_NONE);
    for (uint32_t group = 0; group < placing->shape->group_count; group++) {
        for (uint32_t i = 0; i < placing->shape->groups[group].min_count; i++) {
            if (!place_task(placing, group)) {
                return false;
            }
        }
    }
    return true;
}

static void place_beyond_minimum(struct placing *placing)
{
    for (uint32_t group = 0; group < placing->shape->group_count; group++) {
        const struct task_group *tasks = &placing->shape->groups[group];
        for (uint32_t i = tasks->min_count; i < tasks->count && place_task(placing, group); i++) {
        }
    }
}

static bool place_within(struct placing *placing, struct node_filter filter)
{
    placing->filter = filter;
    const struct bound_shape *shape = placing->shape;
    bool in_parts = shape->is_free && shape->groups[0].request.kind == GPU_WHOLE &&
                    placing->run->input->place->next_part != NULL;
    bool placed = in_parts ? place_parts(placing) : place_minimum(placing);
    if (!placed) {
        undo_all(placing);
        return false;
    }
    if (!in_parts) {
        place_beyond_minimum(placing);
    }
    return true;
}

/* The next domain after `last` in (free GPUs, number) order, among those that have enough. */
static uint32_t next_domain(const struct level *level, int64_t least_milli, uint32_t last)
{
    uint32_t best = DOMAIN_NONE;
    for (uint32_t i = 0; i < level->domains.count; i++) {
        int64_t free_milli = level->domains.items[i].free_gpu_milli;
        if (free_milli < least_milli) {
            continue;
        }
        if (last != DOMAIN_NONE) {
            int64_t last_milli = level->domains.items[last].free_gpu_milli;
            if (free_milli < last_milli || (free_milli == last_milli && i <= last)) {
                continue;
            }
        }
        if (best == DOMAIN_NONE || free_milli < level->domains.items[best].free_gpu_milli) {
            best = i;
        }
    }
    return best;
}

static bool place_in_one_domain(struct placing *placing, uint32_t level)
{
    const struct level *domains = &placing->cluster->levels[level];
    int64_t least_milli = placing->shape->least_gpu_milli;
    uint32_t domain = next_domain(domains, least_milli, DOMAIN_NONE);
    while (domain != DOMAIN_NONE) {
        if (place_within(placing, (struct node_filter){level, domain})) {
            return true;
        }
        domain = next_domain(domains, least_milli, domain);
    }
    return false;
}

bool run_place_job(struct sched_ctx *run, struct cluster *cluster, const struct bound_shape *shape,
                   grant_vec *out)
{
    CHECK(out->count == 0);
    if (shape->least_gpu_milli > cluster->free_gpu_milli ||
        shape->least_whole_gpus > cluster->idle_gpu_count) {
        return false;
    }
    struct placing placing = {run, cluster, shape, anywhere, out};
    if (shape->preferred_level != CLUSTER_MOST_LEVELS &&
        (shape->required_level == CLUSTER_MOST_LEVELS ||
         shape->preferred_level >= shape->required_level) &&
        place_in_one_domain(&placing, shape->preferred_level)) {
        return true;
    }
    if (shape->required_level != CLUSTER_MOST_LEVELS) {
        return place_in_one_domain(&placing, shape->required_level);
    }
    return place_within(&placing, anywhere);
}

static uint32_t held_of_group(const grant_vec *grants, uint32_t group)
{
    uint32_t held = 0;
    for (size_t i = 0; i < grants->count; i++) {
        held += grants->items[i].group == group ? 1 : 0;
    }
    return held;
}

bool run_place_one_more(struct sched_ctx *run, const struct bound_shape *shape, grant_vec *grants)
{
    CHECK(!shape->is_free && grants->count > 0);
    struct placing placing = {run, run->cluster, shape, anywhere, grants};
    if (shape->required_level != CLUSTER_MOST_LEVELS) {
        const struct level *level = &run->cluster->levels[shape->required_level];
        placing.filter.level = shape->required_level;
        placing.filter.domain = level->domain_of_node[grants->items[0].node];
    }
    begin_gang(&placing, grants->items[0].node);
    for (uint32_t group = 0; group < shape->group_count; group++) {
        if (held_of_group(grants, group) < shape->groups[group].count &&
            place_task(&placing, group)) {
            return true;
        }
    }
    return false;
}

void run_release_one(struct sched_ctx *run, const struct bound_shape *shape, grant_vec *grants)
{
    for (size_t i = grants->count; i > 0; i--) {
        struct grant *grant = &grants->items[i - 1];
        if (held_of_group(grants, grant->group) > shape->groups[grant->group].min_count) {
            cluster_release(run->cluster, grant);
            memmove(grant, grant + 1, (grants->count - i) * sizeof(*grant));
            grants->count--;
            return;
        }
    }
    CHECK_NEVER("a job that holds more than its minimum");
}
