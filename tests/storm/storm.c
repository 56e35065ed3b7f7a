/*
 * storm.c - random worlds, each run twice under every check there is.
 *
 *     storm FROM COUNT
 *         worlds of so many seeds on all processors; the last line is a digest of all their
 *         fingerprints, equal for every compiler
 *     storm --seed SEED [FOLDER]
 *         one of them, told in words; with a folder, written there as files
 *     storm --files TRACE CLUSTER POLICY PLACE [OPTIONS...]
 *         a world out of files: exit status 1 when it fails
 *
 * A world fails when a check of the program is not true, when its log tells what cannot be
 * (judge.h), when a shipped policy asks for something impossible, when it never ends, or when its
 * decisions differ the second time, in which what jobs wait for and how fairly queues are served is
 * found out too. Worlds that a policy or a rule refuses, or that cannot be built, are counted, and
 * so are those in which kai goes round in circles (results/philly-kai and `berth check --settle`
 * have more of that).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "judge.h"
#include "sim/base/check.h"
#include "sim/base/parallel.h"
#include "sim/base/parse.h"
#include "sim/cli/chosen.h"
#include "sim/cli/settings.h"
#include "sim/cluster/cluster_file.h"
#include "sim/report/report.h"
#include "sim/workload/trace_format.h"
#include "twin.h"
#include "world.h"

enum { MOST_WORKERS = 64, MOST_PROGRESS = 8 /* times 4096 instants */ };

static const struct cli_option storm_options[] = {SETTINGS_OPTIONS, {.name = NULL}};

/* A world made ready to run. */
struct built {
    struct workload workload;
    struct cluster cluster;
    struct engine_settings settings;
    struct cli_args args;
    struct text words; /* of the options, with NULs between them */
    VEC(char *) argv;
    struct chosen_policy policy;
    struct chosen_place place;
};

struct outcome {
    bool refused;
    bool compared; /* with the reference engine */
    bool circles;  /* kai goes on for ever, as the scheduler that it follows does in such worlds */
    uint64_t fingerprint;
    char failure[600]; /* "" */
};

/* -- building -------------------------------------------------------------------------------- */

static bool build_settings(const struct storm_world *world, struct built *built, struct err *err)
{
    struct view rest = {world->options.bytes, world->options.length};
    while (rest.length > 0) {
        struct view word = view_cut(rest, ' ', &rest);
        vec_push(&built->argv, mem_copy_text(word.at, word.length));
    }
    return cli_args_read(storm_options, (int)built->argv.count, built->argv.items, &built->args,
                         err) &&
           settings_read(&built->args, &built->settings, err);
}

static bool build_workload(const struct storm_world *world, struct built *built, struct err *err)
{
    const struct trace_format *native = trace_format_find("native");
    char params[64] = {0};
    struct file file = {.bytes = world->csv.bytes, .length = world->csv.length};
    CHECK(native->params_size <= sizeof(params) &&
          param_read(native->params, "native", view_of(""), params, err));
    return native->read(params, &file, &built->workload, err) &&
           workload_finish(&built->workload, err);
}

static bool build(const struct storm_world *world, struct built *built, struct err *err)
{
    struct file file = {.bytes = world->cluster.bytes, .length = world->cluster.length};
    *built = (struct built){0};
    workload_init(&built->workload);
    CHECK(build_settings(world, built, err));
    return build_workload(world, built, err) && cluster_from_json(&file, &built->cluster, err) &&
           chosen_policy_read(world->policy.bytes, &built->policy, err) &&
           chosen_place_read(world->place.bytes, &built->place, err);
}

static void unbuild(struct built *built)
{
    for (size_t i = 0; i < built->argv.count; i++) {
        free(built->argv.items[i]);
    }
    vec_release(&built->argv);
    cli_args_release(&built->args);
    settings_release(&built->settings);
    free(built->policy.params);
    free(built->place.params);
    workload_release(&built->workload);
    if (built->cluster.nodes.count > 0) {
        cluster_release_all(&built->cluster);
    }
}

