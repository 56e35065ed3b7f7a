/* test_model.c - models from JSON and back, refusals with their place, single settings, presets. */
#include <criterion/criterion.h>

#include "sim/base/json_read.h"
#include "tests/unit/generate/make.h"

Test(model, an_empty_object_is_the_default_model)
{
    struct generate_model model = make_model("{}");
    cr_assert_eq(model.arrivals.process, ARRIVALS_RENEWAL);
    cr_assert_eq(model.arrivals.interarrival.family, FAMILY_EXPONENTIAL);
    cr_assert_eq(model.sizes.classes.count, 1);
    cr_assert_eq(model.sizes.classes.items[0].gpu_milli, 1000);
    cr_assert_eq(model.users.count, 0);
    cr_assert_eq(model.estimates.kind, ESTIMATES_NONE);
    generate_model_release(&model);
}

Test(model, every_preset_reads_back_from_what_it_writes)
{
    size_t count = 0;
    for (const struct generate_preset *preset = generate_presets; preset->name != NULL; preset++) {
        struct generate_model model;
        struct generate_model again;
        struct err err = {0};
        cr_assert(generate_model_read(view_of(preset->json), &model, &err), "%s: %s", preset->name,
                  err.msg);
        cr_assert_str_eq(model.name, preset->name);
        cr_assert_not_null(model.about);
        json_t *json = generate_model_json(&model);
        cr_assert(generate_model_read_json(json, &again, &err), "%s: %s", preset->name, err.msg);
        json_t *twice = generate_model_json(&again);
        cr_assert(json_equal(json, twice), "%s", preset->name);
        cr_assert_eq(generate_preset_find(preset->name), preset->json);
        json_decref(json);
        json_decref(twice);
        generate_model_release(&model);
        generate_model_release(&again);
        count++;
    }
    cr_assert_geq(count, 7);
    cr_assert_null(generate_preset_find("nothing"));
}

Test(model, a_model_with_every_key_reads_back)
{
    struct generate_model model = make_model(
        "{'name': 'n', 'about': 'a', 'arrivals': {'process': 'users', 'rate': 2, 'burst': "
        "{'chance': "
        "0.5, 'more_jobs': 3, 'gap': {'family': 'constant', 'value': 2}}, 'profile': {'period_s': "
        "10, "
        "'weights': [1, 0, 2]}, 'start_s': 3, 'think': {'family': 'weibull', 'shape': 2, 'scale': "
        "3}, "
        "'pause': {'family': 'gamma', 'shape': 2, 'scale': 3}, 'session_jobs': 4, 'after': "
        "'submit', "
        "'round_s': 1}, 'sizes': {'classes': [{'gpus': 0.5, 'weight': 2, 'gpu_model': 'A|B', "
        "'duration': {'family': 'constant', 'value': 5}}, {'gpus': 8, 'tasks': 4, 'min_tasks': 2, "
        "'cpus': 4, 'memory_mib': 4096}], 'gpus_per_node': 8, 'elastic_chance': 0.5, "
        "'elastic_share': "
        "0.25}, 'durations': {'distribution': {'family': 'empirical', 'quantiles': [[0, 0], [1, "
        "9]]}, "
        "'correlation': -0.5, 'round_s': 0.001}, 'users': {'count': 3, 'zipf': 0}, 'queues': "
        "{'classes': [{'name': 'x', 'weight': 2}, {'name': 'y'}], 'by': 'job'}, 'estimates': "
        "{'kind': "
        "'modal', 'factor': {'family': 'constant', 'value': 2}, 'modal_chance': 0.25, 'modal_s': "
        "[60, "
        "3600]}, 'fit': {'anything': 1}}");
    json_t *json = generate_model_json(&model);
    struct generate_model again;
    struct err err = {0};
    cr_assert(generate_model_read_json(json, &again, &err), "%s", err.msg);
    json_t *twice = generate_model_json(&again);
    cr_assert(json_equal(json, twice));
    cr_assert_eq(again.sizes.classes.items[1].memory_mib, 4096);
    cr_assert_eq(again.queues.classes.count, 2);
    cr_assert_not(again.queues.by_user);
    cr_assert(again.arrivals.after_submit);
    json_decref(json);
    json_decref(twice);
    generate_model_release(&model);
    generate_model_release(&again);
}

