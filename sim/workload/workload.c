/*
 * workload.c - see workload.h.
 *
 * Until workload_finish the jobs hold submit times in the trace's own base. Shapes are found by a
 * hash of what they ask for; that table is only needed while jobs are being added.
 */
#include "sim/workload/workload.h"

#include <stdarg.h>
#include <stdio.h>

#include "sim/base/check.h"

enum {
    LONGEST_NOTE = 400,
    RADIX_BITS = 16, /* of one pass of the sort */
    RADIX_SIZE = 1 << RADIX_BITS,
};

void job_draft_init(struct job_draft *draft)
{
    struct view none = {"", 0};
    draft->id = none;
    draft->user = none;
    draft->queue = none;
    draft->models = none;
    draft->required_level = none;
    draft->preferred_level = none;
    draft->submit_us = TIME_UNKNOWN;
    draft->duration_us = TIME_UNKNOWN;
    draft->estimate_us = TIME_UNKNOWN;
    draft->checkpoint_us = TIME_UNKNOWN;
    draft->priority = 0;
    draft->speeds = NULL;
    draft->speed_class = SPEED_NO_CLASS;
    draft->outcome = OUTCOME_UNKNOWN;
    draft->preemptible = true;
    draft->is_free = false;
    draft->group_count = 1;
    draft->groups[0] = (struct task_group){.count = 1, .min_count = 1};
}

void job_draft_set_gpus(struct job_draft *draft, uint32_t gpus)
{
    draft->is_free = gpus > 0;
    draft->group_count = 1;
    draft->groups[0] = (struct task_group){.count = 1, .min_count = 1};
    draft->groups[0].request.gpu_count = gpus;
    draft->groups[0].request.kind = gpus > 0 ? GPU_WHOLE : GPU_NONE;
}

void job_draft_split(struct job_draft *draft, int64_t nodes)
{
    struct task_group *group = &draft->groups[0];
    CHECK(draft->group_count == 1 && group->count == 1 && group->request.kind == GPU_NONE);
    if (nodes < 2 || nodes > WORKLOAD_MOST_TASKS || group->request.cpu_milli % nodes != 0 ||
        group->request.memory_mib % nodes != 0) {
        return;
    }
    group->count = (uint32_t)nodes;
    group->min_count = (uint32_t)nodes;
    group->request.cpu_milli /= nodes;
    group->request.memory_mib /= nodes;
}

void workload_init(struct workload *workload)
{
    *workload = (struct workload){.was_sorted = true, .format = ""};
}

void workload_release(struct workload *workload)
{
    vec_release(&workload->jobs);
    vec_release(&workload->shapes);
    vec_release(&workload->groups);
    names_release(&workload->ids);
    names_release(&workload->users);
    names_release(&workload->queues);
    names_release(&workload->models);
    names_release(&workload->levels);
    speeds_release(&workload->speeds);
    names_release(&workload->notes);
    lookup_release(&workload->shape_lookup);
    workload_init(workload);
}

/* -- shapes ---------------------------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
    return hash ^ (hash >> 29);
}

/* A shape that may not be stored yet. */
struct wanted_shape {
    const struct shape *shape;
    const struct task_group *groups;
};

static uint32_t quick_shape_hash(struct wanted_shape wanted)
{
    const struct shape *shape = wanted.shape;
    uint64_t hash = mix(shape->is_free ? 1 : 0, shape->models);
    hash = mix(hash, (uint64_t)shape->required_level << 32 | shape->preferred_level);
    for (uint32_t i = 0; i < shape->group_count; i++) {
        const struct task_group *group = &wanted.groups[i];
        const struct request *request = &group->request;
        hash = mix(hash, (uint64_t)request->gpu_memory_mib);
        hash = mix(hash, (uint64_t)request->cpu_milli);
        hash = mix(hash, (uint64_t)request->memory_mib);
        hash = mix(hash, (uint64_t)request->gpu_count << 32 | request->gpu_milli);
        hash = mix(hash, (uint64_t)request->kind << 32 |
                             (uint64_t)request->mig_profile.compute_slices << 16 |
                             request->mig_profile.memory_gb);
        hash = mix(hash, (uint64_t)group->count << 32 | group->min_count);
    }
    return (uint32_t)(hash >> 32);
}

static struct view groups_view(struct wanted_shape wanted)
{
    return (struct view){(const char *)wanted.groups,
                         wanted.shape->group_count * sizeof(*wanted.groups)};
}

