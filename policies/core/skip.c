/*
 * skip.c - passing over jobs that are no easier than one that just failed (specification 9.6).
 */
#include "policies/core/solver.h"

static bool fits(const struct core *core, uint32_t l, uint32_t r)
{
    return core_vector_less_equal(core_class_of(core, l)->vector, core->width,
                                  core_class_of(core, r)->vector, core->width);
}

/* Pending tasks, smaller requests first as far as they can be compared. */
static void list_pending(const struct core *core, const struct core_job *job,
                         struct core_list *tasks)
{
    for (size_t t = 0; t < job->tasks.count; t++) {
        uint32_t task = job->tasks.items[t];
        if ((core_task_at(core, task)->index_mask >> CORE_PENDING & 1) == 0) {
            continue;
        }
        vec_push(tasks, task);
        size_t at = tasks->count - 1;
        while (at > 0 && fits(core, task, tasks->items[at - 1]) &&
               !fits(core, tasks->items[at - 1], task)) {
            tasks->items[at] = tasks->items[at - 1];
            at--;
        }
        tasks->items[at] = task;
    }
}

static bool skips(const struct core *core, const struct core_list *mine,
                  const struct core_list *theirs)
{
    if (mine->count == 0 || theirs->count == 0) {
        return true;
    }
    if (theirs->count > mine->count) {
        return false;
    }
    for (size_t i = 0; i < theirs->count; i++) {
        if (fits(core, mine->items[i], theirs->items[i]) &&
            !fits(core, theirs->items[i], mine->items[i])) {
            return false;
        }
    }
    return true;
}

static bool replaces(const struct core *core, const struct core_list *mine,
                     const struct core_list *theirs)
{
    if (mine->count == 0 || theirs->count == 0 || mine->count > theirs->count) {
        return false;
    }
    for (size_t i = 0; i < mine->count; i++) {
        if (!fits(core, mine->items[i], theirs->items[i])) {
            return false;
        }
    }
    return true;
}

static bool compare(struct core *core, uint32_t job, uint32_t representative,
                    bool (*rule)(const struct core *, const struct core_list *,
                                 const struct core_list *))
{
    struct core_list mine = {0};
    struct core_list theirs = {0};
    list_pending(core, core_job_at(core, job), &mine);
    list_pending(core, core_job_at(core, representative), &theirs);
    bool result = rule(core, &mine, &theirs);
    vec_release(&mine);
    vec_release(&theirs);
    return result;
}

bool core_job_skips(struct core *core, uint32_t job, uint32_t representative)
{
    return compare(core, job, representative, skips);
}

bool core_job_replaces(struct core *core, uint32_t job, uint32_t representative)
{
    return compare(core, job, representative, replaces);
}

static int by_number(const void *l, const void *r)
{
    uint32_t a = *(const uint32_t *)l;
    uint32_t b = *(const uint32_t *)r;
    return (a > b) - (a < b);
}

/* The constraints above a pod set and the constraints of its tasks that do not run; CORE_NONE when
 * all run. */
static uint32_t sign_pod_set(struct core *core, const struct core_job *job, uint32_t member)
{
    const struct core_member_facts *m = &job->members[member];
    struct core_list tasks = {0};
    for (uint32_t i = 0; i < m->task_count; i++) {
        uint32_t task = job->order.items[m->first_task + i];
        if (!core_status_in(core_task_at(core, task)->record->status, CORE_SET_ACTIVE)) {
            vec_push(&tasks, core_class_of(core, task)->signature);
        }
    }
    if (tasks.count == 0) {
        return CORE_NONE;
    }
    qsort(tasks.items, tasks.count, sizeof *tasks.items, by_number);
    struct text key = {0};
    for (uint32_t at = member; at != CORE_NONE; at = job->members[at].parent) {
        const uint32_t names[] = {job->members[at].topology_name, job->members[at].required_name,
                                  job->members[at].preferred_name, CORE_NONE};
        text_add_bytes(&key, (const char *)names, sizeof names);
    }
    text_add_bytes(&key, "tasks", 5);
    text_add_bytes(&key, (const char *)tasks.items, tasks.count * sizeof *tasks.items);
    uint32_t number = core_blob_add(&core->signatures, key.bytes, key.length);
    text_release(&key);
    vec_release(&tasks);
    return number;
}

uint32_t core_job_signature(struct core *core, uint32_t index)
{
    struct core_job *job = core_job_at(core, index);
    if (job->signature != CORE_NONE) {
        return job->signature;
    }
    struct core_list sets = {0};
    for (uint32_t p = 0; p < job->pod_set_count; p++) {
        uint32_t number = sign_pod_set(core, job, job->pod_sets[p]);
        if (number != CORE_NONE) {
            vec_push(&sets, number);
        }
    }
    struct text key = {0};
    text_add_bytes(&key, "job", 3);
    if (sets.count > 0) {
        qsort(sets.items, sets.count, sizeof(uint32_t), by_number);
        text_add_bytes(&key, (const char *)sets.items, sets.count * sizeof(uint32_t));
    }
    job->signature = core_blob_add(&core->signatures, key.bytes, key.length);
    core_touch_job(core, job);
    text_release(&key);
    vec_release(&sets);
    return job->signature;
}

static uint32_t representative_of(struct core *core, struct core_failed *table,
                                  const struct core_job *job)
{
    uint32_t signature = core_job_signature(core, job->index);
    while (table->jobs.count <= signature) {
        vec_push(&table->jobs, CORE_NONE);
    }
    return table->jobs.items[signature];
}

bool core_skip(struct core *core, struct core_failed *table, struct core_job *job)
{
    if (!core->settings.use_signatures) {
        return false;
    }
    uint32_t representative = representative_of(core, table, job);
    bool skip = representative != CORE_NONE && core_job_skips(core, job->index, representative);
    if (skip) {
        CORE_LOG(core, "%s: skipped, %s failed", job->name, core_job_name(core, representative));
    }
    return skip;
}

void core_failed_enter(struct core *core, struct core_failed *table, struct core_job *job)
{
    if (!core->settings.use_signatures) {
        return;
    }
    uint32_t representative = representative_of(core, table, job);
    if (representative == CORE_NONE || core_job_replaces(core, job->index, representative)) {
        table->jobs.items[job->signature] = job->index;
    }
}
