/*
 * fuzz_core.c - bytes become a small snapshot with settings, cycles and changes between them. A
 * core that is told the changes must show what one shows that is built anew from the same facts,
 * and no snapshot may crash either; what they refuse they refuse with a reason.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/names.h"
#include "tests/fuzz/fuzz_core_facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* -- making facts out of the tape -------------------------------------------------------------- */

static void make_settings(struct world *w, struct tape *tape)
{
    unsigned flags = ask(tape, 256);
    w->settings = (struct core_settings){.max_preemptees = (int64_t)ask(tape, 4) - 1,
                                         .staleness_grace_ns = (int64_t)ask(tape, 3) * SECOND_NS,
                                         .use_signatures = (flags & 1) != 0,
                                         .no_consolidating_reclaim = (flags & 2) != 0,
                                         .restrict_nodes = (flags & 12) == 12,
                                         .binds_fail = (flags & 48) == 48,
                                         .default_gpu_memory_is_100 = (flags & 64) != 0};
    w->settings.depth[CORE_ALLOCATE] = (flags & 128) != 0;
    w->arguments = ask(tape, 8);
    w->now_ns = 100 * SECOND_NS;
}

static void make_cluster(struct world *w, struct tape *tape)
{
    w->queue_count = 1 + ask(tape, MOST_QUEUES);
    w->node_count = 1 + ask(tape, MOST_NODES);
    for (size_t i = 0; i < w->queue_count; i++) {
        struct queue_fact *q = &w->queues[i];
        (void)snprintf(q->name, sizeof q->name, "q%zu", i);
    }
    for (size_t i = 0; i < w->queue_count; i++) {
        struct queue_fact *q = &w->queues[i];
        q->parent = ask(tape, (unsigned)w->queue_count + 2);
        q->quota = ask(tape, 7);
        q->limit = ask(tape, 6);
        q->weight = ask(tape, 7);
        q->priority = ask(tape, 3);
        q->runtime = ask(tape, 4);
        q->known = tell_queue(w->core, w, q);
    }
    for (size_t i = 0; i < w->node_count; i++) {
        struct node_fact *n = &w->nodes[i];
        (void)snprintf(n->name, sizeof n->name, "n%zu", i);
        n->gpus = ask(tape, 6);
        n->memory = ask(tape, 5);
        n->kind = ask(tape, 5);
        n->rack = ask(tape, 3);
        n->cpu = ask(tape, 4);
        n->ready = true;
        n->known = tell_node(w->core, n);
    }
}

static void make_task(struct world *w, struct tape *tape, unsigned job)
{
    if (w->task_count == MOST_TASKS) {
        return;
    }
    struct task_fact *t = &w->tasks[w->task_count];
    *t = (struct task_fact){.job = job,
                            .request = ask(tape, 7),
                            .amount = ask(tape, 24),
                            .set = ask(tape, 4),
                            .constraint = ask(tape, 16)};
    unsigned where = ask(tape, 12);
    (void)snprintf(t->name, sizeof t->name, "t%02zu", w->task_count);
    t->created = (unsigned)w->task_count % 3;
    if (where > 4) { /* it holds something, or did */
        t->status = where == 5 ? (enum core_status)ask(tape, CORE_STATUS_COUNT) : CORE_RUNNING;
        (void)snprintf(t->node, sizeof t->node, "n%u", where % (MOST_NODES + 1));
        t->node[0] = where == 11 ? '\0' : t->node[0];
        t->is_virtual = where == 10;
        t->group_count = t->request == 1 || t->request == 2 ? ask(tape, 3) : 0;
        for (size_t i = 0; i < t->group_count; i++) {
            (void)snprintf(t->groups[i], sizeof t->groups[i], "g%u", ask(tape, 4));
        }
    }
    t->live = tell_task(w->core, w, t, TOLD);
    w->task_count += t->live;
    t->live = t->live && t->index[TOLD] != CORE_NONE;
}

