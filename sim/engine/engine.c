/*
 * engine.c - the run: instants in order, events of an instant in order, one pass, records.
 * See engine.h for the time line.
 */
#include "sim/engine/engine.h"

#include "sim/base/check.h"
#include "sim/engine/run.h"

enum { PROGRESS_EVERY = 4096 /* instants */ };

void engine_settings_init(struct engine_settings *settings)
{
    *settings = (struct engine_settings){
        .horizon_us = PARAM_NEVER_US,
        .last_k = 1,
        .seed = 1,
    };
}

/* -- the instants ---------------------------------------------------------------------------- */

/* Passes over events of jobs that have been stopped or resized since. */
static const struct event *next_own(struct sched_ctx *run)
{
    const struct event *top = event_queue_top(&run->events);
    while (top != NULL && event_class_of(top) == EVENT_FINISH &&
           run->jobs[top->job].epoch != top->epoch) {
        (void)event_queue_pop(&run->events);
        top = event_queue_top(&run->events);
    }
    return top;
}

static const struct event *next_event(struct sched_ctx *run)
{
    const struct event *own = next_own(run);
    const struct event *change = run_supply_next(run, own);
    return change != NULL ? change : own;
}

static const struct job *next_submit(const struct sched_ctx *run)
{
    return run->next_submit < run->workload->jobs.count
               ? &run->workload->jobs.items[run->next_submit]
               : NULL;
}

/* When anything happens next; false when nothing ever will. */
static bool find_instant(struct sched_ctx *run, int64_t *time_us)
{
    const struct event *event = next_event(run);
    const struct job *submit = next_submit(run);
    if (event == NULL && submit == NULL) {
        return false;
    }
    if (run->supply != NULL && submit == NULL && next_own(run) == NULL &&
        !run_supply_matters(run)) {
        return false;
    }
    *time_us = submit == NULL || (event != NULL && event->time_us < submit->submit_us)
                   ? event->time_us
                   : submit->submit_us;
    return true;
}

static void decide(struct sched_ctx *run)
{
    run->something_happened = false;
    run->in_pass = true;
    run->result.passes++;
    run->input->policy->decide(run->policy_state, run);
    run->in_pass = false;
    run->reason = NULL;
    run->reason_for = 0;
}

static void apply_event(struct sched_ctx *run)
{
    if (run_supply_next(run, next_own(run)) != NULL) {
        run->something_happened = run_supply_apply(run) || run->something_happened;
        run->result.events++;
        return;
    }
    struct event event = event_queue_pop(&run->events);
    switch (event_class_of(&event)) {
    case EVENT_FINISH:
        run_finish_job(run, event.job);
        break;
    case EVENT_TIMER:
        break;
    case EVENT_DECIDE:
        run->pass_scheduled_us = -1;
        decide(run);
        return;
    case EVENT_EARLY_SUBMIT:
    case EVENT_REPAIR:
    case EVENT_FAIL:
    case EVENT_SUBMIT:
        CHECK_NEVER("a class that is in the queue");
    }
    run->result.events++;
    run->something_happened = true;
}

/* Applies the next event of this instant, in the order of classes; false when there is none left.
 */
static bool apply_next(struct sched_ctx *run)
{
    const struct event *event = next_event(run);
    const struct job *submit = next_submit(run);
    bool event_now = event != NULL && event->time_us == run->now_us;
    bool submit_now = submit != NULL && submit->submit_us == run->now_us;
    if (!event_now && !submit_now) {
        return false;
    }
    enum event_class submit_class =
        run->settings->tie == TIE_SUBMIT ? EVENT_EARLY_SUBMIT : EVENT_SUBMIT;
    if (submit_now && (!event_now || submit_class < event_class_of(event))) {
        run_submit_job(run, run->next_submit++);
        run->result.events++;
        run->something_happened = true;
    } else {
        apply_event(run);
    }
    return true;
}

