/* report.c - see report.h. */
#include "sim/report/report.h"

#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

struct report {
    struct report_options options;
    struct report_numbers numbers;
};

void report_options_init(struct report_options *options)
{
    *options = (struct report_options){.tau_us = 10000000};
}

struct report *report_open(const struct report_options *options, const struct workload *workload,
                           const struct cluster *cluster, const char *folder, struct err *err)
{
    CHECK(workload != NULL && cluster != NULL);
    if (folder != NULL) {
        (void)err_set(err, ERR_IO, 0, "%s: results are not written yet", folder);
        return NULL;
    }
    struct report *report = mem_alloc(1, sizeof(*report));
    report->options = *options;
    return report;
}

static void fold(void *self, const struct log_record *record)
{
    struct report *report = self;
    report->numbers.counts.submitted += record->kind == LOG_SUBMIT;
}

struct log_sink report_sink(struct report *report)
{
    return (struct log_sink){report, fold};
}

bool report_close(struct report *report, const struct report_run *run, struct err *err)
{
    CHECK(report != NULL && run != NULL && err != NULL);
    return true;
}

const struct report_numbers *report_numbers(const struct report *report)
{
    return &report->numbers;
}

void report_print(const struct report *report, const struct report_run *run, struct text *out)
{
    CHECK(report != NULL && run != NULL);
    text_add(out, "");
}

void report_free(struct report *report)
{
    free(report);
}