static uint32_t shape_hash(const struct workload *workload, struct wanted_shape wanted)
{
    if (!workload->shapes_are_keyed) {
        return quick_shape_hash(wanted);
    }
    const struct shape *shape = wanted.shape;
    struct siphash_key key = workload->shape_key;
    key.words[0] ^= (uint64_t)shape->models << 1 | (shape->is_free ? 1 : 0);
    key.words[1] ^= (uint64_t)shape->required_level << 32 | shape->preferred_level;
    return (uint32_t)siphash(key, groups_view(wanted));
}

static struct wanted_shape stored_shape(const struct workload *workload, uint32_t number)
{
    const struct shape *shape = &workload->shapes.items[number];
    return (struct wanted_shape){shape, &workload->groups.items[shape->first_group]};
}

static bool is_shape(const void *owner, uint32_t number, const void *asked)
{
    const struct wanted_shape *wanted = asked;
    struct wanted_shape stored = stored_shape(owner, number);
    const struct shape *known = stored.shape;
    return known->group_count == wanted->shape->group_count &&
           known->is_free == wanted->shape->is_free && known->models == wanted->shape->models &&
           known->required_level == wanted->shape->required_level &&
           known->preferred_level == wanted->shape->preferred_level &&
           memcmp(stored.groups, wanted->groups, groups_view(*wanted).length) == 0;
}

/* Hashes all shapes by another key. */
static void rehash_shapes(struct workload *workload)
{
    uint32_t count = (uint32_t)workload->shapes.count;
    bool ok = false;
    while (!ok) {
        workload->shapes_are_keyed = true;
        for (uint32_t i = 0; i < count; i++) {
            workload->shape_key =
                lookup_next_key(workload->shape_key, groups_view(stored_shape(workload, i)));
        }
        ok = true;
        lookup_clear(&workload->shape_lookup, count);
        for (uint32_t i = 0; ok && i < count; i++) {
            uint32_t hash = shape_hash(workload, stored_shape(workload, i));
            ok = lookup_add(&workload->shape_lookup, hash, i);
        }
    }
}

/* The number of the shape that asks for `groups` on the terms of `shape`; a new one is added. */
static uint32_t intern_shape(struct workload *workload, struct shape shape,
                             const struct task_group *groups)
{
    struct wanted_shape wanted = {&shape, groups};
    uint32_t hash = shape_hash(workload, wanted);
    uint32_t number = lookup_find(&workload->shape_lookup, hash, is_shape, workload, &wanted);
    if (number != LOOKUP_NONE) {
        return number;
    }
    number = (uint32_t)workload->shapes.count;
    shape.first_group = (uint32_t)workload->groups.count;
    for (uint32_t i = 0; i < shape.group_count; i++) {
        vec_push(&workload->groups, groups[i]);
    }
    vec_push(&workload->shapes, shape);
    if (!lookup_add(&workload->shape_lookup, hash, number)) {
        rehash_shapes(workload);
    }
    return number;
}

int64_t workload_shape_gpu_milli(const struct workload *workload, uint32_t shape)
{
    CHECK(shape < workload->shapes.count);
    const struct shape *s = &workload->shapes.items[shape];
    int64_t sum = 0;
    for (uint32_t i = 0; i < s->group_count; i++) {
        const struct task_group *group = &workload->groups.items[s->first_group + i];
        sum += group->count * request_gpu_milli(&group->request);
    }
    return sum;
}

uint32_t workload_shape_tasks(const struct workload *workload, uint32_t shape)
{
    CHECK(shape < workload->shapes.count);
    const struct shape *s = &workload->shapes.items[shape];
    uint32_t sum = 0;
    for (uint32_t i = 0; i < s->group_count; i++) {
        sum += workload->groups.items[s->first_group + i].count;
    }
    return sum;
}

uint32_t workload_shape_min_tasks(const struct workload *workload, uint32_t shape)
{
    CHECK(shape < workload->shapes.count);
    const struct shape *s = &workload->shapes.items[shape];
    uint32_t sum = 0;
    for (uint32_t i = 0; i < s->group_count; i++) {
        sum += workload->groups.items[s->first_group + i].min_count;
    }
    return sum;
}

/* -- adding ---------------------------------------------------------------------------------- */

