/* sizes.c - see sizes.h. */
#include "sim/generate/sizes.h"

#include <math.h>

static void add(struct job_sizes *sizes, const struct model_sizes *model, struct job_size size)
{
    int64_t gpus = size.gpu_milli / 1000;
    if (size.tasks == 0 && gpus == 0) {
        size.tasks = 1;
    } else if (size.tasks == 0 && model->gpus_per_node > 0) {
        int64_t node = model->gpus_per_node;
        size.tasks = gpus <= node ? 1 : gpus % node == 0 ? (uint32_t)(gpus / node) : 0;
    }
    int64_t tasks = size.tasks > 0 ? size.tasks : 1;
    size.cpu_milli -= size.cpu_milli % tasks;
    size.memory_mib -= size.memory_mib % tasks;
    size.min_tasks = size.min_tasks > 0 ? size.min_tasks : (uint32_t)tasks;
    if (size.weight > 0) {
        vec_push(&sizes->list, size);
    }
}

static void add_gpus(struct job_sizes *sizes, const struct model_sizes *model, int64_t gpus,
                     double weight)
{
    struct job_size size = {
        .weight = weight, .gpu_milli = gpus * 1000, .gpu_model = "", .class = UINT32_MAX};
    add(sizes, model, size);
}

static void add_classes(struct job_sizes *sizes, const struct model_sizes *model)
{
    for (uint32_t i = 0; i < model->classes.count; i++) {
        const struct model_class *class = &model->classes.items[i];
        struct job_size size = {
            .weight = class->weight,
            .gpu_milli = class->gpu_milli,
            .tasks = class->tasks,
            .min_tasks = class->min_tasks,
            .cpu_milli = class->cpu_milli,
            .memory_mib = class->memory_mib,
            .gpu_model = class->gpu_model != NULL ? class->gpu_model : "",
            .class = i,
        };
        add(sizes, model, size);
    }
}

/* The distribution function of log2 of a parallel job's size. */
static double two_stage(const struct model_sizes *model, double x)
{
    double first = model->middle > model->low
                       ? fmin(fmax((x - model->low) / (model->middle - model->low), 0), 1)
                       : (x < model->low ? 0 : 1);
    double second = model->high > model->middle
                        ? fmin(fmax((x - model->middle) / (model->high - model->middle), 0), 1)
                        : (x < model->middle ? 0 : 1);
    return model->low_share * first + (1 - model->low_share) * second;
}

/* What Lublin and Feitelson draw, summed up by size: jobs of one node; 2 to the rounded logarithm;
 * 2 to the logarithm, rounded ("The workload on parallel supercomputers", JPDC 2003, section 3). */
static void add_two_stage(struct job_sizes *sizes, const struct model_sizes *model)
{
    double others = 1 - model->serial - model->powers;
    int64_t most = llround(exp2(model->high));
    int64_t power = 1;
    double exponent = 0;
    for (int64_t gpus = 1; gpus <= most || power <= most; gpus++) {
        double size = (double)gpus;
        double weight = gpus == 1 ? model->serial : 0;
        weight += others * (two_stage(model, log2(size + 0.5)) -
                            (gpus == 1 ? 0 : two_stage(model, log2(size - 0.5))));
        if (gpus == power) {
            double below = gpus == 1 ? 0 : two_stage(model, exponent - 0.5);
            weight += model->powers * (two_stage(model, exponent + 0.5) - below);
            power *= 2;
            exponent += 1;
        }
        add_gpus(sizes, model, gpus, weight);
    }
}

static int compare(const void *a, const void *b)
{
    const struct job_size *left = a;
    const struct job_size *right = b;
    if (left->gpu_milli != right->gpu_milli) {
        return left->gpu_milli < right->gpu_milli ? -1 : 1;
    }
    return (left->class > right->class) - (left->class < right->class);
}

void job_sizes_init(struct job_sizes *sizes, const struct model_sizes *model)
{
    *sizes = (struct job_sizes){0};
    switch (model->family) {
    case SIZES_TABLE:
        add_classes(sizes, model);
        break;
    case SIZES_POWERS: {
        double weight = 1;
        for (int64_t gpus = model->least; gpus <= model->most; gpus *= 2) {
            add_gpus(sizes, model, gpus, weight);
            weight *= model->ratio;
        }
        break;
    }
    case SIZES_TWO_STAGE:
        add_two_stage(sizes, model);
        break;
    }
    qsort(sizes->list.items, sizes->list.count, sizeof(*sizes->list.items), compare);
    double sum = 0;
    for (size_t i = 0; i < sizes->list.count; i++) {
        sizes->list.items[i].below = sum;
        sum += sizes->list.items[i].weight;
    }
    for (size_t i = 0; i < sizes->list.count; i++) {
        sizes->list.items[i].below /= sum;
        sizes->list.items[i].weight /= sum;
    }
}

void job_sizes_release(struct job_sizes *sizes)
{
    vec_release(&sizes->list);
}

uint32_t job_sizes_at(const struct job_sizes *sizes, double u)
{
    uint32_t low = 0; /* the last size that starts no higher */
    uint32_t high = (uint32_t)sizes->list.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (sizes->list.items[middle].below <= u) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}
