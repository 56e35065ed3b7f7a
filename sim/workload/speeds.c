/* speeds.c - see speeds.h. */
#include "sim/workload/speeds.h"

#include <math.h>

#include "sim/base/check.h"

void speeds_release(struct speeds *speeds)
{
    names_release(&speeds->models);
    names_release(&speeds->classes);
    vec_release(&speeds->by_class);
    vec_release(&speeds->list);
    *speeds = (struct speeds){0};
}

uint32_t speeds_find(const struct speeds *speeds, struct view name)
{
    uint32_t number = names_find(&speeds->classes, name);
    return number == NAMES_NONE ? SPEED_NO_CLASS : number + 1;
}

uint32_t speeds_add(struct speeds *speeds, struct view name, double reference_per_s)
{
    CHECK(isfinite(reference_per_s) && reference_per_s > 0);
    if (speeds->by_class.count >= SPEEDS_MOST_CLASSES) {
        return SPEED_NO_CLASS;
    }
    bool is_new = false;
    uint32_t number = names_add(&speeds->classes, name, &is_new);
    CHECK(is_new && number == speeds->by_class.count);
    struct speed_class added = {reference_per_s, (uint32_t)speeds->list.count, 0};
    vec_push(&speeds->by_class, added);
    return number + 1;
}

void speeds_tell(struct speeds *speeds, struct view model, double per_s)
{
    CHECK(speeds->by_class.count > 0);
    CHECK(isfinite(per_s) && per_s >= 0);
    struct speed speed = {names_add(&speeds->models, model, NULL), per_s};
    vec_push(&speeds->list, speed);
    speeds->by_class.items[speeds->by_class.count - 1].count++;
}

static const struct speed_class *class_of(const struct speeds *speeds, uint32_t class_number)
{
    CHECK(class_number != SPEED_NO_CLASS && class_number <= speeds->by_class.count);
    return &speeds->by_class.items[class_number - 1];
}

uint32_t speeds_adopt(struct speeds *speeds, const struct speeds *from, uint32_t class_number)
{
    const struct speed_class *told = class_of(from, class_number);
    struct view name = view_of(names_get(&from->classes, class_number - 1));
    uint32_t number = speeds_find(speeds, name);
    if (number != SPEED_NO_CLASS) {
        return number;
    }
    number = speeds_add(speeds, name, told->reference_per_s);
    for (uint32_t i = 0; number != SPEED_NO_CLASS && i < told->count; i++) {
        const struct speed *speed = &from->list.items[told->first + i];
        speeds_tell(speeds, view_of(names_get(&from->models, speed->model)), speed->per_s);
    }
    return number;
}

double speeds_reference(const struct speeds *speeds, uint32_t class_number)
{
    return class_of(speeds, class_number)->reference_per_s;
}

double speeds_on(const struct speeds *speeds, uint32_t class_number, const char *model)
{
    const struct speed_class *told = class_of(speeds, class_number);
    uint32_t number = names_find(&speeds->models, view_of(model));
    for (uint32_t i = 0; i < told->count; i++) {
        if (speeds->list.items[told->first + i].model == number) {
            return speeds->list.items[told->first + i].per_s;
        }
    }
    return told->reference_per_s;
}
