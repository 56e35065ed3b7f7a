/* curve_figures.c - distributions of waits and slowdowns, a curve a size of jobs; see figures.h. */
#include <inttypes.h>
#include <math.h>

#include "sim/report/figures.h"
#include "sim/report/measure.h"
#include "sim/report/spread.h"

enum {
    CURVE_POINTS = 200, /* of a distribution */
    CURVE_LEAST = 5,    /* jobs; fewer make no distribution */
};

/* What is drawn; the axis is logarithmic and starts at 1. */
struct curves {
    const char *name;
    enum measure measure;
    const char *axis;
};

static double value_of(uint64_t key, enum measure measure)
{
    double value = measure == MEASURE_WAIT ? (double)key / 1e6 : spread_key_ratio(key);
    return value < 1 ? 1 : value;
}

/* One block of "value share" pairs for each group with enough jobs; returns how many. */
static uint32_t add_curves(struct text *script, const struct measured *measured,
                           enum measure measure)
{
    uint32_t curves = 0;
    for (uint32_t group = 0; group < measured->group_count; group++) {
        size_t count = 0;
        const uint64_t *keys = measured_group(measured, group, &count);
        if (count < CURVE_LEAST) {
            continue;
        }
        text_addf(script, "$curve%" PRIu32 " << EOD\n", group);
        size_t points = count < CURVE_POINTS ? count : CURVE_POINTS;
        for (size_t i = 1; i <= points; i++) {
            size_t rank = i * count / points;
            text_addf(script, "%.6g %.6g\n", value_of(keys[rank - 1], measure),
                      (double)rank / (double)count);
        }
        text_add(script, "EOD\n");
        curves++;
    }
    return curves;
}

static bool draw(struct text *script, const struct page *page, const struct curves *curves)
{
    struct measured measured;
    int64_t tau_us = llround(page->numbers->tau_s * 1e6);
    measured_init(&measured, page->fold, curves->measure, GROUP_SIZE, tau_us);
    size_t start = script->length;
    figure_begin(script, curves->name, 320);
    text_addf(script,
              "set ylabel 'share of jobs'\nset logscale x\nset xrange [1:*]\n"
              "set yrange [0:1]\n%s",
              curves->axis);
    bool any = add_curves(script, &measured, curves->measure) > 0;
    const char *separator = "plot ";
    for (uint32_t group = 0; group < measured.group_count; group++) {
        size_t count = 0;
        (void)measured_group(&measured, group, &count);
        if (count >= CURVE_LEAST) {
            text_addf(script,
                      "%s$curve%" PRIu32 " with steps lw 2 dt %" PRIu32 " lc rgb '%s' title '%s'",
                      separator, group, group % 5 + 1, figure_colour(group),
                      size_class_name((enum size_class)group));
            separator = ", ";
        }
    }
    text_add_char(script, '\n');
    measured_release(&measured);
    if (!any) {
        script->length = start;
    }
    return any;
}

bool figure_wait_by_size(struct text *script, const struct page *page)
{
    static const struct curves waits = {
        "wait_by_size", MEASURE_WAIT,
        "set xlabel 'wait'\n"
        "set xtics ('1 s' 1, '10 s' 10, '1 min' 60, '10 min' 600, '1 h' 3600, "
        "'10 h' 36000, '4 d' 345600, '40 d' 3456000)\n"};
    return page->numbers->wait.max > 1 && draw(script, page, &waits);
}

bool figure_slowdown_by_size(struct text *script, const struct page *page)
{
    static const struct curves slowdowns = {"slowdown_by_size", MEASURE_BOUNDED_SLOWDOWN,
                                            "set xlabel 'bounded slowdown'\nset format x '%g'\n"};
    return page->numbers->bounded_slowdown.max > 1 && draw(script, page, &slowdowns);
}
