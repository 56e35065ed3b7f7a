/*
 * fuzz_engine_world.h - a small world out of bytes: a cluster whose nodes come and go, gangs of
 * groups of every kind of request, a policy and a placement rule, settings. Bytes that are used up
 * count as zeros.
 */
#ifndef TESTS_FUZZ_FUZZ_ENGINE_WORLD_H
#define TESTS_FUZZ_FUZZ_ENGINE_WORLD_H

#include "sim/base/check.h"
#include "sim/base/file.h"
#include "sim/base/mem.h"
#include "sim/cli/chosen.h"
#include "sim/cluster/cluster_file.h"
#include "sim/engine/engine.h"

enum { MOST_JOBS = 24, SECOND_US = 1000000, LONGEST_S = 3000 };

struct tape {
    const uint8_t *at;
    size_t left;
};

static inline unsigned ask(struct tape *tape, unsigned choices)
{
    if (tape->left == 0) {
        return 0;
    }
    tape->left--;
    return *tape->at++ % choices;
}

struct world {
    struct workload workload;
    struct cluster cluster;
    struct engine_settings settings;
    struct chosen_policy policy;
    struct chosen_place place;
};

/* -- cluster --------------------------------------------------------------------------------- */

static inline void add_supply(struct tape *tape, unsigned nodes, struct text *out)
{
    unsigned a = ask(tape, 200);
    unsigned b = 1 + ask(tape, 200);
    switch (ask(tape, 12)) {
    case 1:
        text_addf(out, ", \"arrives_s\": %u", a);
        break;
    case 2:
        text_addf(out, ", \"leaves_s\": %u", a + 1);
        break;
    case 3:
        text_addf(out, ", \"maintenance\": [{\"from_s\": %u, \"to_s\": %u, \"drain_s\": %u}]", a,
                  a + b, a % 50);
        break;
    case 4:
        text_addf(out, ", \"spot\": {\"mean_up_h\": 0.%02u, \"mean_away_h\": 0.0%u}", 1 + b % 99,
                  1 + a % 9);
        break;
    case 5:
        text_addf(out,
                  ", \"elastic\": {\"demand_gpus\": %u, \"wait_s\": %u, \"start_s\": %u, "
                  "\"idle_s\": %u, \"least_s\": %u, \"most_nodes\": %u}",
                  a % 4, b, a % 30, b % 60, a % 100, 1 + a % nodes);
        break;
    default:
        break;
    }
}

static inline void add_pool(struct tape *tape, unsigned number, struct text *out)
{
    unsigned nodes = 1 + ask(tape, 4);
    unsigned kind = ask(tape, 8);
    text_addf(out, "%s{\"name\": \"p%u\", \"nodes\": %u, \"gpus\": %u, \"gpu_memory_mib\": 81920",
              number > 0 ? ", " : "", number, nodes, ask(tape, 6));
    text_addf(out, ", \"gpu_model\": \"%c\"", 'A' + (int)(kind % 2));
    text_add(out, kind / 2 == 1 ? ", \"mig\": [\"1g.10gb\", \"3g.40gb\"]" : "");
    if (kind / 2 == 2) {
        text_addf(out, ", \"cpus\": %u, \"memory_mib\": 9000", 2 + ask(tape, 30));
    }
    add_supply(tape, nodes, out);
    text_addf(out, ", \"labels\": {\"rack\": \"r%u\", \"team\": \"q%u\"}}", number % 2, number % 3);
}

static inline void add_queues(struct tape *tape, struct text *out)
{
    text_add(out, ", \"queues\": [{\"name\": \"root\", \"gpu\": {\"quota\": -1, \"limit\": -1, "
                  "\"weight\": 1}}");
    for (unsigned i = 0; i < 3; i++) {
        int limit = (int)ask(tape, 8) - 1;
        unsigned quota = ask(tape, 5);
        unsigned weight = ask(tape, 4);
        text_addf(out,
                  ", {\"name\": \"q%u\", \"parent\": \"root\", \"gpu\": {\"quota\": %u, \"limit\": "
                  "%d, \"weight\": %u}}",
                  i, quota, limit, weight);
    }
    text_add(out, "]");
}

static inline bool make_cluster(struct tape *tape, struct world *world, struct err *err)
{
    struct text json = {0};
    unsigned kind = ask(tape, 4);
    unsigned pools = 1 + ask(tape, 3);
    text_add(&json, kind % 2 == 1 ? "{\"topology\": [\"rack\"], \"pools\": [" : "{\"pools\": [");
    for (unsigned i = 0; i < pools; i++) {
        add_pool(tape, i, &json);
    }
    text_add(&json, "]");
    if (kind / 2 == 1) {
        add_queues(tape, &json);
    }
    text_add(&json, "}");
    struct file file = {.bytes = json.bytes, .length = json.length};
    bool ok = cluster_from_json(&file, &world->cluster, err);
    text_release(&json);
    return ok;
}

/* -- jobs ------------------------------------------------------------------------------------ */

