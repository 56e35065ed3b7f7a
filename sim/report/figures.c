/* figures.c - see figures.h. */
#include "sim/report/figures.h"

#include <inttypes.h>

#include "sim/base/check.h"
#include "sim/report/measure.h"
#include "sim/report/spread.h"

enum {
    CURVE_POINTS = 200, /* of a distribution */
    CURVE_LEAST = 5,    /* jobs; fewer make no distribution */
    QUEUES_DRAWN = 7,   /* the largest; the others are drawn as one */
    WAIT_QUEUES = 20,   /* in the figure of waits */
    COLOUR_COUNT = 8,
};

static const char *const colours[COLOUR_COUNT] = {"#0072B2", "#E69F00", "#009E73", "#D55E00",
                                                  "#56B4E9", "#CC79A7", "#117733", "#999999"};

static void begin(struct text *script, const char *name, int height)
{
    text_addf(script,
              "set terminal svg size 900,%d dynamic enhanced font 'sans-serif,13' name '%s'\n"
              "set border 3 lc rgb '#888888'\n"
              "set tics nomirror textcolor rgb '#888888'\n"
              "set grid y lc rgb '#888888' dt 3\n"
              "set key outside top center horizontal textcolor rgb '#888888' noenhanced\n",
              height, name);
}

static void begin_time(struct text *script, const char *name, int height, const char *y_label)
{
    begin(script, name, height);
    text_addf(script,
              "set xlabel 'days since the first submit' textcolor rgb '#888888'\n"
              "set ylabel '%s' textcolor rgb '#888888'\n"
              "set yrange [0:*]\n",
              y_label);
}

static double bucket_days(const struct profile *profile, uint32_t bucket)
{
    return (double)profile->width_us * (double)bucket / 86400e6;
}

bool figure_allocated(struct text *script, const struct page *page)
{
    const struct profile *profile = page->cluster_profile;
    uint32_t used = profile_used(profile);
    if (used < 2) {
        return false;
    }
    begin_time(script, "allocated", 300, "GPUs");
    text_add(script, "$data << EOD\n");
    for (uint32_t i = 0; i < used; i++) {
        text_addf(script, "%.6g %.6g %.6g\n", bucket_days(profile, i),
                  profile_mean(profile, PAGE_ALLOCATED, i),
                  profile_peak(profile, PAGE_ALLOCATED, i));
    }
    text_addf(script,
              "EOD\n"
              "plot $data using 1:2 with fillsteps fs solid 0.4 noborder lc rgb '%s' "
              "title 'allocated (mean)', "
              "$data using 1:3 with steps lw 1 lc rgb '%s' title 'allocated (peak)', "
              "%.6g with lines lw 1.5 dt 2 lc rgb '%s' title 'all'\n",
              colours[0], colours[0], (double)page->fold->cluster->gpu_milli / 1000, colours[3]);
    return true;
}

bool figure_pending(struct text *script, const struct page *page)
{
    const struct profile *profile = page->cluster_profile;
    uint32_t used = profile_used(profile);
    if (used < 2) {
        return false;
    }
    begin_time(script, "pending", 220, "GPUs asked for");
    text_add(script, "$data << EOD\n");
    for (uint32_t i = 0; i < used; i++) {
        text_addf(script, "%.6g %.6g\n", bucket_days(profile, i),
                  profile_peak(profile, PAGE_PENDING, i));
    }
    text_addf(script,
              "EOD\n"
              "plot $data using 1:2 with fillsteps fs solid 0.5 noborder lc rgb '%s' "
              "title 'by pending jobs (peak)'\n",
              colours[1]);
    return true;
}

/* One block of "wait share" pairs for each group with enough jobs; returns how many. */
static uint32_t add_curves(struct text *script, const struct measured *measured)
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
            text_addf(script, "%.6g %.6g\n", (double)keys[rank - 1] / 1e6,
                      (double)rank / (double)count);
        }
        text_add(script, "EOD\n");
        curves++;
    }
    return curves;
}

