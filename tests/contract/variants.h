/*
 * variants.h - every policy of the table with every combination of its choices, or with every
 * single choice where there are many combinations, and with every single switch (but for policies
 * with quotas, which have dozens and are slow; the core has tests of its own for them).
 */
#ifndef TESTS_CONTRACT_VARIANTS_H
#define TESTS_CONTRACT_VARIANTS_H

#include "sim/base/vec.h"
#include "sim/sched.h"

struct variant {
    const struct sched_ops *policy;
    char *spec;      /* "easy:order=shortest,ask=always" */
    unsigned laws;   /* bits of enum sched_law: what it promises with these settings */
    bool is_default; /* no choice but the defaults */
};

struct variants {
    VEC(struct variant) list;
};

static inline bool variant_promises(const struct variant *variant, enum sched_law law)
{
    return (variant->laws & 1U << law) != 0;
}

/* The promises of the policy with the settings of `spec`, which has its name. */
unsigned variant_find_laws(const struct sched_ops *policy, const char *spec);

void variants_init(struct variants *variants);
void variants_release(struct variants *variants);

#endif
