/*
 * simulate.c - a tried scenario after its evictions: the job and its victims are placed again, in
 * the order of queues (specification 8.4).
 *
 * All waiting jobs stand in the tree, because they decide whose queue comes next; those that are
 * neither the job nor victims are taken out and passed over. There may be thousands of them in
 * every scenario, so where all of a queue ask for the same amounts one stands for the crowd.
 */
#include "policies/core/solver.h"

static int by_rank(const void *l, const void *r, void *arg)
{
    const struct core *core = arg;
    uint32_t a = core_job_at(core, *(const uint32_t *)l)->rank;
    uint32_t b = core_job_at(core, *(const uint32_t *)r)->rank;
    return (a > b) - (a < b);
}

static bool is_schedulable(const struct core *core, const struct core_job *job)
{
    return job->queue != CORE_NONE && core_queue_at(core, job->queue)->child_count == 0;
}

static void join_crowd(struct core_solver *s, struct core_job *job)
{
    struct core_crowd *crowd = &s->crowds[job->queue];
    if (crowd->count == 0) {
        vec_push(&s->crowded, job->queue);
        *crowd = (struct core_crowd){.waiting = &s->waiting,
                                     .except = s->job,
                                     .queue = job->queue,
                                     .first_rank = job->rank,
                                     .best = &job->view,
                                     .alike = job->view.request_known};
    } else {
        crowd->alike = crowd->alike && core_ask_alike(crowd->best, &job->view);
        if (core_job_first(s->core, &job->view, crowd->best)) {
            crowd->best = &job->view;
        }
    }
    crowd->count++;
}

void core_simulation_open(struct core_solver *s)
{
    const struct core *core = s->core;
    s->crowds = mem_alloc(core->queues.count, sizeof *s->crowds);
    for (uint32_t i = bitset_next(&core->waiting, 0); i != BITSET_END;
         i = bitset_next(&core->waiting, i + 1)) {
        uint32_t index = core->job_list.items[i];
        struct core_job *job = core_job_at(core, index);
        if (job != s->job && is_schedulable(core, job)) {
            vec_push(&s->waiting, index);
            join_crowd(s, job);
        }
    }
}

void core_simulation_close(struct core_solver *s)
{
    vec_release(&s->waiting);
    vec_release(&s->crowded);
    free(s->crowds);
}

/* The job and the jobs of the victims, by name. */
static void list_wanted(const struct core_solver *s, struct core_list *wanted)
{
    struct core *core = s->core;
    vec_push(wanted, s->job->index);
    for (size_t i = 0; i < s->victim_tasks.count; i++) {
        uint32_t job = core_task_at(core, s->victim_tasks.items[i])->job;
        if (job != wanted->items[wanted->count - 1] && job != s->job->index) {
            vec_push(wanted, job);
        }
    }
    core_sort(wanted->items, wanted->count, by_rank, core);
    size_t kept = 1;
    for (size_t i = 1; i < wanted->count; i++) {
        if (wanted->items[i] != wanted->items[kept - 1]) {
            wanted->items[kept++] = wanted->items[i];
        }
    }
    wanted->count = kept;
}

/* Which crowds can be stood for by one: not where a wanted job of the queue is one of the crowd, or
 * asks for something else. */
static bool choose_crowds(struct core_solver *s, const struct core_list *wanted)
{
    const struct core *core = s->core;
    for (size_t i = 0; i < s->crowded.count; i++) {
        struct core_crowd *crowd = &s->crowds[s->crowded.items[i]];
        crowd->together = crowd->alike && core->log == NULL;
    }
    for (size_t i = 0; i < wanted->count; i++) {
        const struct core_job *job = core_job_at(core, wanted->items[i]);
        const struct core_view *view = job == s->job ? &s->partial : &job->view;
        struct core_crowd *crowd = job->queue == CORE_NONE ? NULL : &s->crowds[job->queue];
        if (crowd != NULL && crowd->count > 0) {
            crowd->together = crowd->together && core_ask_alike(view, crowd->best) &&
                              (job == s->job || job->status_count[CORE_PENDING] == 0);
        }
    }
    bool all = true;
    for (size_t i = 0; i < s->crowded.count; i++) {
        all = all && s->crowds[s->crowded.items[i]].together;
    }
    return all;
}

