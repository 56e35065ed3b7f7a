/* test_catalogue.c - the shipped catalogue is complete and sane; documents override it; refusals
 * name their place; what is written reads back. */
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/json_read.h"
#include "sim/cluster/catalogue.h"
#include "sim/cluster/mig.h"

/* The JSON uses ' for ", which is easier to read here. */
static bool add(struct catalogue *catalogue, const char *text, struct err *err)
{
    char *bytes = mem_copy_text(text, strlen(text));
    for (char *c = bytes; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    struct file file = {.bytes = bytes, .length = strlen(bytes)};
    *err = (struct err){0};
    bool ok = catalogue_add_file(catalogue, &file, err);
    free(bytes);
    return ok;
}

static void expect_cites(const struct catalogue *catalogue, const struct catalogue_cites *cites)
{
    cr_assert_lt(cites->source, catalogue->sources.count);
    for (uint32_t i = 0; i < cites->count; i++) {
        cr_assert_lt(cites->cites[i].source, catalogue->sources.count);
    }
}

Test(catalogue, every_shipped_source_has_a_title_an_address_and_a_date)
{
    struct catalogue catalogue;
    catalogue_init(&catalogue);
    cr_assert_gt(catalogue.sources.count, 40);
    for (size_t i = 0; i < catalogue.sources.count; i++) {
        const struct catalogue_source *source = &catalogue.sources.items[i];
        bool is_year = strlen(source->date) >= 4 && strncmp(source->date, "20", 2) == 0;
        bool is_linked = strncmp(source->address, "http", 4) == 0;
        cr_assert(is_year, "%s: %s", source->name, source->date);
        cr_assert(is_linked || strcmp(source->address, "none") == 0, "%s", source->name);
        cr_assert(is_linked || !source->is_checked, "%s", source->name);
        bool says_unchecked = strstr(source->title, "unchecked") != NULL;
        cr_assert(!says_unchecked || !source->is_checked, "%s", source->name);
    }
    catalogue_release(&catalogue);
}

Test(catalogue, every_shipped_gpu_is_sane)
{
    struct catalogue catalogue;
    catalogue_init(&catalogue);
    for (size_t i = 0; i < catalogue.gpus.count; i++) {
        const struct catalogue_gpu *gpu = &catalogue.gpus.items[i];
        expect_cites(&catalogue, &gpu->cites);
        cr_assert(gpu->memory_mib >= 12288 && gpu->memory_mib <= 294912, "%s", gpu->name);
        cr_assert(gpu->busy_mw >= 70000 && gpu->busy_mw <= 1200000, "%s", gpu->name);
        cr_assert(gpu->idle_mw * 100 >= gpu->busy_mw * 14, "%s", gpu->name);
        cr_assert(gpu->idle_mw * 100 <= gpu->busy_mw * 17, "%s", gpu->name);
        cr_assert_leq(gpu->peak[WORK_TRAINING_DENSE], gpu->peak[WORK_INFERENCE], "%s", gpu->name);
        for (unsigned j = 0; j < WORK_CLASS_COUNT; j++) {
            cr_assert(gpu->speed[j] > 0 || j == WORK_HPC_FP64, "%s", gpu->name);
            cr_assert_lt(gpu->speed[j], 10, "%s", gpu->name);
        }
        for (uint32_t j = 0; j < gpu->mig_count; j++) {
            cr_assert_neq(mig_memory_slices(gpu->mig[j], gpu->memory_mib), 0, "%s", gpu->name);
        }
    }
    catalogue_release(&catalogue);
}

Test(catalogue, the_models_of_three_vendors_are_there)
{
    static const char *const NAMES[] = {
        "V100-16GB", "V100-32GB", "P100",     "K80",       "T4",     "A10",          "L4",
        "L40S",      "A100-40GB", "H100-SXM", "H100-PCIe", "H200",   "B200",         "GH200",
        "MI100",     "MI210",     "MI250X",   "MI300X",    "MI325X", "RTX-6000-Ada", "Gaudi-2",
        "Gaudi-3",   "Max-1100",  "Max-1550", "A100-80GB"};
    struct catalogue catalogue;
    catalogue_init(&catalogue);
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(*NAMES); i++) {
        const struct catalogue_gpu *gpu = catalogue_find_gpu(&catalogue, NAMES[i]);
        cr_assert_not_null(gpu, "%s", NAMES[i]);
        cr_assert_str_eq(gpu->name, NAMES[i]);
    }
    cr_assert_str_eq(catalogue_find_gpu(&catalogue, "V100")->name, "V100-16GB");
    cr_assert_null(catalogue_find_gpu(&catalogue, "V1000"));
    catalogue_release(&catalogue);
}

