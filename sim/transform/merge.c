/* merge.c - see merge.h. */
#include "sim/transform/merge.h"

#include "sim/base/arith.h"
#include "sim/transform/rebuild.h"

void merge_begin(struct merge *merge, const struct merge_settings *settings, struct workload *out)
{
    *merge = (struct merge){.settings = *settings, .out = out};
    workload_init(out);
}

static struct view prefixed(struct text *text, const char *prefix, struct view name)
{
    text_clear(text);
    text_addf(text, "%s/", prefix);
    text_add_bytes(text, name.at, name.length);
    return (struct view){text->bytes, text->length};
}

/* A queue or user by the name it has among the names of earlier traces; those are the first
 * `known`. The nameless one is the same everywhere. */
static struct view name_apart(const struct names *names, uint32_t known, struct view name,
                              const char *prefix, struct text *text)
{
    uint32_t number = name.length == 0 ? NAMES_NONE : names_find(names, name);
    return number != NAMES_NONE && number < known ? prefixed(text, prefix, name) : name;
}

bool merge_add(struct merge *merge, const struct workload *from, const char *name, struct err *err)
{
    struct workload *out = merge->out;
    const struct merge_settings *settings = &merge->settings;
    uint32_t known_users = settings->users_apart ? names_count(&out->users) : 0;
    uint32_t known_queues = settings->queues_apart ? names_count(&out->queues) : 0;
    if (merge->traces++ == 0) {
        rebuild_begin(out, from);
        out->epoch_us = from->epoch_us;
    }
    for (uint32_t i = 0; i < names_count(&from->notes); i++) {
        (void)names_add(&out->notes, view_of(names_get(&from->notes, i)), NULL);
    }
    int64_t start_us = settings->is_absolute ? from->epoch_us : out->epoch_us;
    struct job_draft draft;
    job_draft_init(&draft);
    for (size_t i = 0; i < from->jobs.count; i++) {
        const struct job *job = &from->jobs.items[i];
        rebuild_draft(from, job, &draft);
        bool clashes = settings->ids == MERGE_IDS_ALL ||
                       (settings->ids == MERGE_IDS_CLASH && merge->traces > 1 &&
                        names_find(&out->ids, draft.id) != NAMES_NONE);
        draft.id = clashes ? prefixed(&merge->id, name, draft.id) : draft.id;
        draft.user = name_apart(&out->users, known_users, draft.user, name, &merge->user);
        draft.queue = name_apart(&out->queues, known_queues, draft.queue, name, &merge->queue);
        if (!rebuild_moved(start_us, job->submit_us, &draft.submit_us, err) ||
            !workload_add(out, &draft, 0, err)) {
            return false;
        }
    }
    return true;
}

static void forget(struct merge *merge)
{
    text_release(&merge->id);
    text_release(&merge->user);
    text_release(&merge->queue);
}

bool merge_finish(struct merge *merge, struct err *err)
{
    forget(merge);
    if (workload_finish(merge->out, err)) {
        return true;
    }
    workload_release(merge->out);
    return false;
}

void merge_abandon(struct merge *merge)
{
    forget(merge);
    workload_release(merge->out);
}
