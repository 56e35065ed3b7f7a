/* sched.c - the table of policies, made from the files in policies/. */
#include "sim/sched.h"

#include <assert.h>
#include <string.h>

#include "sim/base/check.h"

#define ENTRY(name) extern const struct sched_ops sched_policy_##name;
#include "policy_list.inc"
#undef ENTRY

#define ENTRY(name) &sched_policy_##name,
const struct sched_ops *const sched_policies[] = {
#include "policy_list.inc"
    NULL,
};
#undef ENTRY

const struct sched_ops *sched_find(const char *name)
{
    for (size_t i = 0; sched_policies[i] != NULL; i++) {
        if (strcmp(sched_policies[i]->name, name) == 0) {
            return sched_policies[i];
        }
    }
    return NULL;
}

const char *sched_flag_text(unsigned flag_bit)
{
    static const char *const texts[] = {"reads true durations", "preempts",
                                        "needs estimates",      "starts nothing",
                                        "enforces quotas",      "needs speeds"};
    static_assert(sizeof(texts) / sizeof(*texts) == SCHED_FLAG_COUNT, "one text a flag");
    CHECK(flag_bit < SCHED_FLAG_COUNT);
    return texts[flag_bit];
}

const char *sched_law_text(enum sched_law law)
{
    switch (law) {
    case SCHED_LAW_NONE:
        return "nothing";
    case SCHED_LAW_SUBMIT_ORDER:
        return "nobody is overtaken";
    case SCHED_LAW_NO_IDLE:
        return "nobody waits who fits";
    case SCHED_LAW_TIME_SCALE:
        return "scaling all times scales the schedule";
    case SCHED_LAW_SPARE_NODES:
        return "nodes that nobody may use change nothing";
    case SCHED_LAW_HEAD_FIRST:
        return "nobody behind the head of the queue delays it";
    case SCHED_LAW_NO_DELAY:
        return "nobody is delayed by who was submitted later";
    case SCHED_LAW_FAIR_TURNS:
        return "no tenant goes ahead by more than one job of one who waits and fits";
    case SCHED_LAW_LEVELS:
        return "who has had less service by the limits goes first";
    case SCHED_LAW_QUEUE_LIMITS:
        return "no queue holds more than its limit";
    }
    CHECK_NEVER("a law of the enum");
}

/* Is this the effective value ("mode=skip") of one of the parameters? */
static bool is_set(const struct param_spec *param, struct view condition, const void *params)
{
    struct view value;
    struct view name = view_cut(condition, '=', &value);
    while (param != NULL && param->name != NULL && !view_is(name, param->name)) {
        param++;
    }
    CHECK(param != NULL && param->name != NULL && value.at != NULL);
    struct text text = {0};
    param_add_value(&text, param, params);
    bool same = view_is(value, text.bytes);
    text_release(&text);
    return same;
}

bool sched_promises(const struct sched_ops *ops, const void *params, enum sched_law law)
{
    const struct sched_promise *promise = ops->laws;
    for (; promise != NULL && promise->law != SCHED_LAW_NONE; promise++) {
        bool holds = promise->law == law;
        struct view rest = promise->when == NULL ? (struct view){0} : view_of(promise->when);
        while (holds && rest.at != NULL) {
            struct view condition = view_cut(rest, ',', &rest);
            holds = is_set(ops->params, condition, params);
        }
        if (holds) {
            return true;
        }
    }
    return false;
}
