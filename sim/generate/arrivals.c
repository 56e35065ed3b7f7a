/*
 * arrivals.c - see arrivals.h.
 *
 * Entities: arrival number e of the renewal process is e << 16, the further jobs of its burst count
 * up from there; job k of user u is (u + 1) << 40 | k. So bursts can be added to a model, and users
 * to a process of users, without changing what the other jobs draw.
 */
#include "sim/generate/arrivals.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/workload/workload.h"

enum { BURST_BITS = 16, USER_BITS = 40 };

static const double us_per_s = 1e6;

/* Times beyond this are reported, not drawn. */
static const double most_s = (double)WORKLOAD_MOST_US / 4e6;

static int64_t to_us(double time_s)
{
    return (int64_t)(time_s * us_per_s);
}

/* A geometric count of at least 1 with this mean, the quantile of `u`. */
static uint32_t geometric(double mean, double u, uint32_t most)
{
    if (!(mean > 1)) {
        return 1;
    }
    double count = 1 + floor(log(u) / log1p(-1 / mean));
    return count < most ? (uint32_t)count : most;
}

/* The operational step before arrival `event`. */
static double step_to(const struct arrivals *arrivals, uint64_t event)
{
    double z = draw_score(&arrivals->draws, "interarrival", event);
    return sampler_at(&arrivals->interarrival, z) / arrivals->rate;
}

static void start_sessions(struct arrivals *arrivals, const struct generate_model *model)
{
    double sum = 0;
    for (uint32_t i = 0; i < model->users.count; i++) {
        sum += pow((double)i + 1, -model->users.zipf);
    }
    for (uint32_t i = 0; i < model->users.count; i++) {
        double share = pow((double)i + 1, -model->users.zipf) / sum;
        struct session session = {.activity = share * model->users.count};
        double u = draw_uniform(&arrivals->draws, "first session", i);
        double z = draw_score(&arrivals->draws, "first pause", i);
        double op = u * sampler_at(&arrivals->pause, z) / arrivals->rate / session.activity;
        double length = draw_uniform(&arrivals->draws, "first length", i);
        session.left = geometric(arrivals->model->session_jobs, length, 1 << 20);
        session.submit_s = rate_clock_time_of(&arrivals->clock, op);
        vec_push(&arrivals->sessions, session);
        heap_push(&arrivals->next, i, to_us(fmin(session.submit_s, most_s)));
    }
}

bool arrivals_init(struct arrivals *arrivals, const struct generate_model *model, uint64_t seed,
                   double rate, struct err *err)
{
    *arrivals = (struct arrivals){
        .model = &model->arrivals,
        .draws = {seed, rng_new(seed, "", 0)},
        .rate = rate * model->arrivals.rate,
    };
    rate_clock_init(&arrivals->clock, &model->arrivals.profile, model->arrivals.start_s);
    if (model->arrivals.process == ARRIVALS_USERS) {
        if (!sampler_init(&arrivals->think, &model->arrivals.think, err) ||
            !sampler_init(&arrivals->pause, &model->arrivals.pause, err)) {
            return false;
        }
        start_sessions(arrivals, model);
        return true;
    }
    if (!sampler_init(&arrivals->interarrival, &model->arrivals.interarrival, err) ||
        !sampler_init(&arrivals->gap, &model->arrivals.burst.gap, err)) {
        return false;
    }
    arrivals->op = step_to(arrivals, 0);
    return true;
}

void arrivals_release(struct arrivals *arrivals)
{
    gsl_rng_free(arrivals->draws.stream);
    rate_clock_release(&arrivals->clock);
    sampler_release(&arrivals->interarrival);
    sampler_release(&arrivals->gap);
    sampler_release(&arrivals->think);
    sampler_release(&arrivals->pause);
    vec_release(&arrivals->bursts);
    vec_release(&arrivals->free_slots);
    vec_release(&arrivals->sessions);
    heap_release(&arrivals->next);
    *arrivals = (struct arrivals){0};
}

/* -- bursts ------------------------------------------------------------------------------------ */

static void plan_next_of(struct arrivals *arrivals, uint32_t slot)
{
    struct burst *burst = &arrivals->bursts.items[slot];
    double z = draw_score(&arrivals->draws, "gap", burst->leader + burst->done);
    burst->submit_s = fmin(burst->submit_s + sampler_at(&arrivals->gap, z), most_s);
    heap_push(&arrivals->next, slot, to_us(burst->submit_s));
}

