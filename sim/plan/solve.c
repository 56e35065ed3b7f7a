/* solve.c - see solve.h. */
#include "sim/plan/solve.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/plan/suppose.h"

enum { MOST_DOUBLINGS = 5 };

/* -- one search ------------------------------------------------------------------------------ */

static bool search_for(struct plan_answer *answer, const struct search_terms *terms,
                       struct search *search, struct err *err)
{
    return answer->study->least == LEAST_METRIC
               ? race_run(search, answer->bench, answer->study, &answer->candidates, terms,
                          &answer->ties, err)
               : search_run(search, answer->bench, answer->study, &answer->candidates, terms, err);
}

static bool add_variant(struct plan_answer *answer, struct plan_variant variant,
                        const struct search_terms *terms, struct err *err)
{
    struct search search;
    size_t ties = answer->ties;
    bool ok = search_for(answer, terms, &search, err);
    answer->ties = ties;
    if (ok) {
        variant.found = search.best != SEARCH_NONE;
        if (variant.found) {
            const struct plan_tried *tried =
                plan_try(answer->bench, &answer->candidates.items[search.best], &terms->world,
                         answer->study->replications, err);
            ok = tried != NULL;
            variant.candidate = ok ? tried->candidate : variant.candidate;
        }
        vec_push(&answer->variants, variant);
    }
    search_release(&search);
    return ok;
}

/* -- no candidate keeps the levels ----------------------------------------------------------- */

static double worst_margin(const struct plan_answer *answer, const struct plan_tried *tried)
{
    double worst = (double)INFINITY;
    for (uint32_t i = 0; i < answer->study->levels.count; i++) {
        const struct plan_level *level = &answer->study->levels.items[i];
        struct level_estimate estimate =
            plan_level_of(answer->bench, tried, i, answer->study->confidence);
        double goal = fabs(level_goal(level));
        double margin = estimate.margin / (goal > 0 ? goal : 1);
        worst = margin < worst ? margin : worst;
    }
    return worst;
}

/* The largest candidate of every policy, run in full: who comes nearest? */
static bool find_nearest(struct plan_answer *answer, struct err *err)
{
    const struct plan_study *study = answer->study;
    double nearest = -(double)INFINITY;
    int64_t nodes[PLAN_MOST_POOLS];
    for (size_t i = 0; i < study->pools.count; i++) {
        const struct plan_pool *pool = &study->pools.items[i];
        nodes[i] = pool->least + (pool->most - pool->least) / pool->step * pool->step;
    }
    for (uint32_t policy = 0; policy < study->policies.count; policy++) {
        struct plan_candidate largest = plan_candidate_of(study, nodes, policy);
        const struct plan_tried *tried =
            plan_try_whole(answer->bench, &largest, &plan_as_it_is, study->replications, err);
        if (tried == NULL) {
            return false;
        }
        double own = worst_margin(answer, tried);
        if (answer->tried == NULL || own > nearest) {
            nearest = own;
            answer->tried = tried;
            answer->best = tried->candidate;
        }
    }
    return true;
}

/* Twice as many nodes, and again: does that help at all? */
static bool look_beyond(struct plan_answer *answer, struct err *err)
{
    const struct plan_study *study = answer->study;
    struct plan_candidate larger = answer->best;
    for (int i = 0; i < MOST_DOUBLINGS && study->pools.count > 0 && !answer->reaches; i++) {
        for (size_t k = 0; k < study->pools.count; k++) {
            larger.nodes[k] *= 2;
        }
        larger = plan_candidate_of(study, larger.nodes, larger.policy);
        const struct plan_tried *tried =
            plan_try(answer->bench, &larger, &plan_as_it_is, study->replications, err);
        if (tried == NULL) {
            return false;
        }
        answer->reaches = search_judge(answer->bench, study, tried, study->confidence,
                                       SEARCH_NO_LEVEL) == SEARCH_KEEPS;
        answer->beyond = larger;
    }
    return true;
}

/* -- around the answer ----------------------------------------------------------------------- */