/* -- one world ------------------------------------------------------------------------------- */

static bool count_calls(void *self, const struct engine_progress *progress)
{
    (void)progress;
    uint32_t *calls = self;
    return ++*calls < MOST_PROGRESS;
}

/* Policies of leases let a job hold its tasks and stand still. */
static bool has_leases(const struct built *built)
{
    static const char *const names[] = {"allox", "gandiva_fair", "gavel", "shockwave", "themis"};
    bool leases = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        leases |= strcmp(built->policy.ops->name, names[i]) == 0;
    }
    return leases;
}

static const struct kai_settings *kai_of(const struct built *built)
{
    return strcmp(built->policy.ops->name, "kai") == 0 ? built->policy.params : NULL;
}

/* Do nodes come and go? */
static bool changes(const struct built *built)
{
    return built->settings.supply != NULL || cluster_has_supply(&built->cluster);
}

/* A job that is being evicted stands still until the first pass after its time of grace, or until
 * its node goes away. */
static bool halts_for_unknown_time(const struct built *built)
{
    return kai_of(built) != NULL && kai_of(built)->grace_us > 0 &&
           (built->settings.pass == PASS_PERIOD || changes(built));
}

static struct judge_terms terms_of(const struct built *built)
{
    const struct kai_settings *kai = kai_of(built);
    return (struct judge_terms){
        .costs = {.settings = &built->settings,
                  .bind_us = kai != NULL ? kai->bind_latency_us : 0,
                  .grace_us = kai != NULL ? kai->grace_us : 0,
                  .leases = has_leases(built) || halts_for_unknown_time(built) ||
                            built->settings.save_us > 0},
        .changes = changes(built),
        .clips = built->settings.oversize == OVERSIZE_CLIP,
        .kai = kai,
        .parts = built->settings.isolate != NULL,
    };
}

/* Has kai no reason to leave a job waiting: no limit, no quota for jobs that cannot be preempted,
 * no nodes of their own, and nobody is passed over? */
static bool starts_all(const struct built *built)
{
    const struct kai_settings *kai = kai_of(built);
    bool all = built->cluster.level_count == 0 && built->settings.isolate == NULL &&
               built->settings.oversize == OVERSIZE_REJECT;
    for (size_t i = 0; i < built->cluster.queues.count; i++) {
        all &= built->cluster.queues.items[i].gpu.limit < 0;
    }
    for (size_t i = 0; i < built->workload.jobs.count; i++) {
        all &= built->workload.jobs.items[i].preemptible;
    }
    for (int i = 0; i < CORE_ACTION_COUNT; i++) {
        all &= kai->depth[i] == 0;
    }
    return all;
}

/* May jobs be left waiting? A policy that starts nothing, or keeps jobs within quotas; and those
 * that share time put a job on GPUs of one model, so one that needs two models waits for ever. */
static bool may_wait(const struct built *built)
{
    if (kai_of(built) != NULL && built->settings.horizon_us == PARAM_NEVER_US) {
        return !starts_all(built) || changes(built);
    }
    return built->settings.horizon_us != PARAM_NEVER_US || changes(built) ||
           (built->policy.ops->flags & (SCHED_STARTS_NOTHING | SCHED_QUOTAS)) != 0 ||
           (has_leases(built) && names_count(&built->cluster.models) > 1);
}

/* Those who watch a run. */
struct watchers {
    struct judge judge;
    struct twin twin;
    struct report *report;
};

static void watch(struct watchers *watchers, const struct built *built, bool asks_why,
                  struct cluster *cluster)
{
    struct err err = {0};
    struct report_options options;
    report_options_init(&options);
    options.causes = asks_why;
    options.fairness = asks_why;
    struct judge_terms terms = terms_of(built);
    judge_init(&watchers->judge, &built->workload, &built->cluster, &terms);
    watchers->report = report_open(&options, &built->workload, cluster, NULL, &err);
    struct plain_input input = {
        .workload = &built->workload, .cluster = &built->cluster, .settings = &built->settings};
    if (!asks_why && !changes(built)) {
        twin_init(&watchers->twin, &input, built->policy.ops, built->policy.params,
                  built->place.ops->name);
    }
}

