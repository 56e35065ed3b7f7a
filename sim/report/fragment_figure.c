/* fragment_figure.c - free GPUs over time, and those of them that are of no use; see figures.h. */
#include "sim/report/figures.h"

bool figure_fragmentation(struct text *script, const struct page *page)
{
    const struct profile *profile = page->cluster_profile;
    if (page->numbers->fragmentation.kinds == 0 || profile_used(profile) < 2) {
        return false;
    }
    double gpus = (double)page->fold->cluster->gpu_milli / 1000;
    figure_begin_time(script, "fragmentation", 260, "GPUs", profile);
    text_add(script, "$data << EOD\n");
    for (uint32_t i = 0; i < figure_corners(profile); i++) {
        text_addf(script, "%.6g %.6g %.6g %.6g\n", figure_corner(profile, i),
                  gpus - profile_mean(profile, PAGE_ALLOCATED, i / 2),
                  profile_mean(profile, PAGE_FRAGMENTED, i / 2),
                  profile_mean(profile, PAGE_STRANDED, i / 2));
    }
    text_add(script, "EOD\n"
                     "plot $data using 1:2 with filledcurves y1=0 fs solid 0.3 noborder "
                     "lc rgb '#999999' title 'free', "
                     "$data using 1:3 with lines lw 1.5 lc rgb '#D55E00' title 'fragmented', "
                     "$data using 1:4 with lines lw 1.5 dt 2 lc rgb '#0072B2' title 'stranded'\n");
    return true;
}
