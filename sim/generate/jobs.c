/* jobs.c - see jobs.h. */
#include "sim/generate/jobs.h"

#include <math.h>
#include <stdio.h>

#include "sim/base/check.h"

static const double us_per_s = 1e6;

/* Longest duration and estimate: those of the distributions. */
static int64_t to_us(double seconds)
{
    return (int64_t)llround(fmin(seconds, DISTRIBUTION_MOST) * us_per_s);
}

/* -- names ------------------------------------------------------------------------------------- */

static void names_add_share(struct job_names *names, char *name, double below)
{
    vec_push(&names->names, name);
    vec_push(&names->below, below);
}

/* "u1", "u2", ...: the k-th has a share like 1 / k^zipf. */
static void names_fill(struct job_names *names, char letter, uint32_t count, double zipf)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += pow((double)i + 1, -zipf);
    }
    double below = 0;
    for (uint32_t i = 0; i < count; i++) {
        char name[16];
        int length = snprintf(name, sizeof(name), "%c%u", letter, i + 1);
        names_add_share(names, mem_copy_text(name, (size_t)length), below);
        below += pow((double)i + 1, -zipf) / sum;
    }
}

static void names_fill_classes(struct job_names *names, const struct model_queues *model)
{
    double sum = 0;
    double below = 0;
    for (size_t i = 0; i < model->classes.count; i++) {
        sum += model->classes.items[i].weight;
    }
    for (size_t i = 0; i < model->classes.count; i++) {
        const struct model_queue *queue = &model->classes.items[i];
        if (queue->weight > 0) {
            names_add_share(names, mem_copy_text(queue->name, strlen(queue->name)), below);
            below += queue->weight / sum;
        }
    }
}

static void names_release_all(struct job_names *names)
{
    for (size_t i = 0; i < names->names.count; i++) {
        free(names->names.items[i]);
    }
    vec_release(&names->names);
    vec_release(&names->below);
}

