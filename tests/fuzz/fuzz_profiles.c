/*
 * fuzz_profiles.c - any bytes as tables of measured speeds: a step table or a training of Pollux by
 * the first byte, or else a throughput table of Gavel. What is read answers without a crash.
 */
#include "sim/base/check.h"
#include "sim/base/text.h"
#include "sim/workload/profiles.h"
#include "sim/workload/throughputs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct profile *profile)
{
    static const uint32_t sizes[] = {1, 2, 5, 64, 65536};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct profile_run run = {sizes[i], 4096, 4};
        double step_s = profile_step_s(profile, run);
        double steps = profile_training_steps(profile, sizes[i]);
        CHECK(step_s >= 0 || step_s < 0);
        CHECK(steps >= 0 || steps < 0);
    }
}

static void read_profile(uint32_t batch, const struct text *text)
{
    struct file file = {.bytes = text->bytes, .length = text->length};
    struct profile profile = {0};
    struct err err = {0};
    if (profile_read_table(&profile, batch, &file, &err)) {
        ask(&profile);
    } else {
        CHECK(err.code != ERR_NONE);
    }
    vec_release(&profile.steps);
    vec_release(&profile.trainings);
    vec_release(&profile.epochs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {0};
    struct err err = {0};
    if (size == 0) {
        return 0;
    }
    text_add_bytes(&text, (const char *)data + 1, size - 1);
    if (data[0] == 's' || data[0] == 't') {
        read_profile(data[0] == 's' ? 0 : 8, &text);
    } else {
        struct throughputs table = {0};
        struct throughput_job job = {{"a", 1}, 1};
        if (throughputs_read_text(&table, text.bytes, text.length, &err)) {
            struct view worker = {"v", 1};
            CHECK(throughputs_alone(&table, worker, job) >= 0);
            CHECK(throughputs_shared(&table, worker, job, job) >= 0);
        }
        throughputs_release(&table);
    }
    text_release(&text);
    return 0;
}
