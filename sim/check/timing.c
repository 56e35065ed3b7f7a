/* timing.c - see timing.h. */
#include "sim/check/timing.h"

#include <time.h>

static double clock_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void keep_least(double *least, double value)
{
    *least = *least > 0 && *least < value ? *least : value;
}

/* One cycle; adds what each action took when `actions` is given. */
static bool cycle(const struct check_case *c, struct core *core, double *total, double *actions,
                  struct err *err)
{
    double spent[CORE_ACTION_COUNT] = {0};
    double start = clock_ms();
    if (!core_open(core, CASE_NOW_NS, err)) {
        return false;
    }
    for (size_t i = 0; i < c->action_count; i++) {
        double before = clock_ms();
        core_run(core, c->actions[i]);
        spent[c->actions[i]] += clock_ms() - before;
    }
    keep_least(total, clock_ms() - start);
    for (int i = 0; actions != NULL && i < CORE_ACTION_COUNT; i++) {
        keep_least(&actions[i], spent[i]);
    }
    return true;
}

bool case_time(struct check_case *c, size_t repeats, struct timing *out, struct err *err)
{
    *out = (struct timing){0};
    for (size_t i = 0; i < repeats; i++) {
        struct core *core = case_build(c, err);
        if (core == NULL) {
            return false;
        }
        bool ok = cycle(c, core, &out->first_ms, NULL, err);
        for (size_t k = 0; ok && k < repeats && i + 1 == repeats; k++) {
            out->events = core_event_count(core);
            core_close(core);
            ok = cycle(c, core, &out->cycle_ms, out->action_ms, err);
        }
        if (ok) {
            core_close(core);
        }
        core_free(core);
        if (!ok) {
            return false;
        }
    }
    return true;
}
