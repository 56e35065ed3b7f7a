/* variants.c - see variants.h. */
#include "variants.h"

#include <criterion/criterion.h>

#include "sim/base/check.h"

static void add(struct variants *variants, const struct sched_ops *policy, const struct text *spec)
{
    struct variant variant = {.policy = policy, .spec = mem_copy_text(spec->bytes, spec->length)};
    vec_push(&variants->list, variant);
}

/* Policies with more combinations of choices than this get one variant for each single choice, with
 * the others as they are by default. */
enum { MOST_COMBINATIONS = 12 };

static uint32_t choice_count(const struct param_spec *param)
{
    uint32_t count = 1;
    for (const char *at = param->choices; *at != '\0'; at++) {
        count += *at == '|' ? 1 : 0;
    }
    return count;
}

static uint32_t combination_count(const struct param_spec *param)
{
    uint32_t count = 1;
    for (; param != NULL && param->name != NULL; param++) {
        count *= param->type == PARAM_CHOICE ? choice_count(param) : 1;
    }
    return count;
}

/* One variant for each choice of the parameter but the default. */
static void add_choices(struct variants *variants, const struct sched_ops *policy,
                        const struct param_spec *param)
{
    struct view rest = view_of(param->choices);
    while (rest.at != NULL) {
        struct view choice = view_cut(rest, '|', &rest);
        if (view_is(choice, param->dflt)) {
            continue;
        }
        struct text spec = {0};
        text_addf(&spec, "%s:%s=", policy->name, param->name);
        text_add_bytes(&spec, choice.at, choice.length);
        add(variants, policy, &spec);
        text_release(&spec);
    }
}

/* One variant with the other value of a switch. */
static void add_switch(struct variants *variants, const struct sched_ops *policy,
                       const struct param_spec *param)
{
    struct text spec = {0};
    bool is_on = strcmp(param->dflt, "true") == 0;
    text_addf(&spec, "%s:%s=%s", policy->name, param->name, is_on ? "false" : "true");
    add(variants, policy, &spec);
    text_release(&spec);
}

/* Makes every variant of the policy's that was there before, from `first` on, into one for each of
 * the choices. */
static void multiply(struct variants *variants, size_t first, const struct param_spec *param)
{
    size_t count = variants->list.count;
    for (size_t i = first; i < count; i++) {
        struct variant old = variants->list.items[i];
        struct view rest = view_of(param->choices);
        bool is_first = true;
        while (rest.at != NULL) {
            struct view choice = view_cut(rest, '|', &rest);
            struct text spec = {0};
            text_addf(&spec, "%s%c%s=", old.spec, strchr(old.spec, ':') == NULL ? ':' : ',',
                      param->name);
            text_add_bytes(&spec, choice.at, choice.length);
            if (is_first) {
                variants->list.items[i].spec = mem_copy_text(spec.bytes, spec.length);
            } else {
                add(variants, old.policy, &spec);
            }
            is_first = false;
            text_release(&spec);
        }
        free(old.spec);
    }
}

void variants_init(struct variants *variants)
{
    *variants = (struct variants){0};
    for (size_t i = 0; sched_policies[i] != NULL; i++) {
        size_t first = variants->list.count;
        struct text name = {0};
        text_add(&name, sched_policies[i]->name);
        add(variants, sched_policies[i], &name);
        text_release(&name);
        const struct param_spec *param = sched_policies[i]->params;
        bool single = combination_count(param) > MOST_COMBINATIONS;
        for (; param != NULL && param->name != NULL; param++) {
            if (param->type == PARAM_CHOICE && single) {
                add_choices(variants, sched_policies[i], param);
            } else if (param->type == PARAM_CHOICE) {
                multiply(variants, first, param);
            }
        }
        for (param = sched_policies[i]->params; param != NULL && param->name != NULL; param++) {
            if (param->type == PARAM_BOOL && (sched_policies[i]->flags & SCHED_QUOTAS) == 0) {
                add_switch(variants, sched_policies[i], param);
            }
        }
        variants->list.items[first].is_default = true; /* defaults stand first in their lists, or
                                                          the first variant stands for them */
    }
    for (size_t i = 0; i < variants->list.count; i++) {
        struct variant *variant = &variants->list.items[i];
        variant->laws = variant_find_laws(variant->policy, variant->spec);
    }
}

void variants_release(struct variants *variants)
{
    for (size_t i = 0; i < variants->list.count; i++) {
        free(variants->list.items[i].spec);
    }
    vec_release(&variants->list);
}

unsigned variant_find_laws(const struct sched_ops *policy, const char *spec)
{
    struct view settings;
    struct view name = view_cut(view_of(spec), ':', &settings);
    CHECK(view_is(name, policy->name));
    void *params = mem_alloc(1, policy->params_size + 1);
    struct err err = {0};
    cr_assert(param_read(policy->params, spec, settings, params, &err), "%s", err.msg);
    unsigned laws = 0;
    for (const struct sched_promise *promise = policy->laws;
         promise != NULL && promise->law != SCHED_LAW_NONE; promise++) {
        laws |= sched_promises(policy, params, promise->law) ? 1U << promise->law : 0;
    }
    free(params);
    return laws;
}
