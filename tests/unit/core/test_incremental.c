/*
 * test_incremental.c - a core that is told what changed decides like one that is built anew.
 *
 * Random events on a small cluster; after every few of them both cores run a cycle, and all they
 * show must be equal. The same cycles are run once more with a listener on the log: the search
 * takes shortcuts only when nobody listens, and they must not show either.
 */
#include <math.h>

#include <criterion/criterion.h>

#include "facts.h"
#include "sim/base/names.h"
#include "sim/base/rng.h"
#include "sim/base/text.h"

#if defined(__SANITIZE_ADDRESS__)
enum { WORLDS = 10 };
#else
enum { WORLDS = 100 };
#endif
enum { EVENTS_OF_WORLD = 1000, EVENTS_OF_CYCLE = 25, MOST_LIVE_JOBS = 28 };

struct world {
    struct facts facts;
    struct core *core; /* the long-lived one */
    uint64_t seed;
    gsl_rng *rng;
    bool tells; /* differences are printed */
};

static struct fact_job *live_job(struct world *w, uint64_t draw)
{
    size_t live = 0;
    for (size_t i = 0; i < w->facts.jobs.count; i++) {
        live += !w->facts.jobs.items[i].removed;
    }
    size_t left = live == 0 ? 0 : draw % live;
    for (size_t i = 0; live > 0 && i < w->facts.jobs.count; i++) {
        if (!w->facts.jobs.items[i].removed && left-- == 0) {
            return &w->facts.jobs.items[i];
        }
    }
    return NULL;
}

/* A task that is gone holds no claim. */
static void let_go(struct world *w, const struct fact_task *task)
{
    for (uint32_t i = 0; w->facts.has_claims && i < FACT_CLAIMS; i++) {
        facts_let_go(&w->facts.claims[i], task->name);
        facts_set_claim(w->core, i, &w->facts.claims[i]);
    }
}

static void remove_job(struct world *w, struct fact_job *job)
{
    struct err err;
    job->removed = true;
    for (size_t i = 0; i < job->task_count; i++) {
        let_go(w, &job->tasks[i]);
    }
    cr_assert(core_remove_job(w->core, job->core, &err), "%s", err.msg);
}

/* The last task of a job that has several; its job goes with the last one. */
static void remove_task(struct world *w, struct fact_job *job)
{
    struct err err;
    for (size_t i = job->task_count; i > 1; i--) {
        if (!job->tasks[i - 1].removed) {
            job->tasks[i - 1].removed = true;
            let_go(w, &job->tasks[i - 1]);
            cr_assert(core_remove_task(w->core, job->tasks[i - 1].core, &err), "%s", err.msg);
            return;
        }
    }
    remove_job(w, job);
}

static void add_job(struct world *w, uint64_t draw)
{
    size_t live = 0;
    for (size_t i = 0; i < w->facts.jobs.count; i++) {
        live += !w->facts.jobs.items[i].removed;
    }
    struct fact_job *oldest = live >= MOST_LIVE_JOBS ? live_job(w, 0) : NULL;
    if (oldest != NULL) {
        remove_job(w, oldest);
    }
    facts_tell(w->core, facts_new_job(&w->facts, draw), true);
}

/* One event, which follows from the seed and its number alone. */
static void happen(struct world *w, uint32_t number)
{
    rng_restart(w->rng, w->seed, "event", number);
    unsigned long kind = gsl_rng_uniform_int(w->rng, 10);
    unsigned long draw = gsl_rng_get(w->rng);
    struct err err;
    if (kind < 6) {
        add_job(w, draw);
        return;
    }
    struct fact_job *job = live_job(w, draw);
    if (kind == 6) {
        uint32_t node = (uint32_t)(draw % FACT_NODES);
        w->facts.node_ready[node] = !w->facts.node_ready[node];
        cr_assert(core_set_node_ready(w->core, node, w->facts.node_ready[node], &err));
    } else if (kind == 7) {
        uint32_t queue = (uint32_t)(draw % FACT_QUEUES);
        w->facts.usage[queue] = (double)(draw % 17) / 16;
        const double usage[3] = {0, 0, w->facts.usage[queue]};
        cr_assert(core_set_queue_usage(w->core, queue, usage, &err));
    } else if (job != NULL && kind == 8) {
        remove_task(w, job);
    } else if (job != NULL) {
        remove_job(w, job);
    }
}