/* --pass period: a pass is due at the first multiple of the period from now on. */
static void schedule_pass(struct sched_ctx *run)
{
    if (run->pass_scheduled_us >= 0) {
        return;
    }
    int64_t period_us = run->settings->pass_period_us;
    int64_t late_us = run->now_us % period_us;
    run->pass_scheduled_us = late_us == 0 ? run->now_us : run->now_us + (period_us - late_us);
    event_queue_push(&run->events, run->pass_scheduled_us, EVENT_DECIDE, UINT32_MAX, 0);
}

static void run_instant(struct sched_ctx *run)
{
    while (!run->failed && apply_next(run)) {
        switch (run->settings->pass) {
        case PASS_EVENT:
            if (run->something_happened) {
                decide(run);
            }
            break;
        case PASS_PERIOD:
            if (run->something_happened) {
                schedule_pass(run);
            }
            break;
        case PASS_INSTANT: {
            int64_t next_us = 0;
            bool more = find_instant(run, &next_us) && next_us == run->now_us;
            if (!more && run->something_happened) {
                decide(run);
            }
            break;
        }
        }
    }
}

static bool audit_is_due(const struct sched_ctx *run)
{
#ifdef SLOW_CHECKS
    /* The audit looks at all nodes and jobs: on large worlds, at a share of the instants. */
    uint64_t every = 1 + (run->cluster->nodes.count + run->workload->jobs.count) / 256;
#else
    uint64_t every = run->settings->audit ? 1 : UINT64_MAX;
#endif
    return run->settings->audit || run->instants % every == 0;
}

static void report_progress(struct sched_ctx *run)
{
    run->progress.now_us = run->now_us;
    if (run->input->progress != NULL) {
        run->result.stopped = !run->input->progress(run->input->progress_self, &run->progress);
    }
}

static void mark_if_due(struct sched_ctx *run)
{
    const struct engine_journal *journal = run->input->journal;
    if (journal->is_due(journal->self)) {
        run->failed = !journal->mark(journal->self, run->now_us, run_fingerprint(run), run->err);
    }
}

bool run_next_instant(struct sched_ctx *run, int64_t *time_us)
{
    if (run->failed || !find_instant(run, time_us)) {
        return false;
    }
    if (*time_us > run->settings->horizon_us) {
        run->now_us = run->settings->horizon_us;
        return false;
    }
    return true;
}

void run_step(struct sched_ctx *run, int64_t time_us)
{
    CHECK(time_us >= run->now_us);
    run->now_us = time_us;
    run->instants++;
    run_instant(run);
    run_supply_settle(run);
    if (run->causes != NULL && !run->failed) {
        run_causes_judge(run);
        run_supply_overlook(run);
    }
    if (audit_is_due(run) && !run->failed) {
        run_audit(run);
    }
    if (run->instants % PROGRESS_EVERY == 0) {
        report_progress(run);
    }
    if (run->input->journal != NULL && !run->failed) {
        mark_if_due(run);
    }
    if (run->input->stop != NULL && *run->input->stop != 0) {
        run->result.stopped = true;
    }
}

/* -- the beginning and the end --------------------------------------------------------------- */

bool run_check_input(const struct engine_input *input, struct err *err)
{
    const struct sched_ops *policy = input->policy;
    CHECK(input->workload->jobs.count > 0 && input->cluster->nodes.count > 0);
    CHECK(input->cluster->free_gpu_milli == input->cluster->gpu_milli);
    bool changes = input->settings->supply != NULL || cluster_has_supply(input->cluster);
    if (changes && input->settings->isolate != NULL) {
        return err_set(
            err, ERR_USAGE, 0,
            "--isolate and nodes that come and go (--failures, --failure-log, pools of the "
            "cluster) do not go together");
    }
    CHECK(input->settings->pass != PASS_PERIOD || input->settings->pass_period_us > 0);
    if ((policy->flags & SCHED_NEEDS_ESTIMATES) == 0 ||
        input->settings->estimates != ESTIMATES_USER) {
        return true;
    }
    uint32_t without = 0;
    for (size_t i = 0; i < input->workload->jobs.count; i++) {
        without += input->workload->jobs.items[i].estimate_us == TIME_UNKNOWN ? 1 : 0;
    }
    return without == 0 ||
           err_set(err, ERR_USAGE, 0,
                   "policy '%s' needs estimates and %u of %zu jobs have none; choose "
                   "--estimates oracle, noisy:SIGMA or lastk:N",
                   policy->name, without, input->workload->jobs.count);
}

