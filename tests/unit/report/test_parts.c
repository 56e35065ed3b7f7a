/* test_parts.c - sorting and percentiles, steps over time, decisions, numbers for people. */
#include <math.h>

#include <criterion/criterion.h>

#include "sim/base/rng.h"
#include "sim/cluster/cluster_file.h"
#include "sim/report/decisions.h"
#include "sim/report/human.h"
#include "sim/report/profile.h"
#include "sim/report/row.h"
#include "sim/report/spread.h"

/* -- spread ---------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

Test(spread, sorts_any_number_of_keys_of_any_width)
{
    gsl_rng *rng = rng_new(1, "test", 0);
    static const size_t counts[] = {0, 1, 2, 511, 512, 513, 5000};
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        for (unsigned bits = 1; bits <= 64; bits += 9) {
            size_t count = counts[c];
            uint64_t *keys = mem_alloc(count, sizeof(*keys));
            uint64_t *expected = mem_alloc(count, sizeof(*keys));
            uint64_t *scratch = mem_alloc(count, sizeof(*keys));
            for (size_t i = 0; i < count; i++) {
                uint64_t high = gsl_rng_get(rng);
                uint64_t low = gsl_rng_get(rng);
                keys[i] = (high << 32 | low) >> (64 - bits);
                expected[i] = keys[i];
            }
            qsort(expected, count, sizeof(*expected), compare);
            spread_sort(keys, scratch, count);
            for (size_t i = 0; i < count; i++) {
                cr_assert_eq(keys[i], expected[i], "%zu keys of %u bits", count, bits);
            }
            free(keys);
            free(expected);
            free(scratch);
        }
    }
    gsl_rng_free(rng);
}

/* By the definition: the smallest value with at least that share of values not above it. */
Test(spread, percentiles_are_nearest_rank)
{
    uint64_t values[150];
    for (size_t count = 1; count <= 150; count++) {
        values[count - 1] = count * 10;
        for (uint32_t percent = 1; percent <= 100; percent++) {
            size_t rank = 1;
            while (rank * 100 < percent * count) {
                rank++;
            }
            cr_assert_eq(spread_percentile(values, count, percent), rank * 10);
        }
    }
}

Test(spread, means_of_microseconds_are_exact)
{
    const uint64_t values[] = {(uint64_t)1 << 62, (uint64_t)1 << 62, (uint64_t)1 << 62,
                               ((uint64_t)1 << 62) + 4000000};
    struct report_spread spread = spread_of_us(values, 4);
    cr_assert(fabs(spread.mean * 1e6 - (double)(((uint64_t)1 << 62) + 1000000)) <= 0);
    cr_assert_eq(spread.count, 4);
    cr_assert_eq(spread_of_us(values, 0).count, 0);
}

Test(spread, ratios_keep_their_order_as_keys)
{
    const double ratios[] = {0, 1e-300, 0.5, 1, 1.0000000001, 3e9, 1e300};
    uint64_t keys[7];
    for (size_t i = 0; i < 7; i++) {
        keys[i] = spread_ratio_key(ratios[i]);
        cr_assert(i == 0 || keys[i] > keys[i - 1]);
        cr_assert(fabs(spread_key_ratio(keys[i]) - ratios[i]) <= 0);
    }
    struct report_spread spread = spread_of_ratios(keys + 2, 2);
    cr_assert(fabs(spread.mean - 0.75) < 1e-15);
    cr_assert(fabs(spread.max - 1) < 1e-15);
}

/* -- sizes ----------------------------------------------------------------------------------- */

Test(sizes, bounds_are_inclusive_above)
{
    static const struct {
        int64_t milli;
        const char *name;
    } facts[] = {{0, "0"},       {1, "<1"},       {999, "<1"},      {1000, "1"},
                 {1001, "2-4"},  {4000, "2-4"},   {4001, "5-8"},    {8000, "5-8"},
                 {8001, "9-16"}, {16000, "9-16"}, {64000, "17-64"}, {64001, ">64"}};
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        cr_assert_str_eq(size_class_name(size_class_of(facts[i].milli)), facts[i].name);
    }
}

