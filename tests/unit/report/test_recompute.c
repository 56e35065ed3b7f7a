/*
 * test_recompute.c - random runs, folded by the report and counted again in the slowest way: from a
 * list of (job, from, until, GPUs) and from the files.
 */
#include <math.h>

#include <criterion/criterion.h>

#include "sim/base/csv.h"
#include "sim/base/parse.h"
#include "sim/base/rng.h"
#include "tests/unit/report/story.h"

enum { JOBS = 60, STEPS = 500, QUEUES = 4 };

struct stretch {
    uint32_t job;
    int64_t from_us, until_us, milli;
};

enum fate { AWAITED, PENDING, RUNNING, DONE, REJECTED };

struct chaos {
    struct story story;
    gsl_rng *rng;
    int64_t now_us;
    uint32_t submitted;
    enum fate fates[JOBS];
    int64_t first_us[JOBS]; /* start; -1 before it */
    int64_t end_us[JOBS];
    int64_t held_milli[JOBS];
    int64_t since_us[JOBS];
    int64_t asked_milli[JOBS];
    uint32_t preemptions[JOBS];
    VEC(struct stretch) stretches;
};

static uint32_t below(struct chaos *chaos, uint32_t most)
{
    return (uint32_t)gsl_rng_uniform_int(chaos->rng, most);
}

static void chaos_init(struct chaos *chaos, uint64_t seed)
{
    *chaos = (struct chaos){.rng = rng_new(seed, "chaos", 0)};
    story_init(&chaos->story, "8x8");
    int64_t submit_us = 0;
    for (int i = 0; i < JOBS; i++) {
        char id[16];
        char queue[16];
        (void)snprintf(id, sizeof(id), "j%d", i);
        (void)snprintf(queue, sizeof(queue), "q%u", below(chaos, QUEUES));
        uint32_t gpus = below(chaos, 20);
        int64_t duration_us = (int64_t)below(chaos, 100) * 700000;
        story_add_job(&chaos->story, id, queue, submit_us, duration_us, gpus);
        chaos->asked_milli[i] = INT64_C(1000) * gpus;
        chaos->first_us[i] = -1;
        submit_us += (int64_t)below(chaos, 3) * 1234567;
    }
}

static void tell(struct chaos *chaos, enum log_kind kind, uint32_t job, int64_t milli)
{
    story_tell_record(&chaos->story, (struct log_record){
                                         .time_us = chaos->now_us,
                                         .kind = kind,
                                         .job = job,
                                         .gpu_milli = milli,
                                         .reason = kind == LOG_REJECT ? "luck" : NULL,
                                     });
}

static void end_stretch(struct chaos *chaos, uint32_t job)
{
    struct stretch stretch = {job, chaos->since_us[job], chaos->now_us, chaos->held_milli[job]};
    vec_push(&chaos->stretches, stretch);
    chaos->since_us[job] = chaos->now_us;
}

static void submit_due(struct chaos *chaos)
{
    while (chaos->submitted < JOBS) {
        uint32_t job = chaos->submitted;
        const struct job *told = &chaos->story.workload.jobs.items[job];
        if (told->submit_us > chaos->now_us + 3000000) {
            return;
        }
        chaos->now_us = told->submit_us > chaos->now_us ? told->submit_us : chaos->now_us;
        bool reject = below(chaos, 10) == 0;
        tell(chaos, reject ? LOG_REJECT : LOG_SUBMIT, job, chaos->asked_milli[job]);
        chaos->fates[job] = reject ? REJECTED : PENDING;
        chaos->submitted++;
    }
}

