/* settings.c - see settings.h. */
#include "policies/kai/settings.h"

#include "sim/base/text.h"

#define AT(field) offsetof(struct kai_settings, field)

#define SECONDS(key, field, standard, text)                                                        \
    {                                                                                              \
        .name = (key), .type = PARAM_SECONDS, .offset = AT(field), .dflt = (standard), .min = 0,   \
        .max = 1e9, .help = (text)                                                                 \
    }
#define FLAG(key, field, standard, text)                                                           \
    {                                                                                              \
        .name = (key), .type = PARAM_BOOL, .offset = AT(field), .dflt = (standard), .help = (text) \
    }
#define DEPTH(key, action)                                                                         \
    {                                                                                              \
        .name = (key), .type = PARAM_I64, .offset = AT(depth[action]), .dflt = "0", .min = 0,      \
        .max = 1e9, .help = "jobs tried per leaf queue in this action; 0: all"                     \
    }
#define PLUGIN(key, plugin) FLAG(key, plugin_on[plugin], "true", "whether this plugin takes part")

const struct param_spec kai_params[] = {
    {.name = "schedule-period",
     .type = PARAM_SECONDS,
     .offset = AT(period_us),
     .dflt = "1",
     .min = 0.001,
     .max = 1e6,
     .help = "seconds between scheduling cycles"},
    SECONDS("bind-latency", bind_latency_us, "0", "seconds from a decision to a running task"),
    SECONDS("grace-period", grace_us, "0", "seconds that evicted tasks hold their GPUs"),
    {.name = "kValue",
     .type = PARAM_F64,
     .offset = AT(k),
     .dflt = "1",
     .min = 0,
     .max = 1e6,
     .help = "how strongly past usage moves over-quota shares"},
    {.name = "relcaimerSaturationMultiplier",
     .type = PARAM_F64,
     .offset = AT(saturation),
     .dflt = "1",
     .min = 1,
     .max = 1e6,
     .help = "how much less saturated a reclaiming queue has to stay (spelt as in KAI)"},
    {.name = "gpu",
     .type = PARAM_CHOICE,
     .offset = AT(gpu),
     .dflt = "binpack",
     .choices = "binpack|spread",
     .help = "placement strategy of tasks with GPUs"},
    {.name = "cpu",
     .type = PARAM_CHOICE,
     .offset = AT(cpu),
     .dflt = "binpack",
     .choices = "binpack|spread",
     .help = "placement strategy of tasks without GPUs"},
    SECONDS("defaultReclaimMinRuntime", reclaim_min_us, "0",
            "seconds that a job runs before other queues may reclaim it"),
    SECONDS("defaultPreemptMinRuntime", preempt_min_us, "0",
            "seconds that a job runs before its queue may preempt it"),
    {.name = "reclaimResolveMethod",
     .type = PARAM_CHOICE,
     .offset = AT(resolve),
     .dflt = "lca",
     .choices = "lca|queue",
     .help = "whose minimum runtime protects from reclaim"},
    {.name = "max-consolidation-preemptees",
     .type = PARAM_I64,
     .offset = AT(max_preemptees),
     .dflt = "16",
     .min = -1,
     .max = 1e9,
     .help = "jobs that a consolidation may move; -1: any number, 0: no consolidation"},
    {.name = "default-staleness-grace-period",
     .type = PARAM_SECONDS,
     .offset = AT(staleness_us),
     .dflt = "60",
     .help = "seconds that a gang below its minimum stays; inf: for ever"},
    FLAG("use-scheduling-signatures", use_signatures, "true",
         "skip jobs that are no easier than one that failed in the cycle"),
    FLAG("full-hierarchy-fairness", full_hierarchy, "true",
         "divide over all levels of queues, not only the lowest"),
    FLAG("allow-consolidating-reclaim", consolidating_reclaim, "true",
         "victims of a reclaim that find another place do not count"),
    DEPTH("queueDepthPerAction.allocate", CORE_ALLOCATE),
    DEPTH("queueDepthPerAction.consolidation", CORE_CONSOLIDATE),
    DEPTH("queueDepthPerAction.reclaim", CORE_RECLAIM),
    DEPTH("queueDepthPerAction.preempt", CORE_PREEMPT),
    FLAG("consolidation", action_on[CORE_CONSOLIDATE], "true",
         "whether the action runs; never when GPUs or CPUs are spread"),
    FLAG("reclaim", action_on[CORE_RECLAIM], "true", "whether the action runs"),
    FLAG("preempt", action_on[CORE_PREEMPT], "true", "whether the action runs"),
    FLAG("stalegangeviction", action_on[CORE_EVICT_STALE], "true", "whether the action runs"),
    PLUGIN("plugin.priority", KAI_PLUGIN_PRIORITY),
    PLUGIN("plugin.elastic", KAI_PLUGIN_ELASTIC),
    PLUGIN("plugin.nodeavailability", KAI_PLUGIN_AVAILABILITY),
    PLUGIN("plugin.gpusharingorder", KAI_PLUGIN_SHARING_ORDER),
    PLUGIN("plugin.gpupack", KAI_PLUGIN_PACK),
    PLUGIN("plugin.resourcetype", KAI_PLUGIN_RESOURCE_TYPE),
    PLUGIN("plugin.nodeplacement", KAI_PLUGIN_PLACEMENT),
    PLUGIN("plugin.minruntime", KAI_PLUGIN_MIN_RUNTIME),
    PLUGIN("plugin.topology", KAI_PLUGIN_TOPOLOGY),
    PLUGIN("plugin.sg-nodelocalgreedy", KAI_PLUGIN_NODE_LOCAL),
    PLUGIN("plugin.sg-multinodegang", KAI_PLUGIN_MULTI_NODE),
    FLAG("usage", usage, "false", "time-based fair share: weigh queues by their past usage"),
    {.name = "windowType",
     .type = PARAM_CHOICE,
     .offset = AT(window),
     .dflt = "sliding",
     .choices = "sliding|tumbling",
     .help = "the last windowSize, or since its last multiple"},
    {.name = "windowSize",
     .type = PARAM_SECONDS,
     .offset = AT(window_us),
     .dflt = "604800",
     .min = 1,
     .max = 1e9,
     .help = "seconds of past usage that count"},
    SECONDS("halfLifePeriod", half_life_us, "0", "seconds after which usage counts half; 0: never"),
    {.name = "queryResolution",
     .type = PARAM_SECONDS,
     .offset = AT(resolution_us),
     .dflt = "60",
     .min = 0.001,
     .max = 1e6,
     .help = "seconds between samples of usage"},
    {.name = "fetchInterval",
     .type = PARAM_SECONDS,
     .offset = AT(fetch_us),
     .dflt = "60",
     .min = 0.001,
     .max = 1e6,
     .help = "seconds between looks at the usage"},
    {.name = "quotas",
     .type = PARAM_CHOICE,
     .offset = AT(quotas),
     .dflt = "equal",
     .choices = "none|equal|demand",
     .help = "of the trace's queues, when the cluster names none: 0, equal, as their jobs ask"},
    FLAG("skip-idle-cycles", skip_idle, "true",
         "leave cycles out that cannot decide anything; decisions are the same"),
    FLAG("rebuild", rebuild, "false",
         "make the core anew for every cycle (a check; decisions are the same)"),
    {.name = "steps-at",
     .type = PARAM_SECONDS,
     .offset = AT(steps_at_us),
     .dflt = "inf",
     .min = 0,
     .max = 1e12,
     .help = "the cycle at this time tells its steps to the decision log"},
    {.name = NULL},
};

