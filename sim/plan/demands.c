/* demands.c - see demands.h. */
#include "sim/plan/demands.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/transform/grow.h"
#include "sim/transform/merge.h"
#include "sim/transform/scale.h"

enum { MOST_KEPT_JOBS = 6000000 };

struct plan_demands {
    struct plan_demands_input input;
    VEC(struct plan_demand *) made;
};

const struct plan_world plan_as_it_is = {.name = "", .factor = 1, .durations = 1, .failures = 1};

static bool same_number(double a, double b)
{
    return !(a < b) && !(a > b);
}

bool plan_world_same(const struct plan_world *a, const struct plan_world *b)
{
    return same_number(a->factor, b->factor) && same_number(a->durations, b->durations) &&
           same_number(a->years, b->years) && same_number(a->failures, b->failures) &&
           a->estimates == b->estimates;
}

/* -- keeping --------------------------------------------------------------------------------- */

struct plan_demands *plan_demands_new(const struct plan_demands_input *input)
{
    struct plan_demands *demands = mem_alloc(1, sizeof(*demands));
    demands->input = *input;
    return demands;
}

static void demand_free(struct plan_demand *demand)
{
    if (demand->made) {
        workload_release(&demand->workload);
    }
    free(demand);
}

void plan_demands_free(struct plan_demands *demands)
{
    for (size_t i = 0; i < demands->made.count; i++) {
        demand_free(demands->made.items[i]);
    }
    vec_release(&demands->made);
    free(demands);
}

struct plan_demand *plan_demands_get(struct plan_demands *demands, const struct plan_world *world,
                                     uint32_t scenario, uint32_t replication)
{
    for (size_t i = 0; i < demands->made.count; i++) {
        struct plan_demand *demand = demands->made.items[i];
        if (demand->scenario == scenario && demand->replication == replication &&
            plan_world_same(&demand->world, world)) {
            return demand;
        }
    }
    struct plan_demand *demand = mem_alloc(1, sizeof(*demand));
    demand->world = *world;
    demand->scenario = scenario;
    demand->replication = replication;
    vec_push(&demands->made, demand);
    return demand;
}

void plan_demands_drop(struct plan_demands *demands)
{
    size_t jobs = 0;
    for (size_t i = 0; i < demands->made.count; i++) {
        const struct plan_demand *demand = demands->made.items[i];
        jobs += demand->made ? demand->workload.jobs.count : 0;
    }
    size_t kept = 0;
    for (size_t i = 0; i < demands->made.count; i++) {
        struct plan_demand *demand = demands->made.items[i];
        if (jobs > MOST_KEPT_JOBS) {
            jobs -= demand->made ? demand->workload.jobs.count : 0;
            demand_free(demand);
        } else {
            demands->made.items[kept++] = demand;
        }
    }
    demands->made.count = kept;
}

/* -- making ---------------------------------------------------------------------------------- */

static void scale_durations(struct workload *workload, double factor)
{
    for (size_t i = 0; i < workload->jobs.count; i++) {
        struct job *job = &workload->jobs.items[i];
        if (job->duration_us != TIME_UNKNOWN) {
            job->duration_us = llround((double)job->duration_us * factor);
        }
        if (job->estimate_us != TIME_UNKNOWN) {
            job->estimate_us = llround((double)job->estimate_us * factor);
        }
    }
}

/* By growth a year and years, of the first rule that means the job: those of its scenario first. */
static double growth_of(const struct plan_study *study, const struct workload *workload,
                        uint32_t job, uint32_t scenario, double years)
{
    double growth = study->growth;
    bool found = false;
    for (size_t i = 0; i < study->rules.count && !found; i++) {
        const struct plan_rule *rule = &study->rules.items[i];
        found = (rule->scenario == PLAN_ANY_SCENARIO || rule->scenario == scenario) &&
                level_jobs_cover(&rule->jobs, workload, job);
        growth = found ? rule->growth : growth;
    }
    return pow(1 + growth, years);
}

static bool grows_by_jobs(const struct plan_demands_input *input)
{
    return input->grows_by_users || input->study->rules.count > 0;
}

