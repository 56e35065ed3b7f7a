/* compare_run.c - see compare_run.h. */
#include "sim/cli/compare_run.h"

#include "sim/base/file.h"
#include "sim/cli/figures_option.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/out_files.h"
#include "sim/cli/progress.h"
#include "sim/study/compare_page.h"

static bool write_page(const struct figure_files *figures, const struct compare *compare,
                       const json_t *settings, struct err *err)
{
    struct text page = {0};
    compare_add_page(&page, compare, settings, figures);
    return out_text(figures->folder, "compare.html", &page, err);
}

struct compare_output {
    const struct comparing *comparing;
    const struct compare *compare;
};

static bool write_files(const struct figure_files *figures, const void *what, struct err *err)
{
    const struct compare_output *output = what;
    const struct compare *compare = output->compare;
    const struct out_folder *folder = figures->folder;
    json_t *settings = comparing_json(output->comparing);
    struct text replications = {0};
    struct text estimates = {0};
    compare_add_replications_csv(&replications, compare);
    compare_add_estimates_csv(&estimates, compare);
    bool ok = out_text(folder, "replications.csv", &replications, err);
    ok = out_text(folder, "estimates.csv", &estimates, err) && ok;
    ok = ok && (!figures->keeps_scripts || write_page(figures, compare, settings, err));
    return out_json(folder, "compare.json", compare_json(compare), err) &&
           out_json(folder, "run.json", settings, err) && ok;
}

/* An interrupt stops after the runs that are under way. */
static bool show_progress(void *self, size_t done, size_t total)
{
    return progress_show_runs(self, done, total) && !interrupt_came();
}

bool compare_run_all(const struct cli_args *args, struct comparing *comparing, unsigned formats,
                     struct err *err)
{
    struct progress progress;
    progress_init(&progress, cli_flag(args, "--quiet"));
    (void)interrupt_catch();
    comparing->plan.progress = show_progress;
    comparing->plan.progress_self = &progress;
    struct compare compare;
    compare_init(&compare, &comparing->plan, &comparing->compare);
    bool ok = compare_run(&compare, err);
    progress_end(&progress);
    if (ok) {
        struct text table = {0};
        compare_judge(&compare);
        compare_add_table(&table, &compare);
        const struct compare_output output = {comparing, &compare};
        ok = out_results(args, formats, write_files, &output, err) && cli_print(&table, err);
        text_release(&table);
    }
    compare_release(&compare);
    return ok;
}
