/*
 * case.h - one recorded scenario: its document, the state its tasks are in, and the core made of
 * both.
 *
 * The document is never changed; what moves between rounds is the state of tasks and claims. Short
 * documents get the defaults of the format.
 */
#ifndef CHECK_CASE_H
#define CHECK_CASE_H

#include "policies/core/core.h"
#include "sim/base/names.h"
#include "sim/base/vec.h"
#include "sim/check/read.h"

/* The instant of every session: large enough for any age, and nothing ages between rounds. */
#define CASE_NOW_NS    INT64_C(4000000000000000000)
#define CASE_NS_PER_MS INT64_C(1000000)

struct case_task {
    const char *name, *job;
    size_t job_index, index; /* in the document */
    bool shared;             /* sits on shared GPUs */
    enum core_status status;
    const char *node;
    const char **groups;
    size_t group_count;
    const char **given_groups; /* those of the document: what a re-created task has */
    size_t given_count;
    bool stays;    /* releasing for ever once it is evicted */
    uint32_t core; /* in the session of the round; CORE_NONE: left out */
};

struct case_claim {
    uint32_t core;
    bool folded; /* the state below replaces the one of the document */
    struct core_device *devices;
    size_t device_count;
    const char **holders;
    size_t holder_count;
};

struct check_case {
    const json_t *root; /* borrowed */
    const char *id;
    bool single; /* protocol kind; else rounds */
    enum core_action actions[16];
    size_t action_count;
    int64_t rounds_until, rounds_after;
    bool asserts, has_expected;
    struct arena arena;
    VEC(struct case_task) tasks;   /* in the order of the document */
    VEC(struct case_claim) claims; /* likewise */
    VEC(int64_t) job_created_ns;   /* by job */
    bool numa;                     /* some node reports zones */
    bool divides;                  /* the plugin that divides the cluster is loaded */
};

/* Reads what a round does not change. The document must outlive *out; case_release frees. */
bool case_read(const json_t *document, struct check_case *out, struct err *err);
void case_release(struct check_case *c);

/* A core with the case in its current state; the indices in tasks and claims are set. The caller
 * frees it with core_free. NULL: *err says what the reader or the core refused. */
struct core *case_build(struct check_case *c, struct err *err);

bool case_status(const char *name, enum core_status *out);
const char *case_status_name(enum core_status status);
const char *case_action_name(enum core_action action);

#endif
