/*
 * suppose.h - what every study is asked again under: how far does the answer hang on it?
 */
#ifndef PLAN_SUPPOSE_H
#define PLAN_SUPPOSE_H

#include "sim/plan/trial.h"

struct supposition {
    const char *kind; /* "demand", "growth", "durations", "failures", "estimates" */
    struct plan_world world;
    /* Does it change anything in this study, under this policy? */
    bool (*applies)(const struct plan_study *study, const struct plan_bench *bench,
                    uint32_t policy);
};

extern const struct supposition suppositions[];
extern const size_t supposition_count;

#endif
