/* compare_figures.c - the figures of a comparison; see compare_page.h.
 *
 * Colours are those of Okabe and Ito; lines differ in dashes and marks too, so that they can be
 * told apart in black and white. */
#include <inttypes.h>
#include <math.h>

#include "sim/report/figures.h"
#include "sim/study/compare_page.h"

enum { COLOUR_COUNT = 8, MOST_LINES = 8 };

static const char *const colours[COLOUR_COUNT] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                  "#E69F00", "#56B4E9", "#AA4499", "#777777"};

/* Marks are for figures of points; gnuplot wants none on plain lines. */
static void add_style(struct text *script, uint32_t line, bool marks)
{
    text_addf(script, "lc rgb '%s' dt %" PRIu32, colours[line % COLOUR_COUNT], line % 5 + 1);
    if (marks) {
        text_addf(script, " pt %" PRIu32, line % 7 + 4);
    }
}

static uint32_t lines_of(const struct compare *compare)
{
    uint32_t count = compare->plan->policy_count;
    return count < MOST_LINES ? count : MOST_LINES;
}

static const char *label_of(const struct compare *compare, uint32_t policy)
{
    return compare->plan->policies[policy].label;
}

static void add_title(struct text *script, const struct compare *compare, uint32_t policy)
{
    text_add(script, " title ");
    figure_add_name(script, label_of(compare, policy));
}

/* "plot $p0 using ... , $p1 using ...": one line a policy from `first` on. */
static void add_lines(struct text *script, const struct compare *compare, uint32_t first,
                      const char *how)
{
    for (uint32_t i = first; i < lines_of(compare); i++) {
        text_addf(script, "%s $p%" PRIu32 " %s ", i == first ? "plot" : ",", i, how);
        add_style(script, i, strstr(how, "error") != NULL);
        add_title(script, compare, i);
    }
    text_add_char(script, '\n');
}

/* -- the metric over loads ------------------------------------------------------------------- */

/* The spread of loads, so that policies at one load can stand beside each other. */
static double load_width(const struct compare *compare)
{
    uint32_t loads = compare->plan->load_count;
    double least = compare->loads[0].offered;
    double most = least;
    for (uint32_t i = 1; i < loads; i++) {
        least = fmin(least, compare->loads[i].offered);
        most = fmax(most, compare->loads[i].offered);
    }
    return most > least ? most - least : 1;
}

static double beside(const struct compare *compare, uint32_t load, uint32_t policy)
{
    double apart = load_width(compare) * 0.008;
    double middle = ((double)lines_of(compare) - 1) / 2;
    return compare->loads[load].offered + apart * (policy - middle);
}

static void add_estimates(struct text *script, const struct compare *compare, uint32_t policy,
                          const struct stats_estimate *(*of)(const struct compare_policy *own,
                                                             uint32_t column))
{
    text_addf(script, "$p%" PRIu32 " << EOD\n", policy);
    for (uint32_t load = 0; load < compare->plan->load_count; load++) {
        const struct stats_estimate *estimate =
            of(compare_at(compare, load, policy), compare->settings.metric);
        if (estimate->count > 0) {
            text_addf(script, "%.6g %.8g %.8g %.8g\n", beside(compare, load, policy),
                      estimate->mean, estimate->low, estimate->high);
        }
    }
    text_add(script, "EOD\n");
}

static const struct stats_estimate *value_of(const struct compare_policy *own, uint32_t column)
{
    return &own->columns[column];
}

static const struct stats_estimate *difference_of(const struct compare_policy *own, uint32_t column)
{
    return &own->differences[column];
}

static void begin_loads(struct text *script, const struct compare *compare, const char *name)
{
    double width = load_width(compare);
    figure_begin(script, name, 320);
    text_addf(script, "set xlabel 'offered load'\nset xrange [%.6g:%.6g]\n",
              compare->loads[0].offered - width * 0.1,
              compare->loads[compare->plan->load_count - 1].offered + width * 0.1);
    if (compare->plan->load_count == 1) {
        text_add(script, "set xtics 0.05\n");
    }
}

