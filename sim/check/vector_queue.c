/* vector_queue.c - decisions about queues: division, order, capacity, reclaim. */
#include <string.h>

#include "sim/base/mem.h"
#include "sim/check/vector.h"

static const char *const RESOURCES[3] = {"cpu", "memory", "gpu"};

static const char *number_text(struct vector_run *v, double value)
{
    struct text text = {0};
    text_addf(&text, "%.17g", value);
    const char *copy = arena_copy_text(&v->arena, text.bytes, text.length);
    text_release(&text);
    return copy;
}

static json_t *fair_shares(struct vector_run *v, const struct place *queues)
{
    json_t *shares = json_object();
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)queues->value, key, value)
    {
        const char *uid = json_string_value(json_object_get(value, "uid"));
        bool unnamed = uid == NULL || uid[0] == '\0';
        struct core_queue_view view =
            core_queue_get(v->core, core_find_queue(v->core, unnamed ? key : uid));
        json_object_set_new(shares, key, world_three(view.fair_share));
    }
    json_t *answer = json_object();
    json_object_set_new(answer, "fair_share", shares);
    return answer;
}

static json_t *fair_share_tree(struct vector_run *v, const struct place *input)
{
    struct place queues = place_get(input, "queues");
    struct place total = place_get(input, "total");
    double amounts[3];
    world_new(v, NULL);
    core_set_argument(v->core, "proportion", "kValue",
                      number_text(v, read_number(&v->r, input, "k_value", 0)));
    world_queues(v, &queues);
    world_quantities(v, &total, amounts);
    if (!world_open(v, 0)) {
        return NULL;
    }
    core_fair_share_tree(v->core, amounts);
    return fair_shares(v, &queues);
}

/* The queues of one level for one resource, in ascending name. */
static struct core_division_queue *division_of(struct vector_run *v, const struct place *queues,
                                               const char *resource, size_t *count)
{
    struct core_division_queue *items =
        arena_alloc(&v->arena, json_object_size(queues->value) + 1, sizeof *items);
    *count = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)queues->value, key, value)
    {
        struct place queue = {queues, key, 0, value};
        struct place share = place_get(&queue, resource);
        struct core_division_queue item = {
            .name = key,
            .priority = (int)read_int(&v->r, &queue, "priority", 0),
            .created_ns = read_has(&queue, "creation_timestamp")
                              ? world_ns(read_number(&v->r, &queue, "creation_timestamp", 0))
                              : CORE_UNSET,
            .deserved = read_number(&v->r, &share, "deserved", 0),
            .limit = read_number(&v->r, &share, "max_allowed", -1),
            .weight = read_number(&v->r, &share, "over_quota_weight", 0),
            .request = read_number(&v->r, &share, "request", 0),
            .usage = read_number(&v->r, &share, "usage", 0),
            .fair_share = read_number(&v->r, &share, "fair_share", 0),
        };
        size_t at = (*count)++;
        for (; at > 0 && strcmp(items[at - 1].name, key) > 0; at--) {
            items[at] = items[at - 1];
        }
        items[at] = item;
    }
    return items;
}

static void set_share(json_t *shares, const char *queue, const char *resource, double value)
{
    json_t *share = json_object_get(shares, queue);
    if (share == NULL) {
        share = json_object();
        json_object_set_new(shares, queue, share);
    }
    json_object_set_new(share, resource, world_number(value));
}

static json_t *fair_share_level(struct vector_run *v, const struct place *input)
{
    struct place queues = place_get(input, "queues");
    struct place total = place_get(input, "total");
    double amounts[3];
    world_quantities(v, &total, amounts);
    json_t *shares = json_object();
    for (int r = 0; r < 3; r++) {
        size_t count;
        struct core_division_queue *items = division_of(v, &queues, RESOURCES[r], &count);
        for (size_t i = 0; i < count; i++) {
            items[i].fair_share = 0;
        }
        (void)core_divide(amounts[r], read_number(&v->r, input, "k_value", 0), items, count);
        for (size_t i = 0; i < count; i++) {
            set_share(shares, items[i].name, RESOURCES[r], items[i].fair_share);
        }
    }
    json_t *answer = json_object();
    json_object_set_new(answer, "fair_share", shares);
    return answer;
}

