/* worlds.c - see worlds.h. */
#include "worlds.h"

#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"

static uint32_t draw(gsl_rng *random, uint32_t least, uint32_t most)
{
    return least + (uint32_t)gsl_rng_uniform_int(random, most - least + 1);
}

/* Turns a job into something that the slow policies do not know. */
static void make_odd(struct world_job *job, const struct world *world, gsl_rng *random)
{
    switch (draw(random, 0, 7)) {
    case 0:
        job->gpus = world->nodes * world->gpus_a_node + 1;
        break;
    case 1:
        job->gpus = 0;
        break;
    case 2:
        job->estimate_s = draw(random, 1, 4);
        break;
    case 3:
        job->tasks = draw(random, 1, world->nodes);
        job->gpus = job->tasks * draw(random, 1, world->gpus_a_node);
        break;
    case 4:
        job->preemptible = false;
        break;
    case 5:
        job->gpus = 1;
        job->is_half = true;
        break;
    case 6:
        job->tasks = draw(random, 1, world->nodes * world->gpus_a_node);
        job->gpus = job->tasks;
        job->min_tasks = draw(random, 1, job->tasks);
        break;
    default:
        break;
    }
}

void world_draw(struct world *world, gsl_rng *random, enum world_kind kind)
{
    *world = (struct world){0};
    world->nodes = draw(random, 1, 4);
    world->gpus_a_node = draw(random, 1, 4);
    world->count = draw(random, 1, WORLD_MOST_JOBS);
    /* Dense worlds have many events at one instant, loose ones idle times. */
    uint32_t most_gap_s = draw(random, 0, 3);
    uint32_t most_duration_s = draw(random, 1, 12);
    uint32_t submit_s = 0;
    for (uint32_t i = 0; i < world->count; i++) {
        struct world_job *job = &world->jobs[i];
        submit_s += i == 0 ? 0 : draw(random, 0, most_gap_s); /* the first submit is time 0 */
        job->submit_s = submit_s;
        job->duration_s = draw(random, 0, most_duration_s);
        job->gpus = draw(random, 1, world->nodes * world->gpus_a_node);
        job->estimate_s = job->duration_s + draw(random, 0, 1) * draw(random, 0, 6);
        job->estimate_s = job->estimate_s < 1 ? 1 : job->estimate_s;
        job->preemptible = true;
        job->tenant = draw(random, 0, WORLD_TENANTS - 1);
        if (kind == WORLD_ANY) {
            make_odd(job, world, random);
        }
    }
}

void world_stretch(struct world *world, uint32_t factor)
{
    for (uint32_t i = 0; i < world->count; i++) {
        world->jobs[i].submit_s *= factor;
        world->jobs[i].duration_s *= factor;
        world->jobs[i].estimate_s *= factor;
    }
}

bool world_count_out(struct world *world, uint32_t count, uint64_t number)
{
    *world = (struct world){.nodes = 1, .gpus_a_node = 3, .count = count};
    uint32_t submit_s = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct world_job *job = &world->jobs[i];
        job->gpus = 1 + (uint32_t)(number % 3);
        number /= 3;
        job->duration_s = 1 + (uint32_t)(number % 2);
        number /= 2;
        job->estimate_s = job->duration_s + (uint32_t)(number % 2);
        number /= 2;
        if (i > 0) {
            submit_s += (uint32_t)(number % 2);
            number /= 2;
        }
        job->submit_s = submit_s;
        job->preemptible = true;
    }
    return number == 0;
}

/* Takes the lowest digit of the number. */
static uint32_t digit(uint64_t *number, uint32_t base)
{
    uint32_t value = (uint32_t)(*number % base);
    *number /= base;
    return value;
}

static uint32_t list_sizes(const struct world *world, uint32_t sizes[4])
{
    uint32_t wanted[] = {1, (world->gpus_a_node + 1) / 2, world->gpus_a_node,
                         world->nodes * world->gpus_a_node};
    uint32_t count = 0;
    for (uint32_t i = 0; i < 4; i++) {
        if (count == 0 || wanted[i] > sizes[count - 1]) {
            sizes[count++] = wanted[i];
        }
    }
    return count;
}

bool world_count_out_on(struct world *world, uint32_t count, uint64_t number)
{
    uint32_t nodes = world->nodes;
    uint32_t gpus_a_node = world->gpus_a_node;
    *world = (struct world){.nodes = nodes, .gpus_a_node = gpus_a_node, .count = count};
    uint32_t sizes[4];
    uint32_t size_count = list_sizes(world, sizes);
    bool gangs = nodes > 1 && digit(&number, 2) == 1;
    uint32_t submit_s = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct world_job *job = &world->jobs[i];
        job->gpus = sizes[digit(&number, size_count)];
        job->tasks = gangs ? job->gpus : 0;
        job->duration_s = 1 + 2 * digit(&number, 2);
        job->estimate_s = job->duration_s;
        submit_s += i > 0 ? digit(&number, 2) : 0;
        job->submit_s = submit_s;
        job->tenant = i % 2;
        job->preemptible = true;
    }
    return number == 0;
}