/* In the order of the scheduler's configuration; those without a number are always on. */
struct plugin_entry {
    const char *name;
    int number; /* enum kai_plugin, or -1 */
};
static const struct plugin_entry PLUGINS[] = {
    {"predicates", -1},
    {"proportion", -1},
    {"priority", KAI_PLUGIN_PRIORITY},
    {"elastic", KAI_PLUGIN_ELASTIC},
    {"kubeflow", -1},
    {"ray", -1},
    {"nodeavailability", KAI_PLUGIN_AVAILABILITY},
    {"gpusharingorder", KAI_PLUGIN_SHARING_ORDER},
    {"gpupack", KAI_PLUGIN_PACK},
    {"resourcetype", KAI_PLUGIN_RESOURCE_TYPE},
    {"subgrouporder", -1},
    {"taskorder", -1},
    {"nominatednode", -1},
    {"dynamicresources", -1},
    {"nodeplacement", KAI_PLUGIN_PLACEMENT},
    {"minruntime", KAI_PLUGIN_MIN_RUNTIME},
    {"topology", KAI_PLUGIN_TOPOLOGY},
    {"sg-nodelocalgreedy", KAI_PLUGIN_NODE_LOCAL},
    {"sg-multinodegang", KAI_PLUGIN_MULTI_NODE},
};
enum { PLUGIN_ENTRIES = sizeof(PLUGINS) / sizeof(*PLUGINS) };

