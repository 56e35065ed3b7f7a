/* shrink.c - see shrink.h. */
#include "sim/shrink/shrink.h"

#include <math.h>
#include <string.h>

#include "sim/base/check.h"
#include "sim/base/parse.h"

static bool happens(struct shrink *shrink)
{
    if (shrink->tries >= shrink->most_tries) {
        return false;
    }
    shrink->tries++;
    return shrink->still(shrink->self, shrink->world);
}

/* -- rows ------------------------------------------------------------------------------------ */

/* Tries the table without rows first .. first + count - 1; true when they are gone. */
static bool drop_rows(struct shrink *shrink, size_t first, size_t count)
{
    struct shrink_table *table = &shrink->world->jobs;
    size_t all = table->rows.count;
    if (count >= all) {
        return false;
    }
    char ***kept = mem_alloc(all, sizeof(*kept));
    char ***whole = table->rows.items;
    size_t left = 0;
    for (size_t i = 0; i < all; i++) {
        if (i < first || i >= first + count) {
            kept[left++] = whole[i];
        }
    }
    table->rows.items = kept;
    table->rows.count = left;
    if (happens(shrink)) {
        for (size_t i = first; i < first + count; i++) {
            for (size_t k = 0; k < table->columns.count; k++) {
                free(whole[i][k]);
            }
            free(whole[i]);
        }
        table->rows.capacity = all;
        free(whole);
        return true;
    }
    table->rows.items = whole;
    table->rows.count = all;
    free(kept);
    return false;
}

static bool shrink_rows(struct shrink *shrink)
{
    bool any = false;
    for (size_t part = shrink->world->jobs.rows.count / 2; part > 0; part /= 2) {
        for (size_t first = 0; first < shrink->world->jobs.rows.count;) {
            size_t left = shrink->world->jobs.rows.count - first;
            bool dropped = drop_rows(shrink, first, part < left ? part : left);
            first += dropped ? 0 : part;
            any = any || dropped;
        }
    }
    return any;
}

/* -- columns and values ---------------------------------------------------------------------- */

static bool is_required(const char *name)
{
    static const char *const names[] = {"job_id", "submit_s", "duration_s", "gpus"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Tries the value; keeps it when it still happens. */
static bool try_value(struct shrink *shrink, char **field, const char *value)
{
    if (strcmp(*field, value) == 0) {
        return false;
    }
    char *old = *field;
    *field = mem_copy_text(value, strlen(value));
    if (happens(shrink)) {
        free(old);
        return true;
    }
    free(*field);
    *field = old;
    return false;
}

/* The column empty in every row: as if it were not there. */
static bool empty_column(struct shrink *shrink, size_t column)
{
    struct shrink_table *table = &shrink->world->jobs;
    VEC(char *) old = {0};
    bool differs = false;
    for (size_t i = 0; i < table->rows.count; i++) {
        vec_push(&old, table->rows.items[i][column]);
        differs = differs || old.items[i][0] != '\0';
        table->rows.items[i][column] = mem_copy_text("", 0);
    }
    bool gone = differs && happens(shrink);
    for (size_t i = 0; i < table->rows.count; i++) {
        if (gone) {
            free(old.items[i]);
        } else {
            free(table->rows.items[i][column]);
            table->rows.items[i][column] = old.items[i];
        }
    }
    vec_release(&old);
    return gone;
}

/* Rounder numbers first: 0, 1, to thousands, hundreds, tens, ones. */
static bool round_value(struct shrink *shrink, char **field)
{
    double number = 0;
    if (parse_f64(view_of(*field), &number) != PARSE_OK || number > 1e15) {
        return false;
    }
    static const double units[] = {1000, 100, 10, 1};
    if (try_value(shrink, field, "0") || try_value(shrink, field, "1")) {
        return true;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        struct text text = {0};
        text_addf(&text, "%.0f", round(number / units[i]) * units[i]);
        bool rounder = strcmp(text.bytes, "0") != 0 && strcmp(text.bytes, "1") != 0 &&
                       strlen(text.bytes) <= strlen(*field) && try_value(shrink, field, text.bytes);
        text_release(&text);
        if (rounder) {
            return true;
        }
    }
    return false;
}

static bool shrink_values(struct shrink *shrink)
{
    struct shrink_table *table = &shrink->world->jobs;
    bool any = false;
    for (size_t column = 0; column < table->columns.count; column++) {
        const char *name = table->columns.items[column];
        if (!is_required(name) && empty_column(shrink, column)) {
            any = true;
            continue;
        }
        for (size_t i = 0; strcmp(name, "job_id") != 0 && i < table->rows.count; i++) {
            char **field = &table->rows.items[i][column];
            bool emptied =
                !is_required(name) && (*field)[0] != '\0' && try_value(shrink, field, "");
            bool is_number = strcmp(*field, "0") != 0 && strcmp(*field, "1") != 0;
            any = (!emptied && is_number && round_value(shrink, field)) || emptied || any;
        }
    }
    return any;
}

/* Columns that no row uses. */
static void drop_empty_columns(struct shrink_table *table)
{
    for (size_t column = table->columns.count; column-- > 0;) {
        bool used = is_required(table->columns.items[column]);
        for (size_t i = 0; !used && i < table->rows.count; i++) {
            used = table->rows.items[i][column][0] != '\0';
        }
        if (used) {
            continue;
        }
        size_t behind = table->columns.count - column - 1;
        free(table->columns.items[column]);
        memmove(&table->columns.items[column], &table->columns.items[column + 1],
                behind * sizeof(char *));
        for (size_t i = 0; i < table->rows.count; i++) {
            char **row = table->rows.items[i];
            free(row[column]);
            memmove(&row[column], &row[column + 1], behind * sizeof(char *));
        }
        table->columns.count--;
    }
}

/* -- the cluster ----------------------------------------------------------------------------- */

/* Tries `cluster` in place of the one that is there, which it takes over or frees. */
static bool try_cluster(struct shrink *shrink, json_t *cluster)
{
    json_t *old = shrink->world->cluster;
    CHECK(cluster != NULL);
    shrink->world->cluster = cluster;
    if (happens(shrink)) {
        json_decref(old);
        return true;
    }
    shrink->world->cluster = old;
    json_decref(cluster);
    return false;
}

static bool drop_items(struct shrink *shrink, const char *list)
{
    bool any = false;
    for (size_t i = json_array_size(json_object_get(shrink->world->cluster, list)); i-- > 0;) {
        json_t *copy = json_deep_copy(shrink->world->cluster);
        (void)json_array_remove(json_object_get(copy, list), i);
        any = try_cluster(shrink, copy) || any;
    }
    return any;
}

static bool drop_keys(struct shrink *shrink, const char *list)
{
    static const char *const keys[] = {"labels",   "mig",        "gpu_model", "gpu_memory_mib",
                                       "cpus",     "gpu",        "cpu",       "memory",
                                       "priority", "memory_mib", "parent",    "price_per_hour"};
    bool any = false;
    size_t count = json_array_size(json_object_get(shrink->world->cluster, list));
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
            json_t *copy = json_deep_copy(shrink->world->cluster);
            json_t *item = json_array_get(json_object_get(copy, list), i);
            if (json_object_del(item, keys[k]) != 0) {
                json_decref(copy);
            } else {
                any = try_cluster(shrink, copy) || any;
            }
        }
    }
    return any;
}

