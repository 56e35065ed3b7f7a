/* quotas.c - see quotas.h. */
#include "sim/plan/quotas.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/plan/search.h"

enum { FIRST_LOOK = 4, LOOKS = 8, MOST_ROUNDS = 200, FIRST_PART = 2 };

/* One-sided, of a single move: a wrong one costs a detour, for what was found is tested anew. */
static const double MOVE_CONFIDENCE = 0.8;

/* -- loss ------------------------------------------------------------------------------------ */

/* Of the number'th queue that may change, in one replication. */
static double loss_of(const struct plan_study *study, const struct plan_tried *tried, size_t number,
                      uint32_t replication)
{
    const struct plan_quotas *quotas = &study->quotas;
    const struct level_sum *sum =
        &tried->outcomes.items[replication].sums[quotas->first_level + number];
    double ratio = sum->bottom > 0 ? sum->top / sum->bottom : 0;
    bool is_kept_share = quotas->kind == LEVEL_SHARE_WAIT;
    return is_kept_share ? (sum->bottom > 0 ? 1 - ratio : 0) : ratio;
}

/* What is to be least, in one replication. */
static double objective_of(const struct plan_study *study, const struct plan_tried *tried,
                           uint32_t replication)
{
    size_t count = study->quotas.queues.count;
    double worst = 0;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double own = loss_of(study, tried, i, replication);
        worst = own > worst ? own : worst;
        sum += own;
    }
    return study->quotas.of_all ? sum / (double)count : worst;
}

static double mean_objective(const struct plan_study *study, const struct plan_tried *tried,
                             uint32_t count)
{
    double sum = 0;
    for (uint32_t r = 0; r < count; r++) {
        sum += objective_of(study, tried, r);
    }
    return sum / count;
}

/* Is a larger than b over the first `count` replications, by more than luck? A loss without end is
 * larger than any other. */
static bool is_larger(const struct plan_study *study, const struct plan_tried *a,
                      const struct plan_tried *b, uint32_t count, double level)
{
    double sum = 0;
    double squares = 0;
    for (uint32_t r = 0; r < count; r++) {
        double own = objective_of(study, a, r);
        double other = objective_of(study, b, r);
        double difference = isinf(own) && isinf(other) ? 0 : own - other;
        sum += difference;
        squares += difference * difference;
    }
    return isinf(sum) || count < 2 ? sum > 0 : stats_mean_is_above_zero(sum, squares, count, level);
}

static bool is_same(const struct plan_study *study, const struct plan_tried *a,
                    const struct plan_tried *b, uint32_t count)
{
    for (uint32_t r = 0; r < count; r++) {
        for (size_t i = 0; i < study->quotas.queues.count; i++) {
            double own = loss_of(study, a, i, r);
            double other = loss_of(study, b, i, r);
            if (own < other || own > other) {
                return false;
            }
        }
    }
    return true;
}

/* -- moves ----------------------------------------------------------------------------------- */

static bool same_shares(const struct queue_share *a, const struct queue_share *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i].quota < b[i].quota || a[i].quota > b[i].quota || a[i].limit < b[i].limit ||
            a[i].limit > b[i].limit || a[i].weight < b[i].weight || a[i].weight > b[i].weight) {
            return false;
        }
    }
    return true;
}

/* The one array with these entitlements. */
static const struct queue_share *intern(struct plan_quotas_answer *answer,
                                        const struct queue_share *shares)
{
    size_t count = answer->study->shares.count;
    for (size_t i = 0; i < answer->made.count; i++) {
        if (same_shares(answer->made.items[i], shares, count)) {
            return answer->made.items[i];
        }
    }
    struct queue_share *own = mem_alloc(count, sizeof(*own));
    memcpy(own, shares, count * sizeof(*own));
    vec_push(&answer->made, own);
    return own;
}

struct rival {
    struct plan_candidate candidate;
    const struct plan_tried *tried;
    bool is_out;
};