static void group_check(const struct task_group *group)
{
    const struct request *request = &group->request;
    CHECK(group->count >= 1 && group->count <= WORKLOAD_MOST_TASKS);
    CHECK(group->min_count <= group->count);
    CHECK(request->cpu_milli >= 0 && request->cpu_milli <= WORKLOAD_MOST_AMOUNT);
    CHECK(request->memory_mib >= 0 && request->memory_mib <= WORKLOAD_MOST_AMOUNT);
    CHECK((request->kind == GPU_NONE) == (request->gpu_count == 0));
    CHECK(request->gpu_count <= WORKLOAD_MOST_GPUS);
    CHECK((request->kind == GPU_FRACTION) == (request->gpu_milli > 0));
    CHECK((request->kind == GPU_MEMORY) == (request->gpu_memory_mib > 0));
    CHECK(request->models == 0);
}

/* What an importer must never hand over: these are its bugs, not the trace's. */
static void draft_check(const struct job_draft *draft)
{
    CHECK(draft->group_count >= 1 && draft->group_count <= WORKLOAD_MOST_GROUPS);
    CHECK(!draft->is_free || (draft->group_count == 1 && draft->groups[0].count == 1 &&
                              draft->groups[0].request.kind == GPU_WHOLE));
    for (uint32_t i = 0; i < draft->group_count; i++) {
        group_check(&draft->groups[i]);
    }
}

static bool span_is_possible(int64_t span_us, const char *what, int64_t line, struct err *err)
{
    if (span_us == TIME_UNKNOWN || (span_us >= 0 && span_us <= WORKLOAD_MOST_US)) {
        return true;
    }
    return err_set(err, ERR_FORMAT, line, "the %s is %s, expected 0 or more", what,
                   span_us < 0 ? "negative" : "beyond 36,000 years");
}

static bool is_possible(const struct workload *workload, const struct job_draft *draft,
                        int64_t line, struct err *err)
{
    if (workload->jobs.count >= WORKLOAD_MOST_JOBS) {
        return err_set(err, ERR_FORMAT, line, "more than %d jobs", WORKLOAD_MOST_JOBS);
    }
    if (draft->submit_us == TIME_UNKNOWN) {
        return err_set(err, ERR_FORMAT, line, "the job has no submit time");
    }
    if (draft->submit_us < -WORKLOAD_MOST_US || draft->submit_us > WORKLOAD_MOST_US) {
        return err_set(err, ERR_FORMAT, line, "the submit time is beyond 36,000 years");
    }
    if (draft->priority < INT32_MIN || draft->priority > INT32_MAX) {
        return err_set(err, ERR_FORMAT, line, "the priority does not fit 32 bits");
    }
    return span_is_possible(draft->duration_us, "duration", line, err) &&
           span_is_possible(draft->estimate_us, "estimate", line, err) &&
           span_is_possible(draft->checkpoint_us, "checkpoint interval", line, err);
}

static uint16_t speed_class_of(struct workload *workload, const struct job_draft *draft)
{
    if (draft->speed_class == SPEED_NO_CLASS || draft->speeds == &workload->speeds) {
        return (uint16_t)draft->speed_class;
    }
    return (uint16_t)speeds_adopt(&workload->speeds, draft->speeds, draft->speed_class);
}

static uint32_t name_or_none(struct names *names, struct view name)
{
    return name.length == 0 ? NAMES_NONE : names_add(names, name, NULL);
}

bool workload_add(struct workload *workload, const struct job_draft *draft, int64_t line,
                  struct err *err)
{
    draft_check(draft);
    if (!is_possible(workload, draft, line, err)) {
        return false;
    }
    bool is_new = false;
    uint32_t id = names_add(&workload->ids, draft->id, &is_new);
    if (!is_new) {
        return err_set(err, ERR_FORMAT, line, "job id '%.*s' was there before, expected another",
                       VIEW_ARG(draft->id));
    }
    struct shape shape = {
        .group_count = draft->group_count,
        .is_free = draft->is_free,
        .models = name_or_none(&workload->models, draft->models),
        .required_level = name_or_none(&workload->levels, draft->required_level),
        .preferred_level = name_or_none(&workload->levels, draft->preferred_level),
    };
    struct job job = {
        .submit_us = draft->submit_us,
        .duration_us = draft->duration_us,
        .estimate_us = draft->estimate_us,
        .checkpoint_us = draft->checkpoint_us,
        .id = id,
        .user = names_add(&workload->users, draft->user, NULL),
        .queue = names_add(&workload->queues, draft->queue, NULL),
        .shape = intern_shape(workload, shape, draft->groups),
        .priority = (int32_t)draft->priority,
        .outcome = (uint8_t)draft->outcome,
        .preemptible = draft->preemptible,
        .speed_class = speed_class_of(workload, draft),
    };
    size_t count = workload->jobs.count;
    if (count > 0 && job.submit_us < workload->jobs.items[count - 1].submit_us) {
        workload->was_sorted = false;
    }
    vec_push(&workload->jobs, job);
    return true;
}