static inline void make_group(struct tape *tape, struct task_group *group)
{
    struct request *request = &group->request;
    unsigned kind = ask(tape, 12);
    memset(request, 0, sizeof(*request));
    request->gpu_count = 1;
    if (kind == 8) {
        request->kind = GPU_FRACTION;
        request->gpu_milli = 100 * (1 + ask(tape, 9));
        request->gpu_count = 1 + ask(tape, 2);
    } else if (kind == 9) {
        request->kind = GPU_MEMORY;
        request->gpu_memory_mib = 5000 * (1 + (int64_t)ask(tape, 20));
    } else if (kind == 10) {
        request->kind = GPU_MIG;
        request->mig_profile =
            ask(tape, 2) == 0 ? (struct mig_profile){1, 10} : (struct mig_profile){3, 40};
    } else if (kind == 11) {
        request->kind = GPU_NONE;
        request->gpu_count = 0;
        request->cpu_milli = 500 * (1 + (int64_t)ask(tape, 9));
    } else {
        request->kind = GPU_WHOLE;
        request->gpu_count = 1 + kind % 4;
        request->cpu_milli = kind >= 4 ? 1000 : 0;
    }
    group->count = 1 + ask(tape, 4);
    group->min_count = 1 + ask(tape, group->count);
}

static inline void make_shape(struct tape *tape, struct job_draft *draft)
{
    unsigned kind = ask(tape, 6);
    if (kind >= 4) {
        job_draft_set_gpus(draft, ask(tape, 14));
        return;
    }
    draft->group_count = 1 + kind / 2 + kind / 3;
    for (uint32_t i = 0; i < draft->group_count; i++) {
        make_group(tape, &draft->groups[i]);
    }
}

/* As importers do: a job asks for no model on which it cannot work. */
static inline void keep_to_able_models(struct job_draft *draft, struct text *able)
{
    if (draft->speed_class == SPEED_NO_CLASS ||
        speeds_suit(draft->speeds, draft->speed_class, draft->models, able)) {
        return;
    }
    if (able->length > 0) {
        draft->models = (struct view){able->bytes, able->length};
    } else {
        draft->speed_class = SPEED_NO_CLASS;
    }
}

static inline bool add_job(struct tape *tape, unsigned number, int64_t submit_us,
                           struct world *world, struct err *err)
{
    static const char *const models[] = {"", "", "", "A", "B", "A|B"};
    static const char *const queues[] = {"q0", "q1", "q2"};
    struct job_draft draft;
    struct text id = {0};
    job_draft_init(&draft);
    text_addf(&id, "j%u", number);
    unsigned flags = ask(tape, 256);
    draft.id = view_of(id.bytes);
    draft.user = view_of(queues[flags % 2]);
    draft.queue = view_of(queues[flags % 3]);
    draft.models = view_of(models[ask(tape, 6)]);
    draft.submit_us = submit_us;
    draft.duration_us = ask(tape, 120) * (flags % 5 == 0 ? 1 : (int64_t)SECOND_US);
    draft.estimate_us = (flags & 8) != 0 ? TIME_UNKNOWN : (1 + (int64_t)ask(tape, 200)) * SECOND_US;
    draft.checkpoint_us = (flags & 16) != 0 ? 10 * (int64_t)SECOND_US : TIME_UNKNOWN;
    draft.priority = flags / 64 * 50;
    draft.preemptible = (flags & 32) == 0;
    unsigned level = ask(tape, 6);
    draft.required_level = view_of(level == 1 ? "rack" : "");
    draft.preferred_level = view_of(level == 2 ? "rack" : "");
    draft.speeds = &world->workload.speeds;
    draft.speed_class = ask(tape, 4) == 1 ? 1 : SPEED_NO_CLASS;
    make_shape(tape, &draft);
    struct text able = {0};
    keep_to_able_models(&draft, &able);
    bool ok = workload_add(&world->workload, &draft, number + 1, err);
    text_release(&able);
    text_release(&id);
    return ok;
}

static inline bool make_jobs(struct tape *tape, struct world *world, struct err *err)
{
    unsigned count = 1 + ask(tape, MOST_JOBS);
    int64_t submit_us = 0;
    workload_init(&world->workload);
    CHECK(speeds_add(&world->workload.speeds, view_of("c"), 1 + ask(tape, 5)) == 1);
    speeds_tell(&world->workload.speeds, view_of("A"), 1 + ask(tape, 9));
    speeds_tell(&world->workload.speeds, view_of("B"), 0.5 * ask(tape, 9));
    for (unsigned i = 0; i < count; i++) {
        unsigned gap = ask(tape, 64);
        submit_us += gap < 32 ? 0 : gap < 40 ? gap : (gap - 39) * (int64_t)SECOND_US;
        if (!add_job(tape, i, submit_us, world, err)) {
            return false;
        }
    }
    return workload_finish(&world->workload, err);
}

/* -- policy, rule, settings ------------------------------------------------------------------ */