struct descent {
    struct plan_quotas_answer *answer;
    double gpus; /* of the cluster */
    double step; /* of quotas and limits, now */
    struct plan_candidate at;
    VEC(struct rival) rivals; /* what is there, then the moves from it */
    struct queue_share *draft;
};

/* Puts the draft among the rivals, unless it is there already. */
static void add_draft(struct descent *descent)
{
    struct rival rival = {.candidate = descent->at};
    rival.candidate.shares = intern(descent->answer, descent->draft);
    for (size_t i = 0; i < descent->rivals.count; i++) {
        if (descent->rivals.items[i].candidate.shares == rival.candidate.shares) {
            return;
        }
    }
    vec_push(&descent->rivals, rival);
}

static void begin_draft(struct descent *descent)
{
    memcpy(descent->draft, descent->at.shares,
           descent->answer->study->shares.count * sizeof(*descent->draft));
}

/* GPUs of quota from one queue to another of the same parent. */
static void move_quota(struct descent *descent, uint32_t from, uint32_t to)
{
    const struct plan_study *study = descent->answer->study;
    begin_draft(descent);
    struct queue_share *giver = &descent->draft[from];
    struct queue_share *taker = &descent->draft[to];
    double amount = descent->step < giver->quota ? descent->step : giver->quota;
    bool fits = taker->limit < 0 || taker->quota + amount <= taker->limit;
    if (study->shares.items[from].parent == study->shares.items[to].parent && amount > 0 &&
        taker->quota >= 0 && fits) {
        giver->quota -= amount;
        taker->quota += amount;
        add_draft(descent);
    }
}

static void move_weight(struct descent *descent, uint32_t queue, double factor)
{
    begin_draft(descent);
    double weight = descent->draft[queue].weight * factor;
    if (weight >= 1.0 / 64 && weight <= 64) {
        descent->draft[queue].weight = weight;
        add_draft(descent);
    }
}

/* A limit of all GPUs is none. */
static void move_limit(struct descent *descent, uint32_t queue, double by)
{
    begin_draft(descent);
    struct queue_share *own = &descent->draft[queue];
    double now = own->limit < 0 || own->limit > descent->gpus ? descent->gpus : own->limit;
    double least = own->quota > descent->answer->study->quotas.step_gpus
                       ? own->quota
                       : descent->answer->study->quotas.step_gpus;
    double limit = now + by;
    limit = limit < least ? least : limit;
    own->limit = limit >= descent->gpus ? -1 : limit;
    add_draft(descent);
}

/* What might help this queue. */
static void add_moves_for(struct descent *descent, uint32_t queue)
{
    const struct plan_quotas *quotas = &descent->answer->study->quotas;
    for (size_t i = 0; i < quotas->queues.count; i++) {
        uint32_t other = quotas->queues.items[i];
        if (quotas->quota && other != queue) {
            move_quota(descent, other, queue);
        }
        if (quotas->weight) {
            move_weight(descent, other, other == queue ? 2 : 0.5);
        }
        if (quotas->limit) {
            move_limit(descent, other, other == queue ? descent->step : -descent->step);
        }
    }
}

/* The queue that loses most where the search is now. */
static uint32_t worst_queue(const struct descent *descent, const struct plan_tried *tried)
{
    const struct plan_study *study = descent->answer->study;
    uint32_t worst = study->quotas.queues.items[0];
    double most = -1;
    for (size_t i = 0; i < study->quotas.queues.count; i++) {
        double sum = 0;
        for (uint32_t r = 0; r < study->replications; r++) {
            sum += loss_of(study, tried, i, r);
        }
        if (sum > most) {
            most = sum;
            worst = study->quotas.queues.items[i];
        }
    }
    return worst;
}