Test(catalogue, names_and_aliases_do_not_meet)
{
    struct catalogue catalogue;
    catalogue_init(&catalogue);
    for (size_t i = 0; i < catalogue.gpus.count; i++) {
        const struct catalogue_gpu *gpu = &catalogue.gpus.items[i];
        for (uint32_t j = 0; j < gpu->alias_count; j++) {
            cr_assert_eq(catalogue_find_gpu(&catalogue, gpu->aliases[j]), gpu, "%s",
                         gpu->aliases[j]);
        }
    }
    catalogue_release(&catalogue);
}

Test(catalogue, every_shipped_node_and_price_is_sane)
{
    struct catalogue catalogue;
    catalogue_init(&catalogue);
    for (size_t i = 0; i < catalogue.nodes.count; i++) {
        const struct catalogue_node *node = &catalogue.nodes.items[i];
        expect_cites(&catalogue, &node->cites);
        cr_assert(node->gpu_count >= 1 && node->gpu_count <= 8, "%s", node->name);
        cr_assert(node->cpu_milli >= 16000 && node->cpu_milli <= 256000, "%s", node->name);
        cr_assert(node->memory_mib >= 192 * 1024 && node->memory_mib <= 4096 * 1024, "%s",
                  node->name);
        cr_assert(node->rest_mw >= 200000 && node->rest_mw <= 6300000, "%s", node->name);
    }
    bool has_price[8] = {false};
    for (size_t i = 0; i < catalogue.prices.count; i++) {
        const struct catalogue_price *price = &catalogue.prices.items[i];
        const struct catalogue_node *node = &catalogue.nodes.items[price->node];
        const struct catalogue_pool *pool = &catalogue.pools.items[price->pool];
        has_price[price->pool] = true;
        expect_cites(&catalogue, &price->cites);
        cr_assert_eq(catalogue_find_price(&catalogue, node, pool), price, "%s", node->name);
        /* A GPU-hour costs from ten cents to thirteen dollars. */
        if (pool->billing == BILLING_UP || pool->billing == BILLING_HELD) {
            int64_t each = price->price_micro / node->gpu_count;
            cr_assert(each >= 100000 && each <= 13000000, "%s", node->name);
        }
    }
    cr_assert_eq(catalogue.pools.count, 5);
    for (size_t i = 0; i < catalogue.pools.count; i++) {
        expect_cites(&catalogue, &catalogue.pools.items[i].cites);
        cr_assert(has_price[i], "%s", catalogue.pools.items[i].name);
    }
    catalogue_release(&catalogue);
}

Test(catalogue, speeds_are_ratios_of_peak_figures_or_what_is_told)
{
    struct catalogue catalogue;
    struct err err;
    catalogue_init(&catalogue);
    const struct catalogue_gpu *base = catalogue_find_gpu(&catalogue, CATALOGUE_BASE_GPU);
    for (unsigned i = 0; i < WORK_CLASS_COUNT; i++) {
        cr_assert_float_eq(base->speed[i], 1, 1e-15);
    }
    const struct catalogue_gpu *h100 = catalogue_find_gpu(&catalogue, "H100");
    cr_assert_float_eq(h100->speed[WORK_TRAINING_DENSE], 989.4 / 312, 1e-12);
    cr_assert_float_eq(h100->speed[WORK_TRAINING_MEMORY_BOUND], 3350.0 / 2039, 1e-12);
    cr_assert_float_eq(h100->speed[WORK_INFERENCE], 1978.9 / 624, 1e-12);
    cr_assert_float_eq(h100->speed[WORK_HPC_FP64], 66.9 / 19.5, 1e-12);
    cr_assert_float_eq(catalogue_find_gpu(&catalogue, "Gaudi-3")->speed[WORK_HPC_FP64], 0, 0);
    cr_assert(add(&catalogue,
                  "{'sources':[{'name':'me','title':'t','address':'none','date':'2026',"
                  "'checked':true}],'gpus':[{'name':'H100-SXM','vendor':'NVIDIA',"
                  "'memory_mib':81920,'fp16_tflops':624,'bandwidth_gb_s':2039,"
                  "'inference_tops':624,'fp64_tflops':39,'speeds':{'training_dense':2.25},"
                  "'watts_busy':650.5,'watts_idle':70,'source':'me'}]}",
                  &err),
              "%s", err.msg);
    h100 = catalogue_find_gpu(&catalogue, "H100-SXM");
    cr_assert_float_eq(h100->speed[WORK_TRAINING_DENSE], 2.25, 0);
    cr_assert_float_eq(h100->speed[WORK_HPC_FP64], 2, 0);
    cr_assert_eq(h100->busy_mw, 650500);
    catalogue_release(&catalogue);
}

