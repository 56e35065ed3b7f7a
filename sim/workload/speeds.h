/*
 * speeds.h - how fast jobs work on each GPU model, as declared data: classes of jobs, each with
 * steps a second on the models it was measured on.
 *
 * A class is what determines speed besides the GPU: a model with its batch size on so many GPUs. A
 * job of a class has work in steps: its duration is steps / speed on the reference model. On a
 * model that the class does not tell it works at reference speed; where it tells 0, it cannot work,
 * and its shape must not ask for that model.
 *
 * A class may have a plan (batch_plan.h): its jobs go on to other classes as they train.
 */
#ifndef WORKLOAD_SPEEDS_H
#define WORKLOAD_SPEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/names.h"
#include "sim/base/text.h"
#include "sim/base/vec.h"
#include "sim/workload/batch_plan.h"

enum {
    SPEED_NO_CLASS = 0, /* classes are numbered from 1 */
    SPEEDS_MOST_CLASSES = UINT16_MAX,
};

struct speed {
    uint32_t model; /* number in speeds->models */
    double per_s;   /* steps a second; 0: it cannot work there */
};

struct speed_class {
    double reference_per_s; /* steps a second where the duration was told, more than 0 */
    uint32_t first;         /* in speeds->list */
    uint32_t count;
    uint32_t plan; /* 1 + its place in speeds->plans: how its jobs change class; 0: they do not */
};

/* All zeros is an empty table. */
struct speeds {
    struct names models;
    struct names classes; /* class c has number c - 1 */
    VEC(struct speed_class) by_class;
    VEC(struct speed) list;
    VEC(struct batch_plan) plans;
};

void speeds_release(struct speeds *speeds);

/* The class of this name, or SPEED_NO_CLASS. */
uint32_t speeds_find(const struct speeds *speeds, struct view name);

/* Adds a class that does not exist yet; SPEED_NO_CLASS when there are too many. */
uint32_t speeds_add(struct speeds *speeds, struct view name, double reference_per_s);

/* Tells the speed of the class that was added last. */
void speeds_tell(struct speeds *speeds, struct view model, double per_s);

/* Jobs of this class begin at the first level of the plan, whose classes are of this table. */
void speeds_plan(struct speeds *speeds, uint32_t class_number, const struct batch_plan *plan);

/* The plan by which jobs of this class change, or NULL. */
const struct batch_plan *speeds_plan_of(const struct speeds *speeds, uint32_t class_number);

/* The class of another table in this one, added when no class has its name. */
uint32_t speeds_adopt(struct speeds *speeds, const struct speeds *from, uint32_t class_number);

double speeds_reference(const struct speeds *speeds, uint32_t class_number);

/* Which models a job of this class may ask for, given that it asks for `asked` ("A|B"; empty: any).
 * True: that is fine. False: it cannot work on some of them, and those on which it can were
 * appended to *models in the same form, of `asked` or else of all that are told; none: nowhere. */
bool speeds_suit(const struct speeds *speeds, uint32_t class_number, struct view asked,
                 struct text *models);

/* Steps a second on the model of this name; the reference speed where nothing is told. */
double speeds_on(const struct speeds *speeds, uint32_t class_number, const char *model);

#endif