static struct core *build_anew(struct world *w)
{
    struct core *core = facts_core(&w->facts);
    for (size_t i = 0; i < w->facts.jobs.count; i++) {
        if (!w->facts.jobs.items[i].removed) {
            facts_tell(core, &w->facts.jobs.items[i], false);
        }
    }
    return core;
}

/* Shared GPUs made in this cycle get names by the order in which decisions name them. */
static void add_group(const struct world *w, const struct core *core, uint32_t group,
                      struct names *fresh, struct text *out)
{
    struct text name = {0};
    core_group_name(core, group, &name);
    if (core_group_is_fresh(group)) {
        uint32_t number = names_add(fresh, (struct view){name.bytes, name.length}, NULL);
        text_addf(out, "new%u", w->facts.next_group + number);
    } else {
        text_add(out, name.bytes);
    }
    text_release(&name);
}

/* Everything a cycle shows, as a text. */
static void describe(const struct world *w, const struct core *core, struct text *out)
{
    struct names fresh = {0};
    for (size_t i = 0; i < core_event_count(core); i++) {
        struct core_event e = core_event_get(core, i);
        text_addf(out, "%u %d %d %s %s", e.batch, (int)e.action, (int)e.kind,
                  core_task_name(core, e.task), core_node_name(core, e.node));
        for (uint32_t g = 0; g < e.group_count; g++) {
            text_add_char(out, ' ');
            add_group(w, core, e.groups[g], &fresh, out);
        }
        text_add_char(out, '\n');
    }
    names_release(&fresh);
    for (uint32_t n = 0; n < FACT_NODES; n++) {
        struct core_node_view v = core_node_get(core, n);
        for (size_t c = 0; c < core_component_count(core); c++) {
            text_addf(out, "%.9g %.9g %.9g;", v.idle[c] + 0.0, v.used[c] + 0.0,
                      v.releasing[c] + 0.0);
        }
        text_add_char(out, '\n');
    }
    for (uint32_t q = 0; q < FACT_QUEUES; q++) {
        struct core_queue_view v = core_queue_get(core, q);
        text_addf(out, "%.9g %.9g %.9g %.9g\n", v.fair_share[2], v.allocated[2] + 0.0,
                  v.allocated_np[2] + 0.0, v.requested[2]);
    }
    for (uint32_t i = 0; w->facts.has_claims && i < FACT_CLAIMS; i++) {
        core_claim_describe(core, i, out, out);
        text_add_char(out, '\n');
    }
    for (size_t i = 0; i < w->facts.jobs.count; i++) {
        const struct fact_job *job = &w->facts.jobs.items[i];
        for (size_t t = 0; !job->removed && t < job->task_count; t++) {
            uint32_t task = core_find_task(core, job->tasks[t].name);
            if (task != CORE_NONE && !job->tasks[t].removed) {
                struct core_task_view v = core_task_get(core, task);
                text_addf(out, "%s %d %s\n", job->tasks[t].name, (int)v.status,
                          v.node_name == NULL ? "" : v.node_name);
            }
        }
    }
}

static void cycle(struct core *core, int64_t now_ns)
{
    struct err err;
    cr_assert(core_open(core, now_ns, &err), "%s", err.msg);
    for (int a = 0; a < CORE_ACTION_COUNT; a++) {
        core_run(core, (enum core_action)a);
    }
}

static struct fact_task *find_task(struct world *w, const char *name)
{
    for (size_t i = w->facts.jobs.count; i > 0; i--) {
        struct fact_job *job = &w->facts.jobs.items[i - 1];
        for (size_t t = 0; t < job->task_count; t++) {
            if (strcmp(job->tasks[t].name, name) == 0) {
                return &job->tasks[t];
            }
        }
    }
    return NULL;
}

