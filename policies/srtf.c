/*
 * srtf - shortest remaining time first, with preemption.
 *
 * Waiting jobs are tried in order of their remaining work. One that finds room starts. One that
 * finds none takes the GPUs of running jobs that have more than `hysteresis` seconds more left than
 * it, those with most left first, if that gives it enough; else it is passed over. With
 * key=gpu_remaining, remaining work is multiplied by GPUs (SRSF), hysteresis too.
 *
 * Remaining work is the truth: this policy is an oracle, the classic bound for mean completion
 * time.
 *
 * Good: the lowest mean waits of all simple policies. Bad: needs to know the future; long jobs are
 * stopped again and again (set a hysteresis of the order of what a switch costs, or it thrashes)
 * and can starve.
 *
 * GPUs are counted in total. Where nodes matter, room made by stopping jobs may turn out to be in
 * the wrong places; the stopped jobs are then tried again in the same pass, in their turn.
 *
 * Cost of a pass: the jobs it starts, and when one of them needs victims, sorting what runs and
 * looking at waiting jobs until the next has more left than anything that runs.
 */
#include "sim/base/arith.h"
#include "sim/base/heap.h"
#include "sim/sched.h"

enum srtf_key { KEY_REMAINING, KEY_GPU_REMAINING };

struct srtf_params {
    int key; /* enum srtf_key */
    int64_t hysteresis_us;
};

static const struct param_spec params[] = {
    {.name = "key",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct srtf_params, key),
     .dflt = "remaining",
     .choices = "remaining|gpu_remaining",
     .help = "what is compared: remaining time, or remaining time times GPUs (SRSF)"},
    {.name = "hysteresis",
     .type = PARAM_SECONDS,
     .offset = offsetof(struct srtf_params, hysteresis_us),
     .dflt = "0",
     .min = 0,
     .max = 1e12,
     .help = "seconds that a victim must have left beyond the job that takes its place"},
    {.name = NULL},
};

struct victim {
    int64_t key;
    int64_t gpu_milli;
    uint32_t job;
};

struct srtf {
    struct srtf_params params;
    struct heap pending;            /* by key */
    VEC(uint32_t) running;          /* in no order */
    uint32_t *places;               /* by job: place in running */
    VEC(struct victim) victims;     /* of this pass: what runs, most left first */
    size_t next_victim;             /* those before it have been stopped */
    bool victims_known;             /* in this pass */
    VEC(struct heap_item) deferred; /* tried in this pass and left waiting */
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    struct srtf *srtf = state;
    srtf->params = *(const struct srtf_params *)values;
    srtf->places = mem_alloc(sched_job_count(ctx), sizeof(*srtf->places));
    return true;
}

static void release(void *state)
{
    struct srtf *srtf = state;
    heap_release(&srtf->pending);
    vec_release(&srtf->running);
    vec_release(&srtf->victims);
    vec_release(&srtf->deferred);
    free(srtf->places);
}

/* Work left of a job that needs so many milli-GPUs, as compared. */
static int64_t key_of(const struct srtf *srtf, int64_t remaining_us, int64_t gpu_milli)
{
    return srtf->params.key == KEY_REMAINING ? remaining_us
                                             : mul_div_floor(remaining_us, gpu_milli, 1000);
}

static void make_pending(struct srtf *srtf, struct sched_ctx *ctx, uint32_t job)
{
    int64_t key = key_of(srtf, sched_remaining_us(ctx, job), sched_job(ctx, job).gpu_milli);
    heap_push(&srtf->pending, job, key);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    make_pending(state, ctx, job);
}

static void add_running(struct srtf *srtf, uint32_t job)
{
    srtf->places[job] = (uint32_t)srtf->running.count;
    vec_push(&srtf->running, job);
}

static void remove_running(struct srtf *srtf, uint32_t job)
{
    uint32_t last = vec_pop(&srtf->running);
    if (last != job) {
        srtf->running.items[srtf->places[job]] = last;
        srtf->places[last] = srtf->places[job];
    }
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    remove_running(state, job);
}

