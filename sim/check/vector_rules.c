/* vector_rules.c - decisions on numbers alone: resources, GPU requests, zones, usage history. */
#include <string.h>

#include "sim/base/mem.h"
#include "sim/check/vector.h"

static json_t *need_answer(const struct core_gpu_need *need, json_t *dra)
{
    json_t *table = json_object();
    json_t *mig = json_object();
    json_object_set_new(table, "count", json_integer(need->count));
    json_object_set_new(table, "portion", json_real(need->portion));
    json_object_set_new(table, "memory_mib", json_integer(need->memory_mib));
    for (size_t i = 0; i < need->mig.count; i++) {
        json_object_set_new(mig, need->mig.items[i].name, json_real(need->mig.items[i].amount));
    }
    json_object_set_new(table, "mig", mig);
    if (dra != NULL) {
        json_object_set_new(table, "dra", dra);
    }
    return table;
}

/* Classes of DRA devices are added, or the larger count is kept, by class. */
static json_t *combine_dra(const struct place *input, bool sum)
{
    json_t *l = json_deep_copy(json_object_get(json_object_get(input->value, "l"), "dra"));
    const json_t *r = json_object_get(json_object_get(input->value, "r"), "dra");
    const char *key;
    json_t *value;
    l = l == NULL ? json_object() : l;
    json_object_foreach((json_t *)(uintptr_t)r, key, value)
    {
        json_int_t mine = json_integer_value(json_object_get(l, key));
        json_int_t theirs = json_integer_value(value);
        json_int_t both = mine > INT64_MAX - theirs ? INT64_MAX : mine + theirs;
        json_object_set_new(l, key, json_integer(sum ? both : mine > theirs ? mine : theirs));
    }
    return l;
}

static json_t *combined(struct vector_run *v, const struct place *input, bool sum)
{
    struct place l_place = place_get(input, "l");
    struct place r_place = place_get(input, "r");
    struct core_gpu_need l = world_need(v, &l_place);
    struct core_gpu_need r = world_need(v, &r_place);
    struct core_amount *mig = arena_alloc(&v->arena, l.mig.count + r.mig.count + 1, sizeof *mig);
    bool good = sum ? core_need_add(&l, &r, mig) : core_need_max(&l, &r, mig);
    json_t *answer = answer_bool("error", !good);
    json_t *dra =
        good ? combine_dra(input, sum) : json_deep_copy(json_object_get(l_place.value, "dra"));
    json_object_set_new(answer, "after", need_answer(&l, dra));
    return answer;
}

static json_t *need_add(struct vector_run *v, const struct place *input)
{
    return combined(v, input, true);
}

static json_t *need_max(struct vector_run *v, const struct place *input)
{
    return combined(v, input, false);
}

static json_t *need_less_equal(struct vector_run *v, const struct place *input)
{
    struct place l_place = place_get(input, "l");
    struct place r_place = place_get(input, "r");
    struct core_gpu_need l = world_need(v, &l_place);
    struct core_gpu_need r = world_need(v, &r_place);
    return answer_bool("result", core_need_less_equal(&l, &r));
}

static struct core_base base_of(struct vector_run *v, const struct place *input, const char *key)
{
    struct place at = place_get(input, key);
    struct place scalars = place_get(&at, "scalars");
    struct place need = place_get(&at, "gpu_request");
    return (struct core_base){.cpu = read_number(&v->r, &at, "cpu", 0),
                              .memory = read_number(&v->r, &at, "memory", 0),
                              .scalars = world_amounts(v, &scalars),
                              .gpus = read_number(&v->r, &at, "gpus", 0),
                              .need = world_need(v, &need)};
}

static json_t *compare_bases(struct vector_run *v, const struct place *input,
                             bool (*compare)(const struct core_base *l, const struct core_base *r))
{
    struct core_base l = base_of(v, input, "l");
    struct core_base r = base_of(v, input, "r");
    return answer_bool("result", compare(&l, &r));
}

static json_t *base_less_equal(struct vector_run *v, const struct place *input)
{
    return compare_bases(v, input, core_base_less_equal);
}

static json_t *resource_less_equal(struct vector_run *v, const struct place *input)
{
    return compare_bases(v, input, core_resource_less_equal);
}

static json_t *requirement_less_equal(struct vector_run *v, const struct place *input)
{
    return compare_bases(v, input, core_requirement_less_equal);
}

static json_t *requirement_fits(struct vector_run *v, const struct place *input)
{
    return compare_bases(v, input, core_requirement_fits_resource);
}

