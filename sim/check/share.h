/*
 * share.h - the division of fair shares alone: a request in JSON in, what each queue gets out.
 *
 * A request is {"totalResource": {"CPU", "Memory", "GPU"}, "queues": [{"uid", "name", "parent",
 * "priority", "creationTimestamp", "resourceShare": {"gpu": {"deserved", "maxAllowed",
 * "overQuotaWeight", "request", "usage"}, "cpu": ..., "memory": ...}}], "k"}. Units: CPU in
 * milli-cores, memory in bytes, GPUs in devices. What is not told: priority 0, no parent, k 0;
 * deserved 0 (-1, unlimited, when the whole block of CPU or memory is absent), maxAllowed -1,
 * overQuotaWeight 1, usage 0, and a request of 100000, or for a parent that of its children.
 */
#ifndef CHECK_SHARE_H
#define CHECK_SHARE_H

#include <jansson.h>

#include "policies/core/rules.h"
#include "sim/check/suite.h"

struct share_queue {
    const char *uid;    /* lives as long as the JSON it was read from */
    const char *name;   /* same; the uid when not told */
    const char *parent; /* a uid, or NULL */
    uint32_t parent_index;
    bool is_parent;
    bool request_told[CORE_RESOURCE_COUNT];
    struct core_division_queue shares[CORE_RESOURCE_COUNT];
};

struct share_request {
    double total[CORE_RESOURCE_COUNT];
    double k;
    VEC(struct share_queue) queues; /* in ascending uid */
};

/* False with *err when the value is no request; `path` says where it stands. */
bool share_read(const json_t *value, const char *path, struct share_request *out, struct err *err);
void share_release(struct share_request *request);

/* Fills the fair shares, level by level. */
void share_divide(struct share_request *request);

/* {uid: {"cpu", "gpu", "memory"}} */
json_t *share_answer_json(const struct share_request *request);

/* Judges every vector of a file of recorded requests and answers. */
bool share_requests_run(const char *path,
                        void (*report)(void *arg, const struct suite_result *result), void *arg,
                        struct err *err);

#endif
