/* watch.c - see watch.h. */
#include "watch.h"

void watch_init(struct watch *watch, const struct world *world)
{
    *watch = (struct watch){.world = world};
}

static void break_law(struct watch *watch, const char *law)
{
    watch->broken = watch->broken == NULL ? law : watch->broken;
}

/* With --pass event a job may start in the place of one that ends at the same instant but has not
 * had its turn, so amounts are judged when the instant is over. */
static void judge_instant(struct watch *watch)
{
    int64_t free_milli = 0;
    for (uint32_t i = 0; i < watch->world->nodes; i++) {
        int64_t left = (int64_t)watch->world->gpus_a_node * 1000;
        for (uint32_t job = 0; job < watch->world->count; job++) {
            left -= watch->held_milli[job][i];
        }
        if (left < 0) {
            break_law(watch, "no node gives more than it has");
        }
        free_milli += left;
    }
    for (uint32_t i = 0; watch->conserves_work && i < watch->world->count; i++) {
        const struct world_job *job = &watch->world->jobs[i];
        if (watch->waits[i] && job->tasks == 0 && (int64_t)job->gpus * 1000 <= free_milli) {
            break_law(watch, "nobody waits who fits");
        }
    }
}

/* What the job holds is what the record says, on each node. */
static void hold(struct watch *watch, const struct log_record *record)
{
    int64_t *held_milli = watch->held_milli[record->job];
    memset(held_milli, 0, sizeof(watch->held_milli[0]));
    for (uint32_t i = 0; i < record->grant_count; i++) {
        held_milli[record->grants[i].node] += record->grants[i].gpu_milli;
    }
}

static void let_go(struct watch *watch, uint32_t job)
{
    memset(watch->held_milli[job], 0, sizeof(watch->held_milli[0]));
}

static void note_start(struct watch *watch, const struct log_record *record)
{
    if (!watch->waits[record->job]) {
        break_law(watch, "only who waits starts");
    }
    if (watch->keeps_order && record->job < watch->last_started) {
        break_law(watch, "nobody is overtaken");
    }
    watch->last_started = record->job;
    watch->waits[record->job] = false;
    hold(watch, record);
}

static void record(void *self, const struct log_record *record)
{
    struct watch *watch = self;
    if (record->time_us != watch->now_us || record->kind == LOG_END) {
        judge_instant(watch);
    }
    if (record->time_us < watch->now_us) {
        break_law(watch, "time goes on");
    }
    watch->now_us = record->time_us;
    switch (record->kind) {
    case LOG_SUBMIT:
        watch->submitted++;
        watch->waits[record->job] = true;
        break;
    case LOG_REJECT:
        watch->submitted++;
        watch->rejected++;
        break;
    case LOG_START:
        note_start(watch, record);
        break;
    case LOG_FINISH:
        watch->finished++;
        let_go(watch, record->job);
        break;
    case LOG_PREEMPT:
        watch->waits[record->job] = true;
        let_go(watch, record->job);
        break;
    case LOG_RESIZE:
    case LOG_MIGRATE:
        hold(watch, record);
        break;
    case LOG_SHARE:
    case LOG_STEP:
    case LOG_CAUSE:
    case LOG_END:
        break;
    }
}

struct log_sink watch_sink(struct watch *watch)
{
    return (struct log_sink){watch, record};
}
