/* test_case.c - a recorded scenario becomes a core that decides. */
#include <criterion/criterion.h>

#include "sim/base/json_read.h"
#include "sim/check/case.h"

static const char TWO_JOBS[] =
    "{\"id\": \"own#000\", \"protocol\": {\"kind\": \"single\", \"actions\": [\"allocate\"]},"
    " \"nodes\": [{\"name\": \"n0\", \"gpus\": 2}],"
    " \"queues\": [{\"name\": \"q\", \"gpu\": {\"quota\": 2, \"limit\": -1,"
    "   \"over_quota_weight\": 1}}],"
    " \"jobs\": [{\"name\": \"fits\", \"namespace\": \"\", \"queue\": \"q\", \"priority\": 50,"
    "   \"tasks\": [{\"name\": \"fits-0\", \"state\": \"pending\", \"request\":"
    "     {\"cpu_milli\": 1000, \"memory_bytes\": 1000000, \"gpu_kind\": \"whole\","
    "      \"gpu_devices\": 2, \"gpu_portion\": 1}}]},"
    "  {\"name\": \"waits\", \"namespace\": \"\", \"queue\": \"q\", \"priority\": 40,"
    "   \"tasks\": [{\"name\": \"waits-0\", \"state\": \"pending\", \"request\":"
    "     {\"cpu_milli\": 1000, \"memory_bytes\": 1000000, \"gpu_kind\": \"whole\","
    "      \"gpu_devices\": 1, \"gpu_portion\": 1}}]}]}";

Test(check_case, a_case_becomes_a_core_that_decides)
{
    struct err err = {0};
    json_t *document = json_parse(TWO_JOBS, sizeof(TWO_JOBS) - 1, &err);
    cr_assert_not_null(document, "%s", err.msg);
    struct check_case scenario;
    cr_assert(case_read(document, &scenario, &err), "%s", err.msg);
    cr_assert(scenario.single);
    cr_assert_eq(scenario.action_count, 1);
    cr_assert_eq(scenario.actions[0], CORE_ALLOCATE);
    cr_assert_eq(scenario.tasks.count, 2);

    struct core *core = case_build(&scenario, &err);
    cr_assert_not_null(core, "%s", err.msg);
    cr_assert(core_open(core, CASE_NOW_NS, &err), "%s", err.msg);
    core_run(core, CORE_ALLOCATE);
    cr_assert_eq(core_event_count(core), 1);
    struct core_event event = core_event_get(core, 0);
    cr_assert_eq(event.kind, CORE_BIND);
    cr_assert_eq(event.task, scenario.tasks.items[0].core);
    core_close(core);
    core_free(core);
    case_release(&scenario);
    json_decref(document);
}

Test(check_case, an_unknown_state_is_refused_by_its_path)
{
    enum core_status status = CORE_PENDING;
    cr_assert(case_status("running", &status));
    cr_assert_eq(status, CORE_RUNNING);
    cr_assert_not(case_status("flying", &status));
}
