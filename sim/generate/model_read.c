/* model_read.c - models from JSON; see model.h. */
#include <math.h>

#include "sim/base/check.h"
#include "sim/base/json_read.h"
#include "sim/generate/field.h"
#include "sim/generate/model.h"

enum { MOST_NAME = 200 };

static const struct field_range of_chance = {0, 1};
static const struct field_range of_seconds = {0, DISTRIBUTION_MOST};
static const struct field_range of_positive = {1e-9, DISTRIBUTION_MOST};
static const struct field_range of_mean_count = {1, 1e6};
static const struct field_range of_zipf = {0, 20};

/* The object at `key`, NULL when absent; its place is written to *out with `path` as buffer. */
static bool open_block(const json_t *model, const char *key, const char *const *keys,
                       struct place *out, struct err *err)
{
    *out = (struct place){json_object_get(model, key), key};
    return out->object == NULL || json_check_object(out->object, key, keys, err);
}

static bool read_distribution(const struct place *place, const char *key, struct distribution *out,
                              struct err *err)
{
    const json_t *value = json_object_get(place->object, key);
    if (value == NULL) {
        return true;
    }
    char path[JSON_PATH_MOST];
    struct distribution read;
    json_path(path, place->path, key, -1);
    if (!distribution_read(value, path, &read, err)) {
        return false;
    }
    distribution_release(out);
    *out = read;
    return true;
}

/* The same where no size is at hand to choose the component by. */
static bool read_plain(const struct place *place, const char *key, struct distribution *out,
                       struct err *err)
{
    if (!read_distribution(place, key, out, err)) {
        return false;
    }
    if (distribution_needs_size(out)) {
        char path[JSON_PATH_MOST];
        json_path(path, place->path, key, -1);
        return json_unexpected(path, "p_per_gpu",
                               json_object_get(json_object_get(place->object, key), "p_per_gpu"),
                               "0: only durations depend on sizes", err);
    }
    return true;
}

static bool read_name(const struct place *place, const char *key, char **out, struct err *err)
{
    const char *text = NULL;
    if (!json_read_text(place->object, place->path, key, &text, err)) {
        return false;
    }
    if (text == NULL) {
        return true;
    }
    size_t length = strlen(text);
    if (length == 0 || length > MOST_NAME) {
        return json_unexpected(place->path, key, json_object_get(place->object, key),
                               "a name of 1 to 200 bytes", err);
    }
    free(*out);
    *out = mem_copy_text(text, length);
    return true;
}

/* -- arrivals ---------------------------------------------------------------------------------- */

static bool read_weights(const struct place *place, struct model_profile *out, struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(place->object, place->path, "weights", &list, err)) {
        return false;
    }
    double sum = 0;
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        double weight = json_is_number(value) ? json_number_value(value) : (double)NAN;
        if (!(weight >= 0 && weight <= 1e12) || i >= MODEL_MOST_WEIGHTS) {
            char path[JSON_PATH_MOST];
            json_path(path, place->path, "weights", (long)i);
            return json_unexpected(path, "", value, "a weight from 0 to 1e12, 100000 at most", err);
        }
        vec_push(&out->weights, weight);
        sum += weight;
    }
    if (count > 0 && !(sum > 1e-9)) {
        return json_unexpected(place->path, "weights", list, "a weight above 0 among them", err);
    }
    return true;
}

static bool read_profile(const json_t *arrivals, struct model_profile *out, struct err *err)
{
    static const char *const keys[] = {"period_s", "weights", NULL};
    struct place place = {json_object_get(arrivals, "profile"), "arrivals.profile"};
    if (place.object == NULL) {
        return true;
    }
    vec_clear(&out->weights);
    return json_check_object(place.object, place.path, keys, err) &&
           field_number(&place, "period_s", of_positive, &out->period_s, err) &&
           read_weights(&place, out, err);
}

static bool read_burst(const json_t *arrivals, struct model_burst *out, struct err *err)
{
    static const char *const keys[] = {"chance", "more_jobs", "gap", NULL};
    struct place place = {json_object_get(arrivals, "burst"), "arrivals.burst"};
    return place.object == NULL ||
           (json_check_object(place.object, place.path, keys, err) &&
            field_number(&place, "chance", of_chance, &out->chance, err) &&
            field_number(&place, "more_jobs", of_mean_count, &out->more_jobs, err) &&
            read_plain(&place, "gap", &out->gap, err));
}