static bool add_neighbour(struct plan_answer *answer, uint32_t pool, bool is_more, struct err *err)
{
    const struct plan_study *study = answer->study;
    struct plan_candidate other = answer->best;
    other.nodes[pool] += is_more ? study->pools.items[pool].step : -study->pools.items[pool].step;
    if (other.nodes[pool] < study->pools.items[pool].least) {
        return true;
    }
    other = plan_candidate_of(study, other.nodes, other.policy);
    if (!is_more && search_find(study, &answer->candidates, &other) == SEARCH_NONE) {
        return true;
    }
    struct plan_neighbour neighbour = {pool, is_more, NULL};
    neighbour.tried =
        plan_try_whole(answer->bench, &other, &plan_as_it_is, study->replications, err);
    if (neighbour.tried != NULL) {
        vec_push(&answer->neighbours, neighbour);
    }
    return neighbour.tried != NULL;
}

/* What binds shows where there is a step less. */
static bool look_around(struct plan_answer *answer, struct err *err)
{
    bool ok = true;
    struct plan_candidate looked_at = answer->best;
    for (uint32_t i = 0; ok && i < answer->study->pools.count; i++) {
        ok = add_neighbour(answer, i, false, err) && add_neighbour(answer, i, true, err);
    }
    for (size_t i = 0; i < answer->neighbours.count && !answer->looks_below; i++) {
        if (!answer->neighbours.items[i].is_more) {
            answer->looks_below = true;
            looked_at = answer->neighbours.items[i].tried->candidate;
        }
    }
    return ok && plan_look_at(answer->bench, &looked_at, &plan_as_it_is, &answer->look, err);
}

bool plan_binds(const struct plan_answer *answer, uint32_t level)
{
    for (size_t i = 0; i < answer->neighbours.count; i++) {
        const struct plan_neighbour *neighbour = &answer->neighbours.items[i];
        if (!neighbour->is_more &&
            plan_level_of(answer->bench, neighbour->tried, level, answer->study->confidence)
                    .verdict != LEVEL_KEPT) {
            return true;
        }
    }
    return false;
}

/* The answer under other suppositions, other policies, and without each level. */
static bool vary(struct plan_answer *answer, struct err *err)
{
    const struct plan_study *study = answer->study;
    bool ok = true;
    for (size_t i = 0; ok && i < supposition_count; i++) {
        const struct supposition *supposed = &suppositions[i];
        struct plan_variant variant = {.kind = supposed->kind, .name = supposed->world.name};
        const struct search_terms terms = {supposed->world, SEARCH_NO_LEVEL, answer->best.policy};
        ok = !supposed->applies(study, answer->bench, answer->best.policy) ||
             add_variant(answer, variant, &terms, err);
    }
    for (uint32_t i = 0; ok && i < study->policies.count; i++) {
        struct plan_variant variant = {.kind = "policy", .name = study->policies.items[i]};
        const struct search_terms terms = {plan_as_it_is, SEARCH_NO_LEVEL, i};
        ok = study->policies.count == 1 || add_variant(answer, variant, &terms, err);
    }
    for (uint32_t i = 0; ok && i < study->levels.count; i++) {
        struct plan_variant variant = {
            .kind = "without level", .name = study->levels.items[i].name, .level = i};
        const struct search_terms terms = {plan_as_it_is, i, SEARCH_ANY_POLICY};
        ok = study->levels.count == 1 || add_variant(answer, variant, &terms, err);
    }
    return ok;
}

/* -- the formula beside ---------------------------------------------------------------------- */

struct moments {
    double jobs, gpus, gpu_s, seconds, squares;
};

static struct moments measure(const struct workload *workload)
{
    struct moments sum = {0};
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        double gpus = (double)workload_shape_gpu_milli(workload, job->shape) / 1000;
        if (job->duration_us == TIME_UNKNOWN || !(gpus > 0)) {
            continue;
        }
        double seconds = (double)job->duration_us / 1e6;
        sum.jobs += 1;
        sum.gpus += gpus;
        sum.gpu_s += gpus * seconds;
        sum.seconds += seconds;
        sum.squares += seconds * seconds;
    }
    return sum;
}

