/* settle.c - see settle.h. */
#include "sim/check/settle.h"

#include "sim/check/play.h"

/* The state between rounds as a text: equal texts are equal states. Shared GPUs that the scheduler
 * made are named by the order in which the tasks name them. */
static void add_state(const struct check_case *c, struct text *state)
{
    struct names groups = {0};
    for (size_t i = 0; i < c->tasks.count; i++) {
        const struct case_task *task = &c->tasks.items[i];
        text_addf(state, "%d|%s", (int)task->status, task->node == NULL ? "" : task->node);
        for (size_t g = 0; g < task->group_count; g++) {
            if (strncmp(task->groups[g], "new", 3) == 0) {
                text_addf(state, "|new%u", names_add(&groups, view_of(task->groups[g]), NULL));
            } else {
                text_addf(state, "|%s", task->groups[g]);
            }
        }
        text_add_char(state, ';');
    }
    for (size_t i = 0; i < c->claims.count; i++) {
        const struct case_claim *claim = &c->claims.items[i];
        for (size_t k = 0; k < claim->device_count; k++) {
            text_addf(state, "%s/%s,", claim->devices[k].pool, claim->devices[k].name);
        }
        for (size_t k = 0; k < claim->holder_count; k++) {
            text_addf(state, "|%s", claim->holders[k]);
        }
        text_add_char(state, ';');
    }
    names_release(&groups);
}

/* The number of the present state; new ones are added. */
static uint32_t note_state(const struct check_case *c, struct names *states, bool *is_new)
{
    struct text state = {0};
    text_add(&state, "state:");
    add_state(c, &state);
    uint32_t number = names_add(states, (struct view){state.bytes, state.length}, is_new);
    text_release(&state);
    return number;
}

static const char *word(const json_t *event, const char *key)
{
    const char *value = json_string_value(json_object_get(event, key));
    return value == NULL ? "" : value;
}

static void tell_event(struct text *out, const json_t *event)
{
    const char *kind = word(event, "kind");
    text_addf(out, "    %s: ", word(event, "action"));
    if (strcmp(kind, "evict") == 0) {
        text_addf(out, "%s is evicted from %s", word(event, "task"), word(event, "node"));
    } else {
        text_addf(out, "%s is %s %s", word(event, "task"),
                  strcmp(kind, "bind") == 0 ? "bound to" : "promised", word(event, "node"));
    }
    const char *preemptor = word(event, "preemptor");
    text_addf(out, "%s%s\n", preemptor[0] != '\0' ? " for " : "", preemptor);
}

/* The preemptors of a round that are pending after it, with the rule that keeps each waiting. */
static void tell_preemptors(struct text *out, const json_t *round)
{
    struct names told = {0};
    const json_t *events = json_object_get(round, "events");
    for (size_t i = 0; i < json_array_size(events); i++) {
        const char *preemptor = word(json_array_get(events, i), "preemptor");
        bool is_new = false;
        if (preemptor[0] != '\0') {
            (void)names_add(&told, view_of(preemptor), &is_new);
        }
        const char *reason =
            json_string_value(json_object_get(json_object_get(round, "reasons"), preemptor));
        if (is_new) {
            text_addf(out, "    %s has no place of its own yet: %s\n", preemptor,
                      reason == NULL ? "what it was promised is being released" : reason);
        }
    }
    names_release(&told);
}

/* Is the task bound in this round? */
static bool is_bound(const json_t *round, const char *task)
{
    const json_t *events = json_object_get(round, "events");
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *event = json_array_get(events, i);
        if (strcmp(word(event, "kind"), "bind") == 0 && strcmp(word(event, "task"), task) == 0) {
            return true;
        }
    }
    return false;
}

/* What closes the circle: evicted tasks that the next round binds again, ahead of whoever they were
 * evicted for. */
static void tell_returns(struct text *out, const json_t *round, const json_t *next)
{
    const json_t *events = json_object_get(round, "events");
    for (size_t i = 0; i < json_array_size(events); i++) {
        const json_t *event = json_array_get(events, i);
        if (strcmp(word(event, "kind"), "evict") != 0) {
            continue;
        }
        bool back = is_bound(next, word(event, "task"));
        const char *preemptor = word(event, "preemptor");
        bool displaced = preemptor[0] != '\0';
        text_addf(out, "    %s, evicted by %s%s%s, comes back pending and is %s%s\n",
                  word(event, "task"), word(event, "action"), displaced ? " for " : "", preemptor,
                  back ? "bound in the next round" : "placed later in the circle",
                  back && displaced ? ": allocation puts it before the job that it was evicted for"
                                    : "");
    }
}

static size_t count_evictions(const json_t *rounds, size_t from, size_t end)
{
    size_t sum = 0;
    for (size_t i = from; i < end; i++) {
        json_t *count = json_object_get(json_array_get(rounds, i), "evictions");
        sum += (size_t)json_integer_value(count);
    }
    return sum;
}

static void tell_cycle(struct settled *out, const json_t *rounds, size_t from, size_t end)
{
    for (size_t i = from; i < end; i++) {
        const json_t *round = json_array_get(rounds, i);
        const json_t *next = json_array_get(rounds, i + 1 < end ? i + 1 : from);
        const json_t *events = json_object_get(round, "events");
        text_addf(&out->cycle, "  round %zu\n", i + 1);
        for (size_t k = 0; k < json_array_size(events); k++) {
            tell_event(&out->cycle, json_array_get(events, k));
        }
        tell_preemptors(&out->cycle, round);
        tell_returns(&out->cycle, round, next);
    }
}

static void judge(struct settled *out, const json_t *rounds, size_t from)
{
    size_t end = json_array_size(rounds);
    out->first_round = from + 1;
    out->length = end - from;
    out->evictions = count_evictions(rounds, from, end);
    out->kind = out->evictions > 0 ? SETTLE_LOOPS : SETTLE_RESTS;
    if (out->kind == SETTLE_LOOPS) {
        tell_cycle(out, rounds, from, end);
    }
}

bool case_settle(struct check_case *c, size_t most_rounds, struct settled *out, struct err *err)
{
    static const struct play_log SILENT = {0};
    struct names states = {0};
    struct group_names groups = {0};
    json_t *rounds = json_array();
    bool is_new = true, ok = true;
    uint32_t state = note_state(c, &states, &is_new);
    *out = (struct settled){.kind = SETTLE_UNKNOWN};
    while (ok && is_new && json_array_size(rounds) < most_rounds) {
        json_t *round = play_round(c, &SILENT, &groups, err);
        ok = round != NULL;
        if (ok) {
            json_array_append_new(rounds, round);
            state = note_state(c, &states, &is_new);
        }
    }
    if (ok && !is_new) {
        judge(out, rounds, state);
    }
    json_decref(rounds);
    group_names_release(&groups);
    names_release(&states);
    return ok;
}

void settled_release(struct settled *settled)
{
    text_release(&settled->cycle);
}