static bool read_arrivals(const json_t *model, struct model_arrivals *out, struct err *err)
{
    static const char *const keys[] = {"process",      "rate",  "interarrival", "profile",
                                       "start_s",      "burst", "think",        "pause",
                                       "session_jobs", "after", "round_s",      NULL};
    static const char *const processes[] = {"renewal", "users", NULL};
    static const char *const after_words[] = {"end", "submit", NULL};
    static const struct field_range of_rate = {1e-9, 1e9};
    struct place place;
    if (!open_block(model, "arrivals", keys, &place, err) || place.object == NULL) {
        return place.object == NULL;
    }
    unsigned process = out->process;
    unsigned after = out->after_submit ? 1 : 0;
    bool ok = field_word(&place, "process", processes, &process, err) &&
              field_number(&place, "rate", of_rate, &out->rate, err) &&
              read_plain(&place, "interarrival", &out->interarrival, err) &&
              read_profile(place.object, &out->profile, err) &&
              field_number(&place, "start_s", of_seconds, &out->start_s, err) &&
              read_burst(place.object, &out->burst, err) &&
              read_plain(&place, "think", &out->think, err) &&
              read_plain(&place, "pause", &out->pause, err) &&
              field_number(&place, "session_jobs", of_mean_count, &out->session_jobs, err) &&
              field_word(&place, "after", after_words, &after, err) &&
              field_number(&place, "round_s", of_seconds, &out->round_s, err);
    out->process = (enum arrival_process)process;
    out->after_submit = after == 1;
    return ok;
}

/* -- sizes ------------------------------------------------------------------------------------- */

/* What a task takes must be whole GPUs, or a share of one. */
static bool check_class(const struct place *place, const struct model_class *class, struct err *err)
{
    const json_t *gpus = json_object_get(place->object, "gpus");
    int64_t tasks = class->tasks > 0 ? class->tasks : 1;
    int64_t milli = class->gpu_milli / tasks;
    if (class->gpu_milli % tasks != 0 || (milli >= 1000 && milli % 1000 != 0)) {
        return json_unexpected(place->path, "gpus", gpus,
                               "whole GPUs, or a share of one, for each task", err);
    }
    if (class->cpu_milli % tasks != 0 || class->memory_mib % tasks != 0) {
        return json_unexpected(place->path, "tasks", json_object_get(place->object, "tasks"),
                               "tasks among which cpus and memory_mib can be dealt evenly", err);
    }
    if (class->min_tasks > tasks) {
        return json_unexpected(place->path, "min_tasks",
                               json_object_get(place->object, "min_tasks"), "no more than tasks",
                               err);
    }
    return true;
}

/* A number of thousandths. */
static bool read_milli(const struct place *place, const char *key, double most, int64_t *out,
                       struct err *err)
{
    double number = (double)*out / 1000;
    struct field_range range = {0, most};
    if (!field_number(place, key, range, &number, err)) {
        return false;
    }
    *out = llround(number * 1000);
    return true;
}

static bool read_class(const struct place *place, struct model_class *out, struct err *err)
{
    static const char *const keys[] = {"weight",     "gpus",      "tasks",    "min_tasks", "cpus",
                                       "memory_mib", "gpu_model", "duration", NULL};
    static const struct field_range of_weight = {0, 1e12};
    static const struct field_range of_tasks = {0, 1 << 20};
    double memory = 0;
    if (!json_check_object(place->object, place->path, keys, err) ||
        !field_must_be_there(place, "gpus", "a number of GPUs", err) ||
        !read_milli(place, "gpus", MODEL_MOST_GPUS, &out->gpu_milli, err) ||
        !field_number(place, "weight", of_weight, &out->weight, err) ||
        !field_count(place, "tasks", of_tasks, &out->tasks, err) ||
        !field_count(place, "min_tasks", of_tasks, &out->min_tasks, err) ||
        !read_milli(place, "cpus", 1e9, &out->cpu_milli, err) ||
        !field_number(place, "memory_mib", (struct field_range){0, 1e12}, &memory, err) ||
        !read_name(place, "gpu_model", &out->gpu_model, err) ||
        !read_distribution(place, "duration", &out->duration, err)) {
        return false;
    }
    out->memory_mib = llround(memory);
    out->has_duration = json_object_get(place->object, "duration") != NULL;
    return check_class(place, out, err);
}

static void class_release(struct model_class *class)
{
    free(class->gpu_model);
    distribution_release(&class->duration);
}

static bool read_classes(const struct place *sizes, struct model_sizes *out, struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(sizes->object, sizes->path, "classes", &list, err)) {
        return false;
    }
    if (list == NULL) {
        return true;
    }
    size_t count = json_array_size(list);
    if (count < 1 || count > MODEL_MOST_CLASSES) {
        return json_unexpected(sizes->path, "classes", list, "1 to 4096 classes", err);
    }
    vec_clear(&out->classes);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        char path[JSON_PATH_MOST];
        json_path(path, sizes->path, "classes", (long)i);
        struct place place = {json_array_get(list, i), path};
        struct model_class class = {.weight = 1, .duration = {.at_most = DISTRIBUTION_MOST}};
        if (!read_class(&place, &class, err)) {
            class_release(&class);
            return false;
        }
        sum += class.weight;
        vec_push(&out->classes, class);
    }
    return sum > 1e-9 ||
           json_unexpected(sizes->path, "classes", list, "a weight above 0 among them", err);
}