/* What they have seen. */
static void conclude(struct watchers *watchers, const struct built *built,
                     const struct engine_result *result, struct outcome *outcome)
{
    struct report_run nothing = {0};
    struct err err = {0};
    CHECK(report_close(watchers->report, &nothing, &err));
    judge_end(&watchers->judge, result->stopped || may_wait(built));
    twin_end(&watchers->twin);
    outcome->compared |= watchers->twin.compares;
    const char *failure =
        watchers->judge.broken[0] != '\0' ? watchers->judge.broken : watchers->twin.differs;
    if (result->stopped && (kai_of(built) != NULL || changes(built))) {
        outcome->circles = true;
    } else {
        (void)snprintf(outcome->failure, sizeof(outcome->failure), "%s",
                       result->stopped ? "it does not end" : failure);
    }
}

/* Runs it once; true when it ran. */
static bool run_once(struct built *built, bool asks_why, uint64_t *fingerprint,
                     struct outcome *outcome)
{
    struct cluster cluster;
    struct watchers *watchers = mem_alloc(1, sizeof(*watchers));
    struct err err = {0};
    uint32_t calls = 0;
    struct engine_settings settings = built->settings;
    settings.causes = asks_why;
    settings.audit = true;
    cluster_init_empty_copy(&cluster, &built->cluster);
    watch(watchers, built, asks_why, &cluster);
    struct log_sink sinks[] = {judge_sink(&watchers->judge), twin_sink(&watchers->twin),
                               report_sink(watchers->report)};
    struct engine_input input = {.settings = &settings,
                                 .workload = &built->workload,
                                 .cluster = &cluster,
                                 .policy = built->policy.ops,
                                 .policy_params = built->policy.params,
                                 .place = built->place.ops,
                                 .place_params = built->place.params,
                                 .sinks = sinks,
                                 .sink_count = sizeof(sinks) / sizeof(sinks[0]),
                                 .progress = count_calls,
                                 .progress_self = &calls};
    struct engine_result result = {0};
    bool ok = engine_run(&input, &result, &err);
    if (ok) {
        conclude(watchers, built, &result, outcome);
        *fingerprint = result.fingerprint;
    } else if (err.code == ERR_USAGE || err.code == ERR_FORMAT) {
        outcome->refused = true;
    } else {
        (void)snprintf(outcome->failure, sizeof(outcome->failure), "%s", err.msg);
    }
    twin_release(&watchers->twin);
    report_free(watchers->report);
    cluster_release_all(&cluster);
    free(watchers);
    return ok && outcome->failure[0] == '\0';
}

/* The same with a core made anew for every cycle, or kept where it was made anew: what it remembers
 * decides nothing. */
static void run_rebuilt(struct built *built, struct outcome *outcome)
{
    struct kai_settings *kai = built->policy.params;
    uint64_t again = 0;
    kai->rebuild = !kai->rebuild;
    if (run_once(built, false, &again, outcome) && again != outcome->fingerprint) {
        (void)snprintf(outcome->failure, sizeof(outcome->failure),
                       "a core that remembers and one made anew decide otherwise");
    }
    kai->rebuild = !kai->rebuild;
}

static void run_texts(const struct storm_world *world, struct outcome *outcome)
{
    struct built built;
    struct err err = {0};
    uint64_t again = 0;
    *outcome = (struct outcome){0};
    if (!build(world, &built, &err)) {
        outcome->refused = true;
    } else if (run_once(&built, false, &outcome->fingerprint, outcome) &&
               run_once(&built, true, &again, outcome) && again != outcome->fingerprint) {
        (void)snprintf(outcome->failure, sizeof(outcome->failure),
                       "the second run decides otherwise");
    } else if (!outcome->refused && outcome->failure[0] == '\0' && kai_of(&built) != NULL) {
        run_rebuilt(&built, outcome);
    }
    unbuild(&built);
}

