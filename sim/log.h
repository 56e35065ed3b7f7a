/*
 * log.h - what happened in a run, record by record, from the engine to whoever wants to know.
 *
 * Reports, decision logs and tests are sinks. Records come in the order in which things happened;
 * times never go back.
 */
#ifndef SIM_LOG_H
#define SIM_LOG_H

#include <stdint.h>

#include "sim/cluster/cluster.h"
#include "sim/cluster/wait_cause.h"

enum log_kind {
    LOG_SUBMIT,  /* the job is pending */
    LOG_REJECT,  /* the job can never run here; `reason` says why */
    LOG_START,   /* `grants`: where */
    LOG_FINISH,  /* `grants`: what it gave back */
    LOG_PREEMPT, /* `grants`: what it gave back; `lost_us`: work that has to be done again */
    LOG_RESIZE,  /* `grants`: all it holds now */
    LOG_MIGRATE, /* `grants`: all it holds now; `lost_us` as for LOG_PREEMPT */
    LOG_SHARE,   /* `standing`: what the policy gives a queue, when it changed; no job */
    LOG_END,     /* the run is over; no job */
    LOG_STEP,    /* `step`: how the policy came to what follows; no job */
    LOG_CAUSE,   /* `waits`: why jobs wait from now on, when it changed; with causes wanted only */
    LOG_INTERRUPT, /* something it held went away, and the job is pending again; the rest as for
                      LOG_PREEMPT. The policy had no part in it */
    LOG_AWAY,      /* `supply`: a node or a GPU is there no more; no job, nobody is on it */
    LOG_BACK,      /* `supply`: it is there again; no job */
};

/* Why a node or a GPU is away. */
enum supply_cause {
    SUPPLY_FAILED,
    SUPPLY_MAINTAINED,
    SUPPLY_ABSENT, /* it has not arrived yet, or has left */
    SUPPLY_TAKEN,  /* spot: the provider wanted it back */
    SUPPLY_OFF,    /* elastic: nobody needed it */
    SUPPLY_CAUSE_COUNT,
};

#define LOG_WHOLE_NODE UINT32_MAX

/* Of LOG_AWAY and LOG_BACK. A node has several causes at once; it is away from the first to the
 * end of the last, and the cause is that of the change told. */
struct log_supply {
    uint32_t node;
    uint32_t gpu;      /* or LOG_WHOLE_NODE */
    int64_t gpu_milli; /* how much there is less, or more */
    enum supply_cause cause;
    bool again; /* a GPU that was told before: its node went, or came back, meanwhile */
};

#define LOG_NO_JOB     UINT32_MAX
#define LOG_ALL_QUEUES UINT32_MAX

/* Of LOG_CAUSE. For one job: until it starts, whatever its shape waits for; WAIT_CAUSE_COUNT takes
 * that back. Without a job: for all pending jobs of the shape, in one queue or in all of them, of
 * which nothing else was told. */
struct log_waits {
    uint32_t shape;
    uint32_t queue; /* or LOG_ALL_QUEUES */
    enum wait_cause cause;
};

struct log_record {
    int64_t time_us;
    enum log_kind kind;
    uint32_t job;
    int64_t gpu_milli;          /* what the job holds (START, RESIZE, MIGRATE), gave back (FINISH,
                                   PREEMPT) or asks for (SUBMIT, REJECT) */
    int64_t gpu_milli_before;   /* RESIZE, MIGRATE: what it held before; else 0 */
    const struct grant *grants; /* valid during the call only */
    uint32_t grant_count;
    int64_t lost_us;
    int64_t overhead_us; /* FINISH, PREEMPT, MIGRATE: of the run that is over, time in which it held
                            its tasks before it worked: start, restore */
    const char *reason;  /* a constant string, or NULL */
    uint32_t for_job;    /* 1 + the job for whose sake it was done; 0: none */
    const struct queue_standing *standing; /* of SHARE; valid during the call only */
    const char *step;                      /* of STEP; valid during the call only */
    const struct log_waits *waits;         /* of CAUSE; valid during the call only */
    const struct log_supply *supply;       /* of AWAY and BACK; valid during the call only */
};

struct log_sink {
    void *self;
    /* Called for every record, in order, from the thread of the run. */
    void (*record)(void *self, const struct log_record *record);
};

#endif