static bool read_size_family(const struct place *place, struct model_sizes *out, struct err *err)
{
    static const struct field_range of_gpus = {1, MODEL_MOST_GPUS};
    static const struct field_range of_log2 = {0, 20};
    if (!field_count(place, "least", of_gpus, &out->least, err) ||
        !field_count(place, "most", of_gpus, &out->most, err) ||
        !field_number(place, "ratio", (struct field_range){1e-6, 1e6}, &out->ratio, err) ||
        !field_number(place, "serial", of_chance, &out->serial, err) ||
        !field_number(place, "powers", of_chance, &out->powers, err) ||
        !field_number(place, "low", of_log2, &out->low, err) ||
        !field_number(place, "middle", of_log2, &out->middle, err) ||
        !field_number(place, "high", (struct field_range){0, 14}, &out->high, err) ||
        !field_number(place, "low_share", of_chance, &out->low_share, err)) {
        return false;
    }
    if (out->most < out->least) {
        return json_unexpected(place->path, "most", json_object_get(place->object, "most"),
                               "no less than least", err);
    }
    if (!(out->low <= out->middle && out->middle <= out->high)) {
        return json_unexpected(place->path, "middle", json_object_get(place->object, "middle"),
                               "a value between low and high", err);
    }
    if (out->serial + out->powers > 1) {
        return json_unexpected(place->path, "powers", json_object_get(place->object, "powers"),
                               "no more than 1 together with serial", err);
    }
    return true;
}

static bool read_sizes(const json_t *model, struct model_sizes *out, struct err *err)
{
    static const char *const keys[] = {
        "family",         "classes",       "least",  "most", "ratio",     "serial",
        "powers",         "low",           "middle", "high", "low_share", "gpus_per_node",
        "elastic_chance", "elastic_share", NULL};
    static const char *const families[] = {"table", "powers", "two_stage", NULL};
    struct place place;
    unsigned family = out->family;
    if (!open_block(model, "sizes", keys, &place, err) || place.object == NULL) {
        return place.object == NULL;
    }
    bool ok = field_word(&place, "family", families, &family, err) &&
              read_classes(&place, out, err) && read_size_family(&place, out, err) &&
              field_count(&place, "gpus_per_node", (struct field_range){0, 1 << 20},
                          &out->gpus_per_node, err) &&
              field_number(&place, "elastic_chance", of_chance, &out->elastic_chance, err) &&
              field_number(&place, "elastic_share", of_chance, &out->elastic_share, err);
    out->family = (enum size_family)family;
    return ok;
}

/* -- durations, users, queues, estimates ------------------------------------------------------- */

static bool read_durations(const json_t *model, struct model_durations *out, struct err *err)
{
    static const char *const keys[] = {"distribution", "correlation", "round_s", NULL};
    struct place place;
    if (!open_block(model, "durations", keys, &place, err) || place.object == NULL) {
        return place.object == NULL;
    }
    return read_distribution(&place, "distribution", &out->distribution, err) &&
           field_number(&place, "correlation", (struct field_range){-1, 1}, &out->correlation,
                        err) &&
           field_number(&place, "round_s", of_seconds, &out->round_s, err);
}

static bool read_users(const json_t *model, struct model_users *out, struct err *err)
{
    static const char *const keys[] = {"count", "zipf", NULL};
    struct place place;
    if (!open_block(model, "users", keys, &place, err) || place.object == NULL) {
        return place.object == NULL;
    }
    return field_count(&place, "count", (struct field_range){0, MODEL_MOST_USERS}, &out->count,
                       err) &&
           field_number(&place, "zipf", of_zipf, &out->zipf, err);
}

static bool read_queue_classes(const struct place *queues, struct model_queues *out,
                               struct err *err)
{
    static const char *const keys[] = {"name", "weight", NULL};
    const json_t *list = NULL;
    if (!json_read_array(queues->object, queues->path, "classes", &list, err)) {
        return false;
    }
    double sum = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        char path[JSON_PATH_MOST];
        json_path(path, queues->path, "classes", (long)i);
        struct place place = {json_array_get(list, i), path};
        struct model_queue queue = {NULL, 1};
        if (!json_check_object(place.object, path, keys, err) ||
            !field_must_be_there(&place, "name", "the name of a queue", err) ||
            !read_name(&place, "name", &queue.name, err) ||
            !field_number(&place, "weight", (struct field_range){0, 1e12}, &queue.weight, err)) {
            free(queue.name);
            return false;
        }
        sum += queue.weight;
        vec_push(&out->classes, queue);
    }
    if (list != NULL && (out->classes.count > MODEL_MOST_CLASSES || !(sum > 1e-9))) {
        return json_unexpected(queues->path, "classes", list,
                               "1 to 4096 queues, one with a weight above 0", err);
    }
    return true;
}