/* The items of a list with commas between them, one after the other; false at its end. */
static bool next_item(struct view *list, struct view *item)
{
    *item = view_cut(*list, ',', list);
    return item->length > 0;
}

/* Claims stay as the cycle left them. */
static void keep_claim(struct world *w, uint32_t number)
{
    struct text devices = {0};
    struct text holders = {0};
    core_claim_describe(w->core, number, &devices, &holders);
    struct fact_claim *claim = &w->facts.claims[number];
    *claim = (struct fact_claim){0};
    struct view list = {devices.bytes, devices.length};
    struct view item;
    while (next_item(&list, &item)) {
        size_t i = claim->device_count++;
        cr_assert_lt(i, FACT_MOST_DEVICES);
        struct view name;
        struct view pool = view_cut(item, '/', &name);
        (void)snprintf(claim->pools[i], sizeof claim->pools[i], "%.*s", VIEW_ARG(pool));
        (void)snprintf(claim->devices[i], sizeof claim->devices[i], "%.*s", VIEW_ARG(name));
    }
    list = (struct view){holders.bytes, holders.length};
    while (next_item(&list, &item)) {
        size_t i = claim->holder_count++;
        cr_assert_lt(i, FACT_MOST_HOLDERS);
        (void)snprintf(claim->holders[i], sizeof claim->holders[i], "%.*s", VIEW_ARG(item));
    }
    text_release(&devices);
    text_release(&holders);
}

/* What was bound runs, what was evicted is pending again, promises are forgotten. */
static void apply(struct world *w)
{
    struct names fresh = {0};
    VEC(struct fact_task *) changed = {0};
    for (size_t i = 0; i < core_event_count(w->core); i++) {
        struct core_event e = core_event_get(w->core, i);
        struct fact_task *task = find_task(w, core_task_name(w->core, e.task));
        cr_assert_not_null(task);
        if (e.kind == CORE_PIPELINE) {
            continue;
        }
        task->runs = e.kind == CORE_BIND;
        task->group_count = task->runs ? e.group_count : 0;
        (void)snprintf(task->node, sizeof task->node, "%s", core_node_name(w->core, e.node));
        for (uint32_t g = 0; g < task->group_count; g++) {
            struct text name = {0};
            add_group(w, w->core, e.groups[g], &fresh, &name);
            (void)snprintf(task->groups[g], sizeof task->groups[g], "%s", name.bytes);
            text_release(&name);
        }
        vec_push(&changed, task);
    }
    for (size_t i = 0; i < w->facts.jobs.count; i++) {
        struct fact_job *job = &w->facts.jobs.items[i];
        if (!job->removed) {
            struct core_job_view v = core_job_get(w->core, job->core);
            job->times =
                (struct core_job_times){v.last_start_ns, v.last_eviction_ns, v.stale_since_ns};
        }
    }
    w->facts.next_group += names_count(&fresh);
    for (uint32_t i = 0; w->facts.has_claims && i < FACT_CLAIMS; i++) {
        keep_claim(w, i);
    }
    core_close(w->core);
    struct err err;
    for (uint32_t i = 0; w->facts.has_claims && i < FACT_CLAIMS; i++) {
        facts_set_claim(w->core, i, &w->facts.claims[i]);
    }
    for (size_t i = 0; i < changed.count; i++) {
        facts_set_task(w->core, changed.items[i]->core, changed.items[i]);
    }
    for (size_t i = 0; i < w->facts.jobs.count; i++) {
        const struct fact_job *job = &w->facts.jobs.items[i];
        cr_assert(job->removed || core_set_job_times(w->core, job->core, &job->times, &err));
    }
    vec_release(&changed);
    names_release(&fresh);
}

static void ignore(void *arg, const char *line)
{
    (void)arg;
    (void)line;
}

/* The first line in which two texts differ, printed: it is what the reader of a failure needs. */
static void print_difference(const struct text *mine, const struct text *theirs)
{
    struct view a = {mine->bytes, mine->length}, b = {theirs->bytes, theirs->length};
    struct view left, right;
    do {
        left = view_cut(a, '\n', &a);
        right = view_cut(b, '\n', &b);
    } while (left.length == right.length && memcmp(left.at, right.at, left.length) == 0);
    (void)fprintf(stderr, "told: %.*s\nanew: %.*s\n", VIEW_ARG(left), VIEW_ARG(right));
}

