/* figures.c - see figures.h. */
#include "sim/report/figures.h"

#include <inttypes.h>

#include "sim/report/numbers_from.h"

enum {
    QUEUES_DRAWN = 7, /* the largest; the others are drawn as one */
    WAIT_QUEUES = 20, /* in the figure of waits */
    COLOUR_COUNT = 8,
};

static const char *const colours[COLOUR_COUNT] = {"#0072B2", "#E69F00", "#009E73", "#D55E00",
                                                  "#56B4E9", "#CC79A7", "#AA4499", "#999999"};

const char *figure_colour(uint32_t number)
{
    return colours[number % COLOUR_COUNT];
}

void figure_span_columns(struct text *script)
{
    text_add(script, "if (!exists('width')) width = 7\n");
}

/* A column of a paper is some 3.4 inches: letters of 7 points are large beside it, so the figure is
 * taller than on a page. */
void figure_begin(struct text *script, const char *name, int height)
{
    text_addf(script,
              "if (!exists('format')) format = 'svg'\n"
              "if (!exists('width')) width = 3.4\n"
              "if (format eq 'svg') set terminal svg size 900,%d dynamic enhanced "
              "font 'sans-serif,13' name '%s'\n"
              "if (format eq 'png') set terminal pngcairo size 1800,%d enhanced "
              "font 'sans-serif,13' fontscale 1.5 linewidth 2 pointscale 2\n"
              "if (format eq 'pdf') set terminal pdfcairo size width, width * %.4f * (width < 5 ? "
              "1.5 : 1) enhanced font 'sans-serif,7' linewidth 0.7\n"
              "set border 3 lc rgb '#888888'\n"
              "set tics nomirror\n"
              "set grid y lc rgb '#888888' dt 3\n"
              "set key outside top center horizontal noenhanced\n",
              height, name, 2 * height, height / 900.0);
}

/* The unit of a time axis that keeps its numbers short. */
struct axis_unit {
    const char *name;
    double us;
};

static struct axis_unit unit_of(const struct profile *profile)
{
    static const struct axis_unit units[] = {
        {"seconds", 1e6}, {"minutes", 60e6}, {"hours", 3600e6}, {"days", 86400e6}};
    size_t unit = 0;
    while (unit < 3 && (double)profile->end_us >= 3 * units[unit + 1].us) {
        unit++;
    }
    return units[unit];
}

void figure_begin_time(struct text *script, const char *name, int height, const char *y_label,
                       const struct profile *profile)
{
    struct axis_unit unit = unit_of(profile);
    figure_begin(script, name, height);
    text_addf(script,
              "set xlabel '%s since the first submit'\n"
              "set ylabel '%s'\n"
              "set xrange [0:%.6g]\nset yrange [0:*]\n",
              unit.name, y_label, (double)profile->end_us / unit.us);
}

double figure_bucket_start(const struct profile *profile, uint32_t bucket)
{
    int64_t start_us = bucket * profile->width_us;
    int64_t end_us = profile->end_us;
    return (double)(start_us < end_us ? start_us : end_us) / unit_of(profile).us;
}

uint32_t figure_corners(const struct profile *profile)
{
    return 2 * profile_used(profile);
}

double figure_corner(const struct profile *profile, uint32_t corner)
{
    return figure_bucket_start(profile, corner / 2 + corner % 2);
}

bool figure_allocated(struct text *script, const struct page *page)
{
    const struct profile *profile = page->cluster_profile;
    uint32_t used = profile_used(profile);
    if (used < 2) {
        return false;
    }
    figure_begin_time(script, "allocated", 300, "GPUs", profile);
    text_add(script, "$data << EOD\n");
    for (uint32_t i = 0; i < figure_corners(profile); i++) {
        text_addf(script, "%.6g %.6g %.6g\n", figure_corner(profile, i),
                  profile_mean(profile, PAGE_ALLOCATED, i / 2),
                  profile_peak(profile, PAGE_ALLOCATED, i / 2));
    }
    text_addf(script,
              "EOD\n"
              "plot $data using 1:2 with filledcurves y1=0 fs solid 0.4 noborder lc rgb '%s' "
              "title 'allocated (mean)', "
              "$data using 1:3 with lines lw 1 lc rgb '%s' title 'allocated (peak)', "
              "%.6g with lines lw 1.5 dt 2 lc rgb '%s' title 'all'\n",
              colours[0], colours[0], (double)page->fold->cluster->gpu_milli / 1000, colours[3]);
    return true;
}

bool figure_pending(struct text *script, const struct page *page)
{
    const struct profile *profile = page->cluster_profile;
    uint32_t used = profile_used(profile);
    double highest = 0;
    for (uint32_t i = 0; i < used; i++) {
        double peak = profile_peak(profile, PAGE_PENDING, i);
        highest = peak > highest ? peak : highest;
    }
    if (used < 2 || highest <= 0) {
        return false;
    }
    figure_begin_time(script, "pending", 220, "GPUs asked for", profile);
    text_add(script, "$data << EOD\n");
    for (uint32_t i = 0; i < figure_corners(profile); i++) {
        text_addf(script, "%.6g %.6g\n", figure_corner(profile, i),
                  profile_peak(profile, PAGE_PENDING, i / 2));
    }
    text_addf(script,
              "EOD\n"
              "plot $data using 1:2 with filledcurves y1=0 fs solid 0.5 noborder lc rgb '%s' "
              "title 'by pending jobs (peak)'\n",
              colours[1]);
    return true;
}

