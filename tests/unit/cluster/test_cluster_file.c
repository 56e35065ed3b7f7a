/* test_cluster_file.c - clusters from JSON and from the short form, written and read again. */
#include <string.h>

#include <criterion/criterion.h>

#include "model.h"
#include "sim/base/rng.h"
#include "sim/cluster/cluster_file.h"

static bool read_text(const char *text, struct cluster *out, struct err *err)
{
    char *bytes = mem_copy_text(text, strlen(text));
    struct file file = {.bytes = bytes, .length = strlen(text)};
    *err = (struct err){0};
    bool ok = cluster_from_json(&file, out, err);
    free(bytes);
    return ok;
}

/* The JSON uses ' for ", which is easier to read here. */
static char *unquote(const char *text)
{
    char *copy = mem_copy_text(text, strlen(text));
    for (char *c = copy; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    return copy;
}

Test(cluster_file, everything_is_read)
{
    char *text = unquote(
        "{'topology':['block','rack'],'pools':["
        "{'name':'a','nodes':2,'gpus':8,'gpu_model':'H100','gpu_memory_mib':81920,'cpus':96.5,"
        " 'memory_mib':1000000,'labels':{'block':'b1','rack':'r1','zone':'z'},"
        " 'price_per_hour':12.25},"
        "{'name':'b','gpus':4,'gpu_memory_mib':81920,'mig':['3g.40gb','1g.10gb'],'cpus':-1,"
        " 'labels':{'block':'b1'},'nodes':[{'name':'x','labels':{'rack':'r2','block':'b2'}},"
        " {'name':'y'}]},"
        "{'name':'c','nodes':1,'gpus':4,'divisible':true}]}");
    struct cluster cluster;
    struct err err;
    cr_assert(read_text(text, &cluster, &err), "%s", err.msg);
    cr_assert_eq(cluster.nodes.count, 5);
    cr_assert_eq(cluster.pools.count, 4);
    const struct pool *a = &cluster.pools.items[0];
    cr_assert_eq(a->gpu_count, 8);
    cr_assert_str_eq(names_get(&cluster.models, a->model), "H100");
    cr_assert_eq(a->gpu_memory_mib, 81920);
    cr_assert_eq(a->cpu_milli, 96500);
    cr_assert_eq(a->memory_mib, 1000000);
    cr_assert_float_eq(a->price_per_hour, 12.25, 0);
    cr_assert_eq(a->label_count, 3);
    cr_assert_not(a->divisible);
    const struct pool *x = &cluster.pools.items[1];
    cr_assert_eq(x->model, NAMES_NONE);
    cr_assert_eq(x->cpu_milli, UNLIMITED);
    cr_assert_eq(x->memory_mib, UNLIMITED);
    cr_assert_eq(x->mig_profile_count, 2);
    cr_assert_eq(cluster_find_node(&cluster, "y"), 3);
    cr_assert_str_eq(cluster.levels[0].domains.items[cluster.levels[0].domain_of_node[2]].name,
                     "b2");
    cr_assert_eq(cluster.levels[0].domain_of_node[3], cluster.levels[0].domain_of_node[0]);
    cr_assert_eq(cluster.levels[1].domain_of_node[3], DOMAIN_NONE);
    cr_assert(cluster.pools.items[3].divisible);
    char digest[DIGEST_TEXT];
    digest_bytes(text, strlen(text), digest);
    cr_assert_str_eq(cluster.digest, digest);
    cluster_release_all(&cluster);
    free(text);
}

Test(cluster_file, errors_name_the_path_and_what_was_expected)
{
    static const struct {
        const char *text, *says;
    } CASES[] = {
        {"", "not valid JSON"},
        {"[]", "at the top: found an array, expected an object"},
        {"{}", "at pools: missing"},
        {"{'pools':[]}", "at pools: found an array, expected a list of at least one pool"},
        {"{'pool':[]}", "unknown key \"pool\"; did you mean \"pools\"?"},
        {"{'pools':[3]}", "at pools[0]: found 3, expected an object"},
        {"{'pools':[{'name':'a','nodes':1,'gpus':1,'gpu':1}]}",
         "at pools[0]: unknown key \"gpu\"; did you mean \"gpus\"?"},
        {"{'pools':[{'nodes':1,'gpus':1}]}", "at pools[0].name: missing"},
        {"{'pools':[{'name':'','nodes':1,'gpus':1}]}", "at pools[0].name: found \"\""},
        {"{'pools':[{'name':'a','gpus':1}]}", "at pools[0].nodes: missing"},
        {"{'pools':[{'name':'a','nodes':[],'gpus':1}]}", "at pools[0].nodes: found an array"},
        {"{'pools':[{'name':'a','nodes':1}]}", "at pools[0].gpus: missing"},
        {"{'pools':[{'name':'a','nodes':0,'gpus':1}]}", "at pools[0].nodes: found 0"},
        {"{'pools':[{'name':'a','nodes':1.5,'gpus':1}]}", "at pools[0].nodes: found 1.5"},
        {"{'pools':[{'name':'a','nodes':1,'gpus':-1}]}", "at pools[0].gpus: found -1"},
        {"{'pools':[{'name':'a','nodes':1,'gpus':'8'}]}", "at pools[0].gpus: found \"8\""},
        {"{'pools':[{'name':'a','nodes':1,'gpus':1,'cpus':-2}]}", "at pools[0].cpus: found -2"},
        {"{'pools':[{'name':'a','nodes':1,'gpus':1,'cpus':-0.5}]}", "at pools[0].cpus: found -0.5"},
        {"{'pools':[{'name':'a','nodes':1,'gpus':1,'memory_mib':1e13}]}",
         "at pools[0].memory_mib: found 10000000000000"},
        {"{'pools':[{'name':'a','nodes':1,'gpus':1,'divisible':1}]}",
         "at pools[0].divisible: found 1, expected true or false"},
        {"{'pools':[{'name':'a','nodes':1,'gpus':1,'gpu_model':7}]}",
         "at pools[0].gpu_model: found 7, expected a string"},
        {"{'pools':[{'name':'a','nodes':1,'gpus':1,'labels':{'rack':1}}]}",
         "at pools[0].labels: found 1"},
        {"{'pools':[{'name':'a','nodes':1,'gpus':1,'price_per_hour':-1}]}",
         "at pools[0].price_per_hour: found -1"},
        {"{'pools':[{'name':'a','nodes':1,'gpus':1,'gpu_memory_mib':81920,'mig':['3g']}]}",
         "at pools[0].mig[0]: found \"3g\""},
        {"{'pools':[{'name':'a','nodes':1,'gpus':1,'gpu_memory_mib':81920,'mig':['3g.30gb']}]}",
         "at pools[0]: pool \"a\": a GPU of 81920 MiB has no MIG instance 3g.30gb"},
        {"{'pools':[{'name':'a','nodes':2,'gpus':1},{'name':'a-1','nodes':1,'gpus':1}]}",
         "at pools[1]: pool \"a-1\": there is another node \"a-1\""},
        {"{'pools':[{'name':'a','gpus':1,'nodes':[{'name':'x'},{'name':'x'}]}]}",
         "at pools[0].nodes[1]: pool \"a\": there is another node \"x\""},
        {"{'pools':[{'name':'a','gpus':1,'nodes':[{'name':'x','gpus':2}]}]}",
         "at pools[0].nodes[0]: unknown key \"gpus\""},
        {"{'pools':[{'name':'a','gpus':1,'nodes':[{}]}]}", "at pools[0].nodes[0].name: missing"},
        {"{'topology':['r','r'],'pools':[{'name':'a','nodes':1,'gpus':1}]}", "at topology[1]"},
        {"{'topology':[1],'pools':[{'name':'a','nodes':1,'gpus':1}]}", "at topology[0]: found 1"},
        {"{'topology':'r','pools':[{'name':'a','nodes':1,'gpus':1}]}", "at topology: found \"r\""},
        {"{'pools':[{'name':'a','name':'b','nodes':1,'gpus':1}]}", "duplicate object key"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        char *text = unquote(CASES[i].text);
        struct cluster cluster = {.level_count = 77};
        struct err err;
        cr_assert_not(read_text(text, &cluster, &err), "%s", CASES[i].text);
        cr_assert_eq(err.code, ERR_FORMAT);
        cr_assert_not_null(strstr(err.msg, CASES[i].says), "%s\n  gives '%s'\n  not '%s'",
                           CASES[i].text, err.msg, CASES[i].says);
        cr_assert_eq(cluster.level_count, 77, "the output was touched");
        free(text);
    }
}

Test(cluster_file, syntax_errors_name_the_line)
{
    struct cluster cluster;
    struct err err;
    cr_assert_not(read_text("{\n\"pools\": [\n{\"name\" 1}]}", &cluster, &err));
    cr_assert_eq(err.line, 3);
}

/* Every fact of two clusters that is not where something lies in memory. */
static void expect_equal(const struct cluster *a, const struct cluster *b)
{
    cr_assert_eq(a->nodes.count, b->nodes.count);
    cr_assert_eq(a->gpu_milli, b->gpu_milli);
    cr_assert_eq(a->level_count, b->level_count);
    for (uint32_t i = 0; i < a->nodes.count; i++) {
        const struct pool *p = cluster_pool(a, i);
        const struct pool *q = cluster_pool(b, i);
        cr_assert_str_eq(a->nodes.items[i].name, b->nodes.items[i].name);
        cr_assert_str_eq(p->name, q->name);
        cr_assert_eq(p->gpu_count, q->gpu_count);
        cr_assert_eq(p->divisible, q->divisible);
        cr_assert_eq(p->gpu_memory_mib, q->gpu_memory_mib);
        cr_assert_eq(p->cpu_milli, q->cpu_milli);
        cr_assert_eq(p->memory_mib, q->memory_mib);
        cr_assert_float_eq(p->price_per_hour, q->price_per_hour, 0);
        cr_assert_eq(p->mig_profile_count, q->mig_profile_count);
        cr_assert_eq(memcmp(p->mig_profiles, q->mig_profiles, sizeof(p->mig_profiles)), 0);
        cr_assert_eq(p->label_count, q->label_count);
        for (uint32_t l = 0; l < p->label_count; l++) {
            cr_assert_str_eq(p->labels[l].key, q->labels[l].key);
            cr_assert_str_eq(p->labels[l].value, q->labels[l].value);
        }
        const char *p_model = p->model == NAMES_NONE ? "" : names_get(&a->models, p->model);
        const char *q_model = q->model == NAMES_NONE ? "" : names_get(&b->models, q->model);
        cr_assert_str_eq(p_model, q_model);
    }
    for (uint32_t i = 0; i < a->level_count; i++) {
        cr_assert_str_eq(a->levels[i].label, b->levels[i].label);
        cr_assert_eq(memcmp(a->levels[i].domain_of_node, b->levels[i].domain_of_node,
                            a->nodes.count * sizeof(uint32_t)),
                     0);
    }
}

Test(cluster_file, what_is_written_reads_as_the_same)
{
    for (uint32_t seed = 1; seed <= 100; seed++) {
        gsl_rng *stream = rng_new(seed, "test.json", 0);
        struct cluster cluster;
        random_cluster(stream, &cluster);
        struct text text = {0};
        cluster_add_json(&text, &cluster);
        struct cluster again;
        struct err err;
        cr_assert(read_text(text.bytes, &again, &err), "%s in %s", err.msg, text.bytes);
        expect_equal(&cluster, &again);
        struct text second = {0};
        cluster_add_json(&second, &again);
        cr_assert_str_eq(text.bytes, second.bytes);
        text_release(&text);
        text_release(&second);
        cluster_release_all(&cluster);
        cluster_release_all(&again);
        gsl_rng_free(stream);
    }
}

Test(cluster_file, listed_nodes_are_written_as_a_list)
{
    char *json = unquote("{'pools':[{'name':'a','gpus':2,'cpus':0.125,'price_per_hour':0.1,"
                         "'nodes':[{'name':'x','labels':{'k':'1'}},{'name':'y'}]},"
                         "{'name':'a','gpus':3,'nodes':[{'name':'z'}]}]}");
    struct cluster cluster;
    struct cluster again;
    struct err err;
    struct text text = {0};
    cr_assert(read_text(json, &cluster, &err), "%s", err.msg);
    cluster_add_json(&text, &cluster);
    cr_assert(read_text(text.bytes, &again, &err), "%s in %s", err.msg, text.bytes);
    expect_equal(&cluster, &again);
    cr_assert_eq(cluster_pool(&again, 0)->cpu_milli, 125);
    text_release(&text);
    free(json);
    cluster_release_all(&cluster);
    cluster_release_all(&again);
}

Test(cluster_file, names_that_are_not_utf8_can_be_written)
{
    struct cluster cluster;
    struct pool pool = {.name = "caf\xe9",
                        .node_count = 1,
                        .gpu_count = 1,
                        .model = NAMES_NONE,
                        .cpu_milli = UNLIMITED,
                        .memory_mib = UNLIMITED};
    struct node_draft node = {0};
    struct err err = {0};
    cluster_init(&cluster, NULL, 0);
    cr_assert(cluster_add_pool(&cluster, &pool, &node, &err));
    cluster_finish(&cluster);
    struct text text = {0};
    cluster_add_json(&text, &cluster);
    struct cluster again;
    cr_assert(read_text(text.bytes, &again, &err), "%s", err.msg);
    cr_assert_str_eq(again.nodes.items[0].name, "caf?");
    text_release(&text);
    cluster_release_all(&cluster);
    cluster_release_all(&again);
}

Test(cluster_file, the_short_form_is_nodes_by_gpus)
{
    struct cluster cluster;
    struct err err = {0};
    cr_assert(cluster_from_short_form("64x8", &cluster, &err));
    cr_assert_eq(cluster.nodes.count, 64);
    cr_assert_eq(cluster.gpu_milli, 512000);
    cr_assert_str_eq(cluster.nodes.items[63].name, "node-63");
    cr_assert_eq(cluster.nodes.items[0].free_cpu_milli, UNLIMITED);
    cluster_release_all(&cluster);
    cr_assert(cluster_from_short_form("1x300", &cluster, &err));
    cr_assert(cluster.pools.items[0].divisible);
    cluster_release_all(&cluster);

    static const char *const NOT_SHORT[] = {"",       "x",     "8",    "8x",   "x8",
                                            "a.json", "8x8x8", "-1x8", "8x-1", " 8x8",
                                            "8x8 ",   "8.0x8", "8X8",  "1e3x8"};
    for (size_t i = 0; i < sizeof(NOT_SHORT) / sizeof(*NOT_SHORT); i++) {
        cr_assert_not(cluster_from_short_form(NOT_SHORT[i], &cluster, &err));
        cr_assert_eq(err.code, ERR_NONE, "'%s'", NOT_SHORT[i]);
    }
    static const char *const TOO_MUCH[] = {"0x8",
                                           "1048577x1",
                                           "1x1048577",
                                           "1048576x64",
                                           "99999999999999999999x1",
                                           "1x99999999999999999999"};
    for (size_t i = 0; i < sizeof(TOO_MUCH) / sizeof(*TOO_MUCH); i++) {
        cr_assert_not(cluster_from_short_form(TOO_MUCH[i], &cluster, &err));
        cr_assert_neq(err.code, ERR_NONE, "'%s'", TOO_MUCH[i]);
    }
}
