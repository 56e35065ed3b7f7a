/* fuzz_model.c - workload models: any bytes are read or refused, and what is read makes jobs and
 * reads back as it was written. */
#include <stddef.h>
#include <stdint.h>

#include "sim/base/check.h"
#include "sim/generate/generate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Models beyond this take too long to try many of them. */
enum { MOST_NAMES = 1000, MOST_JOBS = 50 };

static void make_jobs(const struct generate_model *model)
{
    struct workload workload;
    struct err err = {0};
    struct generate_options options = {.jobs = MOST_JOBS};
    if (!generate_workload(model, 1, &options, &workload, &err)) {
        CHECK(err.code == ERR_FORMAT);
        CHECK(err.msg[0] != '\0');
        return;
    }
    CHECK(workload.jobs.count == MOST_JOBS);
    for (size_t i = 0; i < workload.jobs.count; i++) {
        const struct job *job = &workload.jobs.items[i];
        CHECK(job->duration_us >= 0);
        CHECK(i == 0 || job->submit_us >= workload.jobs.items[i - 1].submit_us);
    }
    workload_release(&workload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct generate_model model;
    struct generate_model again;
    struct view text = {(const char *)data, size};
    if (!generate_model_read(text, &model, &err)) {
        CHECK(err.code == ERR_FORMAT);
        CHECK(err.msg[0] != '\0');
        return 0;
    }
    if (model.users.count <= MOST_NAMES && model.queues.count <= MOST_NAMES &&
        model.sizes.high < 9) {
        make_jobs(&model);
    }
    json_t *json = generate_model_json(&model);
    CHECK(generate_model_read_json(json, &again, &err));
    json_t *twice = generate_model_json(&again);
    CHECK(json_equal(json, twice));
    json_decref(json);
    json_decref(twice);
    generate_model_release(&model);
    generate_model_release(&again);
    return 0;
}
