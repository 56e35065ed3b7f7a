/* world.c - see world.h. */
#include "sim/diff/world.h"

#include <math.h>
#include <string.h>

#include "sim/diff/log.h"
#include "sim/report/human.h"

void world_init(struct world *world, const struct outcomes *outcomes)
{
    *world = (struct world){.outcomes = outcomes};
}

void world_release(struct world *world)
{
    for (size_t i = 0; i < world->holds.count; i++) {
        json_decref(world->holds.items[i]);
    }
    vec_release(&world->holds);
    names_release(&world->jobs);
}

void world_apply(struct world *world, json_t *decision)
{
    const char *what = decision_text(decision, "decision");
    if (what == NULL) {
        return; /* a step */
    }
    bool is_new;
    uint32_t job = names_add(&world->jobs, view_of(decision_text(decision, "job")), &is_new);
    if (is_new) {
        vec_push(&world->holds, NULL);
    }
    bool stops = strcmp(what, "preempt") == 0 || strcmp(what, "reject") == 0;
    json_decref(world->holds.items[job]);
    world->holds.items[job] = stops ? NULL : json_incref(decision);
}

/* The row of a job in the outcomes, or NULL. */
static const struct outcome *outcome_of(const struct world *world, const char *job)
{
    uint32_t row =
        world->outcomes == NULL ? NAMES_NONE : names_find(&world->outcomes->jobs, view_of(job));
    return row == NAMES_NONE ? NULL : &world->outcomes->rows.items[row];
}

static bool has_ended(const struct outcome *outcome, int64_t now_us)
{
    return outcome != NULL && outcome->end_us != OUTCOME_NEVER_US && outcome->end_us <= now_us;
}

static int64_t microseconds(double time_s)
{
    return llround(time_s * 1e6);
}

/* The decision by which a job runs at this time, or NULL. */
static const json_t *hold_of(const struct world *world, const char *job, int64_t now_us)
{
    uint32_t number = names_find(&world->jobs, view_of(job));
    if (number == NAMES_NONE || has_ended(outcome_of(world, job), now_us)) {
        return NULL;
    }
    return world->holds.items[number];
}

struct standing {
    int64_t running;
    int64_t pending;
    double held_gpus;
    double wanted_gpus;
};

struct standings {
    struct names queues;
    VEC(struct standing) rows; /* by queue */
    struct standing all;
};

static struct standing *standing_of(struct standings *standings, const char *queue)
{
    bool is_new;
    uint32_t number = names_add(&standings->queues, view_of(queue), &is_new);
    if (is_new) {
        vec_push(&standings->rows, ((struct standing){0}));
    }
    return &standings->rows.items[number];
}

static void count_running(const struct world *world, int64_t now_us, struct standings *out)
{
    for (uint32_t i = 0; i < world->holds.count; i++) {
        const json_t *hold = hold_of(world, names_get(&world->jobs, i), now_us);
        if (hold != NULL) {
            struct standing *queue = standing_of(out, decision_text(hold, "queue"));
            double gpus = json_number_value(json_object_get(hold, "gpus"));
            queue->running++;
            queue->held_gpus += gpus;
            out->all.running++;
            out->all.held_gpus += gpus;
        }
    }
}

static void count_pending(const struct world *world, int64_t now_us, struct standings *out)
{
    const struct outcomes *outcomes = world->outcomes;
    for (uint32_t i = 0; i < outcomes->rows.count; i++) {
        const struct outcome *row = &outcomes->rows.items[i];
        bool waits = row->submit_us <= now_us && !has_ended(row, now_us) &&
                     strcmp(row->state, "rejected") != 0 &&
                     hold_of(world, names_get(&outcomes->jobs, i), now_us) == NULL;
        if (waits) {
            struct standing *queue = standing_of(out, names_get(&outcomes->queues, row->queue));
            double gpus = (double)row->gpu_milli / 1000;
            queue->pending++;
            queue->wanted_gpus += gpus;
            out->all.pending++;
            out->all.wanted_gpus += gpus;
        }
    }
}