bool figure_wait_by_size(struct text *script, const struct page *page)
{
    struct measured measured;
    measured_init(&measured, page->fold, MEASURE_WAIT, GROUP_SIZE, 0);
    size_t start = script->length;
    begin(script, "wait_by_size", 320);
    text_add(script, "set xlabel 'wait' textcolor rgb '#888888'\n"
                     "set ylabel 'share of jobs' textcolor rgb '#888888'\n"
                     "set logscale x\nset xrange [1:*]\nset yrange [0:1]\n"
                     "set xtics ('1 s' 1, '10 s' 10, '1 min' 60, '10 min' 600, '1 h' 3600, "
                     "'10 h' 36000, '4 d' 345600, '40 d' 3456000)\n");
    bool any = add_curves(script, &measured) > 0;
    const char *separator = "plot ";
    for (uint32_t group = 0; group < measured.group_count; group++) {
        size_t count = 0;
        (void)measured_group(&measured, group, &count);
        if (count >= CURVE_LEAST) {
            text_addf(script,
                      "%s$curve%" PRIu32 " using ($1 < 1 ? 1 : $1):2 with steps lw 2 dt %" PRIu32
                      " lc rgb '%s' title '%s GPUs'",
                      separator, group, group % 4 + 1, colours[group % COLOUR_COUNT],
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

/* Numbers of queues by GPU-hours, the largest first; equal ones by number. */
static void rank_queues(const struct report_numbers *numbers, uint32_t *out, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = i;
        double hours = numbers->queues.items[i].gpu_hours;
        while (at > 0 && numbers->queues.items[out[at - 1]].gpu_hours < hours) {
            out[at] = out[at - 1];
            at--;
        }
        out[at] = i;
    }
}

/* A name between double quotes of gnuplot, cut, with what could end the quotes replaced. */
static void add_name(struct text *script, const char *name)
{
    enum { NAME_DRAWN = 18 };
    text_add_char(script, '"');
    size_t count = 0;
    for (const char *c = name[0] != '\0' ? name : "(none)"; *c != '\0' && count < NAME_DRAWN;
         c++, count++) {
        unsigned char byte = (unsigned char)*c;
        text_add_char(script, byte < 0x20 || byte > 0x7e || *c == '"' || *c == '\\' ? '?' : *c);
    }
    text_add_char(script, '"');
}

bool figure_wait_by_queue(struct text *script, const struct page *page)
{
    const struct report_numbers *numbers = page->numbers;
    uint32_t count = (uint32_t)numbers->queues.count;
    if (count < 2) {
        return false;
    }
    uint32_t *order = mem_alloc(count, sizeof(*order));
    rank_queues(numbers, order, count);
    uint32_t drawn = count < WAIT_QUEUES ? count : WAIT_QUEUES;
    begin(script, "wait_by_queue", 110 + 22 * (int)drawn);
    text_addf(script,
              "set xlabel 'wait' textcolor rgb '#888888'\n"
              "set logscale x\nset xrange [1:*]\nset yrange [%.1f:-0.5]\nset grid x y\n"
              "set ytics noenhanced\n"
              "set xtics ('1 s' 1, '10 s' 10, '1 min' 60, '10 min' 600, '1 h' 3600, "
              "'10 h' 36000, '4 d' 345600, '40 d' 3456000)\n$data << EOD\n",
              (double)drawn - 0.5);
    for (uint32_t i = 0; i < drawn; i++) {
        const struct report_queue *queue = &numbers->queues.items[order[i]];
        text_addf(script, "%" PRIu32 " ", i);
        add_name(script, queue->name);
        text_addf(script, " %.6g %.6g %.6g\n", queue->wait.p50, queue->wait.p90, queue->wait.p99);
    }
    free(order);
    text_addf(script,
              "EOD\n"
              "f(x) = x < 1 ? 1 : x\n"
              "plot $data using (f($3)):1:ytic(2) with points pt 7 ps 0.9 lc rgb '%s' "
              "title 'p50', $data using (f($4)):1 with points pt 5 ps 0.9 lc rgb '%s' "
              "title 'p90', $data using (f($5)):1 with points pt 9 ps 0.9 lc rgb '%s' "
              "title 'p99'\n",
              colours[0], colours[1], colours[3]);
    return true;
}

/* Rows of (days, GPUs of the ranked queues one above the other), and of the rest. */
static void add_stack(struct text *script, const struct page *page, const uint32_t *order,
                      uint32_t drawn)
{
    const struct profile *profile = page->queue_profile;
    uint32_t used = profile_used(profile);
    text_add(script, "$data << EOD\n");
    for (uint32_t i = 0; i < used; i++) {
        text_addf(script, "%.6g", bucket_days(profile, i));
        double height = 0;
        for (uint32_t j = 0; j < drawn; j++) {
            height += profile_mean(profile, order[j], i);
            text_addf(script, " %.6g", height);
        }
        double all = 0;
        for (uint32_t j = 0; j < profile->series_count; j++) {
            all += profile_mean(profile, j, i);
        }
        text_addf(script, " %.6g\n", all > height ? all : height);
    }
    text_add(script, "EOD\n");
}

bool figure_queue_allocation(struct text *script, const struct page *page)
{
    const struct profile *profile = page->queue_profile;
    uint32_t count = profile->series_count;
    if (count < 2 || profile_used(profile) < 2) {
        return false;
    }
    uint32_t *order = mem_alloc(count, sizeof(*order));
    rank_queues(page->numbers, order, count);
    uint32_t drawn = count < QUEUES_DRAWN ? count : QUEUES_DRAWN;
    begin_time(script, "queue_allocation", 340, "GPUs allocated");
    add_stack(script, page, order, drawn);
    const char *separator = "plot ";
    if (count > drawn) {
        text_addf(script,
                  "plot $data using 1:%" PRIu32
                  " with fillsteps fs solid 0.8 noborder lc rgb '%s' title 'others'",
                  drawn + 2, colours[COLOUR_COUNT - 1]);
        separator = ", ";
    }
    for (uint32_t j = drawn; j > 0; j--) {
        text_addf(script,
                  "%s$data using 1:%" PRIu32
                  " with fillsteps fs solid 0.8 noborder lc rgb '%s' title ",
                  separator, j + 1, colours[j - 1]);
        add_name(script, page->numbers->queues.items[order[j - 1]].name);
        separator = ", ";
    }
    text_add_char(script, '\n');
    free(order);
    return true;
}
