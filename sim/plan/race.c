/* race.c - see race.h. */
#include "sim/plan/race.h"

#include <math.h>

#include "sim/study/stats.h"

enum { FIRST_LOOK = 4, LOOKS = 8 };

struct rival {
    size_t number;
    const struct plan_tried *tried;
    bool is_out;
};

typedef VEC(struct rival) rivals_vec;

static void collect(const struct search *search, rivals_vec *rivals)
{
    const plan_candidates *all = search->candidates;
    for (size_t i = 0; i < all->count; i++) {
        const struct plan_candidate *own = &all->items[i];
        bool covered =
            search->terms.policy != SEARCH_ANY_POLICY && search->terms.policy != own->policy;
        for (size_t k = 0; k < all->count && !covered; k++) {
            covered = k != i && plan_candidate_covers(search->study, &all->items[k], own);
        }
        if (!covered) {
            struct rival rival = {i, NULL, false};
            vec_push(rivals, rival);
        }
    }
}

static size_t best_of(const rivals_vec *rivals)
{
    size_t best = SEARCH_NONE;
    double least = (double)INFINITY;
    for (size_t i = 0; i < rivals->count; i++) {
        double own = rivals->items[i].is_out ? (double)INFINITY
                                             : plan_number_of(rivals->items[i].tried, PLAN_METRIC);
        if (own < least) {
            least = own;
            best = i;
        }
    }
    return best;
}

/* Is `own` worse than the best, and is that more than luck? */
static bool is_worse(const struct plan_tried *best, const struct plan_tried *own, double level)
{
    size_t count =
        best->outcomes.count < own->outcomes.count ? best->outcomes.count : own->outcomes.count;
    double sum = 0;
    double squares = 0;
    for (size_t r = 0; r < count; r++) {
        double difference = own->outcomes.items[r].numbers[PLAN_METRIC] -
                            best->outcomes.items[r].numbers[PLAN_METRIC];
        sum += difference;
        squares += difference * difference;
    }
    return stats_mean_is_above_zero(sum, squares, count, level);
}

static bool look(struct search *search, rivals_vec *rivals, uint32_t count, struct err *err)
{
    const struct plan_study *study = search->study;
    for (size_t i = 0; i < rivals->count; i++) {
        struct rival *rival = &rivals->items[i];
        if (rival->is_out) {
            continue;
        }
        search->tried += rival->tried == NULL ? 1 : 0;
        rival->tried = plan_try(search->bench, &search->candidates->items[rival->number],
                                &search->terms.world, count, err);
        if (rival->tried == NULL) {
            return false;
        }
        bool is_full = count >= study->replications;
        double confidence = is_full ? study->confidence : 1 - (1 - study->confidence) / LOOKS;
        enum search_state state =
            search_judge(search->bench, study, rival->tried, confidence, search->terms.without);
        rival->is_out = state == SEARCH_BREAKS || (is_full && state != SEARCH_KEEPS);
        search->state[rival->number] = (uint8_t)(rival->is_out ? SEARCH_BREAKS
                                                 : is_full     ? SEARCH_KEEPS
                                                               : SEARCH_UNKNOWN);
    }
    size_t best = best_of(rivals);
    double level = 1 - (1 - study->confidence) / LOOKS / (double)rivals->count;
    for (size_t i = 0; best != SEARCH_NONE && i < rivals->count; i++) {
        struct rival *rival = &rivals->items[i];
        rival->is_out = rival->is_out || is_worse(rivals->items[best].tried, rival->tried, level);
    }
    return true;
}

bool race_run(struct search *search, struct plan_bench *bench, const struct plan_study *study,
              const plan_candidates *candidates, const struct search_terms *terms, size_t *ties,
              struct err *err)
{
    rivals_vec rivals = {0};
    search_init(search, bench, study, candidates, terms);
    collect(search, &rivals);
    bool ok = true;
    uint32_t count = FIRST_LOOK;
    for (bool full = false; ok && !full; count *= 2) {
        full = count >= study->replications;
        ok = look(search, &rivals, full ? study->replications : count, err);
    }
    size_t best = ok ? best_of(&rivals) : SEARCH_NONE;
    *ties = 0;
    for (size_t i = 0; i < rivals.count; i++) {
        *ties += i != best && !rivals.items[i].is_out ? 1 : 0;
    }
    search->best = best == SEARCH_NONE ? SEARCH_NONE : rivals.items[best].number;
    vec_release(&rivals);
    return ok;
}
