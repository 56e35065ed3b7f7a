/* candidate.c - see candidate.h. */
#include "sim/plan/candidate.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/base/file.h"
#include "sim/base/json_read.h"
#include "sim/cluster/cluster_file.h"
#include "sim/cluster/pool_supply.h"

/* Nodes of a pool of the file: what the candidate says, or the file itself. */
static int64_t nodes_of(const struct plan_study *study, const struct plan_candidate *candidate,
                        size_t at, const json_t *pool)
{
    for (size_t i = 0; i < study->pools.count; i++) {
        if (study->pools.items[i].at == at) {
            return candidate->nodes[i];
        }
    }
    const json_t *nodes = json_object_get(pool, "nodes");
    return json_is_array(nodes) ? (int64_t)json_array_size(nodes) : json_integer_value(nodes);
}

void plan_ledger_make(const struct plan_study *study, const struct plan_candidate *candidate,
                      const double there[PLAN_MOST_METERED], plan_ledger *out)
{
    const json_t *pools = json_object_get(study->cluster, "pools");
    size_t metered = 0;
    for (size_t i = 0; i < study->prices.count; i++) {
        const struct plan_price *price = &study->prices.items[i];
        struct plan_charge charge = {
            price, (double)nodes_of(study, candidate, i, json_array_get(pools, i))};
        if (price->is_metered) {
            charge.nodes = there[metered++];
        }
        if (charge.nodes > 0) {
            vec_push(out, charge);
        }
    }
}

void plan_candidate_set_spend(const struct plan_study *study, struct plan_candidate *candidate)
{
    candidate->spend = study->least == LEAST_GPUS     ? candidate->gpus
                       : study->least == LEAST_ENERGY ? candidate->power_w
                                                      : (double)candidate->micro_per_hour;
}

struct plan_candidate plan_candidate_of(const struct plan_study *study, const int64_t *nodes,
                                        uint32_t policy)
{
    struct plan_candidate out = {.policy = policy};
    const json_t *pools = json_object_get(study->cluster, "pools");
    for (size_t i = 0; i < study->pools.count; i++) {
        out.nodes[i] = nodes[i];
    }
    for (size_t i = 0; i < study->prices.count; i++) {
        const struct plan_price *price = &study->prices.items[i];
        int64_t count = nodes_of(study, &out, i, json_array_get(pools, i));
        out.micro_per_hour += price->is_metered ? 0 : count * price->micro_per_hour;
        out.gpus += (double)count * price->gpus;
        out.power_w += price->is_metered ? 0 : (double)count * price->idle_w;
    }
    plan_candidate_set_spend(study, &out);
    return out;
}

static void set_shares(json_t *top, const struct queue_share *shares)
{
    json_t *queues = json_object_get(top, "queues");
    for (size_t i = 0; shares != NULL && i < json_array_size(queues); i++) {
        json_t *queue = json_array_get(queues, i);
        if (json_object_get(queue, "gpu") == NULL) {
            json_object_set_new(queue, "gpu", json_object());
        }
        json_t *gpu = json_object_get(queue, "gpu");
        json_object_set_new(gpu, "quota", json_real(shares[i].quota));
        json_object_set_new(gpu, "limit", json_real(shares[i].limit));
        json_object_set_new(gpu, "weight", json_real(shares[i].weight));
    }
}

char *plan_candidate_json(const struct plan_study *study, const struct plan_candidate *candidate)
{
    json_t *top = json_deep_copy(study->cluster);
    json_t *pools = json_object_get(top, "pools");
    for (size_t i = study->pools.count; i > 0; i--) {
        const struct plan_pool *pool = &study->pools.items[i - 1];
        int64_t nodes = candidate->nodes[i - 1];
        if (nodes == 0) {
            (void)json_array_remove(pools, pool->at);
        } else {
            (void)json_object_set_new(json_array_get(pools, pool->at), "nodes",
                                      json_integer(nodes));
        }
    }
    set_shares(top, candidate->shares);
    char *dump = json_dumps(top, JSON_REAL_PRECISION(15));
    CHECK(dump != NULL);
    json_decref(top);
    return dump;
}

