/* vector_pod.c - decisions about whole pods. */
#include <string.h>

#include "policies/core/pod.h"
#include "sim/check/vector.h"

static struct core_labels texts_of(struct vector_run *v, const struct place *pod, const char *key)
{
    struct place map = place_get(pod, key);
    struct core_label *items =
        arena_alloc(&v->arena, json_object_size(map.value) + 1, sizeof *items);
    size_t count = 0;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)map.value, name, value)
    {
        struct place at = {&map, name, 0, value};
        items[count++] = (struct core_label){name, read_string(&v->r, &at)};
    }
    return (struct core_labels){items, count};
}

static const struct core_container *containers_of(struct vector_run *v, const struct place *pod,
                                                  const char *key, size_t *count)
{
    struct place list = place_get(pod, key);
    *count = read_count(&v->r, &list);
    struct core_container *items = arena_alloc(&v->arena, *count + 1, sizeof *items);
    for (size_t i = 0; i < *count; i++) {
        struct place item = place_item(&list, i);
        struct place requests = place_get(&item, "requests");
        items[i] = (struct core_container){world_amounts(v, &requests),
                                           read_bool(&v->r, &item, "sidecar", false)};
    }
    return items;
}

static json_t *amounts_object(const struct core_amounts *amounts)
{
    json_t *object = json_object();
    for (size_t i = 0; i < amounts->count; i++) {
        json_object_set_new(object, amounts->items[i].name, world_number(amounts->items[i].amount));
    }
    return object;
}

static json_t *pod_request(struct vector_run *v, const struct place *input)
{
    static const char *const TYPES[] = {[CORE_GPU_REGULAR] = "Regular",
                                        [CORE_GPU_FRACTION] = "Fraction",
                                        [CORE_GPU_MEMORY] = "GpuMemory",
                                        [CORE_GPU_MIG] = "MigInstance",
                                        [CORE_GPU_UNTYPED] = ""};
    struct place at = place_get(input, "pod");
    struct place overhead = place_get(&at, "overhead");
    struct core_pod pod = {.overhead = world_amounts(v, &overhead),
                           .annotations = texts_of(v, &at, "annotations"),
                           .labels = texts_of(v, &at, "labels")};
    pod.containers = containers_of(v, &at, "containers", &pod.container_count);
    pod.init_containers = containers_of(v, &at, "init_containers", &pod.init_container_count);
    pod.known.items = read_texts(&v->r, &at, "known_resources", &pod.known.count);
    if (v->r.failed) {
        return NULL;
    }
    struct core_pod_request request;
    core_pod_request(&pod, &v->arena, &request);
    json_t *gpu = json_object();
    json_object_set_new(gpu, "count", json_integer(request.gpu.count));
    json_object_set_new(gpu, "portion", json_real(request.gpu.portion));
    json_object_set_new(gpu, "memory_mib", json_integer(request.gpu.memory_mib));
    json_object_set_new(gpu, "mig", amounts_object(&request.gpu.mig));
    json_t *groups = json_array();
    for (size_t i = 0; i < request.groups.count; i++) {
        json_array_append_new(groups, json_string(request.groups.items[i]));
    }
    json_t *answer = answer_bool("legacy_mig", request.legacy_mig);
    json_object_set_new(answer, "request", amounts_object(&request.amounts));
    json_object_set_new(answer, "gpu_request", gpu);
    json_object_set_new(answer, "gpu_groups", groups);
    json_object_set_new(answer, "request_type", json_string(TYPES[request.kind]));
    return answer;
}

const struct vector_function vector_pod_functions[] = {
    {"pod_request", pod_request},
    {.name = NULL},
};