static bool figure_metric(struct text *script, const struct compare *compare)
{
    begin_loads(script, compare, "metric");
    text_addf(script, "set ylabel '%s' noenhanced\nset yrange [0:*]\n",
              metrics[compare->settings.metric].name);
    for (uint32_t i = 0; i < lines_of(compare); i++) {
        add_estimates(script, compare, i, value_of);
    }
    add_lines(script, compare, 0, "using 1:2:3:4 with yerrorlines lw 1.5");
    return true;
}

static bool figure_differences(struct text *script, const struct compare *compare)
{
    begin_loads(script, compare, "differences");
    text_addf(script, "set ylabel '%s' noenhanced\nset xzeroaxis lw 1.5 lc rgb '#888888'\n",
              metrics[compare->settings.metric].name);
    for (uint32_t i = 1; i < lines_of(compare); i++) {
        add_estimates(script, compare, i, difference_of);
    }
    add_lines(script, compare, 1, "using 1:2:3:4 with yerrorlines lw 1.5");
    return true;
}

/* -- distributions --------------------------------------------------------------------------- */

typedef const double *(*series_of)(const struct grid_run *run);

static const double *wait_shares(const struct grid_run *run)
{
    return run->wait_shares;
}

static const double *slowdown_shares(const struct grid_run *run)
{
    return run->slowdown_shares;
}

static const double *backlog(const struct grid_run *run)
{
    return run->backlog;
}

/* The mean of one step over the replications, with its interval; minus that of the first policy
 * when `paired`. */
static void estimate_step(const struct compare *compare, uint32_t load, uint32_t policy,
                          series_of series, bool paired, uint32_t step, struct stats_estimate *out)
{
    uint32_t count = compare->grid.replications;
    double *values = mem_alloc(count, sizeof(*values));
    uint32_t told = 0;
    for (uint32_t r = 0; r < count; r++) {
        double value = series(grid_at(&compare->grid, r, load, policy))[step];
        value -= paired ? series(grid_at(&compare->grid, r, load, 0))[step] : 0;
        if (!isnan(value)) {
            values[told++] = value;
        }
    }
    stats_estimate(values, told, compare->settings.level, INTERVAL_T, 0, out);
    free(values);
}

static void add_distribution(struct text *script, const struct compare *compare, uint32_t policy,
                             series_of series, bool paired)
{
    bool is_wait = series == wait_shares;
    text_addf(script, "$p%" PRIu32 " << EOD\n", policy);
    for (uint32_t bin = 0; bin < SERIES_BINS; bin++) {
        struct stats_estimate estimate;
        double bound = is_wait ? fmax(series_wait_bound_s(bin), 0.75) : series_slowdown_bound(bin);
        estimate_step(compare, compare->plan->load_count - 1, policy, series, paired, bin,
                      &estimate);
        if (estimate.count > 0) {
            text_addf(script, "%.6g %.6g %.6g %.6g\n", bound, estimate.mean * 100,
                      estimate.low * 100, estimate.high * 100);
        }
    }
    text_add(script, "EOD\n");
}

static void begin_distribution(struct text *script, const char *name, bool is_wait)
{
    figure_begin(script, name, 320);
    text_add(script, "set logscale x\n");
    text_add(script,
             is_wait ? "set xtics ('0' 0.75, '1 s' 1, '10 s' 10, '1 min' 60, '10 min' 600, "
                       "'1 h' 3600, '10 h' 36000, '1 d' 86400, '10 d' 864000)\n"
                       "set xrange [0.75:3e6]\nset xlabel 'wait'\n"
                     : "set format x '%g'\nset xrange [1:1e5]\nset xlabel 'bounded slowdown'\n");
}

static bool distribution(struct text *script, const struct compare *compare, const char *name,
                         series_of series)
{
    begin_distribution(script, name, series == wait_shares);
    text_add(script, "set ylabel '% of jobs'\nset yrange [*:100]\n");
    for (uint32_t i = 0; i < lines_of(compare); i++) {
        add_distribution(script, compare, i, series, false);
    }
    add_lines(script, compare, 0, "using 1:2 with lines lw 2");
    return true;
}

static bool figure_waits(struct text *script, const struct compare *compare)
{
    return distribution(script, compare, "waits", wait_shares);
}