/* "at pools[0]: ..." of the cluster becomes a path of the study. */
static bool relocate(struct err *err)
{
    struct err inner = *err;
    bool has_path = strncmp(inner.msg, "at ", 3) == 0;
    return err_set(err, inner.code, 0, "at cluster%s%s", has_path ? "." : ": ",
                   inner.msg + (has_path ? 3 : 0));
}

bool plan_candidate_cluster(const struct plan_study *study, const struct plan_candidate *candidate,
                            struct cluster *out, struct err *err)
{
    char *json = plan_candidate_json(study, candidate);
    struct file file = {.bytes = json, .length = strlen(json)};
    bool ok = cluster_from_json(&file, out, err) || relocate(err);
    free(json);
    return ok;
}

/* -- all of them ----------------------------------------------------------------------------- */

static int compare(const struct plan_study *study, const struct plan_candidate *a,
                   const struct plan_candidate *b)
{
    if (a->spend < b->spend || a->spend > b->spend) {
        return a->spend < b->spend ? -1 : 1;
    }
    if (a->policy != b->policy) {
        return a->policy < b->policy ? -1 : 1;
    }
    for (size_t i = 0; i < study->pools.count; i++) {
        if (a->nodes[i] != b->nodes[i]) {
            return a->nodes[i] < b->nodes[i] ? -1 : 1;
        }
    }
    return 0;
}

/* Bottom-up merge sort: no two are equal, and the study has to be at hand. */
static void sort(const struct plan_study *study, plan_candidates *list)
{
    struct plan_candidate *from = list->items;
    struct plan_candidate *spare = mem_alloc(list->count, sizeof(*spare));
    struct plan_candidate *to = spare;
    for (size_t width = 1; width < list->count; width *= 2) {
        for (size_t first = 0; first < list->count; first += 2 * width) {
            size_t middle = first + width < list->count ? first + width : list->count;
            size_t end = middle + width < list->count ? middle + width : list->count;
            size_t left = first;
            size_t right = middle;
            for (size_t i = first; i < end; i++) {
                bool takes_left = left < middle &&
                                  (right >= end || compare(study, &from[left], &from[right]) <= 0);
                to[i] = takes_left ? from[left++] : from[right++];
            }
        }
        struct plan_candidate *swap = from;
        from = to;
        to = swap;
    }
    if (from != list->items) {
        memcpy(list->items, from, list->count * sizeof(*from));
    }
    free(spare);
}

/* The next vector of node counts, the last pool first; false after the last one. */
static bool next_nodes(const struct plan_study *study, int64_t *nodes)
{
    for (size_t i = study->pools.count; i > 0; i--) {
        const struct plan_pool *pool = &study->pools.items[i - 1];
        nodes[i - 1] += pool->step;
        if (nodes[i - 1] <= pool->most) {
            return true;
        }
        nodes[i - 1] = pool->least;
    }
    return false;
}

static int64_t all_nodes(const struct plan_study *study, const struct plan_candidate *candidate)
{
    const json_t *pools = json_object_get(study->cluster, "pools");
    int64_t sum = 0;
    for (size_t i = 0; i < json_array_size(pools); i++) {
        sum += nodes_of(study, candidate, i, json_array_get(pools, i));
    }
    return sum;
}

/* The first pool of this name: all that come of one pool of the file are alike. */
static const struct pool *find_pool(const struct cluster *cluster, const char *name)
{
    for (size_t i = 0; i < cluster->pools.count; i++) {
        if (strcmp(cluster->pools.items[i].name, name) == 0) {
            return &cluster->pools.items[i];
        }
    }
    CHECK_NEVER("a pool of the file that the cluster was made of");
}

