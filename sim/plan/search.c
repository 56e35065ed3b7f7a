/* search.c - see search.h. */
#include "sim/plan/search.h"

#include "sim/base/check.h"

enum { PILOT = 4, MOST_LOOKS = 8, MOST_TRIES_AT_ONCE = 48 };

enum search_state search_judge(const struct plan_bench *bench, const struct plan_study *study,
                               const struct plan_tried *tried, double confidence, uint32_t without)
{
    bool all = true;
    for (uint32_t i = 0; i < study->levels.count; i++) {
        if (i == without) {
            continue;
        }
        struct level_estimate level = plan_level_of(bench, tried, i, confidence);
        if (level.verdict == LEVEL_BROKEN) {
            return SEARCH_BREAKS;
        }
        all = all && level.verdict == LEVEL_KEPT;
    }
    return all ? SEARCH_KEEPS : SEARCH_UNKNOWN;
}

size_t search_find(const struct plan_study *study, const plan_candidates *candidates,
                   const struct plan_candidate *wanted)
{
    for (size_t i = 0; i < candidates->count; i++) {
        if (plan_candidate_covers(study, &candidates->items[i], wanted) &&
            plan_candidate_covers(study, wanted, &candidates->items[i])) {
            return i;
        }
    }
    return SEARCH_NONE;
}

/* -- one candidate --------------------------------------------------------------------------- */

static bool was_stopped(const struct plan_tried *tried)
{
    for (size_t i = 0; i < tried->outcomes.count; i++) {
        if (tried->outcomes.items[i].is_best) {
            return true;
        }
    }
    return false;
}

/* Looks after 4, 8, 16, ... replications: an early answer has to be surer, because there are
 * several chances to be wrong; who is still unclear after all of them has not shown that it keeps
 * the levels. */
static bool try_candidate(struct search *search, size_t number, uint32_t least, struct err *err)
{
    const struct plan_study *study = search->study;
    double early = 1 - (1 - study->confidence) / MOST_LOOKS;
    uint32_t count = least > PILOT ? least : PILOT;
    search->tried += search->state[number] == SEARCH_UNKNOWN ? 1 : 0;
    for (;;) {
        count = count < study->replications ? count : study->replications;
        bool is_full = count == study->replications;
        const struct plan_tried *tried = plan_try(search->bench, &search->candidates->items[number],
                                                  &search->terms.world, count, err);
        if (tried == NULL) {
            return false;
        }
        is_full = is_full || tried->outcomes.count >= study->replications;
        enum search_state state =
            search_judge(search->bench, study, tried, is_full ? study->confidence : early,
                         search->terms.without);
        if (state != SEARCH_BREAKS && was_stopped(tried)) {
            /* What runs could have become at best is not enough to say that levels are kept. */
            tried = plan_try_whole(search->bench, &search->candidates->items[number],
                                   &search->terms.world, count, err);
            if (tried == NULL) {
                return false;
            }
            state = search_judge(search->bench, study, tried, is_full ? study->confidence : early,
                                 search->terms.without);
        }
        if (is_full && state == SEARCH_UNKNOWN) {
            state = SEARCH_BREAKS;
        }
        if (state != SEARCH_UNKNOWN) {
            search->state[number] = (uint8_t)state;
            search->is_full[number] = is_full;
            search->spend[number] = tried->candidate.spend;
            return true;
        }
        count *= 2;
    }
}

/* -- which next ------------------------------------------------------------------------------ */

/* Does a candidate that was tried say it of this one? */
static bool is_settled(const struct search *search, size_t number)
{
    const struct plan_candidate *candidate = &search->candidates->items[number];
    if (search->state[number] != SEARCH_UNKNOWN) {
        return true;
    }
    if (search->lawless[candidate->policy]) {
        return false;
    }
    for (size_t i = 0; i < search->candidates->count; i++) {
        if (search->state[i] == SEARCH_BREAKS &&
            plan_candidate_covers(search->study, &search->candidates->items[i], candidate)) {
            return true;
        }
    }
    return false;
}

/* The cheapest that keeps the levels so far; the first of equal ones. */
static size_t cheapest(const struct search *search)
{
    size_t best = SEARCH_NONE;
    for (size_t i = 0; i < search->candidates->count; i++) {
        if (search->state[i] == SEARCH_KEEPS &&
            (best == SEARCH_NONE || search->spend[i] < search->spend[best])) {
            best = i;
        }
    }
    return best;
}

/* Candidates from here on cost as much as the best, or more, even if what is paid for by use is
 * never used. */
static size_t end_of_cheaper(const struct search *search)
{
    size_t best = cheapest(search);
    size_t end = 0;
    while (end < search->candidates->count &&
           (best == SEARCH_NONE || search->candidates->items[end].spend < search->spend[best])) {
        end++;
    }
    return end;
}

typedef VEC(size_t) numbers_vec;

