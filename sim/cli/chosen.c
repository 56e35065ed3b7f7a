/* chosen.c - see chosen.h. */
#include "sim/cli/chosen.h"

#include "sim/base/check.h"
#include "sim/base/mem.h"
#include "sim/base/vec.h"

typedef VEC(const char *) name_vec;

/* Fills the error and releases the names. */
static bool unknown(const char *what, struct view name, name_vec *names, struct err *err)
{
    vec_push(names, NULL);
    const char *nearest = param_nearest(name, names->items);
    vec_release(names);
    if (nearest != NULL) {
        return err_set(err, ERR_USAGE, 0, "unknown %s '%.*s'; did you mean '%s'?", what,
                       VIEW_ARG(name), nearest);
    }
    return err_set(err, ERR_USAGE, 0, "unknown %s '%.*s'; 'berth list' shows them", what,
                   VIEW_ARG(name));
}

bool chosen_policy_read(const char *text, struct chosen_policy *out, struct err *err)
{
    struct view settings = {0};
    struct view name = view_cut(view_of(text), ':', &settings);
    name_vec names = {0};
    for (const struct sched_ops *const *p = sched_policies; *p != NULL; p++) {
        vec_push(&names, (*p)->name);
        if (!view_is(name, (*p)->name)) {
            continue;
        }
        vec_release(&names);
        void *params = mem_alloc(1, (*p)->params_size + 1);
        if (!param_read((*p)->params, (*p)->name, settings, params, err)) {
            free(params);
            return false;
        }
        *out = (struct chosen_policy){*p, params};
        return true;
    }
    return unknown("policy", name, &names, err);
}

bool chosen_place_read(const char *text, struct chosen_place *out, struct err *err)
{
    struct view settings = {0};
    struct view name = view_cut(view_of(text), ':', &settings);
    name_vec names = {0};
    for (const struct place_ops *const *p = place_rules; *p != NULL; p++) {
        vec_push(&names, (*p)->name);
        if (!view_is(name, (*p)->name)) {
            continue;
        }
        vec_release(&names);
        void *params = mem_alloc(1, (*p)->params_size + 1);
        if (!param_read((*p)->params, (*p)->name, settings, params, err)) {
            free(params);
            return false;
        }
        *out = (struct chosen_place){*p, params};
        return true;
    }
    return unknown("placement rule", name, &names, err);
}

json_t *chosen_json(const char *name, const struct param_spec *specs, const void *params)
{
    json_t *values = json_object();
    for (; specs != NULL && specs->name != NULL; specs++) {
        struct text value = {0};
        param_add_value(&value, specs, params);
        json_object_set_new(values, specs->name, json_string(value.bytes));
        text_release(&value);
    }
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "params", values);
    return object;
}
