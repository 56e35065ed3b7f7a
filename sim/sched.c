/* sched.c - the table of policies, made from the files in policies/. */
#include "sim/sched.h"

#include <string.h>

#define ENTRY(name) extern const struct sched_ops sched_policy_##name;
#include "policy_list.inc"
#undef ENTRY

#define ENTRY(name) &sched_policy_##name,
const struct sched_ops *const sched_policies[] = {
#include "policy_list.inc"
    NULL,
};
#undef ENTRY

const struct sched_ops *sched_find(const char *name)
{
    for (size_t i = 0; sched_policies[i] != NULL; i++) {
        if (strcmp(sched_policies[i]->name, name) == 0) {
            return sched_policies[i];
        }
    }
    return NULL;
}
