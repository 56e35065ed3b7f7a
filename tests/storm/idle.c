/*
 * idle.c - nobody waits beside room: after a cycle of kai in which nobody was evicted, a job of one
 * task that fits on a node beside all others, and that no limit or quota holds up, is not left
 * pending. See queues.h.
 */
#include <inttypes.h>

#include "judge.h"

/* What a task of whole GPUs asks for, or NULL: the job asks for something else. */
static const struct request *plain_task(const struct judge *judge, uint32_t job)
{
    const struct workload *workload = judge->workload;
    const struct shape *shape = &workload->shapes.items[workload->jobs.items[job].shape];
    const struct task_group *group = &workload->groups.items[shape->first_group];
    bool one = shape->group_count == 1 && group->count == 1 && group->request.kind == GPU_WHOLE &&
               (!shape->is_free || group->request.gpu_count == 1);
    return one && shape->required_level == NAMES_NONE ? &group->request : NULL;
}

static bool has_room(const struct judge *judge, uint32_t node, const struct request *request)
{
    const struct pool *pool = cluster_pool(judge->cluster, node);
    int64_t milli = INT64_C(1000) * (pool->mig_profile_count == 0 ? pool->gpu_count : 0);
    int64_t cpu_milli = pool->cpu_milli;
    int64_t memory_mib = pool->memory_mib;
    for (uint32_t job = 0; job < judge->workload->jobs.count; job++) {
        for (uint32_t i = 0; i < judge->jobs[job].grant_count; i++) {
            const struct grant *grant = &judge->jobs[job].grants[i];
            bool here = grant->node == node;
            milli -= here ? grant->gpu_milli : 0;
            cpu_milli -= here && cpu_milli != UNLIMITED ? grant->cpu_milli : 0;
            memory_mib -= here && memory_mib != UNLIMITED ? grant->memory_mib : 0;
        }
    }
    return milli >= INT64_C(1000) * request->gpu_count && cpu_milli >= request->cpu_milli &&
           memory_mib >= request->memory_mib;
}

/* Parts of GPUs have rules of their own about which may be shared; and only where all jobs of a
 * queue are tried, and nobody is on the way out. */
static bool is_judged(const struct judge *judge)
{
    const struct kai_settings *settings = judge->queues.settings;
    bool judged = judge->queues.cycled && judge->queues.stops == 0 && settings->grace_us == 0 &&
                  settings->depth[CORE_ALLOCATE] == 0 && !judge->terms.clips &&
                  !judge->queues.any_parts;
    for (uint32_t i = 0; i < judge->cluster->queues.count; i++) {
        judged &= judge->cluster->queues.items[i].gpu.limit < 0;
    }
    return judged;
}

void queues_check_idle(struct judge *judge)
{
    if (!is_judged(judge)) {
        return;
    }
    for (uint32_t job = 0; job < judge->workload->jobs.count; job++) {
        const struct job *facts = &judge->workload->jobs.items[job];
        const struct shape *shape = &judge->workload->shapes.items[facts->shape];
        const struct request *request = plain_task(judge, job);
        bool waits = judge->jobs[job].state == JUDGE_PENDING &&
                     judge->jobs[job].pending_us < judge->now_us && facts->preemptible;
        for (uint32_t node = 0; request != NULL && node < judge->cluster->nodes.count; node++) {
            bool idle = waits && judge_takes_model(judge->workload, judge->cluster, shape, node) &&
                        has_room(judge, node, request);
            judge_require(judge, !idle, "job %" PRIu32 " waits, and there is room on node %" PRIu32,
                          job, node);
        }
    }
}
