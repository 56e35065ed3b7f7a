/* model.c - models: defaults, release, back to JSON, single values; see model.h. */
#include "sim/generate/model.h"

#include <math.h>
#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/base/json_read.h"
#include "sim/base/parse.h"

/* The round values that users ask for most, minutes and hours up to four days. */
static const double popular_s[] = {300,   600,   900,   1200,   1800,   3600,  5400,
                                   7200,  10800, 14400, 18000,  21600,  28800, 36000,
                                   43200, 64800, 86400, 129600, 172800, 345600};

static struct distribution one_parameter(enum family family, double value)
{
    return distribution_of(family, (const double[]){value});
}

void generate_model_init(struct generate_model *model)
{
    struct model_class one_gpu = {
        .weight = 1, .gpu_milli = 1000, .duration = {.at_most = DISTRIBUTION_MOST}};
    *model = (struct generate_model){
        .arrivals = {.rate = 1,
                     .interarrival = one_parameter(FAMILY_EXPONENTIAL, 60),
                     .profile = {.period_s = 604800},
                     .burst = {0, 1, one_parameter(FAMILY_EXPONENTIAL, 1)},
                     .think = one_parameter(FAMILY_EXPONENTIAL, 600),
                     .pause = one_parameter(FAMILY_EXPONENTIAL, 57600),
                     .session_jobs = 5},
        .sizes = {.least = 1,
                  .most = 64,
                  .ratio = 0.5,
                  .serial = 0.25,
                  .powers = 0.5,
                  .low = 1,
                  .middle = 4,
                  .high = 7,
                  .low_share = 0.85,
                  .elastic_share = 0.5},
        .durations = {.distribution = one_parameter(FAMILY_EXPONENTIAL, 3600)},
        .users = {.zipf = 1},
        .queues = {.zipf = 1, .by_user = true},
        .estimates = {.factor = distribution_of(FAMILY_LOGNORMAL, (const double[]){1, 1}),
                      .power = 1,
                      .modal_chance = 0.9},
    };
    model->estimates.factor.at_least = 1;
    vec_push(&model->sizes.classes, one_gpu);
    for (size_t i = 0; i < sizeof(popular_s) / sizeof(*popular_s); i++) {
        vec_push(&model->estimates.modal_s, popular_s[i]);
    }
}

void generate_model_release(struct generate_model *model)
{
    free(model->name);
    free(model->about);
    distribution_release(&model->arrivals.interarrival);
    distribution_release(&model->arrivals.burst.gap);
    distribution_release(&model->arrivals.think);
    distribution_release(&model->arrivals.pause);
    vec_release(&model->arrivals.profile.weights);
    for (size_t i = 0; i < model->sizes.classes.count; i++) {
        free(model->sizes.classes.items[i].gpu_model);
        distribution_release(&model->sizes.classes.items[i].duration);
    }
    vec_release(&model->sizes.classes);
    distribution_release(&model->durations.distribution);
    for (size_t i = 0; i < model->queues.classes.count; i++) {
        free(model->queues.classes.items[i].name);
    }
    vec_release(&model->queues.classes);
    distribution_release(&model->estimates.factor);
    vec_release(&model->estimates.modal_s);
    *model = (struct generate_model){0};
}

/* -- to JSON ----------------------------------------------------------------------------------- */

static void put(json_t *object, const char *key, json_t *value)
{
    CHECK(json_object_set_new(object, key, value) == 0);
}

static json_t *numbers_json(const double *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        CHECK(json_array_append_new(list, json_real(items[i])) == 0);
    }
    return list;
}

