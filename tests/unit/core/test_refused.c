/*
 * test_refused.c - every nonsense that a snapshot can contain is refused with an error that names
 * the item; what only looks odd is taken, and the cycle goes on.
 */
#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include "policies/core/core.h"

/* A core with node "n", queue "q", topology "t", job "j" (0) and its task "j-0" (0). */
static struct core *sound_core(void)
{
    static const char *const LEVELS[] = {"rack"};
    const struct core_settings settings = {.max_preemptees = -1};
    const struct core_node_spec node = {.name = "n", .cpu_milli = 4000, .gpus = 2, .pods = 9};
    const struct core_queue_spec queue = {.name = "q",
                                          .shares = {{-1, -1, 1}, {-1, -1, 1}, {2, -1, 1}}};
    const struct core_topology_spec topology = {"t", {LEVELS, 1}};
    const struct core_job_spec job = {.name = "j", .queue = "q"};
    const struct core_task_spec task = {.name = "j-0",
                                        .request = {.gpu = {.count = 1, .portion = 1}}};
    struct core *core = core_new(&settings);
    struct err err;
    uint32_t index;
    cr_assert(core_add_node(core, &node, &index, &err), "%s", err.msg);
    cr_assert(core_add_queue(core, &queue, &index, &err), "%s", err.msg);
    cr_assert(core_add_topology(core, &topology, &err), "%s", err.msg);
    cr_assert(core_add_job(core, &job, &index, &err), "%s", err.msg);
    cr_assert(core_add_task(core, &task, &index, &err), "%s", err.msg);
    return core;
}

/* The core still decides as if the refused call had not been made. */
static void decides_as_before(struct core *core)
{
    struct err err;
    cr_assert(core_open(core, 0, &err), "%s", err.msg);
    core_run(core, CORE_ALLOCATE);
    cr_assert_eq(core_event_count(core), 1);
    cr_assert_str_eq(core_task_name(core, core_event_get(core, 0).task), "j-0");
    core_close(core);
    core_free(core);
}

static void names(const struct err *err, const char *words)
{
    cr_expect_eq(err->code, ERR_FORMAT);
    cr_expect_not_null(strstr(err->msg, words), "'%s' does not say '%s'", err->msg, words);
}

#define AMOUNTS(NAME, AMOUNT)                                                                      \
    {                                                                                              \
        (const struct core_amount[]){{NAME, AMOUNT}}, 1                                            \
    }
#define LABELS(KEY, VALUE)                                                                         \
    {                                                                                              \
        (const struct core_label[]){{KEY, VALUE}}, 1                                               \
    }
#define TEXTS(TEXT)                                                                                \
    {                                                                                              \
        (const char *const[]){TEXT}, 1                                                             \
    }

static const struct {
    const char *words;
    struct core_node_spec spec;
} NODES[] = {
    {"a node without a name", {.gpus = 1}},
    {"node \"n\" is given twice", {.name = "n"}},
    {"node \"m\": cpu must be a number from 0", {.name = "m", .cpu_milli = -1}},
    {"node \"m\": memory must be", {.name = "m", .memory_bytes = (double)INFINITY}},
    {"node \"m\": pods must be", {.name = "m", .pods = (double)NAN}},
    {"node \"m\": gpus must be", {.name = "m", .gpus = -0.5}},
    {"node \"m\": gpus must be", {.name = "m", .gpus = 1e9}},
    {"node \"m\": DRA gpus must be", {.name = "m", .dra_gpus = -1}},
    {"node \"m\": GPU memory must be", {.name = "m", .gpu_memory_mib = -1}},
    {"node \"m\": GPU memory must be", {.name = "m", .gpu_memory_mib = INT64_MAX}},
    {"node \"m\": disk must be", {.name = "m", .others = AMOUNTS("disk", -1)}},
    {"node \"m\": nvidia.com/mig-1g.5gb must be a number from 0 to 100000",
     {.name = "m", .others = AMOUNTS("nvidia.com/mig-1g.5gb", 1e6)}},
    {"node \"m\": an amount has no resource name", {.name = "m", .others = AMOUNTS(NULL, 1)}},
    {"node \"m\": a label needs a key", {.name = "m", .labels = LABELS("k", NULL)}},
    {"node \"m\": a taint needs a key",
     {.name = "m", .taints = (const struct core_taint[]){{NULL, "v", "e"}}, .taint_count = 1}},
    {"node \"m\": a zone has no id",
     {.name = "m",
      .numa = {.zones = (const struct core_zone_spec[]){{.id = NULL}}, .zone_count = 1}}},
    {"node \"m\": two zones have the same id",
     {.name = "m",
      .numa = {.zones = (const struct core_zone_spec[]){{.id = "z"}, {.id = "z"}},
               .zone_count = 2}}},
    {"node \"m\": cpu must be",
     {.name = "m",
      .numa = {.zones =
                   (const struct core_zone_spec[]){{.id = "z", .available = AMOUNTS("cpu", -1)}},
               .zone_count = 1}}},
};

