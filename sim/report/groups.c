/* groups.c - groups.csv: every metric of jobs by queue, user, size, priority, queue and size; see
 * files.h. */
#include "sim/report/files.h"
#include "sim/report/measure.h"
#include "sim/report/spread.h"

static const struct {
    const char *name;
    enum measure measure;
} metrics[] = {
    {"wait_s", MEASURE_WAIT},
    {"wait_until_end_s", MEASURE_WAIT_CENSORED},
    {"queueing_s", MEASURE_QUEUEING},
    {"jct_s", MEASURE_COMPLETION},
    {"slowdown", MEASURE_SLOWDOWN},
    {"bounded_slowdown", MEASURE_BOUNDED_SLOWDOWN},
    {"bounded_slowdown_per_gpu", MEASURE_GPU_SLOWDOWN},
};

static const struct {
    const char *name;
    enum grouping grouping;
} groupings[] = {
    {"all", GROUP_ALL},   {"queue", GROUP_QUEUE},       {"user", GROUP_USER},
    {"gpus", GROUP_SIZE}, {"priority", GROUP_PRIORITY}, {"queue and gpus", GROUP_QUEUE_SIZE},
};

static void add_name(struct text *out, const struct fold *fold, enum grouping grouping,
                     uint32_t group)
{
    struct text both = {0};
    switch (grouping) {
    case GROUP_ALL:
        return;
    case GROUP_QUEUE:
        text_add_csv(out, names_get(&fold->workload->queues, group));
        return;
    case GROUP_USER:
        text_add_csv(out, names_get(&fold->workload->users, group));
        return;
    case GROUP_SIZE:
        text_add(out, size_class_name((enum size_class)group));
        return;
    case GROUP_PRIORITY:
        text_add_i64(out, fold->priorities.items[group]);
        return;
    case GROUP_QUEUE_SIZE:
        text_addf(&both, "%s %s", names_get(&fold->workload->queues, group / SIZE_CLASS_COUNT),
                  size_class_name((enum size_class)(group % SIZE_CLASS_COUNT)));
        text_add_csv(out, both.bytes);
        text_release(&both);
        return;
    }
}

static void add_group(struct out_file *out, const struct measured *measured, uint32_t group,
                      bool is_ratio)
{
    size_t count = 0;
    const uint64_t *keys = measured_group(measured, group, &count);
    struct report_spread spread =
        is_ratio ? spread_of_ratios(keys, count) : spread_of_us(keys, count);
    const double values[] = {spread.mean, spread.p50, spread.p90,
                             spread.p95,  spread.p99, spread.max};
    text_addf(&out->text, ",%zu", count);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        text_addf(&out->text, ",%.12g", values[i]);
    }
    text_add_char(&out->text, ',');
    if (measured->gpus[group] > 0) {
        text_addf(&out->text, "%.12g", measured->weighted[group] / measured->gpus[group]);
    }
    text_add_char(&out->text, '\n');
    out_file_flush_if_large(out);
}

void files_write_groups(struct out_file *out, const struct fold *fold, int64_t tau_us)
{
    text_add(&out->text, "metric,by,group,jobs,mean,p50,p90,p95,p99,max,mean_by_gpus\n");
    for (size_t m = 0; m < sizeof(metrics) / sizeof(metrics[0]); m++) {
        for (size_t g = 0; g < sizeof(groupings) / sizeof(groupings[0]); g++) {
            struct measured measured;
            measured_init(&measured, fold, metrics[m].measure, groupings[g].grouping, tau_us);
            for (uint32_t i = 0; i < measured.group_count; i++) {
                if (measured.starts[i + 1] > measured.starts[i]) {
                    text_addf(&out->text, "%s,%s,", metrics[m].name, groupings[g].name);
                    add_name(&out->text, fold, groupings[g].grouping, i);
                    add_group(out, &measured, i, measure_is_ratio(metrics[m].measure));
                }
            }
            measured_release(&measured);
        }
    }
}
