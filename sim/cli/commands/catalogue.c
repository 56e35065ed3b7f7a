/* catalogue.c - berth catalogue: GPU models, node types, kinds of pools and prices, with sources.
 */
#include "sim/cluster/catalogue.h"

#include "sim/base/file.h"
#include "sim/cli/cli.h"
#include "sim/cluster/catalogue_cost.h"
#include "sim/cluster/mig.h"

static const struct cli_option catalogue_options[] = {
    {"--catalogue", "FILE", NULL,
     "a document in the same form; entries of the same name replace the shipped ones", false},
    {"--json", NULL, NULL, "all of it as one document, which --catalogue reads", false},
    {.name = NULL},
};

/* An amount kept times 10^`digits`, without trailing zeros. */
static void add_amount(struct text *text, int64_t amount, int digits)
{
    int64_t scale = 1;
    for (int i = 0; i < digits; i++) {
        scale *= 10;
    }
    text_add_i64(text, amount / scale);
    int64_t rest = amount % scale;
    if (rest > 0) {
        text_add_char(text, '.');
    }
    while (rest > 0) {
        scale /= 10;
        text_add_char(text, (char)('0' + rest / scale));
        rest %= scale;
    }
}

/* The sources of the figures of an entry, on a line of its own. */
static void add_cites(struct text *text, const struct catalogue *catalogue,
                      const struct catalogue_cites *cites)
{
    text_addf(text, "      source: %s", catalogue->sources.items[cites->source].name);
    for (uint32_t i = 0; i < cites->count; i++) {
        text_addf(text, "; %s: %s", cites->cites[i].figure,
                  catalogue->sources.items[cites->cites[i].source].name);
    }
    text_add_char(text, '\n');
}

static void add_splits(struct text *text, const struct catalogue_gpu *gpu)
{
    for (uint32_t i = 0; i < gpu->mig_count; i++) {
        text_add(text, i == 0 ? "      MIG: " : " ");
        mig_profile_add_name(text, gpu->mig[i]);
    }
    for (uint32_t i = 0; i < gpu->partition_count; i++) {
        text_addf(text, "%s%s (%u)", i == 0 ? "      partitions: " : " ", gpu->partitions[i].name,
                  gpu->partitions[i].parts);
    }
    text_add(text, gpu->mig_count + gpu->partition_count > 0 ? "\n" : "");
}

static void add_gpus(struct text *text, const struct catalogue *catalogue)
{
    text_add(text, "GPU models (speeds: " CATALOGUE_BASE_GPU
                   " is 1; ratios of peak figures unless told: bounds, no measurements)\n");
    for (unsigned i = 0; i < WORK_CLASS_COUNT; i++) {
        text_addf(text, "  %-22s %s\n", work_classes[i].name, work_classes[i].help);
    }
    text_addf(text, "\n  %-16s %-8s %8s %8s %8s %8s %8s | %7s %7s %7s %7s | %5s %5s\n", "name",
              "vendor", "MiB", "FP16 TF", "GB/s", "8-bit TO", "FP64 TF", "dense", "memory", "infer",
              "fp64", "busyW", "idleW");
    for (size_t i = 0; i < catalogue->gpus.count; i++) {
        const struct catalogue_gpu *gpu = &catalogue->gpus.items[i];
        text_addf(text,
                  "  %-16s %-8s %8lld %8.6g %8.6g %8.6g %8.6g | %7.3f %7.3f %7.3f %7.3f | %5lld "
                  "%5lld\n",
                  gpu->name, gpu->vendor, (long long)gpu->memory_mib, gpu->peak[0], gpu->peak[1],
                  gpu->peak[2], gpu->peak[3], gpu->speed[0], gpu->speed[1], gpu->speed[2],
                  gpu->speed[3], (long long)(gpu->busy_mw / 1000),
                  (long long)(gpu->idle_mw / 1000));
        for (uint32_t j = 0; j < gpu->alias_count; j++) {
            text_addf(text, "%s%s", j == 0 ? "      also called " : ", ", gpu->aliases[j]);
        }
        text_add(text, gpu->alias_count > 0 ? "\n" : "");
        add_splits(text, gpu);
        add_cites(text, catalogue, &gpu->cites);
    }
}