/* Those that could still be the answer. */
static void collect_open(const struct search *search, numbers_vec *open)
{
    size_t end = end_of_cheaper(search);
    VEC(size_t) broken = {0};
    for (size_t i = 0; i < search->candidates->count; i++) {
        if (search->state[i] == SEARCH_BREAKS) {
            vec_push(&broken, i);
        }
    }
    vec_clear(open);
    for (size_t i = 0; i < end; i++) {
        const struct plan_candidate *candidate = &search->candidates->items[i];
        bool settled =
            search->state[i] != SEARCH_UNKNOWN || (search->terms.policy != SEARCH_ANY_POLICY &&
                                                   search->terms.policy != candidate->policy);
        for (size_t k = 0; !settled && k < broken.count && !search->lawless[candidate->policy];
             k++) {
            settled = plan_candidate_covers(search->study,
                                            &search->candidates->items[broken.items[k]], candidate);
        }
        if (!settled) {
            vec_push(open, i);
        }
    }
    vec_release(&broken);
}

/* How many others the answer settles at least: those that cost more if it keeps the levels, those
 * it covers if it does not. */
static size_t worth(const struct search *search, const numbers_vec *open, size_t at)
{
    const struct plan_candidate *candidate = &search->candidates->items[open->items[at]];
    size_t dearer = open->count - at;
    size_t covered = 1;
    for (size_t i = 0; i < at && !search->lawless[candidate->policy]; i++) {
        covered += plan_candidate_covers(search->study, candidate,
                                         &search->candidates->items[open->items[i]])
                       ? 1
                       : 0;
    }
    return dearer < covered ? dearer : covered;
}

static size_t choose(const struct search *search, const numbers_vec *open)
{
    size_t steps = open->count < MOST_TRIES_AT_ONCE ? open->count : MOST_TRIES_AT_ONCE;
    size_t best = 0;
    size_t best_worth = 0;
    for (size_t i = 0; i < steps; i++) {
        size_t at = (i * open->count + open->count / 2) / steps;
        size_t own = worth(search, open, at);
        if (own > best_worth) {
            best_worth = own;
            best = at;
        }
    }
    return open->items[best];
}

/* -- the search ------------------------------------------------------------------------------ */

/* Until nobody could be cheaper, and the cheapest has all replications. */
static bool narrow(struct search *search, struct err *err)
{
    numbers_vec open = {0};
    bool ok = true;
    for (;;) {
        collect_open(search, &open);
        size_t best = cheapest(search);
        if (open.count > 0) {
            ok = try_candidate(search, choose(search, &open), 0, err);
        } else if (best != SEARCH_NONE && !search->is_full[best]) {
            ok = try_candidate(search, best, search->study->replications, err);
        } else {
            break;
        }
        if (!ok) {
            break;
        }
    }
    search->best = cheapest(search);
    vec_release(&open);
    return ok;
}

/* Runs the neighbours with a step less. True in *changed: one of them keeps the levels, although
 * one that covers it breaks them. */
static bool confirm(struct search *search, bool *changed, struct err *err)
{
    *changed = false;
    if (search->best == SEARCH_NONE) {
        return true;
    }
    const struct plan_candidate best = search->candidates->items[search->best];
    for (size_t i = 0; i < search->study->pools.count; i++) {
        struct plan_candidate less = best;
        less.nodes[i] -= search->study->pools.items[i].step;
        size_t number = search_find(search->study, search->candidates, &less);
        if (number == SEARCH_NONE || search->state[number] != SEARCH_UNKNOWN) {
            continue;
        }
        bool was_settled = is_settled(search, number);
        if (!try_candidate(search, number, 0, err)) {
            return false;
        }
        if (search->state[number] == SEARCH_KEEPS) {
            search->lawless[best.policy] = search->lawless[best.policy] || was_settled;
            *changed = true;
        }
    }
    return true;
}

void search_init(struct search *search, struct plan_bench *bench, const struct plan_study *study,
                 const plan_candidates *candidates, const struct search_terms *terms)
{
    *search = (struct search){
        .bench = bench,
        .study = study,
        .candidates = candidates,
        .terms = *terms,
        .spend = mem_alloc(candidates->count, sizeof(double)),
        .state = mem_alloc(candidates->count, sizeof(uint8_t)),
        .is_full = mem_alloc(candidates->count, sizeof(bool)),
        .lawless = mem_alloc(study->policies.count, sizeof(bool)),
        .best = SEARCH_NONE,
    };
}

/* What earlier searches ran in the same world on all replications costs nothing to know. */
static bool recall(struct search *search, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < plan_tried_count(search->bench); i++) {
        const struct plan_tried *tried = plan_tried_at(search->bench, i);
        uint32_t policy = tried->candidate.policy;
        if (tried->outcomes.count >= search->study->replications && !was_stopped(tried) &&
            plan_world_same(&tried->world, &search->terms.world) &&
            (search->terms.policy == SEARCH_ANY_POLICY || search->terms.policy == policy)) {
            size_t number = search_find(search->study, search->candidates, &tried->candidate);
            ok = number == SEARCH_NONE || try_candidate(search, number, 0, err);
        }
    }
    return ok;
}

bool search_run(struct search *search, struct plan_bench *bench, const struct plan_study *study,
                const plan_candidates *candidates, const struct search_terms *terms,
                struct err *err)
{
    search_init(search, bench, study, candidates, terms);
    bool changed = true;
    bool ok = recall(search, err);
    while (ok && changed) {
        ok = narrow(search, err) && confirm(search, &changed, err);
    }
    return ok;
}

void search_release(struct search *search)
{
    free(search->spend);
    free(search->state);
    free(search->is_full);
    free(search->lawless);
}