static bool fewer(struct shrink *shrink, size_t pool, const char *key)
{
    bool any = false;
    for (bool again = true; again;) {
        json_t *copy = json_deep_copy(shrink->world->cluster);
        json_t *item = json_array_get(json_object_get(copy, "pools"), pool);
        json_int_t amount = json_integer_value(json_object_get(item, key));
        if (amount <= 1) {
            json_decref(copy);
            break;
        }
        (void)json_object_set_new(item, key, json_integer(amount / 2));
        again = try_cluster(shrink, copy);
        if (!again) {
            copy = json_deep_copy(shrink->world->cluster);
            item = json_array_get(json_object_get(copy, "pools"), pool);
            (void)json_object_set_new(item, key, json_integer(amount - 1));
            again = try_cluster(shrink, copy);
        }
        any = any || again;
    }
    return any;
}

static bool shrink_cluster(struct shrink *shrink)
{
    if (shrink->world->cluster == NULL) {
        return false;
    }
    bool any = drop_items(shrink, "queues");
    any = drop_items(shrink, "pools") || any;
    any = drop_keys(shrink, "queues") || any;
    any = drop_keys(shrink, "pools") || any;
    any = drop_items(shrink, "topology") || any;
    json_t *copy = json_deep_copy(shrink->world->cluster);
    if (json_array_size(json_object_get(copy, "queues")) == 0 &&
        json_object_del(copy, "queues") == 0) {
        any = try_cluster(shrink, copy) || any;
    } else {
        json_decref(copy);
    }
    size_t pools = json_array_size(json_object_get(shrink->world->cluster, "pools"));
    for (size_t i = 0; i < pools; i++) {
        any = fewer(shrink, i, "nodes") || any;
        any = fewer(shrink, i, "gpus") || any;
    }
    return any;
}

void shrink_run(struct shrink *shrink)
{
    bool again = true;
    while (again && shrink->tries < shrink->most_tries) {
        again = shrink_rows(shrink);
        again = shrink_cluster(shrink) || again;
        again = shrink_values(shrink) || again;
    }
    drop_empty_columns(&shrink->world->jobs);
}