static bool figure_slowdowns(struct text *script, const struct compare *compare)
{
    return distribution(script, compare, "slowdowns", slowdown_shares);
}

/* Bands first, so that lines lie on them. */
static bool figure_wait_differences(struct text *script, const struct compare *compare)
{
    begin_distribution(script, "wait_differences", true);
    text_add(script, "set ylabel 'percentage points'\nset xzeroaxis lw 1.5 lc rgb '#888888'\n");
    for (uint32_t i = 1; i < lines_of(compare); i++) {
        add_distribution(script, compare, i, wait_shares, true);
    }
    const char *command = "plot";
    for (uint32_t i = 1; i < lines_of(compare); i++) {
        text_addf(script,
                  "%s $p%" PRIu32 " using 1:3:4 with filledcurves fs transparent solid 0.2 "
                  "noborder lc rgb '%s' notitle",
                  command, i, colours[i % COLOUR_COUNT]);
        command = ",";
    }
    for (uint32_t i = 1; i < lines_of(compare); i++) {
        text_addf(script, ", $p%" PRIu32 " using 1:2 with lines lw 2 ", i);
        add_style(script, i, false);
        add_title(script, compare, i);
    }
    text_add_char(script, '\n');
    return true;
}

/* -- the rest -------------------------------------------------------------------------------- */

static bool figure_backlog(struct text *script, const struct compare *compare)
{
    uint32_t load = compare->plan->load_count - 1;
    figure_begin(script, "backlog", 280);
    text_add(script, "set xlabel '% of the time between first and last submit'\n"
                     "set ylabel 'GPUs pending'\nset xrange [0:100]\nset yrange [0:*]\n");
    for (uint32_t i = 0; i < lines_of(compare); i++) {
        text_addf(script, "$p%" PRIu32 " << EOD\n", i);
        for (uint32_t step = 0; step < SERIES_STEPS; step++) {
            struct stats_estimate estimate;
            estimate_step(compare, load, i, backlog, false, step, &estimate);
            text_addf(script, "%.6g %.6g\n", (step + 0.5) * 100 / SERIES_STEPS, estimate.mean);
        }
        text_add(script, "EOD\n");
    }
    add_lines(script, compare, 0, "using 1:2 with lines lw 1.5");
    return true;
}

/* Is there another policy at this load that is no worse in both and better in one? */
static bool is_dominated(const struct compare *compare, uint32_t load, uint32_t policy,
                         uint32_t wait, uint32_t fairness)
{
    const struct compare_policy *own = compare_at(compare, load, policy);
    for (uint32_t i = 0; i < compare->plan->policy_count; i++) {
        const struct compare_policy *other = compare_at(compare, load, i);
        double less = own->columns[wait].mean - other->columns[wait].mean;
        double fairer = other->columns[fairness].mean - own->columns[fairness].mean;
        if (less >= 0 && fairer >= 0 && less + fairer > 0) {
            return true;
        }
    }
    return false;
}

static bool figure_front(struct text *script, const struct compare *compare)
{
    uint32_t wait = metric_find("mean_wait_s");
    uint32_t fairness = metric_find("share_jain");
    uint32_t load = compare->plan->load_count - 1;
    if (compare->grid.columns.queues.count < 2) {
        return false;
    }
    figure_begin(script, "front", 320);
    text_add(script, "set xlabel 'mean wait, s'\nset ylabel 'Jain index of the shares'\n"
                     "set grid x\nset offsets graph 0.08, graph 0.08, graph 0.08, graph 0.08\n");
    for (uint32_t i = 0; i < lines_of(compare); i++) {
        const struct compare_policy *own = compare_at(compare, load, i);
        text_addf(script, "$p%" PRIu32 " << EOD\n%.8g %.8g %.8g %.8g %.8g %.8g\nEOD\n", i,
                  own->columns[wait].mean, own->columns[fairness].mean, own->columns[wait].low,
                  own->columns[wait].high, own->columns[fairness].low, own->columns[fairness].high);
    }
    for (uint32_t i = 0; i < lines_of(compare); i++) {
        text_addf(script, "%s $p%" PRIu32 " using 1:2:3:4:5:6 with xyerrorbars ps %s lw 1.5 ",
                  i == 0 ? "plot" : ",", i,
                  is_dominated(compare, load, i, wait, fairness) ? "0.8" : "1.6");
        add_style(script, i, true);
        add_title(script, compare, i);
    }
    text_add_char(script, '\n');
    return true;
}