/* ":key=value,..." of some of the parameters that are not numbers. */
static inline void add_choices(struct tape *tape, const struct param_spec *specs, struct text *out)
{
    char between = ':';
    for (; specs != NULL && specs->name != NULL; specs++) {
        bool is_choice = specs->type == PARAM_CHOICE;
        if ((!is_choice && specs->type != PARAM_BOOL) || ask(tape, 4) != 1) {
            continue;
        }
        text_addf(out, "%c%s=", between, specs->name);
        between = ',';
        struct view rest = view_of(is_choice ? specs->choices : "true|false");
        struct view word = view_cut(rest, '|', &rest);
        for (unsigned skip = ask(tape, 4); skip > 0 && rest.at != NULL; skip--) {
            word = view_cut(rest, '|', &rest);
        }
        text_addf(out, "%.*s", VIEW_ARG(word));
    }
}

/* Policy number 0 stays without operations: the tape decides. */
static inline bool choose(struct tape *tape, struct world *world, struct err *err)
{
    unsigned policies = 1;
    unsigned places = 0;
    while (sched_policies[policies - 1] != NULL) {
        policies++;
    }
    while (place_rules[places] != NULL) {
        places++;
    }
    struct text name = {0};
    unsigned which = ask(tape, 3) == 0 ? 0 : ask(tape, policies);
    bool ok = true;
    if (which > 0) {
        text_add(&name, sched_policies[which - 1]->name);
        add_choices(tape, sched_policies[which - 1]->params, &name);
        ok = chosen_policy_read(name.bytes, &world->policy, err);
    }
    text_clear(&name);
    const struct place_ops *place = place_rules[ask(tape, places)];
    text_add(&name, place->name);
    add_choices(tape, place->params, &name);
    ok = ok && chosen_place_read(name.bytes, &world->place, err);
    text_release(&name);
    return ok;
}

static inline void make_costs(struct tape *tape, struct engine_settings *settings)
{
    settings->checkpoint_us = ask(tape, 30) * (int64_t)SECOND_US;
    settings->save_us = ask(tape, 4) * (int64_t)SECOND_US;
    settings->restore_us = ask(tape, 10) * (int64_t)SECOND_US;
    settings->start_us = ask(tape, 5) * (int64_t)SECOND_US / 2;
    settings->finish_us = ask(tape, 4) * (int64_t)SECOND_US;
    settings->over_nodes_ppm = ask(tape, 3) * 400000;
    settings->over_domains_ppm = ask(tape, 3) * 400000;
    settings->sharing_ppm = ask(tape, 3) * 400000;
    if (ask(tape, 2) == 1) {
        settings->stop_cost_count = 1;
        settings->stop_costs[0] = (struct stop_cost){INT64_MAX, 7 * (int64_t)SECOND_US};
    }
}

static inline void make_settings(struct tape *tape, struct engine_settings *settings)
{
    static const char *const failures[] = {"node=mtbf:300,repair:20", "gpu=mtbf:900,repair:9",
                                           "node=mtbf:900,repair:0,shape:2;gpu=mtbf:500,repair:60",
                                           "rack=mtbf:600,repair:50"};
    struct err err = {0};
    engine_settings_init(settings);
    unsigned flags = ask(tape, 256);
    settings->pass = (flags & 3) == 3 ? PASS_EVENT : (flags & 3) == 2 ? PASS_PERIOD : PASS_INSTANT;
    settings->pass_period_us = 7 * (int64_t)SECOND_US;
    settings->tie = (flags & 4) != 0 ? TIE_SUBMIT : TIE_FINISH;
    settings->oversize = (flags & 8) != 0 ? OVERSIZE_CLIP : OVERSIZE_REJECT;
    settings->estimates = (enum estimates)(flags / 16 % 4);
    settings->noise_sigma = 0.7;
    settings->last_k = 2;
    settings->isolate = (flags & 192) == 192 ? "team" : NULL;
    settings->seed = ask(tape, 256);
    settings->audit = true;
    settings->horizon_us = (1 + (int64_t)ask(tape, 10)) * LONGEST_S / 10 * SECOND_US;
    if (ask(tape, 3) == 1) {
        make_costs(tape, settings);
    }
    unsigned which = ask(tape, 10);
    if (which >= 1 && which <= 4) {
        settings->supply = mem_alloc(1, sizeof(*settings->supply));
        CHECK(supply_spec_read_failures(settings->supply, view_of(failures[which - 1]), &err));
    }
}

/* False with *err filled: there is no such world. To be released in either case. */
static inline bool world_make(struct tape *tape, struct world *world, struct err *err)
{
    *world = (struct world){0};
    make_settings(tape, &world->settings);
    return choose(tape, world, err) && make_cluster(tape, world, err) &&
           make_jobs(tape, world, err);
}

static inline void world_release(struct world *world)
{
    supply_spec_free(world->settings.supply);
    free(world->policy.params);
    free(world->place.params);
    workload_release(&world->workload);
    if (world->cluster.nodes.count > 0) {
        cluster_release_all(&world->cluster);
    }
}

#endif