static void add_nodes(struct text *text, const struct catalogue *catalogue)
{
    text_addf(text, "node types (rest W: all but the GPUs)\n  %-24s %5s %-16s %6s %9s %7s\n",
              "name", "GPUs", "model", "CPUs", "MiB", "rest W");
    for (size_t i = 0; i < catalogue->nodes.count; i++) {
        const struct catalogue_node *node = &catalogue->nodes.items[i];
        text_addf(text, "  %-24s %5u %-16s %6lld %9lld %7lld\n", node->name, node->gpu_count,
                  catalogue->gpus.items[node->gpu].name, (long long)(node->cpu_milli / 1000),
                  (long long)node->memory_mib, (long long)(node->rest_mw / 1000));
        add_cites(text, catalogue, &node->cites);
    }
}

/* "name 4 unit, " of a figure that is told. */
static void add_term(struct text *text, const char *name, double value, const char *unit)
{
    if (value > 0) {
        text_addf(text, ", %s %.6g%s", name, value, unit);
    }
}

static void add_pool(struct text *text, const struct catalogue *catalogue,
                     const struct catalogue_pool *pool)
{
    static const char *const ASKED[BILLING_COUNT] = {
        [BILLING_BOUGHT] = "a price a node, spread over the years owned",
        [BILLING_HELD] = "a price a node and hour held, up or not",
        [BILLING_UP] = "a price a node and hour up",
        [BILLING_BLOCKS] = "a price a node and month, whole blocks and started months",
    };
    const double hour_us = (double)CATALOGUE_HOUR_US;
    text_addf(text, "  %-14s %s: %s", pool->name, pool_billing_name(pool->billing),
              ASKED[pool->billing]);
    add_term(text, "years", (double)pool->owned_us / hour_us / 8760, "");
    add_term(text, "power", (double)pool->power_micro_per_kwh / 1e6, " a kWh");
    add_term(text, "PUE", pool->power_micro_per_kwh > 0 ? (double)pool->pue_ppm / 1e6 : 0, "");
    add_term(text, "months", (double)pool->months, "");
    add_term(text, "nodes a block", (double)pool->block_nodes, "");
    add_term(text, "start delay", (double)pool->start_delay_us / 1e6, " s");
    add_term(text, "minimum hold", (double)pool->minimum_hold_us / 1e6, " s");
    add_term(text, "at most nodes", (double)pool->limit_nodes, "");
    add_term(text, "taken away after", (double)pool->mean_up_us / hour_us, " h");
    add_term(text, "for", (double)pool->mean_away_us / hour_us, " h");
    text_add_char(text, '\n');
    add_cites(text, catalogue, &pool->cites);
}

static void add_pools(struct text *text, const struct catalogue *catalogue)
{
    text_add(text, "kinds of pools\n");
    for (size_t i = 0; i < catalogue->pools.count; i++) {
        add_pool(text, catalogue, &catalogue->pools.items[i]);
    }
    text_addf(text,
              "\nprices in %s: examples, to be replaced with --catalogue (an hour: of a node that "
              "is up, all GPUs busy)\n  %-24s %-14s %14s %12s  %s\n",
              catalogue->currency, "node", "pool", "price", "an hour", "source");
    for (size_t i = 0; i < catalogue->prices.count; i++) {
        const struct catalogue_price *price = &catalogue->prices.items[i];
        const struct catalogue_node *node = &catalogue->nodes.items[price->node];
        const struct catalogue_pool *pool = &catalogue->pools.items[price->pool];
        struct pool_terms terms = catalogue_terms(catalogue, node, pool, price->price_micro);
        struct text asked = {0};
        struct text hour = {0};
        add_amount(&asked, price->price_micro, 6);
        add_amount(&hour, catalogue_hour_micro(&terms, 1000000), 6);
        text_addf(text, "  %-24s %-14s %14s %12s  %s\n", node->name, pool->name, asked.bytes,
                  hour.bytes, catalogue_source_of(catalogue, &price->cites, "price")->name);
        text_release(&asked);
        text_release(&hour);
    }
}

