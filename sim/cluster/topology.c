/* topology.c - see topology.h. A domain is known by its parent's number and its own label. */
#include "sim/cluster/topology.h"

#include "sim/base/check.h"
#include "sim/base/mem.h"
#include "sim/base/text.h"

static const char *find_label(const struct pool *pool, const char *key)
{
    for (uint32_t i = 0; i < pool->label_count; i++) {
        if (strcmp(pool->labels[i].key, key) == 0) {
            return pool->labels[i].value;
        }
    }
    return NULL;
}

/* The domain of a pool's nodes on a level, added if it is new. `parent` is the domain of the level
 * above, or NULL on the first level; `known` has a name for each domain of the level. */
static uint32_t domain_of(struct cluster *cluster, struct level *level, struct names *known,
                          const struct pool *pool, uint32_t parent)
{
    const char *value = find_label(pool, level->label);
    bool is_first_level = level == &cluster->levels[0];
    if (value == NULL || (!is_first_level && parent == DOMAIN_NONE)) {
        return DOMAIN_NONE;
    }
    struct text name = {0};
    text_addf(&name, "%u/", is_first_level ? 0U : parent);
    text_add(&name, value);
    bool is_new = false;
    uint32_t number = names_add(known, (struct view){name.bytes, name.length}, &is_new);
    if (is_new) {
        text_clear(&name);
        if (!is_first_level) {
            text_add(&name, (level - 1)->domains.items[parent].name);
            text_add_char(&name, '/');
        }
        text_add(&name, value);
        const char *joined = arena_copy_text(&cluster->arena, name.bytes, name.length);
        struct domain domain = {.name = joined, .first_node = pool->first_node};
        vec_push(&level->domains, domain);
        CHECK(level->domains.count == number + 1);
    }
    text_release(&name);
    return number;
}

static void add_nodes(struct cluster *cluster, struct level *level, const struct pool *pool,
                      uint32_t number)
{
    for (uint32_t n = 0; n < pool->node_count; n++) {
        uint32_t node = pool->first_node + n;
        level->domain_of_node[node] = number;
        if (number != DOMAIN_NONE) {
            struct domain *domain = &level->domains.items[number];
            domain->last_node = node;
            domain->node_count++;
            domain->free_gpu_milli += cluster->nodes.items[node].free_gpu_milli;
        }
    }
}

void topology_build(struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->level_count; i++) {
        struct level *level = &cluster->levels[i];
        const struct level *above = i == 0 ? NULL : level - 1;
        struct names known = {0};
        level->domain_of_node = mem_alloc(cluster->nodes.count, sizeof(*level->domain_of_node));
        for (size_t p = 0; p < cluster->pools.count; p++) {
            const struct pool *pool = &cluster->pools.items[p];
            uint32_t parent = above == NULL ? 0 : above->domain_of_node[pool->first_node];
            add_nodes(cluster, level, pool, domain_of(cluster, level, &known, pool, parent));
        }
        names_release(&known);
    }
}

void topology_release(struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->level_count; i++) {
        vec_release(&cluster->levels[i].domains);
        free(cluster->levels[i].domain_of_node);
        cluster->levels[i].domain_of_node = NULL;
    }
}

static void check_domain(const struct cluster *cluster, const struct level *level, uint32_t number)
{
    const struct domain *domain = &level->domains.items[number];
    uint32_t count = 0;
    int64_t milli = 0;
    for (uint32_t node = domain->first_node; node <= domain->last_node; node++) {
        if (level->domain_of_node[node] == number) {
            count++;
            milli += cluster->nodes.items[node].free_gpu_milli;
        }
    }
    CHECK(count == domain->node_count);
    CHECK(milli == domain->free_gpu_milli);
}

void topology_check(const struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->level_count; i++) {
        const struct level *level = &cluster->levels[i];
        for (uint32_t number = 0; number < level->domains.count; number++) {
            check_domain(cluster, level, number);
        }
    }
}
