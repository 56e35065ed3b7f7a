/* vector_job.c - decisions about jobs and tasks: orders, chunks, states, failed jobs. */
#include <string.h>

#include "sim/base/mem.h"
#include "sim/check/case.h"
#include "sim/check/vector.h"

/* Two jobs of one vector, which may have the same id. */
static bool open_two(struct vector_run *v, const struct place *input, const char *const keys[2],
                     uint32_t jobs[2])
{
    struct place l = place_get(input, keys[0]);
    struct place r = place_get(input, keys[1]);
    world_new(v, NULL);
    jobs[0] = world_job(v, &l, NULL);
    const char *uid = read_text(&v->r, &r, "uid", "");
    bool taken = core_find_job(v->core, uid) != CORE_NONE || uid[0] == '\0';
    jobs[1] = world_job(v, &r, taken ? "~ the other job" : NULL);
    return world_open(v, 0);
}

static json_t *job_order(struct vector_run *v, const struct place *input)
{
    static const char *const KEYS[2] = {"l", "r"};
    uint32_t jobs[2];
    return open_two(v, input, KEYS, jobs)
               ? answer_bool("l_first", core_job_before(v->core, jobs[0], jobs[1]))
               : NULL;
}

static json_t *job_order_elastic(struct vector_run *v, const struct place *input)
{
    static const char *const KEYS[2] = {"l", "r"};
    uint32_t jobs[2];
    return open_two(v, input, KEYS, jobs)
               ? answer_number("result", core_job_elastic_order(v->core, jobs[0], jobs[1]))
               : NULL;
}

static json_t *job_order_priority(struct vector_run *v, const struct place *input)
{
    int64_t l = read_int(&v->r, input, "l_priority", 0);
    int64_t r = read_int(&v->r, input, "r_priority", 0);
    return answer_number("result", l > r ? -1 : l < r ? 1 : 0);
}

/* Two tasks, which may have the same id. */
static bool open_tasks(struct vector_run *v, const struct place *input, uint32_t tasks[2])
{
    struct place l = place_get(input, "l");
    struct place r = place_get(input, "r");
    world_new(v, NULL);
    tasks[0] = world_task(v, &l, CORE_NONE);
    tasks[1] = world_task(v, &r, CORE_NONE);
    return world_open(v, 0);
}

static json_t *task_order(struct vector_run *v, const struct place *input)
{
    uint32_t tasks[2];
    return open_tasks(v, input, tasks)
               ? answer_bool("l_first", core_task_before(v->core, tasks[0], tasks[1]))
               : NULL;
}

static json_t *task_rule(struct vector_run *v, const struct place *input, enum core_task_rule rule)
{
    uint32_t tasks[2];
    return open_tasks(v, input, tasks)
               ? answer_number("result", core_task_rule_order(v->core, rule, tasks[0], tasks[1]))
               : NULL;
}

static json_t *task_order_kubeflow(struct vector_run *v, const struct place *input)
{
    return task_rule(v, input, CORE_TASK_KUBEFLOW);
}

static json_t *task_order_ray(struct vector_run *v, const struct place *input)
{
    return task_rule(v, input, CORE_TASK_RAY);
}

static json_t *task_order_priority(struct vector_run *v, const struct place *input)
{
    return task_rule(v, input, CORE_TASK_PRIORITY);
}

static json_t *sub_group_order(struct vector_run *v, const struct place *input)
{
    struct core_member l = {"", read_int(&v->r, input, "l_count", 0),
                            read_int(&v->r, input, "l_min", 0)};
    struct core_member r = {"", read_int(&v->r, input, "r_count", 0),
                            read_int(&v->r, input, "r_min", 0)};
    return answer_number("result", core_member_order(&l, &r));
}

static struct core_member member_of(struct vector_run *v, const struct place *at)
{
    return (struct core_member){read_text(&v->r, at, "name", ""),
                                read_int(&v->r, at, "satisfied_count", 0),
                                read_int(&v->r, at, "min", 0)};
}

static json_t *sub_group_order_full(struct vector_run *v, const struct place *input)
{
    struct place l_place = place_get(input, "l");
    struct place r_place = place_get(input, "r");
    struct core_member l = member_of(v, &l_place);
    struct core_member r = member_of(v, &r_place);
    return answer_bool("l_first", core_member_before(&l, &r));
}

static bool open_job(struct vector_run *v, const struct place *input, uint32_t *job)
{
    struct place at = place_get(input, "job");
    world_new(v, NULL);
    *job = world_job(v, &at, NULL);
    if (!world_open(v, read_number(&v->r, input, "now", 0))) {
        return false;
    }
    int64_t memory = read_between(&v->r, input, "min_node_gpu_memory", 0, CORE_MOST_GPU_MIB);
    core_put_gpu_memory_range(v->core, memory, memory);
    return true;
}