Test(refused, nodes)
{
    struct core *core = sound_core();
    for (size_t i = 0; i < sizeof NODES / sizeof *NODES; i++) {
        struct err err = {0};
        uint32_t index = 77;
        cr_expect_not(core_add_node(core, &NODES[i].spec, &index, &err), "%s", NODES[i].words);
        cr_expect_eq(index, 77);
        names(&err, NODES[i].words);
    }
    decides_as_before(core);
}

#define GPU_SHARE(QUOTA, LIMIT, WEIGHT)                                                            \
    {                                                                                              \
        [CORE_GPU] = { QUOTA, LIMIT, WEIGHT }                                                      \
    }

static const struct {
    const char *words;
    struct core_queue_spec spec;
} QUEUES[] = {
    {"a queue without a name", {.priority = 1}},
    {"queue \"q\" is given twice", {.name = "q"}},
    {"queue \"r\": quota and limit must be", {.name = "r", .shares = GPU_SHARE(-2, 0, 0)}},
    {"queue \"r\": quota and limit must be", {.name = "r", .shares = GPU_SHARE(-0.5, 0, 0)}},
    {"queue \"r\": quota and limit must be", {.name = "r", .shares = GPU_SHARE(0, -3, 0)}},
    {"queue \"r\": quota and limit must be", {.name = "r", .shares = GPU_SHARE((double)NAN, 0, 0)}},
    {"queue \"r\": quota and limit must be",
     {.name = "r", .shares = GPU_SHARE(0, (double)INFINITY, 0)}},
    {"queue \"r\": the size of a weight must be",
     {.name = "r", .shares = GPU_SHARE(0, 0, (double)NAN)}},
    {"queue \"r\": usage of gpus must be", {.name = "r", .usage = {0, 0, -1}}},
    {"queue \"r\": usage of cpu must be", {.name = "r", .usage = {(double)NAN, 0, 0}}},
    {"queue \"r\": a time is further away", {.name = "r", .created_ns = INT64_MAX}},
    {"queue \"r\": a time is further away", {.name = "r", .reclaim_min_runtime_ns = INT64_MAX}},
};

Test(refused, queues)
{
    struct core *core = sound_core();
    for (size_t i = 0; i < sizeof QUEUES / sizeof *QUEUES; i++) {
        struct err err = {0};
        uint32_t index = 77;
        cr_expect_not(core_add_queue(core, &QUEUES[i].spec, &index, &err), "%s", QUEUES[i].words);
        cr_expect_eq(index, 77);
        names(&err, QUEUES[i].words);
    }
    decides_as_before(core);
}

static const char *const SEVENTEEN[17] = {"0", "1", "2", "3", "4", "5", "6", "7", "8",
                                          "9", "a", "b", "c", "d", "e", "f", "g"};
static const struct {
    const char *words;
    struct core_topology_spec spec;
} TOPOLOGIES[] = {
    {"a topology without a name", {.name = NULL}},
    {"topology \"t\" is given twice", {.name = "t"}},
    {"topology \"u\": at most 16 levels", {.name = "u", .levels = {SEVENTEEN, 17}}},
    {"topology \"u\": a level needs the key of a label", {.name = "u", .levels = TEXTS(NULL)}},
};