/* The axis of waits is logarithmic and starts at a second: there have to be longer ones. */
static bool has_waits(const struct page *page)
{
    return page->numbers->wait.max > 1;
}

void figure_add_name(struct text *script, const char *name)
{
    enum { NAME_DRAWN = 18 };
    text_add_char(script, '"');
    size_t count = 0;
    for (const char *c = name[0] != '\0' ? name : "(none)"; *c != '\0' && count < NAME_DRAWN;
         c++, count++) {
        unsigned char byte = (unsigned char)*c;
        if (byte >= 0x20 && byte <= 0x7e && *c != '"' && *c != '\\') {
            text_add_char(script, *c);
        } else {
            text_add_char(script, '?');
        }
    }
    text_add_char(script, '"');
}

bool figure_wait_by_queue(struct text *script, const struct page *page)
{
    if (!has_waits(page)) {
        return false;
    }
    const struct report_numbers *numbers = page->numbers;
    uint32_t count = (uint32_t)numbers->queues.count;
    uint32_t *order = mem_alloc(count, sizeof(*order));
    numbers_rank_queues(numbers, order, count);
    uint32_t drawn = 0;
    for (uint32_t i = 0; i < count && drawn < WAIT_QUEUES; i++) {
        if (numbers->queues.items[order[i]].wait.count > 0) {
            order[drawn++] = order[i];
        }
    }
    if (drawn < 2) {
        free(order);
        return false;
    }
    figure_span_columns(script);
    figure_begin(script, "wait_by_queue", 110 + 22 * (int)drawn);
    text_addf(script,
              "set xlabel 'wait'\n"
              "set logscale x\nset xrange [1:*]\nset yrange [%.1f:-0.5]\nset grid x y\n"
              "set ytics noenhanced\n"
              "set xtics ('1 s' 1, '10 s' 10, '1 min' 60, '10 min' 600, '1 h' 3600, "
              "'10 h' 36000, '4 d' 345600, '40 d' 3456000)\n$data << EOD\n",
              (double)drawn - 0.5);
    for (uint32_t i = 0; i < drawn; i++) {
        const struct report_queue *queue = &numbers->queues.items[order[i]];
        text_addf(script, "%" PRIu32 " ", i);
        figure_add_name(script, queue->name);
        text_addf(script, " %.6g %.6g %.6g\n", queue->wait.p50, queue->wait.p90, queue->wait.p99);
    }
    free(order);
    text_addf(script,
              "EOD\n"
              "f(x) = x < 1 ? 1 : x\n"
              "plot $data using (f($3)):1:(f($5) - f($3)):(0) with vectors nohead lw 1.5 "
              "lc rgb '#888888' notitle, "
              "$data using (f($3)):1:ytic(2) with points pt 7 ps 0.9 lc rgb '%s' "
              "title 'p50', $data using (f($4)):1 with points pt 5 ps 0.9 lc rgb '%s' "
              "title 'p90', $data using (f($5)):1 with points pt 9 ps 0.9 lc rgb '%s' "
              "title 'p99'\n",
              colours[0], colours[1], colours[3]);
    return true;
}

/* Rows of (time, GPUs of the ranked queues one above the other, GPUs of all queues). */
static void add_stack(struct text *script, const struct profile *profile, const uint32_t *order,
                      uint32_t drawn)
{
    text_add(script, "$data << EOD\n");
    for (uint32_t i = 0; i < figure_corners(profile); i++) {
        uint32_t bucket = i / 2;
        text_addf(script, "%.6g", figure_corner(profile, i));
        double height = 0;
        for (uint32_t j = 0; j < drawn; j++) {
            height += profile_mean(profile, order[j], bucket);
            text_addf(script, " %.6g", height);
        }
        double all = 0;
        for (uint32_t j = 0; j < profile->series_count; j++) {
            all += profile_mean(profile, j, bucket);
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
    /* More queues than series: the last series is the sum of those without one of their own. */
    bool has_rest = names_count(&page->fold->workload->queues) > count;
    uint32_t named = has_rest ? count - 1 : count;
    uint32_t *order = mem_alloc(count, sizeof(*order));
    numbers_rank_queues(page->numbers, order, named);
    uint32_t drawn = named < QUEUES_DRAWN ? named : QUEUES_DRAWN;
    figure_begin_time(script, "queue_allocation", 340, "GPUs allocated", profile);
    add_stack(script, profile, order, drawn);
    const char *separator = "plot ";
    if (count > drawn) {
        text_addf(script,
                  "plot $data using 1:%" PRIu32
                  " with filledcurves y1=0 fs solid 1 noborder lc rgb '%s' title 'others'",
                  drawn + 2, colours[COLOUR_COUNT - 1]);
        separator = ", ";
    }
    for (uint32_t j = drawn; j > 0; j--) {
        text_addf(script,
                  "%s$data using 1:%" PRIu32
                  " with filledcurves y1=0 fs solid 1 noborder lc rgb '%s' title ",
                  separator, j + 1, colours[j - 1]);
        figure_add_name(script, page->numbers->queues.items[order[j - 1]].name);
        separator = ", ";
    }
    text_add_char(script, '\n');
    free(order);
    return true;
}
