/*
 * profile_jobs.h - the job lists of Pollux and Sia, which are one format: name, submit time in
 * seconds, application, replicas (GPUs) and total batch size. Work is what the application's
 * profile says of a training with that batch size on so many packed GPUs.
 */
#ifndef WORKLOAD_PROFILE_JOBS_H
#define WORKLOAD_PROFILE_JOBS_H

#include "sim/base/file.h"
#include "sim/workload/workload.h"

struct profile_jobs {
    struct view folder; /* of the profiles, a folder an application; empty: no durations */
    struct view kind;   /* of profiles: a type of GPU, or empty */
    uint32_t node_gpus; /* of the nodes on which replicas are packed */
};

/* Does the text begin with the header of such a list? */
bool profile_jobs_detect(struct view head);

/* Adds every job of the list, with notes. */
bool profile_jobs_read(const struct profile_jobs *settings, struct file *file, struct workload *out,
                       struct err *err);

#endif
