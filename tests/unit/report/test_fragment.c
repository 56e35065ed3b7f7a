/* test_fragment.c - fragmentation of worlds that can be worked out by hand, and of random ones. */
#include <criterion/criterion.h>

#include "sim/base/rng.h"
#include "sim/report/fragment.h"
#include "tests/unit/report/story.h"

struct world {
    struct workload workload;
    struct cluster cluster;
    struct fragment fragment;
    char id[16];
};

/* `nodes` nodes of two GPUs of model A, 8 CPUs and 64 GiB. */
static void world_init(struct world *world, uint32_t nodes)
{
    *world = (struct world){0};
    struct err err = {0};
    workload_init(&world->workload);
    cluster_init(&world->cluster, NULL, 0);
    struct pool pool = {.name = "a",
                        .node_count = nodes,
                        .gpu_count = 2,
                        .model = names_add(&world->cluster.models, view_of("A"), NULL),
                        .gpu_memory_mib = 16384,
                        .cpu_milli = 8000,
                        .memory_mib = 65536};
    struct node_draft node = {0};
    cr_assert(cluster_add_pool(&world->cluster, &pool, &node, &err), "%s", err.msg);
    cluster_finish(&world->cluster);
}

/* `count` jobs of one task each that ask for this. */
static void add_jobs(struct world *world, uint32_t count, struct request request,
                     const char *models)
{
    for (uint32_t i = 0; i < count; i++) {
        struct job_draft draft;
        job_draft_init(&draft);
        (void)snprintf(world->id, sizeof(world->id), "j%zu", world->workload.jobs.count);
        draft.id = view_of(world->id);
        draft.models = view_of(models);
        draft.submit_us = 0;
        draft.duration_us = SECOND_US;
        draft.groups[0].request = request;
        struct err err = {0};
        cr_assert(workload_add(&world->workload, &draft, 1, &err), "%s", err.msg);
    }
}

static const struct request whole = {.kind = GPU_WHOLE, .gpu_count = 1, .cpu_milli = 1000};
static const struct request half = {.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 500};

static void begin(struct world *world, double share)
{
    struct err err = {0};
    cr_assert(workload_finish(&world->workload, &err), "%s", err.msg);
    fragment_init(&world->fragment, &world->workload, &world->cluster, share);
}

static void world_release(struct world *world)
{
    fragment_release(&world->fragment);
    workload_release(&world->workload);
    cluster_release_all(&world->cluster);
}

static void start(struct world *world, uint32_t job, struct request request, uint32_t node)
{
    struct grant grant;
    cluster_choose(&world->fragment.cluster, node, &request, &grant);
    struct log_record record = {.kind = LOG_START, .job = job, .grants = &grant, .grant_count = 1};
    fragment_add(&world->fragment, &record);
}

static void tell(struct world *world, enum log_kind kind, uint32_t job)
{
    struct log_record record = {.kind = kind, .job = job};
    fragment_add(&world->fragment, &record);
}

static void expect(struct world *world, double milli, int64_t stranded_milli)
{
    double found = fragment_milli(&world->fragment);
    cr_assert_float_eq(found, milli, 1e-9, "%.12g milli-GPUs, expected %.12g", found, milli);
    cr_assert_eq(fragment_stranded_milli(&world->fragment), stranded_milli);
    cr_assert_float_eq(fragment_recompute_milli(&world->fragment), milli, 1e-9);
}

Test(fragment, counts_rests_too_small_for_a_kind)
{
    struct world world;
    world_init(&world, 2);
    add_jobs(&world, 1, whole, "");
    add_jobs(&world, 3, half, "");
    begin(&world, 1);
    expect(&world, 0, 0);
    /* 0.5 is left on one GPU: no use for the one whole task of four. */
    start(&world, 1, half, 0);
    expect(&world, 500.0 / 4, 0);
    /* 0.4 is left on another node's: no use for anybody. */
    struct request larger = half;
    larger.gpu_milli = 600;
    start(&world, 2, larger, 1);
    expect(&world, 500.0 / 4 + 400, 400);
    tell(&world, LOG_PREEMPT, 2);
    tell(&world, LOG_FINISH, 1);
    expect(&world, 0, 0);
    world_release(&world);
}

Test(fragment, counts_all_gpus_of_a_node_without_cpu)
{
    struct world world;
    world_init(&world, 1);
    add_jobs(&world, 2, whole, "");
    begin(&world, 1);
    start(&world, 0, (struct request){.cpu_milli = 7500}, 0);
    expect(&world, 2000, 2000);
    world_release(&world);
}

