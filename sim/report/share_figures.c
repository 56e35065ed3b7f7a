/* share_figures.c - what queues held and were owed over time, a small panel each; see figures.h. */
#include <inttypes.h>

#include "sim/report/figures.h"

enum {
    PANELS = 20, /* the queues that held most */
    COLUMNS = 2,
    PANEL_HEIGHT = 140,
    LEGEND_HEIGHT = 60,
};

/* What the queue holds comes from the grants, not from the policy, which tells it in cycles only.
 */
static double held_mean(const struct page *page, const struct shares_queue *queue, uint32_t bucket)
{
    const struct profile *held = page->queue_profile;
    bool has_own = queue->queue + 1 < held->series_count ||
                   names_count(&page->fold->workload->queues) <= held->series_count;
    return has_own ? profile_mean(held, queue->queue, bucket) : 0;
}

static void add_data(struct text *script, const struct page *page, uint32_t panel,
                     const struct shares_queue *queue)
{
    const struct profile *profile = page->queue_profile;
    text_addf(script, "$queue%" PRIu32 " << EOD\n", panel);
    for (uint32_t i = 0; i < figure_corners(profile); i++) {
        uint32_t bucket = i / 2;
        text_addf(script, "%.6g %.6g", figure_corner(profile, i), held_mean(page, queue, bucket));
        for (uint32_t series = 0; series < SHARES_SERIES_COUNT; series++) {
            text_addf(script, " %.6g", profile_mean(&queue->profile, series, bucket));
        }
        text_add_char(script, '\n');
    }
    text_add(script, "EOD\n");
}

static bool has_usage(const struct shares *shares)
{
    for (size_t i = 0; i < shares->queues.count; i++) {
        const struct profile *profile = &shares->queues.items[i].profile;
        for (uint32_t k = 0; k < profile->bucket_count && k < profile_used(profile); k++) {
            if (profile_peak(profile, SHARES_USAGE, k) > 0) {
                return true;
            }
        }
    }
    return false;
}

/* Areas and lines differ in kind and dash, not only in colour. */
static void add_panel(struct text *script, const struct shares *shares, uint32_t panel,
                      uint32_t number, bool usage)
{
    text_add(script, "set title ");
    figure_add_name(script, names_get(&shares->names, number));
    text_addf(script,
              " noenhanced offset 0,-0.8\n"
              "plot $queue%" PRIu32 " using 1:2 with filledcurves y1=0 fs solid 0.35 noborder "
              "lc rgb '#0072B2' title 'allocated', "
              "'' using 1:4 with lines lw 2 lc rgb '#D55E00' title 'fair share', "
              "'' using 1:3 with lines lw 1.5 dt 2 lc rgb '#009E73' title 'deserved'",
              panel);
    if (usage) {
        text_add(script, ", '' using 1:5 with lines lw 1.5 dt 3 lc rgb '#888888' "
                         "title 'past usage'");
    }
    text_add(script, "\nset key off\n");
}

bool figure_shares(struct text *script, const struct page *page)
{
    const struct shares *shares = page->shares;
    if (shares->queues.count == 0 || profile_used(page->queue_profile) < 2) {
        return false;
    }
    uint32_t *order = mem_alloc(shares->queues.count, sizeof(*order));
    uint32_t count = shares_rank(shares, order);
    uint32_t drawn = 0;
    for (uint32_t i = 0; i < count && drawn < PANELS; i++) {
        if (shares->queues.items[order[i]].profile.bucket_count > 0) {
            order[drawn++] = order[i];
        }
    }
    uint32_t rows = (drawn + COLUMNS - 1) / COLUMNS;
    int height = LEGEND_HEIGHT + (int)rows * PANEL_HEIGHT;
    if (drawn > 0) {
        figure_span_columns(script);
        figure_begin_time(script, "shares", height, "GPUs", page->queue_profile);
        for (uint32_t i = 0; i < drawn; i++) {
            add_data(script, page, i, &shares->queues.items[order[i]]);
        }
        text_addf(script,
                  "set multiplot layout %" PRIu32 ",%d margins 0.07,0.98,%.4f,%.4f "
                  "spacing 0.07,%.4f\n"
                  "unset xlabel\n"
                  "set key at screen 0.5,%.4f center vertical maxrows 1 noenhanced\n",
                  rows, drawn > 1 ? COLUMNS : 1, 30.0 / height, 1 - 55.0 / height, 45.0 / height,
                  1 - 12.0 / height);
        bool usage = has_usage(shares);
        for (uint32_t i = 0; i < drawn; i++) {
            add_panel(script, shares, i, order[i], usage);
        }
        text_add(script, "unset multiplot\n");
    }
    free(order);
    return drawn > 0;
}
