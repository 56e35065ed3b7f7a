/* worlds.c - see worlds.h. */
#include "worlds.h"

#include <criterion/criterion.h>

static uint32_t draw(gsl_rng *random, uint32_t least, uint32_t most)
{
    return least + (uint32_t)gsl_rng_uniform_int(random, most - least + 1);
}

/* Turns a job into something that the slow policies do not know. */
static void make_odd(struct world_job *job, const struct world *world, gsl_rng *random)
{
    switch (draw(random, 0, 5)) {
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
        if (kind == WORLD_ANY) {
            make_odd(job, world, random);
        }
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
    job_draft_set_gpus(&draft, job->gpus);
    if (job->tasks > 0) {
        draft.is_free = false;
        draft.groups[0].count = job->tasks;
        draft.groups[0].min_count = job->tasks;
        draft.groups[0].request.gpu_count = job->gpus / job->tasks;
    }
    struct err err = {0};
    cr_assert(workload_add(workload, &draft, i + 1, &err), "%s", err.msg);
    text_release(&id);
}

void world_replay(const struct world *world, struct replay *replay)
{
    struct text cluster = {0};
    text_addf(&cluster, "%ux%u", world->nodes, world->gpus_a_node);
    replay_init(replay, cluster.bytes);
    text_release(&cluster);
    for (uint32_t i = 0; i < world->count; i++) {
        add_job(&replay->workload, world, i);
    }
    cr_assert(workload_finish(&replay->workload, &replay->err), "%s", replay->err.msg);
}

void world_describe(struct text *text, const struct world *world)
{
    text_addf(text, "%ux%u:", world->nodes, world->gpus_a_node);
    for (uint32_t i = 0; i < world->count; i++) {
        const struct world_job *job = &world->jobs[i];
        text_addf(text, " [%u at %u for %u est %u gpus %u%s", i, job->submit_s, job->duration_s,
                  job->estimate_s, job->gpus, job->preemptible ? "" : " fixed");
        if (job->tasks > 0) {
            text_addf(text, " in %u tasks", job->tasks);
        }
        text_add(text, "]");
    }
}