Test(refused, topologies)
{
    struct core *core = sound_core();
    for (size_t i = 0; i < sizeof TOPOLOGIES / sizeof *TOPOLOGIES; i++) {
        struct err err = {0};
        cr_expect_not(core_add_topology(core, &TOPOLOGIES[i].spec, &err), "%s",
                      TOPOLOGIES[i].words);
        names(&err, TOPOLOGIES[i].words);
    }
    decides_as_before(core);
}

#define GROUPS(...)                                                                                \
    .groups = (const struct core_group_spec[]){__VA_ARGS__},                                       \
    .group_count =                                                                                 \
        sizeof((const struct core_group_spec[]){__VA_ARGS__}) / sizeof(struct core_group_spec)

static const struct {
    const char *words;
    struct core_job_spec spec;
} JOBS[] = {
    {"a job without a name", {.queue = "q"}},
    {"job \"j\" is given twice", {.name = "j"}},
    {"job \"k\": sub-groups are given, but not even the root",
     {.name = "k", .groups = (const struct core_group_spec[]){{.name = ""}}}},
    {"job \"k\": sub-group 0 needs a name and a set", {.name = "k", GROUPS({.name = NULL})}},
    {"job \"k\": sub-group 0 needs a name and a set",
     {.name = "k", GROUPS({.name = "", .is_pod_set = true})}},
    {"job \"k\": sub-group 1 needs a name and a set listed before it",
     {.name = "k", GROUPS({.name = ""}, {.name = "a", .parent = 1})}},
    {"job \"k\": sub-group 1 needs a name and a set listed before it",
     {.name = "k", GROUPS({.name = ""}, {.name = "a", .parent = 9})}},
    {"job \"k\": sub-group 2 needs a name and a set listed before it",
     {.name = "k",
      GROUPS({.name = ""}, {.name = "a", .is_pod_set = true}, {.name = "b", .parent = 1})}},
    {"job \"k\": minimum of sub-group \"a\" is negative",
     {.name = "k", GROUPS({.name = ""}, {.name = "a", .is_pod_set = true, .min = -1})}},
    {"job \"k\": minimum of sub-group \"\" is negative",
     {.name = "k", GROUPS({.name = "", .min = -2})}},
    {"job \"k\": minimum of sub-group \"a\" is too large",
     {.name = "k", GROUPS({.name = ""}, {.name = "a", .is_pod_set = true, .min = INT64_MAX})}},
    {"job \"k\": a time is further away", {.name = "k", .created_ns = INT64_MAX}},
    {"job \"k\": a time is further away", {.name = "k", .last_start_ns = INT64_MIN + 1}},
    {"job \"k\": a time is further away", {.name = "k", .preemption_delay_ns = INT64_MAX}},
    {"job \"k\": a time is further away", {.name = "k", .staleness_grace_ns = INT64_MAX}},
};

Test(refused, jobs)
{
    struct core *core = sound_core();
    for (size_t i = 0; i < sizeof JOBS / sizeof *JOBS; i++) {
        struct err err = {0};
        uint32_t index = 77;
        cr_expect_not(core_add_job(core, &JOBS[i].spec, &index, &err), "%s", JOBS[i].words);
        cr_expect_eq(index, 77);
        names(&err, JOBS[i].words);
    }
    decides_as_before(core);
}

#define ASKS(...) .request = {__VA_ARGS__}