/* GPUs that are spread take the other rule for shared GPUs, as the operator configures it. */
static size_t list_plugins(const struct kai_settings *settings, const char **names)
{
    bool spread = settings->gpu == KAI_SPREAD;
    size_t count = 0;
    for (size_t i = 0; i < PLUGIN_ENTRIES; i++) {
        int number = PLUGINS[i].number;
        if (number >= 0 && !settings->plugin_on[number]) {
            continue;
        }
        if (spread && number == KAI_PLUGIN_SHARING_ORDER) {
            continue;
        }
        names[count++] = spread && number == KAI_PLUGIN_PACK ? "gpuspread" : PLUGINS[i].name;
    }
    return count;
}

static void set_number(struct core *core, const char *key, double value)
{
    struct text text = {0};
    text_addf(&text, "%.17g", value);
    core_set_argument(core, "proportion", key, text.bytes);
    text_release(&text);
}

/* As a Go duration, in microseconds. */
static void set_duration(struct core *core, const char *key, int64_t us)
{
    struct text text = {0};
    text_add_i64(&text, us);
    text_add(&text, "us");
    core_set_argument(core, "minruntime", key, text.bytes);
    text_release(&text);
}

struct core *kai_core_new(const struct kai_settings *settings)
{
    const char *names[PLUGIN_ENTRIES];
    size_t count = list_plugins(settings, names);
    struct core_settings core_settings = {
        .plugins = {names, count},
        .max_preemptees = settings->max_preemptees,
        .staleness_grace_ns =
            settings->staleness_us == PARAM_NEVER_US ? -1 : settings->staleness_us * 1000,
        .use_signatures = settings->use_signatures,
        .no_consolidating_reclaim = !settings->consolidating_reclaim,
    };
    memcpy(core_settings.depth, settings->depth, sizeof(core_settings.depth));
    struct core *core = core_new(&core_settings);
    core_set_argument(core, "nodeplacement", "gpu",
                      settings->gpu == KAI_SPREAD ? "spread" : "binpack");
    core_set_argument(core, "nodeplacement", "cpu",
                      settings->cpu == KAI_SPREAD ? "spread" : "binpack");
    core_set_argument(core, "minruntime", "reclaimResolveMethod",
                      settings->resolve == KAI_QUEUE ? "queue" : "lca");
    set_number(core, "kValue", settings->k);
    set_number(core, "relcaimerSaturationMultiplier", settings->saturation);
    set_duration(core, "defaultReclaimMinRuntime", settings->reclaim_min_us);
    set_duration(core, "defaultPreemptMinRuntime", settings->preempt_min_us);
    return core;
}