bool world_is_plain(const struct world *world)
{
    bool plain = true;
    for (uint32_t i = 0; i < world->count; i++) {
        const struct world_job *job = &world->jobs[i];
        plain = plain && job->tasks == 0 && !job->is_half && job->preemptible;
    }
    return plain;
}

static void add_job(struct workload *workload, const struct world *world, uint32_t i)
{
    const struct world_job *job = &world->jobs[i];
    struct job_draft draft;
    job_draft_init(&draft);
    struct text id = {0};
    text_addf(&id, "j%u", world->reversed_names ? 1000 - i : i);
    draft.id = (struct view){id.bytes, id.length};
    draft.submit_us = job->submit_s * SECOND_US;
    draft.duration_us = job->duration_s * SECOND_US;
    draft.estimate_us = job->estimate_s * SECOND_US;
    draft.preemptible = job->preemptible;
    struct text tenant = {0};
    uint32_t name = world->reversed_names ? 2 * WORLD_TENANTS - job->tenant : job->tenant;
    text_addf(&tenant, "t%u", name);
    draft.user = (struct view){tenant.bytes, tenant.length};
    draft.queue = draft.user;
    draft.models = view_of(world->names_models && job->gpus > 0 ? "usable" : "");
    job_draft_set_gpus(&draft, job->gpus);
    if (job->is_half) {
        draft.is_free = false;
        draft.groups[0].request.kind = GPU_FRACTION;
        draft.groups[0].request.gpu_milli = 500;
    } else if (job->tasks > 0) {
        draft.is_free = false;
        draft.groups[0].count = job->tasks;
        draft.groups[0].min_count = job->min_tasks > 0 ? job->min_tasks : job->tasks;
        draft.groups[0].request.gpu_count = job->gpus / job->tasks;
    }
    struct err err = {0};
    cr_assert(workload_add(workload, &draft, i + 1, &err), "%s", err.msg);
    text_release(&id);
    text_release(&tenant);
}

static void add_pool(struct text *json, const struct world *world, uint32_t nodes,
                     const char *model)
{
    text_addf(json, "{\"name\": \"%s\", \"nodes\": %u, \"gpus\": %u, \"gpu_model\": \"%s\"}", model,
              nodes, world->gpus_a_node, model);
}

/* The cluster of a world that cannot be said in the short form. */
static void read_cluster(const struct world *world, struct replay *replay)
{
    struct text json = {0};
    text_add(&json, "{\"pools\": [");
    add_pool(&json, world, world->nodes, "usable");
    if (world->spare_nodes > 0) {
        text_add(&json, ", ");
        add_pool(&json, world, world->spare_nodes, "spare");
    }
    text_add(&json, "]");
    for (uint32_t i = 0; world->has_queues && i < WORLD_TENANTS; i++) {
        double quota = (double)(world->nodes * world->gpus_a_node) / WORLD_TENANTS;
        text_addf(&json, "%s{\"name\": \"t%u\", \"gpu\": {\"quota\": %.17g, \"limit\": %u}}",
                  i == 0 ? ", \"queues\": [" : ", ", i, quota, world->limits[i]);
    }
    text_add(&json, world->has_queues ? "]}" : "}");
    struct file file = {.bytes = json.bytes, .length = json.length};
    cr_assert(cluster_from_json(&file, &replay->cluster, &replay->err), "%s", replay->err.msg);
    text_release(&json);
}

void world_replay(const struct world *world, struct replay *replay)
{
    struct text cluster = {0};
    text_addf(&cluster, "%ux%u", world->nodes, world->gpus_a_node);
    replay_init(replay, cluster.bytes);
    text_release(&cluster);
    if (world->names_models || world->has_queues) {
        cluster_release_all(&replay->cluster);
        read_cluster(world, replay);
    }
    for (uint32_t i = 0; i < world->count; i++) {
        add_job(&replay->workload, world, i);
    }
    cr_assert(workload_finish(&replay->workload, &replay->err), "%s", replay->err.msg);
}

void world_describe(struct text *text, const struct world *world)
{
    text_addf(text, "%ux%u:", world->nodes, world->gpus_a_node);
    for (uint32_t i = 0; world->has_queues && i < WORLD_TENANTS; i++) {
        text_addf(text, " limit %u of tenant %u,", world->limits[i], i);
    }
    for (uint32_t i = 0; i < world->count; i++) {
        const struct world_job *job = &world->jobs[i];
        text_addf(text, " [%u of %u at %u for %u est %u gpus %u%s%s", i, job->tenant, job->submit_s,
                  job->duration_s, job->estimate_s, job->gpus, job->is_half ? "/2" : "",
                  job->preemptible ? "" : " fixed");
        if (job->tasks > 0) {
            text_addf(text, " in %u tasks", job->tasks);
        }
        if (job->min_tasks > 0) {
            text_addf(text, ", %u do", job->min_tasks);
        }
        text_add(text, "]");
    }
}
