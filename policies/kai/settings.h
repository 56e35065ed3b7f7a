/*
 * settings.h - what users can tell the policy `kai`, named as users of the KAI scheduler know it.
 */
#ifndef KAI_SETTINGS_H
#define KAI_SETTINGS_H

#include "policies/core/core.h"
#include "sim/base/param.h"

enum kai_strategy { KAI_BINPACK, KAI_SPREAD };
enum kai_resolve { KAI_LCA, KAI_QUEUE };
enum kai_quotas { KAI_QUOTAS_NONE, KAI_QUOTAS_EQUAL, KAI_QUOTAS_DEMAND };
enum kai_window { KAI_SLIDING, KAI_TUMBLING };

/* The plugins that may be switched off one by one. */
enum kai_plugin {
    KAI_PLUGIN_PRIORITY,
    KAI_PLUGIN_ELASTIC,
    KAI_PLUGIN_AVAILABILITY,
    KAI_PLUGIN_SHARING_ORDER,
    KAI_PLUGIN_PACK,
    KAI_PLUGIN_RESOURCE_TYPE,
    KAI_PLUGIN_PLACEMENT,
    KAI_PLUGIN_MIN_RUNTIME,
    KAI_PLUGIN_TOPOLOGY,
    KAI_PLUGIN_NODE_LOCAL,
    KAI_PLUGIN_MULTI_NODE,
    KAI_PLUGIN_COUNT
};

struct kai_settings {
    int64_t period_us;
    int64_t bind_latency_us;
    int64_t grace_us;
    int64_t max_preemptees;
    int64_t staleness_us;
    bool use_signatures;
    bool full_hierarchy;
    bool consolidating_reclaim;
    double k;
    double saturation;
    int gpu;     /* enum kai_strategy */
    int cpu;     /* same */
    int resolve; /* enum kai_resolve */
    int64_t reclaim_min_us;
    int64_t preempt_min_us;
    int64_t depth[CORE_ACTION_COUNT];
    bool action_on[CORE_ACTION_COUNT];
    bool plugin_on[KAI_PLUGIN_COUNT];
    bool usage;
    int window; /* enum kai_window */
    int64_t window_us;
    int64_t half_life_us;
    int64_t resolution_us;
    int64_t fetch_us;
    int quotas; /* enum kai_quotas */
    bool skip_idle;
    bool rebuild;
    int64_t steps_at_us; /* PARAM_NEVER_US: no cycle tells its steps */
};

extern const struct param_spec kai_params[];

/* A core with these settings and nothing in it; the caller frees it. */
struct core *kai_core_new(const struct kai_settings *settings);

#endif