/* One resource; the others of the record keep the share they had. */
static json_t *divide_one(struct vector_run *v, const struct place *input, bool with_quota)
{
    struct place queues = place_get(input, "queues");
    const char *resource = read_text(&v->r, input, "resource", "gpu");
    double amount = read_number(&v->r, input, "total_amount", 0);
    double k = read_number(&v->r, input, "k_value", 0);
    json_t *shares = json_object();
    for (int r = 0; r < 3; r++) {
        size_t other_count;
        struct core_division_queue *others = division_of(v, &queues, RESOURCES[r], &other_count);
        for (size_t i = 0; i < other_count; i++) {
            set_share(shares, others[i].name, RESOURCES[r], others[i].fair_share);
        }
    }
    size_t count;
    struct core_division_queue *items = division_of(v, &queues, resource, &count);
    double remaining = with_quota ? core_divide(amount, k, items, count)
                                  : core_divide_over_quota(amount, k, items, count);
    for (size_t i = 0; i < count; i++) {
        set_share(shares, items[i].name, resource, items[i].fair_share);
    }
    json_t *answer = json_object();
    json_object_set_new(answer, "fair_share", shares);
    json_object_set_new(answer, "remaining", world_number(remaining));
    return answer;
}

static json_t *fair_share_resource(struct vector_run *v, const struct place *input)
{
    return divide_one(v, input, true);
}

static json_t *fair_share_over_quota(struct vector_run *v, const struct place *input)
{
    return divide_one(v, input, false);
}

/* A side of the order: its queue, the best job below it, the jobs picked as victims. */
static void read_side(struct vector_run *v, const struct place *input, const char *queue_key,
                      const char *job_key, const char *victims_key, struct core_order_side *side)
{
    struct place queue = place_get(input, queue_key);
    struct place job = place_get(input, job_key);
    struct place victims = place_get(input, victims_key);
    struct text prefix = {0};
    text_addf(&prefix, "%s of %s", job_key, queue_key);
    side->queue = world_queue(v, &queue, queue_key);
    side->job = job.value == NULL ? CORE_NONE : world_job(v, &job, prefix.bytes);
    size_t count = read_count(&v->r, &victims);
    uint32_t *items = arena_alloc(&v->arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        struct place item = place_item(&victims, i);
        text_clear(&prefix);
        text_addf(&prefix, "%s %zu", victims_key, i);
        items[i] = world_job(v, &item, prefix.bytes);
    }
    text_release(&prefix);
    side->victims = items;
    side->victim_count = count;
}

static json_t *queue_order(struct vector_run *v, const struct place *input)
{
    struct core_order_side l, r;
    struct place total = place_get(input, "total");
    double amounts[3];
    world_new(v, NULL);
    read_side(v, input, "l_queue", "l_job", "l_victims", &l);
    read_side(v, input, "r_queue", "r_job", "r_victims", &r);
    if (!world_open(v, 0)) {
        return NULL;
    }
    world_quantities(v, &total, amounts);
    core_put_total(v->core, amounts);
    int64_t memory = read_between(&v->r, input, "min_node_gpu_memory", 0, CORE_MOST_GPU_MIB);
    core_put_gpu_memory_range(v->core, memory, memory);
    return answer_number("result", core_queue_order(v->core, &l, &r));
}

static json_t *allocatable_share(struct vector_run *v, const struct place *input)
{
    struct place share = place_get(input, "share");
    return answer_number("result",
                         core_allocatable_share(read_number(&v->r, &share, "deserved", 0),
                                                read_number(&v->r, &share, "max_allowed", -1),
                                                read_number(&v->r, &share, "fair_share", 0)));
}

