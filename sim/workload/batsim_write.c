/* batsim_write.c - see batsim_write.h. */
#include "sim/workload/batsim_write.h"

#include <inttypes.h>

#include "sim/workload/losses.h"

/* A profile: so long a delay, with this outcome. */
struct profile {
    int64_t duration_us;
    bool failed;
};

struct batsim_writer {
    const struct workload *workload;
    struct text *text;
    int64_t epoch_us;
    struct names profile_names;
    VEC(struct profile) profiles; /* by number of the name */
    uint64_t without_gpus;
    uint64_t without_duration;
    uint64_t other_outcomes;
    uint64_t written;
};

/* The name of the job's profile: its seconds, and how it ends. */
static const char *profile_of(struct batsim_writer *batsim, const struct job *job)
{
    struct profile profile = {job->duration_us, job->outcome == OUTCOME_FAILED};
    struct text name = {0};
    bool is_new = false;
    text_add(&name, profile.failed ? "fail" : "run");
    text_add_seconds(&name, profile.duration_us);
    uint32_t number =
        names_add(&batsim->profile_names, (struct view){name.bytes, name.length}, &is_new);
    text_release(&name);
    if (is_new) {
        vec_push(&batsim->profiles, profile);
    }
    return names_get(&batsim->profile_names, number);
}

/* User and queue as a JSON text within the JSON: Batsim hands such a text on to the scheduler. */
static void add_extra_data(struct batsim_writer *batsim, const struct job *job)
{
    const char *user = names_get(&batsim->workload->users, job->user);
    const char *queue = names_get(&batsim->workload->queues, job->queue);
    if (user[0] == '\0' && queue[0] == '\0') {
        return;
    }
    struct text extra = {0};
    text_add(&extra, "{");
    if (user[0] != '\0') {
        text_add(&extra, "\"user\": ");
        text_add_json(&extra, user);
    }
    if (queue[0] != '\0') {
        text_add(&extra, user[0] != '\0' ? ", \"queue\": " : "\"queue\": ");
        text_add_json(&extra, queue);
    }
    text_add(&extra, "}");
    text_add(batsim->text, ", \"extra_data\": ");
    text_add_json(batsim->text, extra.bytes);
    text_release(&extra);
}

static void add_job(struct batsim_writer *batsim, const struct job *job)
{
    struct text *text = batsim->text;
    int64_t gpus = losses_whole_gpus(batsim->workload, job->shape);
    batsim->without_gpus += gpus == 0 ? 1 : 0;
    batsim->without_duration += gpus > 0 && job->duration_us == TIME_UNKNOWN ? 1 : 0;
    if (gpus == 0 || job->duration_us == TIME_UNKNOWN) {
        return;
    }
    batsim->other_outcomes +=
        job->outcome != OUTCOME_FAILED && job->outcome != OUTCOME_UNKNOWN ? 1 : 0;
    text_add(text, batsim->written++ > 0 ? ",\n    {\"id\": " : "\n    {\"id\": ");
    text_add_json(text, names_get(&batsim->workload->ids, job->id));
    text_add(text, ", \"subtime\": ");
    text_add_seconds(text, batsim->epoch_us + job->submit_us);
    if (job->estimate_us != TIME_UNKNOWN) {
        text_add(text, ", \"walltime\": ");
        text_add_seconds(text, job->estimate_us);
    }
    text_addf(text, ", \"res\": %" PRId64 ", \"profile\": ", gpus);
    text_add_json(text, profile_of(batsim, job));
    add_extra_data(batsim, job);
    text_add(text, "}");
}

static void add_profiles(struct batsim_writer *batsim)
{
    for (uint32_t i = 0; i < names_count(&batsim->profile_names); i++) {
        const struct profile *profile = &batsim->profiles.items[i];
        text_add(batsim->text, i > 0 ? ",\n    " : "\n    ");
        text_add_json(batsim->text, names_get(&batsim->profile_names, i));
        text_add(batsim->text, ": {\"type\": \"delay\", \"delay\": ");
        text_add_seconds(batsim->text, profile->duration_us);
        text_add(batsim->text, profile->failed ? ", \"ret\": 1}" : "}");
    }
}

static void say_what_is_lost(const struct batsim_writer *batsim, struct names *notes)
{
    struct losses losses;
    losses_count(batsim->workload, &losses);
    losses_say(&losses, "Batsim", notes);
    if (batsim->without_gpus > 0) {
        losses_note(notes, "Batsim: %" PRIu64 " jobs without GPUs are left out",
                    batsim->without_gpus);
    }
    if (batsim->without_duration > 0) {
        losses_note(notes, "Batsim: %" PRIu64 " jobs of unknown duration are left out",
                    batsim->without_duration);
    }
    if (batsim->other_outcomes > 0) {
        losses_note(notes, "Batsim: of outcomes only failure is written, which leaves out %" PRIu64,
                    batsim->other_outcomes);
    }
}

void batsim_write(struct text *text, const struct workload *workload, struct names *notes)
{
    struct batsim_writer batsim = {
        .workload = workload,
        .text = text,
        .epoch_us = losses_epoch_us(workload, "Batsim", notes),
    };
    int64_t largest = 1;
    for (uint32_t s = 0; s < workload->shapes.count; s++) {
        int64_t gpus = losses_whole_gpus(workload, s);
        largest = gpus > largest ? gpus : largest;
    }
    text_addf(text, "{\n  \"nb_res\": %" PRId64 ",\n  \"jobs\": [", largest);
    for (size_t i = 0; i < workload->jobs.count; i++) {
        add_job(&batsim, &workload->jobs.items[i]);
    }
    text_add(text, "\n  ],\n  \"profiles\": {");
    add_profiles(&batsim);
    text_add(text, "\n  }\n}\n");
    say_what_is_lost(&batsim, notes);
    names_release(&batsim.profile_names);
    vec_release(&batsim.profiles);
}
