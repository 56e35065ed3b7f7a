/*
 * run.h - the state of a run, for the files of the engine only.
 *
 * What policies know as `struct sched_ctx` is this: they see and steer it through sched.h.
 */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include "sim/base/digest.h"
#include "sim/engine/engine.h"
#include "sim/engine/event_queue.h"

#define RATE_FULL_PPB 1000000000

enum { FINGERPRINT_BUFFER = 512 };

/* A shape of the workload, made concrete for this cluster. */
struct bound_shape {
    struct task_group *groups; /* with masks of the cluster's models; perhaps clipped */
    uint32_t group_count;
    uint32_t required_level; /* in cluster->levels, or CLUSTER_MOST_LEVELS for none */
    uint32_t preferred_level;
    uint32_t tasks;
    uint32_t min_tasks;
    int64_t gpu_milli;
    int64_t least_gpu_milli;  /* of the tasks it cannot do without */
    int64_t least_whole_gpus; /* of these, GPUs that it wants whole */
    bool is_free;
    bool judged;            /* whether `never_fits` is known */
    const char *never_fits; /* why it can never run here, or NULL */
    uint64_t failed_at;     /* cluster->releases + 1 when it last found no room, or 0 */
};

/* The engine's side of a job. Fields about a run hold while it is running. */
struct job_run {
    int64_t start_us;          /* when it got its tasks */
    int64_t since_us;          /* the figures below are as of this time */
    int64_t work_left_us;      /* at reference speed */
    int64_t run_work_us;       /* work_left_us when this run began to work */
    int64_t latency_left_us;   /* start and restore time still to pass before work goes on */
    int64_t run_latency_us;    /* what latency_left_us was when this run began */
    int64_t finish_left_us;    /* to hold its tasks when the work is done */
    int64_t ran_us;            /* holding its tasks, all runs */
    int64_t attained_milli_us; /* the same times milli-GPUs; saturates */
    int64_t gpu_milli;         /* held now */
    uint32_t placement;        /* in run->placements */
    uint32_t epoch;            /* raised when a pending event of it becomes stale */
    int64_t rate_ppb;          /* of reference speed */
    int64_t work_total_us;     /* its whole work, in the unit of work_left_us */
    int64_t work_kept_us;      /* it stops working when no more than this is left: a lease */
    int64_t interval_us;       /* of work between checkpoints, in this run; 0: nothing is ever lost,
                                  PARAM_NEVER_US: everything */
    int64_t saved_us;          /* of this run's work, at the end of its last save */
    int64_t save_left_us;      /* of the save that is going on; 0: none is */
    int64_t saving_us;         /* time this run has spent on saves */
    uint16_t speed_class;      /* now; jobs with a batch plan change it */
    uint8_t batch_level;       /* in that plan */
    uint8_t batch_next;        /* the level from the next checkpoint on */
    uint8_t state;             /* enum sched_state */
    bool was_preempted;
    bool released_early; /* by sched_release_ending */
    bool halted;         /* by sched_halt */
};

struct sched_ctx {
    const struct engine_input *input;
    const struct engine_settings *settings;
    const struct workload *workload;
    struct cluster *cluster;
    struct cluster idle_cluster; /* an empty copy, to judge whether a shape can ever fit */
    struct bound_shape *shapes;
    struct job_run *jobs;
    double *speeds_per_s;      /* steps a second by class, then by GPU model of the cluster */
    VEC(grant_vec) placements; /* of running jobs; recycled */
    VEC(uint32_t) free_placements;
    VEC(uint32_t) sharing; /* running jobs that may share GPUs, if --slowdown sharing is given */
    struct event_queue events;
    uint32_t next_submit;
    int64_t now_us;
    int64_t pass_scheduled_us; /* --pass period: when a decide event is due, or -1 */
    bool something_happened;   /* since the last pass */
    bool in_pass;
    const char *reason;
    uint32_t reason_for; /* 1 + a job; 0: none */
    void *policy_state;
    void *place_state;
    struct estimator *estimator;
    struct digest *fingerprint;
    int64_t fingerprint_buffer[FINGERPRINT_BUFFER];
    uint32_t fingerprint_used;
    struct engine_progress progress;
    struct engine_result result;
    struct err *err; /* filled by the first impossible action; the run then ends */
    bool failed;
    struct supply *supply; /* NULL: all nodes are there all the time */
    struct causes *causes; /* NULL: nobody wants to know why jobs wait */
    bool placing;          /* the placement rule was initialised, */
    bool deciding;         /* and so was the policy */
    uint64_t instants;     /* so far */
};