void workload_note(struct workload *workload, const char *fmt, ...)
{
    char note[LONGEST_NOTE];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(note, sizeof(note), fmt, args);
    va_end(args);
    (void)names_add(&workload->notes, view_of(note), NULL);
}

/* -- order ----------------------------------------------------------------------------------- */

struct sort_key {
    uint64_t key;
    uint32_t job;
};

/* One stable pass over 16 bits of the keys; false when all have the same, and nothing moved. */
static bool radix_pass(const struct sort_key *from, struct sort_key *to, size_t count,
                       unsigned shift, uint32_t *starts)
{
    memset(starts, 0, RADIX_SIZE * sizeof(*starts));
    for (size_t i = 0; i < count; i++) {
        starts[from[i].key >> shift & (RADIX_SIZE - 1)]++;
    }
    if (starts[from[0].key >> shift & (RADIX_SIZE - 1)] == count) {
        return false;
    }
    uint32_t start = 0;
    for (uint32_t i = 0; i < RADIX_SIZE; i++) {
        uint32_t size = starts[i];
        starts[i] = start;
        start += size;
    }
    for (size_t i = 0; i < count; i++) {
        to[starts[from[i].key >> shift & (RADIX_SIZE - 1)]++] = from[i];
    }
    return true;
}

/* Puts jobs[order[i].job] at place i for every i, round by round and without a second array; what
 * is at its place is marked in `order`. */
static void permute(struct job *jobs, struct sort_key *order, size_t count)
{
    for (size_t start = 0; start < count; start++) {
        struct job first = jobs[start];
        size_t at = start;
        while (order[at].job != start) {
            size_t next = order[at].job;
            jobs[at] = jobs[next];
            order[at].job = (uint32_t)at;
            at = next;
        }
        jobs[at] = first;
        order[at].job = (uint32_t)at;
    }
}

void workload_order(struct workload *workload, const int64_t *keys)
{
    size_t count = workload->jobs.count;
    bool ordered = true;
    int64_t least = count > 0 ? keys[0] : 0;
    for (size_t i = 1; i < count; i++) {
        ordered = ordered && keys[i - 1] <= keys[i];
        least = keys[i] < least ? keys[i] : least;
    }
    if (ordered) {
        return;
    }
    struct sort_key *from = mem_alloc(count, sizeof(*from));
    struct sort_key *to = mem_alloc(count, sizeof(*to));
    uint32_t *starts = mem_alloc(RADIX_SIZE, sizeof(*starts));
    for (size_t i = 0; i < count; i++) {
        from[i] = (struct sort_key){(uint64_t)keys[i] - (uint64_t)least, (uint32_t)i};
    }
    for (unsigned shift = 0; shift < 64; shift += RADIX_BITS) {
        if (radix_pass(from, to, count, shift, starts)) {
            struct sort_key *other = from;
            from = to;
            to = other;
        }
    }
    permute(workload->jobs.items, from, count);
    free(from);
    free(to);
    free(starts);
}

bool workload_finish(struct workload *workload, struct err *err)
{
    size_t count = workload->jobs.count;
    if (count == 0) {
        return err_set(err, ERR_FORMAT, 0, "no jobs in it, expected at least one");
    }
    int64_t *submits = mem_alloc(count, sizeof(*submits));
    for (size_t i = 0; i < count; i++) {
        submits[i] = workload->jobs.items[i].submit_us;
    }
    workload_order(workload, submits);
    free(submits);
    workload->epoch_us = workload->jobs.items[0].submit_us;
    for (size_t i = 0; i < count; i++) {
        workload->jobs.items[i].submit_us -= workload->epoch_us;
    }
    lookup_release(&workload->shape_lookup);
    return true;
}
