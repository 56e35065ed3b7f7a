/* distribution_json.c - distributions from JSON and to it; see distribution.h. */
#include <math.h>

#include "sim/base/check.h"
#include "sim/generate/distribution.h"
#include "sim/generate/field.h"

/* What a parameter may be, by its name without the number of the component. Shapes and spreads are
 * bounded to where the gamma function's inverses are computed safely. */
static struct field_range range_of(const char *name)
{
    static const struct {
        const char *start;
        struct field_range range;
    } ranges[] = {
        {"p_per_gpu", {-1, 1}},
        {"p", {0, 1}},
        {"shape", {0.01, 1e5}},
        {"mu", {-20, 25}},
        {"sigma", {1e-6, 20}},
        {"value", {0, DISTRIBUTION_MOST}},
        {"", {DISTRIBUTION_LEAST, DISTRIBUTION_MOST}},
    };
    size_t i = 0;
    while (strncmp(name, ranges[i].start, strlen(ranges[i].start)) != 0) {
        i++;
    }
    return ranges[i].range;
}

static bool read_family(const struct place *place, enum family *out, struct err *err)
{
    const char *words[FAMILY_COUNT + 1] = {NULL};
    for (unsigned i = 0; i < FAMILY_COUNT; i++) {
        words[i] = distribution_family_name((enum family)i);
    }
    unsigned found = 0;
    if (!field_must_be_there(place, "family", "the name of a distribution", err) ||
        !field_word(place, "family", words, &found, err)) {
        return false;
    }
    *out = (enum family)found;
    return true;
}

static bool read_parameters(const struct place *place, struct distribution *out, struct err *err)
{
    const char *keys[DISTRIBUTION_MOST_PARAMETERS + 5] = {"family", "at_least", "at_most"};
    unsigned key_count = 3;
    if (out->family == FAMILY_EMPIRICAL) {
        keys[key_count++] = "quantiles";
    }
    for (unsigned i = 0; i < distribution_parameter_count(out->family); i++) {
        keys[key_count++] = distribution_parameter_name(out->family, i);
    }
    if (!json_check_object(place->object, place->path, keys, err)) {
        return false;
    }
    for (unsigned i = 0; i < distribution_parameter_count(out->family); i++) {
        const char *name = distribution_parameter_name(out->family, i);
        bool is_optional = strcmp(name, "p_per_gpu") == 0;
        if ((!is_optional && !field_must_be_there(place, name, "a number", err)) ||
            !field_number(place, name, range_of(name), &out->parameter[i], err)) {
            return false;
        }
    }
    if (out->family == FAMILY_LOGUNIFORM && out->parameter[1] <= out->parameter[0]) {
        return json_unexpected(place->path, "most", json_object_get(place->object, "most"),
                               "more than least", err);
    }
    return true;
}

static bool read_point(const json_t *value, const char *path, struct distribution *out,
                       struct err *err)
{
    double p = json_is_number(json_array_get(value, 0))
                   ? json_number_value(json_array_get(value, 0))
                   : (double)NAN;
    double x = json_is_number(json_array_get(value, 1))
                   ? json_number_value(json_array_get(value, 1))
                   : (double)NAN;
    bool is_first = out->quantiles.count == 0;
    struct quantile_point before = {-1, 0};
    if (!is_first) {
        before = out->quantiles.items[out->quantiles.count - 1];
    }
    bool ok = json_array_size(value) == 2 && p > before.p && p <= 1 && x >= before.x &&
              x <= DISTRIBUTION_MOST && (!is_first || !(p > 0));
    if (!ok) {
        return json_unexpected(path, "", value,
                               "[share, value], shares rising from 0 to 1, values never falling",
                               err);
    }
    struct quantile_point point = {p, x};
    vec_push(&out->quantiles, point);
    return true;
}