static json_t *requestable_share(struct vector_run *v, const struct place *input)
{
    struct place share = place_get(input, "share");
    return answer_number("result",
                         core_requestable_share(read_number(&v->r, &share, "max_allowed", -1),
                                                read_number(&v->r, &share, "request", 0)));
}

static struct core_queue_view shares_of(struct vector_run *v, const struct place *queue)
{
    struct core_queue_view view = {0};
    for (int i = 0; i < 3; i++) {
        struct place share = place_get(queue, RESOURCES[i]);
        view.deserved[i] = read_number(&v->r, &share, "deserved", 0);
        view.limit[i] = read_number(&v->r, &share, "max_allowed", -1);
        view.weight[i] = read_number(&v->r, &share, "over_quota_weight", 0);
        view.fair_share[i] = read_number(&v->r, &share, "fair_share", 0);
        view.allocated[i] = read_number(&v->r, &share, "allocated", 0);
        view.allocated_np[i] = read_number(&v->r, &share, "allocated_not_preemptible", 0);
        view.requested[i] = read_number(&v->r, &share, "request", 0);
        view.usage[i] = read_number(&v->r, &share, "usage", 0);
    }
    return view;
}

static json_t *dominant_share(struct vector_run *v, const struct place *input)
{
    struct place queue = place_get(input, "queue");
    struct place total = place_get(input, "total");
    double amounts[3];
    world_quantities(v, &total, amounts);
    struct core_queue_view view = shares_of(v, &queue);
    return answer_number("result", core_dominant_share(&view, amounts));
}

static json_t *compare_three(struct vector_run *v, const struct place *input,
                             bool (*compare)(const double a[3], const double b[3]))
{
    struct place l = place_get(input, "l");
    struct place r = place_get(input, "r");
    double a[3], b[3];
    world_quantities(v, &l, a);
    world_quantities(v, &r, b);
    return answer_bool("result", compare(a, b));
}

static json_t *quantities_less(struct vector_run *v, const struct place *input)
{
    return compare_three(v, input, core_amounts_less);
}

static json_t *quantities_less_equal(struct vector_run *v, const struct place *input)
{
    return compare_three(v, input, core_amounts_less_equal);
}

static json_t *quantities_less_in_one(struct vector_run *v, const struct place *input)
{
    return compare_three(v, input, core_amounts_less_in_one);
}

static json_t *quantity_compare(struct vector_run *v, const struct place *input)
{
    return answer_number("result", core_compare_amount(read_number(&v->r, input, "l", 0),
                                                       read_number(&v->r, input, "r", 0)));
}

static json_t *bound_of(struct vector_run *v, const struct place *input,
                        enum core_resource (*rule)(const struct core_queue_view *queue,
                                                   const double asked[3]))
{
    struct place queue = place_get(input, "queue");
    struct place asked = place_get(input, "requested");
    double amounts[3];
    world_quantities(v, &asked, amounts);
    struct core_queue_view view = shares_of(v, &queue);
    enum core_resource resource = rule(&view, amounts);
    json_t *answer = answer_bool("over", resource != CORE_RESOURCE_COUNT);
    if (resource != CORE_RESOURCE_COUNT) {
        json_object_set_new(answer, "resource", json_string(RESOURCES[resource]));
    }
    return answer;
}

static json_t *over_limit(struct vector_run *v, const struct place *input)
{
    return bound_of(v, input, core_over_limit);
}

static json_t *np_over_quota(struct vector_run *v, const struct place *input)
{
    return bound_of(v, input, core_np_over_quota);
}

static json_t *capacity_answer(enum core_refusal refusal)
{
    json_t *answer = answer_bool("schedulable", refusal == CORE_FITS);
    json_object_set_new(answer, "reason",
                        json_string(refusal == CORE_OVER_LIMIT      ? "OverLimit"
                                    : refusal == CORE_NP_OVER_QUOTA ? "NonPreemptibleOverQuota"
                                                                    : ""));
    return answer;
}

