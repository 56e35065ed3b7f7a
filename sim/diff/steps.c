/* steps.c - the first step on the way to a decision that differs; see diff.h. */
#include <stdlib.h>
#include <string.h>

#include "sim/diff/diff.h"

/* The steps of a log, in order. */
struct steps {
    VEC(json_t *) lines;
};

static void steps_release(struct steps *steps)
{
    for (size_t i = 0; i < steps->lines.count; i++) {
        json_decref(steps->lines.items[i]);
    }
    vec_release(&steps->lines);
}

static bool read_steps(struct decision_log *log, struct steps *out, struct err *err)
{
    struct view line;
    decision_log_rewind(log);
    while (decision_log_next(log, &line)) {
        json_t *decision = decision_parse(log, line, err);
        if (decision == NULL) {
            return false;
        }
        if (decision_text(decision, "step") != NULL) {
            vec_push(&out->lines, decision);
        } else {
            json_decref(decision);
        }
    }
    return true;
}

/* "" behind the last one. */
static const char *step_at(const struct steps *steps, size_t i)
{
    const char *step = i < steps->lines.count ? decision_text(steps->lines.items[i], "step") : NULL;
    return step == NULL ? "" : step;
}

/* Appends a step in which jobs have their ids: a policy that knows no names writes the number of a
 * job with ten digits, and behind it "-" and the number of a task in the same way. */
static void add_step(struct text *out, const char *step, const struct names *jobs)
{
    enum { DIGITS = 10 };
    bool of_job = false; /* the number before was that of a job */
    while (*step != '\0') {
        size_t digits = strspn(step, "0123456789");
        unsigned long number = digits == DIGITS ? strtoul(step, NULL, 10) : 0;
        bool is_task = of_job && digits == DIGITS;
        of_job = !is_task && digits == DIGITS && jobs != NULL && number < names_count(jobs);
        if (is_task) {
            text_addf(out, "%lu", number);
        } else if (of_job) {
            text_add(out, names_get(jobs, (uint32_t)number));
        } else {
            text_add_bytes(out, step, digits);
        }
        step += digits;
        size_t others = strcspn(step, "0123456789");
        of_job = of_job && others == 1 && *step == '-';
        text_add_bytes(out, step, others);
        step += others;
    }
}

static void print_side(const char *side, const struct steps *steps, size_t first, int64_t count,
                       const struct names *jobs, struct text *out)
{
    if (first >= steps->lines.count) {
        text_addf(out, "  %s  no more steps\n", side);
    }
    for (size_t i = first; i < first + (size_t)count && i < steps->lines.count; i++) {
        text_addf(out, "  %s  ", side);
        add_step(out, step_at(steps, i), jobs);
        text_add_char(out, '\n');
    }
}

bool diff_steps(struct decision_log *a, struct decision_log *b, int64_t context,
                const struct names *jobs, struct text *out, struct err *err)
{
    struct steps of_a = {0};
    struct steps of_b = {0};
    bool ok = read_steps(a, &of_a, err) && read_steps(b, &of_b, err);
    size_t equal = 0;
    while (ok && equal < of_a.lines.count && equal < of_b.lines.count &&
           strcmp(step_at(&of_a, equal), step_at(&of_b, equal)) == 0) {
        equal++;
    }
    bool differ = equal < of_a.lines.count || equal < of_b.lines.count;
    if (ok && differ) {
        size_t before = equal > (size_t)context ? equal - (size_t)context : 0;
        text_add(out, "the first step that differs\n");
        print_side(" ", &of_a, before, (int64_t)(equal - before), jobs, out);
        print_side("A", &of_a, equal, context + 1, jobs, out);
        print_side("B", &of_b, equal, context + 1, jobs, out);
    } else if (ok && equal > 0) {
        text_add(out, "the steps of that moment are equal\n");
    }
    steps_release(&of_a);
    steps_release(&of_b);
    return ok;
}
