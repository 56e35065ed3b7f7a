/* losses.c - see losses.h. */
#include "sim/workload/losses.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { LONGEST_NOTE = 400 };

static const char *const sentences[LOSS_COUNT] = {
    [LOSS_SHARES] = "ask for parts of GPUs, which count as the whole GPUs that hold them",
    [LOSS_GANGS] = "have a shape of tasks or nodes, of which only the total is written",
    [LOSS_ELASTIC] = "can run with fewer tasks, which is not written",
    [LOSS_CPUS] = "ask for CPUs or memory, which are not written",
    [LOSS_MODELS] = "want certain GPU models, which are not written",
    [LOSS_LEVELS] = "want a topology level, which is not written",
    [LOSS_PRIORITY] = "have a priority, which is not written",
    [LOSS_PREEMPTIBLE] = "must not be preempted, which is not written",
    [LOSS_CHECKPOINT] = "have a checkpoint interval, which is not written",
    [LOSS_SPEEDS] = "work at other speeds on other GPU models, which is not written",
    [LOSS_BATCHES] = "change their batch size as they train, which is not written",
};

/* Does a job of this shape need what the loss is of? Only for losses that are of shapes. */
static bool shape_needs(const struct workload *workload, const struct shape *shape, enum loss loss)
{
    bool elastic = false;
    bool shares = false;
    bool cpus = false;
    bool gang = !shape->is_free;
    for (uint32_t i = 0; i < shape->group_count; i++) {
        const struct task_group *group = &workload->groups.items[shape->first_group + i];
        elastic = elastic || group->min_count != group->count;
        shares = shares || (group->request.kind != GPU_NONE && group->request.kind != GPU_WHOLE);
        cpus = cpus || group->request.cpu_milli > 0 || group->request.memory_mib > 0;
        /* One task of one GPU or none is what a total says too. */
        gang = gang && (shape->group_count > 1 || group->count > 1 || group->request.gpu_count > 1);
    }
    switch (loss) {
    case LOSS_SHARES:
        return shares;
    case LOSS_GANGS:
        return gang;
    case LOSS_ELASTIC:
        return elastic;
    case LOSS_CPUS:
        return cpus;
    case LOSS_MODELS:
        return shape->models != NAMES_NONE;
    case LOSS_LEVELS:
        return shape->required_level != NAMES_NONE || shape->preferred_level != NAMES_NONE;
    case LOSS_PRIORITY:
    case LOSS_PREEMPTIBLE:
    case LOSS_CHECKPOINT:
    case LOSS_SPEEDS:
    case LOSS_BATCHES:
    case LOSS_COUNT:
        break;
    }
    return false;
}

void losses_count(const struct workload *workload, struct losses *out)
{
    *out = (struct losses){0};
    uint32_t *jobs_of_shape = mem_alloc(workload->shapes.count, sizeof(*jobs_of_shape));
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        jobs_of_shape[job->shape]++;
        out->jobs[LOSS_PRIORITY] += job->priority != 0 ? 1 : 0;
        out->jobs[LOSS_PREEMPTIBLE] += job->preemptible ? 0 : 1;
        out->jobs[LOSS_CHECKPOINT] += job->checkpoint_us != TIME_UNKNOWN ? 1 : 0;
        bool has_class = job->speed_class != SPEED_NO_CLASS;
        bool changes = has_class && speeds_plan_of(&workload->speeds, job->speed_class) != NULL;
        out->jobs[LOSS_SPEEDS] += has_class ? 1 : 0;
        out->jobs[LOSS_BATCHES] += changes ? 1 : 0;
    }
    for (size_t s = 0; s < workload->shapes.count; s++) {
        for (int k = 0; k < LOSS_COUNT; k++) {
            bool needs = shape_needs(workload, &workload->shapes.items[s], (enum loss)k);
            out->jobs[k] += needs ? jobs_of_shape[s] : 0;
        }
    }
    free(jobs_of_shape);
}

void losses_note(struct names *notes, const char *fmt, ...)
{
    char note[LONGEST_NOTE];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(note, sizeof(note), fmt, args);
    va_end(args);
    (void)names_add(notes, view_of(note), NULL);
}

void losses_say(const struct losses *losses, const char *target, struct names *notes)
{
    for (int k = 0; k < LOSS_COUNT; k++) {
        if (losses->jobs[k] > 0) {
            losses_note(notes, "%s: %" PRIu64 " jobs %s", target, losses->jobs[k], sentences[k]);
        }
    }
}

void losses_say_batches(const struct workload *workload, struct names *notes)
{
    struct losses losses;
    losses_count(workload, &losses);
    struct losses only = {0};
    only.jobs[LOSS_BATCHES] = losses.jobs[LOSS_BATCHES];
    losses_say(&only, "native CSV", notes);
}

int64_t losses_whole_gpus(const struct workload *workload, uint32_t shape)
{
    const struct shape *s = &workload->shapes.items[shape];
    int64_t milli = workload_shape_gpu_milli(workload, shape);
    for (uint32_t i = 0; i < s->group_count; i++) {
        const struct task_group *group = &workload->groups.items[s->first_group + i];
        /* How much of a GPU its memory is depends on the node. */
        if (group->request.kind == GPU_MEMORY) {
            milli += INT64_C(1000) * group->count * group->request.gpu_count;
        }
    }
    return (milli + 999) / 1000;
}

int64_t losses_epoch_us(const struct workload *workload, const char *target, struct names *notes)
{
    if (workload->epoch_us >= 0) {
        return workload->epoch_us;
    }
    struct text epoch = {0};
    text_add_seconds(&epoch, workload->epoch_us);
    losses_note(notes, "%s: submit times are written since the first, which was at %s s", target,
                epoch.bytes);
    text_release(&epoch);
    return 0;
}