static json_t *arrivals_json(const struct model_arrivals *arrivals)
{
    json_t *json = json_object();
    bool by_users = arrivals->process == ARRIVALS_USERS;
    put(json, "process", json_string(by_users ? "users" : "renewal"));
    put(json, "rate", json_real(arrivals->rate));
    if (by_users) {
        put(json, "think", distribution_json(&arrivals->think));
        put(json, "pause", distribution_json(&arrivals->pause));
        put(json, "session_jobs", json_real(arrivals->session_jobs));
        put(json, "after", json_string(arrivals->after_submit ? "submit" : "end"));
    } else {
        put(json, "interarrival", distribution_json(&arrivals->interarrival));
    }
    if (arrivals->burst.chance > 0) {
        json_t *burst = json_object();
        put(burst, "chance", json_real(arrivals->burst.chance));
        put(burst, "more_jobs", json_real(arrivals->burst.more_jobs));
        put(burst, "gap", distribution_json(&arrivals->burst.gap));
        put(json, "burst", burst);
    }
    if (arrivals->profile.weights.count > 0) {
        json_t *profile = json_object();
        put(profile, "period_s", json_real(arrivals->profile.period_s));
        put(profile, "weights",
            numbers_json(arrivals->profile.weights.items, arrivals->profile.weights.count));
        put(json, "profile", profile);
        put(json, "start_s", json_real(arrivals->start_s));
    }
    put(json, "round_s", json_real(arrivals->round_s));
    return json;
}

static json_t *class_json(const struct model_class *class)
{
    json_t *json = json_object();
    put(json, "gpus", json_real((double)class->gpu_milli / 1000));
    put(json, "weight", json_real(class->weight));
    if (class->tasks > 0) {
        put(json, "tasks", json_integer(class->tasks));
    }
    if (class->min_tasks > 0) {
        put(json, "min_tasks", json_integer(class->min_tasks));
    }
    if (class->cpu_milli > 0) {
        put(json, "cpus", json_real((double)class->cpu_milli / 1000));
    }
    if (class->memory_mib > 0) {
        put(json, "memory_mib", json_integer(class->memory_mib));
    }
    if (class->gpu_model != NULL) {
        put(json, "gpu_model", json_string(class->gpu_model));
    }
    if (class->has_duration) {
        put(json, "duration", distribution_json(&class->duration));
    }
    return json;
}

static json_t *sizes_json(const struct model_sizes *sizes)
{
    json_t *json = json_object();
    switch (sizes->family) {
    case SIZES_TABLE: {
        json_t *list = json_array();
        for (size_t i = 0; i < sizes->classes.count; i++) {
            CHECK(json_array_append_new(list, class_json(&sizes->classes.items[i])) == 0);
        }
        put(json, "family", json_string("table"));
        put(json, "classes", list);
        break;
    }
    case SIZES_POWERS:
        put(json, "family", json_string("powers"));
        put(json, "least", json_integer(sizes->least));
        put(json, "most", json_integer(sizes->most));
        put(json, "ratio", json_real(sizes->ratio));
        break;
    case SIZES_TWO_STAGE:
        put(json, "family", json_string("two_stage"));
        put(json, "serial", json_real(sizes->serial));
        put(json, "powers", json_real(sizes->powers));
        put(json, "low", json_real(sizes->low));
        put(json, "middle", json_real(sizes->middle));
        put(json, "high", json_real(sizes->high));
        put(json, "low_share", json_real(sizes->low_share));
        break;
    }
    put(json, "gpus_per_node", json_integer(sizes->gpus_per_node));
    put(json, "elastic_chance", json_real(sizes->elastic_chance));
    put(json, "elastic_share", json_real(sizes->elastic_share));
    return json;
}

static json_t *durations_json(const struct model_durations *durations)
{
    json_t *json = json_object();
    put(json, "distribution", distribution_json(&durations->distribution));
    put(json, "correlation", json_real(durations->correlation));
    put(json, "round_s", json_real(durations->round_s));
    return json;
}

static json_t *queues_json(const struct model_queues *queues)
{
    json_t *json = json_object();
    if (queues->classes.count > 0) {
        json_t *list = json_array();
        for (size_t i = 0; i < queues->classes.count; i++) {
            json_t *queue = json_object();
            put(queue, "name", json_string(queues->classes.items[i].name));
            put(queue, "weight", json_real(queues->classes.items[i].weight));
            CHECK(json_array_append_new(list, queue) == 0);
        }
        put(json, "classes", list);
    } else {
        put(json, "count", json_integer(queues->count));
        put(json, "zipf", json_real(queues->zipf));
    }
    put(json, "by", json_string(queues->by_user ? "user" : "job"));
    return json;
}

