/*
 * fuzz_share.c - requests for a division of fair shares, and configurations of one in simulated
 * time: divided, or refused with a reason. No share is negative or no number.
 */
#include <math.h>

#include "sim/base/check.h"
#include "sim/base/json_read.h"
#include "sim/check/fairsim.h"
#include "sim/check/share.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Configurations beyond this take too long to try many of them. */
enum { MOST_CYCLES = 20, MOST_PARTS = 1000 };

static void divide(const json_t *value)
{
    struct share_request request;
    struct err err = {0};
    if (!share_read(value, "", &request, &err)) {
        CHECK(err.code == ERR_FORMAT && err.msg[0] != '\0');
        return;
    }
    share_divide(&request);
    for (size_t i = 0; i < request.queues.count; i++) {
        for (int k = 0; k < CORE_RESOURCE_COUNT; k++) {
            CHECK(!isnan(request.queues.items[i].shares[k].fair_share));
        }
    }
    json_decref(share_answer_json(&request));
    share_release(&request);
}

/* The sum of all whole numbers in it, as far as they are not for nodes or cycles alone. */
static double sum_of(const json_t *value)
{
    double sum = json_is_number(value) ? fabs(json_number_value(value)) : 0;
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        sum += sum_of(member);
    }
    json_array_foreach(value, i, member)
    {
        sum += sum_of(member);
    }
    return sum;
}

static void simulate(const json_t *config)
{
    struct text csv = {0};
    struct err err = {0};
    if (json_number_value(json_object_get(config, "Cycles")) > MOST_CYCLES ||
        sum_of(config) > MOST_PARTS) {
        return;
    }
    if (!fairsim_run(config, &csv, &err)) {
        CHECK(err.code != ERR_NONE && err.msg[0] != '\0');
    }
    text_release(&csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    json_t *value = json_parse((const char *)data, size, &err);
    if (value == NULL) {
        CHECK(err.msg[0] != '\0');
        return 0;
    }
    if (fairsim_is_config(value)) {
        simulate(value);
    } else {
        divide(value);
    }
    json_decref(value);
    return 0;
}
