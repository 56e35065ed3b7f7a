/* slice.c - see slice.h. */
#include "sim/transform/slice.h"

#include "sim/base/check.h"
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

/* By number of a name: is it one of `wanted`? All are when nothing is wanted. Notes in `seen` which
 * of them there are. Freed by the caller. */
static bool *find_all(const char *const *wanted, size_t count, const struct names *names,
                      bool *seen)
{
    CHECK(count == 0 || seen != NULL);
    uint32_t size = names_count(names);
    bool *is_wanted = mem_alloc(size, sizeof(*is_wanted));
    for (uint32_t i = 0; count == 0 && i < size; i++) {
        is_wanted[i] = true;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t number = names_find(names, view_of(wanted[i]));
        if (number != NAMES_NONE) {
            is_wanted[number] = true;
            seen[i] = true;
        }
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

void slice_begin(struct slice_progress *progress, const struct slice *slice)
{
    *progress = (struct slice_progress){.slice = slice};
    for (size_t i = 0; i < slice->users.count + slice->queues.count; i++) {
        vec_push(&progress->seen, false);
    }
}

void slice_end(struct slice_progress *progress)
{
    vec_release(&progress->seen);
}

void slice_take(struct slice_progress *progress, struct workload *piece)
{
    const struct slice *slice = progress->slice;
    bool *seen = progress->seen.items;
    size_t user_count = slice->users.count;
    bool *users = find_all(slice->users.items, user_count, &piece->users, seen);
    bool *queues = find_all(slice->queues.items, slice->queues.count, &piece->queues,
                            seen == NULL ? NULL : seen + user_count);
    size_t kept = 0;
    for (size_t i = 0; i < piece->jobs.count && progress->taken < slice->first; i++) {
        struct job job = piece->jobs.items[i];
        if (users[job.user] && queues[job.queue] && belongs(slice, piece, &job)) {
            piece->jobs.items[kept++] = job;
            progress->taken++;
        }
    }
    piece->jobs.count = kept;
    free(users);
    free(queues);
}

bool slice_saw_all(const struct slice_progress *progress)
{
    for (size_t i = 0; i < progress->seen.count; i++) {
        if (!progress->seen.items[i]) {
            return false;
        }
    }
    return true;
}

/* Says which name the trace does not have. */
static bool say_unseen(const struct slice_progress *progress, const struct workload *workload,
                       struct err *err)
{
    const struct slice *slice = progress->slice;
    size_t i = 0;
    while (progress->seen.items[i]) {
        i++;
    }
    bool is_user = i < slice->users.count;
    return is_user ? unknown_name("user", slice->users.items[i], &workload->users, err)
                   : unknown_name("queue", slice->queues.items[i - slice->users.count],
                                  &workload->queues, err);
}

bool slice_apply(const struct slice *slice, struct workload *workload, struct err *err)
{
    struct slice_progress progress;
    slice_begin(&progress, slice);
    slice_take(&progress, workload);
    bool ok = slice_saw_all(&progress) ? rebuild_order(workload, err)
                                       : say_unseen(&progress, workload, err);
    slice_end(&progress);
    return ok;
}
