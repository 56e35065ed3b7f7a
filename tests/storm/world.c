/* world.c - see world.h. */
#include "world.h"

#include <string.h>

#include "sim/base/rng.h"
#include "sim/place.h"
#include "sim/sched.h"

/* What a world may have; each is there with a chance of a half. */
enum feature {
    GANGS = 1 << 0,
    FRACTIONS = 1 << 1,
    GPU_MEMORY_SHARES = 1 << 2,
    MIG = 1 << 3,
    CPUS = 1 << 4,
    MODELS = 1 << 5,
    TOPOLOGY = 1 << 6,
    ELASTIC = 1 << 7,
    PRIORITIES = 1 << 8,
    NOT_PREEMPTIBLE = 1 << 9,
    WRONG_ESTIMATES = 1 << 10,
    QUEUES = 1 << 11,
    COSTS = 1 << 12,
    PASSES = 1 << 13,
    HORIZON = 1 << 14,
    CLIP = 1 << 15,
    TIES = 1 << 16, /* whole seconds, many submits at one time */
    CHECKPOINTS = 1 << 17,
    ISOLATED = 1 << 18,
    LARGE = 1 << 19, /* jobs that may not fit at all */
    FEATURES = 20,
};

/* The core has more to go wrong than the other policies. */
enum { KAI_ONE_IN = 6, PLAIN_ONE_IN = 5, SUPPLY_ONE_IN = 4 };

struct draw {
    gsl_rng *random;
    gsl_rng *supply; /* of nodes that come and go: other worlds stay as they are without them */
    bool changes;
    uint32_t features;
    uint32_t queues;
    uint32_t pools;
    bool is_kai;
    bool is_plain;            /* a world for the reference engine */
    uint32_t fraction_one_in; /* jobs */
};

static uint32_t below(struct draw *draw, uint32_t most)
{
    return (uint32_t)gsl_rng_uniform_int(draw->random, most);
}

/* The same of the numbers for supply. */
static uint32_t below_supply(struct draw *draw, uint32_t most)
{
    return (uint32_t)gsl_rng_uniform_int(draw->supply, most);
}

static bool has(const struct draw *draw, enum feature feature)
{
    return (draw->features & (uint32_t)feature) != 0;
}

static bool chance(struct draw *draw, enum feature feature, uint32_t one_in)
{
    bool hit = below(draw, one_in) == 0;
    return has(draw, feature) && hit;
}

/* -- cluster --------------------------------------------------------------------------------- */

static void add_pool_supply(struct draw *draw, uint32_t nodes, struct text *out)
{
    uint32_t kind = below_supply(draw, 9);
    uint32_t a = below_supply(draw, 300);
    uint32_t b = 1 + below_supply(draw, 300);
    if (kind == 0) {
        text_addf(out, ", \"arrives_s\": %u", a);
    } else if (kind == 1) {
        text_addf(out, ", \"leaves_s\": %u", a + 1);
    } else if (kind == 2) {
        text_addf(out, ", \"maintenance\": [{\"from_s\": %u, \"to_s\": %u, \"drain_s\": %u}]", a,
                  a + b, below_supply(draw, 100));
    } else if (kind == 3) {
        text_addf(out, ", \"spot\": {\"mean_up_h\": %.3f, \"mean_away_h\": %.3f}", (double)b / 1000,
                  (double)a / 3000);
    } else if (kind == 4) {
        text_addf(out,
                  ", \"elastic\": {\"demand_gpus\": %u, \"wait_s\": %u, \"start_s\": %u, "
                  "\"idle_s\": %u, \"least_s\": %u, \"most_nodes\": %u}",
                  a % 4, b, a % 30, b % 60, a % 100, 1 + a % nodes);
    }
}

static void add_pool(struct draw *draw, uint32_t number, struct text *out)
{
    static const char *const models[] = {"A100", "H100", "T4"};
    uint32_t nodes = 1 + below(draw, 3);
    uint32_t gpus = 1 + below(draw, 4);
    uint32_t model = below(draw, 3);
    uint32_t cpus = 2 + below(draw, 30);
    bool is_mig = chance(draw, MIG, 3);
    text_addf(out, "%s{\"name\": \"p%u\", \"nodes\": %u, \"gpus\": %u, \"gpu_memory_mib\": %d",
              number > 0 ? ", " : "", number, nodes, gpus, is_mig ? 81920 : 16384);
    if (is_mig) {
        text_add(out, ", \"mig\": [\"1g.10gb\", \"3g.40gb\"]");
    }
    if (has(draw, MODELS)) {
        text_addf(out, ", \"gpu_model\": \"%s\"", models[model]);
    }
    if (has(draw, CPUS)) {
        text_addf(out, ", \"cpus\": %u, \"memory_mib\": %u", cpus, cpus * 1024);
    }
    if (draw->changes) {
        add_pool_supply(draw, nodes, out);
    }
    text_addf(out, ", \"labels\": {\"rack\": \"r%u\", \"team\": \"q%u\"}}", number % 2,
              number % draw->queues);
}

