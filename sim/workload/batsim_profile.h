/*
 * batsim_profile.h - how long a profile of a Batsim workload takes.
 *
 * A delay takes so many seconds. A parallel task computes so many floating-point operations on each
 * of its resources, or so many in all, dealt to them. A sequence takes the sum of its parts. What a
 * task communicates or stores takes time too, which no workload tells: it depends on the platform.
 */
#ifndef WORKLOAD_BATSIM_PROFILE_H
#define WORKLOAD_BATSIM_PROFILE_H

#include <jansson.h>

#include "sim/base/err.h"
#include "sim/base/names.h"

struct batsim_profile {
    double delay_s;
    double operations;       /* on each resource */
    double total_operations; /* dealt to the resources of the job */
    bool is_known;           /* false: it replays a trace, moves data, is of a type not known */
    bool communicates;       /* and that takes time which is not counted */
    bool fails;              /* its return code is not 0 */
};

struct batsim_profiles {
    struct names names;
    VEC(struct batsim_profile) list; /* by number of the name */
};

/* Reads the object "profiles". A profile that is malformed, or sequences that contain themselves,
 * are errors that name the path. About O(text), times the depth of sequences within sequences. */
bool batsim_profiles_read(json_t *object, struct batsim_profiles *out, struct err *err);
void batsim_profiles_release(struct batsim_profiles *profiles);

#endif