static json_t *base_is_empty(struct vector_run *v, const struct place *input)
{
    struct core_base l = base_of(v, input, "l");
    return answer_bool("result", core_base_is_empty(&l));
}

static json_t *requirement_is_empty(struct vector_run *v, const struct place *input)
{
    struct core_base l = base_of(v, input, "l");
    return answer_bool("result", core_requirement_is_empty(&l));
}

static double *plain_vector(struct vector_run *v, const struct place *input, const char *key,
                            size_t *count)
{
    struct place list = place_get(input, key);
    *count = read_count(&v->r, &list);
    double *items = arena_alloc(&v->arena, *count + 1, sizeof *items);
    for (size_t i = 0; i < *count; i++) {
        struct place item = place_item(&list, i);
        items[i] = read_value(&v->r, &item);
    }
    return items;
}

static json_t *vector_less_equal(struct vector_run *v, const struct place *input)
{
    size_t l_count, r_count;
    const double *l = plain_vector(v, input, "l", &l_count);
    const double *r = plain_vector(v, input, "r", &r_count);
    return answer_bool("result", core_vector_less_equal(l, l_count, r, r_count));
}

static json_t *vector_total_gpus(struct vector_run *v, const struct place *input)
{
    struct place table = place_get(input, "vector");
    struct core_amounts amounts = world_amounts(v, &table);
    double sum = read_number(&v->r, &table, "gpu", 0);
    for (size_t i = 0; i < amounts.count; i++) {
        int64_t gpus, memory_gb;
        if (core_mig_profile(amounts.items[i].name, &gpus, &memory_gb)) {
            sum += (double)gpus * amounts.items[i].amount;
        }
    }
    return answer_number("result", sum);
}

static json_t *request_from_amount(struct vector_run *v, const struct place *input)
{
    struct core_gpu_need need = core_need_from_gpus(read_number(&v->r, input, "gpus", 0),
                                                    read_int(&v->r, input, "memory_mib", 0));
    json_t *answer = json_object();
    json_object_set_new(answer, "gpu_request", need_answer(&need, NULL));
    return answer;
}

static struct core_gpu_need given_need(struct vector_run *v, const struct place *input)
{
    struct place at = place_get(input, "gpu_request");
    return world_need(v, &at);
}

static json_t *request_gpus(struct vector_run *v, const struct place *input)
{
    struct core_gpu_need need = given_need(v, input);
    return answer_number("result", core_need_gpus(&need));
}

static json_t *request_quota(struct vector_run *v, const struct place *input)
{
    struct core_gpu_need need = given_need(v, input);
    return answer_number("result", core_need_quota_gpus(&need));
}

static json_t *request_is_empty(struct vector_run *v, const struct place *input)
{
    struct core_gpu_need need = given_need(v, input);
    return answer_bool("result", core_need_is_empty(&need));
}

static json_t *request_is_fractional(struct vector_run *v, const struct place *input)
{
    struct core_gpu_need need = given_need(v, input);
    return answer_bool("result", core_need_is_fractional(&need));
}

static json_t *memory_as_gpus(struct vector_run *v, const struct place *input)
{
    struct core_gpu_need need = given_need(v, input);
    return answer_number(
        "result", core_need_memory_as_gpus(&need, read_int(&v->r, input, "device_memory_mib", 0)));
}

static json_t *mig_profile(struct vector_run *v, const struct place *input)
{
    int64_t gpus = 0, memory_gb = 0;
    bool good = core_mig_profile(read_text(&v->r, input, "name", ""), &gpus, &memory_gb);
    json_t *answer = answer_bool("error", !good);
    json_object_set_new(answer, "gpus", json_integer(good ? gpus : -1));
    json_object_set_new(answer, "memory_gb", json_integer(good ? memory_gb : -1));
    return answer;
}

/* The resources that a zone or a request of this vector names, by place. */
struct resources {
    const char *names[64];
    size_t count;
};

static size_t resource_place(struct vector_run *v, struct resources *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->names[i], name) == 0) {
            return i;
        }
    }
    if (r->count == sizeof(r->names) / sizeof(*r->names)) {
        struct place root = {0};
        read_fail(&v->r, &root, "more than 64 resources");
        return 0;
    }
    r->names[r->count] = name;
    return r->count++;
}

static void name_resources(struct vector_run *v, struct resources *r, const json_t *table)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)table, key, value)
    {
        (void)resource_place(v, r, key);
    }
}