static void make_job(struct world *w, struct tape *tape)
{
    size_t slot = 0;
    while (slot < w->job_count && w->jobs[slot].live) {
        slot++;
    }
    if (slot == MOST_JOBS) {
        return;
    }
    w->job_count += slot == w->job_count;
    struct job_fact *j = &w->jobs[slot];
    *j = (struct job_fact){.queue = ask(tape, (unsigned)w->queue_count + 1),
                           .priority = ask(tape, 6),
                           .shape = ask(tape, 3),
                           .min = ask(tape, 4),
                           .topology = ask(tape, 5),
                           .delay = ask(tape, 3),
                           .created = ask(tape, 4),
                           .times = {CORE_UNSET, CORE_UNSET, CORE_UNSET}};
    (void)snprintf(j->name, sizeof j->name, "j%zu", slot);
    unsigned tasks = 1 + ask(tape, 4);
    j->live = tell_job(w->core, w, j, TOLD);
    for (unsigned i = 0; j->live && i < tasks; i++) {
        make_task(w, tape, (unsigned)slot);
    }
}

/* -- what a core shows ------------------------------------------------------------------------- */

static void add_group(const struct core *core, uint32_t group, unsigned first, struct names *fresh,
                      struct text *out)
{
    struct text name = {0};
    core_group_name(core, group, &name);
    if (core_group_is_fresh(group)) {
        text_addf(out, "new%u", first + names_add(fresh, view_of(name.bytes), NULL));
    } else {
        text_add(out, name.bytes);
    }
    core_text_free(&name);
}

static void show_events(const struct world *w, const struct core *core, struct text *out)
{
    struct names fresh = {0};
    for (size_t i = 0; i < core_event_count(core); i++) {
        struct core_event e = core_event_get(core, i);
        text_addf(out, "%u %d %d %s %s%s", e.batch, (int)e.action, (int)e.kind,
                  core_task_name(core, e.task),
                  e.node == CORE_NONE ? "-" : core_node_name(core, e.node),
                  e.failed ? " failed" : "");
        for (uint32_t g = 0; g < e.group_count; g++) {
            text_add_char(out, ' ');
            add_group(core, e.groups[g], w->fresh, &fresh, out);
        }
        text_add_char(out, '\n');
    }
    names_release(&fresh);
}

static void show_state(const struct world *w, const struct core *core, struct text *out)
{
    for (size_t n = 0; n < w->node_count; n++) {
        uint32_t node = core_find_node(core, w->nodes[n].name);
        for (size_t c = 0; node != CORE_NONE && c < core_component_count(core); c++) {
            struct core_node_view v = core_node_get(core, node);
            /* Which components a core knows depends on what it met. */
            if (v.allocatable[c] > 0) {
                text_addf(out, "%s %s %.9g %.9g %.9g\n", w->nodes[n].name,
                          core_component_name(core, c), v.idle[c] + 0.0, v.used[c] + 0.0,
                          v.releasing[c] + 0.0);
            }
        }
    }
    for (size_t q = 0; q < w->queue_count; q++) {
        uint32_t queue = core_find_queue(core, w->queues[q].name);
        if (queue != CORE_NONE) {
            struct core_queue_view v = core_queue_get(core, queue);
            text_addf(out, "%s %.9g %.9g %.9g %.9g %d\n", w->queues[q].name, v.fair_share[2],
                      v.allocated[2] + 0.0, v.allocated_np[2] + 0.0, v.requested[2], v.dropped);
        }
    }
    for (size_t t = 0; t < w->task_count; t++) {
        uint32_t task = core_find_task(core, w->tasks[t].name);
        if (w->tasks[t].live && task != CORE_NONE) {
            struct core_task_view v = core_task_get(core, task);
            text_addf(out, "%s %d %d %s\n", w->tasks[t].name, (int)v.status, v.is_virtual,
                      v.node_name == NULL ? "" : v.node_name);
            core_explain(core, core_task_job(core, task), task, out);
        }
    }
    for (size_t j = 0; j < w->job_count; j++) {
        uint32_t job = core_find_job(core, w->jobs[j].name);
        if (job != CORE_NONE) {
            struct core_job_view v = core_job_get(core, job);
            text_addf(out, "%s %d %lld %lld %lld: ", w->jobs[j].name, v.stale,
                      (long long)v.last_start_ns, (long long)v.last_eviction_ns,
                      (long long)v.stale_since_ns);
            core_explain(core, job, CORE_NONE, out);
            text_add_char(out, '\n');
        }
    }
}

static void ignore(void *arg, const char *line)
{
    (void)arg;
    (void)line;
}

/* -- cycles ------------------------------------------------------------------------------------ */