static void add_cluster(struct draw *draw, struct text *out)
{
    text_add(out,
             has(draw, TOPOLOGY) ? "{\"topology\": [\"rack\"], \"pools\": [" : "{\"pools\": [");
    for (uint32_t i = 0; i < draw->pools; i++) {
        add_pool(draw, i, out);
    }
    text_add(out, "]");
    if (has(draw, QUEUES)) {
        text_add(out, ", \"queues\": [{\"name\": \"root\", \"gpu\": {\"quota\": -1, \"limit\": -1, "
                      "\"weight\": 1}}");
        for (uint32_t i = 0; i < draw->queues; i++) {
            uint32_t quota = below(draw, 5);
            uint32_t limit = below(draw, 3) == 0 ? quota + below(draw, 4) : 0;
            uint32_t weight = 1 + below(draw, 3);
            uint32_t priority = below(draw, 3) * 50;
            text_addf(out,
                      ", {\"name\": \"q%u\", \"parent\": \"root\", \"priority\": %u, \"gpu\": "
                      "{\"quota\": %u, \"limit\": %d, \"weight\": %u}}",
                      i, priority, quota, limit > 0 ? (int)limit : -1, weight);
        }
        text_add(out, "]");
    }
    text_add(out, "}\n");
}

/* -- jobs ------------------------------------------------------------------------------------ */

/* "gpus,tasks,min_tasks,gpu_fraction,gpu_memory_mib,mig_profile" */
static void add_shape(struct draw *draw, struct text *out)
{
    uint32_t gpus = 1 + below(draw, chance(draw, LARGE, 6) ? 40 : 6);
    uint32_t tasks = 1 + below(draw, 4);
    uint32_t least = 1 + below(draw, tasks);
    if (chance(draw, FRACTIONS, draw->fraction_one_in)) {
        text_addf(out, "0.%u,,,,,", 1 + below(draw, 9));
    } else if (chance(draw, GPU_MEMORY_SHARES, 4)) {
        text_addf(out, "1,1,,,%u,", 1000 + below(draw, 12000));
    } else if (chance(draw, MIG, 3)) {
        text_addf(out, "1,1,,,,%s", below(draw, 2) == 0 ? "1g.10gb" : "3g.40gb");
    } else if (chance(draw, ELASTIC, 3)) {
        text_addf(out, "%u,%u,%u,,,", tasks * (1 + gpus % 2), tasks, least);
    } else if (chance(draw, GANGS, 2)) {
        text_addf(out, "%u,%u,,,,", tasks * (1 + gpus % 3), tasks);
    } else if (chance(draw, CPUS, 8)) {
        text_add(out, "0,,,,,");
    } else {
        text_addf(out, "%u,,,,,", gpus);
    }
}

static void add_time(struct draw *draw, struct text *out, uint32_t most)
{
    uint32_t whole = below(draw, most);
    uint32_t part = below(draw, 1000);
    if (has(draw, TIES)) {
        text_addf(out, "%u,", whole);
    } else {
        text_addf(out, "%u.%03u,", whole, part);
    }
}

