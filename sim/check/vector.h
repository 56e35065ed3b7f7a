/*
 * vector.h - single decisions of the placement core: the full input of one, and what the real
 * scheduler answered.
 *
 * A file holds the vectors of one family, by function. Each function here makes the answer in the
 * form of the record, so one comparison serves all. Inside a vector a missing key stands for 0,
 * false, empty or null.
 */
#ifndef CHECK_VECTOR_H
#define CHECK_VECTOR_H

#include "policies/core/probe.h"
#include "sim/check/read.h"

/* What a decision needs around it while it is made. */
struct vector_run {
    struct reader r;
    struct arena arena;
    struct core *core; /* NULL: none was made */
    bool open;
    uint32_t extra_jobs;  /* made for tasks that come without one */
    uint32_t extra_names; /* given to tasks without one, or with one that is taken */
    bool queues_as_given; /* else jobs of queues that are not there get one */
    /* Facts that are given to the session after it was opened. */
    VEC(struct vector_put) puts;
};

enum vector_put_kind { PUT_QUEUE, PUT_NODE, PUT_TASK, PUT_JOB };
struct vector_put {
    enum vector_put_kind kind;
    uint32_t index;
    const json_t *value;
};

struct vector_function {
    const char *name;
    /* Makes the answer; the caller calls json_decref. NULL with the reader failed when the input
     * makes no sense. */
    json_t *(*answer)(struct vector_run *v, const struct place *input);
};

/* Tables of functions by area, each ended by a NULL name. */
extern const struct vector_function vector_queue_functions[];
extern const struct vector_function vector_job_functions[];
extern const struct vector_function vector_node_functions[];
extern const struct vector_function vector_solver_functions[];
extern const struct vector_function vector_rule_functions[];
extern const struct vector_function vector_pod_functions[];

struct vector_result {
    const char *family, *function, *name;
    const char *difference; /* "" when it passed */
};

/* Judges the vectors of a document in their order. False with *err when the document is malformed
 * or the input of a vector makes no sense: then the ones before it have been reported. */
bool vectors_judge(const json_t *document, const char *filter,
                   void (*report)(void *arg, const struct vector_result *result), void *arg,
                   struct err *err);

/* -- The world of a vector: vector_world.c. What cannot be read or added fails the reader, and
 * CORE_NONE is the answer -- */
void world_new(struct vector_run *v, const struct core_settings *settings);
/* Times of vectors are seconds. */
int64_t world_ns(double seconds);
/* A map of queues, or one queue; usage and shares are given to the session when it is opened. */
void world_queues(struct vector_run *v, const struct place *map);
uint32_t world_queue(struct vector_run *v, const struct place *queue, const char *uid);
/* A job with its tasks. `name`: another name than its own, or NULL. */
uint32_t world_job(struct vector_run *v, const struct place *job, const char *name);
/* A task of a job, or of a job made for it (CORE_NONE). One that is there already is found; in an
 * open session nothing can be added. */
uint32_t world_task(struct vector_run *v, const struct place *task, uint32_t job);
uint32_t world_node(struct vector_run *v, const struct place *node);
void world_tasks(struct vector_run *v, const struct place *list, uint32_t job,
                 struct core_list *tasks);
/* What the text at `key` names, added before; a name that stands for nothing is an error. */
uint32_t world_named_queue(struct vector_run *v, const struct place *up, const char *key);
uint32_t world_named_job(struct vector_run *v, const struct place *up, const char *key);
void world_named_nodes(struct vector_run *v, const struct place *up, const char *key,
                       struct core_list *nodes);
/* Opens the session at `now` seconds with everything as the vector has it; false: failed. */
bool world_open(struct vector_run *v, double now);
/* A resource table as amounts by component; the array lives in the arena. */
struct core_amounts world_amounts(struct vector_run *v, const struct place *table);
/* {"cpu", "memory", "gpu"} as three amounts. */
void world_quantities(struct vector_run *v, const struct place *table, double out[3]);
/* A resource table as a vector of the session. */
const double *world_vector(struct vector_run *v, const struct place *table);
struct core_gpu_need world_need(struct vector_run *v, const struct place *request);
/* Answers: a vector without what is 0; amounts of three; names of tasks. */
json_t *world_table(const struct core *core, const double *vector);
json_t *world_three(const double amounts[3]);
json_t *world_names(const struct core *core, const struct core_list *tasks);
json_t *answer_bool(const char *key, bool value);
json_t *answer_number(const char *key, double value);
/* A number that may be infinite or none. */
json_t *world_number(double value);

#endif