static json_t *capacity_of(struct vector_run *v, const struct place *input, bool quota_only)
{
    struct place queues = place_get(input, "queues");
    struct place job_place = place_get(input, "job");
    struct place list = place_get(input, "tasks");
    struct core_list tasks = {0};
    world_new(v, NULL);
    v->queues_as_given = true;
    world_queues(v, &queues);
    uint32_t job = world_job(v, &job_place, NULL);
    world_tasks(v, &list, job, &tasks);
    json_t *answer = NULL;
    if (world_open(v, 0)) {
        int64_t memory = read_between(&v->r, input, "max_node_gpu_memory", 0, CORE_MOST_GPU_MIB);
        core_put_gpu_memory_range(v->core, memory, memory);
        answer = capacity_answer(core_job_capacity(v->core, &tasks, job, quota_only));
    }
    vec_release(&tasks);
    return answer;
}

static json_t *job_capacity(struct vector_run *v, const struct place *input)
{
    return capacity_of(v, input, false);
}

static json_t *job_quota(struct vector_run *v, const struct place *input)
{
    return capacity_of(v, input, true);
}

static json_t *task_on_node_capacity(struct vector_run *v, const struct place *input)
{
    struct place queues = place_get(input, "queues");
    struct place job_place = place_get(input, "job");
    struct place node_place = place_get(input, "node");
    struct place task_place = place_get(input, "task");
    world_new(v, NULL);
    v->queues_as_given = true;
    world_queues(v, &queues);
    uint32_t node = world_node(v, &node_place);
    uint32_t job = world_job(v, &job_place, NULL);
    uint32_t task = world_task(v, &task_place, job);
    return world_open(v, 0) ? capacity_answer(core_task_capacity(v->core, task, node)) : NULL;
}

static bool open_reclaim(struct vector_run *v, const struct place *input)
{
    struct place queues = place_get(input, "queues");
    world_new(v, NULL);
    core_set_argument(v->core, "proportion", "relcaimerSaturationMultiplier",
                      number_text(v, read_number(&v->r, input, "multiplier", 1)));
    world_queues(v, &queues);
    return world_open(v, 0);
}

/* Amounts with GPUs as MIG slices and devices together; *gpu: the devices alone. */
static void quantify(struct vector_run *v, const struct place *table, double out[3], double *gpu)
{
    struct core_amounts amounts = world_amounts(v, table);
    world_quantities(v, table, out);
    *gpu = out[CORE_GPU];
    for (size_t i = 0; i < amounts.count; i++) {
        int64_t gpus, memory_gb;
        if (core_mig_profile(amounts.items[i].name, &gpus, &memory_gb)) {
            out[CORE_GPU] += (double)gpus * amounts.items[i].amount;
        }
    }
}

static json_t *can_reclaim(struct vector_run *v, const struct place *input)
{
    struct place request = place_get(input, "reclaimer_request");
    double amounts[3], gpu;
    quantify(v, &request, amounts, &gpu);
    if (!open_reclaim(v, input)) {
        return NULL;
    }
    uint32_t queue = world_named_queue(v, input, "reclaimer_queue");
    bool preemptible = read_bool(&v->r, input, "reclaimer_preemptible", false);
    return v->r.failed
               ? NULL
               : answer_bool("result", core_can_reclaim(v->core, queue, amounts, preemptible));
}

static json_t *victim_filter(struct vector_run *v, const struct place *input)
{
    struct place request = place_get(input, "reclaimer_request");
    double amounts[3], gpu;
    quantify(v, &request, amounts, &gpu);
    if (!open_reclaim(v, input)) {
        return NULL;
    }
    uint32_t mine = world_named_queue(v, input, "reclaimer_queue");
    uint32_t theirs = world_named_queue(v, input, "reclaimee_queue");
    return v->r.failed ? NULL
                       : answer_bool("result", core_victim_filter(v->core, mine, theirs, amounts));
}

