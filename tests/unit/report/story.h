/*
 * story.h - a run told by hand: a workload, a cluster, and records without any engine.
 */
#ifndef TESTS_REPORT_STORY_H
#define TESTS_REPORT_STORY_H

#include "sim/base/text.h"
#include "sim/report/report.h"

#define SECOND_US INT64_C(1000000)

struct story {
    struct workload workload;
    struct cluster cluster;
    struct report_options options;
    struct report *report;
    struct report_run run;
    json_t *settings;
    json_t *timing;
    char parent[32]; /* a new folder; results go to the folder "out" in it */
    char folder[40];
    int64_t line;
};

/* A story on a cluster in its short form, with default options and no job. */
void story_init(struct story *story, const char *cluster);

/* Removes what was written too. */
void story_release(struct story *story);

/* Adds a job of whole GPUs; times in microseconds, in the trace's own base. */
void story_add_job(struct story *story, const char *id, const char *queue, int64_t submit_us,
                   int64_t duration_us, uint32_t gpus);

/* Finishes the workload and opens the report, on files or without. */
void story_open(struct story *story, bool in_folder);

/* The next record: what the job holds, gave back or asks for, in GPUs. */
void story_tell(struct story *story, int64_t time_us, enum log_kind kind, uint32_t job,
                uint32_t gpus);
void story_tell_record(struct story *story, struct log_record record);

/* The run is over; closes the report. */
bool story_end(struct story *story, int64_t time_us, struct err *err);

/* A file of the results, its bytes with a NUL behind them; fails the test when it is not there. */
void story_read(const struct story *story, const char *name, struct text *out);
void story_expect(const struct story *story, const char *name, const char *bytes);

/* How many entries the parent folder has. */
int story_count_entries(const struct story *story);

/* A run on 2x4 of seven jobs, of which one is preempted, one rejected, one running and one pending
 * at the end, and one not submitted. */
void story_init_all(struct story *story);

/* Its records but the last; it ends at 200 s. */
void story_tell_all(struct story *story);

#endif