/* Probability that all servers are busy, by Erlang's recursion for the loss formula. */
static double erlang_c(double servers, double load)
{
    double blocked = 1;
    for (double n = 1; n <= servers; n++) {
        blocked = load * blocked / (n + load * blocked);
    }
    double use = load / servers;
    return blocked / (1 - use * (1 - blocked));
}

static bool apply_formula(struct plan_answer *answer, struct err *err)
{
    const struct workload *workload = plan_workload(answer->bench, err);
    if (workload == NULL) {
        return false;
    }
    double span_s = (double)workload->jobs.items[workload->jobs.count - 1].submit_us / 1e6;
    struct moments sum = measure(workload);
    if (!(span_s > 0) || !(sum.gpus > 0) || !(sum.seconds > 0)) {
        return true;
    }
    double mean_s = sum.seconds / sum.jobs;
    double variation = sum.squares / sum.jobs / (mean_s * mean_s) - 1;
    double servers = floor(answer->best.gpus / (sum.gpus / sum.jobs));
    double load = sum.gpu_s / span_s / (sum.gpus / sum.jobs);
    answer->formula.work_gpus = sum.gpu_s / span_s;
    answer->formula.servers = servers;
    if (servers >= 1 && load < servers) {
        double waits = erlang_c(servers, load) * mean_s / (servers - load);
        answer->formula.mean_wait_s = waits * (1 + variation) / 2;
    } else {
        answer->formula.mean_wait_s = (double)INFINITY;
    }
    return true;
}

/* A level about nobody would always be kept. */
static bool check_levels(const struct plan_answer *answer, struct err *err)
{
    const struct plan_study *study = answer->study;
    const struct workload *workload = plan_workload(answer->bench, err);
    for (size_t i = 0; workload != NULL && i < study->levels.count; i++) {
        bool any = study->levels.items[i].kind == LEVEL_METRIC;
        for (uint32_t job = 0; !any && job < workload->jobs.count; job++) {
            any = level_jobs_cover(&study->levels.items[i].jobs, workload, job);
        }
        if (!any) {
            return err_set(err, ERR_FORMAT, 0, "at levels[%zu].jobs: no job of the demand is meant",
                           i);
        }
    }
    return workload != NULL;
}

/* -- all of it ------------------------------------------------------------------------------- */

static bool solve(struct plan_answer *answer, struct err *err)
{
    const struct plan_study *study = answer->study;
    const struct search_terms terms = {plan_as_it_is, SEARCH_NO_LEVEL, SEARCH_ANY_POLICY};
    struct search search;
    if (!check_levels(answer, err) || !plan_candidates_make(study, &answer->candidates, err)) {
        return false;
    }
    bool ok = search_for(answer, &terms, &search, err);
    answer->searched = search.tried;
    answer->search_runs = plan_run_count(answer->bench);
    answer->found = ok && search.best != SEARCH_NONE;
    for (size_t i = 0; i < study->policies.count; i++) {
        answer->lawless = answer->lawless || search.lawless[i];
    }
    if (answer->found) {
        answer->best = answer->candidates.items[search.best];
        answer->tried =
            plan_try(answer->bench, &answer->best, &plan_as_it_is, study->replications, err);
        ok = answer->tried != NULL;
        answer->best = ok ? answer->tried->candidate : answer->best;
    }
    search_release(&search);
    if (ok && !answer->found) {
        return find_nearest(answer, err) && look_beyond(answer, err) &&
               plan_look_at(answer->bench, &answer->best, &plan_as_it_is, &answer->look, err) &&
               apply_formula(answer, err);
    }
    return ok && look_around(answer, err) && vary(answer, err) && apply_formula(answer, err);
}

bool plan_solve(const struct plan_study *study, struct plan_bench *bench, struct plan_answer *out,
                struct err *err)
{
    *out = (struct plan_answer){.study = study, .bench = bench};
    return solve(out, err);
}

void plan_answer_release(struct plan_answer *answer)
{
    vec_release(&answer->candidates);
    vec_release(&answer->variants);
    vec_release(&answer->neighbours);
}