static bool grow(const struct plan_demands_input *input, const struct plan_demand *demand,
                 struct workload *workload, struct err *err)
{
    const struct plan_study *study = input->study;
    double years = study->years + demand->world.years;
    if (!grows_by_jobs(input) || same_number(years, 0)) {
        return true;
    }
    double *factors = mem_alloc(workload->jobs.count, sizeof(*factors));
    bool grows = false;
    for (uint32_t i = 0; i < workload->jobs.count; i++) {
        factors[i] = growth_of(study, workload, i, demand->scenario, years);
        grows = grows || !same_number(factors[i], 1);
    }
    struct workload grown;
    bool ok = !grows || grow_workload(workload, factors,
                                      replicate_seed(input->replicate->seed, demand->replication),
                                      &grown, err);
    free(factors);
    if (grows && ok) {
        workload_release(workload);
        *workload = grown;
    }
    return ok || err_locate(err, "at growth");
}

/* As many of a new project's jobs as are submitted in the time of the others, in its queue. */
static bool make_project(const struct plan_demands_input *input, const struct plan_demand *demand,
                         size_t number, int64_t span_us, struct workload *out, struct err *err)
{
    const struct plan_project *project = &input->study->projects.items[number];
    uint64_t own = replicate_seed(input->replicate->seed, demand->replication);
    const struct plan_scenario *scenario = &input->study->scenarios.items[demand->scenario];
    double factor = demand->world.factor * scenario->factor * project->factor;
    struct generate_options options = {.span_us = llround((double)span_us * factor) + 1};
    if (!generate_workload(&input->projects[number], replicate_seed(own, (uint32_t)number + 1),
                           &options, out, err)) {
        return false;
    }
    if (!scale_arrivals(out, factor, err)) {
        workload_release(out);
        return false;
    }
    return true;
}

/* The jobs are of this queue from now on. */
static void set_queue(struct workload *workload, const char *queue)
{
    uint32_t number = names_add(&workload->queues, view_of(queue), NULL);
    for (size_t i = 0; i < workload->jobs.count; i++) {
        workload->jobs.items[i].queue = number;
    }
}

static bool add_projects(const struct plan_demands_input *input, const struct plan_demand *demand,
                         struct workload *workload, struct err *err)
{
    const struct plan_study *study = input->study;
    const struct merge_settings settings = {.ids = MERGE_IDS_CLASH, .users_apart = true};
    int64_t span_us = workload->jobs.items[workload->jobs.count - 1].submit_us;
    struct workload all;
    struct merge merge;
    if (study->projects.count == 0) {
        return true;
    }
    merge_begin(&merge, &settings, &all);
    bool ok = merge_add(&merge, workload, "", err);
    for (size_t i = 0; ok && i < study->projects.count; i++) {
        const struct plan_project *project = &study->projects.items[i];
        struct workload own;
        ok = make_project(input, demand, i, span_us, &own, err);
        if (ok) {
            if (project->queue != NULL) {
                set_queue(&own, project->queue);
            }
            ok = merge_add(&merge, &own, project->name, err);
            workload_release(&own);
        }
        if (!ok) {
            char path[64];
            (void)snprintf(path, sizeof(path), "at projects[%zu]", i);
            (void)err_locate(err, path);
        }
    }
    if (!ok) {
        merge_abandon(&merge);
        return false;
    }
    if (!merge_finish(&merge, err)) {
        return false;
    }
    workload_release(workload);
    *workload = all;
    return true;
}

bool plan_demand_make(const struct plan_demands *demands, struct plan_demand *demand)
{
    const struct plan_demands_input *input = &demands->input;
    const struct plan_study *study = input->study;
    const struct plan_scenario *scenario = &study->scenarios.items[demand->scenario];
    double factor = demand->world.factor * scenario->factor;
    double durations = demand->world.durations * scenario->durations;
    if (!grows_by_jobs(input)) {
        factor *= pow(1 + study->growth, study->years + demand->world.years);
    }
    if (!replicate_make(input->replicate, demand->replication, factor, &demand->workload,
                        &demand->err)) {
        return false;
    }
    demand->made = grow(input, demand, &demand->workload, &demand->err) &&
                   add_projects(input, demand, &demand->workload, &demand->err);
    if (!demand->made) {
        workload_release(&demand->workload);
        return false;
    }
    if (!same_number(durations, 1)) {
        scale_durations(&demand->workload, durations);
    }
    return true;
}