static void start_run(struct sched_ctx *run, const struct engine_input *input, struct err *err)
{
    *run = (struct sched_ctx){
        .input = input,
        .settings = input->settings,
        .workload = input->workload,
        .cluster = input->cluster,
        .pass_scheduled_us = -1,
        .err = err,
        .progress = {.job_count = (uint32_t)input->workload->jobs.count},
    };
    run->jobs = mem_alloc(input->workload->jobs.count, sizeof(*run->jobs));
    run->policy_state = mem_alloc(1, input->policy->state_size + 1);
    run->place_state = mem_alloc(1, input->place->state_size + 1);
    run->estimator = estimator_new(input->settings, input->workload);
    run->fingerprint = digest_new();
    run_bind_shapes(run);
    run_bind_speeds(run);
}

static void free_run(struct sched_ctx *run)
{
    for (size_t i = 0; i < run->placements.count; i++) {
        vec_release(&run->placements.items[i]);
    }
    vec_release(&run->placements);
    vec_release(&run->free_placements);
    vec_release(&run->sharing);
    event_queue_release(&run->events);
    run_release_shapes(run);
    free(run->speeds_per_s);
    estimator_free(run->estimator);
    digest_free(run->fingerprint);
    free(run->place_state);
    free(run->policy_state);
    free(run->jobs);
}

static bool init_place(struct sched_ctx *run)
{
    const struct place_ops *place = run->input->place;
    return place->init == NULL || place->init(run->place_state, run->input->place_params,
                                              run->cluster, run->settings->seed, run->err);
}

static bool init_policy(struct sched_ctx *run)
{
    const struct sched_ops *policy = run->input->policy;
    return policy->init == NULL ||
           policy->init(run->policy_state, run->input->policy_params, run, run->err);
}

bool run_open(struct sched_ctx *run, const struct engine_input *input, struct err *err)
{
    start_run(run, input, err);
    run->placing = run_supply_open(run, err) && init_place(run);
    bool opened = run->placing && run_causes_open(run, err);
    for (uint32_t job = 0; opened && job < input->workload->jobs.count; job++) {
        run_show_job(run, job, true);
    }
    run->deciding = opened && init_policy(run);
    if (run->deciding) {
        run_supply_begin(run);
    }
    return run->deciding;
}

bool run_close(struct sched_ctx *run, struct engine_result *out)
{
    bool ok = run->deciding && !run->failed;
    if (ok) {
        run_record(
            run, &(struct log_record){.time_us = run->now_us, .kind = LOG_END, .job = LOG_NO_JOB});
        run->result.end_us = run->now_us;
        run->result.fingerprint = run_fingerprint(run);
        *out = run->result;
    }
    if (run->deciding && run->input->policy->release != NULL) {
        run->input->policy->release(run->policy_state);
    }
    if (run->placing && run->input->place->release != NULL) {
        run->input->place->release(run->place_state);
    }
    run_causes_close(run);
    run_supply_close(run);
    free_run(run);
    return ok;
}

bool engine_run(const struct engine_input *input, struct engine_result *out, struct err *err)
{
    if (!run_check_input(input, err)) {
        return false;
    }
    if (input->settings->isolate != NULL) {
        return run_isolated(input, out, err);
    }
    struct sched_ctx run;
    int64_t time_us = 0;
    if (run_open(&run, input, err)) {
        while (!run.result.stopped && run_next_instant(&run, &time_us)) {
            run_step(&run, time_us);
        }
    }
    return run_close(&run, out);
}
