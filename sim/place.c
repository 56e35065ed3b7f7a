/* place.c - the table of placement rules, generated from the files in policies/place/. */
#include "sim/place.h"

#define ENTRY(name) extern const struct place_ops place_rule_##name;
#include "place_list.inc"
#undef ENTRY

#define ENTRY(name) &place_rule_##name,
const struct place_ops *const place_rules[] = {
#include "place_list.inc"
    NULL,
};
#undef ENTRY

const struct place_ops *place_find(const char *name)
{
    for (const struct place_ops *const *rule = place_rules; *rule != NULL; rule++) {
        if (strcmp((*rule)->name, name) == 0) {
            return *rule;
        }
    }
    return NULL;
}
