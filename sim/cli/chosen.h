/*
 * chosen.h - a policy and a placement rule picked by name, with their parameters read.
 */
#ifndef CLI_CHOSEN_H
#define CLI_CHOSEN_H

#include <jansson.h>

#include "sim/place.h"
#include "sim/sched.h"

struct chosen_policy {
    const struct sched_ops *ops;
    void *params;
};

struct chosen_place {
    const struct place_ops *ops;
    void *params;
};

/* "name" or "name:key=value,...". An unknown name is an error with the nearest one. The caller
 * releases what was chosen with free(out->params). */
bool chosen_policy_read(const char *text, struct chosen_policy *out, struct err *err);
bool chosen_place_read(const char *text, struct chosen_place *out, struct err *err);

/* A new object {"name", "params": {every effective value, as users write it}}. */
json_t *chosen_json(const char *name, const struct param_spec *specs, const void *params);

#endif