static void begin_burst(struct arrivals *arrivals, uint64_t leader, double submit_s)
{
    const struct model_burst *model = &arrivals->model->burst;
    double u = draw_uniform(&arrivals->draws, "burst length", leader);
    struct burst burst = {
        .submit_s = submit_s,
        .leader = leader,
        .done = 1,
        .jobs = 1 + geometric(model->more_jobs, u, (1 << BURST_BITS) - 2),
    };
    uint32_t slot = (uint32_t)arrivals->bursts.count;
    if (arrivals->free_slots.count > 0) {
        slot = vec_pop(&arrivals->free_slots);
        arrivals->bursts.items[slot] = burst;
    } else {
        vec_push(&arrivals->bursts, burst);
    }
    plan_next_of(arrivals, slot);
}

static void take_from_burst(struct arrivals *arrivals, struct arrival *out)
{
    uint32_t slot = heap_pop(&arrivals->next).id;
    struct burst *burst = &arrivals->bursts.items[slot];
    *out = (struct arrival){to_us(burst->submit_s), burst->leader + burst->done, burst->leader,
                            ARRIVAL_NO_USER};
    burst->done++;
    if (burst->done < burst->jobs) {
        plan_next_of(arrivals, slot);
    } else {
        vec_push(&arrivals->free_slots, slot);
    }
}

static void take_event(struct arrivals *arrivals, double submit_s, struct arrival *out)
{
    uint64_t leader = arrivals->events << BURST_BITS;
    *out = (struct arrival){to_us(submit_s), leader, leader, ARRIVAL_NO_USER};
    double chance = arrivals->model->burst.chance;
    if (chance > 0 && draw_uniform(&arrivals->draws, "burst", leader) < chance) {
        begin_burst(arrivals, leader, submit_s);
    }
    arrivals->events++;
    arrivals->op += step_to(arrivals, arrivals->events);
}

/* -- users ------------------------------------------------------------------------------------- */

static void take_from_user(struct arrivals *arrivals, struct arrival *out)
{
    uint32_t user = heap_top(&arrivals->next).id;
    const struct session *session = &arrivals->sessions.items[user];
    uint64_t entity = ((uint64_t)user + 1) << USER_BITS | session->jobs;
    *out = (struct arrival){to_us(session->submit_s), entity, entity, user};
}

void arrivals_job_runs(struct arrivals *arrivals, const struct arrival *arrival, double duration_s)
{
    if (arrivals->model->process != ARRIVALS_USERS) {
        return;
    }
    struct session *session = &arrivals->sessions.items[arrival->user];
    double free_s = session->submit_s + (arrivals->model->after_submit ? 0 : duration_s);
    session->jobs++;
    session->left--;
    if (session->left > 0) {
        double z = draw_score(&arrivals->draws, "think", arrival->entity);
        session->submit_s =
            free_s + sampler_at(&arrivals->think, z) / arrivals->rate / session->activity;
    } else {
        double z = draw_score(&arrivals->draws, "pause", arrival->entity);
        double u = draw_uniform(&arrivals->draws, "session length", arrival->entity);
        double op = rate_clock_op_of(&arrivals->clock, free_s) +
                    sampler_at(&arrivals->pause, z) / arrivals->rate / session->activity;
        session->left = geometric(arrivals->model->session_jobs, u, 1 << 20);
        session->submit_s = rate_clock_time_of(&arrivals->clock, op);
    }
    session->submit_s = fmin(session->submit_s, most_s);
    heap_update(&arrivals->next, arrival->user, to_us(session->submit_s));
}

/* ---------------------------------------------------------------------------------------------- */

bool arrivals_next(struct arrivals *arrivals, struct arrival *out)
{
    if (arrivals->model->process == ARRIVALS_USERS) {
        take_from_user(arrivals, out);
    } else {
        double submit_s = fmin(rate_clock_time_of(&arrivals->clock, arrivals->op), most_s);
        if (heap_count(&arrivals->next) > 0 && heap_top(&arrivals->next).key < to_us(submit_s)) {
            take_from_burst(arrivals, out);
        } else {
            take_event(arrivals, submit_s, out);
        }
    }
    bool ok = out->submit_us < to_us(most_s);
    double round_us = arrivals->model->round_s * us_per_s;
    if (round_us > 1) {
        out->submit_us = (int64_t)(floor((double)out->submit_us / round_us) * round_us);
    }
    return ok;
}