static double *zone_amounts(struct vector_run *v, const struct resources *r, const json_t *table)
{
    struct place at = {.value = table};
    double *amounts = arena_alloc(&v->arena, r->count + 1, sizeof *amounts);
    for (size_t i = 0; i < r->count; i++) {
        amounts[i] = read_number(&v->r, &at, r->names[i], 0);
    }
    return amounts;
}

static const double *const *requests_of(struct vector_run *v, const struct resources *r,
                                        const json_t *list)
{
    const double **items = arena_alloc(&v->arena, json_array_size(list) + 1, sizeof *items);
    for (size_t i = 0; i < json_array_size(list); i++) {
        items[i] = zone_amounts(v, r, json_array_get(list, i));
    }
    return items;
}

static enum core_numa_policy policy_of(const char *name)
{
    return strcmp(name, "single-numa-node") == 0 ? CORE_NUMA_SINGLE
           : strcmp(name, "restricted") == 0     ? CORE_NUMA_RESTRICTED
           : strcmp(name, "best-effort") == 0    ? CORE_NUMA_BEST_EFFORT
                                                 : CORE_NUMA_NONE;
}

static void name_all(struct vector_run *v, struct resources *r, const json_t *zones,
                     const json_t *concurrent, const json_t *serial)
{
    for (size_t i = 0; i < json_array_size(zones); i++) {
        const json_t *zone = json_array_get(zones, i);
        name_resources(v, r, json_object_get(zone, "allocatable"));
        name_resources(v, r, json_object_get(zone, "available"));
    }
    for (size_t i = 0; i < json_array_size(concurrent); i++) {
        name_resources(v, r, json_array_get(concurrent, i));
    }
    for (size_t i = 0; i < json_array_size(serial); i++) {
        name_resources(v, r, json_array_get(serial, i));
    }
}

static json_t *taken_of(const struct resources *r, const struct core_numa_problem *problem)
{
    json_t *taken = json_object();
    for (size_t z = 0; z < problem->zone_count; z++) {
        json_t *amounts = json_object();
        for (size_t i = 0; i < r->count; i++) {
            if (problem->zones[z].taken[i] < 0 || problem->zones[z].taken[i] > 0) {
                json_object_set_new(amounts, r->names[i], json_real(problem->zones[z].taken[i]));
            }
        }
        char name[24];
        (void)snprintf(name, sizeof name, "%zu", z);
        if (json_object_size(amounts) > 0) {
            json_object_set(taken, name, amounts);
        }
        json_decref(amounts);
    }
    return taken;
}

static json_t *numa_solve(struct vector_run *v, const struct place *input)
{
    const json_t *numa = json_object_get(input->value, "numa");
    const json_t *zones = json_object_get(numa, "zones");
    const json_t *concurrent = json_object_get(input->value, "concurrent");
    const json_t *serial = json_object_get(input->value, "serial");
    struct resources r = {.count = 0};
    name_all(v, &r, zones, concurrent, serial);
    size_t aware_count;
    const char *const *aware_names = read_texts(&v->r, input, "aware", &aware_count);
    bool *aware = arena_alloc(&v->arena, 64, sizeof *aware);
    for (size_t i = 0; i < aware_count; i++) {
        aware[resource_place(v, &r, aware_names[i])] = true;
    }
    size_t count = json_array_size(zones);
    struct core_numa_zone *items = arena_alloc(&v->arena, count + 1, sizeof *items);
    for (size_t z = 0; z < count; z++) {
        const json_t *zone = json_array_get(zones, z);
        items[z].allocatable = zone_amounts(v, &r, json_object_get(zone, "allocatable"));
        items[z].available = zone_amounts(v, &r, json_object_get(zone, "available"));
        items[z].taken = arena_alloc(&v->arena, r.count + 1, sizeof(double));
    }
    const char *policy = json_string_value(json_object_get(numa, "policy"));
    struct core_numa_problem problem = {.policy = policy_of(policy == NULL ? "" : policy),
                                        .zones = items,
                                        .zone_count = count,
                                        .width = r.count,
                                        .aware = aware,
                                        .concurrent = requests_of(v, &r, concurrent),
                                        .concurrent_count = json_array_size(concurrent),
                                        .serial = requests_of(v, &r, serial),
                                        .serial_count = json_array_size(serial)};
    json_t *answer = answer_bool("fits", core_numa_solve(&problem));
    json_object_set_new(answer, "zones", taken_of(&r, &problem));
    return answer;
}

