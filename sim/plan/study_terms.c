/* study_terms.c - what the catalogue says of a study's pools; see study_parts.h. */
#include "sim/base/check.h"
#include "sim/base/json_read.h"
#include "sim/cluster/catalogue_cost.h"
#include "sim/plan/study_parts.h"

static const int64_t HOURS_A_MONTH = 730;

/* Of a pool of the study's cluster that names a node type. */
struct terms_at {
    const struct catalogue *catalogue;
    const json_t *pool;
    const struct catalogue_node *node;
    const struct catalogue_pool *kind; /* NULL: not told */
    char path[JSON_PATH_MOST];
};

/* Watts of a node and of each of its busy GPUs, with what the building takes. */
static void take_power(const struct terms_at *at, struct plan_price *price)
{
    const struct catalogue_gpu *gpu = &at->catalogue->gpus.items[at->node->gpu];
    double pue = at->kind == NULL || at->kind->pue_ppm == 0 ? 1 : (double)at->kind->pue_ppm / 1e6;
    double gpus = at->node->gpu_count;
    price->idle_w = pue * ((double)at->node->rest_mw + gpus * (double)gpu->idle_mw) / 1000;
    price->busy_w = pue * gpus * (double)(gpu->busy_mw - gpu->idle_mw) / 1000;
}

static bool check_blocks(const struct plan_study *study, const struct terms_at *at, size_t number,
                         struct err *err)
{
    int64_t block = at->kind == NULL ? 0 : at->kind->block_nodes;
    if (block < 2) {
        return true;
    }
    for (size_t i = 0; i < study->pools.count; i++) {
        const struct plan_pool *pool = &study->pools.items[i];
        if (pool->at == number && (pool->least % block != 0 || pool->step % block != 0)) {
            return err_set(err, ERR_FORMAT, 0,
                           "at %s.nodes: from %lld by %lld, expected multiples of %lld: %s are "
                           "rented in blocks",
                           at->path, (long long)pool->least, (long long)pool->step,
                           (long long)block, at->kind->name);
        }
    }
    return true;
}

static bool check_months(const struct plan_study *study, const struct terms_at *at, struct err *err)
{
    int64_t hours = at->kind == NULL ? 0 : at->kind->months * HOURS_A_MONTH;
    return study->hours >= (double)hours ||
           err_set(err, ERR_FORMAT, 0,
                   "at hours: %g, expected at least %lld: %s of %s is paid for %lld months",
                   study->hours, (long long)hours, at->kind->name, at->path,
                   (long long)at->kind->months);
}

static bool read_one(struct plan_study *study, const struct catalogue *catalogue, size_t number,
                     struct err *err)
{
    struct terms_at at = {.catalogue = catalogue};
    at.pool = json_array_get(json_object_get(study->cluster, "pools"), number);
    json_path(at.path, "cluster", "pools", (long)number);
    const char *type = json_string_value(json_object_get(at.pool, "node_type"));
    const char *kind = json_string_value(json_object_get(at.pool, "pool_kind"));
    at.node = type == NULL ? NULL : catalogue_find_node(catalogue, type);
    at.kind = kind == NULL ? NULL : catalogue_find_pool(catalogue, kind);
    if (at.node == NULL) {
        return study->least != LEAST_ENERGY ||
               json_unexpected(at.path, "node_type", NULL,
                               "one of the catalogue, whose power is known", err);
    }
    take_power(&at, &study->prices.items[number]);
    return check_blocks(study, &at, number, err) && check_months(study, &at, err);
}

bool study_read_terms(struct plan_study *study, struct err *err)
{
    struct catalogue catalogue;
    const json_t *document = json_object_get(study->cluster, "catalogue");
    catalogue_init(&catalogue);
    bool ok = document == NULL || catalogue_add(&catalogue, document, "cluster.catalogue", err);
    for (size_t i = 0; ok && i < study->prices.count; i++) {
        ok = read_one(study, &catalogue, i, err);
    }
    catalogue_release(&catalogue);
    return ok;
}