Test(fragment, counts_all_gpus_for_tasks_of_another_model)
{
    struct world world;
    world_init(&world, 1);
    add_jobs(&world, 1, whole, "B");
    add_jobs(&world, 1, whole, "A|B");
    begin(&world, 1);
    expect(&world, 1000, 0);
    world_release(&world);
}

Test(fragment, counts_all_gpus_for_tasks_without_gpus)
{
    struct world world;
    world_init(&world, 1);
    add_jobs(&world, 3, (struct request){.cpu_milli = 1000}, "");
    add_jobs(&world, 1, half, "");
    begin(&world, 1);
    expect(&world, 1500, 0);
    world_release(&world);
}

Test(fragment, knows_the_most_frequent_kinds_only)
{
    struct world world;
    world_init(&world, 1);
    add_jobs(&world, 1, (struct request){.cpu_milli = 1000}, "");
    add_jobs(&world, 9, half, "");
    begin(&world, 0.9);
    cr_assert_eq(world.fragment.kinds.count, 1);
    expect(&world, 0, 0);
    struct report_fragmentation numbers = fragment_numbers(&world.fragment);
    cr_assert_float_eq(numbers.tasks_share, 0.9, 1e-12);
    world_release(&world);
}

Test(fragment, averages_over_time)
{
    struct world world;
    world_init(&world, 1);
    add_jobs(&world, 2, whole, "");
    begin(&world, 1);
    fragment_add_time(&world.fragment, 3 * SECOND_US);
    start(&world, 0, half, 0);
    fragment_add_time(&world.fragment, SECOND_US);
    struct report_fragmentation numbers = fragment_numbers(&world.fragment);
    cr_assert_eq(numbers.kinds, 1);
    cr_assert_float_eq(numbers.gpus, 0.5 / 4, 1e-12);
    cr_assert_float_eq(numbers.stranded_gpus, 0.5 / 4, 1e-12);
    cr_assert_float_eq(numbers.of_free, 0.5 / 7.5, 1e-12);
    world_release(&world);
}

/* A job that grows gives back what it held first, or the copy of the cluster would refuse. */
Test(fragment, takes_what_a_resized_job_holds_now)
{
    struct world world;
    world_init(&world, 1);
    add_jobs(&world, 1, whole, "");
    begin(&world, 1);
    start(&world, 0, half, 0);
    struct grant grant = {.node = 0, .gpus = 3, .gpu_milli = 2000};
    struct log_record record = {.kind = LOG_RESIZE, .job = 0, .grants = &grant, .grant_count = 1};
    fragment_add(&world.fragment, &record);
    expect(&world, 0, 0);
    cr_assert_eq(world.fragment.cluster.free_gpu_milli, 0);
    world_release(&world);
}

Test(fragment, equals_a_fresh_look_after_random_starts_and_ends)
{
    enum { NODES = 5, JOBS = 40, STEPS = 2000 };
    struct world world;
    world_init(&world, NODES);
    struct request small = {
        .kind = GPU_MEMORY, .gpu_count = 1, .gpu_memory_mib = 5000, .cpu_milli = 500};
    struct request pair = {.kind = GPU_WHOLE, .gpu_count = 2, .cpu_milli = 4000};
    const struct request kinds[] = {whole, half, small, pair};
    for (uint32_t i = 0; i < JOBS; i++) {
        add_jobs(&world, 1, kinds[i % 4], "");
    }
    begin(&world, 1);
    gsl_rng *stream = rng_new(7, "fragment", 0);
    bool runs[JOBS] = {false};
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t job = (uint32_t)gsl_rng_uniform_int(stream, JOBS);
        uint32_t node = (uint32_t)gsl_rng_uniform_int(stream, NODES);
        if (runs[job]) {
            tell(&world, LOG_FINISH, job);
            runs[job] = false;
        } else if (cluster_fits(&world.fragment.cluster, node, &kinds[job % 4])) {
            start(&world, job, kinds[job % 4], node);
            runs[job] = true;
        }
        double found = fragment_milli(&world.fragment);
        cr_assert_float_eq(found, fragment_recompute_milli(&world.fragment), 1e-6, "step %u", step);
    }
    gsl_rng_free(stream);
    world_release(&world);
}