static json_t *usage_decay(struct vector_run *v, const struct place *input)
{
    int64_t length = read_int(&v->r, input, "length", 0);
    if (length < 0 || length > 1000000) {
        read_fail(&v->r, input, "length is out of range");
        return NULL;
    }
    double *weights = arena_alloc(&v->arena, (size_t)length + 1, sizeof *weights);
    core_usage_weights(weights, (size_t)length, read_number(&v->r, input, "half_life_seconds", 0));
    json_t *list = json_array();
    for (int64_t i = 0; i < length; i++) {
        json_array_append_new(list, world_number(weights[i]));
    }
    json_t *answer = json_object();
    json_object_set_new(answer, "weights", list);
    return answer;
}

static void note_queues(json_t *queues, const json_t *samples)
{
    for (size_t i = 0; i < json_array_size(samples); i++) {
        const char *key;
        json_t *value;
        json_object_foreach(json_array_get(samples, i), key, value)
        {
            json_object_set_new(queues, key, json_object());
        }
    }
}

static double sample_at(const json_t *table, const char *key)
{
    return json_number_value(json_object_get(table, key));
}

static json_t *usage(struct vector_run *v, const struct place *input)
{
    static const char *const NAMES[3] = {"cpu", "memory", "gpu"};
    const json_t *samples = json_object_get(input->value, "samples");
    const json_t *capacity = json_object_get(input->value, "capacity");
    size_t count = json_array_size(samples);
    size_t window = (size_t)read_int(&v->r, input, "window_seconds", 0);
    double half_life = read_number(&v->r, input, "half_life_seconds", 0);
    json_t *queues = json_object();
    double *amounts = arena_alloc(&v->arena, count + 1, sizeof *amounts);
    double *capacities = arena_alloc(&v->arena, count + 1, sizeof *capacities);
    size_t first = window < count ? count - window : 0;
    json_t *recent = json_array();
    for (size_t i = first; i < count; i++) {
        json_array_append(recent, json_array_get(samples, i));
    }
    note_queues(queues, recent);
    json_decref(recent);
    const char *queue;
    json_t *shares;
    json_object_foreach(queues, queue, shares)
    {
        for (int r = 0; r < 3; r++) {
            for (size_t i = 0; i < count; i++) {
                amounts[i] =
                    sample_at(json_object_get(json_array_get(samples, i), queue), NAMES[r]);
                capacities[i] = sample_at(json_array_get(capacity, i), NAMES[r]);
            }
            json_object_set_new(
                shares, NAMES[r],
                world_number(core_usage(amounts, capacities, count, window, half_life)));
        }
    }
    json_t *answer = json_object();
    json_object_set_new(answer, "usage", queues);
    return answer;
}

static json_t *usage_window_start(struct vector_run *v, const struct place *input)
{
    int64_t now = read_int(&v->r, input, "now", 0);
    int64_t start = 0;
    bool good;
    if (strcmp(read_text(&v->r, input, "type", ""), "cron") == 0) {
        good = core_usage_cron_start(
            read_text(&v->r, input, "expression", read_text(&v->r, input, "cron", "")), now,
            &start);
    } else {
        good = core_usage_tumbling_start(read_int(&v->r, input, "start", 0),
                                         read_text(&v->r, input, "window", ""), now, &start);
    }
    json_t *answer = json_object();
    json_object_set_new(answer, "start", good ? json_integer(start) : json_null());
    return answer;
}

const struct vector_function vector_rule_functions[] = {
    {"gpu_request_add", need_add},
    {"gpu_request_max", need_max},
    {"gpu_request_less_equal", need_less_equal},
    {"base_less_equal", base_less_equal},
    {"base_is_empty", base_is_empty},
    {"resource_less_equal", resource_less_equal},
    {"requirement_less_equal", requirement_less_equal},
    {"requirement_less_equal_resource", requirement_fits},
    {"requirement_is_empty", requirement_is_empty},
    {"vector_less_equal", vector_less_equal},
    {"vector_total_gpus", vector_total_gpus},
    {"gpu_request_from_amount", request_from_amount},
    {"gpu_request_gpus", request_gpus},
    {"gpu_request_quota", request_quota},
    {"gpu_request_is_empty", request_is_empty},
    {"gpu_request_is_fractional", request_is_fractional},
    {"gpu_memory_as_gpus", memory_as_gpus},
    {"mig_profile", mig_profile},
    {"numa_solve", numa_solve},
    {"usage", usage},
    {"usage_decay", usage_decay},
    {"usage_window_start", usage_window_start},
    {.name = NULL},
};