/* -- what depends on settings ---------------------------------------------------------------- */

/* Variants at the highest load, those that change least first: gnuplot draws from below. */
static uint32_t rank_variants(const struct compare *compare, uint32_t *order)
{
    uint32_t load = compare->plan->load_count - 1;
    uint32_t metric = compare->settings.metric;
    uint32_t count = 0;
    for (uint32_t i = 1; i < compare->plan->policy_count; i++) {
        const struct stats_estimate *own = &compare_at(compare, load, i)->differences[metric];
        if (!compare->plan->policies[i].is_variant || own->count == 0) {
            continue;
        }
        uint32_t at = count++;
        while (at > 0 && fabs(compare_at(compare, load, order[at - 1])->differences[metric].mean) >
                             fabs(own->mean)) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
    return count;
}

static bool figure_tornado(struct text *script, const struct compare *compare)
{
    uint32_t load = compare->plan->load_count - 1;
    uint32_t metric = compare->settings.metric;
    uint32_t *order = mem_alloc(compare->plan->policy_count, sizeof(*order));
    uint32_t count = rank_variants(compare, order);
    if (count > 0) {
        double base = compare_at(compare, load, 0)->columns[metric].mean;
        double scale = fabs(base) > 0 ? 100 / base : 1;
        figure_begin(script, "tornado", 90 + 36 * (int)count);
        text_addf(script,
                  "set xlabel 'change of %s%s' noenhanced\nset key off\nset grid x\n"
                  "set yrange [0.4:%" PRIu32 ".6]\nset lmargin 32\n$bars << EOD\n",
                  metrics[metric].name, fabs(base) > 0 ? ", % of the first policy" : "", count);
        for (uint32_t i = 0; i < count; i++) {
            const struct stats_estimate *own =
                &compare_at(compare, load, order[i])->differences[metric];
            const char *label = strrchr(label_of(compare, order[i]), ',');
            text_addf(script, "%" PRIu32 " %.8g %.8g %.8g ", i + 1, own->mean * scale,
                      own->low * scale, own->high * scale);
            figure_add_name(script, label != NULL ? label + 2 : label_of(compare, order[i]));
            text_add_char(script, '\n');
        }
        text_add(script,
                 "EOD\nplot $bars using (0):1:(0):2:($1-0.3):($1+0.3):ytic(5) with boxxyerror "
                 "lc rgb '#0072B2' fs solid 0.5, '' using 2:1:3:4 with xerrorbars pt 1 "
                 "lw 1.5 lc rgb '#D55E00'\n");
    }
    free(order);
    return count > 0;
}

const struct compare_figure compare_figures[] = {
    {"metric", "The metric of the verdict", figure_metric},
    {"differences", "Differences from the first policy", figure_differences},
    {"waits", "Waits at the highest load", figure_waits},
    {"wait-differences",
     "Jobs that wait so long or less: more or fewer than under the first policy",
     figure_wait_differences},
    {"slowdowns", "Bounded slowdowns at the highest load", figure_slowdowns},
    {"backlog", "GPUs that pending jobs ask for, at the highest load", figure_backlog},
    {"front", "Wait against fairness at the highest load; large marks: nobody is better in both",
     figure_front},
    {"tornado", "What depends on the settings, at the highest load", figure_tornado},
    {.name = NULL},
};

bool compare_write_figures(const struct out_folder *folder, const struct compare *compare,
                           struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && compare_figures[i].name != NULL; i++) {
        struct text script = {0};
        if (compare_figures[i].script(&script, compare)) {
            struct text name = {0};
            text_addf(&name, "figure-%s.gp", compare_figures[i].name);
            char *path = out_folder_file(folder, name.bytes);
            ok = file_write(path, (struct view){script.bytes, script.length}, err);
            free(path);
            text_release(&name);
        }
        text_release(&script);
    }
    return ok;
}