static json_t *tasks_to_allocate(struct vector_run *v, const struct place *input)
{
    uint32_t job;
    struct core_list tasks = {0};
    if (!open_job(v, input, &job)) {
        return NULL;
    }
    core_chunk(v->core, job, read_bool(&v->r, input, "real", false), &tasks);
    json_t *answer = json_object();
    json_object_set_new(answer, "tasks", world_names(v->core, &tasks));
    vec_release(&tasks);
    return answer;
}

static json_t *tasks_request(struct vector_run *v, const struct place *input)
{
    uint32_t job;
    if (!open_job(v, input, &job)) {
        return NULL;
    }
    const double *vector = core_chunk_request(v->core, job, read_bool(&v->r, input, "real", false));
    json_t *answer = json_object();
    json_object_set_new(answer, "request", world_table(v->core, vector));
    return answer;
}

static json_t *tasks_gpus(struct vector_run *v, const struct place *input)
{
    uint32_t job;
    double gpus, memory;
    if (!open_job(v, input, &job)) {
        return NULL;
    }
    core_chunk_gpus(v->core, job, read_bool(&v->r, input, "real", false), &gpus, &memory);
    json_t *answer = answer_number("gpus", gpus);
    json_object_set_new(answer, "gpu_memory", world_number(memory));
    return answer;
}

static json_t *has_tasks(struct vector_run *v, const struct place *input)
{
    uint32_t job;
    return open_job(v, input, &job)
               ? answer_bool("result", core_job_has_eligible(
                                           v->core, job, read_bool(&v->r, input, "real", false)))
               : NULL;
}

static json_t *tasks_to_evict(struct vector_run *v, const struct place *input)
{
    uint32_t job;
    struct core_list tasks = {0};
    if (!open_job(v, input, &job)) {
        return NULL;
    }
    json_t *answer = answer_bool("has_more", core_evict_tasks(v->core, job, &tasks));
    json_object_set_new(answer, "tasks", world_names(v->core, &tasks));
    vec_release(&tasks);
    return answer;
}

static json_t *job_fact(struct vector_run *v, const struct place *input, size_t offset)
{
    uint32_t job;
    if (!open_job(v, input, &job)) {
        return NULL;
    }
    struct core_job_facts facts = core_job_facts(v->core, job);
    return answer_bool("result", *(const bool *)((const char *)&facts + offset));
}

static json_t *job_ready(struct vector_run *v, const struct place *input)
{
    return job_fact(v, input, offsetof(struct core_job_facts, ready));
}

static json_t *job_elastic(struct vector_run *v, const struct place *input)
{
    return job_fact(v, input, offsetof(struct core_job_facts, elastic));
}

static json_t *job_gang(struct vector_run *v, const struct place *input)
{
    return job_fact(v, input, offsetof(struct core_job_facts, gang_satisfied));
}

static json_t *job_stale(struct vector_run *v, const struct place *input)
{
    return job_fact(v, input, offsetof(struct core_job_facts, stale));
}

static json_t *job_pipeline(struct vector_run *v, const struct place *input)
{
    return job_fact(v, input, offsetof(struct core_job_facts, pipeline_all));
}

/* A job with its staleness mark and its own grace time, which no other record has. */
static json_t *stale_gang(struct vector_run *v, const struct place *input)
{
    struct core_settings settings = {
        .staleness_grace_ns = world_ns(read_number(&v->r, input, "default_grace_seconds", 0))};
    struct place at = place_get(input, "job");
    enum { NOW_S = 1000000 };
    world_new(v, &settings);
    uint32_t job = world_job(v, &at, NULL);
    struct err err = {0};
    if (v->r.failed) {
        return NULL;
    }
    struct core_job_times times = {CORE_UNSET, CORE_UNSET, CORE_UNSET};
    if (read_has(input, "stale_for_seconds")) {
        times.stale_since_ns = world_ns(NOW_S - read_number(&v->r, input, "stale_for_seconds", 0));
    }
    (void)core_set_job_times(v->core, job, &times, &err);
    if (read_has(input, "job_grace_seconds")) {
        core_put_grace(v->core, job, world_ns(read_number(&v->r, input, "job_grace_seconds", 0)));
    }
    if (!world_open(v, NOW_S)) {
        return NULL;
    }
    struct core_stale_verdict verdict = core_judge_stale(v->core, job);
    json_t *answer = answer_bool("stale", verdict.stale);
    json_object_set_new(answer, "evict", json_boolean(verdict.evict));
    json_object_set_new(answer, "has_timestamp", json_boolean(verdict.has_timestamp));
    return answer;
}

static json_t *preemption_delay(struct vector_run *v, const struct place *input)
{
    uint32_t job;
    int64_t end = CORE_UNSET;
    if (!open_job(v, input, &job)) {
        return NULL;
    }
    json_t *answer = answer_bool("within", core_preemption_delay(v->core, job, &end));
    if (end != CORE_UNSET) {
        json_object_set_new(answer, "end", json_real((double)end / 1e9));
    }
    return answer;
}

