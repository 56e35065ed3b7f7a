/* drift.c - how far the outcomes of two runs differ; see outcomes.h. */
#include "sim/diff/outcomes.h"
#include "sim/report/human.h"

static void add_wait(struct drift *drift, const char *job, int64_t a_us, int64_t b_us)
{
    double change_s = ((double)b_us - (double)a_us) / 1e6;
    if (change_s < 0) {
        drift->sooner++;
        if (-change_s > drift->most_sooner_s) {
            drift->most_sooner_s = -change_s;
            drift->most_sooner = job;
        }
    } else if (change_s > 0) {
        drift->later++;
        if (change_s > drift->most_later_s) {
            drift->most_later_s = change_s;
            drift->most_later = job;
        }
    }
}

void drift_measure(const struct outcomes *a, const struct outcomes *b, struct drift *out)
{
    *out = (struct drift){0};
    double wait_a_us = 0;
    double wait_b_us = 0;
    for (uint32_t i = 0; i < a->rows.count; i++) {
        const char *job = names_get(&a->jobs, i);
        uint32_t other = names_find(&b->jobs, view_of(job));
        if (other == NAMES_NONE) {
            out->only_a++;
            continue;
        }
        const struct outcome *x = &a->rows.items[i];
        const struct outcome *y = &b->rows.items[other];
        out->jobs++;
        out->starts += x->start_us != y->start_us;
        out->ends += x->end_us != y->end_us;
        out->preempted += x->preemptions != y->preemptions;
        out->preemptions_a += x->preemptions;
        out->preemptions_b += y->preemptions;
        wait_a_us += (double)x->wait_us;
        wait_b_us += (double)y->wait_us;
        add_wait(out, job, x->wait_us, y->wait_us);
    }
    out->only_b = (int64_t)b->rows.count - out->jobs;
    if (out->jobs > 0) {
        out->wait_mean_a_s = wait_a_us / (double)out->jobs / 1e6;
        out->wait_mean_b_s = wait_b_us / (double)out->jobs / 1e6;
    }
}

static void add_count(struct text *out, const char *what, int64_t count, int64_t of)
{
    text_addf(out, "  %-28s", what);
    human_add_count(out, count);
    text_add(out, " of ");
    human_add_count(out, of);
    text_add_char(out, '\n');
}

static void add_extreme(struct text *out, const char *what, int64_t jobs, const char *most,
                        double seconds)
{
    text_addf(out, "  %-28s", what);
    human_add_count(out, jobs);
    if (most != NULL) {
        text_addf(out, ", most of all %.60s by ", most);
        human_add_duration(out, seconds);
    }
    text_add_char(out, '\n');
}

void drift_print(const struct drift *drift, struct text *out)
{
    text_add(out, "outcomes\n");
    add_count(out, "jobs that start otherwise", drift->starts, drift->jobs);
    add_count(out, "jobs that end otherwise", drift->ends, drift->jobs);
    text_addf(out, "  %-28s%lld in A, %lld in B; otherwise for %lld jobs\n", "preemptions",
              (long long)drift->preemptions_a, (long long)drift->preemptions_b,
              (long long)drift->preempted);
    text_addf(out, "  %-28s", "mean wait");
    human_add_duration(out, drift->wait_mean_a_s);
    text_add(out, " in A, ");
    human_add_duration(out, drift->wait_mean_b_s);
    text_add(out, " in B\n");
    add_extreme(out, "jobs that wait less in B", drift->sooner, drift->most_sooner,
                drift->most_sooner_s);
    add_extreme(out, "jobs that wait longer in B", drift->later, drift->most_later,
                drift->most_later_s);
    if (drift->only_a + drift->only_b > 0) {
        text_addf(out, "  %-28s%lld in A only, %lld in B only\n", "other jobs",
                  (long long)drift->only_a, (long long)drift->only_b);
    }
}

json_t *drift_json(const struct drift *drift)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:I, s:I}", "jobs",
                     (json_int_t)drift->jobs, "only_a", (json_int_t)drift->only_a, "only_b",
                     (json_int_t)drift->only_b, "starts_differ", (json_int_t)drift->starts,
                     "ends_differ", (json_int_t)drift->ends, "preemptions_differ",
                     (json_int_t)drift->preempted, "preemptions_a",
                     (json_int_t)drift->preemptions_a, "preemptions_b",
                     (json_int_t)drift->preemptions_b, "wait_mean_a_s", drift->wait_mean_a_s,
                     "wait_mean_b_s", drift->wait_mean_b_s, "wait_less_in_b",
                     (json_int_t)drift->sooner, "wait_longer_in_b", (json_int_t)drift->later);
}