/* One cycle of each core; false when what they show differs. */
static bool cycles_agree(struct world *w, bool listened, size_t *decisions)
{
    struct text mine = {0};
    struct text theirs = {0};
    struct core *anew = build_anew(w);
    core_set_log(anew, listened ? ignore : NULL, NULL);
    cycle(w->core, w->facts.now_ns);
    cycle(anew, w->facts.now_ns);
    describe(w, w->core, &mine);
    describe(w, anew, &theirs);
    *decisions += core_event_count(anew);
    bool same = mine.length == theirs.length && memcmp(mine.bytes, theirs.bytes, mine.length) == 0;
    if (!same && w->tells) {
        print_difference(&mine, &theirs);
    }
    core_close(anew);
    core_free(anew);
    apply(w);
    w->facts.now_ns += INT64_C(1000000000);
    text_release(&mine);
    text_release(&theirs);
    return same;
}

/* Plays a world without the events that are left out; the number of the event after which the cores
 * differed, or 0. Without a counter of decisions the difference is printed. */
static uint32_t play(uint64_t seed, const bool *left_out, uint32_t count, bool listened,
                     size_t *decisions)
{
    struct world w = {.seed = seed, .tells = decisions == NULL};
    size_t ignored = 0;
    decisions = decisions == NULL ? &ignored : decisions;
    uint32_t parted = 0;
    facts_init(&w.facts);
    w.facts.has_claims = seed % 3 == 0;
    w.facts.whole_gpus = seed % 3 == 1;
    w.core = facts_core(&w.facts);
    w.rng = rng_new(seed, "event", 0);
    for (uint32_t i = 0; i < count && parted == 0; i++) {
        if (!left_out[i]) {
            happen(&w, i);
        }
        if ((i + 1) % EVENTS_OF_CYCLE == 0 && !cycles_agree(&w, listened, decisions)) {
            parted = i + 1;
        }
    }
    gsl_rng_free(w.rng);
    core_free(w.core);
    facts_release(&w.facts);
    return parted;
}

/* Leaves out ever smaller runs of events as long as the cores still differ. */
static void shrink(uint64_t seed, bool *left_out, uint32_t count, bool listened)
{
    size_t decisions = 0;
    for (uint32_t size = count / 2; size > 0; size /= 2) {
        for (uint32_t start = 0; start < count; start += size) {
            bool before[EVENTS_OF_WORLD];
            memcpy(before, left_out, sizeof before);
            for (uint32_t i = start; i < start + size && i < count; i++) {
                left_out[i] = true;
            }
            if (play(seed, left_out, count, listened, &decisions) == 0) {
                memcpy(left_out, before, sizeof before);
            }
        }
    }
}

static void compare_worlds(uint64_t first_seed, size_t worlds, bool listened)
{
    size_t decisions = 0;
    for (uint64_t seed = first_seed; seed < first_seed + worlds; seed++) {
        bool left_out[EVENTS_OF_WORLD] = {false};
        uint32_t parted = play(seed, left_out, EVENTS_OF_WORLD, listened, &decisions);
        if (parted > 0) {
            shrink(seed, left_out, parted, listened);
            (void)play(seed, left_out, parted, listened, NULL);
            struct text events = {0};
            for (uint32_t i = 0; i < parted; i++) {
                if (!left_out[i]) {
                    text_addf(&events, " %u", i);
                }
            }
            cr_assert_fail("seed %llu: the cores differ after event %u; events that are enough:%s",
                           (unsigned long long)seed, parted, events.bytes);
        }
    }
    cr_assert_gt(decisions, worlds * EVENTS_OF_WORLD / 10);
}

Test(incremental, decides_like_a_core_built_anew_over_100000_events)
{
    compare_worlds(1, WORLDS, false);
}

Test(incremental, shortcuts_of_the_search_do_not_show)
{
    compare_worlds(1000, WORLDS / 5, true);
}