static void run_world(uint64_t seed, struct outcome *outcome)
{
    struct storm_world world;
    storm_world_draw(seed, &world);
    run_texts(&world, outcome);
    storm_world_release(&world);
}

/* -- one, told in words ---------------------------------------------------------------------- */

static void write_file(const char *folder, const char *name, const struct text *text)
{
    struct text path = {0};
    struct err err = {0};
    text_addf(&path, "%s/%s", folder, name);
    if (!file_write(path.bytes, (struct view){text->bytes, text->length}, &err)) {
        (void)fprintf(stderr, "storm: %s\n", err.msg);
    }
    text_release(&path);
}

static int tell_one(uint64_t seed, const char *folder)
{
    struct storm_world world;
    struct outcome outcome;
    storm_world_draw(seed, &world);
    if (folder != NULL) {
        (void)mkdir(folder, 0777);
        write_file(folder, "trace.csv", &world.csv);
        write_file(folder, "cluster.json", &world.cluster);
    }
    (void)printf("berth run --trace %s/trace.csv --cluster %s/cluster.json --policy %s --place %s "
                 "%s --audit\n",
                 folder != NULL ? folder : "FOLDER", folder != NULL ? folder : "FOLDER",
                 world.policy.bytes, world.place.bytes, world.options.bytes);
    (void)fflush(stdout);
    run_world(seed, &outcome);
    (void)printf("seed %" PRIu64 ": %s\n", seed,
                 outcome.failure[0] != '\0' ? outcome.failure
                 : outcome.refused          ? "refused"
                                            : "good");
    storm_world_release(&world);
    return outcome.failure[0] != '\0' ? 1 : 0;
}

static bool read_file(const char *path, struct text *out)
{
    struct file file;
    struct err err = {0};
    if (!file_read(path, FILE_MOST_BYTES, &file, &err)) {
        (void)fprintf(stderr, "storm: %s\n", err.msg);
        return false;
    }
    text_add_bytes(out, file.bytes, file.length);
    file_release(&file);
    return true;
}

/* `words`: trace, cluster, policy, placement, options. */
static int tell_files(int count, char **words)
{
    struct storm_world world = {0};
    struct outcome outcome = {0};
    bool ok = read_file(words[0], &world.csv) && read_file(words[1], &world.cluster);
    text_add(&world.policy, words[2]);
    text_add(&world.place, words[3]);
    for (int i = 4; i < count; i++) {
        text_add(&world.options, i > 4 ? " " : "");
        text_add(&world.options, words[i]);
    }
    if (ok) {
        run_texts(&world, &outcome);
        (void)printf("%s\n", outcome.failure[0] != '\0' ? outcome.failure : "good");
    }
    storm_world_release(&world);
    return !ok ? 2 : outcome.failure[0] != '\0' ? 1 : 0;
}

/* -- many ------------------------------------------------------------------------------------ */

/* What a worker leaves behind if it dies. */
struct slot {
    uint64_t seed; /* in hand */
    uint64_t done;
    uint64_t refused;
    uint64_t circles;
    uint64_t compared;
    uint64_t failed;
    uint64_t sum; /* of all fingerprints mixed with their seeds: order does not matter */
};

static uint64_t mix(uint64_t seed, uint64_t fingerprint)
{
    uint64_t x = (seed + 0x9e3779b97f4a7c15U) * 0xbf58476d1ce4e5b9U ^ fingerprint;
    x = (x ^ x >> 29) * 0x94d049bb133111ebU;
    return x ^ x >> 32;
}

