/* twin.c - see twin.h. */
#include "twin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/param.h"

/* -- the world ------------------------------------------------------------------------------- */

static const struct param_spec *find_param(const struct sched_ops *policy, const char *name)
{
    const struct param_spec *spec = policy->params;
    while (spec != NULL && spec->name != NULL && strcmp(spec->name, name) != 0) {
        spec++;
    }
    return spec != NULL && spec->name != NULL ? spec : NULL;
}

/* Has the parameter this value? */
static bool is_set(const struct sched_ops *policy, const void *params, const char *name,
                   const char *value)
{
    struct text text = {0};
    const struct param_spec *spec = find_param(policy, name);
    if (spec == NULL) {
        return false;
    }
    param_add_value(&text, spec, params);
    bool same = strcmp(text.bytes, value) == 0;
    text_release(&text);
    return same;
}

/* What the reference engine has to know; false: it does not know the policy, or not this way. */
static bool describe(struct plain_input *input, const struct sched_ops *policy, const void *params)
{
    static const char *const names[] = {
        [PLAIN_FIFO] = "fifo", [PLAIN_SJF] = "sjf", [PLAIN_SRTF] = "srtf", [PLAIN_EASY] = "easy"};
    for (int i = PLAIN_FIFO; i <= PLAIN_EASY; i++) {
        if (strcmp(names[i], policy->name) == 0) {
            input->policy = (enum plain_policy)i;
            input->skips = is_set(policy, params, "mode", "skip");
            input->by_gpus = is_set(policy, params, "key", "gpu_time") ||
                             is_set(policy, params, "key", "gpu_remaining");
            input->shortest = is_set(policy, params, "order", "shortest");
            input->fills = is_set(policy, params, "fill", "true");
            const struct param_spec *hysteresis = find_param(policy, "hysteresis");
            if (hysteresis != NULL) {
                memcpy(&input->hysteresis_us, (const char *)params + hysteresis->offset,
                       sizeof(input->hysteresis_us));
            }
            bool knows_tie = i != PLAIN_SRTF || is_set(policy, params, "tie", "running");
            return knows_tie && (i != PLAIN_EASY || is_set(policy, params, "ask", "always"));
        }
    }
    return false;
}

void twin_init(struct twin *twin, struct plain_input *input, const struct sched_ops *policy,
               const void *policy_params, const char *place)
{
    *twin = (struct twin){0};
    input->any_gpus = strcmp(place, "count") == 0;
    bool knows_place = input->any_gpus || strcmp(place, "first") == 0;
    if (knows_place && describe(input, policy, policy_params) && plain_is_for(input)) {
        plain_run(&twin->plain, input);
        twin->compares = !twin->plain.too_long;
    }
}

void twin_release(struct twin *twin)
{
    plain_release(&twin->plain);
}

/* -- the logs -------------------------------------------------------------------------------- */

static bool same_grants(const struct plain *plain, const struct plain_event *event,
                        const struct log_record *record)
{
    bool same = event->grant_count == record->grant_count;
    for (uint32_t i = 0; same && i < event->grant_count; i++) {
        const struct grant *a = &plain->grants.items[event->first_grant + i];
        const struct grant *b = &record->grants[i];
        same = a->node == b->node && a->group == b->group && a->gpus == b->gpus &&
               a->gpu_milli == b->gpu_milli && a->cpu_milli == b->cpu_milli &&
               a->memory_mib == b->memory_mib;
    }
    return same;
}

static const char *word_of(enum log_kind kind)
{
    static const char *const words[] = {[LOG_SUBMIT] = "is submitted",
                                        [LOG_REJECT] = "is rejected",
                                        [LOG_START] = "starts",
                                        [LOG_FINISH] = "ends",
                                        [LOG_PREEMPT] = "is stopped"};
    return kind <= LOG_PREEMPT ? words[kind] : "is changed";
}

static void record(void *self, const struct log_record *record)
{
    struct twin *twin = self;
    bool tells_job = record->kind <= LOG_MIGRATE;
    if (!twin->compares || !tells_job || twin->differs[0] != '\0') {
        return;
    }
    if (twin->next == twin->plain.events.count) {
        (void)snprintf(twin->differs, sizeof(twin->differs),
                       "job %" PRIu32 " %s at %" PRId64 " us, and by the reference it is all over",
                       record->job, word_of(record->kind), record->time_us);
        return;
    }
    const struct plain_event *event = &twin->plain.events.items[twin->next++];
    if (event->time_us != record->time_us || event->kind != record->kind ||
        event->job != record->job || event->lost_us != record->lost_us) {
        (void)snprintf(twin->differs, sizeof(twin->differs),
                       "job %" PRIu32 " %s at %" PRId64 " us, by the reference job %" PRIu32
                       " %s at %" PRId64 " us",
                       record->job, word_of(record->kind), record->time_us, event->job,
                       word_of(event->kind), event->time_us);
    } else if (!same_grants(&twin->plain, event, record)) {
        (void)snprintf(twin->differs, sizeof(twin->differs),
                       "job %" PRIu32 " %s at %" PRId64 " us elsewhere than by the reference",
                       record->job, word_of(record->kind), record->time_us);
    }
}

struct log_sink twin_sink(struct twin *twin)
{
    return (struct log_sink){twin, record};
}

void twin_end(struct twin *twin)
{
    if (twin->compares && twin->differs[0] == '\0' && twin->next < twin->plain.events.count) {
        const struct plain_event *event = &twin->plain.events.items[twin->next];
        (void)snprintf(twin->differs, sizeof(twin->differs),
                       "by the reference job %" PRIu32 " %s at %" PRId64 " us, and it is all over",
                       event->job, word_of(event->kind), event->time_us);
    }
}
