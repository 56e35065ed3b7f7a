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
    vec_release(&speeds->plans);
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
    struct speed_class added = {
        .reference_per_s = reference_per_s,
        .first = (uint32_t)speeds->list.count,
    };
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

void speeds_plan(struct speeds *speeds, uint32_t class_number, const struct batch_plan *plan)
{
    CHECK(class_number != SPEED_NO_CLASS && class_number <= speeds->by_class.count);
    vec_push(&speeds->plans, *plan);
    speeds->by_class.items[class_number - 1].plan = (uint32_t)speeds->plans.count;
}

const struct batch_plan *speeds_plan_of(const struct speeds *speeds, uint32_t class_number)
{
    uint32_t plan = class_of(speeds, class_number)->plan;
    return plan == 0 ? NULL : &speeds->plans.items[plan - 1];
}

/* The classes of its levels, then the plan itself; without the plan when there are too many. */
static void adopt_plan(struct speeds *speeds, uint32_t number, const struct speeds *from,
                       const struct batch_plan *told)
{
    struct batch_plan plan = *told;
    for (uint32_t i = 0; i < plan.level_count; i++) {
        plan.levels[i].speed_class = speeds_adopt(speeds, from, told->levels[i].speed_class);
        if (plan.levels[i].speed_class == SPEED_NO_CLASS) {
            return;
        }
    }
    speeds_plan(speeds, number, &plan);
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
    if (number != SPEED_NO_CLASS && told->plan != 0) {
        adopt_plan(speeds, number, from, &from->plans.items[told->plan - 1]);
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

static void add_alternative(struct text *models, struct view model)
{
    if (models->length > 0) {
        text_add_char(models, '|');
    }
    text_add_bytes(models, model.at, model.length);
}

/* Is the model told with speed 0? */
static bool is_unfit(const struct speeds *speeds, const struct speed_class *told, struct view model)
{
    uint32_t number = names_find(&speeds->models, model);
    for (uint32_t i = 0; i < told->count; i++) {
        const struct speed *speed = &speeds->list.items[told->first + i];
        if (speed->model == number) {
            return !(speed->per_s > 0);
        }
    }
    return false;
}

bool speeds_suit(const struct speeds *speeds, uint32_t class_number, struct view asked,
                 struct text *models)
{
    const struct speed_class *told = class_of(speeds, class_number);
    bool all = true;
    if (asked.length == 0) {
        for (uint32_t i = 0; i < told->count; i++) {
            const struct speed *speed = &speeds->list.items[told->first + i];
            if (speed->per_s > 0) {
                add_alternative(models, view_of(names_get(&speeds->models, speed->model)));
            } else {
                all = false;
            }
        }
    }
    for (struct view rest = asked; rest.length > 0;) {
        struct view model = view_cut(rest, '|', &rest);
        if (!is_unfit(speeds, told, model)) {
            add_alternative(models, model);
        } else {
            all = false;
        }
    }
    if (all) {
        text_clear(models);
    }
    return all;
}