static const struct {
    const char *words;
    struct core_task_spec spec;
} TASKS[] = {
    {"a task without a name", {.job = 0}},
    {"task \"j-0\" is given twice", {.name = "j-0"}},
    {"task \"t\": no job has the index 1", {.name = "t", .job = 1}},
    {"task \"t\": no job has the index 4294967295", {.name = "t", .job = CORE_NONE}},
    {"task \"t\": unknown status", {.name = "t", .status = CORE_STATUS_COUNT}},
    {"task \"t\": unknown kind of GPU request",
     {.name = "t", ASKS(.kind = (enum core_gpu_kind)(CORE_GPU_UNTYPED + 1))}},
    {"task \"t\": cpu must be", {.name = "t", ASKS(.cpu_milli = -1)}},
    {"task \"t\": memory must be", {.name = "t", ASKS(.memory_bytes = (double)NAN)}},
    {"task \"t\": the number of GPUs must be", {.name = "t", ASKS(.gpu = {.count = -1})}},
    {"task \"t\": the number of GPUs must be", {.name = "t", ASKS(.gpu = {.count = INT64_MAX})}},
    {"task \"t\": the portion of a GPU must be a number from 0 to 1",
     {.name = "t", ASKS(.gpu = {.portion = 1.5})}},
    {"task \"t\": the portion of a GPU must be", {.name = "t", ASKS(.gpu = {.portion = -0.1})}},
    {"task \"t\": GPU memory must be", {.name = "t", ASKS(.gpu = {.memory_mib = -5})}},
    {"task \"t\": the number of DRA devices must be", {.name = "t", ASKS(.gpu = {.dra = -5})}},
    {"task \"t\": disk must be", {.name = "t", ASKS(.others = AMOUNTS("disk", -1))}},
    {"task \"t\": nvidia.com/mig-2g.10gb must be",
     {.name = "t", ASKS(.gpu = {.mig = AMOUNTS("nvidia.com/mig-2g.10gb", (double)INFINITY)})}},
    {"task \"t\": the size of its GPU vector must be",
     {.name = "t", ASKS(.exact_vector = true, .vector_gpus = (double)NAN)}},
    {"task \"t\": a time is further away", {.name = "t", .created_ns = INT64_MAX}},
    {"task \"t\": a label needs a key", {.name = "t", .labels = LABELS(NULL, "v")}},
    {"task \"t\": a label needs a key", {.name = "t", .node_selector = LABELS("k", NULL)}},
    {"task \"t\": a requirement on nodes needs the key",
     {.name = "t",
      .node_terms = (const struct core_node_term[]){{.key = NULL}},
      .node_term_count = 1}},
    {"task \"t\": a value of a requirement is missing",
     {.name = "t",
      .node_terms = (const struct core_node_term[]){{.key = "k", .values = TEXTS(NULL)}},
      .node_term_count = 1}},
    {"task \"t\": a pod affinity needs a topology key",
     {.name = "t",
      .pod_terms = (const struct core_pod_term[]){{.anti = true}},
      .pod_term_count = 1}},
    {"task \"t\": a zone has no id",
     {.name = "t", .zones = (const struct core_zone_amount[]){{.zone = NULL}}, .zone_count = 1}},
    {"task \"t\": a claim has no name", {.name = "t", .claims = TEXTS(NULL)}},
    {"task \"t\": a GPU group has no name", {.name = "t", .groups = TEXTS(NULL)}},
};

Test(refused, tasks)
{
    struct core *core = sound_core();
    for (size_t i = 0; i < sizeof TASKS / sizeof *TASKS; i++) {
        struct err err = {0};
        uint32_t index = 77;
        cr_expect_not(core_add_task(core, &TASKS[i].spec, &index, &err), "%s", TASKS[i].words);
        cr_expect_eq(index, 77);
        names(&err, TASKS[i].words);
    }
    decides_as_before(core);
}

Test(refused, changes_to_what_is_not_there)
{
    struct core *core = sound_core();
    const double usage[3] = {0, 0, -1};
    const struct core_texts none = {0};
    const struct core_job_times times = {INT64_MAX, CORE_UNSET, CORE_UNSET};
    struct err err = {0};
    cr_expect_not(core_set_task(core, 1, CORE_RUNNING, "n", none, &err));
    names(&err, "no task has the index 1");
    cr_expect_not(core_set_task(core, 0, CORE_STATUS_COUNT, "n", none, &err));
    names(&err, "task \"j-0\": unknown status");
    cr_expect_not(core_remove_task(core, CORE_NONE, &err));
    names(&err, "no task has the index 4294967295");
    cr_expect_not(core_remove_job(core, 1, &err));
    names(&err, "no job has the index 1");
    cr_expect_not(core_set_node_ready(core, 1, true, &err));
    names(&err, "no node has the index 1");
    cr_expect_not(core_set_queue_usage(core, 1, usage, &err));
    names(&err, "no queue has the index 1");
    cr_expect_not(core_set_queue_usage(core, 0, usage, &err));
    names(&err, "queue \"q\": usage of gpus must be");
    cr_expect_not(core_set_job_times(core, 1, &times, &err));
    names(&err, "no job has the index 1");
    cr_expect_not(core_set_job_times(core, 0, &times, &err));
    names(&err, "job \"j\": a time is further away");
    cr_expect_not(core_open(core, INT64_MIN, &err));
    names(&err, "the present is further away");
    decides_as_before(core);
}