/* Anything that may happen to a job in its state. */
static void act(struct chaos *chaos, uint32_t job)
{
    uint32_t dice = below(chaos, 4);
    if (chaos->fates[job] == PENDING) {
        chaos->held_milli[job] = chaos->asked_milli[job];
        chaos->since_us[job] = chaos->now_us;
        chaos->first_us[job] = chaos->first_us[job] < 0 ? chaos->now_us : chaos->first_us[job];
        chaos->fates[job] = RUNNING;
        tell(chaos, LOG_START, job, chaos->held_milli[job]);
    } else if (chaos->fates[job] == RUNNING && dice == 0) {
        end_stretch(chaos, job);
        tell(chaos, LOG_PREEMPT, job, chaos->held_milli[job]);
        chaos->fates[job] = PENDING;
        chaos->preemptions[job]++;
    } else if (chaos->fates[job] == RUNNING && dice == 1) {
        end_stretch(chaos, job);
        chaos->held_milli[job] = INT64_C(500) * below(chaos, 9);
        tell(chaos, LOG_RESIZE, job, chaos->held_milli[job]);
    } else if (chaos->fates[job] == RUNNING && dice == 2) {
        end_stretch(chaos, job);
        tell(chaos, LOG_FINISH, job, chaos->held_milli[job]);
        chaos->fates[job] = DONE;
        chaos->end_us[job] = chaos->now_us;
    }
}

static void chaos_run(struct chaos *chaos)
{
    story_open(&chaos->story, true);
    for (int step = 0; step < STEPS; step++) {
        submit_due(chaos);
        if (chaos->submitted > 0) {
            act(chaos, below(chaos, chaos->submitted));
        }
        chaos->now_us += (int64_t)below(chaos, 2) * below(chaos, 1000000);
    }
    struct err err = {0};
    cr_assert(story_end(&chaos->story, chaos->now_us, &err), "%s", err.msg);
    for (uint32_t i = 0; i < JOBS; i++) {
        if (chaos->fates[i] == RUNNING) {
            end_stretch(chaos, i);
        }
    }
}

static void chaos_release(struct chaos *chaos)
{
    gsl_rng_free(chaos->rng);
    vec_release(&chaos->stretches);
    story_release(&chaos->story);
}

/* -- counting again -------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void expect_near(double got, double wanted)
{
    cr_assert(fabs(got - wanted) <= 1e-12 * fabs(wanted) + 1e-300, "%.17g, not %.17g", got, wanted);
}

static void expect_spread(const struct report_spread *spread, double *values, uint32_t count)
{
    cr_assert_eq(spread->count, count);
    if (count == 0) {
        return;
    }
    qsort(values, count, sizeof(*values), compare);
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += values[i];
    }
    expect_near(spread->mean, sum / count);
    expect_near(spread->p50, values[(uint32_t)ceil(0.50 * count) - 1]);
    expect_near(spread->p90, values[(uint32_t)ceil(count * 90 / 100.0) - 1]);
    expect_near(spread->p99, values[(uint32_t)ceil(count * 99 / 100.0) - 1]);
    expect_near(spread->max, values[count - 1]);
}

static void check_waits(const struct chaos *chaos)
{
    const struct report_numbers *numbers = report_numbers(chaos->story.report);
    double waits[JOBS];
    double totals[JOBS];
    double queues[JOBS];
    uint32_t started = 0;
    uint32_t ended = 0;
    uint32_t of_queue = 0;
    for (uint32_t i = 0; i < JOBS; i++) {
        const struct job *told = &chaos->story.workload.jobs.items[i];
        double wait = (double)(chaos->first_us[i] - told->submit_us) / 1e6;
        if (chaos->first_us[i] >= 0) {
            waits[started++] = wait;
            if (told->queue == 0) {
                queues[of_queue++] = wait;
            }
        }
        if (chaos->fates[i] == DONE) {
            totals[ended++] = (double)(chaos->end_us[i] - told->submit_us) / 1e6;
        }
    }
    expect_spread(&numbers->wait, waits, started);
    expect_spread(&numbers->completion, totals, ended);
    expect_spread(&numbers->queues.items[0].wait, queues, of_queue);
}

static void check_gpu_time(const struct chaos *chaos)
{
    const struct report_numbers *numbers = report_numbers(chaos->story.report);
    double all = 0;
    double by_queue[QUEUES] = {0};
    for (size_t i = 0; i < chaos->stretches.count; i++) {
        const struct stretch *stretch = &chaos->stretches.items[i];
        double hours =
            (double)stretch->milli * (double)(stretch->until_us - stretch->from_us) / 3.6e12;
        all += hours;
        by_queue[chaos->story.workload.jobs.items[stretch->job].queue] += hours;
    }
    expect_near(numbers->allocated_gpu_hours, all);
    expect_near(numbers->capacity_gpu_hours, 64 * (double)chaos->now_us / 3.6e9);
    for (size_t i = 0; i < numbers->queues.count; i++) {
        expect_near(numbers->queues.items[i].gpu_hours, by_queue[i]);
    }
}

static int64_t allocated_at(const struct chaos *chaos, int64_t time_us)
{
    int64_t milli = 0;
    for (size_t i = 0; i < chaos->stretches.count; i++) {
        const struct stretch *stretch = &chaos->stretches.items[i];
        bool holds = stretch->from_us <= time_us && time_us < stretch->until_us;
        milli += holds ? stretch->milli : 0;
    }
    return milli;
}

/* Every row but the last tells what is held from its time on, and the area under the rows is the
 * GPU time. */