/* -- engine.c -------------------------------------------------------------------------------- */

/* Can this be replayed at all? */
bool run_check_input(const struct engine_input *input, struct err *err);

/* A run in its pieces, for those who run several side by side: open; step while there is a next
 * instant (and nothing failed); close, which releases everything and is called after an open that
 * failed, too. */
bool run_open(struct sched_ctx *run, const struct engine_input *input, struct err *err);

/* When anything happens next; false when nothing ever will, the horizon is passed or it failed. */
bool run_next_instant(struct sched_ctx *run, int64_t *time_us);

/* That instant: its events, its passes, its audit if one is due. */
void run_step(struct sched_ctx *run, int64_t time_us);

/* True when the run was opened and nothing failed; *out is then filled. */
bool run_close(struct sched_ctx *run, struct engine_result *out);

/* -- isolated.c ------------------------------------------------------------------------------ */

/* engine_run with settings->isolate. */
bool run_isolated(const struct engine_input *input, struct engine_result *out, struct err *err);

/* -- shapes.c -------------------------------------------------------------------------------- */

/* Binds every shape of the workload to the cluster. */
void run_bind_shapes(struct sched_ctx *run);
void run_release_shapes(struct sched_ctx *run);

/* Why a job of this shape can never run here, or NULL. Found out once a shape, on an idle copy. */
const char *run_never_fits(struct sched_ctx *run, uint32_t shape);

/* -- speeds.c -------------------------------------------------------------------------------- */

/* Binds the speeds of the workload to the GPU models of the cluster; free() releases them. */
void run_bind_speeds(struct sched_ctx *run);

/* The rate of a job that holds these grants, all tasks of it. */
int64_t run_grants_rate_ppb(const struct sched_ctx *run, uint32_t job, const grant_vec *grants);

/* -- placing.c ------------------------------------------------------------------------------- */

/* Tells the placement rule what the job asks for, if it wants to know: `early`, before the start,
 * if it looks into the future, else when the job is submitted. */
void run_show_job(struct sched_ctx *run, uint32_t job, bool early);

/* Finds room for a whole job and takes it; false, and nothing taken, when there is none. Grants are
 * appended to `out`, which is empty before. */
bool run_place_job(struct sched_ctx *run, struct cluster *cluster, const struct bound_shape *shape,
                   grant_vec *out);

/* Places one more task of an elastic job; false when there is no room or it has all. */
bool run_place_one_more(struct sched_ctx *run, const struct bound_shape *shape, grant_vec *grants);

/* Gives back the last task that the job can do without; it must hold more than its minimum. */
void run_release_one(struct sched_ctx *run, const struct bound_shape *shape, grant_vec *grants);

/* -- spread.c -------------------------------------------------------------------------------- */

/* The part of its speed, in millionths, that a job on these spots works at. */
int64_t run_spread_ppm(const struct sched_ctx *run, const grant_vec *grants);

/* -- sharing.c ------------------------------------------------------------------------------- */

/* The same for the others on its GPUs. */
int64_t run_sharing_ppm(const struct sched_ctx *run, const struct bound_shape *shape,
                        const grant_vec *grants);