Test(refused, what_was_removed_is_not_there)
{
    struct core *core = sound_core();
    struct err err = {0};
    const struct core_texts none = {0};
    cr_assert(core_remove_task(core, 0, &err));
    cr_expect_not(core_remove_task(core, 0, &err));
    names(&err, "no task has the index 0");
    cr_expect_not(core_set_task(core, 0, CORE_RUNNING, "n", none, &err));
    cr_expect_eq(core_find_task(core, "j-0"), CORE_NONE);
    cr_assert(core_remove_job(core, 0, &err));
    cr_expect_not(core_remove_job(core, 0, &err));
    names(&err, "no job has the index 0");
    cr_expect_eq(core_find_job(core, "j"), CORE_NONE);
    const struct core_task_spec task = {.name = "t"};
    uint32_t index;
    cr_expect_not(core_add_task(core, &task, &index, &err));
    names(&err, "task \"t\": no job has the index 0");
    core_free(core);
}

/* Circles are found when all queues are there, and telling it does not spoil the core. */
Test(refused, queues_in_a_circle)
{
    static const char *const CIRCLES[][3] = {{"a", NULL, NULL}, {"b", "a", NULL}, {"b", "c", "a"}};
    for (size_t i = 0; i < sizeof CIRCLES / sizeof *CIRCLES; i++) {
        struct core *core = sound_core();
        struct err err = {0};
        uint32_t index;
        for (int k = 0; k < 3 && CIRCLES[i][k] != NULL; k++) {
            const char name[2] = {(char)('a' + k), '\0'};
            const struct core_queue_spec spec = {.name = name, .parent = CIRCLES[i][k]};
            cr_assert(core_add_queue(core, &spec, &index, &err), "%s", err.msg);
        }
        cr_expect_not(core_open(core, 0, &err));
        names(&err, "queue \"a\" is its own ancestor");
        cr_expect_not(core_open(core, 0, &err));
        core_free(core);
    }
}

/* What the original meets and goes on with. */
Test(refused, odd_but_legal_things_are_taken)
{
    struct core *core = sound_core();
    struct err err = {0};
    uint32_t index;
    const struct core_queue_spec orphan = {.name = "orphan", .parent = "nobody"};
    cr_assert(core_add_queue(core, &orphan, &index, &err), "%s", err.msg);
    const struct core_job_spec jobs[] = {
        {.name = "of no queue", .queue = "none"},
        {.name = "of an orphan", .queue = "orphan"},
        {.name = "twins",
         .queue = "q",
         GROUPS({.name = "", .min = -1}, {.name = "a", .is_pod_set = true},
                {.name = "a", .is_pod_set = true})}};
    uint32_t numbers[3];
    for (int i = 0; i < 3; i++) {
        cr_assert(core_add_job(core, &jobs[i], &numbers[i], &err), "%s", err.msg);
    }
    const struct core_task_spec left_out = {.name = "x", .job = numbers[0], .pod_set = "other"};
    cr_assert(core_add_task(core, &left_out, &index, &err), "%s", err.msg);
    cr_expect_eq(index, CORE_NONE);
    for (int i = 0; i < 2; i++) {
        const struct core_task_spec task = {
            .name = i == 0 ? "y" : "z", .job = numbers[i], .request = {.cpu_milli = 1}};
        cr_assert(core_add_task(core, &task, &index, &err), "%s", err.msg);
    }
    const struct core_task_spec elsewhere = {
        .name = "w", .job = numbers[2], .status = CORE_RUNNING, .node = "gone"};
    cr_assert(core_add_task(core, &elsewhere, &index, &err), "%s", err.msg);
    cr_expect_eq(core_find_node(core, "gone"), CORE_NONE);
    decides_as_before(core);
}
