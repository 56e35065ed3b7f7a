/* play.c - see play.h. */
#include "sim/check/play.h"

#include "policies/core/core.h"
#include "sim/check/expect.h"

struct play {
    struct check_case *c;
    const struct play_log *log;
    struct group_names names;
    json_t *rounds;
    struct text unmet;
    bool check_limits;
};

static struct core *open_session(struct check_case *c, const struct play_log *log, struct err *err)
{
    struct core *core = case_build(c, err);
    if (core == NULL) {
        return NULL;
    }
    if (log->line != NULL) {
        core_set_log(core, log->line, log->arg);
    }
    if (!core_open(core, CASE_NOW_NS, err)) {
        core_free(core);
        return NULL;
    }
    return core;
}

/* The session of a round after its actions, with the record of it; NULL with *err set. */
static struct core *run_session(struct check_case *c, const struct play_log *log,
                                struct group_names *names, json_t **round, struct err *err)
{
    struct core *core = open_session(c, log, err);
    if (core == NULL) {
        return NULL;
    }
    json_t *queues = record_queues(c, core);
    json_t *total = record_total(c, core);
    for (size_t i = 0; i < c->action_count; i++) {
        core_run(core, c->actions[i]);
    }
    group_names_next_session(names);
    *round = record_round(c, core, names);
    json_object_set_new(*round, "queues", queues);
    json_object_set_new(*round, "cluster_total", total);
    return core;
}

static void end_session(struct core *core)
{
    core_close(core);
    core_free(core);
}

json_t *play_round(struct check_case *c, const struct play_log *log, struct group_names *names,
                   struct err *err)
{
    json_t *round = NULL;
    struct core *core = run_session(c, log, names, &round, err);
    if (core == NULL) {
        return NULL;
    }
    fold_back(c, core, names);
    end_session(core);
    return round;
}

static void tell_round(const struct play *play)
{
    if (play->log->line != NULL) {
        struct text text = {0};
        text_addf(&text, "== round %zu", json_array_size(play->rounds) + 1);
        play->log->line(play->log->arg, text.bytes);
        text_release(&text);
    }
}

/* Why each job that the round left pending is so, and each of its pending tasks: by the rules of
 * queues, and how many nodes lack or refuse what. */
static void tell_pending(const struct play *play, const struct core *core)
{
    uint32_t told = CORE_NONE;
    for (size_t i = 0; play->log->line != NULL && i < play->c->tasks.count; i++) {
        uint32_t task = play->c->tasks.items[i].core;
        if (task == CORE_NONE || core_task_get(core, task).status != CORE_PENDING) {
            continue;
        }
        struct text text = {0};
        if (core_task_job(core, task) != told) {
            told = core_task_job(core, task);
            text_addf(&text, "left pending: %s: ", core_job_name(core, told));
            core_explain(core, told, CORE_NONE, &text);
            play->log->line(play->log->arg, text.bytes);
            text_clear(&text);
        }
        text_add(&text, "  ");
        core_explain(core, CORE_NONE, task, &text);
        play->log->line(play->log->arg, text.bytes);
        text_release(&text);
    }
}

/* One more round; with `asserts` the expectations must hold after its actions. */
static bool next_round(struct play *play, bool asserts, struct err *err)
{
    json_t *round = NULL;
    tell_round(play);
    struct core *core = run_session(play->c, play->log, &play->names, &round, err);
    if (core == NULL) {
        return false;
    }
    json_array_append_new(play->rounds, round);
    tell_pending(play, core);
    if (play->unmet.length == 0 && play->check_limits) {
        expect_limits(play->c, round, &play->unmet);
    }
    if (play->unmet.length == 0 && asserts) {
        expect_states(play->c, core, round, json_object_get(round, "reasons"), &play->unmet);
    }
    fold_back(play->c, core, &play->names);
    end_session(core);
    return true;
}

/* The session between the rounds, in which nothing is run: everything has settled. */
static bool settled_session(struct play *play, struct err *err)
{
    static const struct play_log SILENT = {0};
    struct core *core = open_session(play->c, &SILENT, err);
    if (core == NULL) {
        return false;
    }
    group_names_next_session(&play->names);
    size_t count = json_array_size(play->rounds);
    json_t *last = count > 0 ? json_array_get(play->rounds, count - 1) : NULL;
    json_t *round = record_round(play->c, core, &play->names);
    if (last != NULL) {
        /* Records show the shares of this session for the round before it. */
        json_object_set_new(last, "queues", record_queues(play->c, core));
    }
    expect_states(play->c, core, round, json_object_get(last, "reasons"), &play->unmet);
    json_decref(round);
    end_session(core);
    return true;
}

static bool play_all(struct play *play, struct err *err)
{
    const struct check_case *c = play->c;
    bool asserts = c->asserts && c->has_expected;
    if (c->single) {
        return next_round(play, asserts, err);
    }
    for (int64_t i = 0; i < c->rounds_until; i++) {
        if (!next_round(play, false, err)) {
            return false;
        }
    }
    if (asserts && !settled_session(play, err)) {
        return false;
    }
    for (int64_t i = 0; i < c->rounds_after; i++) {
        if (!next_round(play, asserts, err)) {
            return false;
        }
    }
    return true;
}

bool case_play(struct check_case *c, const struct play_log *log, bool check_limits,
               struct played *out, struct err *err)
{
    struct play play = {.c = c, .log = log, .check_limits = check_limits};
    play.rounds = json_array();
    bool ok = play_all(&play, err);
    group_names_release(&play.names);
    *out = (struct played){play.rounds, play.unmet};
    if (!ok) {
        played_release(out);
    }
    return ok;
}

void played_release(struct played *played)
{
    json_decref(played->rounds);
    text_release(&played->unmet);
}