static json_t *status_classes(struct vector_run *v, const struct place *input)
{
    enum core_status status = CORE_PENDING;
    if (!case_status(read_text(&v->r, input, "status", ""), &status)) {
        read_fail(&v->r, input, "no such status");
        return NULL;
    }
    struct core_status_classes c = core_status_classes(status);
    json_t *answer = answer_bool("active_allocated", c.active_allocated);
    json_object_set_new(answer, "active_used", json_boolean(c.active_used));
    json_object_set_new(answer, "alive", json_boolean(c.alive));
    json_object_set_new(answer, "allocated", json_boolean(c.allocated));
    json_object_set_new(answer, "bound", json_boolean(c.bound));
    return answer;
}

/* The names of statuses as the record of this function writes them. */
static const char *title_of(enum core_status status)
{
    static const char *const TITLES[CORE_STATUS_COUNT] = {
        [CORE_PENDING] = "Pending",        [CORE_GATED] = "Gated",
        [CORE_ALLOCATED] = "Allocated",    [CORE_PIPELINED] = "Pipelined",
        [CORE_BINDING] = "Binding",        [CORE_BOUND] = "Bound",
        [CORE_RUNNING] = "Running",        [CORE_RELEASING] = "Releasing",
        [CORE_STUCK] = "StuckInReleasing", [CORE_SUCCEEDED] = "Succeeded",
        [CORE_FAILED] = "Failed",          [CORE_UNKNOWN] = "Unknown",
        [CORE_DELETED] = "Deleted"};
    return TITLES[status];
}

static json_t *task_status(struct vector_run *v, const struct place *input)
{
    struct core_pod_facts pod = {
        .phase = read_text(&v->r, input, "phase", ""),
        .deleted = read_has(input, "deleting_for_seconds"),
        .deleting_for_s = read_number(&v->r, input, "deleting_for_seconds", 0),
        .stuck_threshold_s = read_number(&v->r, input, "stuck_threshold_seconds", 120),
        .has_node = read_bool(&v->r, input, "has_node", false),
        .has_bind_request = read_bool(&v->r, input, "has_bind_request", false),
        .gated = read_bool(&v->r, input, "gated", false)};
    json_t *answer = json_object();
    json_object_set_new(answer, "status", json_string(title_of(core_status_of_pod(&pod))));
    return answer;
}

static json_t *jobs_order(struct vector_run *v, const struct place *input)
{
    struct place queues = place_get(input, "queues");
    struct place list = place_get(input, "jobs");
    struct place total = place_get(input, "total");
    struct core_list jobs = {0};
    struct core_list pops = {0};
    double amounts[3];
    world_new(v, NULL);
    world_queues(v, &queues);
    for (size_t i = 0; i < read_count(&v->r, &list); i++) {
        struct place item = place_item(&list, i);
        vec_push(&jobs, world_job(v, &item, NULL));
    }
    json_t *answer = NULL;
    if (world_open(v, 0)) {
        world_quantities(v, &total, amounts);
        core_put_total(v->core, amounts);
        int64_t memory = read_between(&v->r, input, "min_node_gpu_memory", 0, CORE_MOST_GPU_MIB);
        core_put_gpu_memory_range(v->core, memory, memory);
        int64_t depth = read_int(&v->r, input, "depth", -1);
        core_jobs_order(v->core, &jobs, read_bool(&v->r, input, "victim_mode", false),
                        depth < 0 ? 0 : depth, &pops);
        json_t *names = json_array();
        for (size_t i = 0; i < pops.count; i++) {
            json_array_append_new(names, json_string(core_job_name(v->core, pops.items[i])));
        }
        answer = json_object();
        json_object_set_new(answer, "pops", names);
    }
    vec_release(&jobs);
    vec_release(&pops);
    return answer;
}

static json_t *compare_failed(struct vector_run *v, const struct place *input,
                              bool (*compare)(struct core *core, uint32_t job, uint32_t other))
{
    static const char *const KEYS[2] = {"job", "representative"};
    uint32_t jobs[2];
    return open_two(v, input, KEYS, jobs)
               ? answer_bool("result", compare(v->core, jobs[0], jobs[1]))
               : NULL;
}

/* "Easier" is the opposite of "to be skipped". */
static bool is_easier(struct core *core, uint32_t job, uint32_t representative)
{
    return !core_job_skips(core, job, representative);
}

static json_t *job_easier(struct vector_run *v, const struct place *input)
{
    return compare_failed(v, input, is_easier);
}

static json_t *job_smaller(struct vector_run *v, const struct place *input)
{
    return compare_failed(v, input, core_job_replaces);
}