/* What is refused, and the words that say where and why. */
static const struct {
    const char *json;
    const char *words;
} REFUSED[] = {
    {"[]", "at the top: found an array, expected an object"},
    {"{'arrival': {}}", "did you mean \"arrivals\"?"},
    {"{'arrivals': {'process': 'poisson'}}",
     "at arrivals.process: found \"poisson\", expected one of renewal, users"},
    {"{'arrivals': {'rate': 0}}", "at arrivals.rate"},
    {"{'arrivals': {'interarrival': 5}}",
     "at arrivals.interarrival: found 5, expected a distribution"},
    {"{'arrivals': {'interarrival': {'family': 'pareto'}}}", "at arrivals.interarrival.family"},
    {"{'arrivals': {'interarrival': {'family': 'weibull', 'shape': 1}}}",
     "at arrivals.interarrival.scale: missing"},
    {"{'arrivals': {'interarrival': {'family': 'weibull', 'shape': 1e-9, 'scale': 1}}}",
     "at arrivals.interarrival.shape: found 1e-09, expected a number from 0.01"},
    {"{'arrivals': {'interarrival': {'family': 'exponential', 'mean': 1, 'shape': 2}}}",
     "unknown key \"shape\""},
    {"{'arrivals': {'interarrival': {'family': 'exponential', 'mean': 1, 'at_least': 2, 'at_most': "
     "1}}}",
     "at arrivals.interarrival.at_least"},
    {"{'arrivals': {'interarrival': {'family': 'exponential', 'mean': 1, 'at_least': 200}}}",
     "a millionth of the distribution"},
    {"{'arrivals': {'interarrival': {'family': 'loguniform', 'least': 5, 'most': 5}}}",
     "at arrivals.interarrival.most"},
    {"{'arrivals': {'interarrival': {'family': 'hypergamma', 'p': 1, 'shape1': 1, 'scale1': 1, "
     "'shape2': 1, 'scale2': 1, 'p_per_gpu': 0.1}}}",
     "only durations depend on sizes"},
    {"{'arrivals': {'interarrival': {'family': 'empirical', 'quantiles': [[0, 5], [0.5, 4], [1, "
     "6]]}}}",
     "at arrivals.interarrival.quantiles[1]"},
    {"{'arrivals': {'interarrival': {'family': 'empirical', 'quantiles': [[0.1, 5], [1, 6]]}}}",
     "quantiles[0]"},
    {"{'arrivals': {'interarrival': {'family': 'empirical', 'quantiles': [[0, 5], [0.9, 6]]}}}",
     "share 1, the largest value"},
    {"{'arrivals': {'interarrival': {'family': 'empirical', 'quantiles': [[0, 5]]}}}",
     "2 to 20000"},
    {"{'arrivals': {'profile': {'weights': [1, -1]}}}", "at arrivals.profile.weights[1]"},
    {"{'arrivals': {'profile': {'weights': [0, 0]}}}", "a weight above 0"},
    {"{'arrivals': {'burst': {'chance': 2}}}", "at arrivals.burst.chance"},
    {"{'arrivals': {'process': 'users'}}", "at users.count: missing, expected 1 or more users"},
    {"{'sizes': {'classes': []}}", "1 to 4096 classes"},
    {"{'sizes': {'classes': [{}]}}", "at sizes.classes[0].gpus: missing"},
    {"{'sizes': {'classes': [{'gpus': 1, 'weight': 0}]}}", "a weight above 0"},
    {"{'sizes': {'classes': [{'gpus': 1.5}]}}", "whole GPUs, or a share of one, for each task"},
    {"{'sizes': {'classes': [{'gpus': 3, 'tasks': 2}]}}", "at sizes.classes[0].gpus"},
    {"{'sizes': {'classes': [{'gpus': 2, 'tasks': 2, 'cpus': 0.001}]}}", "dealt evenly"},
    {"{'sizes': {'classes': [{'gpus': 2, 'tasks': 2, 'min_tasks': 3}]}}", "no more than tasks"},
    {"{'sizes': {'classes': [{'gpus': 2, 'duration': {'family': 'gamma'}}]}}",
     "at sizes.classes[0].duration.shape"},
    {"{'sizes': {'family': 'powers', 'least': 8, 'most': 4}}", "no less than least"},
    {"{'sizes': {'family': 'two_stage', 'low': 5, 'middle': 4}}", "between low and high"},
    {"{'sizes': {'family': 'two_stage', 'serial': 0.7, 'powers': 0.7}}", "together with serial"},
    {"{'durations': {'correlation': 1.5}}", "at durations.correlation"},
    {"{'durations': {'correlation': 0.5, 'distribution': {'family': 'hypergamma', 'p': 1, "
     "'shape1': 1, "
     "'scale1': 1, 'shape2': 1, 'scale2': 1, 'p_per_gpu': 0.1}}}",
     "0 where p_per_gpu correlates"},
    {"{'users': {'count': -1}}", "at users.count"},
    {"{'users': {'count': 1.5}}", "at users.count"},
    {"{'queues': {'classes': [{'weight': 1}]}}", "at queues.classes[0].name: missing"},
    {"{'queues': {'classes': [{'name': '', 'weight': 1}]}}", "a name of 1 to 200 bytes"},
    {"{'queues': {'by': 'size'}}", "expected one of user, job"},
    {"{'estimates': {'modal_s': [60, 30]}}", "at estimates.modal_s[1]"},
    {"{'estimates': {'kind': 'good'}}", "at estimates.kind"},
};

