/* slice.c - see slice.h. */
#include "sim/transform/slice.h"

#include "sim/base/param.h"
#include "sim/transform/rebuild.h"

void slice_init(struct slice *slice)
{
    *slice = (struct slice){
        .from_us = INT64_MIN,
        .to_us = INT64_MAX,
        .most_gpu_milli = INT64_MAX,
        .first = INT64_MAX,
    };
}

void slice_release(struct slice *slice)
{
    vec_release(&slice->users);
    vec_release(&slice->queues);
}

static bool unknown_name(const char *what, const char *name, const struct names *names,
                         struct err *err)
{
    VEC(const char *) all = {0};
    for (uint32_t i = 0; i < names_count(names); i++) {
        vec_push(&all, names_get(names, i));
    }
    vec_push(&all, NULL);
    const char *nearest = param_nearest(view_of(name), all.items);
    vec_release(&all);
    if (nearest != NULL) {
        return err_set(err, ERR_USAGE, 0, "the trace has no %s '%.60s'; did you mean '%.60s'?",
                       what, name, nearest);
    }
    return err_set(err, ERR_USAGE, 0, "the trace has no %s '%.60s'", what, name);
}

/* By number of a name: is it one of `wanted`? All are when nothing is wanted. NULL with *err filled
 * when one of them does not occur; freed by the caller. */
static bool *find_all(const char *what, const char *const *wanted, size_t count,
                      const struct names *names, struct err *err)
{
    uint32_t size = names_count(names);
    bool *is_wanted = mem_alloc(size, sizeof(*is_wanted));
    for (uint32_t i = 0; count == 0 && i < size; i++) {
        is_wanted[i] = true;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t number = names_find(names, view_of(wanted[i]));
        if (number == NAMES_NONE) {
            free(is_wanted);
            (void)unknown_name(what, wanted[i], names, err);
            return NULL;
        }
        is_wanted[number] = true;
    }
    return is_wanted;
}

static bool belongs(const struct slice *slice, const struct workload *workload,
                    const struct job *job)
{
    int64_t submit_us = workload->epoch_us + job->submit_us;
    int64_t gpu_milli = workload_shape_gpu_milli(workload, job->shape);
    return submit_us >= slice->from_us && submit_us < slice->to_us &&
           gpu_milli >= slice->least_gpu_milli && gpu_milli <= slice->most_gpu_milli;
}

bool slice_apply(const struct slice *slice, struct workload *workload, struct err *err)
{
    bool *users = find_all("user", slice->users.items, slice->users.count, &workload->users, err);
    bool *queues = users == NULL ? NULL
                                 : find_all("queue", slice->queues.items, slice->queues.count,
                                            &workload->queues, err);
    if (queues == NULL) {
        free(users);
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < workload->jobs.count && (int64_t)kept < slice->first; i++) {
        struct job job = workload->jobs.items[i];
        if (users[job.user] && queues[job.queue] && belongs(slice, workload, &job)) {
            workload->jobs.items[kept++] = job;
        }
    }
    workload->jobs.count = kept;
    free(users);
    free(queues);
    return rebuild_order(workload, err);
}