static bool read_queues(const json_t *model, struct model_queues *out, struct err *err)
{
    static const char *const keys[] = {"count", "zipf", "classes", "by", NULL};
    static const char *const by_words[] = {"user", "job", NULL};
    struct place place;
    unsigned by = out->by_user ? 0 : 1;
    if (!open_block(model, "queues", keys, &place, err) || place.object == NULL) {
        return place.object == NULL;
    }
    bool ok =
        field_count(&place, "count", (struct field_range){0, MODEL_MOST_USERS}, &out->count, err) &&
        field_number(&place, "zipf", of_zipf, &out->zipf, err) &&
        read_queue_classes(&place, out, err) && field_word(&place, "by", by_words, &by, err);
    out->by_user = by == 0;
    return ok;
}

static bool read_modal(const struct place *place, struct model_estimates *out, struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(place->object, place->path, "modal_s", &list, err)) {
        return false;
    }
    if (list == NULL) {
        return true;
    }
    vec_clear(&out->modal_s);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *value = json_array_get(list, i);
        double modal = json_is_number(value) ? json_number_value(value) : (double)NAN;
        double before = i > 0 ? out->modal_s.items[i - 1] : 0;
        if (!(modal > before && modal <= DISTRIBUTION_MOST) || i >= MODEL_MOST_CLASSES) {
            char path[JSON_PATH_MOST];
            json_path(path, place->path, "modal_s", (long)i);
            return json_unexpected(path, "", value, "rising seconds, 4096 at most", err);
        }
        vec_push(&out->modal_s, modal);
    }
    return true;
}

static bool read_estimates(const json_t *model, struct model_estimates *out, struct err *err)
{
    static const char *const keys[] = {"kind",         "factor",  "power", "exceed_chance",
                                       "modal_chance", "modal_s", NULL};
    static const char *const kinds[] = {"none", "exact", "factor", "modal", NULL};
    struct place place;
    unsigned kind = out->kind;
    if (!open_block(model, "estimates", keys, &place, err) || place.object == NULL) {
        return place.object == NULL;
    }
    bool ok = field_word(&place, "kind", kinds, &kind, err) &&
              read_plain(&place, "factor", &out->factor, err) &&
              field_number(&place, "power", (struct field_range){0, 2}, &out->power, err) &&
              field_number(&place, "exceed_chance", of_chance, &out->exceed_chance, err) &&
              field_number(&place, "modal_chance", of_chance, &out->modal_chance, err) &&
              read_modal(&place, out, err);
    out->kind = (enum estimate_kind)kind;
    return ok;
}

/* -- the whole --------------------------------------------------------------------------------- */

/* A copula and a size that chooses the component would both correlate sizes and durations, and the
 * process of users needs users. */
static bool check_together(const json_t *json, const struct generate_model *model, struct err *err)
{
    if (distribution_needs_size(&model->durations.distribution) &&
        fabs(model->durations.correlation) > 0) {
        return json_unexpected("durations", "correlation",
                               json_object_get(json_object_get(json, "durations"), "correlation"),
                               "0 where p_per_gpu correlates sizes and durations", err);
    }
    if (model->arrivals.process == ARRIVALS_USERS && model->users.count == 0) {
        return json_unexpected("users", "count", NULL,
                               "1 or more users, as arrivals.process is \"users\"", err);
    }
    return true;
}

bool generate_model_read_json(const json_t *json, struct generate_model *out, struct err *err)
{
    static const char *const keys[] = {"name",  "about",  "arrivals",  "sizes", "durations",
                                       "users", "queues", "estimates", "fit",   NULL};
    struct generate_model model;
    struct place place = {json, ""};
    generate_model_init(&model);
    bool ok = json_check_object(json, "", keys, err) &&
              read_name(&place, "name", &model.name, err) &&
              read_name(&place, "about", &model.about, err) &&
              read_arrivals(json, &model.arrivals, err) && read_sizes(json, &model.sizes, err) &&
              read_durations(json, &model.durations, err) && read_users(json, &model.users, err) &&
              read_queues(json, &model.queues, err) &&
              read_estimates(json, &model.estimates, err) && check_together(json, &model, err);
    if (!ok) {
        generate_model_release(&model);
        return false;
    }
    *out = model;
    return true;
}

bool generate_model_read(struct view text, struct generate_model *out, struct err *err)
{
    json_t *json = json_parse(text.at, text.length, err);
    if (json == NULL) {
        return false;
    }
    bool ok = generate_model_read_json(json, out, err);
    json_decref(json);
    return ok;
}