static bool run(struct core *core, int64_t now_ns, const unsigned *actions, size_t count)
{
    struct err err = {0};
    if (!done(core_open(core, now_ns, &err), &err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        core_run(core, (enum core_action)actions[i]);
    }
    return true;
}

static struct core *build_anew(struct world *w)
{
    struct core *core = new_core(w);
    for (size_t i = w->node_count; i > 0; i--) { /* the order of adding decides nothing */
        CHECK(!w->nodes[i - 1].known || tell_node(core, &w->nodes[i - 1]));
    }
    for (size_t i = 0; i < w->queue_count; i++) {
        CHECK(!w->queues[i].known || tell_queue(core, w, &w->queues[i]));
    }
    for (size_t i = 0; i < w->job_count; i++) {
        CHECK(!w->jobs[i].live || tell_job(core, w, &w->jobs[i], ANEW));
    }
    for (size_t i = 0; i < w->task_count; i++) {
        CHECK(!w->tasks[i].live || tell_task(core, w, &w->tasks[i], ANEW));
    }
    return core;
}

static void compare(const struct text *told, const struct text *anew)
{
    if (told->length == anew->length && memcmp(told->bytes, anew->bytes, told->length) == 0) {
        return;
    }
    struct view a = {told->bytes, told->length}, b = {anew->bytes, anew->length}, left, right;
    do {
        left = view_cut(a, '\n', &a);
        right = view_cut(b, '\n', &b);
    } while (left.length == right.length && memcmp(left.at, right.at, left.length) == 0);
    (void)fprintf(stderr, "told: %.*s\nanew: %.*s\n", VIEW_ARG(left), VIEW_ARG(right));
    abort();
}

static struct task_fact *fact_of(struct world *w, uint32_t task)
{
    for (size_t i = 0; i < w->task_count; i++) {
        if (w->tasks[i].live && w->tasks[i].index[TOLD] == task) {
            return &w->tasks[i];
        }
    }
    CHECK_NEVER("an event of no task");
}

static void set_task(struct world *w, const struct task_fact *t)
{
    const char *groups[MOST_GROUPS];
    struct err err = {0};
    for (size_t i = 0; i < t->group_count; i++) {
        groups[i] = t->groups[i];
    }
    (void)done(core_set_task(w->core, t->index[TOLD], t->status,
                             t->node[0] == '\0' ? NULL : t->node,
                             (struct core_texts){groups, t->group_count}, &err),
               &err);
}

/* Notes what was bound and evicted; the core is told when the cycle is closed. */
static void fold(struct world *w, bool *changed)
{
    struct names fresh = {0};
    for (size_t i = 0; i < core_event_count(w->core); i++) {
        struct core_event e = core_event_get(w->core, i);
        if (e.kind == CORE_PIPELINE || e.failed) {
            continue;
        }
        struct task_fact *t = fact_of(w, e.task);
        bool bound = e.kind == CORE_BIND;
        t->status = bound ? CORE_RUNNING : CORE_PENDING;
        t->is_virtual = false;
        (void)snprintf(t->node, sizeof t->node, "%s", bound ? core_node_name(w->core, e.node) : "");
        t->group_count = 0;
        for (uint32_t g = 0; bound && g < e.group_count && g < MOST_GROUPS; g++) {
            struct text name = {0};
            add_group(w->core, e.groups[g], w->fresh, &fresh, &name);
            (void)snprintf(t->groups[t->group_count++], sizeof t->groups[0], "%s", name.bytes);
            text_release(&name);
        }
        changed[t - w->tasks] = true;
    }
    for (size_t j = 0; j < w->job_count; j++) {
        if (w->jobs[j].live) {
            struct core_job_view v = core_job_get(w->core, w->jobs[j].index[TOLD]);
            w->jobs[j].times =
                (struct core_job_times){v.last_start_ns, v.last_eviction_ns, v.stale_since_ns};
        }
    }
    w->fresh += names_count(&fresh);
    names_release(&fresh);
}

static void tell_changes(struct world *w, const bool *changed)
{
    struct err err = {0};
    for (size_t i = 0; i < w->task_count; i++) {
        if (changed[i]) {
            set_task(w, &w->tasks[i]);
        }
    }
    for (size_t j = 0; j < w->job_count; j++) {
        struct job_fact *job = &w->jobs[j];
        CHECK(!job->live || core_set_job_times(w->core, job->index[TOLD], &job->times, &err));
    }
}

/* One cycle of both cores, which must show the same; what it decided may become fact. */
static void cycle(struct world *w, struct tape *tape)
{
    unsigned actions[CORE_ACTION_COUNT];
    size_t count = 1 + ask(tape, CORE_ACTION_COUNT);
    for (size_t i = 0; i < count; i++) {
        actions[i] = (unsigned)(i + ask(tape, CORE_ACTION_COUNT)) % CORE_ACTION_COUNT;
    }
    unsigned after = ask(tape, 4);
    struct core *anew = build_anew(w);
    core_set_log(anew, after == 3 ? ignore : NULL, NULL);
    bool ran = run(w->core, w->now_ns, actions, count);
    CHECK(run(anew, w->now_ns, actions, count) == ran);
    if (ran) {
        struct text told = {0}, other = {0};
        bool changed[MOST_TASKS] = {false};
        show_events(w, w->core, &told);
        show_state(w, w->core, &told);
        show_events(w, anew, &other);
        show_state(w, anew, &other);
        compare(&told, &other);
        text_release(&told);
        text_release(&other);
        if (after > 0) {
            fold(w, changed);
        }
        core_close(w->core);
        core_close(anew);
        if (after > 0) {
            tell_changes(w, changed);
        }
    }
    core_free(anew);
    w->now_ns += SECOND_NS;
}

/* -- changes between cycles -------------------------------------------------------------------- */

static void remove_job(struct world *w, size_t j)
{
    struct err err = {0};
    CHECK(core_remove_job(w->core, w->jobs[j].index[TOLD], &err));
    w->jobs[j].live = false;
    for (size_t i = 0; i < w->task_count; i++) {
        w->tasks[i].live &= w->tasks[i].job != j;
    }
}

static void change_task(struct world *w, struct tape *tape)
{
    struct task_fact *t = &w->tasks[ask(tape, MOST_TASKS) % (w->task_count + (w->task_count == 0))];
    struct err err = {0};
    if (!t->live) {
        return;
    }
    if (ask(tape, 4) == 0) {
        CHECK(core_remove_task(w->core, t->index[TOLD], &err));
        t->live = false;
        return;
    }
    t->status = (enum core_status)ask(tape, CORE_STATUS_COUNT);
    t->is_virtual = false;
    (void)snprintf(t->node, sizeof t->node, "n%u", ask(tape, MOST_NODES + 1));
    t->node[0] = ask(tape, 4) == 0 ? '\0' : t->node[0];
    t->group_count = ask(tape, 3);
    for (size_t i = 0; i < t->group_count; i++) {
        (void)snprintf(t->groups[i], sizeof t->groups[i], "g%u", ask(tape, 4));
    }
    set_task(w, t);
}

static void change(struct world *w, struct tape *tape)
{
    struct err err = {0};
    unsigned which = ask(tape, 64);
    struct job_fact *job = &w->jobs[which % (w->job_count + (w->job_count == 0))];
    struct node_fact *node = &w->nodes[which % w->node_count];
    struct queue_fact *queue = &w->queues[which % w->queue_count];
    switch (ask(tape, 6)) {
    case 0:
        make_job(w, tape);
        break;
    case 1:
        change_task(w, tape);
        break;
    case 2:
        if (job->live) {
            remove_job(w, (size_t)(job - w->jobs));
        }
        break;
    case 3:
        node->ready = !node->ready;
        CHECK(core_set_node_ready(w->core, core_find_node(w->core, node->name), node->ready, &err));
        break;
    case 4:
        queue->usage = (double)ask(tape, 8) / 4;
        CHECK(core_set_queue_usage(w->core, core_find_queue(w->core, queue->name),
                                   (const double[3]){0, 0, queue->usage}, &err));
        break;
    default:
        if (job->live) {
            job->times.last_start_ns = w->now_ns - (int64_t)ask(tape, 8) * SECOND_NS;
            job->times.stale_since_ns = ask(tape, 2) == 0 ? CORE_UNSET : w->now_ns - SECOND_NS;
            CHECK(core_set_job_times(w->core, job->index[TOLD], &job->times, &err));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tape tape = {data, size};
    struct world *w = calloc(1, sizeof *w);
    CHECK(w != NULL);
    make_settings(w, &tape);
    w->core = new_core(w);
    make_cluster(w, &tape);
    for (unsigned i = 1 + ask(&tape, 6); i > 0; i--) {
        make_job(w, &tape);
    }
    cycle(w, &tape);
    for (int i = 0; i < MOST_STEPS && tape.left > 0; i++) {
        for (unsigned n = ask(&tape, 4); n > 0; n--) {
            change(w, &tape);
        }
        cycle(w, &tape);
    }
    core_free(w->core);
    free(w);
    return 0;
}
