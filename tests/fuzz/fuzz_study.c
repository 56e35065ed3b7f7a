/*
 * fuzz_study.c - studies of capacity and of quotas: any bytes are read or refused with a reason;
 * what is read has candidates in order, each with a price and a cluster, or a reason why not.
 */
#include <math.h>

#include "sim/base/check.h"
#include "sim/cluster/cluster_file.h"
#include "sim/plan/candidate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Clusters beyond this take too long to try many of them; of candidates, a few are looked at. */
enum { MOST_NODES = 2000, LOOKED_AT = 20 };

static void check_study(const struct plan_study *study)
{
    CHECK(study->pools.count <= PLAN_MOST_POOLS);
    for (size_t i = 0; i < study->pools.count; i++) {
        const struct plan_pool *pool = &study->pools.items[i];
        CHECK(pool->least >= 0 && pool->least <= pool->most && pool->step > 0);
    }
    CHECK(study->scenarios.count > 0 && study->policies.count > 0);
    for (size_t i = 0; i < study->scenarios.count; i++) {
        const struct plan_scenario *scenario = &study->scenarios.items[i];
        CHECK(isfinite(scenario->weight) && scenario->weight >= 0);
        CHECK(isfinite(scenario->factor) && scenario->factor > 0);
        CHECK(isfinite(scenario->durations) && scenario->durations > 0);
    }
    CHECK(study->confidence > 0 && study->confidence < 1 && study->replications > 0);
    CHECK(isfinite(study->growth) && isfinite(study->years) && study->years >= 0);
}

static int64_t all_nodes(const struct plan_study *study, const struct plan_candidate *candidate)
{
    int64_t sum = 0;
    const json_t *pools = json_object_get(study->cluster, "pools");
    for (size_t i = 0; i < json_array_size(pools); i++) {
        const json_t *nodes = json_object_get(json_array_get(pools, i), "nodes");
        sum += json_is_array(nodes) ? (int64_t)json_array_size(nodes) : json_integer_value(nodes);
    }
    for (size_t i = 0; i < study->pools.count; i++) {
        sum += candidate->nodes[i];
    }
    return sum;
}

static void check_candidate(const struct plan_study *study, const struct plan_candidate *candidate)
{
    struct text words = {0};
    struct err err = {0};
    struct cluster cluster;
    plan_candidate_add_words(&words, study, candidate);
    CHECK(words.length > 0 && isfinite(candidate->spend));
    CHECK(plan_candidate_covers(study, candidate, candidate));
    text_release(&words);
    if (all_nodes(study, candidate) > MOST_NODES) {
        return;
    }
    if (plan_candidate_cluster(study, candidate, &cluster, &err)) {
        CHECK(cluster.nodes.count > 0);
        cluster_release_all(&cluster);
    } else {
        CHECK(err.msg[0] != '\0');
    }
}

/* Prices are read by plan_study_read; the list is in order of spend. */
static void check_candidates(const struct plan_study *study)
{
    plan_candidates list = {0};
    struct err err = {0};
    if (!plan_candidates_make(study, &list, &err)) {
        CHECK(err.msg[0] != '\0');
        return;
    }
    CHECK(list.count > 0 && list.count <= PLAN_MOST_CANDIDATES);
    for (size_t i = 0; i < list.count; i++) {
        CHECK(i == 0 || list.items[i].spend >= list.items[i - 1].spend);
        if (i < LOOKED_AT) {
            check_candidate(study, &list.items[i]);
        }
    }
    vec_release(&list);
}

static void read_as(const char *text, size_t size, enum plan_kind kind)
{
    struct plan_study study;
    struct err err = {0};
    if (!plan_study_read(text, size, kind, &study, &err)) {
        CHECK(err.code != ERR_NONE && err.msg[0] != '\0');
        return;
    }
    check_study(&study);
    if (kind == PLAN_OF_NODES) {
        check_candidates(&study);
    }
    plan_study_release(&study);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = mem_copy_text((const char *)data, size);
    read_as(bytes, size, PLAN_OF_NODES);
    read_as(bytes, size, PLAN_OF_QUOTAS);
    free(bytes);
    return 0;
}