Test(catalogue, entries_of_the_same_name_are_replaced_where_they_are)
{
    struct catalogue catalogue;
    struct err err;
    catalogue_init(&catalogue);
    size_t prices = catalogue.prices.count;
    size_t nodes = catalogue.nodes.count;
    cr_assert(add(&catalogue,
                  "{'currency':'EUR','sources':[{'name':'me','title':'t','address':'none',"
                  "'date':'2026-01-02','checked':false}],"
                  "'nodes':[{'name':'ours','gpu':'H100','gpus':4,'cpus':64.5,'memory_mib':1024,"
                  "'watts_rest':900,'source':'me','sources':{'cpus':'nodes-memory'}}],"
                  "'prices':[{'node':'dgx-h100','pool':'on_premises','price':310000.25,"
                  "'source':'me'},{'node':'ours','pool':'on_demand','price':9.000001,"
                  "'source':'me'}]}",
                  &err),
              "%s", err.msg);
    cr_assert_eq(catalogue.prices.count, prices + 1);
    cr_assert_eq(catalogue.nodes.count, nodes + 1);
    cr_assert_str_eq(catalogue.currency, "EUR");
    const struct catalogue_node *dgx = catalogue_find_node(&catalogue, "dgx-h100");
    const struct catalogue_node *ours = catalogue_find_node(&catalogue, "ours");
    const struct catalogue_pool *bought = catalogue_find_pool(&catalogue, "on_premises");
    const struct catalogue_pool *rented = catalogue_find_pool(&catalogue, "on_demand");
    cr_assert_eq(catalogue_find_price(&catalogue, dgx, bought)->price_micro, INT64_C(310000250000));
    cr_assert_eq(catalogue_find_price(&catalogue, ours, rented)->price_micro, 9000001);
    cr_assert_null(catalogue_find_price(&catalogue, ours, bought));
    cr_assert_str_eq(catalogue.gpus.items[ours->gpu].name, "H100-SXM");
    cr_assert_eq(ours->cpu_milli, 64500);
    cr_assert_str_eq(catalogue_source_of(&catalogue, &ours->cites, "cpus")->name, "nodes-memory");
    cr_assert_str_eq(catalogue_source_of(&catalogue, &ours->cites, "gpus")->name, "me");
    catalogue_release(&catalogue);
}

