/* world.c - see world.h. */
#include "world.h"

#include <criterion/criterion.h>

#include "sim/base/rng.h"
#include "sim/workload/native_write.h"

static uint32_t below(gsl_rng *stream, uint32_t count)
{
    return (uint32_t)gsl_rng_uniform_int(stream, count);
}

static void draw_shape(gsl_rng *stream, struct job_draft *draft)
{
    struct task_group *group = &draft->groups[0];
    switch (below(stream, 4)) {
    case 0:
        job_draft_set_gpus(draft, 1 + below(stream, 16));
        break;
    case 1:
        group->request.kind = GPU_FRACTION;
        group->request.gpu_count = 1;
        group->request.gpu_milli = 100 * (1 + below(stream, 9));
        break;
    case 2:
        group->count = 2 + below(stream, 4);
        group->min_count = group->count - below(stream, 2);
        group->request.kind = GPU_WHOLE;
        group->request.gpu_count = 1 + below(stream, 8);
        break;
    default:
        group->request.cpu_milli = 1000 * (int64_t)below(stream, 8);
        break;
    }
    group->request.memory_mib = (int64_t)below(stream, 3) * 1024;
}

void world_make(uint64_t number, struct workload *out)
{
    gsl_rng *stream = rng_new(number, "world", 0);
    struct job_draft draft;
    struct err err = {0};
    char id[24];
    char user[24];
    char queue[24];
    int64_t now_s = -1000 + (int64_t)below(stream, 2000000);
    workload_init(out);
    uint32_t jobs = 200 + below(stream, 200);
    uint32_t users = 20 + below(stream, 20);
    for (uint32_t i = 0; i < jobs; i++) {
        job_draft_init(&draft);
        (void)snprintf(id, sizeof(id), "job%u", (unsigned)i * 7);
        (void)snprintf(user, sizeof(user), "user%u", (unsigned)below(stream, users));
        (void)snprintf(queue, sizeof(queue), "queue%u", (unsigned)below(stream, 3));
        draft.id = view_of(id);
        draft.user = view_of(user);
        draft.queue = view_of(queue);
        bool is_far = below(stream, 3) == 0;
        now_s += is_far ? (int64_t)below(stream, 40000) : (int64_t)below(stream, 500);
        draft.submit_us = (now_s - (int64_t)below(stream, 50)) * 1000000;
        draft.duration_us = (int64_t)below(stream, 20000) * 1000000;
        bool has_estimate = below(stream, 2) == 0;
        draft.estimate_us = has_estimate ? draft.duration_us + 600000000 : TIME_UNKNOWN;
        draft.priority = below(stream, 3);
        draw_shape(stream, &draft);
        cr_assert(workload_add(out, &draft, 0, &err), "%s", err.msg);
    }
    gsl_rng_free(stream);
    cr_assert(workload_finish(out, &err), "%s", err.msg);
}

char *world_text(const struct workload *workload)
{
    struct text text = {0};
    struct err err = {0};
    cr_assert(native_write(&text, workload, &err), "%s", err.msg);
    return text.bytes;
}

void world_expect_equal(const struct workload *a, const struct workload *b)
{
    char *left = world_text(a);
    char *right = world_text(b);
    cr_expect_str_eq(left, right);
    free(left);
    free(right);
}

uint64_t world_job_kind(const struct workload *workload, const struct job *job)
{
    uint32_t tasks = workload_shape_tasks(workload, job->shape);
    int64_t gpu_milli = workload_shape_gpu_milli(workload, job->shape);
    const struct shape *shape = &workload->shapes.items[job->shape];
    const struct request *request = &workload->groups.items[shape->first_group].request;
    uint64_t kind = (uint64_t)job->duration_us;
    const int64_t parts[] = {job->estimate_us,   gpu_milli,           tasks,         job->priority,
                             request->cpu_milli, request->memory_mib, shape->is_free};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        kind = (kind ^ (uint64_t)parts[i]) * UINT64_C(0x9E3779B97F4A7C15);
        kind ^= kind >> 29;
    }
    return kind;
}
