/* rebuild.c - see rebuild.h. */
#include "sim/transform/rebuild.h"

#include "sim/base/arith.h"
#include "sim/base/check.h"

static struct view name_view(const struct names *names, uint32_t number)
{
    return number == NAMES_NONE ? (struct view){"", 0} : view_of(names_get(names, number));
}

void rebuild_draft(const struct workload *from, const struct job *job, struct job_draft *draft)
{
    const struct shape *shape = &from->shapes.items[job->shape];
    CHECK(shape->group_count <= WORKLOAD_MOST_GROUPS);
    draft->id = name_view(&from->ids, job->id);
    draft->user = name_view(&from->users, job->user);
    draft->queue = name_view(&from->queues, job->queue);
    draft->models = name_view(&from->models, shape->models);
    draft->required_level = name_view(&from->levels, shape->required_level);
    draft->preferred_level = name_view(&from->levels, shape->preferred_level);
    draft->submit_us = from->epoch_us + job->submit_us;
    draft->duration_us = job->duration_us;
    draft->estimate_us = job->estimate_us;
    draft->checkpoint_us = job->checkpoint_us;
    draft->priority = job->priority;
    draft->speeds = &from->speeds;
    draft->speed_class = job->speed_class;
    draft->outcome = (enum job_outcome)job->outcome;
    draft->preemptible = job->preemptible;
    draft->is_free = shape->is_free;
    draft->group_count = shape->group_count;
    memcpy(draft->groups, &from->groups.items[shape->first_group],
           shape->group_count * sizeof(draft->groups[0]));
}

void rebuild_begin(struct workload *out, const struct workload *from)
{
    workload_init(out);
    out->format = from->format;
    memcpy(out->digest, from->digest, sizeof(out->digest));
    for (uint32_t i = 0; i < names_count(&from->notes); i++) {
        (void)names_add(&out->notes, view_of(names_get(&from->notes, i)), NULL);
    }
}

bool rebuild_order(struct workload *workload, struct err *err)
{
    size_t count = workload->jobs.count;
    if (count == 0) {
        return err_set(err, ERR_USAGE, 0, "no job is left, expected at least one");
    }
    struct job *jobs = workload->jobs.items;
    bool ordered = true;
    for (size_t i = 1; i < count; i++) {
        ordered = ordered && jobs[i - 1].submit_us <= jobs[i].submit_us;
    }
    if (!ordered) {
        int64_t *keys = mem_alloc(count, sizeof(*keys));
        for (size_t i = 0; i < count; i++) {
            keys[i] = jobs[i].submit_us;
        }
        workload_order(workload, keys);
        free(keys);
        jobs = workload->jobs.items;
    }
    int64_t first_us = jobs[0].submit_us;
    for (size_t i = 0; i < count; i++) {
        jobs[i].submit_us -= first_us;
    }
    workload->epoch_us += first_us;
    return true;
}

void rebuild_ids_init(struct rebuild_ids *ids, const struct workload *from)
{
    *ids = (struct rebuild_ids){.copies = mem_alloc(names_count(&from->ids), sizeof(*ids->copies))};
}

void rebuild_ids_release(struct rebuild_ids *ids)
{
    free(ids->copies);
    text_release(&ids->text);
}

struct view rebuild_ids_next(struct rebuild_ids *ids, const struct workload *from,
                             const struct job *job, const struct workload *out)
{
    struct view id = view_of(names_get(&from->ids, job->id));
    if (++ids->copies[job->id] == 1) {
        return id;
    }
    struct view found = {NULL, 0};
    do {
        text_clear(&ids->text);
        text_add_bytes(&ids->text, id.at, id.length);
        text_addf(&ids->text, "~%u", ids->copies[job->id]++);
        found = (struct view){ids->text.bytes, ids->text.length};
    } while (names_find(&from->ids, found) != NAMES_NONE ||
             names_find(&out->ids, found) != NAMES_NONE);
    ids->copies[job->id]--;
    return found;
}

bool rebuild_moved(int64_t time_us, int64_t by_us, int64_t *out, struct err *err)
{
    wide_int moved = (wide_int)time_us + by_us;
    if (moved > WORKLOAD_MOST_US || moved < -WORKLOAD_MOST_US) {
        return err_set(err, ERR_USAGE, 0, "a submit time would be beyond 36,000 years");
    }
    *out = (int64_t)moved;
    return true;
}