/* The number of the name for a uniform value. */
static uint32_t names_at(const struct job_names *names, double u)
{
    uint32_t low = 0; /* the last name that starts no higher */
    uint32_t high = (uint32_t)names->below.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (names->below.items[middle] <= u) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ---------------------------------------------------------------------------------------------- */

static bool add_sampler(struct jobs *jobs, const struct distribution *distribution, struct err *err)
{
    struct sampler sampler;
    if (!sampler_init(&sampler, distribution, err)) {
        return false;
    }
    vec_push(&jobs->samplers, sampler);
    return true;
}

bool jobs_init(struct jobs *jobs, const struct generate_model *model, uint64_t seed,
               struct err *err)
{
    *jobs = (struct jobs){.model = model, .draws = {seed, rng_new(seed, "", 0)}};
    job_sizes_init(&jobs->sizes, &model->sizes);
    if (!add_sampler(jobs, &model->durations.distribution, err)) {
        return false;
    }
    for (size_t i = 0; i < jobs->sizes.list.count; i++) {
        uint32_t class = jobs->sizes.list.items[i].class;
        bool has_own = class != UINT32_MAX && model->sizes.classes.items[class].has_duration;
        vec_push(&jobs->sampler_of, has_own ? (uint32_t)jobs->samplers.count : 0);
        if (has_own && !add_sampler(jobs, &model->sizes.classes.items[class].duration, err)) {
            return false;
        }
    }
    names_fill(&jobs->users, 'u', model->users.count, model->users.zipf);
    if (model->queues.classes.count > 0) {
        names_fill_classes(&jobs->queues, &model->queues);
    } else {
        names_fill(&jobs->queues, 'q', model->queues.count, model->queues.zipf);
    }
    return sampler_init(&jobs->factor, &model->estimates.factor, err);
}

void jobs_release(struct jobs *jobs)
{
    gsl_rng_free(jobs->draws.stream);
    for (size_t i = 0; i < jobs->samplers.count; i++) {
        sampler_release(&jobs->samplers.items[i]);
    }
    vec_release(&jobs->samplers);
    vec_release(&jobs->sampler_of);
    job_sizes_release(&jobs->sizes);
    sampler_release(&jobs->factor);
    names_release_all(&jobs->users);
    names_release_all(&jobs->queues);
    *jobs = (struct jobs){0};
}

struct job_work jobs_work(const struct jobs *jobs, const struct arrival *arrival)
{
    const struct model_durations *model = &jobs->model->durations;
    double size_u = draw_uniform(&jobs->draws, "size", arrival->leader);
    uint32_t size = job_sizes_at(&jobs->sizes, size_u);
    const struct sampler *sampler = &jobs->samplers.items[jobs->sampler_of.items[size]];
    double z = draw_score(&jobs->draws, "duration", arrival->entity);
    double component = 0.5;
    if (sampler->has_second) {
        component = draw_uniform(&jobs->draws, "component", arrival->entity);
    }
    double correlation = model->correlation;
    if (fabs(correlation) > 0) {
        z = correlation * gsl_cdf_ugaussian_Pinv(size_u) + sqrt(1 - correlation * correlation) * z;
    }
    double gpus = (double)jobs->sizes.list.items[size].gpu_milli / 1000;
    double duration_s = sampler_at_size(sampler, z, component, gpus);
    if (model->round_s > 0) {
        duration_s = round(duration_s / model->round_s) * model->round_s;
    }
    return (struct job_work){size, to_us(duration_s)};
}

/* -- the draft --------------------------------------------------------------------------------- */

static void set_shape(const struct job_size *size, struct job_draft *draft)
{
    struct task_group *group = &draft->groups[0];
    int64_t tasks = size->tasks > 0 ? size->tasks : 1;
    int64_t milli = size->gpu_milli / tasks;
    group->count = (uint32_t)tasks;
    group->min_count = size->min_tasks;
    group->request.kind = milli == 0 ? GPU_NONE : milli < 1000 ? GPU_FRACTION : GPU_WHOLE;
    group->request.gpu_count = milli == 0 ? 0 : milli < 1000 ? 1 : (uint32_t)(milli / 1000);
    group->request.gpu_milli = milli < 1000 ? (uint32_t)milli : 0;
    group->request.cpu_milli = size->cpu_milli / tasks;
    group->request.memory_mib = size->memory_mib / tasks;
    draft->is_free = size->tasks == 0;
    draft->models = view_of(size->gpu_model);
}

static void make_elastic(const struct model_sizes *model, struct task_group *group)
{
    uint32_t least = (uint32_t)ceil(model->elastic_share * group->count);
    least = least > 1 ? least : 1;
    group->min_count = least < group->min_count ? least : group->min_count;
}

static void set_names(const struct jobs *jobs, const struct arrival *arrival,
                      struct job_draft *draft)
{
    uint32_t user = arrival->user;
    if (jobs->users.names.count > 0) {
        if (user == ARRIVAL_NO_USER) {
            user = names_at(&jobs->users, draw_uniform(&jobs->draws, "user", arrival->leader));
        }
        draft->user = view_of(jobs->users.names.items[user]);
    }
    if (jobs->queues.names.count > 0) {
        bool by_user = jobs->model->queues.by_user && user != ARRIVAL_NO_USER;
        double u = by_user ? draw_uniform(&jobs->draws, "queue of user", user)
                           : draw_uniform(&jobs->draws, "queue", arrival->leader);
        draft->queue = view_of(jobs->queues.names.items[names_at(&jobs->queues, u)]);
    }
}

/* The value of the list that is nearest in the logarithm among those of `least_s` or more; 0 when
 * there is none. */
static double modal_near(const struct model_estimates *model, double wanted_s, double least_s)
{
    double nearest_s = 0;
    double distance = HUGE_VAL;
    for (size_t i = 0; i < model->modal_s.count; i++) {
        double modal_s = model->modal_s.items[i];
        double off = fabs(log(modal_s / wanted_s));
        if (modal_s >= least_s && off < distance) {
            nearest_s = modal_s;
            distance = off;
        }
    }
    return nearest_s;
}

static int64_t estimate_us(const struct jobs *jobs, const struct arrival *arrival,
                           int64_t duration_us)
{
    const struct model_estimates *model = &jobs->model->estimates;
    if (model->kind == ESTIMATES_EXACT) {
        return duration_us;
    }
    double duration_s = (double)duration_us / us_per_s;
    double z = draw_score(&jobs->draws, "estimate", arrival->entity);
    double wanted_s = fmax(pow(duration_s, model->power) * sampler_at(&jobs->factor, z), 1e-3);
    bool may_exceed = model->exceed_chance > 0 &&
                      draw_uniform(&jobs->draws, "exceed", arrival->entity) < model->exceed_chance;
    double least_s = may_exceed ? 0 : duration_s;
    wanted_s = fmax(wanted_s, least_s);
    double modal_s = 0;
    if (model->kind == ESTIMATES_MODAL &&
        draw_uniform(&jobs->draws, "modal", arrival->entity) < model->modal_chance) {
        modal_s = modal_near(model, wanted_s, least_s);
    }
    return to_us(modal_s > 0 ? modal_s : fmax(ceil(wanted_s / 60), 1) * 60);
}

void jobs_describe(const struct jobs *jobs, const struct arrival *arrival, struct job_work work,
                   struct job_draft *draft)
{
    const struct model_sizes *sizes = &jobs->model->sizes;
    job_draft_init(draft);
    draft->submit_us = arrival->submit_us;
    draft->duration_us = work.duration_us;
    set_shape(&jobs->sizes.list.items[work.size], draft);
    if (draft->groups[0].count > 1 && sizes->elastic_chance > 0 &&
        draw_uniform(&jobs->draws, "elastic", arrival->leader) < sizes->elastic_chance) {
        make_elastic(sizes, &draft->groups[0]);
    }
    set_names(jobs, arrival, draft);
    if (jobs->model->estimates.kind != ESTIMATES_NONE) {
        draft->estimate_us = estimate_us(jobs, arrival, work.duration_us);
    }
}

void jobs_example(const struct jobs *jobs, uint32_t size, bool elastic, struct job_draft *draft)
{
    struct arrival first = {.user = jobs->users.names.count > 0 ? 0 : ARRIVAL_NO_USER};
    jobs_describe(jobs, &first, (struct job_work){size, 0}, draft);
    draft->groups[0].min_count = jobs->sizes.list.items[size].min_tasks;
    if (elastic && draft->groups[0].count > 1) {
        make_elastic(&jobs->model->sizes, &draft->groups[0]);
    }
}
