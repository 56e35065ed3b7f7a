/* equal.c - see equal.h. */
#include "equal.h"

#include <criterion/criterion.h>

#include "sim/workload/trace_format.h"

static const char *name_or_empty(const struct names *names, uint32_t number)
{
    return number == NAMES_NONE ? "" : names_get(names, number);
}

static void expect_equal_shapes(const struct workload *a, const struct workload *b,
                                const struct job *x, const struct job *y, const char *what)
{
    const struct shape *s = &a->shapes.items[x->shape];
    const struct shape *t = &b->shapes.items[y->shape];
    cr_assert_eq(s->is_free, t->is_free, "%s", what);
    cr_assert_eq(s->group_count, t->group_count, "%s", what);
    cr_assert_str_eq(name_or_empty(&a->models, s->models), name_or_empty(&b->models, t->models));
    cr_assert_str_eq(name_or_empty(&a->levels, s->required_level),
                     name_or_empty(&b->levels, t->required_level));
    cr_assert_str_eq(name_or_empty(&a->levels, s->preferred_level),
                     name_or_empty(&b->levels, t->preferred_level));
    cr_assert(memcmp(&a->groups.items[s->first_group], &b->groups.items[t->first_group],
                     s->group_count * sizeof(struct task_group)) == 0,
              "%s: the groups of job %s differ", what, names_get(&a->ids, x->id));
}

void expect_equal_workloads(const struct workload *a, const struct workload *b, const char *what)
{
    cr_assert_eq(a->jobs.count, b->jobs.count, "%s", what);
    cr_assert_eq(a->shapes.count, b->shapes.count, "%s", what);
    cr_assert_eq(a->epoch_us, b->epoch_us, "%s", what);
    for (size_t i = 0; i < a->jobs.count; i++) {
        const struct job *x = &a->jobs.items[i];
        const struct job *y = &b->jobs.items[i];
        cr_assert_str_eq(names_get(&a->ids, x->id), names_get(&b->ids, y->id), "%s", what);
        cr_assert_str_eq(names_get(&a->users, x->user), names_get(&b->users, y->user), "%s", what);
        cr_assert_str_eq(names_get(&a->queues, x->queue), names_get(&b->queues, y->queue), "%s",
                         what);
        cr_assert(x->submit_us == y->submit_us && x->duration_us == y->duration_us &&
                      x->estimate_us == y->estimate_us && x->checkpoint_us == y->checkpoint_us &&
                      x->priority == y->priority && x->outcome == y->outcome &&
                      x->preemptible == y->preemptible,
                  "%s: job %s differs", what, names_get(&a->ids, x->id));
        expect_equal_shapes(a, b, x, y, what);
    }
}

void read_written(const char *text, size_t length, const char *format, struct workload *out)
{
    struct file file = {.bytes = mem_copy_text(text, length), .length = length};
    struct err err = {0};
    cr_assert(trace_read_text(&file, format, out, &err), "what was written is refused: %s",
              err.msg);
    file_release(&file);
}