/* The table of representatives by signature, as the actions keep it. */
struct failed_table {
    struct core_list signatures, jobs;
};

static uint32_t *representative_of(struct failed_table *table, uint32_t signature)
{
    for (size_t i = 0; i < table->signatures.count; i++) {
        if (table->signatures.items[i] == signature) {
            return &table->jobs.items[i];
        }
    }
    vec_push(&table->signatures, signature);
    vec_push(&table->jobs, CORE_NONE);
    return &table->jobs.items[table->jobs.count - 1];
}

static json_t *table_step(struct vector_run *v, struct failed_table *table, const struct place *op,
                          uint32_t job)
{
    uint32_t *own = representative_of(table, core_job_signature(v->core, job));
    json_t *step = json_object();
    if (strcmp(read_text(&v->r, op, "op", ""), "check") == 0) {
        bool skips = *own != CORE_NONE && core_job_skips(v->core, job, *own);
        json_object_set_new(step, "try", json_boolean(!skips));
        if (*own != CORE_NONE) {
            json_object_set_new(step, "representative", json_string(core_job_name(v->core, *own)));
        }
    } else if (*own == CORE_NONE || core_job_replaces(v->core, job, *own)) {
        *own = job;
    }
    return step;
}

static json_t *failed_job_table(struct vector_run *v, const struct place *input)
{
    struct place ops = place_get(input, "ops");
    struct core_settings settings = {.use_signatures = true};
    struct core_list jobs = {0};
    struct failed_table table = {{0}, {0}};
    world_new(v, &settings);
    size_t count = read_count(&v->r, &ops);
    for (size_t i = 0; i < count; i++) {
        struct place op = place_item(&ops, i);
        struct place job = place_get(&op, "job");
        uint32_t known = core_find_job(v->core, read_text(&v->r, &job, "uid", ""));
        vec_push(&jobs, known != CORE_NONE ? known : world_job(v, &job, NULL));
    }
    json_t *answer = NULL;
    if (world_open(v, 0)) {
        json_t *steps = json_array();
        for (size_t i = 0; i < count; i++) {
            struct place op = place_item(&ops, i);
            json_array_append_new(steps, table_step(v, &table, &op, jobs.items[i]));
        }
        answer = json_object();
        json_object_set_new(answer, "steps", steps);
    }
    vec_release(&jobs);
    vec_release(&table.signatures);
    vec_release(&table.jobs);
    return answer;
}

static json_t *signature_classes(struct vector_run *v, const struct place *input)
{
    struct place list = place_get(input, "jobs");
    struct core_list jobs = {0};
    struct core_list seen = {0};
    world_new(v, NULL);
    for (size_t i = 0; i < read_count(&v->r, &list); i++) {
        struct place item = place_item(&list, i);
        vec_push(&jobs, world_job(v, &item, NULL));
    }
    json_t *answer = NULL;
    if (world_open(v, 0)) {
        json_t *classes = json_array();
        for (size_t i = 0; i < jobs.count; i++) {
            uint32_t signature = core_job_signature(v->core, jobs.items[i]);
            size_t at = 0;
            while (at < seen.count && seen.items[at] != signature) {
                at++;
            }
            if (at == seen.count) {
                vec_push(&seen, signature);
            }
            json_array_append_new(classes, json_integer((json_int_t)at));
        }
        answer = json_object();
        json_object_set_new(answer, "classes", classes);
    }
    vec_release(&jobs);
    vec_release(&seen);
    return answer;
}

const struct vector_function vector_job_functions[] = {
    {"job_order", job_order},
    {"job_order_priority", job_order_priority},
    {"job_order_elastic", job_order_elastic},
    {"task_order", task_order},
    {"task_order_kubeflow", task_order_kubeflow},
    {"task_order_ray", task_order_ray},
    {"task_order_priority", task_order_priority},
    {"sub_group_order", sub_group_order},
    {"sub_group_order_full", sub_group_order_full},
    {"tasks_to_allocate", tasks_to_allocate},
    {"tasks_to_allocate_request", tasks_request},
    {"tasks_to_allocate_gpus", tasks_gpus},
    {"has_tasks_to_allocate", has_tasks},
    {"tasks_to_evict", tasks_to_evict},
    {"job_ready", job_ready},
    {"job_elastic", job_elastic},
    {"job_gang_satisfied", job_gang},
    {"job_stale", job_stale},
    {"job_should_pipeline", job_pipeline},
    {"stale_gang", stale_gang},
    {"preemption_delay", preemption_delay},
    {"status_classes", status_classes},
    {"task_status", task_status},
    {"jobs_order", jobs_order},
    {"failed_job_table", failed_job_table},
    {"job_easier", job_easier},
    {"job_smaller", job_smaller},
    {"job_signature_classes", signature_classes},
    {.name = NULL},
};