/* Every `step`-th seed from slot->seed on. */
static void work(struct slot *slot, uint64_t end, uint64_t step)
{
    while (slot->seed < end) {
        struct outcome outcome;
        run_world(slot->seed, &outcome);
        if (outcome.failure[0] != '\0') {
            slot->failed++;
            (void)printf("seed %" PRIu64 ": %s\n  storm --seed %" PRIu64 " FOLDER\n", slot->seed,
                         outcome.failure, slot->seed);
            (void)fflush(stdout);
        }
        slot->refused += outcome.refused;
        slot->circles += outcome.circles;
        slot->compared += outcome.compared;
        slot->sum += mix(slot->seed, outcome.fingerprint);
        slot->done++;
        slot->seed += step;
    }
}

static pid_t start_worker(struct slot *slot, uint64_t end, uint64_t step)
{
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        work(slot, end, step);
        _exit(0);
    }
    CHECK(child > 0);
    return child;
}

/* A worker that died failed in the world it had in hand; another goes on behind it. */
static void mind_workers(struct slot *slots, pid_t *workers, uint32_t count, uint64_t end)
{
    uint32_t alive = count;
    while (alive > 0) {
        int status = 0;
        pid_t child = waitpid(-1, &status, 0);
        uint32_t i = 0;
        while (i < count && workers[i] != child) {
            i++;
        }
        if (i == count) {
            continue;
        }
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
            alive--;
            continue;
        }
        (void)printf("seed %" PRIu64
                     ": the program died (its message is above)\n  storm --seed %" PRIu64
                     " FOLDER\n",
                     slots[i].seed, slots[i].seed);
        slots[i].failed++;
        slots[i].done++;
        slots[i].seed += count;
        workers[i] = start_worker(&slots[i], end, count);
    }
}

static int run_many(uint64_t from, uint64_t count)
{
    uint32_t workers = parallel_processors();
    workers = workers > MOST_WORKERS ? MOST_WORKERS : workers;
    FILE *shared = tmpfile();
    CHECK(shared != NULL && ftruncate(fileno(shared), MOST_WORKERS * sizeof(struct slot)) == 0);
    struct slot *slots = mmap(NULL, MOST_WORKERS * sizeof(*slots), PROT_READ | PROT_WRITE,
                              MAP_SHARED, fileno(shared), 0);
    pid_t children[MOST_WORKERS];
    CHECK(slots != MAP_FAILED);
    for (uint32_t i = 0; i < workers; i++) {
        slots[i].seed = from + i;
        children[i] = start_worker(&slots[i], from + count, workers);
    }
    mind_workers(slots, children, workers, from + count);
    struct slot all = {0};
    for (uint32_t i = 0; i < workers; i++) {
        all.done += slots[i].done;
        all.refused += slots[i].refused;
        all.circles += slots[i].circles;
        all.compared += slots[i].compared;
        all.failed += slots[i].failed;
        all.sum += slots[i].sum;
    }
    (void)printf("%" PRIu64 " worlds from seed %" PRIu64 ": %" PRIu64 " refused, %" PRIu64
                 " circling, %" PRIu64 " like the reference engine's, %" PRIu64
                 " failed, digest %016" PRIx64 "\n",
                 all.done, from, all.refused, all.circles, all.compared, all.failed, all.sum);
    return all.failed > 0 ? 1 : 0;
}

static bool read_number(const char *text, int64_t *out)
{
    return parse_i64(view_of(text), out) == PARSE_OK && *out >= 0;
}

int main(int argc, char **argv)
{
    int64_t first = 0;
    int64_t second = 0;
    if (argc >= 3 && argc <= 4 && strcmp(argv[1], "--seed") == 0 && read_number(argv[2], &first)) {
        return tell_one((uint64_t)first, argc == 4 ? argv[3] : NULL);
    }
    if (argc == 3 && read_number(argv[1], &first) && read_number(argv[2], &second)) {
        return run_many((uint64_t)first, (uint64_t)second);
    }
    if (argc >= 6 && strcmp(argv[1], "--files") == 0) {
        return tell_files(argc - 2, argv + 2);
    }
    (void)fprintf(stderr, "usage: storm FROM COUNT | storm --seed SEED [FOLDER] | storm --files "
                          "TRACE CLUSTER POLICY PLACE [OPTIONS...]\n");
    return 2;
}