static void add_job(struct draw *draw, uint32_t number, struct text *out)
{
    static const char *const models[] = {"A100", "H100", "T4", "A100|T4"};
    text_addf(out, "j%u,", number);
    add_time(draw, out, has(draw, TIES) ? 60 : 400);
    uint32_t duration = below(draw, 120);
    uint32_t percent = has(draw, WRONG_ESTIMATES) ? 10 + below(draw, 400) : 100 + below(draw, 100);
    text_addf(out, "%u.%u,", duration, has(draw, TIES) ? 0 : below(draw, 10));
    add_shape(draw, out);
    uint32_t queue = below(draw, draw->queues);
    uint32_t user = below(draw, 4);
    text_addf(out, ",q%u,u%u,", queue, user);
    if (chance(draw, CPUS, 2)) {
        uint32_t cpus = 1 + below(draw, 8);
        uint32_t memory = 1 + below(draw, 16);
        text_addf(out, "%u,%u,", cpus, 256 * memory);
    } else {
        text_add(out, ",,");
    }
    text_addf(out, "%s,", chance(draw, MODELS, 4) ? models[below(draw, 4)] : "");
    text_addf(out, "%u,", has(draw, PRIORITIES) ? below(draw, 4) * 50 : 0);
    text_addf(out, "%s,", chance(draw, NOT_PREEMPTIBLE, 3) ? "false" : "true");
    text_addf(out, "%u,", 1 + duration * percent / 100);
    if (chance(draw, CHECKPOINTS, 2)) {
        text_addf(out, "%u", 1 + below(draw, 30));
    }
    text_addf(out, ",%s\n", chance(draw, TOPOLOGY, 5) ? "rack" : "");
}

static void add_jobs(struct draw *draw, struct text *out)
{
    uint32_t count = 1 + below(draw, 24);
    text_add(out, "job_id,submit_s,duration_s,gpus,tasks,min_tasks,gpu_fraction,gpu_memory_mib,"
                  "mig_profile,queue,user,cpus,memory_mib,gpu_model,priority,preemptible,"
                  "estimate_s,checkpoint_s,required_topology\n");
    for (uint32_t i = 0; i < count; i++) {
        add_job(draw, i, out);
    }
}

/* -- policy, rule, settings ------------------------------------------------------------------ */

static void add_word(struct draw *draw, const char *choices, struct text *out)
{
    struct view rest = view_of(choices);
    uint32_t count = 1;
    for (const char *at = choices; (at = strchr(at, '|')) != NULL; at++) {
        count++;
    }
    struct view word = {0};
    for (uint32_t skip = below(draw, count) + 1; skip > 0; skip--) {
        word = view_cut(rest, '|', &rest);
    }
    text_addf(out, "%.*s", VIEW_ARG(word));
}

/* A number that makes a difference in worlds of minutes, or the nearest one allowed. Rounds and
 * leases are longer than what a start and a stop cost together: with shorter ones no job would ever
 * get anywhere. */
static double draw_number(struct draw *draw, const struct param_spec *spec)
{
    static const double seconds[] = {60, 100, 150, 200, 1, 3, 10};
    static const double counts[] = {1, 2, 3, 5};
    static const double parts[] = {0.25, 0.5, 1, 2};
    uint32_t which = below(draw, draw->is_kai ? 7 : 4);
    double drawn = spec->type == PARAM_SECONDS ? seconds[which]
                   : spec->type == PARAM_I64   ? counts[below(draw, 4)]
                                               : parts[below(draw, 4)];
    bool bounded = spec->min < spec->max;
    drawn = bounded && drawn < spec->min ? spec->min : drawn;
    return bounded && drawn > spec->max ? spec->max : drawn;
}

/* A parameter has another value with a chance of a half; a number, of an eighth, or a quarter for
 * kai, whose numbers are about things that do not happen in every world. */
static void add_choices(struct draw *draw, const struct param_spec *specs, struct text *out)
{
    char between = ':';
    for (; specs != NULL && specs->name != NULL; specs++) {
        bool is_number =
            specs->type == PARAM_SECONDS || specs->type == PARAM_I64 || specs->type == PARAM_F64;
        bool sets = below(draw, !is_number ? 2 : draw->is_kai ? 4 : 8) == 0;
        bool is_cost = strcmp(specs->name, "restart") == 0;
        if (!sets || is_cost || specs->type == PARAM_TEXT) {
            continue;
        }
        text_addf(out, "%c%s=", between, specs->name);
        between = ',';
        if (specs->type == PARAM_BOOL) {
            text_add(out, below(draw, 2) == 0 ? "true" : "false");
        } else if (specs->type == PARAM_CHOICE) {
            add_word(draw, specs->choices, out);
        } else {
            text_addf(out, "%.10g", draw_number(draw, specs));
        }
    }
}

