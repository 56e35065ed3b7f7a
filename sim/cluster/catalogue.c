/* catalogue.c - see catalogue.h: the shipped documents, finding entries, where figures are from. */
#include "sim/cluster/catalogue.h"

#include "sim/base/check.h"
#include "sim/base/json_read.h"

#define CATALOGUE(name, ...) static const char document_##name[] = {__VA_ARGS__ 0};
#include "catalogue_list.inc"
#undef CATALOGUE

/* In the order in which they are read. */
static const char *const catalogue_shipped[] = {
#define CATALOGUE(name, ...) document_##name,
#include "catalogue_list.inc"
#undef CATALOGUE
    NULL,
};

const struct work_class_info work_classes[WORK_CLASS_COUNT] = {
    [WORK_TRAINING_DENSE] = {"training_dense", "fp16_tflops",
                             "ratio of peak dense 16-bit matrix operations (FP16 or BF16)"},
    [WORK_TRAINING_MEMORY_BOUND] = {"training_memory_bound", "bandwidth_gb_s",
                                    "ratio of peak memory bandwidth"},
    [WORK_INFERENCE] = {"inference", "inference_tops",
                        "ratio of peak dense 8-bit matrix operations (FP8 or INT8), of 16-bit ones "
                        "where a GPU has no faster"},
    [WORK_HPC_FP64] = {"hpc_fp64", "fp64_tflops",
                       "ratio of peak FP64 operations, matrix or vector, whichever are more"},
};

enum work_class work_class_find(struct view name)
{
    unsigned i = 0;
    while (i < WORK_CLASS_COUNT && !view_is(name, work_classes[i].name)) {
        i++;
    }
    return (enum work_class)i;
}

const char *pool_billing_name(enum pool_billing billing)
{
    static const char *const NAMES[BILLING_COUNT] = {"bought", "held", "up", "blocks"};
    CHECK(billing < BILLING_COUNT);
    return NAMES[billing];
}

void catalogue_init_empty(struct catalogue *catalogue)
{
    *catalogue = (struct catalogue){.currency = "USD"};
}

void catalogue_init(struct catalogue *catalogue)
{
    catalogue_init_empty(catalogue);
    for (const char *const *text = catalogue_shipped; *text != NULL; text++) {
        struct err err = {0};
        json_t *document = json_parse(*text, strlen(*text), &err);
        CHECK(document != NULL);
        bool ok = catalogue_add(catalogue, document, "", &err);
        CHECK(ok);
        json_decref(document);
    }
}

void catalogue_release(struct catalogue *catalogue)
{
    arena_release(&catalogue->arena);
    vec_release(&catalogue->sources);
    vec_release(&catalogue->gpus);
    vec_release(&catalogue->nodes);
    vec_release(&catalogue->pools);
    vec_release(&catalogue->prices);
}

bool catalogue_add_file(struct catalogue *catalogue, const struct file *file, struct err *err)
{
    json_t *document = json_parse(file->bytes, file->length, err);
    if (document == NULL) {
        return false;
    }
    bool ok = catalogue_add(catalogue, document, "", err);
    json_decref(document);
    return ok;
}

const struct catalogue_gpu *catalogue_find_gpu(const struct catalogue *catalogue, const char *name)
{
    for (size_t i = 0; i < catalogue->gpus.count; i++) {
        if (strcmp(catalogue->gpus.items[i].name, name) == 0) {
            return &catalogue->gpus.items[i];
        }
    }
    for (size_t i = 0; i < catalogue->gpus.count; i++) {
        const struct catalogue_gpu *gpu = &catalogue->gpus.items[i];
        for (uint32_t j = 0; j < gpu->alias_count; j++) {
            if (strcmp(gpu->aliases[j], name) == 0) {
                return gpu;
            }
        }
    }
    return NULL;
}

const struct catalogue_node *catalogue_find_node(const struct catalogue *catalogue,
                                                 const char *name)
{
    for (size_t i = 0; i < catalogue->nodes.count; i++) {
        if (strcmp(catalogue->nodes.items[i].name, name) == 0) {
            return &catalogue->nodes.items[i];
        }
    }
    return NULL;
}

const struct catalogue_pool *catalogue_find_pool(const struct catalogue *catalogue,
                                                 const char *name)
{
    for (size_t i = 0; i < catalogue->pools.count; i++) {
        if (strcmp(catalogue->pools.items[i].name, name) == 0) {
            return &catalogue->pools.items[i];
        }
    }
    return NULL;
}

const struct catalogue_price *catalogue_find_price(const struct catalogue *catalogue,
                                                   const struct catalogue_node *node,
                                                   const struct catalogue_pool *pool)
{
    uint32_t node_number = (uint32_t)(node - catalogue->nodes.items);
    uint32_t pool_number = (uint32_t)(pool - catalogue->pools.items);
    CHECK(node_number < catalogue->nodes.count);
    CHECK(pool_number < catalogue->pools.count);
    for (size_t i = 0; i < catalogue->prices.count; i++) {
        const struct catalogue_price *price = &catalogue->prices.items[i];
        if (price->node == node_number && price->pool == pool_number) {
            return price;
        }
    }
    return NULL;
}

const struct catalogue_source *catalogue_source_of(const struct catalogue *catalogue,
                                                   const struct catalogue_cites *cites,
                                                   const char *figure)
{
    for (uint32_t i = 0; i < cites->count; i++) {
        if (strcmp(cites->cites[i].figure, figure) == 0) {
            return &catalogue->sources.items[cites->cites[i].source];
        }
    }
    return &catalogue->sources.items[cites->source];
}