static void collect_moves(struct descent *descent, const struct plan_tried *now)
{
    const struct plan_quotas *quotas = &descent->answer->study->quotas;
    struct rival present = {descent->at, now, false};
    vec_clear(&descent->rivals);
    vec_push(&descent->rivals, present);
    if (!quotas->of_all) {
        add_moves_for(descent, worst_queue(descent, now));
        return;
    }
    for (size_t i = 0; i < quotas->queues.count; i++) {
        add_moves_for(descent, quotas->queues.items[i]);
    }
}

/* -- the race -------------------------------------------------------------------------------- */

static bool breaks_level(const struct plan_quotas_answer *answer, const struct plan_tried *tried,
                         double confidence)
{
    for (uint32_t i = 0; i < answer->study->quotas.first_level; i++) {
        if (plan_level_of(answer->bench, tried, i, confidence).verdict == LEVEL_BROKEN) {
            return true;
        }
    }
    return false;
}

static size_t best_of(const struct descent *descent, uint32_t count)
{
    size_t best = 0;
    double least = (double)INFINITY;
    for (size_t i = 0; i < descent->rivals.count; i++) {
        const struct rival *rival = &descent->rivals.items[i];
        if (rival->is_out) {
            continue;
        }
        double own = mean_objective(descent->answer->study, rival->tried, count);
        if (own < least) {
            least = own;
            best = i;
        }
    }
    return best;
}

/* Runs those still in on so many replications; the worse ones drop out. */
static bool look(struct descent *descent, uint32_t count, struct err *err)
{
    struct plan_quotas_answer *answer = descent->answer;
    const struct plan_study *study = answer->study;
    double level = 1 - (1 - study->confidence) / LOOKS / (double)descent->rivals.count;
    for (size_t i = 0; i < descent->rivals.count; i++) {
        struct rival *rival = &descent->rivals.items[i];
        if (rival->is_out) {
            continue;
        }
        answer->tried += rival->tried == NULL ? 1 : 0;
        rival->tried = plan_try_whole(answer->bench, &rival->candidate, &plan_as_it_is, count, err);
        if (rival->tried == NULL) {
            return false;
        }
        rival->is_out = i > 0 && breaks_level(answer, rival->tried, level);
        answer->any_effect = answer->any_effect ||
                             !is_same(study, rival->tried, descent->rivals.items[0].tried, count);
    }
    size_t best = best_of(descent, count);
    for (size_t i = 1; i < descent->rivals.count; i++) {
        struct rival *rival = &descent->rivals.items[i];
        rival->is_out = rival->is_out || is_larger(study, rival->tried,
                                                   descent->rivals.items[best].tried, count, level);
    }
    return true;
}

/* True in *took: a move was better, and the search is there now. */
static bool race(struct descent *descent, bool *took, struct err *err)
{
    const struct plan_study *study = descent->answer->study;
    uint32_t count = FIRST_LOOK;
    for (bool is_full = false; !is_full; count *= 2) {
        is_full = count >= study->replications;
        if (!look(descent, is_full ? study->replications : count, err)) {
            return false;
        }
    }
    size_t best = best_of(descent, study->replications);
    *took = best > 0 &&
            is_larger(study, descent->rivals.items[0].tried, descent->rivals.items[best].tried,
                      study->replications, MOVE_CONFIDENCE);
    if (*took) {
        descent->at = descent->rivals.items[best].candidate;
        descent->answer->taken++;
    }
    return true;
}

/* The largest power of two times the least step that is at most half the cluster. */
static double first_step(const struct descent *descent)
{
    double step = descent->answer->study->quotas.step_gpus;
    while (step * 2 <= descent->gpus / FIRST_PART) {
        step *= 2;
    }
    return step;
}

