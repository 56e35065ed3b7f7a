/* test_pod.c - what a whole pod asks for: containers, init containers, sidecars, annotations. */
#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include "policies/core/pod.h"

#define REQUESTS(...)                                                                              \
    {                                                                                              \
        (const struct core_amount[]){__VA_ARGS__},                                                 \
            sizeof((const struct core_amount[]){__VA_ARGS__}) / sizeof(struct core_amount)         \
    }
#define ANNOTATIONS(...)                                                                           \
    {                                                                                              \
        (const struct core_label[]){__VA_ARGS__},                                                  \
            sizeof((const struct core_label[]){__VA_ARGS__}) / sizeof(struct core_label)           \
    }

static double amount(const struct core_pod_request *request, const char *name)
{
    for (size_t i = 0; i < request->amounts.count; i++) {
        if (strcmp(request->amounts.items[i].name, name) == 0) {
            return request->amounts.items[i].amount;
        }
    }
    return 0;
}

static void asks(const struct core_pod_request *request, const char *name, double expected)
{
    cr_expect(fabs(amount(request, name) - expected) < 1e-9, "%s: %g, expected %g", name,
              amount(request, name), expected);
}

Test(pod, containers_are_added_in_the_units_of_the_core)
{
    struct arena arena = {0};
    struct core_pod_request out;
    const struct core_container both[] = {
        {.requests = REQUESTS({"cpu", 0.5}, {"memory", 1000}, {"nvidia.com/gpu", 1})},
        {.requests = REQUESTS({"cpu", 1.25}, {"example.com/disk", 2})}};
    const char *const known[] = {"example.com/disk"};
    const struct core_pod pod = {.containers = both, .container_count = 2, .known = {known, 1}};
    core_pod_request(&pod, &arena, &out);
    asks(&out, "cpu", 1750);
    asks(&out, "memory", 1000);
    asks(&out, "example.com/disk", 2000);
    asks(&out, "gpu", 1);
    asks(&out, "pods", 1);
    cr_expect_eq(out.kind, CORE_GPU_REGULAR);
    arena_release(&arena);
}

Test(pod, a_resource_that_no_node_has_is_dropped)
{
    struct arena arena = {0};
    struct core_pod_request out;
    const struct core_container one = {.requests = REQUESTS({"example.com/disk", 2})};
    const struct core_pod pod = {.containers = &one, .container_count = 1};
    core_pod_request(&pod, &arena, &out);
    asks(&out, "example.com/disk", 0);
    cr_expect_eq(out.amounts.count, 1);
    arena_release(&arena);
}

/* An init container runs alone with the sidecars that started before it; the larger need counts. */
Test(pod, init_containers_count_when_they_are_larger_and_sidecars_stay)
{
    struct arena arena = {0};
    struct core_pod_request out;
    const struct core_container main = {.requests = REQUESTS({"cpu", 1})};
    const struct core_container init[] = {{.requests = REQUESTS({"cpu", 3}, {"nvidia.com/gpu", 2})},
                                          {.requests = REQUESTS({"cpu", 0.5}), .sidecar = true},
                                          {.requests = REQUESTS({"cpu", 2.75})}};
    const struct core_pod pod = {.containers = &main,
                                 .container_count = 1,
                                 .init_containers = init,
                                 .init_container_count = 3,
                                 .overhead = REQUESTS({"cpu", 0.125})};
    core_pod_request(&pod, &arena, &out);
    asks(&out, "cpu", 3375); /* the third with its sidecar, 3250, and the overhead */
    asks(&out, "gpu", 2);
    arena_release(&arena);
}

Test(pod, annotations_ask_for_shares)
{
    static const struct {
        struct core_label annotations[2];
        enum core_gpu_kind kind;
        int64_t count, memory_mib;
        double portion;
    } ROWS[] = {
        {{{"gpu-fraction", "0.5"}, {"x", ""}}, CORE_GPU_FRACTION, 1, 0, 0.5},
        {{{"gpu-fraction", "0.5"}, {"gpu-fraction-num-devices", "3"}},
         CORE_GPU_FRACTION,
         3,
         0,
         0.5},
        {{{"gpu-memory", "400"}, {"x", ""}}, CORE_GPU_MEMORY, 1, 400, 0},
        {{{"gpu-memory", "400"}, {"gpu-fraction", "0.25"}}, CORE_GPU_FRACTION, 1, 0, 0.25},
        {{{"gpu-fraction", "1.5"}, {"x", ""}}, CORE_GPU_REGULAR, 0, 0, 0},
        {{{"gpu-fraction", "much"}, {"x", ""}}, CORE_GPU_REGULAR, 0, 0, 0},
        {{{"gpu-memory", "-4"}, {"gpu-fraction-num-devices", "3"}}, CORE_GPU_REGULAR, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct arena arena = {0};
        struct core_pod_request out;
        const struct core_pod pod = {.annotations = {ROWS[i].annotations, 2}};
        core_pod_request(&pod, &arena, &out);
        cr_expect_eq(out.kind, ROWS[i].kind, "row %zu", i);
        cr_expect_eq(out.gpu.count, ROWS[i].count, "row %zu", i);
        cr_expect_eq(out.gpu.memory_mib, ROWS[i].memory_mib, "row %zu", i);
        cr_expect(fabs(out.gpu.portion - ROWS[i].portion) < 1e-12, "row %zu", i);
        arena_release(&arena);
    }
}

Test(pod, mig_profiles_make_a_mig_request)
{
    struct arena arena = {0};
    struct core_pod_request out;
    const char *const known[] = {"nvidia.com/mig-1g.5gb"};
    const struct core_container one = {.requests = REQUESTS({"nvidia.com/mig-1g.5gb", 2})};
    const struct core_pod pod = {.containers = &one, .container_count = 1, .known = {known, 1}};
    core_pod_request(&pod, &arena, &out);
    cr_expect_eq(out.kind, CORE_GPU_MIG);
    cr_assert_eq(out.gpu.mig.count, 1);
    asks(&out, "nvidia.com/mig-1g.5gb", 2);
    cr_expect_not(out.legacy_mig);
    const struct core_pod old = {.annotations = ANNOTATIONS({"nvidia.com/mig-1g.5gb", "3"}),
                                 .known = {known, 1}};
    core_pod_request(&old, &arena, &out);
    cr_expect(out.legacy_mig);
    asks(&out, "nvidia.com/mig-1g.5gb", 3);
    arena_release(&arena);
}

Test(pod, a_label_names_the_shared_gpu)
{
    struct arena arena = {0};
    struct core_pod_request out;
    const struct core_pod pod = {.labels = ANNOTATIONS({"runai-gpu-group", "g7"})};
    core_pod_request(&pod, &arena, &out);
    cr_assert_eq(out.groups.count, 1);
    cr_expect_str_eq(out.groups.items[0], "g7");
    arena_release(&arena);
}