static void add_sources(struct text *text, const struct catalogue *catalogue)
{
    text_add(text, "sources (unchecked: figures not compared with the document)\n");
    for (size_t i = 0; i < catalogue->sources.count; i++) {
        const struct catalogue_source *source = &catalogue->sources.items[i];
        text_addf(text, "  %-20s %-10s %-9s %s\n      %s\n", source->name, source->date,
                  source->is_checked ? "checked" : "unchecked", source->title, source->address);
    }
}

/* What there is to show; without a word, all of it. */
static const struct section {
    const char *name;
    void (*add)(struct text *text, const struct catalogue *catalogue);
} sections[] = {
    {"gpus", add_gpus}, {"nodes", add_nodes}, {"pools", add_pools}, {"sources", add_sources}};

enum { SECTION_COUNT = sizeof(sections) / sizeof(*sections) };

static bool load(const struct cli_args *args, struct catalogue *out, struct err *err)
{
    const char *path = cli_value(args, "--catalogue");
    catalogue_init(out);
    if (path == NULL) {
        return true;
    }
    struct file file;
    bool ok = file_read(path, FILE_MOST_BYTES, &file, err);
    if (ok) {
        ok = catalogue_add_file(out, &file, err) || err_locate(err, path);
        file_release(&file);
    }
    if (!ok) {
        catalogue_release(out);
    }
    return ok;
}

static bool catalogue_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    const char *word = args->words.count > 0 ? args->words.items[0] : NULL;
    bool is_known = word == NULL;
    for (unsigned i = 0; i < SECTION_COUNT; i++) {
        is_known = is_known || strcmp(sections[i].name, word) == 0;
    }
    if (!is_known || args->words.count > 1) {
        return err_set(err, ERR_USAGE, 0,
                       "unexpected word '%.60s', expected gpus, nodes, pools or sources",
                       args->words.items[is_known ? 1 : 0]);
    }
    struct catalogue catalogue;
    if (!load(args, &catalogue, err)) {
        return false;
    }
    struct text text = {0};
    bool is_next = false;
    for (unsigned i = 0; i < SECTION_COUNT && !cli_flag(args, "--json"); i++) {
        if (word == NULL || strcmp(sections[i].name, word) == 0) {
            text_add(&text, is_next ? "\n" : "");
            sections[i].add(&text, &catalogue);
            is_next = true;
        }
    }
    if (cli_flag(args, "--json")) {
        catalogue_add_json(&text, &catalogue);
    }
    bool ok = cli_print(&text, err);
    text_release(&text);
    catalogue_release(&catalogue);
    *exit_status = EXIT_DONE;
    return ok;
}

extern const struct cli_command cli_command_catalogue;
const struct cli_command cli_command_catalogue = {
    .name = "catalogue",
    .usage = "[gpus | nodes | pools | sources] [--catalogue FILE] [--json]",
    .help = "shows GPU models, node types, kinds of pools and prices",
    .details =
        "Every figure names its source. Prices are examples: write your own into a FILE,\n"
        "    {\"sources\": [{\"name\": \"quote-17\", \"title\": \"our vendor's quote\",\n"
        "                  \"address\": \"none\", \"date\": \"2026-11-24\", \"checked\": true}],\n"
        "     \"prices\": [{\"node\": \"dgx-h100\", \"pool\": \"on_premises\",\n"
        "                 \"price\": 310000, \"source\": \"quote-17\"}]}\n"
        "and it replaces those of the same node and pool. A pool of a cluster file names a\n"
        "node type: {\"name\": \"a\", \"node_type\": \"dgx-h100\", \"nodes\": 4,\n"
        "\"pool_kind\": \"on_premises\"}; the cluster file may hold such a document itself\n"
        "under \"catalogue\".",
    .options = catalogue_options,
    .run = catalogue_run,
};