static json_t *reclaimable(struct vector_run *v, const struct place *input)
{
    struct place request = place_get(input, "reclaimer_request");
    struct place victims = place_get(input, "reclaimees");
    VEC(struct core_bundle) bundles = {0};
    struct core_reclaim_query query = {.preemptible =
                                           read_bool(&v->r, input, "reclaimer_preemptible", false)};
    quantify(v, &request, query.request, &query.request_gpu);
    if (!open_reclaim(v, input)) {
        return NULL;
    }
    query.queue = world_named_queue(v, input, "reclaimer_queue");
    const char *name;
    json_t *list;
    json_object_foreach((json_t *)(uintptr_t)victims.value, name, list)
    {
        struct place at = {&victims, name, 0, list};
        uint32_t queue = core_find_queue(v->core, name);
        if (queue == CORE_NONE) {
            read_fail(&v->r, &at, "no such queue");
        }
        for (size_t i = 0; i < read_count(&v->r, &at); i++) {
            struct place item = place_item(&at, i);
            struct core_bundle bundle = {.queue = queue};
            quantify(v, &item, bundle.amounts, &bundle.gpu);
            vec_push(&bundles, bundle);
        }
    }
    query.bundles = bundles.items;
    query.count = bundles.count;
    json_t *answer = v->r.failed ? NULL : answer_bool("result", core_reclaimable(v->core, &query));
    vec_release(&bundles);
    return answer;
}

static bool keeps(struct vector_run *v, const struct place *input)
{
    struct place queue = place_get(input, "reclaimee_queue");
    struct place left = place_get(input, "reclaimee_remaining");
    double remaining[3];
    world_quantities(v, &left, remaining);
    struct core_queue_view view = shares_of(v, &queue);
    return core_keeps_fair_share(&view, remaining);
}

static bool guarantees(struct vector_run *v, const struct place *input)
{
    struct place victim = place_get(input, "reclaimee_queue");
    struct place reclaimer = place_get(input, "reclaimer_queue");
    struct place left = place_get(input, "reclaimee_remaining");
    struct place request = place_get(input, "reclaimer_request");
    double remaining[3], amounts[3], gpu;
    world_quantities(v, &left, remaining);
    quantify(v, &request, amounts, &gpu);
    struct core_queue_view theirs = shares_of(v, &victim);
    struct core_queue_view mine = shares_of(v, &reclaimer);
    return core_gives_deserved(&mine, amounts, &theirs, remaining);
}

static json_t *maintain_fair_share(struct vector_run *v, const struct place *input)
{
    return answer_bool("result", keeps(v, input));
}

static json_t *guarantee_deserved(struct vector_run *v, const struct place *input)
{
    return answer_bool("result", guarantees(v, input));
}

static json_t *reclaim_strategy(struct vector_run *v, const struct place *input)
{
    return answer_bool("result", keeps(v, input) || guarantees(v, input));
}

static json_t *saturation_lower(struct vector_run *v, const struct place *input)
{
    static const char *const KEYS[4] = {"reclaimer_allocated", "reclaimer_fair_share",
                                        "sibling_allocated", "sibling_fair_share"};
    double amounts[4][3];
    bool involved[3] = {false};
    for (int i = 0; i < 4; i++) {
        struct place at = place_get(input, KEYS[i]);
        world_quantities(v, &at, amounts[i]);
    }
    size_t count;
    const char *const *names = read_texts(&v->r, input, "resources", &count);
    for (size_t i = 0; i < count; i++) {
        for (int r = 0; r < 3; r++) {
            involved[r] |= strcmp(names[i], RESOURCES[r]) == 0;
        }
    }
    return answer_bool("result",
                       core_saturation_lower(amounts[0], amounts[1], amounts[2], amounts[3],
                                             involved, read_number(&v->r, input, "multiplier", 1)));
}

static json_t *saturation_ratio(struct vector_run *v, const struct place *input)
{
    return answer_number("result", core_saturation(read_number(&v->r, input, "allocated", 0),
                                                   read_number(&v->r, input, "fair_share", 0)));
}