static json_t *estimates_json(const struct model_estimates *estimates)
{
    static const char *const words[] = {"none", "exact", "factor", "modal"};
    json_t *json = json_object();
    put(json, "kind", json_string(words[estimates->kind]));
    if (estimates->kind == ESTIMATES_FACTOR || estimates->kind == ESTIMATES_MODAL) {
        put(json, "factor", distribution_json(&estimates->factor));
        put(json, "power", json_real(estimates->power));
        put(json, "exceed_chance", json_real(estimates->exceed_chance));
    }
    if (estimates->kind == ESTIMATES_MODAL) {
        put(json, "modal_chance", json_real(estimates->modal_chance));
        put(json, "modal_s", numbers_json(estimates->modal_s.items, estimates->modal_s.count));
    }
    return json;
}

json_t *generate_model_json(const struct generate_model *model)
{
    json_t *json = json_object();
    if (model->name != NULL) {
        put(json, "name", json_string(model->name));
    }
    if (model->about != NULL) {
        put(json, "about", json_string(model->about));
    }
    put(json, "arrivals", arrivals_json(&model->arrivals));
    put(json, "sizes", sizes_json(&model->sizes));
    put(json, "durations", durations_json(&model->durations));
    json_t *users = json_object();
    put(users, "count", json_integer(model->users.count));
    put(users, "zipf", json_real(model->users.zipf));
    put(json, "users", users);
    put(json, "queues", queues_json(&model->queues));
    put(json, "estimates", estimates_json(&model->estimates));
    return json;
}

/* -- single values ----------------------------------------------------------------------------- */

/* The value that the text stands for: JSON, or else the text itself. */
static json_t *value_of(struct view text)
{
    json_t *value =
        json_loadb(text.at, text.length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    return value != NULL ? value : json_stringn(text.at, text.length);
}

/* One step down the path: the member `key` of *at, made when it is not there, or with "[i]" behind
 * the key the i-th item of that array. NULL when there is no such thing. */
static json_t *descend(json_t *at, struct view step)
{
    struct view index = {0};
    struct view key = view_cut(step, '[', &index);
    char name[64];
    int64_t number = 0;
    if (key.length == 0 || key.length >= sizeof(name) || !json_is_object(at)) {
        return NULL;
    }
    memcpy(name, key.at, key.length);
    name[key.length] = '\0';
    json_t *next = json_object_get(at, name);
    if (index.at == NULL) {
        if (next == NULL) {
            next = json_object();
            put(at, name, next);
        }
        return next;
    }
    bool is_index = index.length > 1 && index.at[index.length - 1] == ']' &&
                    parse_i64((struct view){index.at, index.length - 1}, &number) == PARSE_OK &&
                    number >= 0;
    return is_index ? json_array_get(next, (size_t)number) : NULL;
}

bool generate_model_set(json_t *json, const char *setting, struct err *err)
{
    struct view value = {0};
    struct view path = view_cut(view_of(setting), '=', &value);
    struct view rest = path;
    json_t *at = json;
    struct view step = view_cut(rest, '.', &rest);
    while (rest.at != NULL && at != NULL) {
        at = descend(at, step);
        step = view_cut(rest, '.', &rest);
    }
    char name[64];
    if (value.at == NULL || step.length == 0 || step.length >= sizeof(name) ||
        memchr(step.at, '[', step.length) != NULL) {
        return err_set(err, ERR_USAGE, 0, "'%.60s' is no setting, expected KEY.KEY=VALUE", setting);
    }
    memcpy(name, step.at, step.length);
    name[step.length] = '\0';
    json_t *new_value = value_of(value);
    bool ok = json_is_object(at) && json_object_set(at, name, new_value) == 0;
    json_decref(new_value);
    return ok || err_set(err, ERR_USAGE, 0,
                         "'%.*s' is not in this model, expected a path like arrivals.rate or "
                         "sizes.classes[0].weight",
                         VIEW_ARG(path));
}

const char *generate_preset_find(const char *name)
{
    for (const struct generate_preset *preset = generate_presets; preset->name != NULL; preset++) {
        if (strcmp(preset->name, name) == 0) {
            return preset->json;
        }
    }
    return NULL;
}
