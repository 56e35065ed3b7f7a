/* study_demand.c - how the demand of a study changes; see study_parts.h. */
#include "sim/base/json_read.h"
#include "sim/plan/study_parts.h"

bool study_read_jobs(const json_t *object, const char *path, struct level_jobs *jobs,
                     struct err *err)
{
    static const char *const KEYS[] = {"queue", "user", "gpus_at_least", "gpus_at_most", NULL};
    if (object == NULL) {
        return true;
    }
    if (!json_check_object(object, path, KEYS, err) ||
        !json_read_text(object, path, "queue", &jobs->queue, err) ||
        !json_read_text(object, path, "user", &jobs->user, err) ||
        !json_read_number(object, path, "gpus_at_least", 0, &jobs->gpus_at_least, err) ||
        !json_read_number(object, path, "gpus_at_most", 0, &jobs->gpus_at_most, err)) {
        return false;
    }
    return jobs->gpus_at_most <= 0 || jobs->gpus_at_most >= jobs->gpus_at_least ||
           err_set(err, ERR_FORMAT, 0, "at %s: no job has at least %g and at most %g GPUs", path,
                   jobs->gpus_at_least, jobs->gpus_at_most);
}

/* -- growth ---------------------------------------------------------------------------------- */

static bool read_rule(const json_t *object, const char *path, struct plan_rule *rule,
                      struct err *err)
{
    static const char *const KEYS[] = {"jobs", "percent_a_year", NULL};
    char jobs_path[JSON_PATH_MOST];
    double percent = 0;
    json_path(jobs_path, path, "jobs", -1);
    if (!json_check_object(object, path, KEYS, err) ||
        !study_read_jobs(json_object_get(object, "jobs"), jobs_path, &rule->jobs, err) ||
        !json_read_number(object, path, "percent_a_year", -100, &percent, err)) {
        return false;
    }
    if (json_object_get(object, "percent_a_year") == NULL || percent > 10000) {
        return json_unexpected(path, "percent_a_year", json_object_get(object, "percent_a_year"),
                               "a number from -100 to 10,000", err);
    }
    rule->growth = percent / 100;
    return true;
}

static bool read_rules(struct plan_study *study, const json_t *object, const char *path,
                       uint32_t scenario, struct err *err)
{
    const json_t *list = NULL;
    char list_path[JSON_PATH_MOST];
    json_path(list_path, path, "growth", -1);
    if (!json_read_array(object, path, "growth", &list, err)) {
        return false;
    }
    if (json_array_size(list) > 0 && !(study->years > 0)) {
        return err_set(err, ERR_FORMAT, 0, "at %s: nothing grows in 0 years, expected \"years\"",
                       list_path);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        char rule_path[JSON_PATH_MOST];
        struct plan_rule rule = {.scenario = scenario};
        json_path(rule_path, path, "growth", (long)i);
        if (!read_rule(json_array_get(list, i), rule_path, &rule, err)) {
            return false;
        }
        vec_push(&study->rules, rule);
    }
    return true;
}

/* -- scenarios ------------------------------------------------------------------------------- */

static bool read_scenario(struct plan_study *study, const json_t *object, const char *path,
                          struct err *err)
{
    static const char *const KEYS[] = {"name", "weight", "factor", "durations", "growth", NULL};
    struct plan_scenario scenario = {"", 1, 1, 1};
    uint32_t number = (uint32_t)study->scenarios.count;
    if (!json_check_object(object, path, KEYS, err) ||
        !json_read_text(object, path, "name", &scenario.name, err) ||
        !json_read_number(object, path, "weight", 1e-9, &scenario.weight, err) ||
        !json_read_number(object, path, "factor", 1e-6, &scenario.factor, err) ||
        !json_read_number(object, path, "durations", 1e-6, &scenario.durations, err) ||
        !read_rules(study, object, path, number, err)) {
        return false;
    }
    vec_push(&study->scenarios, scenario);
    return true;
}

static bool read_scenarios(struct plan_study *study, struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(study->json, "", "scenarios", &list, err)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        char path[JSON_PATH_MOST];
        json_path(path, "", "scenarios", (long)i);
        if (!read_scenario(study, json_array_get(list, i), path, err)) {
            return false;
        }
    }
    if (study->scenarios.count == 0) {
        struct plan_scenario only = {"", 1, 1, 1};
        vec_push(&study->scenarios, only);
    }
    return true;
}

/* -- projects -------------------------------------------------------------------------------- */

static bool read_project(const json_t *object, const char *path, struct plan_project *project,
                         struct err *err)
{
    static const char *const KEYS[] = {"name", "queue", "model", "factor", "set", NULL};
    const json_t *set = NULL;
    if (!json_check_object(object, path, KEYS, err) ||
        !json_read_text(object, path, "name", &project->name, err) ||
        !json_read_text(object, path, "queue", &project->queue, err) ||
        !json_read_text(object, path, "model", &project->model, err) ||
        !json_read_number(object, path, "factor", 1e-6, &project->factor, err) ||
        !json_read_array(object, path, "set", &set, err)) {
        return false;
    }
    if (project->name == NULL || project->model == NULL) {
        const char *key = project->name == NULL ? "name" : "model";
        return json_unexpected(path, key, NULL, "a text", err);
    }
    for (size_t i = 0; i < json_array_size(set); i++) {
        char set_path[JSON_PATH_MOST];
        json_path(set_path, path, "set", (long)i);
        if (!json_is_string(json_array_get(set, i))) {
            return json_unexpected(set_path, "", json_array_get(set, i), "KEY=VALUE", err);
        }
    }
    project->set = set;
    return true;
}

static bool read_projects(struct plan_study *study, struct err *err)
{
    const json_t *list = NULL;
    if (!json_read_array(study->json, "", "projects", &list, err)) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        char path[JSON_PATH_MOST];
        struct plan_project project = {.factor = 1};
        json_path(path, "", "projects", (long)i);
        if (!read_project(json_array_get(list, i), path, &project, err)) {
            return false;
        }
        vec_push(&study->projects, project);
    }
    return true;
}

bool study_read_demand(struct plan_study *study, struct err *err)
{
    return read_scenarios(study, err) &&
           read_rules(study, study->json, "", PLAN_ANY_SCENARIO, err) && read_projects(study, err);
}