static bool read_quantiles(const struct place *place, struct distribution *out, struct err *err)
{
    const json_t *list = NULL;
    if (!field_must_be_there(place, "quantiles", "an array of [share, value]", err) ||
        !json_read_array(place->object, place->path, "quantiles", &list, err)) {
        return false;
    }
    size_t count = json_array_size(list);
    if (count < 2 || count > DISTRIBUTION_MOST_QUANTILES) {
        return json_unexpected(place->path, "quantiles", list, "2 to 20000 of [share, value]", err);
    }
    char path[JSON_PATH_MOST];
    for (size_t i = 0; i < count; i++) {
        json_path(path, place->path, "quantiles", (long)i);
        if (!read_point(json_array_get(list, i), path, out, err)) {
            return false;
        }
    }
    if (out->quantiles.items[count - 1].p < 1) {
        return json_unexpected(path, "", json_array_get(list, count - 1),
                               "share 1, the largest value", err);
    }
    return true;
}

static bool read_bounds(const struct place *place, struct distribution *out, struct err *err)
{
    static const struct field_range range = {0, DISTRIBUTION_MOST};
    if (!field_number(place, "at_least", range, &out->at_least, err) ||
        !field_number(place, "at_most", range, &out->at_most, err)) {
        return false;
    }
    bool is_bounded = out->at_least > 0 || out->at_most < DISTRIBUTION_MOST;
    struct distribution free_of_bounds = *out;
    free_of_bounds.at_least = 0;
    free_of_bounds.at_most = DISTRIBUTION_MOST;
    if (is_bounded && !(distribution_cdf(&free_of_bounds, out->at_most) -
                            distribution_cdf(&free_of_bounds, out->at_least) >
                        1e-6)) {
        const json_t *least = json_object_get(place->object, "at_least");
        const json_t *most = json_object_get(place->object, "at_most");
        return json_unexpected(place->path, least != NULL ? "at_least" : "at_most",
                               least != NULL ? least : most,
                               "bounds with a millionth of the distribution between them", err);
    }
    return true;
}

bool distribution_read(const json_t *value, const char *path, struct distribution *out,
                       struct err *err)
{
    struct place place = {value, path};
    struct distribution read = {.at_most = DISTRIBUTION_MOST};
    if (!json_is_object(value)) {
        return json_unexpected(path, "", value, "a distribution, {\"family\": NAME, ...}", err);
    }
    bool ok = read_family(&place, &read.family, err) && read_parameters(&place, &read, err) &&
              (read.family != FAMILY_EMPIRICAL || read_quantiles(&place, &read, err)) &&
              read_bounds(&place, &read, err);
    if (!ok) {
        distribution_release(&read);
        return false;
    }
    *out = read;
    return true;
}

json_t *distribution_json(const struct distribution *distribution)
{
    json_t *object = json_object();
    const char *name = distribution_family_name(distribution->family);
    CHECK(json_object_set_new(object, "family", json_string(name)) == 0);
    for (unsigned i = 0; i < distribution_parameter_count(distribution->family); i++) {
        const char *key = distribution_parameter_name(distribution->family, i);
        if (strcmp(key, "p_per_gpu") != 0 || distribution_needs_size(distribution)) {
            (void)json_object_set_new(object, key, json_real(distribution->parameter[i]));
        }
    }
    if (distribution->at_least > 0) {
        (void)json_object_set_new(object, "at_least", json_real(distribution->at_least));
    }
    if (distribution->at_most < DISTRIBUTION_MOST) {
        (void)json_object_set_new(object, "at_most", json_real(distribution->at_most));
    }
    if (distribution->family == FAMILY_EMPIRICAL) {
        json_t *list = json_array();
        for (size_t i = 0; i < distribution->quantiles.count; i++) {
            const struct quantile_point *point = &distribution->quantiles.items[i];
            (void)json_array_append_new(list, json_pack("[f,f]", point->p, point->x));
        }
        (void)json_object_set_new(object, "quantiles", list);
    }
    return object;
}
