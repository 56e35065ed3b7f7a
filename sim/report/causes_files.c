/* causes_files.c - causes of waiting as tables and as lines for the terminal; see causes.h. */
#include <inttypes.h>

#include "sim/report/causes.h"
#include "sim/report/human.h"
#include "sim/report/row.h"

enum { PRINTED_HOLDERS = 3 };

static void add_header(struct text *out, const char *before)
{
    text_add(out, before);
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        text_addf(out, ",%s_s", wait_cause_name((enum wait_cause)i));
    }
}

void causes_write_jobs(struct out_file *out, const struct causes *causes)
{
    const struct workload *workload = causes->workload;
    add_header(&out->text, "job_id,queue,gpus,pending_s");
    text_add_char(&out->text, '\n');
    for (uint32_t job = 0; job < workload->jobs.count; job++) {
        int64_t sum_us = causes_of_job_us(causes, job);
        if (sum_us == 0) {
            continue;
        }
        const struct job *facts = &workload->jobs.items[job];
        text_add_csv(&out->text, workload_job_id(workload, job));
        text_add_char(&out->text, ',');
        text_add_csv(&out->text, names_get(&workload->queues, facts->queue));
        char *at = row_begin(&out->text, (size_t)(WAIT_CAUSE_COUNT + 3) * ROW_NUMBER);
        at = row_put_comma(at);
        at = row_put_milli(at, workload_shape_gpu_milli(workload, facts->shape));
        at = row_put_seconds(row_put_comma(at), sum_us);
        for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
            at = row_put_seconds(row_put_comma(at), causes->by_job[job][i]);
        }
        row_end(out, at);
    }
}

/* Seconds of 128 bits, exact. */
static void add_wide_seconds(struct text *out, wide us)
{
    wide whole = us / 1000000;
    if (whole > INT64_MAX / 1000000) {
        text_addf(out, "%.0f", (double)whole); /* beyond 290,000 years of waiting */
        return;
    }
    text_add_seconds(out, (int64_t)us);
}

static void add_row(struct text *out, const char *by, const char *name,
                    const struct causes_sum *sums)
{
    struct causes_sum all = {0};
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        all.job_us += sums[i].job_us;
        all.milli_us += sums[i].milli_us;
    }
    if (all.job_us == 0) {
        return;
    }
    text_addf(out, "%s,", by);
    text_add_csv(out, name);
    text_add_char(out, ',');
    add_wide_seconds(out, all.job_us);
    text_addf(out, ",%.9g", wide_gpu_hours(all.milli_us));
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        text_add_char(out, ',');
        add_wide_seconds(out, sums[i].job_us);
    }
    text_add_char(out, '\n');
}

/* Users have no sums of their own during the run: those of their jobs are. */
static void add_users(struct text *out, const struct causes *causes)
{
    const struct workload *workload = causes->workload;
    uint32_t users = names_count(&workload->users);
    struct causes_sum(*sums)[WAIT_CAUSE_COUNT] = mem_alloc(users, sizeof(*sums));
    for (uint32_t job = 0; job < workload->jobs.count; job++) {
        const struct job *facts = &workload->jobs.items[job];
        wide milli = (wide)(uint64_t)workload_shape_gpu_milli(workload, facts->shape);
        for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
            wide us = (wide)(uint64_t)causes->by_job[job][i];
            sums[facts->user][i].job_us += us;
            sums[facts->user][i].milli_us += us * milli;
        }
    }
    for (uint32_t i = 0; i < users; i++) {
        add_row(out, "user", names_get(&workload->users, i), sums[i]);
    }
    free(sums);
}

void causes_add_sums(struct text *out, const struct causes *causes)
{
    const struct names *queues = &causes->workload->queues;
    add_header(out, "by,name,pending_s,pending_gpu_hours");
    text_add_char(out, '\n');
    add_row(out, "all", "", causes->total);
    for (uint32_t i = 0; i < names_count(queues); i++) {
        add_row(out, "queue", names_get(queues, i), causes->by_queue[i]);
    }
    for (uint32_t i = 0; i < names_count(queues); i++) {
        add_row(out, "holder", names_get(queues, i), causes->by_holder[i]);
    }
    add_row(out, "holder nobody", "", causes->by_holder[names_count(queues)]);
    add_users(out, causes);
    for (int i = 0; i < SIZE_CLASS_COUNT; i++) {
        add_row(out, "gpus", size_class_name((enum size_class)i), causes->by_size[i]);
    }
    for (size_t hour = 0; hour < causes->hours.count / WAIT_CAUSE_COUNT; hour++) {
        char name[24];
        (void)snprintf(name, sizeof(name), "%zu", hour);
        add_row(out, "hour", name, &causes->hours.items[hour * WAIT_CAUSE_COUNT]);
    }
}

