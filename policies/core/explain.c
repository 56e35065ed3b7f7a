/*
 * explain.c - why a job or a task is left pending, as things stand now (specification 10).
 *
 * Nothing is recorded while scheduling: the reasons are found again when somebody asks, from the
 * session's ledgers and shares.
 */
#include "policies/core/dra.h"
#include "policies/core/modules.h"

static void explain_task(struct core *core, uint32_t task, struct text *out)
{
    const struct core_class *class = core_class_of(core, task);
    uint32_t lacking = core_invariant_failure(core, task);
    if (lacking != CORE_NONE) {
        text_addf(out, "%s: %s", core_task_name(core, task),
                  lacking == CORE_NONE - 1 ? "a volume claim does not exist"
                                           : "asks more than any node has of ");
        text_add(out, lacking == CORE_NONE - 1 ? "" : core_component_name(core, lacking));
        return;
    }
    struct text claims = {0};
    core_dra_explain(core, task, &claims);
    if (claims.length > 0) {
        text_addf(out, "%s: %s", core_task_name(core, task), claims.bytes);
        text_release(&claims);
        return;
    }
    size_t rules = 0;
    text_addf(out, "%s:", core_task_name(core, task));
    for (size_t c = 0; c < core->width; c++) {
        size_t nodes = 0;
        for (size_t i = 0; i < core->node_list.count; i++) {
            const struct core_node *node = core_node_at(core, core->node_list.items[i]);
            nodes += class->vector[c] > node->idle[c] + node->releasing[c];
        }
        if (nodes > 0) {
            text_addf(out, " %zu of %zu nodes lack %s;", nodes, core->node_list.count,
                      core_component_name(core, c));
        }
    }
    /* Nodes by the rule that refuses them, rules in the order in which they are met. */
    const char *names[16] = {NULL};
    size_t counts[16] = {0};
    for (size_t i = 0; i < core->node_list.count; i++) {
        struct core_node *node = core_node_at(core, core->node_list.items[i]);
        if (!core_task_fits(core, node, task, true) || core_predicates(core, task, node)) {
            continue;
        }
        const char *rule = core_refusing_rule(core, task, node);
        size_t at = 0;
        while (at < rules && strcmp(names[at], rule) != 0) {
            at++;
        }
        names[at] = rule;
        counts[at]++;
        rules += at == rules;
    }
    for (size_t i = 0; i < rules; i++) {
        text_addf(out, " %zu nodes have room but are refused by %s;", counts[i], names[i]);
    }
}

static void explain_job(struct core *core, struct core_job *job, struct text *out)
{
    static const char *const RESOURCES[] = {"CPU", "memory", "GPU"};
    if (job->queue == CORE_NONE) {
        text_addf(out, "QueueDoesNotExist: %s", core_text_get(core, job->queue_name));
        return;
    }
    if (!core_job_ready(&job->view)) {
        text_add(out, "NotReady: fewer tasks than the minimum");
        return;
    }
    /* A chunk that nobody asked for yet must not be kept: that would change decisions [Q3]. */
    const bool known = job->view.chunk_known;
    core_view_chunk(core, &job->view, true);
    double asked[3];
    core_chunk_amounts(core, job->view.chunk.items, job->view.chunk.count, asked);
    job->view.chunk_known = known;
    struct core_verdict verdict = core_check_capacity(core, job, asked, false);
    if (verdict.refusal != CORE_FITS) {
        const struct core_share *share = &core_queue_at(core, verdict.queue)->share;
        bool limit = verdict.refusal == CORE_OVER_LIMIT;
        text_addf(out, "%s: queue %s may use %g %s, uses %g, and the job asks %g",
                  limit ? "OverLimit" : "NonPreemptibleOverQuota",
                  core_queue_name(core, verdict.queue),
                  limit ? share->limit[verdict.resource] : share->deserved[verdict.resource],
                  RESOURCES[verdict.resource],
                  limit ? share->allocated[verdict.resource] : share->np[verdict.resource],
                  verdict.asked);
        return;
    }
    if (core_in_delay(job, core->now_ns)) {
        text_add(out, "PreemptionDelayNotElapsed; ");
    }
    text_add(out, "PodSchedulingErrors");
}

void core_explain(const struct core *core, uint32_t job, uint32_t task, struct text *out)
{
    /* Looking fills caches of the session, which belong to the caller's own core. */
    union {
        const struct core *in;
        struct core *out;
    } same = {core};
    if (task != CORE_NONE) {
        explain_task(same.out, task, out);
    } else {
        explain_job(same.out, core_job_at(core, job), out);
    }
}