/* -- profile --------------------------------------------------------------------------------- */

/* The integral over any run is kept however often the width doubles, and so is the peak. */
Test(profile, widening_keeps_integrals_and_peaks)
{
    struct profile profile;
    profile_init(&profile, 8, 2);
    gsl_rng *rng = rng_new(2, "test", 0);
    double integral = 0;
    double peak = 0;
    int64_t now_us = 0;
    for (int i = 0; i < 2000; i++) {
        int64_t length_us = 1 + (int64_t)gsl_rng_uniform_int(rng, 1000);
        double value = (double)gsl_rng_uniform_int(rng, 100);
        profile_add(&profile, 1, now_us, now_us + length_us, value);
        now_us += length_us;
        integral += value * (double)length_us;
        peak = value > peak ? value : peak;
        uint32_t used = profile_used(&profile);
        cr_assert(used > 0 && used <= 8);
        double sum = 0;
        double highest = 0;
        for (uint32_t bucket = 0; bucket < used; bucket++) {
            int64_t start_us = bucket * profile.width_us;
            int64_t left_us = now_us - start_us;
            int64_t width_us = left_us < profile.width_us ? left_us : profile.width_us;
            sum += profile_mean(&profile, 1, bucket) * (double)width_us;
            highest = fmax(highest, profile_peak(&profile, 1, bucket));
            cr_assert(fabs(profile_peak(&profile, 0, bucket)) <= 0, "the other series is empty");
        }
        cr_assert(fabs(sum - integral) <= 1e-9 * integral);
        cr_assert(fabs(highest - peak) <= 0);
    }
    gsl_rng_free(rng);
    profile_release(&profile);
}

Test(profile, a_bucket_has_the_mean_of_its_own_time)
{
    struct profile profile;
    profile_init(&profile, 4, 1);
    profile_add(&profile, 0, 0, 4, 1);
    profile_add(&profile, 0, 4, 7, 5);
    cr_assert_eq(profile.width_us, 2);
    cr_assert_eq(profile_used(&profile), 4);
    cr_assert(fabs(profile_mean(&profile, 0, 1) - 1) < 1e-15);
    cr_assert(fabs(profile_mean(&profile, 0, 3) - 5) < 1e-15, "only half of it is reached");
    profile_release(&profile);
}

/* -- rows ------------------------------------------------------------------------------------ */

Test(row, numbers_are_those_of_text)
{
    static const int64_t values[] = {0,       1,       9,        10,      999,       1000,
                                     1000001, 1500000, 10000000, 1000010, INT64_MAX, 123456789};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct text expected = {0};
        char buffer[ROW_NUMBER + 1];
        text_add_seconds(&expected, values[i]);
        *row_put_seconds(buffer, values[i]) = '\0';
        cr_assert_str_eq(buffer, expected.bytes);
        text_clear(&expected);
        text_add_milli(&expected, values[i]);
        *row_put_milli(buffer, values[i]) = '\0';
        cr_assert_str_eq(buffer, expected.bytes);
        cr_assert(expected.length < ROW_NUMBER, "room for a separator is left");
        text_release(&expected);
    }
}

/* -- decisions ------------------------------------------------------------------------------- */

static void add_job(struct workload *workload, const char *id, const char *queue)
{
    struct job job = {.id = names_add(&workload->ids, view_of(id), NULL),
                      .queue = names_add(&workload->queues, view_of(queue), NULL)};
    vec_push(&workload->jobs, job);
}