/* A job has its spots and its rate; it or another has other spots now; it has given them back. The
 * rates of the jobs beside follow. O(1) without --slowdown sharing, else O(sharing jobs). */
void run_share_begins(struct sched_ctx *run, uint32_t job);
void run_share_changes(struct sched_ctx *run);
void run_share_ends(struct sched_ctx *run, uint32_t job);

/* -- batches.c ------------------------------------------------------------------------------- */

/* A job that is submitted begins with the class and the work of the trace. */
void run_begin_plan(struct sched_ctx *run, uint32_t job);

/* -- work.c ---------------------------------------------------------------------------------- */

/* Brings a running job's figures up to now. */
void run_settle_work(struct sched_ctx *run, uint32_t job);

/* What is left to do of a running job now, without settling it; 0 while a latency still passes only
 * when nothing was left before. */
int64_t run_work_left_us(const struct sched_ctx *run, uint32_t job);

/* Is the end of a running job at this very instant? */
bool run_is_ending(const struct sched_ctx *run, uint32_t job);

/* Makes the finish event of a running job from its work, latency and rate; an older one is stale.
 */
void run_schedule_finish(struct sched_ctx *run, uint32_t job);

/* The rate it has on its grants, from the state of the cluster. */
int64_t run_rate_ppb(const struct sched_ctx *run, uint32_t job);

/* Sets the job's rate and held milli-GPUs from its grants. */
void run_update_rate(struct sched_ctx *run, uint32_t job);

/* Work that a stop now throws away, by the checkpoint rule, and that it adds; also taken off the
 * job's progress. */
int64_t run_lose_work(struct sched_ctx *run, uint32_t job);

/* -- saves.c --------------------------------------------------------------------------------- */

/* A run begins, on the grants and at the rate of now: how often is it saved? */
void run_begin_saves(struct sched_ctx *run, uint32_t job);

/* How long so much of its work takes from when its figures were settled, latency apart. */
int64_t run_working_time_us(const struct sched_ctx *run, uint32_t job, int64_t work_us);

/* What it gets done in this time, of no more than most_us. */
struct run_progress {
    int64_t work_us;
    int64_t saved_us, save_left_us; /* what these become */
    int64_t saving_us;              /* time spent on saves */
};
struct run_progress run_progress_in(const struct sched_ctx *run, uint32_t job, int64_t time_us,
                                    int64_t most_us);

/* Work of this run that would have to be done again. */
int64_t run_unsaved_us(const struct sched_ctx *run, uint32_t job);

/* -- jobs.c ---------------------------------------------------------------------------------- */

/* The state changes of a job; each emits its record. */
void run_submit_job(struct sched_ctx *run, uint32_t job);
bool run_start_job(struct sched_ctx *run, uint32_t job);

/* The same on GPUs of these models only (bit i: model i of the cluster). */
bool run_start_job_on(struct sched_ctx *run, uint32_t job, uint64_t models);

/* The job holds the grants of this placement from now on. */
void run_begin_job(struct sched_ctx *run, uint32_t job, uint32_t placement, int64_t latency_us);
uint32_t run_take_placement(struct sched_ctx *run); /* an empty list of grants */
void run_finish_job(struct sched_ctx *run, uint32_t job);
void run_stop_job(struct sched_ctx *run, uint32_t job);

grant_vec *run_grants(struct sched_ctx *run, uint32_t job);

/* Something it holds goes away: a running job stops, whole, and is pending again at the cost of a
 * preemption. Tells the policy. */
void run_interrupt_job(struct sched_ctx *run, uint32_t job);

/* -- supply.c -------------------------------------------------------------------------------- */

/* Nodes that fail and are repaired, if the settings say so. False with *err filled when what fails
 * is not in the cluster. */
bool run_supply_open(struct sched_ctx *run, struct err *err);

/* What is not there at the beginning goes, when policy and placement rule have seen the whole. */
void run_supply_begin(struct sched_ctx *run);