static int by_first_rank(const void *l, const void *r, void *arg)
{
    const struct core_crowd *crowds = arg;
    uint32_t a = crowds[*(const uint32_t *)l].first_rank;
    uint32_t b = crowds[*(const uint32_t *)r].first_rank;
    return (a > b) - (a < b);
}

/* Pushes in the order of names: wanted jobs, crowds at the place of their first, other waiting
 * jobs. */
struct merge {
    struct core_solver *s;
    struct core_tree *tree;
    const struct core_list *wanted;
    size_t next_wanted, next_crowd;
};

/* Everything with a name before that of rank `limit`. */
static void push_until(struct merge *m, uint32_t limit)
{
    struct core_solver *s = m->s;
    for (;;) {
        uint32_t crowd_rank = m->next_crowd < s->crowded.count
                                  ? s->crowds[s->crowded.items[m->next_crowd]].first_rank
                                  : CORE_NONE;
        uint32_t wanted_rank = m->next_wanted < m->wanted->count
                                   ? core_job_at(s->core, m->wanted->items[m->next_wanted])->rank
                                   : CORE_NONE;
        if (crowd_rank >= limit && wanted_rank >= limit) {
            return;
        }
        if (crowd_rank < wanted_rank) {
            struct core_crowd *crowd = &s->crowds[s->crowded.items[m->next_crowd++]];
            if (crowd->together) {
                core_tree_push_crowd(m->tree, crowd);
            }
        } else {
            struct core_job *job = core_job_at(s->core, m->wanted->items[m->next_wanted++]);
            core_tree_push_wanted(m->tree, job == s->job ? &s->partial : &job->view, true);
        }
    }
}

static void fill_tree(struct core_solver *s, struct core_tree *tree, const struct core_list *wanted)
{
    struct core *core = s->core;
    struct merge merge = {.s = s, .tree = tree, .wanted = wanted};
    bool all_together = choose_crowds(s, wanted);
    core_sort(s->crowded.items, s->crowded.count, by_first_rank, s->crowds);
    for (size_t i = 0; !all_together && i < s->waiting.count; i++) {
        struct core_job *job = core_job_at(core, s->waiting.items[i]);
        if (!job->is_victim && !s->crowds[job->queue].together) {
            push_until(&merge, job->rank);
            core_tree_push_wanted(tree, &job->view, false);
        }
    }
    push_until(&merge, CORE_NONE);
}

static bool takes_part(const void *arg, struct core_view *view)
{
    const struct core_solver *s = arg;
    return view == &s->partial || core_job_at(s->core, view->job->index)->is_victim;
}

bool core_simulate(struct core_solver *s, struct core_nodes nodes)
{
    struct core *core = s->core;
    struct core_tree *tree = core_tree_new_settled(core, false);
    struct core_list wanted = {0};
    list_wanted(s, &wanted);
    fill_tree(s, tree, &wanted);
    bool placed = false;
    bool good = true;
    /* When all that matter have come out, the others would only be passed over. */
    for (size_t left = wanted.count; good && left > 0; left--) {
        struct core_view *view = core_tree_pop_wanted(tree, takes_part, s);
        if (view == NULL) {
            break;
        }
        CORE_LOG(core, "simulate %s", view->job->name);
        size_t before = core_checkpoint(core);
        bool ok = core_place_job(core, view, nodes, true);
        if (view == &s->partial) {
            good = ok;
            placed = ok;
        } else if (!placed) {
            good = !core_room_is_taken(s, before);
        }
    }
    vec_release(&wanted);
    core_tree_free(tree);
    return good && placed;
}
