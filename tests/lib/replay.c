/* replay.c - see replay.h. */
#include "tests/lib/replay.h"

#include <stddef.h>

#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"
#include "sim/workload/trace_format.h"

void replay_init(struct replay *replay, const char *cluster)
{
    *replay = (struct replay){.policy = "fifo", .place = "count"};
    engine_settings_init(&replay->settings);
    cr_assert(cluster_from_short_form(cluster, &replay->cluster, &replay->err), "%s",
              replay->err.msg);
    workload_init(&replay->workload);
}

void replay_release(struct replay *replay)
{
    workload_release(&replay->workload);
    cluster_release_all(&replay->cluster);
    vec_release(&replay->jobs);
}

void replay_read(struct replay *replay, const char *csv)
{
    struct text bytes = {0};
    text_add(&bytes, csv);
    struct file file = {.bytes = bytes.bytes, .length = bytes.length};
    const struct trace_format *native = trace_format_find("native");
    _Alignas(max_align_t) char params[64] = {0};
    cr_assert_leq(native->params_size, sizeof(params));
    cr_assert(param_read(native->params, "native", view_of(""), params, &replay->err));
    cr_assert(native->read(params, &file, &replay->workload, &replay->err), "%s", replay->err.msg);
    cr_assert(workload_finish(&replay->workload, &replay->err), "%s", replay->err.msg);
    text_release(&bytes);
}

static void record(void *self, const struct log_record *record)
{
    struct replay *replay = self;
    if (record->job != LOG_NO_JOB) {
        struct replay_job *job = &replay->jobs.items[record->job];
        if (record->kind == LOG_START && job->first_start_us == REPLAY_NEVER) {
            job->first_start_us = record->time_us;
        }
        if (record->kind == LOG_FINISH) {
            job->end_us = record->time_us;
        }
        job->preemptions += record->kind == LOG_PREEMPT ? 1 : 0;
        job->rejected = job->rejected || record->kind == LOG_REJECT;
    }
    if (replay->extra.record != NULL) {
        replay->extra.record(replay->extra.self, record);
    }
}

/* Splits "name:settings" and reads the settings; the values are freed by the caller. */
static void *read_settings(struct view *name, const char *spec, size_t size,
                           const struct param_spec *params)
{
    struct view settings;
    *name = view_cut(view_of(spec), ':', &settings);
    void *values = mem_alloc(1, size + 1);
    struct err err = {0};
    cr_assert(param_read(params, spec, settings, values, &err), "%s", err.msg);
    return values;
}

static const struct sched_ops *find_policy(const char *spec)
{
    struct view settings;
    struct view name = view_cut(view_of(spec), ':', &settings);
    size_t i = 0;
    while (sched_policies[i] != NULL && !view_is(name, sched_policies[i]->name)) {
        i++;
    }
    cr_assert_not_null(sched_policies[i], "there is no policy %s", spec);
    return sched_policies[i];
}

bool replay_run(struct replay *replay)
{
    const struct sched_ops *policy =
        replay->ops != NULL ? replay->ops : find_policy(replay->policy);
    const struct place_ops *place = place_find(replay->place);
    cr_assert_not_null(place);
    struct view name;
    void *policy_params = read_settings(&name, replay->policy, policy->params_size, policy->params);
    void *place_params = read_settings(&name, replay->place, place->params_size, place->params);
    vec_clear(&replay->jobs);
    for (size_t i = 0; i < replay->workload.jobs.count; i++) {
        struct replay_job job = {
            .submit_us = replay->workload.jobs.items[i].submit_us,
            .first_start_us = REPLAY_NEVER,
            .end_us = REPLAY_NEVER,
        };
        vec_push(&replay->jobs, job);
    }
    struct log_sink sink = {replay, record};
    struct engine_input input = {
        .settings = &replay->settings,
        .workload = &replay->workload,
        .cluster = &replay->cluster,
        .policy = policy,
        .policy_params = policy_params,
        .place = place,
        .place_params = place_params,
        .sinks = &sink,
        .sink_count = 1,
    };
    bool ok = engine_run(&input, &replay->result, &replay->err);
    free(policy_params);
    free(place_params);
    return ok;
}

void replay_add_schedule(struct text *text, const struct replay *replay)
{
    for (size_t i = 0; i < replay->jobs.count; i++) {
        const struct replay_job *job = &replay->jobs.items[i];
        text_addf(text, "%s%s ", i == 0 ? "" : ", ",
                  workload_job_id(&replay->workload, (uint32_t)i));
        if (job->rejected) {
            text_add(text, "rejected");
        } else if (job->first_start_us == REPLAY_NEVER) {
            text_add(text, "pending");
        } else {
            text_add_seconds(text, job->first_start_us);
            text_add_char(text, '-');
            if (job->end_us != REPLAY_NEVER) {
                text_add_seconds(text, job->end_us);
            }
        }
        if (job->preemptions > 0) {
            text_addf(text, "*%u", job->preemptions);
        }
    }
}