Test(catalogue, what_is_wrong_is_refused_with_its_place)
{
#define SOURCE "'sources':[{'name':'s','title':'t','address':'none','date':'2026','checked':true}]"
#define GPU                                                                                        \
    "'name':'x','vendor':'v','fp16_tflops':1,'bandwidth_gb_s':1,'inference_tops':1,"               \
    "'fp64_tflops':1,'watts_busy':2,'watts_idle':1,'source':'s'"
#define NODE "'name':'n','gpu':'T4','gpus':1,'cpus':1,'memory_mib':1,'watts_rest':1,'source':'s'"
    static const struct {
        const char *text;
        const char *words;
    } CASES[] = {
        {"[]", "at the top: found an array, expected an object"},
        {"{'gpu':[]}", "at the top: unknown key \"gpu\"; did you mean \"gpus\"?"},
        {"{'about':1}", "at about: found 1, expected a string"},
        {"{'currency':''}", "at currency: found \"\", expected a text of 1 to 10 bytes"},
        {"{'sources':", "not valid JSON"},
        {"{'sources':[{'name':7}]}", "at sources[0].name: found 7, expected a string"},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'aliases':7}]}",
         "at gpus[0].aliases: found 7"},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'mig':7}]}", "at gpus[0].mig: found 7"},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'mig':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}]}",
         "at gpus[0].mig: found an array, expected at most 16 profiles"},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'partitions':7}]}",
         "at gpus[0].partitions: found 7"},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'speeds':7}]}", "at gpus[0].speeds: found 7"},
        {"{" SOURCE ",'gpus':[{'name':'x','vendor':'v','memory_mib':9,'fp16_tflops':-1}]}",
         "at gpus[0].fp16_tflops: found -1, expected a number, 0 or more"},
        {"{" SOURCE ",'gpus':[{'name':'x','vendor':'v','memory_mib':9,'fp16_tflops':1e10}]}",
         "at gpus[0].fp16_tflops: found 10000000000, expected 0 to 10^9"},
        {"{" SOURCE ",'gpus':[{'name':'x','vendor':'v','fp16_tflops':1,'bandwidth_gb_s':1,"
         "'inference_tops':1,'fp64_tflops':1,'watts_busy':2,'watts_idle':3,'source':'s',"
         "'memory_mib':9}]}",
         "at gpus[0].watts_idle: found 3, expected at most watts_busy"},
        {"{" SOURCE ",'nodes':[{" NODE ",'gpu_count':2}]}", "unknown key \"gpu_count\""},
        {"{" SOURCE ",'pools':[{'name':'spot','billing':'up','source':'s'},"
         "{'name':'spot','billing':'up','source':'s'}]}",
         "at pools[1].name: found \"spot\", expected a name that no other entry"},
        {"{'sources':{}}", "at sources: found an object, expected an array"},
        {"{'sources':[{'name':'s'}]}", "at sources[0].title: missing"},
        {"{'sources':[{'name':'s','title':'t','address':'a','date':'d'}]}",
         "at sources[0].checked: missing, expected true or false"},
        {"{'sources':[{'name':'s','title':'t','address':'a','date':'d','checked':true},"
         "{'name':'s','title':'t','address':'a','date':'d','checked':true}]}",
         "at sources[1].name: found \"s\", expected a name that no other entry"},
        {"{'gpus':[1]}", "at gpus[0]: found 1, expected an object"},
        {"{'gpus':[{'vendor':'x'}]}", "at gpus[0].name: missing"},
        {"{" SOURCE ",'gpus':[{" GPU "}]}", "at gpus[0].memory_mib: missing"},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':0}]}",
         "at gpus[0].memory_mib: found 0, expected a number from 1 to 1000000000"},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'mig':['9g.9gb']}]}", "at gpus[0].mig[0]"},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'mig':['1g.5gb']}]}",
         "expected a profile that fits the memory"},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'aliases':['']}]}",
         "at gpus[0].aliases[0]: found \"\""},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'partitions':[{'name':'p'}]}]}",
         "at gpus[0].partitions[0].parts: missing"},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'speeds':{'training':1}}]}",
         "at gpus[0].speeds: unknown key \"training\""},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'speeds':{'inference':-1}}]}",
         "at gpus[0].speeds.inference: found -1, expected a number, 0 or more"},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'sources':{'watts':'s'}}]}",
         "at gpus[0].sources: unknown key \"watts\""},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9,'sources':{'mig':'z'}}]}",
         "at gpus[0].sources.mig: found \"z\", expected the name of an entry of \"sources\""},
        {"{'gpus':[{" GPU ",'memory_mib':9}]}", "at gpus[0].source: found \"s\""},
        {"{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9},{" GPU ",'memory_mib':9}]}",
         "at gpus[1].name: found \"x\", expected a name that no other entry"},
        {"{" SOURCE ",'nodes':[{'name':'n','gpu':'Z','gpus':1,'cpus':1,'memory_mib':1,"
         "'watts_rest':1,'source':'s'}]}",
         "at nodes[0].gpu: found \"Z\", expected a GPU of the catalogue"},
        {"{" SOURCE ",'nodes':[{" NODE "},{" NODE "}]}", "at nodes[1].name"},
        {"{" SOURCE ",'nodes':[{'name':'n','gpus':65}]}",
         "at nodes[0].gpus: found 65, expected a number from 1 to 64"},
        {"{" SOURCE ",'pools':[{'name':'p','billing':'free','source':'s'}]}",
         "at pools[0].billing: found \"free\", expected bought, held, up or blocks"},
        {"{" SOURCE ",'pools':[{'name':'p','billing':'bought','source':'s'}]}",
         "at pools[0].years: missing, expected a number from 0.01 to 100"},
        {"{" SOURCE ",'pools':[{'name':'p','billing':'blocks','source':'s'}]}",
         "at pools[0].block_nodes: missing"},
        {"{" SOURCE ",'pools':[{'name':'p','billing':'up','pue':0.5,'source':'s'}]}",
         "at pools[0].pue: found 0.5, expected a number from 1 to 10"},
        {"{" SOURCE ",'prices':[{'node':'z','pool':'spot','price':1,'source':'s'}]}",
         "at prices[0].node: found \"z\", expected a node type"},
        {"{" SOURCE ",'prices':[{'node':'gh200','pool':'z','price':1,'source':'s'}]}",
         "at prices[0].pool: found \"z\", expected a kind of pool"},
        {"{" SOURCE ",'prices':[{'node':'gh200','pool':'spot','price':-1,'source':'s'}]}",
         "at prices[0].price: found -1, expected a number from 0 to 1000000000"},
        {"{" SOURCE ",'prices':[{'node':'gh200','pool':'spot','price':1,'source':'s'},"
         "{'node':'gh200','pool':'spot','price':1,'source':'s'}]}",
         "at prices[1].node: found \"gh200\", expected a node type that is not priced"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        struct catalogue catalogue;
        struct err err;
        catalogue_init(&catalogue);
        cr_assert_not(add(&catalogue, CASES[i].text, &err), "%s", CASES[i].text);
        cr_assert_not_null(strstr(err.msg, CASES[i].words), "%s: %s", CASES[i].text, err.msg);
        cr_assert_eq(err.code, ERR_FORMAT);
        catalogue_release(&catalogue);
    }
}

