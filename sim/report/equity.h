/*
 * equity.h - was the cluster shared fairly among its queues?
 *
 * What a queue should have had is worked out here, at every instant, from what queues hold and ask
 * for: each gets what it asks for up to its quota, the rest goes by weights to those who still want
 * (water-filling, as in weighted max-min). So the same measure holds for every policy; what a
 * policy itself tells of fair shares is in shares.h. Formulas: README.md beside this file.
 *
 * All amounts are in GPUs and hours of GPUs. A queue is *backlogged* while a job of it is pending.
 */
#ifndef REPORT_EQUITY_H
#define REPORT_EQUITY_H

#include <jansson.h>

#include "sim/cluster/cluster.h"
#include "sim/log.h"
#include "sim/report/numbers.h"
#include "sim/workload/workload.h"

enum { EQUITY_WINDOWS = 3 }; /* 5 minutes, an hour, a day */

/* The share error over windows of one length. */
struct equity_window {
    double error_gpu_us; /* in the window that is open: integral of held minus fair */
    double busy_us;      /* of it, in which the queue held or asked for anything */
    double sum;          /* of |mean error| of windows that are over and were busy */
    double most;
    uint32_t count;
};

struct equity_queue {
    double weight;
    double quota; /* GPUs; 0 without one; INFINITY: unlimited */
    double held, pending;
    double held_cpu, held_memory;
    double fair; /* as of now */
    /* Integrals over time. */
    double held_gpu_us, fair_gpu_us, wanted_gpu_us;
    double backlog_us;                    /* time backlogged */
    double backlog_held, backlog_fair;    /* the integrals while backlogged */
    double owed_gpu_us, most_owed_gpu_us; /* service lag: what it is behind, never below 0 */
    double over_quota_gpu_us;
    double short_since_us; /* backlogged below min(quota, demand) since; negative: it is not */
    double longest_short_us;
    struct equity_window windows[EQUITY_WINDOWS];
    VEC(double) hours; /* GPU-hours held, and wanted, hour by hour: two numbers an hour */
};

struct equity {
    const struct workload *workload;
    double gpus, cpus, memory; /* of the cluster; 0: none, or unlimited */
    int64_t now_us;
    struct equity_queue *queues; /* by number in the workload */
    uint32_t queue_count;
    double *job_gpus; /* held by job */
    double *job_cpus;
    double *job_memory;
    double gap_us; /* integral of the DRF gap while anybody is backlogged */
    double gap_time_us;
    double most_gap;
    uint32_t *order; /* scratch of water-filling */
};

/* Numbers over all queues. */
struct equity_numbers {
    uint32_t tenants;   /* queues backlogged for a twentieth of the time or more */
    double jain;        /* of held over fair while backlogged, over these; 1 without any */
    double gini;        /* of the same */
    double least, most; /* of the same */
    double drf_gap;     /* mean while anybody is backlogged: largest dominant share over weight,
                           minus the least of a backlogged queue */
    double most_drf_gap;
    double error_gpus[EQUITY_WINDOWS]; /* mean over queues and windows */
    double most_error_gpus[EQUITY_WINDOWS];
    double most_owed_gpu_hours; /* the largest service lag of any queue */
    double longest_short_s;     /* the longest time that a backlogged queue was below its quota */
    double over_quota_gpu_hours;
    uint32_t envious_pairs; /* i would rather have had what k had, scaled by the weights */
    double most_envy;       /* the most i would have gained, as a factor; 1 when nobody envies */
};

/* The workload must outlive it; quotas and weights are those of the cluster's queues by name. */
void equity_init(struct equity *equity, const struct workload *workload,
                 const struct cluster *cluster);
void equity_release(struct equity *equity);

/* Takes the next record. O(queues log queues) an instant. */
void equity_add(struct equity *equity, const struct log_record *record);

/* To be called once, at the end of the run. */
void equity_end(struct equity *equity, int64_t end_us);

struct equity_numbers equity_numbers(const struct equity *equity);

/* The numbers, a new object. */
json_t *equity_json(const struct equity_numbers *numbers);

/* equity.csv: a row a queue that held or wanted anything. */
void equity_add_rows(struct text *out, const struct equity *equity);

/* A few lines for the terminal. */
void equity_print(struct text *out, const struct equity_numbers *numbers);

/* Weighted max-min of `total` with quotas first, for `count` queues: fair[i] from wanted[i],
 * quota[i], weight[i]. `order` is scratch. Exposed for tests. */
void equity_fill(const struct equity_queue *queues, uint32_t count, double total, uint32_t *order,
                 double *fair);

#endif