Test(model, what_is_wrong_is_refused_with_its_place)
{
    for (size_t i = 0; i < sizeof(REFUSED) / sizeof(*REFUSED); i++) {
        struct generate_model model;
        struct err err = {0};
        char *text = mem_copy_text(REFUSED[i].json, strlen(REFUSED[i].json));
        for (char *c = text; *c != '\0'; c++) {
            *c = *c == '\'' ? '"' : *c;
        }
        cr_assert_not(generate_model_read(view_of(text), &model, &err), "%s", text);
        cr_assert_eq(err.code, ERR_FORMAT);
        cr_assert_not_null(strstr(err.msg, REFUSED[i].words), "%s: '%s' does not say '%s'", text,
                           err.msg, REFUSED[i].words);
        free(text);
    }
}

static json_t *parse(const char *text)
{
    struct err err = {0};
    json_t *json = json_parse(text, strlen(text), &err);
    cr_assert_not_null(json, "%s", err.msg);
    return json;
}

Test(model, single_values_are_put_where_their_path_says)
{
    struct err err = {0};
    json_t *json = parse("{\"sizes\": {\"classes\": [{\"gpus\": 1}, {\"gpus\": 2}]}}");
    cr_assert(generate_model_set(json, "arrivals.rate=2.5", &err));
    cr_assert(generate_model_set(json, "arrivals.process=renewal", &err));
    cr_assert(generate_model_set(json, "sizes.classes[1].weight=7", &err));
    cr_assert(generate_model_set(json,
                                 "arrivals.interarrival={\"family\": \"constant\", "
                                 "\"value\": 3}",
                                 &err));
    cr_assert(generate_model_set(json, "name=a=b", &err));
    json_t *wanted =
        parse("{\"sizes\": {\"classes\": [{\"gpus\": 1}, {\"gpus\": 2, \"weight\": 7}]}, "
              "\"arrivals\": {\"rate\": 2.5, \"process\": \"renewal\", \"interarrival\": "
              "{\"family\": \"constant\", \"value\": 3}}, \"name\": \"a=b\"}");
    cr_assert(json_equal(json, wanted));
    json_decref(json);
    json_decref(wanted);
}

Test(model, paths_that_lead_nowhere_are_refused)
{
    static const char *const BAD[] = {
        "arrivals.rate",           "=3",           "sizes.classes[2].weight=1",
        "sizes.classes[x].gpus=1", "name.first=1", "sizes.classes[0]=1",
        "sizes.classes.gpus=1",    "a..b=1",       "sizes.other[0].a=1",
        "sizes.classes[-1].gpus=1"};
    for (size_t i = 0; i < sizeof(BAD) / sizeof(*BAD); i++) {
        struct err err = {0};
        json_t *json = parse("{\"name\": \"n\", \"sizes\": {\"classes\": [{}]}}");
        cr_assert_not(generate_model_set(json, BAD[i], &err), "%s", BAD[i]);
        cr_assert_eq(err.code, ERR_USAGE);
        json_decref(json);
    }
}