static void add_policy(struct draw *draw, struct storm_world *world)
{
    uint32_t policies = 0;
    uint32_t places = 0;
    while (sched_policies[policies] != NULL) {
        policies++;
    }
    while (place_rules[places] != NULL) {
        places++;
    }
    const struct sched_ops *policy = sched_policies[below(draw, policies)];
    if (below(draw, KAI_ONE_IN) == 0) {
        policy = sched_find("kai");
    }
    const struct place_ops *place = place_rules[below(draw, places)];
    if (draw->is_plain) {
        static const char *const orders[] = {"fifo", "sjf", "srtf", "easy"};
        policy = sched_find(orders[below(draw, 4)]);
        place = place_find(below(draw, 2) == 0 ? "first" : "count");
    }
    draw->is_kai = strcmp(policy->name, "kai") == 0;
    text_add(&world->policy, policy->name);
    add_choices(draw, policy->params, &world->policy);
    text_add(&world->place, place->name);
    add_choices(draw, place->params, &world->place);
}

static void add_failures(struct draw *draw, struct text *out)
{
    static const char *const shapes[] = {"", ",shape:0.7", ",shape:2.5"};
    static const char *const units[] = {"node", "gpu", "rack"};
    const char *between = " --failures ";
    for (uint32_t i = 0; i < (has(draw, TOPOLOGY) ? 3U : 2U); i++) {
        uint32_t mtbf_s = 100 + below_supply(draw, 3000);
        uint32_t repair_s = below_supply(draw, 100);
        uint32_t shape = below_supply(draw, 3);
        if (below_supply(draw, 2) == 0) {
            text_addf(out, "%s%s=mtbf:%u,repair:%u%s", between, units[i], mtbf_s, repair_s,
                      shapes[shape]);
            between = ";";
        }
    }
}

static void add_options(struct draw *draw, struct text *out)
{
    static const char *const estimates[] = {"user", "oracle", "noisy:0.7", "lastk:2"};
    uint32_t seed = below(draw, 1000);
    uint32_t kind = below(draw, 4);
    text_addf(out, "--seed %u --estimates %s", seed, estimates[kind]);
    if (has(draw, COSTS)) {
        static const uint32_t most_s[] = {40, 10, 5, 3};
        static const char *const costs[] = {"checkpoint", "restore", "start", "finish"};
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t cost_s = below(draw, most_s[i]);
            text_addf(out, "%s%s=%u", i == 0 ? " --cost " : ",", costs[i], cost_s);
        }
        if (draw->changes && below_supply(draw, 2) == 0) {
            text_addf(out, ",save=%u", 1 + below_supply(draw, 4));
        }
    }
    if (has(draw, PASSES)) {
        uint32_t pass = below(draw, 3);
        text_add(out, pass == 0 ? " --pass event" : pass == 1 ? " --pass period:7" : "");
        text_add(out, below(draw, 2) == 0 ? " --tie submit" : "");
    }
    if (has(draw, HORIZON)) {
        text_addf(out, " --horizon %u", 10 + below(draw, 600));
    }
    if (draw->changes && below_supply(draw, 4) != 0) {
        add_failures(draw, out);
    }
    text_add(out, has(draw, CLIP) ? " --oversize clip" : "");
    text_add(out, has(draw, ISOLATED) && draw->queues <= draw->pools ? " --isolate team" : "");
}

void storm_world_draw(uint64_t seed, struct storm_world *world)
{
    struct draw draw = {.random = rng_new(seed, "storm", 0),
                        .supply = rng_new(seed, "storm.supply", 0)};
    *world = (struct storm_world){0};
    for (uint32_t i = 0; i < FEATURES; i++) {
        draw.features |= below(&draw, 2) << i;
    }
    if (below(&draw, 4) != 0) {
        draw.features &= ~(uint32_t)ISOLATED;
    }
    draw.is_plain = below(&draw, PLAIN_ONE_IN) == 0;
    if (draw.is_plain) {
        draw.features &=
            ~(uint32_t)(FRACTIONS | GPU_MEMORY_SHARES | MIG | TOPOLOGY | CLIP | ISOLATED);
    }
    draw.changes = !has(&draw, ISOLATED) && below_supply(&draw, SUPPLY_ONE_IN) == 0;
    draw.fraction_one_in = 1 + below(&draw, 3);
    draw.queues = 1 + below(&draw, 3);
    draw.pools = 1 + below(&draw, 3);
    add_cluster(&draw, &world->cluster);
    add_jobs(&draw, &world->csv);
    add_policy(&draw, world);
    add_options(&draw, &world->options);
    gsl_rng_free(draw.random);
    gsl_rng_free(draw.supply);
}

void storm_world_release(struct storm_world *world)
{
    text_release(&world->csv);
    text_release(&world->cluster);
    text_release(&world->policy);
    text_release(&world->place);
    text_release(&world->options);
}