static bool is_metered(const struct pool *pool)
{
    const struct pool_supply *supply = pool->supply;
    return supply != NULL && (supply->elastic.given || supply->spot.mean_up_us > 0 ||
                              supply->arrives_us > 0 || supply->leaves_us < INT64_MAX);
}

/* Of all nodes that there may be, in an hour: millionths of it are whole numbers in 64 bits. */
#define MOST_PRICE 1e12

/* `largest` has as many nodes as there may be, and `cluster` is made of it. */
static bool take_prices(struct plan_study *study, const struct plan_candidate *largest,
                        const struct cluster *cluster, struct err *err)
{
    const json_t *pools = json_object_get(study->cluster, "pools");
    size_t metered = 0;
    double sum = 0;
    for (size_t i = 0; i < json_array_size(pools); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(pools, i), "name"));
        const struct pool *pool = find_pool(cluster, name);
        sum += pool->price_per_hour * (double)nodes_of(study, largest, i, json_array_get(pools, i));
        if (sum > MOST_PRICE) {
            return err_set(err, ERR_FORMAT, 0,
                           "at cluster.pools[%zu].price_per_hour: all nodes together are %g, "
                           "expected at most %g",
                           i, sum, MOST_PRICE);
        }
        struct plan_price price = {
            .name = name,
            .micro_per_hour = llround(pool->price_per_hour * 1e6),
            .gpus = pool->gpu_count,
            .is_metered = is_metered(pool),
        };
        metered += price.is_metered ? 1 : 0;
        vec_push(&study->prices, price);
    }
    return metered <= PLAN_MOST_METERED ||
           err_set(err, ERR_FORMAT, 0,
                   "at cluster.pools: %zu are there for a part of the time, expected at most %d",
                   metered, PLAN_MOST_METERED);
}

/* Every pool of the file is read once, with the most nodes it may have. */
bool plan_prices_read(struct plan_study *study, struct err *err)
{
    struct plan_candidate largest = {0};
    for (size_t i = 0; i < study->pools.count; i++) {
        largest.nodes[i] = study->pools.items[i].most;
    }
    struct cluster cluster;
    if (!plan_candidate_cluster(study, &largest, &cluster, err)) {
        return false;
    }
    bool ok = take_prices(study, &largest, &cluster, err);
    cluster_release_all(&cluster);
    return ok;
}

bool plan_candidates_make(const struct plan_study *study, plan_candidates *out, struct err *err)
{
    int64_t nodes[PLAN_MOST_POOLS] = {0};
    for (size_t i = 0; i < study->pools.count; i++) {
        nodes[i] = study->pools.items[i].least;
    }
    do {
        for (uint32_t policy = 0; policy < study->policies.count; policy++) {
            struct plan_candidate candidate = plan_candidate_of(study, nodes, policy);
            if ((double)candidate.micro_per_hour <= study->budget_per_hour * 1e6 &&
                all_nodes(study, &candidate) > 0) {
                vec_push(out, candidate);
            }
        }
    } while (next_nodes(study, nodes));
    if (out->count == 0) {
        return err_set(err, ERR_FORMAT, 0,
                       "at objective.budget_per_hour: no candidate costs so "
                       "little");
    }
    sort(study, out);
    return true;
}

void plan_candidate_add_words(struct text *out, const struct plan_study *study,
                              const struct plan_candidate *candidate)
{
    for (size_t i = 0; i < study->pools.count; i++) {
        if (candidate->nodes[i] > 0) {
            text_addf(out, "%lld x %s, ", (long long)candidate->nodes[i],
                      study->pools.items[i].name);
        }
    }
    text_add(out, study->policies.items[candidate->policy]);
}

bool plan_candidate_covers(const struct plan_study *study, const struct plan_candidate *a,
                           const struct plan_candidate *b)
{
    bool covers = a->policy == b->policy && a->shares == b->shares;
    for (size_t i = 0; i < study->pools.count; i++) {
        covers = covers && a->nodes[i] >= b->nodes[i];
    }
    return covers;
}
