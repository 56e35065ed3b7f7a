/* sides.c - see sides.h. */
#include "sim/cli/sides.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The program beside this one that has the placement core as a shared object. */
#define SHARED_PROGRAM "berth-shared"

/* -- choosing -------------------------------------------------------------------------------- */

/* The values of an option in `out`, the last one again where one is missing, or `dflt`. */
static bool read_values(const struct cli_args *args, const char *name, const char *dflt,
                        const char *out[SIDES], struct err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < args->given.count; i++) {
        if (strcmp(args->given.items[i].option->name, name) != 0) {
            continue;
        }
        if (count == SIDES) {
            return err_set(err, ERR_USAGE, 0, "%s is there three times, expected two", name);
        }
        out[count++] = args->given.items[i].value;
    }
    for (size_t i = count; i < SIDES; i++) {
        out[i] = count > 0 ? out[count - 1] : dflt;
    }
    return true;
}

bool sides_read(const struct cli_args *args, struct side out[SIDES], struct err *err)
{
    const char *policy[SIDES];
    const char *place[SIDES];
    const char *core[SIDES];
    if (!read_values(args, "--policy", "fifo", policy, err) ||
        !read_values(args, "--place", "consolidate", place, err) ||
        !read_values(args, "--core", NULL, core, err)) {
        return false;
    }
    for (size_t i = 0; i < SIDES; i++) {
        out[i] = (struct side){policy[i], place[i], core[i]};
        if (core[i] != NULL && access(core[i], R_OK) != 0) {
            return err_set(err, ERR_USAGE, 0,
                           "--core %.200s: cannot be read, expected a shared object of "
                           "'make core-library'",
                           core[i]);
        }
    }
    return true;
}

bool side_tells_steps(const struct side *side)
{
    struct chosen_policy chosen;
    struct err ignored = {0};
    bool tells = false;
    if (chosen_policy_read(side->policy, &chosen, &ignored)) {
        for (const struct param_spec *spec = chosen.ops->params; spec != NULL && spec->name != NULL;
             spec++) {
            tells = tells || strcmp(spec->name, "steps-at") == 0;
        }
        free(chosen.params);
    }
    return tells;
}

/* -- running --------------------------------------------------------------------------------- */

static bool run_here(const struct cli_args *args, const struct side *side, const char *folder,
                     int64_t steps_at_us, struct err *err)
{
    struct replay_choice choice = {.policy = side->policy, .place = side->place, .out = folder};
    report_options_init(&choice.report);
    choice.report.log_decisions = true;
    struct replay replay;
    if (!replay_prepare(args, &choice, &replay, err)) {
        return false;
    }
    if (steps_at_us >= 0 && replay.settings.horizon_us > steps_at_us) {
        replay.settings.horizon_us = steps_at_us + 1;
    }
    bool ok = replay_run(&replay, cli_flag(args, "--quiet"), NULL, err);
    replay_release(&replay);
    return ok;
}

/* Is this option one of a run, to be handed on as it is? */
static bool is_handed_on(const char *name, bool to_horizon)
{
    static const char *const OWN[] = {"--policy", "--place",   "--core",
                                      "--json",   "--context", "--quiet"};
    for (size_t i = 0; i < sizeof(OWN) / sizeof(OWN[0]); i++) {
        if (strcmp(name, OWN[i]) == 0) {
            return false;
        }
    }
    return !to_horizon || strcmp(name, "--horizon") != 0;
}

/* The words of a command line; texts that are not on ours are owned. */
struct words {
    VEC(const char *) list;
    struct text horizon;
};

static void add_words(struct words *words, const char *name, const char *value)
{
    vec_push(&words->list, name);
    if (value != NULL) {
        vec_push(&words->list, value);
    }
}

static void list_words(const struct cli_args *args, const struct side *side, const char *folder,
                       int64_t horizon_us, struct words *out)
{
    add_words(out, SHARED_PROGRAM, "run");
    for (size_t i = 0; i < args->given.count; i++) {
        const struct cli_given *given = &args->given.items[i];
        if (is_handed_on(given->option->name, horizon_us >= 0)) {
            add_words(out, given->option->name, given->option->value == NULL ? NULL : given->value);
        }
    }
    add_words(out, "--policy", side->policy);
    add_words(out, "--place", side->place);
    add_words(out, "--out", folder);
    add_words(out, "--log", "decisions");
    add_words(out, "--quiet", NULL);
    if (horizon_us >= 0) {
        text_add_seconds(&out->horizon, horizon_us);
        add_words(out, "--horizon", out->horizon.bytes);
    }
    vec_push(&out->list, NULL);
}

/* In the child: becomes the program with the core of `side`. Only returns when that fails. */
static void become(const char *program, const struct side *side, const struct words *words)
{
    struct text core = {0}; /* a name without a slash would be looked for among the system's */
    text_add(&core, strchr(side->core, '/') == NULL ? "./" : "");
    text_add(&core, side->core);
    if (setenv("LD_PRELOAD", core.bytes, 1) != 0 || freopen("/dev/null", "w", stdout) == NULL) {
        return;
    }
    (void)execv(program, (char *const *)(uintptr_t)words->list.items);
}

static bool wait_for(pid_t child, const char *core, struct err *err)
{
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        return err_set(err, ERR_IO, 0,
                       "the run with the core %.200s failed; is it a build of this version, and "
                       "'make core-library' done?",
                       core);
    }
    return true;
}

/* The path of the program beside this one. */
static bool find_program(struct text *out, struct err *err)
{
    char self[4096];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    while (length > 0 && self[length - 1] != '/') {
        length--;
    }
    if (length > 0) {
        text_add_bytes(out, self, (size_t)length);
    }
    text_add(out, SHARED_PROGRAM);
    return access(out->bytes, X_OK) == 0 ||
           err_set(err, ERR_USAGE, 0,
                   "--core needs %.200s, which is not there; 'make core-library' builds it",
                   out->bytes);
}

static bool run_with_core(const struct cli_args *args, const struct side *side, const char *folder,
                          int64_t steps_at_us, struct err *err)
{
    struct text program = {0};
    struct words words = {0};
    bool ok = find_program(&program, err);
    if (ok) {
        list_words(args, side, folder, steps_at_us < 0 ? -1 : steps_at_us + 1, &words);
        pid_t child = fork();
        if (child == 0) {
            become(program.bytes, side, &words);
            _exit(1);
        }
        ok = child > 0 ? wait_for(child, side->core, err)
                       : err_set(err, ERR_IO, 0, "no process for the run could be made");
    }
    vec_release(&words.list);
    text_release(&words.horizon);
    text_release(&program);
    return ok;
}

bool side_run(const struct cli_args *args, const struct side *side, const char *folder,
              int64_t steps_at_us, struct err *err)
{
    struct text policy = {0};
    text_add(&policy, side->policy);
    if (steps_at_us >= 0) {
        text_add(&policy, strchr(side->policy, ':') == NULL ? ":steps-at=" : ",steps-at=");
        text_add_seconds(&policy, steps_at_us);
    }
    struct side told = {policy.bytes, side->place, side->core};
    bool ok = side->core == NULL ? run_here(args, &told, folder, steps_at_us, err)
                                 : run_with_core(args, &told, folder, steps_at_us, err);
    text_release(&policy);
    return ok;
}
