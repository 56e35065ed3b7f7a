/* cause_figures.c - what pending GPUs waited for over time, stacked; see figures.h. */
#include <inttypes.h>

#include "sim/report/causes.h"
#include "sim/report/figures.h"

enum { MOST_STEPS = 240 };

/* Patterns tell the areas apart in black and white. */
static const struct {
    const char *colour;
    int pattern;
} styles[WAIT_CAUSE_COUNT] = {
    [WAIT_ORDER] = {"#56B4E9", 4},   [WAIT_LIMIT] = {"#CC79A7", 5},
    [WAIT_SHARE] = {"#E69F00", 6},   [WAIT_PROTECTED] = {"#AA4499", 7},
    [WAIT_ROOM] = {"#0072B2", 3},    [WAIT_FRAGMENTED] = {"#D55E00", 2},
    [WAIT_GANG] = {"#009E73", 1},    [WAIT_TOPOLOGY] = {"#F0E442", 4},
    [WAIT_MODEL] = {"#999999", 5},   [WAIT_PERIOD] = {"#444444", 6},
    [WAIT_FAILURE] = {"#882255", 7},
};

/* Mean GPUs pending for a cause in hours `first` to `end` - 1. */
static double mean_gpus(const struct causes *causes, size_t first, size_t end, int cause)
{
    wide sum = 0;
    for (size_t hour = first; hour < end; hour++) {
        sum += causes->hours.items[hour * WAIT_CAUSE_COUNT + (size_t)cause].milli_us;
    }
    return wide_gpu_hours(sum) / (double)(end - first);
}

bool figure_causes(struct text *script, const struct page *page)
{
    const struct causes *causes = page->causes;
    size_t hours = causes == NULL ? 0 : causes->hours.count / WAIT_CAUSE_COUNT;
    if (hours < 2) {
        return false;
    }
    size_t width = (hours + MOST_STEPS - 1) / MOST_STEPS;
    figure_begin(script, "causes", 320);
    text_addf(script,
              "set xlabel 'days since the first submit'\nset ylabel 'GPUs asked for'\n"
              "set xrange [0:%.6g]\nset yrange [0:*]\n$data << EOD\n",
              (double)hours / 24);
    for (size_t first = 0; first < hours; first += width) {
        size_t end = first + width < hours ? first + width : hours;
        double sum = 0;
        text_addf(script, "%.6g 0", (double)(first + end) / 48);
        for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
            sum += mean_gpus(causes, first, end, i);
            text_addf(script, " %.6g", sum);
        }
        text_add_char(script, '\n');
    }
    text_add(script, "EOD\n");
    const char *command = "plot";
    for (int i = WAIT_CAUSE_COUNT - 1; i >= 0; i--) {
        if (causes->total[i].milli_us == 0) {
            continue;
        }
        text_addf(script,
                  "%s $data using 1:%d:%d with filledcurves lc rgb '%s' fs pattern %d border "
                  "title '%s'",
                  command, i + 2, i + 3, styles[i].colour, styles[i].pattern,
                  wait_cause_text((enum wait_cause)i));
        command = ",";
    }
    text_add_char(script, '\n');
    return strcmp(command, ",") == 0;
}
