/* batch_plan.c - see batch_plan.h. */
#include "sim/workload/batch_plan.h"

#include "sim/base/check.h"

static int64_t divide_up(int64_t value, int64_t by)
{
    return (value + by - 1) / by;
}

/* Steps and epochs of a training stay far below 2^40, and batch sizes below 2^20. */
static void change_level(const struct batch_plan *plan, struct batch_state *state)
{
    const struct batch_level *from = &plan->levels[state->level];
    const struct batch_level *to = &plan->levels[state->next_level];
    int64_t epochs = divide_up(state->total_steps, from->epoch_steps);
    int64_t total = divide_up(state->total_steps * from->batch, to->batch);
    if (divide_up(total, to->epoch_steps) != epochs) {
        total = epochs * to->epoch_steps;
    }
    state->done_steps = divide_up(state->done_steps, from->epoch_steps) * to->epoch_steps;
    state->total_steps = total;
    state->level = state->next_level;
}

static bool is_critical(const struct batch_plan *plan, int64_t epoch)
{
    int64_t at = plan->period > 0 ? epoch % plan->period : epoch;
    for (uint32_t i = 0; i + 1 < plan->epoch_count; i += 2) {
        if (at >= plan->epochs[i] && at < plan->epochs[i + 1]) {
            return true;
        }
    }
    return false;
}

static uint32_t level_after(const struct batch_plan *plan, const struct batch_state *state)
{
    int64_t epoch = divide_up(state->done_steps, plan->levels[state->level].epoch_steps);
    if (plan->rule == BATCH_ACCORDION) {
        return is_critical(plan, epoch) ? 0 : plan->level_count - 1;
    }
    uint32_t due = 0;
    while (due < plan->epoch_count && epoch + 1 >= plan->epochs[due]) {
        due++;
    }
    bool grows = due > state->level && state->level + 1 < plan->level_count;
    return state->level + (grows ? 1 : 0);
}

void batch_plan_checkpoint(const struct batch_plan *plan, struct batch_state *state)
{
    CHECK(state->level < plan->level_count && state->next_level < plan->level_count);
    if (state->next_level != state->level) {
        change_level(plan, state);
    }
    state->next_level = level_after(plan, state);
}
