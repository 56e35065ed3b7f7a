/*
 * annex.c - NUMA zones and claimed devices (annex B), which no decision takes into account so far.
 *
 * The calls stand where the specification puts them, so that only this file has to grow. Until then
 * tasks with claims are refused rather than placed wrongly.
 */
#include "policies/core/dra.h"
#include "policies/core/modules.h"

double core_dra_first_users(struct core *core, struct core_node *node, uint32_t task, int by)
{
    (void)core; /* nothing is shared as long as no claim is placed */
    (void)node;
    (void)task;
    (void)by;
    return 0;
}

double core_dra_charged(const struct core *core, const struct core_node *node, uint32_t task)
{
    (void)core; /* see above */
    (void)node;
    (void)task;
    return 0;
}

bool core_dra_claims_usable(const struct core *core, uint32_t task)
{
    return core_task_at(core, task)->claim_count == 0;
}

bool core_dra_allows(const struct core *core, uint32_t task, const struct core_node *node)
{
    (void)node; /* claims are refused before any node is looked at */
    return core_dra_claims_usable(core, task);
}

void core_dra_assume(struct core *core, uint32_t task, const struct core_node *node)
{
    (void)core; /* no task with claims is placed */
    (void)task;
    (void)node;
}

void core_dra_release(struct core *core, uint32_t task)
{
    (void)core; /* see above */
    (void)task;
}

void core_dra_open(struct core *core)
{
    (void)core; /* no state of claims yet */
}

bool core_add_claim(struct core *core, const struct core_claim_spec *spec, uint32_t *out,
                    struct err *err)
{
    CHECK(!core->open);
    if (spec->name == NULL || spec->count < 0) {
        return err_set(err, ERR_FORMAT, 0, "claim \"%s\": a name and a count of 0 or more",
                       spec->name == NULL ? "" : spec->name);
    }
    struct core_claim *claim = arena_alloc(&core->facts, 1, sizeof *claim);
    claim->name = names_add(&core->texts, view_of(spec->name), NULL);
    claim->namespace_name = names_add(
        &core->texts, view_of(spec->namespace_name == NULL ? "" : spec->namespace_name), NULL);
    claim->count = spec->count;
    claim->unknown_class = spec->unknown_class;
    *out = (uint32_t)core->claims.count;
    vec_push(&core->claims, claim);
    return true;
}

void core_claim_describe(const struct core *core, uint32_t claim, struct text *devices,
                         struct text *holders)
{
    CHECK(claim < core->claims.count);
    text_add(devices, ""); /* no claim is allocated so far */
    text_add(holders, "");
}