/* The job with its victims as they are now: the record lists them beside the job, evicted already.
 * They are called by their places. */
static json_t *with_victims(const struct place *input)
{
    json_t *job = json_deep_copy(json_object_get(input->value, "job"));
    json_t *tasks = json_array();
    const json_t *listed = json_object_get(input->value, "tasks");
    for (size_t i = 0; i < json_array_size(listed); i++) {
        json_t *task = json_deep_copy(json_array_get(listed, i));
        char name[24];
        (void)snprintf(name, sizeof name, "%08zu", i);
        json_object_set_new(task, "id", json_string(name));
        if (json_is_null(json_object_get(task, "request"))) {
            json_object_set(task, "request", json_object_get(task, "accepted"));
        }
        json_array_append_new(tasks, task);
    }
    json_object_set_new(job, "tasks", tasks);
    return job;
}

static json_t *bundle_answer(struct vector_run *v, const struct place *input, uint32_t job,
                             size_t count)
{
    struct core_list tasks = {0};
    struct core_doubles vectors = {0};
    for (size_t i = 0; i < count; i++) {
        char name[24];
        (void)snprintf(name, sizeof name, "%08zu", i);
        uint32_t task = core_find_task(v->core, name);
        if (task == CORE_NONE) {
            struct place list = place_get(input, "tasks");
            struct place item = place_item(&list, i);
            read_fail(&v->r, &item, "its pod set is none of the job's");
            vec_release(&tasks);
            return NULL;
        }
        vec_push(&tasks, task);
    }
    size_t width = core_component_count(v->core);
    size_t bundles = core_victim_bundles(v->core, job, &tasks, &vectors);
    json_t *list = json_array();
    for (size_t i = 0; i < bundles; i++) {
        json_array_append_new(list, world_table(v->core, &vectors.items[i * width]));
    }
    json_t *answer = json_object();
    json_object_set_new(answer, "bundles", list);
    vec_release(&tasks);
    vec_release(&vectors);
    return answer;
}

static json_t *victim_bundles(struct vector_run *v, const struct place *input)
{
    struct core_settings settings = {.no_consolidating_reclaim =
                                         !read_bool(&v->r, input, "allow_consolidating", false)};
    json_t *document = with_victims(input);
    struct place job_place = {input, "job", 0, document};
    world_new(v, &settings);
    uint32_t job = world_job(v, &job_place, NULL);
    size_t count = json_array_size(json_object_get(document, "tasks"));
    json_t *answer = world_open(v, 0) ? bundle_answer(v, input, job, count) : NULL;
    json_decref(document);
    return answer;
}

const struct vector_function vector_queue_functions[] = {
    {"fair_share_tree", fair_share_tree},
    {"fair_share_level", fair_share_level},
    {"fair_share_resource", fair_share_resource},
    {"fair_share_over_quota", fair_share_over_quota},
    {"queue_order", queue_order},
    {"allocatable_share", allocatable_share},
    {"requestable_share", requestable_share},
    {"dominant_share", dominant_share},
    {"quantities_less", quantities_less},
    {"quantities_less_equal", quantities_less_equal},
    {"quantities_less_in_one", quantities_less_in_one},
    {"quantity_compare", quantity_compare},
    {"over_limit", over_limit},
    {"non_preemptible_over_quota", np_over_quota},
    {"job_capacity", job_capacity},
    {"job_non_preemptible_quota", job_quota},
    {"task_on_node_capacity", task_on_node_capacity},
    {"can_reclaim", can_reclaim},
    {"reclaim_victim_filter", victim_filter},
    {"reclaimable", reclaimable},
    {"reclaim_maintain_fair_share", maintain_fair_share},
    {"reclaim_guarantee_deserved", guarantee_deserved},
    {"reclaim_strategy", reclaim_strategy},
    {"saturation_lower", saturation_lower},
    {"saturation_ratio", saturation_ratio},
    {"victim_bundles", victim_bundles},
    {.name = NULL},
};