static void check_timeline(const struct chaos *chaos)
{
    const struct report_numbers *numbers = report_numbers(chaos->story.report);
    struct text text = {0};
    struct csv csv;
    struct err err = {0};
    story_read(&chaos->story, "timeline.csv", &text);
    csv_init(&csv, text.bytes, text.length, ',');
    cr_assert(csv_next(&csv, &err));
    double area = 0;
    int64_t last_us = -1;
    int64_t last_milli = 0;
    while (csv_next(&csv, &err)) {
        int64_t time_us = 0;
        int64_t milli = 0;
        cr_assert_eq(parse_seconds_us(csv.fields[0], &time_us), PARSE_OK);
        cr_assert_eq(parse_scaled(csv.fields[2], 1000, &milli), PARSE_OK);
        cr_assert(time_us > last_us);
        cr_assert(time_us == chaos->now_us || milli == allocated_at(chaos, time_us));
        if (last_us >= 0) {
            area += (double)last_milli * (double)(time_us - last_us) / 3.6e12;
        }
        last_us = time_us;
        last_milli = milli;
    }
    cr_assert_eq(err.code, ERR_NONE);
    cr_assert_eq(last_us, chaos->now_us, "the last row is the end of the run");
    expect_near(numbers->allocated_gpu_hours, area);
    text_release(&text);
}

static void check_counts(const struct chaos *chaos)
{
    const struct report_numbers *numbers = report_numbers(chaos->story.report);
    uint32_t counts[REJECTED + 1] = {0};
    uint32_t preemptions = 0;
    uint32_t preempted = 0;
    for (uint32_t i = 0; i < JOBS; i++) {
        counts[chaos->fates[i]]++;
        preemptions += chaos->preemptions[i];
        preempted += chaos->preemptions[i] > 0;
    }
    cr_assert_eq(numbers->not_submitted, counts[AWAITED]);
    cr_assert_eq(numbers->counts.pending, counts[PENDING]);
    cr_assert_eq(numbers->counts.running, counts[RUNNING]);
    cr_assert_eq(numbers->counts.completed, counts[DONE]);
    cr_assert_eq(numbers->counts.rejected, counts[REJECTED]);
    cr_assert_eq(numbers->counts.submitted, JOBS - counts[AWAITED]);
    cr_assert_eq(numbers->preemptions, preemptions);
    cr_assert_eq(numbers->preempted_jobs, preempted);
}

Test(recompute, numbers_and_timeline_agree_with_a_slow_count)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct chaos chaos;
        chaos_init(&chaos, seed);
        chaos_run(&chaos);
        check_counts(&chaos);
        check_waits(&chaos);
        check_gpu_time(&chaos);
        check_timeline(&chaos);
        chaos_release(&chaos);
    }
}