/* Everything is there again; releases the state. */
void run_supply_close(struct sched_ctx *run);

/* Something was recorded: who is on which node now. O(grants). */
void run_supply_note(struct sched_ctx *run, const struct log_record *record);

/* The next change of supply, if it comes before `other` (NULL: nothing else is to happen). */
const struct event *run_supply_next(const struct sched_ctx *run, const struct event *other);

/* How often, a microsecond, anything of these grants is expected to go away. O(grants^2). */
double run_supply_failure_rate(const struct sched_ctx *run, const grant_vec *grants);

/* When nothing else is to happen: can it still help anybody who waits? */
bool run_supply_matters(const struct sched_ctx *run);

/* Applies the next change: jobs on what goes are stopped. True when anything did change. O(log),
 * and what the jobs hold. */
bool run_supply_apply(struct sched_ctx *run);

/* An instant is over: elastic pools order what is missing. */
void run_supply_settle(struct sched_ctx *run);

/* Is anything broken, away or closed that could be there? */
bool run_supply_is_short(const struct sched_ctx *run);

/* Puts it all there for a question, `whole`, and takes it away again. O(what is short). */
void run_supply_pretend(struct sched_ctx *run, bool whole);

/* What was asked since run_supply_settle changed nothing for good: nobody looks for it. */
void run_supply_overlook(struct sched_ctx *run);

/* -- causes.c -------------------------------------------------------------------------------- */

/* Why do jobs wait? The state of that question, with a placement rule of its own to ask, so that
 * asking changes no decision; released with run_causes_close. False with *err filled. */
bool run_causes_open(struct sched_ctx *run, struct err *err);
void run_causes_close(struct sched_ctx *run);

/* The instance of the placement rule that is asked why jobs wait; NULL when nobody asks. */
void *run_causes_place_state(struct sched_ctx *run);

/* Something was recorded: jobs that become or cease to be pending, room that changed. */
void run_causes_note(struct sched_ctx *run, const struct log_record *record);

/* An instant is over: judges the shapes that wait, where the answer may have changed, and logs what
 * changed. One question to the placement rule for a shape that waits though enough GPUs are free.
 */
void run_causes_judge(struct sched_ctx *run);

/* -- record.c -------------------------------------------------------------------------------- */

/* Hands a record to every sink and adds decisions to the fingerprint. */
void run_record(struct sched_ctx *run, const struct log_record *record);

/* The record of a change of a running job: what it holds now, what it held before (LOG_RESIZE and
 * LOG_MIGRATE), work lost, and the reason the policy gave. */
void run_record_job(struct sched_ctx *run, uint32_t job, enum log_kind kind, int64_t milli_before,
                    int64_t lost_us);

uint64_t run_fingerprint(struct sched_ctx *run);

/* -- estimates.c ----------------------------------------------------------------------------- */

struct estimator *estimator_new(const struct engine_settings *settings,
                                const struct workload *workload);
void estimator_free(struct estimator *estimator);

/* What the run's setting makes of the job now: at least 1, or SCHED_NO_ESTIMATE. */
int64_t estimator_estimate_us(const struct estimator *estimator, uint32_t job);

/* A job has ended: its duration is known from now on. */
void estimator_learn(struct estimator *estimator, uint32_t job);

/* -- actions.c ------------------------------------------------------------------------------- */

/* Ends the run for an impossible action; only the first one is reported. */
void run_refuse(struct sched_ctx *ctx, uint32_t job, const char *action, const char *why);

/* Is the action possible: asked inside a pass, about a job that exists and is in this state? */
bool run_allows(struct sched_ctx *ctx, uint32_t job, const char *action, enum sched_state state);
bool run_allows_stop(struct sched_ctx *ctx, uint32_t job, const char *action);

/* -- audit.c --------------------------------------------------------------------------------- */

/* Checks the whole state: grants against the cluster, states against the queue of events. */
void run_audit(const struct sched_ctx *run);

#endif
