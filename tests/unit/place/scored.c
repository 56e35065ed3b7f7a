/* scored.c - see scored.h. */
#include "tests/unit/place/scored.h"

#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"

static const struct node_filter ANYWHERE = {0, DOMAIN_ANY};

void scored_open(struct scored *scored, const char *rule, const char *settings, const char *pools)
{
    memset(scored, 0, sizeof(*scored));
    struct err err = {0};
    struct text text = {0};
    text_add(&text, pools);
    struct file file = {.bytes = text.bytes, .length = text.length};
    cr_assert(cluster_from_json(&file, &scored->cluster, &err), "%s", err.msg);
    text_release(&text);
    scored->rule = place_find(rule);
    cr_assert_not_null(scored->rule, "%s", rule);
    cr_assert(scored->rule->state_size <= sizeof(scored->state) &&
              scored->rule->params_size <= sizeof(scored->params));
    cr_assert(param_read(scored->rule->params, rule, view_of(settings), scored->params, &err), "%s",
              err.msg);
    cr_assert(scored->rule->init == NULL ||
              scored->rule->init(scored->state, scored->params, &scored->cluster, 1, &err));
}

void scored_close(struct scored *scored)
{
    if (scored->rule->release != NULL) {
        scored->rule->release(scored->state);
    }
    cluster_release_all(&scored->cluster);
}

struct request scored_task(int64_t gpu_milli, int64_t cpu_milli)
{
    struct request request = {.kind = GPU_NONE, .cpu_milli = cpu_milli};
    if (gpu_milli > 0 && gpu_milli < 1000) {
        request.kind = GPU_FRACTION;
        request.gpu_count = 1;
        request.gpu_milli = (uint32_t)gpu_milli;
    } else if (gpu_milli > 0) {
        request.kind = GPU_WHOLE;
        request.gpu_count = (uint32_t)(gpu_milli / 1000);
    }
    return request;
}

void scored_learn(struct scored *scored, struct request request, uint32_t tasks)
{
    scored->rule->learn(scored->state, &(struct place_demand){.request = &request, .tasks = tasks});
}

void scored_take(struct scored *scored, uint32_t node, int64_t gpu_milli, int64_t cpu_milli)
{
    struct request request = scored_task(gpu_milli, cpu_milli);
    cr_assert(cluster_fits(&scored->cluster, node, &request));
    struct grant grant;
    cluster_choose(&scored->cluster, node, &request, &grant);
    cluster_place(&scored->cluster, &grant);
}

void scored_take_part(struct scored *scored, uint32_t node, uint32_t gpu, int64_t gpu_milli)
{
    struct request request = scored_task(gpu_milli, 0);
    struct grant grant;
    cr_assert(cluster_choose_among(&scored->cluster, node, &request, UINT64_C(1) << gpu, &grant));
    cluster_place(&scored->cluster, &grant);
}

uint32_t scored_pick(struct scored *scored, int64_t gpu_milli, int64_t cpu_milli)
{
    struct request request = scored_task(gpu_milli, cpu_milli);
    return scored->rule->pick(scored->state, &scored->cluster, &request, ANYWHERE);
}

uint64_t scored_choose(struct scored *scored, uint32_t node, int64_t gpu_milli, int64_t cpu_milli)
{
    struct request request = scored_task(gpu_milli, cpu_milli);
    struct grant grant;
    if (scored->rule->choose != NULL) {
        scored->rule->choose(scored->state, &scored->cluster, node, &request, &grant);
    } else {
        cluster_choose(&scored->cluster, node, &request, &grant);
    }
    return grant.gpus;
}
