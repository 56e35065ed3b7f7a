/* slurm_jobs.c - see slurm_jobs.h. */
#include "sim/workload/slurm_jobs.h"

#include <inttypes.h>

#include "sim/base/check.h"
#include "sim/workload/slurm_text.h"

void slurm_jobs_release(struct slurm_jobs *jobs)
{
    names_release(&jobs->ids);
    vec_release(&jobs->list);
    arena_release(&jobs->arena);
}

static int64_t less_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The sum of two durations of which either may be unknown; it stays within what a workload holds.
 */
static int64_t sum_us(int64_t a, int64_t b)
{
    return a == TIME_UNKNOWN ? b : b == TIME_UNKNOWN ? a : less_of(a + b, WORKLOAD_MOST_US);
}

/* Another attempt of a job that is known: the later one stays, since the first submit. */
static void merge_attempt(const struct slurm_jobs *jobs, struct slurm_job *known,
                          const struct slurm_job *other)
{
    struct slurm_job merged = other->submit_us >= known->submit_us ? *other : *known;
    merged.line = known->line;
    merged.submit_us = less_of(known->submit_us, other->submit_us);
    if (jobs->attempts == SLURM_ATTEMPTS_SUM) {
        merged.duration_us = sum_us(known->duration_us, other->duration_us);
    }
    *known = merged;
}

void slurm_jobs_add(struct slurm_jobs *jobs, const struct slurm_job *row)
{
    bool is_new = false;
    struct slurm_job added = *row;
    uint32_t number = names_add(&jobs->ids, row->id, &is_new);
    if (!is_new) {
        jobs->attempt_count++;
    }
    if (!is_new && jobs->attempts != SLURM_ATTEMPTS_EACH) {
        merge_attempt(jobs, &jobs->list.items[number], row);
        return;
    }
    while (!is_new) {
        struct text name = {0};
        text_add_bytes(&name, row->id.at, row->id.length);
        text_addf(&name, "#%" PRIu32, ++jobs->list.items[number].later_attempts + 1);
        added.id.at = arena_copy_text(&jobs->arena, name.bytes, name.length);
        added.id.length = name.length;
        text_release(&name);
        uint32_t other = names_add(&jobs->ids, added.id, &is_new);
        number = is_new ? other : number;
    }
    CHECK(number == jobs->list.count);
    vec_push(&jobs->list, added);
}

/* Adds a part of a heterogeneous job to the first. */
static void merge_part(struct slurm_jobs *jobs, struct slurm_job *sum, const struct slurm_job *part)
{
    sum->submit_us = less_of(sum->submit_us, part->submit_us);
    sum->duration_us = part->duration_us > sum->duration_us ? part->duration_us : sum->duration_us;
    sum->estimate_us = part->estimate_us > sum->estimate_us ? part->estimate_us : sum->estimate_us;
    sum->gpus = less_of(sum->gpus + part->gpus, WORKLOAD_MOST_GPUS);
    sum->cpu_milli = less_of(sum->cpu_milli + part->cpu_milli, WORKLOAD_MOST_AMOUNT);
    sum->memory_mib = less_of(sum->memory_mib + part->memory_mib, WORKLOAD_MOST_AMOUNT);
    sum->nodes = less_of(sum->nodes + part->nodes, WORKLOAD_MOST_TASKS);
    sum->mig = (struct mig_profile){0};
    sum->models = slurm_join_models(sum->models, part->models, &jobs->arena);
}

void slurm_jobs_merge_parts(struct slurm_jobs *jobs)
{
    struct names bases = {0};
    VEC(uint32_t) first = {0};
    for (size_t i = 0; i < jobs->list.count; i++) {
        struct slurm_job *job = &jobs->list.items[i];
        struct view part = {0};
        struct view base = view_trim(view_cut(job->id, '+', &part));
        bool is_new = false;
        if (part.at == NULL || base.length == 0) {
            continue;
        }
        uint32_t number = names_add(&bases, base, &is_new);
        job->id = base;
        if (is_new) {
            vec_push(&first, (uint32_t)i);
            continue;
        }
        CHECK(number < first.count);
        job->is_part = true;
        jobs->part_count++;
        merge_part(jobs, &jobs->list.items[first.items[number]], job);
    }
    names_release(&bases);
    vec_release(&first);
}

/* Deals the one task of the draft to `tasks`, each with `devices` of its GPUs. */
static void deal(struct job_draft *draft, int64_t tasks, int64_t devices)
{
    struct task_group *group = &draft->groups[0];
    draft->is_free = false;
    group->count = (uint32_t)tasks;
    group->min_count = (uint32_t)tasks;
    group->request.gpu_count = (uint32_t)devices;
    group->request.cpu_milli /= tasks;
    group->request.memory_mib /= tasks;
}

void slurm_job_set_shape(const struct slurm_job *job, bool by_nodes, struct job_draft *draft)
{
    job_draft_set_gpus(draft, (uint32_t)job->gpus);
    struct request *request = &draft->groups[0].request;
    request->cpu_milli = job->cpu_milli;
    request->memory_mib = job->memory_mib;
    int64_t nodes = job->nodes > 0 ? less_of(job->nodes, WORKLOAD_MOST_TASKS) : 1;
    bool is_even = job->gpus % nodes == 0;
    if (job->gpus == 0) {
        job_draft_split(draft, job->nodes);
    } else if (job->mig.compute_slices > 0) {
        request->kind = GPU_MIG;
        request->mig_profile = job->mig;
        int64_t tasks = is_even ? nodes : less_of(job->gpus, WORKLOAD_MOST_TASKS);
        deal(draft, tasks, job->gpus / tasks);
    } else if (by_nodes && is_even && job->nodes > 0) {
        deal(draft, nodes, job->gpus / nodes);
    }
}