Test(decisions, each_is_a_line_with_place_and_reason)
{
    struct workload workload;
    struct cluster cluster;
    struct err err = {0};
    workload_init(&workload);
    cr_assert(cluster_from_short_form("2x4", &cluster, &err));
    add_job(&workload, "j\"1", "q");
    const struct grant grants[] = {{.node = 0, .gpus = 0xb, .gpu_milli = 3000},
                                   {.node = 1, .group = 2, .gpu_milli = 500}};
    const struct log_record records[] = {
        {.time_us = 0, .kind = LOG_SUBMIT, .gpu_milli = 3500},
        {.time_us = 1500000,
         .kind = LOG_START,
         .gpu_milli = 3500,
         .grants = grants,
         .grant_count = 2,
         .reason = "head of the queue"},
        {.time_us = 2000000,
         .kind = LOG_RESIZE,
         .gpu_milli = 3000,
         .gpu_milli_before = 3500,
         .grants = grants,
         .grant_count = 1},
        {.time_us = 3000000,
         .kind = LOG_PREEMPT,
         .gpu_milli = 3000,
         .lost_us = 250000,
         .grants = grants,
         .grant_count = 1},
        {.time_us = 4000000, .kind = LOG_REJECT, .gpu_milli = 3500, .reason = "too large"},
        {.time_us = 4000000, .kind = LOG_FINISH, .gpu_milli = 3500},
        {.time_us = 4000000, .kind = LOG_END, .job = LOG_NO_JOB},
    };
    struct out_file out = {.fd = -1};
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        decisions_add(&out, &workload, &cluster, &records[i]);
    }
    struct text expected = {0};
    const char *node0 = cluster.nodes.items[0].name;
    const char *node1 = cluster.nodes.items[1].name;
    text_addf(&expected,
              "{\"time_s\":1.5,\"decision\":\"start\",\"job\":\"j\\\"1\",\"queue\":\"q\","
              "\"gpus\":3.5,\"nodes\":[{\"node\":\"%s\",\"gpus\":3,\"devices\":[0,1,3]},"
              "{\"node\":\"%s\",\"group\":2,\"gpus\":0.5}],\"reason\":\"head of the queue\"}\n",
              node0, node1);
    text_addf(&expected,
              "{\"time_s\":2,\"decision\":\"resize\",\"job\":\"j\\\"1\",\"queue\":\"q\","
              "\"gpus\":3,\"gpus_before\":3.5,"
              "\"nodes\":[{\"node\":\"%s\",\"gpus\":3,\"devices\":[0,1,3]}]}\n",
              node0);
    text_addf(&expected,
              "{\"time_s\":3,\"decision\":\"preempt\",\"job\":\"j\\\"1\",\"queue\":\"q\","
              "\"gpus\":3,\"nodes\":[{\"node\":\"%s\",\"gpus\":3,\"devices\":[0,1,3]}],"
              "\"lost_s\":0.25}\n",
              node0);
    text_add(&expected, "{\"time_s\":4,\"decision\":\"reject\",\"job\":\"j\\\"1\",\"queue\":\"q\","
                        "\"gpus\":3.5,\"reason\":\"too large\"}\n");
    cr_assert_str_eq(out.text.bytes, expected.bytes);
    text_release(&expected);
    text_release(&out.text);
    workload_release(&workload);
    cluster_release_all(&cluster);
}

/* -- for people ------------------------------------------------------------------------------ */

static void reads_as(void (*add)(struct text *text, double value), double value, const char *words)
{
    struct text text = {0};
    add(&text, value);
    cr_assert_str_eq(text.bytes, words);
    text_release(&text);
}

Test(human, durations_and_numbers_read_well)
{
    reads_as(human_add_duration, 0, "0 s");
    reads_as(human_add_duration, 1.25, "1.2 s");
    reads_as(human_add_duration, 59.9, "60 s");
    reads_as(human_add_duration, 59.99, "1.0 min");
    reads_as(human_add_duration, 90, "1.5 min");
    reads_as(human_add_duration, 3599, "1.0 h");
    reads_as(human_add_duration, 86400 * 1.5, "36.0 h");
    reads_as(human_add_duration, 86400 * 2, "2.0 d");
    reads_as(human_add_number, 1.0, "1.00");
    reads_as(human_add_number, 9.999, "10.0");
    reads_as(human_add_number, 123.4, "123");
    reads_as(human_add_number, 1234567.5, "1,234,568");
}