static void add_standing(struct text *out, const char *name, const struct standing *s, bool waits)
{
    text_addf(out, "  %-24.60s %8lld %12.4g", name, (long long)s->running, s->held_gpus);
    if (waits) {
        text_addf(out, " %10lld %12.4g", (long long)s->pending, s->wanted_gpus);
    }
    text_add_char(out, '\n');
}

static void print_queues(const struct world *world, int64_t now_us, struct text *out)
{
    bool waits = world->outcomes != NULL;
    struct standings standings = {0};
    count_running(world, now_us, &standings);
    if (waits) {
        count_pending(world, now_us, &standings);
    }
    text_addf(out, "  %-24s %8s %12s%s\n", "queue", "running", "GPUs held",
              waits ? "    pending  GPUs wanted" : "");
    for (uint32_t i = 0; i < standings.rows.count; i++) {
        add_standing(out, names_get(&standings.queues, i), &standings.rows.items[i], waits);
    }
    add_standing(out, "all", &standings.all, waits);
    names_release(&standings.queues);
    vec_release(&standings.rows);
}

/* The part of a decision on one node, or NULL. */
static const json_t *part_on(const json_t *decision, const char *node)
{
    size_t index;
    const json_t *part;
    json_array_foreach(json_object_get(decision, "nodes"), index, part)
    {
        if (strcmp(json_string_value(json_object_get(part, "node")), node) == 0) {
            return part;
        }
    }
    return NULL;
}

static void print_node(const struct world *world, int64_t now_us, const char *node,
                       struct text *out)
{
    double held = 0;
    size_t jobs = 0;
    struct text holders = {0};
    for (uint32_t i = 0; i < world->holds.count; i++) {
        const char *job = names_get(&world->jobs, i);
        const json_t *hold = hold_of(world, job, now_us);
        const json_t *part = hold == NULL ? NULL : part_on(hold, node);
        if (part != NULL) {
            double gpus = json_number_value(json_object_get(part, "gpus"));
            held += gpus;
            jobs++;
            text_addf(&holders, "%s%.60s (%.4g)", jobs > 1 ? ", " : ": ", job, gpus);
        }
    }
    text_addf(out, "  node %.60s: %.4g GPUs held by %zu job%s%s\n", node, held, jobs,
              jobs == 1 ? "" : "s", jobs > 0 ? holders.bytes : "");
    text_release(&holders);
}

static void print_nodes_of(const struct world *world, int64_t now_us, const json_t *decision,
                           struct names *seen, struct text *out)
{
    enum { MOST_NODES = 8 };
    size_t index;
    const json_t *part;
    json_array_foreach(json_object_get(decision, "nodes"), index, part)
    {
        const char *node = json_string_value(json_object_get(part, "node"));
        bool is_new;
        (void)names_add(seen, view_of(node), &is_new);
        if (is_new && index < MOST_NODES) {
            print_node(world, now_us, node, out);
        }
    }
}

void world_print(const struct world *world, double time_s, const json_t *a, const json_t *b,
                 struct text *out)
{
    struct names seen = {0};
    int64_t now_us = microseconds(time_s);
    print_queues(world, now_us, out);
    print_nodes_of(world, now_us, a, &seen, out);
    print_nodes_of(world, now_us, b, &seen, out);
    names_release(&seen);
}

void world_print_job(const struct world *world, double time_s, const char *job, struct text *out)
{
    int64_t now_us = microseconds(time_s);
    const struct outcome *row = outcome_of(world, job);
    const json_t *hold = hold_of(world, job, now_us);
    text_addf(out, "  job %.60s", job);
    if (row != NULL) {
        text_addf(out, ", queue %.60s, %.4g GPUs, submitted ",
                  names_get(&world->outcomes->queues, row->queue), (double)row->gpu_milli / 1000);
        human_add_duration(out, time_s - (double)row->submit_us / 1e6);
        text_add(out, " before");
    }
    if (hold == NULL) {
        text_add(out, ", does not run");
    } else {
        text_add(out, ", runs since ");
        human_add_duration(out, time_s - decision_time_s(hold));
    }
    text_add_char(out, '\n');
}
