/* world.c - see world.h. */
#include "world.h"

#include <criterion/criterion.h>

#include "sim/cli/chosen.h"
#include "sim/workload/trace_format.h"

void study_world_init(struct study_world *world, const char *preset, const char *cluster,
                      uint64_t jobs)
{
    struct err err = {0};
    *world = (struct study_world){.factors = {1, 0.5}};
    cr_assert(generate_model_read(view_of(generate_preset_find(preset)), &world->model, &err));
    cr_assert(trace_read_cluster(cluster, NULL, &world->cluster, &err));
    world->replicate = (struct replicate){
        .kind = REPLICATE_MODEL,
        .seed = 1,
        .model = &world->model,
        .options = {.jobs = jobs},
        .base = &world->base,
    };
    cr_assert(generate_workload(&world->model, 1, &world->replicate.options, &world->base, &err));
    engine_settings_init(&world->settings);
    report_options_init(&world->report);
    world->plan = (struct grid_plan){
        .settings = &world->settings,
        .report = &world->report,
        .cluster = &world->cluster,
        .replicate = &world->replicate,
        .policies = world->policies,
        .factors = world->factors,
        .warmup_us = world->warmup_us,
        .load_count = 2,
        .threads = 1,
    };
}

void study_world_release(struct study_world *world)
{
    for (uint32_t i = 0; i < 2 * world->plan.policy_count; i++) {
        free(world->params[i]);
    }
    workload_release(&world->base);
    cluster_release_all(&world->cluster);
    generate_model_release(&world->model);
}

void study_world_add(struct study_world *world, const char *policy)
{
    struct err err = {0};
    struct chosen_policy chosen;
    struct chosen_place place;
    uint32_t at = world->plan.policy_count++;
    cr_assert(chosen_policy_read(policy, &chosen, &err), "%s", err.msg);
    cr_assert(chosen_place_read("consolidate", &place, &err), "%s", err.msg);
    world->policies[at] = (struct grid_policy){.label = policy,
                                               .ops = chosen.ops,
                                               .params = chosen.params,
                                               .place = place.ops,
                                               .place_params = place.params};
    world->params[2 * at] = chosen.params;
    world->params[2 * at + 1] = place.params;
}