Test(catalogue, sources_nodes_and_kinds_of_pools_are_replaced_too)
{
    struct catalogue catalogue;
    struct err err;
    catalogue_init(&catalogue);
    size_t sources = catalogue.sources.count;
    size_t nodes = catalogue.nodes.count;
    cr_assert(add(&catalogue,
                  "{'sources':[{'name':'example','title':'ours','address':'none','date':'2026',"
                  "'checked':true}],'nodes':[{'name':'gh200','gpu':'L4','gpus':2,'cpus':8,"
                  "'memory_mib':9,'watts_rest':1,'source':'example'}],'pools':[{'name':'spot',"
                  "'billing':'held','source':'example'}]}",
                  &err),
              "%s", err.msg);
    cr_assert_eq(catalogue.sources.count, sources);
    cr_assert_eq(catalogue.nodes.count, nodes);
    cr_assert_eq(catalogue.pools.count, 5);
    cr_assert_eq(catalogue_find_node(&catalogue, "gh200")->gpu_count, 2);
    cr_assert_eq(catalogue_find_pool(&catalogue, "spot")->billing, BILLING_HELD);
    cr_assert_eq(catalogue_find_pool(&catalogue, "spot")->mean_up_us, 0);
    const struct catalogue_pool *reserved = catalogue_find_pool(&catalogue, "reserved");
    cr_assert_str_eq(catalogue_source_of(&catalogue, &reserved->cites, "months")->title, "ours");
    catalogue_release(&catalogue);
}

Test(catalogue, the_base_gpu_stays_the_base)
{
#define BASE                                                                                       \
    "'name':'A100-80GB','vendor':'v','memory_mib':9,'bandwidth_gb_s':1,'inference_tops':1,"        \
    "'fp64_tflops':1,'watts_busy':2,'watts_idle':1,'source':'s'"
    struct catalogue catalogue;
    struct err err;
    catalogue_init_empty(&catalogue);
    cr_assert_not(add(&catalogue, "{" SOURCE ",'gpus':[{" BASE ",'fp16_tflops':0}]}", &err));
    cr_assert_not_null(strstr(err.msg, "at gpus[0].fp16_tflops: found 0"), "%s", err.msg);
    catalogue_release(&catalogue);
    catalogue_init_empty(&catalogue);
    cr_assert_not(add(&catalogue,
                      "{" SOURCE ",'gpus':[{" BASE ",'fp16_tflops':1,"
                      "'speeds':{'inference':2}}]}",
                      &err));
    cr_assert_not_null(strstr(err.msg, "expected 1, or nothing"), "%s", err.msg);
    catalogue_release(&catalogue);
    catalogue_init_empty(&catalogue);
    cr_assert_not(add(&catalogue, "{" SOURCE ",'gpus':[{" GPU ",'memory_mib':9}]}", &err));
    cr_assert_not_null(strstr(err.msg, "expected A100-80GB"), "%s", err.msg);
    catalogue_release(&catalogue);
}

Test(catalogue, what_is_written_reads_back_equal)
{
    struct catalogue catalogue;
    struct catalogue copy;
    struct err err = {0};
    struct text first = {0};
    struct text second = {0};
    catalogue_init(&catalogue);
    catalogue_init_empty(&copy);
    catalogue_add_json(&first, &catalogue);
    struct file file = {.bytes = first.bytes, .length = first.length};
    cr_assert(catalogue_add_file(&copy, &file, &err), "%s", err.msg);
    catalogue_add_json(&second, &copy);
    cr_assert_str_eq(first.bytes, second.bytes);
    text_release(&first);
    text_release(&second);
    catalogue_release(&copy);
    catalogue_release(&catalogue);
}

Test(catalogue, classes_of_work_are_found_by_name)
{
    for (unsigned i = 0; i < WORK_CLASS_COUNT; i++) {
        cr_assert_eq((unsigned)work_class_find(view_of(work_classes[i].name)), i);
    }
    cr_assert_eq(work_class_find(view_of("training")), WORK_CLASS_COUNT);
}
