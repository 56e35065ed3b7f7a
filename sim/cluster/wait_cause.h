/*
 * wait_cause.h - what a pending job waits for. Every pending second has exactly one of these.
 */
#ifndef CLUSTER_WAIT_CAUSE_H
#define CLUSTER_WAIT_CAUSE_H

enum wait_cause {
    WAIT_ORDER,      /* there is room for it, which others come first for */
    WAIT_LIMIT,      /* its queue may not have more */
    WAIT_SHARE,      /* no room, and its queue has its fair share: it may take from nobody */
    WAIT_PROTECTED,  /* no room, and those it may take from cannot be stopped or are not enough */
    WAIT_ROOM,       /* fewer GPUs (or CPUs, or memory) are free than it asks for */
    WAIT_FRAGMENTED, /* enough GPUs are free, but not as it needs them: in pieces, over nodes, on
                        nodes without the CPU or memory that it needs beside them */
    WAIT_GANG,       /* some of its tasks would find room, not all of them together */
    WAIT_TOPOLOGY,   /* it would find room, but not within the topology level it requires */
    WAIT_MODEL,      /* enough GPUs are free, but not of the models it can use */
    WAIT_PERIOD,     /* there is room; the scheduler's next turn has not come */
    WAIT_FAILURE,    /* it would find room if what is broken or away were there */
    WAIT_CAUSE_COUNT,
};

/* "order", "limit", ...: names of columns. */
const char *wait_cause_name(enum wait_cause cause);

/* What it is in a few words, for people. */
const char *wait_cause_text(enum wait_cause cause);

#endif
