/*
 * variants.h - every policy of the table with every combination of its choices, or with every
 * single choice where there are many combinations.
 */
#ifndef TESTS_CONTRACT_VARIANTS_H
#define TESTS_CONTRACT_VARIANTS_H

#include "sim/base/vec.h"
#include "sim/sched.h"

struct variant {
    const struct sched_ops *policy;
    char *spec; /* "easy:order=shortest,ask=always" */
};

struct variants {
    VEC(struct variant) list;
};

/* Does the policy promise this with these settings? */
bool spec_promises(const char *spec, enum sched_law law);
bool variant_promises(const struct variant *variant, enum sched_law law);

void variants_init(struct variants *variants);
void variants_release(struct variants *variants);

#endif
