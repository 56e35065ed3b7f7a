/*
 * merge.h - several traces as one: whose names are the same, and where the traces start.
 */
#ifndef TRANSFORM_MERGE_H
#define TRANSFORM_MERGE_H

#include "sim/workload/workload.h"

enum merge_ids {
    MERGE_IDS_CLASH, /* an id that was there before gets the name of its trace before it */
    MERGE_IDS_ALL,   /* every id does */
    MERGE_IDS_NONE,  /* an id that was there before is an error */
};

struct merge_settings {
    enum merge_ids ids;
    bool queues_apart; /* equal names in two traces are two queues: the later one gets the prefix */
    bool users_apart;  /* the same for users */
    bool is_absolute;  /* submit times stay; else every trace starts where the first one does */
};

/* The traces added so far. */
struct merge {
    struct merge_settings settings;
    struct workload *out; /* caller's; finished by merge_finish */
    uint32_t traces;
    struct text id, user, queue; /* names being made */
};

/* Starts with an empty *out. */
void merge_begin(struct merge *merge, const struct merge_settings *settings, struct workload *out);

/* Adds every job of `from`, which is not needed afterwards. A prefix is "NAME/". O(its jobs). On
 * failure the caller still ends with merge_abandon. */
bool merge_add(struct merge *merge, const struct workload *from, const char *name, struct err *err);

/* Ends it; false leaves nothing in *out. */
bool merge_finish(struct merge *merge, struct err *err);
void merge_abandon(struct merge *merge);

#endif