static int compare_victims(const void *a, const void *b)
{
    const struct victim *x = a;
    const struct victim *y = b;
    if (x->key != y->key) {
        return x->key > y->key ? -1 : 1;
    }
    return x->job > y->job ? -1 : 1;
}

/* Lists what runs now and may be stopped. */
static void find_victims(struct srtf *srtf, struct sched_ctx *ctx)
{
    vec_clear(&srtf->victims);
    srtf->next_victim = 0;
    srtf->victims_known = true;
    for (size_t i = 0; i < srtf->running.count; i++) {
        uint32_t job = srtf->running.items[i];
        struct sched_job facts = sched_job(ctx, job);
        if (facts.preemptible) {
            int64_t key = key_of(srtf, sched_remaining_us(ctx, job), facts.gpu_milli);
            struct victim victim = {key, facts.gpu_milli, job};
            vec_push(&srtf->victims, victim);
        }
    }
    if (srtf->victims.count > 0) {
        qsort(srtf->victims.items, srtf->victims.count, sizeof(struct victim), compare_victims);
    }
}

/* How many further victims the job would need, or 0 when they are not enough. */
static size_t victims_for(const struct srtf *srtf, const struct sched_ctx *ctx, int64_t key,
                          const struct sched_job *facts)
{
    int64_t margin = key_of(srtf, srtf->params.hysteresis_us, facts->gpu_milli);
    int64_t free_milli = sched_cluster(ctx)->free_gpu_milli;
    size_t at = srtf->next_victim;
    while (at < srtf->victims.count && free_milli < facts->gpu_milli &&
           srtf->victims.items[at].key > time_add_us(key, margin)) {
        free_milli += srtf->victims.items[at].gpu_milli;
        at++;
    }
    return free_milli >= facts->gpu_milli ? at - srtf->next_victim : 0;
}

static bool start_in_place_of_others(struct srtf *srtf, struct sched_ctx *ctx,
                                     struct heap_item item)
{
    if (!srtf->victims_known) {
        find_victims(srtf, ctx);
    }
    struct sched_job facts = sched_job(ctx, item.id);
    size_t count = victims_for(srtf, ctx, item.key, &facts);
    if (count == 0) {
        return false;
    }
    sched_because(ctx, "has more left than a job that waits");
    for (size_t i = 0; i < count; i++) {
        uint32_t victim = srtf->victims.items[srtf->next_victim++].job;
        sched_preempt(ctx, victim);
        remove_running(srtf, victim);
        make_pending(srtf, ctx, victim);
    }
    sched_because(ctx, "has less left than what ran in its place");
    return sched_start(ctx, item.id);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct srtf *srtf = state;
    srtf->victims_known = false;
    vec_clear(&srtf->deferred);
    while (heap_count(&srtf->pending) > 0) {
        struct heap_item item = heap_top(&srtf->pending);
        /* Nothing that runs has more left than this job, nor than those behind it. */
        bool hopeless = srtf->victims_known && sched_cluster(ctx)->free_gpu_milli == 0 &&
                        (srtf->next_victim == srtf->victims.count ||
                         srtf->victims.items[srtf->next_victim].key <= item.key);
        if (hopeless) {
            break;
        }
        (void)heap_pop(&srtf->pending);
        sched_because(ctx, "least left among those that wait");
        if (sched_start(ctx, item.id) || start_in_place_of_others(srtf, ctx, item)) {
            add_running(srtf, item.id);
        } else {
            vec_push(&srtf->deferred, item);
        }
    }
    for (size_t i = 0; i < srtf->deferred.count; i++) {
        heap_push(&srtf->pending, srtf->deferred.items[i].id, srtf->deferred.items[i].key);
    }
}

extern const struct sched_ops sched_policy_srtf;
const struct sched_ops sched_policy_srtf = {
    .name = "srtf",
    .help = "shortest remaining time first, preemptive; knows the truth",
    .source = "Schrage 1968; hysteresis and GPU-weighted key as in Tiresias and Helios baselines",
    .flags = SCHED_ORACLE | SCHED_PREEMPTS,
    .state_size = sizeof(struct srtf),
    .params_size = sizeof(struct srtf_params),
    .params = params,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
