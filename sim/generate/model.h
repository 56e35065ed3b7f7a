/*
 * model.h - what a synthetic workload is made from: a few declared parameters.
 *
 * A model is JSON. Every part but the interarrival times may be left out; README.md beside this
 * file has the whole table of keys. The numbers are those of the trace, seconds and GPUs, as
 * distributions want doubles; jobs become integers when they are drawn.
 *
 *     {"name": "small",
 *      "arrivals": {"interarrival": {"family": "exponential", "mean": 60},
 *                   "profile": {"period_s": 86400, "weights": [1, 1, 2, 4, 4, 2]}},
 *      "sizes": {"classes": [{"gpus": 1, "weight": 8}, {"gpus": 16, "weight": 1}],
 *                "gpus_per_node": 8},
 *      "durations": {"distribution": {"family": "lognormal", "mu": 7, "sigma": 2},
 *                    "correlation": 0.3},
 *      "users": {"count": 100, "zipf": 1.2},
 *      "queues": {"count": 5, "zipf": 1},
 *      "estimates": {"kind": "modal"}}
 */
#ifndef GENERATE_MODEL_H
#define GENERATE_MODEL_H

#include <stdint.h>

#include <jansson.h>

#include "sim/base/text.h"
#include "sim/base/view.h"
#include "sim/generate/distribution.h"

enum {
    MODEL_MOST_CLASSES = 4096,   /* of sizes, and of queues */
    MODEL_MOST_USERS = 1 << 20,  /* or queues, by count */
    MODEL_MOST_WEIGHTS = 100000, /* of a profile */
    MODEL_MOST_GPUS = 1 << 20,   /* of a job */
};

/* How the rate of arrivals changes: equal parts of a period that repeats from the start of the
 * trace, with weights in any unit. No weights: a constant rate. */
struct model_profile {
    double period_s;
    VEC(double) weights;
};

/* An arrival may bring more jobs of the same user, queue and shape with it. */
struct model_burst {
    double chance;           /* of an arrival to be a burst; 0: none */
    double more_jobs;        /* mean of further jobs, geometric, at least 1 */
    struct distribution gap; /* seconds from one job of the burst to the next */
};

enum arrival_process {
    ARRIVALS_RENEWAL, /* independent interarrival times, stretched by the profile */
    ARRIVALS_USERS,   /* every user submits, waits, thinks, submits, ... and pauses between sessions
                       */
};

struct model_arrivals {
    enum arrival_process process;
    double rate;                      /* factor on the rate; 1 as the distributions say */
    struct distribution interarrival; /* seconds at the mean rate */
    struct model_profile profile;
    double start_s; /* where in the profile's period the trace begins */
    struct model_burst burst;
    struct distribution think; /* seconds between two jobs of a session */
    struct distribution pause; /* between sessions, at the mean rate; the profile stretches it */
    double session_jobs;       /* mean, geometric, at least 1 */
    bool after_submit;         /* thinking starts at the submit, not when the job would have ended
                                  had it started at once */
    double round_s;            /* submit times are rounded down to multiples; 0: microseconds */
};

/* Jobs of one shape. */
struct model_class {
    double weight;
    int64_t gpu_milli;  /* of the job; below 1000: a share of one GPU; 0: CPU only */
    uint32_t tasks;     /* 0: as gpus_per_node says */
    uint32_t min_tasks; /* 0: all */
    int64_t cpu_milli;  /* of the job */
    int64_t memory_mib; /* of the job */
    char *gpu_model;    /* or NULL */
    bool has_duration;
    struct distribution duration; /* of this class alone */
};

enum size_family {
    SIZES_TABLE,
    SIZES_POWERS,    /* least, twice of it, ... most; each `ratio` times as frequent as the last */
    SIZES_TWO_STAGE, /* Lublin and Feitelson: log2 of the size is uniform in two stages */
};

struct model_sizes {
    enum size_family family;
    VEC(struct model_class) classes; /* of SIZES_TABLE */
    uint32_t least;
    uint32_t most;
    double ratio;
    double serial; /* share of jobs of one GPU, and of powers of two, under SIZES_TWO_STAGE */
    double powers;
    double low, middle, high; /* log2 of sizes: uniform from low to middle with chance low_share, */
    double low_share;         /* else from middle to high */
    uint32_t gpus_per_node; /* a class without `tasks` gets a task per so many GPUs when that comes
                               out even; 0: free shapes */
    double elastic_chance;  /* of a gang to be content with a part of its tasks */
    double elastic_share;   /* that part, rounded up */
};

struct model_durations {
    struct distribution distribution; /* seconds */
    double correlation;               /* of the normal scores of size and duration, -1 to 1 */
    double round_s;                   /* rounded to the nearest multiple; 0: microseconds */
};

struct model_users {
    uint32_t count; /* 0: the trace tells no users */
    double zipf;    /* the k-th user has a share like 1 / k^zipf */
};

struct model_queue {
    char *name;
    double weight;
};

struct model_queues {
    uint32_t count; /* "q1", "q2", ... with Zipf shares, when there are no classes; 0: none */
    double zipf;
    VEC(struct model_queue) classes;
    bool by_user; /* a user has one queue for all jobs */
};

enum estimate_kind {
    ESTIMATES_NONE,
    ESTIMATES_EXACT,
    ESTIMATES_FACTOR, /* factor times a power of the duration, rounded up to minutes */
    ESTIMATES_MODAL,  /* the same, and most of them moved to a value that users like */
};

struct model_estimates {
    enum estimate_kind kind;
    struct distribution factor;
    double power; /* of the duration in seconds; below 1: short jobs are overestimated more */
    double exceed_chance; /* of a job to be free to run longer than estimated */
    double modal_chance;
    VEC(double) modal_s; /* ascending */
};

struct generate_model {
    char *name;
    char *about;
    struct model_arrivals arrivals;
    struct model_sizes sizes;
    struct model_durations durations;
    struct model_users users;
    struct model_queues queues;
    struct model_estimates estimates;
};

/* A model of Poisson arrivals a minute apart, one GPU a job, durations of an hour: what holds for
 * every key that is absent. Released by the caller. */
void generate_model_init(struct generate_model *model);
void generate_model_release(struct generate_model *model);

/* Reads the JSON text of a model. Errors name the JSON path, what was found and what was expected;
 * the caller adds the file. On success the caller releases *out with generate_model_release. */
bool generate_model_read(struct view json, struct generate_model *out, struct err *err);

/* The same for parsed JSON. Its key "fit" (what a fit reported) is passed over. */
bool generate_model_read_json(const json_t *json, struct generate_model *out, struct err *err);

/* A new reference: every effective parameter; reading it back gives an equal model. */
json_t *generate_model_json(const struct generate_model *model);

/* Puts one value into the JSON of a model before it is read: "arrivals.rate=2",
 * "sizes.classes[0].weight=3". The value is JSON, or else a string. Objects on the way are made. */
bool generate_model_set(json_t *json, const char *setting, struct err *err);

/* Presets: models of published workloads by name, a file each in presets/. */
struct generate_preset {
    const char *name;
    const char *json;
};

/* In the order of their names; ends with a NULL name. */
extern const struct generate_preset generate_presets[];

/* The text of a preset, or NULL. */
const char *generate_preset_find(const char *name);

#endif
