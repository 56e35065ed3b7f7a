/* presets.c - models of published workloads. */
#include "sim/generate/model.h"

const struct generate_preset generate_presets[] = {
    {"small", "a few GPUs, Poisson arrivals, lognormal durations", "{\"name\": \"small\"}"},
    {NULL, NULL, NULL},
};
