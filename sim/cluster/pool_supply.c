/* pool_supply.c - see pool_supply.h: reading, writing and copying. */
#include "sim/cluster/pool_supply.h"

#include <math.h>
#include <string.h>

#include "sim/base/check.h"
#include "sim/base/json_read.h"

#define NEVER INT64_MAX
static const double MOST_S = 1e12;

/* A time in units of so many microseconds; *out stays as it is when the key is absent. */
static bool read_time(const json_t *object, const char *path, const char *key, double unit_us,
                      int64_t *out, struct err *err)
{
    double amount = -1;
    if (!json_read_number(object, path, key, 0, &amount, err)) {
        return false;
    }
    if (amount > MOST_S * 1e6 / unit_us) {
        return json_unexpected(path, key, json_object_get(object, key), "less than 10^12 seconds",
                               err);
    }
    if (amount >= 0) {
        *out = (int64_t)llround(amount * unit_us);
    }
    return true;
}

static bool need(const json_t *object, const char *path, const char *key, const char *what,
                 struct err *err)
{
    return json_object_get(object, key) != NULL || json_unexpected(path, key, NULL, what, err);
}

static bool read_window(const json_t *object, const char *path, struct pool_window *out,
                        struct err *err)
{
    static const char *const KEYS[] = {"from_s", "to_s", "drain_s", NULL};
    *out = (struct pool_window){0};
    if (!json_check_object(object, path, KEYS, err) ||
        !need(object, path, "from_s", "when it begins", err) ||
        !need(object, path, "to_s", "when it ends", err) ||
        !read_time(object, path, "from_s", 1e6, &out->from_us, err) ||
        !read_time(object, path, "to_s", 1e6, &out->to_us, err) ||
        !read_time(object, path, "drain_s", 1e6, &out->drain_us, err)) {
        return false;
    }
    return out->to_us > out->from_us ||
           json_unexpected(path, "to_s", json_object_get(object, "to_s"), "a time after from_s",
                           err);
}

static bool read_windows(const json_t *object, const char *path, struct arena *arena,
                         struct pool_supply *out, struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(object, path, "maintenance", &list, err)) {
        return false;
    }
    out->window_count = (uint32_t)json_array_size(list);
    if (out->window_count == 0) {
        return true;
    }
    struct pool_window *windows = arena_alloc(arena, out->window_count, sizeof(*windows));
    for (uint32_t i = 0; i < out->window_count; i++) {
        char at[JSON_PATH_MOST];
        json_path(at, path, "maintenance", (long)i);
        if (!read_window(json_array_get(list, i), at, &windows[i], err)) {
            return false;
        }
    }
    out->windows = windows;
    return true;
}

static bool read_spot(const json_t *object, const char *path, struct pool_spot *out,
                      struct err *err)
{
    static const char *const KEYS[] = {"mean_up_h", "mean_away_h", NULL};
    const json_t *spot = json_object_get(object, "spot");
    if (spot == NULL) {
        return true;
    }
    char at[JSON_PATH_MOST];
    json_path(at, path, "spot", -1);
    int64_t up_us = 0;
    int64_t away_us = 0;
    if (!json_check_object(spot, at, KEYS, err) ||
        !need(spot, at, "mean_up_h", "hours until a node is taken, in the mean", err) ||
        !need(spot, at, "mean_away_h", "hours until it comes back, in the mean", err) ||
        !read_time(spot, at, "mean_up_h", 3.6e9, &up_us, err) ||
        !read_time(spot, at, "mean_away_h", 3.6e9, &away_us, err)) {
        return false;
    }
    *out = (struct pool_spot){(double)up_us, (double)away_us};
    return up_us >= 1000000 || json_unexpected(at, "mean_up_h", json_object_get(spot, "mean_up_h"),
                                               "a second or more", err);
}

static bool read_elastic(const json_t *object, const char *path, struct arena *arena,
                         struct pool_elastic *out, struct err *err)
{
    static const char *const KEYS[] = {"queue",  "demand_gpus", "wait_s",     "start_s",
                                       "idle_s", "least_s",     "most_nodes", NULL};
    const json_t *elastic = json_object_get(object, "elastic");
    if (elastic == NULL) {
        return true;
    }
    char at[JSON_PATH_MOST];
    json_path(at, path, "elastic", -1);
    const char *queue = "";
    double demand = -1;
    int64_t most = out->most_nodes;
    if (!json_check_object(elastic, at, KEYS, err) ||
        !json_read_text(elastic, at, "queue", &queue, err) ||
        !json_read_number(elastic, at, "demand_gpus", 0, &demand, err) ||
        !read_time(elastic, at, "wait_s", 1e6, &out->wait_us, err) ||
        !read_time(elastic, at, "start_s", 1e6, &out->start_us, err) ||
        !read_time(elastic, at, "idle_s", 1e6, &out->idle_us, err) ||
        !read_time(elastic, at, "least_s", 1e6, &out->least_us, err) ||
        !json_read_whole(elastic, at, "most_nodes", (struct json_range){1, out->most_nodes}, &most,
                         err)) {
        return false;
    }
    if (demand > 1e9) {
        return json_unexpected(at, "demand_gpus", json_object_get(elastic, "demand_gpus"),
                               "at most 10^9", err);
    }
    out->demand_milli = demand >= 0 ? (int64_t)llround(demand * 1000) : NEVER;
    if (out->demand_milli == NEVER && out->wait_us == NEVER) {
        return json_unexpected(at, "", elastic, "demand_gpus, wait_s or both", err);
    }
    out->most_nodes = (uint32_t)most;
    out->queue = queue[0] == '\0' ? NULL : arena_copy_text(arena, queue, strlen(queue));
    out->given = true;
    return true;
}