static bool descend(struct descent *descent, struct err *err)
{
    const struct plan_study *study = descent->answer->study;
    descent->step = first_step(descent);
    for (int round = 0; round < MOST_ROUNDS; round++) {
        const struct plan_tried *now = plan_try_whole(descent->answer->bench, &descent->at,
                                                      &plan_as_it_is, study->replications, err);
        bool took = false;
        if (now == NULL) {
            return false;
        }
        collect_moves(descent, now);
        if (!race(descent, &took, err)) {
            return false;
        }
        if (!took && descent->step / 2 < study->quotas.step_gpus) {
            return true;
        }
        descent->step /= took ? 1 : 2;
    }
    return true;
}

/* -- now against found, on new replications --------------------------------------------------- */

typedef double loss_function(const struct plan_study *study, const struct plan_tried *tried,
                             size_t number, uint32_t replication);

static double objective_function(const struct plan_study *study, const struct plan_tried *tried,
                                 size_t number, uint32_t replication)
{
    (void)number;
    return objective_of(study, tried, replication);
}

static struct quota_loss compare(const struct plan_study *study, const struct plan_tried *now,
                                 const struct plan_tried *found, loss_function *loss, size_t number)
{
    struct quota_loss out;
    uint32_t count = study->replications;
    double *values = mem_alloc((size_t)count * 3, sizeof(*values));
    for (uint32_t r = 0; r < count; r++) {
        double before = loss(study, now, number, count + r);
        double after = loss(study, found, number, count + r);
        values[r] = before;
        values[count + r] = after;
        values[2 * count + r] = isinf(before) && isinf(after) ? 0 : after - before;
    }
    stats_estimate(values, count, study->confidence, INTERVAL_T, 0, &out.now);
    stats_estimate(values + count, count, study->confidence, INTERVAL_T, 0, &out.found);
    stats_estimate(values + 2 * count, count, study->confidence, INTERVAL_T, 0, &out.difference);
    free(values);
    return out;
}

static bool confirm(struct plan_quotas_answer *answer, struct err *err)
{
    const struct plan_study *study = answer->study;
    uint32_t twice = 2 * study->replications;
    const struct plan_tried *now =
        plan_try_whole(answer->bench, &answer->now, &plan_as_it_is, twice, err);
    const struct plan_tried *found =
        now == NULL ? NULL
                    : plan_try_whole(answer->bench, &answer->found, &plan_as_it_is, twice, err);
    if (found == NULL) {
        return false;
    }
    for (size_t i = 0; i < study->quotas.queues.count; i++) {
        struct quota_loss own = compare(study, now, found, loss_of, i);
        vec_push(&answer->losses, own);
    }
    answer->objective = compare(study, now, found, objective_function, 0);
    answer->keeps_levels = !breaks_level(answer, found, study->confidence);
    return true;
}

bool plan_quotas_solve(const struct plan_study *study, struct plan_bench *bench,
                       struct plan_quotas_answer *out, struct err *err)
{
    const int64_t no_nodes[PLAN_MOST_POOLS] = {0};
    size_t count = study->shares.count;
    *out = (struct plan_quotas_answer){.study = study, .bench = bench};
    struct descent descent = {
        .answer = out,
        .at = plan_candidate_of(study, no_nodes, 0),
        .draft = mem_alloc(count, sizeof(*descent.draft)),
    };
    for (size_t i = 0; i < count; i++) {
        descent.draft[i] = study->shares.items[i].gpu;
    }
    descent.at.shares = intern(out, descent.draft);
    descent.gpus = descent.at.gpus;
    out->now = descent.at;
    bool ok = descend(&descent, err);
    out->found = descent.at;
    vec_release(&descent.rivals);
    free(descent.draft);
    return ok && confirm(out, err);
}

void plan_quotas_release(struct plan_quotas_answer *answer)
{
    for (size_t i = 0; i < answer->made.count; i++) {
        free(answer->made.items[i]);
    }
    vec_release(&answer->made);
    vec_release(&answer->losses);
}

bool plan_quotas_helps(const struct plan_quotas_answer *answer)
{
    return answer->taken > 0 && answer->objective.difference.high < 0;
}