/* -- the terminal ---------------------------------------------------------------------------- */

static wide all_of(const struct causes_sum *sums)
{
    wide all = 0;
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        all += sums[i].job_us;
    }
    return all;
}

/* The queue that is charged most after those in `said`, or CAUSES_NOBODY. */
static uint32_t next_holder(const struct causes *causes, const uint32_t *said, uint32_t count)
{
    uint32_t best = CAUSES_NOBODY;
    for (uint32_t i = 0; i < names_count(&causes->workload->queues); i++) {
        bool is_said = all_of(causes->by_holder[i]) == 0;
        for (uint32_t k = 0; k < count; k++) {
            is_said = is_said || said[k] == i;
        }
        if (!is_said && (best == CAUSES_NOBODY ||
                         all_of(causes->by_holder[i]) > all_of(causes->by_holder[best]))) {
            best = i;
        }
    }
    return best;
}

static void print_holders(struct text *out, const struct causes *causes, double all)
{
    uint32_t said[PRINTED_HOLDERS];
    uint32_t count = 0;
    if (names_count(&causes->workload->queues) < 2) {
        return;
    }
    while (count < PRINTED_HOLDERS) {
        uint32_t queue = next_holder(causes, said, count);
        if (queue == CAUSES_NOBODY) {
            break;
        }
        text_add(out, count == 0 ? "  held by   " : ", ");
        const char *name = names_get(&causes->workload->queues, queue);
        text_addf(out, "%.40s %.1f %%", name[0] != '\0' ? name : "(none)",
                  (double)all_of(causes->by_holder[queue]) / all * 100);
        said[count++] = queue;
    }
    text_add(out, count > 0 ? "\n" : "");
}

json_t *causes_json(const struct causes *causes)
{
    double all = (double)all_of(causes->total);
    json_t *object = json_object();
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        const struct causes_sum *sum = &causes->total[i];
        json_t *values = json_pack("{s:f, s:f, s:f}", "job_hours", (double)sum->job_us / 3.6e9,
                                   "gpu_hours", wide_gpu_hours(sum->milli_us), "share",
                                   all > 0 ? (double)sum->job_us / all : 0.0);
        (void)json_object_set_new(object, wait_cause_name((enum wait_cause)i), values);
    }
    return object;
}

json_t *causes_idle_json(const struct causes *causes)
{
    json_t *object = json_object();
    for (int i = 0; i <= WAIT_CAUSE_COUNT; i++) {
        const char *name =
            i == WAIT_CAUSE_COUNT ? "nothing_pending" : wait_cause_name((enum wait_cause)i);
        (void)json_object_set_new(object, name, json_real(wide_gpu_hours(causes->idle[i])));
    }
    return object;
}

static void print_idle(struct text *out, const struct causes *causes)
{
    double all = 0;
    const char *between = "  idle GPUs ";
    for (int i = 0; i <= WAIT_CAUSE_COUNT; i++) {
        all += (double)causes->idle[i];
    }
    for (int i = WAIT_CAUSE_COUNT; all > 0 && i >= 0; i--) {
        if (causes->idle[i] > 0) {
            text_addf(out, "%s%s %.1f %%", between,
                      i == WAIT_CAUSE_COUNT ? "nothing pending"
                                            : wait_cause_name((enum wait_cause)i),
                      (double)causes->idle[i] / all * 100);
            between = ", ";
        }
    }
    text_add(out, all > 0 ? "\n" : "");
}

void causes_print(struct text *out, const struct causes *causes)
{
    double all = (double)all_of(causes->total);
    if (!(all > 0)) {
        return;
    }
    text_add(out, "\nWhat pending jobs waited for   job-hours      GPU-hours\n");
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        const struct causes_sum *sum = &causes->total[i];
        if (sum->job_us > 0) {
            text_addf(out, "  %-28s %10.1f %6.1f %% %12.1f\n", wait_cause_text((enum wait_cause)i),
                      (double)sum->job_us / 3.6e9, (double)sum->job_us / all * 100,
                      wide_gpu_hours(sum->milli_us));
        }
    }
    print_holders(out, causes, all);
    print_idle(out, causes);
}