bool pool_supply_from_json(const json_t *object, const char *path, uint32_t node_count,
                           struct arena *arena, const struct pool_supply **out, struct err *err)
{
    static const char *const KEYS[] = {POOL_SUPPLY_KEYS, NULL};
    bool any = false;
    for (int i = 0; KEYS[i] != NULL; i++) {
        any = any || json_object_get(object, KEYS[i]) != NULL;
    }
    if (!any) {
        return true;
    }
    struct pool_supply *supply = arena_alloc(arena, 1, sizeof(*supply));
    *supply = (struct pool_supply){
        .leaves_us = NEVER,
        .elastic = {.demand_milli = NEVER, .wait_us = NEVER, .most_nodes = node_count},
    };
    if (!read_time(object, path, "arrives_s", 1e6, &supply->arrives_us, err) ||
        !read_time(object, path, "leaves_s", 1e6, &supply->leaves_us, err) ||
        !read_windows(object, path, arena, supply, err) ||
        !read_spot(object, path, &supply->spot, err) ||
        !read_elastic(object, path, arena, &supply->elastic, err)) {
        return false;
    }
    if (supply->leaves_us <= supply->arrives_us) {
        return json_unexpected(path, "leaves_s", json_object_get(object, "leaves_s"),
                               "a time after arrives_s", err);
    }
    *out = supply;
    return true;
}

/* -- writing and copying --------------------------------------------------------------------- */

static void set_time(json_t *object, const char *key, int64_t us, double unit_us)
{
    json_object_set_new(object, key, json_real((double)us / unit_us));
}

static json_t *windows_json(const struct pool_supply *supply)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < supply->window_count; i++) {
        const struct pool_window *window = &supply->windows[i];
        json_t *object = json_object();
        set_time(object, "from_s", window->from_us, 1e6);
        set_time(object, "to_s", window->to_us, 1e6);
        if (window->drain_us > 0) {
            set_time(object, "drain_s", window->drain_us, 1e6);
        }
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *elastic_json(const struct pool_elastic *elastic)
{
    json_t *object = json_object();
    if (elastic->queue != NULL) {
        json_object_set_new(object, "queue", json_string(elastic->queue));
    }
    if (elastic->demand_milli < NEVER) {
        set_time(object, "demand_gpus", elastic->demand_milli, 1000);
    }
    if (elastic->wait_us < NEVER) {
        set_time(object, "wait_s", elastic->wait_us, 1e6);
    }
    set_time(object, "start_s", elastic->start_us, 1e6);
    set_time(object, "idle_s", elastic->idle_us, 1e6);
    set_time(object, "least_s", elastic->least_us, 1e6);
    json_object_set_new(object, "most_nodes", json_integer(elastic->most_nodes));
    return object;
}

void pool_supply_add_json(json_t *object, const struct pool_supply *supply)
{
    if (supply == NULL) {
        return;
    }
    if (supply->arrives_us > 0) {
        set_time(object, "arrives_s", supply->arrives_us, 1e6);
    }
    if (supply->leaves_us < NEVER) {
        set_time(object, "leaves_s", supply->leaves_us, 1e6);
    }
    if (supply->window_count > 0) {
        json_object_set_new(object, "maintenance", windows_json(supply));
    }
    if (supply->spot.mean_up_us > 0) {
        json_object_set_new(object, "spot",
                            json_pack("{s:f, s:f}", "mean_up_h", supply->spot.mean_up_us / 3.6e9,
                                      "mean_away_h", supply->spot.mean_away_us / 3.6e9));
    }
    if (supply->elastic.given) {
        json_object_set_new(object, "elastic", elastic_json(&supply->elastic));
    }
}

const struct pool_supply *pool_supply_copy(const struct pool_supply *supply, struct arena *arena)
{
    if (supply == NULL) {
        return NULL;
    }
    struct pool_supply *copy = arena_alloc(arena, 1, sizeof(*copy));
    *copy = *supply;
    if (supply->window_count > 0) {
        struct pool_window *windows = arena_alloc(arena, supply->window_count, sizeof(*windows));
        memcpy(windows, supply->windows, supply->window_count * sizeof(*windows));
        copy->windows = windows;
    }
    if (supply->elastic.queue != NULL) {
        const char *queue = supply->elastic.queue;
        copy->elastic.queue = arena_copy_text(arena, queue, strlen(queue));
    }
    return copy;
}
