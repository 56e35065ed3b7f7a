/* shockwave_batches.c - see shockwave_batches.h. The figures are those of uw-mad-dash/shockwave,
 * scheduler/utils.py and scheduler.py. */
#include "sim/workload/shockwave_batches.h"

#include <string.h>

#include "sim/base/parse.h"

enum { LONG_CRITICAL = 30 };

/* A model: how many samples an epoch has and the largest batch size it was measured with. */
struct known_model {
    const char *name;
    int64_t samples;
    uint32_t most_batch;
};

static const struct known_model models[] = {
    {"ResNet-18", 50000, 256},
    {"ResNet-50", 100000, 128},
    {"LM", 59675, 80},
    {"Recommendation", 117907, 8192},
};

/* From which epochs on GNS doubles the batch size; ends with 0. */
struct gns_row {
    const char *model;
    uint32_t batch, gpus;
    int64_t epochs[5];
};

static const struct gns_row gns_rows[] = {
    {"ResNet-18", 16, 1, {31, 41, 51, 71}},
    {"ResNet-18", 32, 1, {21, 31, 51}},
    {"ResNet-18", 64, 1, {11, 31}},
    {"ResNet-18", 128, 1, {11}},
    {"ResNet-18", 16, 2, {21, 31, 91, 111}},
    {"ResNet-18", 32, 2, {11, 21, 41}},
    {"ResNet-18", 64, 2, {21, 41}},
    {"ResNet-18", 128, 2, {41}},
    {"ResNet-18", 16, 4, {11, 21, 81, 91}},
    {"ResNet-18", 32, 4, {21, 31, 61}},
    {"ResNet-18", 64, 4, {11, 61}},
    {"ResNet-18", 128, 4, {11}},
    {"ResNet-50", 64, 1, {101}},
    {"ResNet-50", 32, 2, {101, 111}},
    {"ResNet-50", 64, 2, {81}},
    {"ResNet-50", 32, 4, {131, 221}},
    {"ResNet-50", 64, 4, {191}},
    {"LM", 5, 1, {31, 41, 61, 71}},
    {"LM", 10, 1, {11, 21, 41}},
    {"LM", 20, 1, {11, 41}},
    {"LM", 40, 1, {11}},
    {"LM", 5, 2, {31, 51, 61, 71}},
    {"LM", 10, 2, {11, 31, 41}},
    {"LM", 20, 2, {31, 41}},
    {"LM", 40, 2, {11}},
    {"LM", 5, 4, {11, 31, 71, 91}},
    {"LM", 10, 4, {11, 31, 61}},
    {"LM", 20, 4, {11, 61}},
    {"LM", 40, 4, {61}},
    {"Recommendation", 512, 1, {21, 41, 71, 91}},
    {"Recommendation", 1024, 1, {21, 51, 91}},
    {"Recommendation", 2048, 1, {21, 41}},
    {"Recommendation", 4096, 1, {41}},
};

/* "LM (batch size 10)" taken apart. */
static bool read_model(struct view text, struct view *name, uint32_t *batch)
{
    struct view rest = text;
    *name = view_cut(text, ' ', &rest);
    static const char before[] = "(batch size ";
    size_t skip = sizeof(before) - 1;
    int64_t number = 0;
    if (rest.at == NULL || rest.length < skip + 2 || memcmp(rest.at, before, skip) != 0 ||
        rest.at[rest.length - 1] != ')') {
        return false;
    }
    struct view digits = {rest.at + skip, rest.length - skip - 1};
    if (parse_i64(digits, &number) != PARSE_OK || number < 1 || number > 1 << 20) {
        return false;
    }
    *batch = (uint32_t)number;
    return true;
}

static const struct known_model *find_model(struct view name)
{
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        if (view_is(name, models[i].name)) {
            return &models[i];
        }
    }
    return NULL;
}

static void add_level(struct batch_plan *plan, const struct known_model *model, uint32_t batch)
{
    struct batch_level *level = &plan->levels[plan->level_count++];
    *level = (struct batch_level){
        .batch = batch,
        .epoch_steps = (model->samples + batch - 1) / batch,
    };
}

static void add_critical(struct batch_plan *plan, int64_t from, int64_t before)
{
    plan->epochs[plan->epoch_count++] = from;
    plan->epochs[plan->epoch_count++] = before;
}

static void fill_accordion(struct batch_plan *plan, const struct known_model *model, uint32_t batch)
{
    plan->rule = BATCH_ACCORDION;
    add_level(plan, model, batch);
    add_level(plan, model, model->most_batch);
    int64_t head = 10;
    if (strcmp(model->name, "Recommendation") == 0) {
        head = batch <= 1024 ? LONG_CRITICAL : batch == 2048 ? LONG_CRITICAL + 10 : 10;
    }
    add_critical(plan, 0, head);
    if (strcmp(model->name, "ResNet-18") == 0) {
        add_critical(plan, 150, 160);
        add_critical(plan, 250, 260);
    }
    plan->period = strcmp(model->name, "ResNet-50") == 0 ? 30 : 0;
}

static bool fill_gns(struct batch_plan *plan, const struct known_model *model, uint32_t batch,
                     uint32_t gpus)
{
    plan->rule = BATCH_GNS;
    for (uint32_t size = batch; size <= model->most_batch && plan->level_count < BATCH_MOST_LEVELS;
         size *= 2) {
        add_level(plan, model, size);
    }
    for (size_t i = 0; i < sizeof(gns_rows) / sizeof(gns_rows[0]); i++) {
        const struct gns_row *row = &gns_rows[i];
        if (strcmp(row->model, model->name) == 0 && row->batch == batch && row->gpus == gpus) {
            while (row->epochs[plan->epoch_count] > 0) {
                plan->epochs[plan->epoch_count] = row->epochs[plan->epoch_count];
                plan->epoch_count++;
            }
        }
    }
    return plan->epoch_count > 0;
}

bool shockwave_batches(const struct shockwave_job *job, struct batch_plan *plan)
{
    struct view name = {0};
    uint32_t batch = 0;
    *plan = (struct batch_plan){0};
    if (!read_model(job->model, &name, &batch)) {
        return false;
    }
    const struct known_model *model = find_model(name);
    if (model == NULL || batch >= model->most_batch) {
        return false;
    }
    if (view_is(job->mode, "accordion")) {
        fill_accordion(plan, model, batch);
        return true;
    }
    return view_is(job->mode, "gns") && fill_gns(plan, model, batch, job->gpus);
}

void shockwave_model_with(struct text *out, struct view model, uint32_t batch)
{
    struct view name = view_cut(model, ' ', &model);
    text_add_bytes(out, name.at, name.length);
    text_addf(out, " (batch size %u)", batch);
}
