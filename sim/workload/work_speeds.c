/* work_speeds.c - see work_speeds.h. */
#include "sim/workload/work_speeds.h"

#include "sim/cluster/catalogue.h"

/* A GPU by its name, its aliases and its partitions. */
static void tell_gpu(struct speeds *speeds, const struct catalogue_gpu *gpu, double speed)
{
    speeds_tell(speeds, view_of(gpu->name), speed);
    for (uint32_t i = 0; i < gpu->alias_count; i++) {
        speeds_tell(speeds, view_of(gpu->aliases[i]), speed);
    }
    for (uint32_t i = 0; i < gpu->partition_count; i++) {
        const struct catalogue_partition *part = &gpu->partitions[i];
        struct text model = {0};
        text_addf(&model, "%s/%s", gpu->name, part->name);
        speeds_tell(speeds, view_of(model.bytes), speed / part->parts);
        text_release(&model);
    }
}

static enum work_speeds_result add_class(struct speeds *speeds, const struct catalogue *catalogue,
                                         struct view name, uint32_t *out)
{
    struct view model = {0};
    enum work_class work = work_class_find(view_cut(name, '@', &model));
    if (work == WORK_CLASS_COUNT) {
        return WORK_SPEEDS_NO_CLASS;
    }
    char *told = mem_copy_text(model.at == NULL ? CATALOGUE_BASE_GPU : model.at,
                               model.at == NULL ? strlen(CATALOGUE_BASE_GPU) : model.length);
    const struct catalogue_gpu *gpu = catalogue_find_gpu(catalogue, told);
    free(told);
    if (gpu == NULL || !(gpu->speed[work] > 0)) {
        return WORK_SPEEDS_NO_MODEL;
    }
    uint32_t number = speeds_add(speeds, name, gpu->speed[work]);
    if (number == SPEED_NO_CLASS) {
        return WORK_SPEEDS_TOO_MANY;
    }
    for (size_t i = 0; i < catalogue->gpus.count; i++) {
        const struct catalogue_gpu *other = &catalogue->gpus.items[i];
        tell_gpu(speeds, other, other->speed[work]);
    }
    *out = number;
    return WORK_SPEEDS_OK;
}

enum work_speeds_result work_speeds_class(struct speeds *speeds, struct view name, uint32_t *out)
{
    uint32_t known = speeds_find(speeds, name);
    if (known != SPEED_NO_CLASS) {
        *out = known;
        return WORK_SPEEDS_OK;
    }
    struct catalogue catalogue;
    catalogue_init(&catalogue);
    enum work_speeds_result result = add_class(speeds, &catalogue, name, out);
    catalogue_release(&catalogue);
    return result;
}
