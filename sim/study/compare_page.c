/* compare_page.c - see compare_page.h. */
#include "sim/study/compare_page.h"

#include <math.h>

#include "sim/report/figures.h"
#include "sim/report/frame.h"
#include "sim/report/human.h"

/* -- headline -------------------------------------------------------------------------------- */

/* The verdicts at the highest load, in one sentence a policy. */
static void add_headline(struct text *out, const struct compare *compare)
{
    uint32_t load = compare->plan->load_count - 1;
    text_add(out, "<h1>Against ");
    text_add_html(out, compare->plan->policies[0].label);
    text_addf(out, ", %s</h1>\n<ul class=\"verdicts\">\n", metrics[compare->settings.metric].help);
    for (uint32_t i = 1; i < compare->plan->policy_count; i++) {
        struct text words = {0};
        compare_add_verdict(&words, compare, load, i);
        text_add(out, "<li><b>");
        text_add_html(out, compare->plan->policies[i].label);
        text_add(out, "</b>: ");
        text_add_html(out, words.bytes);
        text_release(&words);
        text_add(out, "</li>\n");
    }
    text_addf(out,
              "</ul>\n<p class=\"soft\">At an offered load of %.3f, over %u replications of the "
              "workload; intervals of %g&nbsp;%%; p corrected for all comparisons on this page "
              "(Holm).</p>\n",
              compare->loads[load].offered, compare->grid.replications,
              compare->settings.level * 100);
}

/* -- tables ---------------------------------------------------------------------------------- */

static void add_value(struct text *out, const struct metric *metric, double value)
{
    size_t length = strlen(metric->name);
    if (value < 0) {
        text_add(out, "&minus;");
    }
    if (length > 2 && strcmp(metric->name + length - 2, "_s") == 0) {
        human_add_duration(out, fabs(value));
    } else {
        human_add_number(out, fabs(value));
    }
}

static void add_cell(struct text *out, const struct metric *metric,
                     const struct stats_estimate *estimate)
{
    if (estimate->count > 0) {
        text_addf(out, "<td data-v=\"%.15g\">", estimate->mean);
        add_value(out, metric, estimate->mean);
    } else {
        text_add(out, "<td>");
    }
    if (estimate->count > 1) {
        text_add(out, "<br><span class=\"soft\">");
        add_value(out, metric, estimate->low);
        text_add(out, " to ");
        add_value(out, metric, estimate->high);
        text_add(out, "</span>");
    }
    text_add(out, "</td>");
}

static void add_verdict_row(struct text *out, const struct compare *compare, uint32_t load,
                            uint32_t policy)
{
    const struct compare_policy *own = compare_at(compare, load, policy);
    struct text words = {0};
    struct text groups = {0};
    text_add(&words, "the base");
    if (policy > 0) {
        text_clear(&words);
        compare_add_verdict(&words, compare, load, policy);
        compare_add_groups(&groups, compare, load, policy);
    }
    text_add(out, "<tr><td>");
    text_add_html(out, compare->plan->policies[policy].label);
    text_add(out, "</td>");
    add_cell(out, &metrics[compare->settings.metric], &own->columns[compare->settings.metric]);
    text_add(out, "<td class=\"words\">");
    text_add_html(out, words.bytes);
    if (groups.length > 0) {
        text_add(out, "<br><span class=\"soft\">Its waits: ");
        text_add_html(out, groups.bytes);
        text_add(out, "</span>");
    }
    text_add(out, "</td></tr>\n");
    text_release(&words);
    text_release(&groups);
}

static void add_remarks(struct text *out, const struct compare *compare, uint32_t load)
{
    struct text remarks = {0};
    compare_add_remarks(&remarks, compare, load);
    struct view rest = {remarks.bytes, remarks.length};
    while (rest.length > 0) {
        struct view line = view_cut(rest, '\n', &rest);
        struct text copy = {0};
        text_add_bytes(&copy, line.at, line.length);
        text_add(out, "<p class=\"soft\">");
        text_add_html(out, copy.bytes);
        text_add(out, ".</p>\n");
        text_release(&copy);
    }
    text_release(&remarks);
}

static void add_verdicts(struct text *out, const struct compare *compare)
{
    for (uint32_t load = 0; load < compare->plan->load_count; load++) {
        text_addf(
            out,
            "<h2>Offered load %.3f</h2>\n<div class=\"scroll\"><table><thead><tr>"
            "<th>policy</th><th>%s</th><th class=\"words\">verdict</th></tr></thead><tbody>\n",
            compare->loads[load].offered, metrics[compare->settings.metric].name);
        for (uint32_t i = 0; i < compare->plan->policy_count; i++) {
            add_verdict_row(out, compare, load, i);
        }
        text_add(out, "</tbody></table></div>\n");
        add_remarks(out, compare, load);
    }
}

static void add_metric_row(struct text *out, const struct compare *compare, uint32_t load,
                           uint32_t column)
{
    struct text group = {0};
    metric_add_group(&group, &compare->grid.columns, column);
    text_add(out, "<tr><td>");
    if (group.length > 0) {
        bool is_cause = metric_of_column(&compare->grid.columns, column) == &metric_of_causes;
        text_add(out, is_cause ? "mean time pending, " : "mean wait, ");
        text_add_html(out, group.bytes);
    } else {
        text_add_html(out, metrics[column].name);
    }
    text_add(out, "</td>");
    text_release(&group);
    for (uint32_t i = 0; i < compare->plan->policy_count; i++) {
        add_cell(out, metric_of_column(&compare->grid.columns, column),
                 &compare_at(compare, load, i)->columns[column]);
    }
    text_add(out, "</tr>\n");
}

static bool is_told(const struct compare *compare, uint32_t load, uint32_t column)
{
    for (uint32_t i = 0; i < compare->plan->policy_count; i++) {
        if (compare_at(compare, load, i)->columns[column].count > 0) {
            return true;
        }
    }
    return false;
}

static void add_metrics(struct text *out, const struct compare *compare)
{
    for (uint32_t load = 0; load < compare->plan->load_count; load++) {
        text_addf(out,
                  "<h2>All metrics at an offered load of %.3f</h2>\n<div class=\"scroll\"><table>"
                  "<thead><tr><th>metric</th>",
                  compare->loads[load].offered);
        for (uint32_t i = 0; i < compare->plan->policy_count; i++) {
            text_add(out, "<th>");
            text_add_html(out, compare->plan->policies[i].label);
            text_add(out, "</th>");
        }
        text_add(out, "</tr></thead><tbody>\n");
        for (uint32_t column = 0; column < compare->grid.columns.count; column++) {
            if (is_told(compare, load, column)) {
                add_metric_row(out, compare, load, column);
            }
        }
        text_add(out, "</tbody></table></div>\n");
    }
}

/* -- the page -------------------------------------------------------------------------------- */

void compare_add_page(struct text *out, const struct compare *compare, const json_t *settings,
                      const struct figure_files *files)
{
    frame_begin(out, "Berth: a comparison");
    add_headline(out, compare);
    bool drawn = true;
    for (size_t i = 0; compare_figures[i].name != NULL; i++) {
        struct text script = {0};
        if (compare_figures[i].script(&script, compare)) {
            const struct figure figure = {compare_figures[i].name, compare_figures[i].title,
                                          &script};
            drawn &= figure_add(out, files, &figure);
        }
        text_release(&script);
    }
    figure_tell_missing(out, drawn);
    add_verdicts(out, compare);
    add_metrics(out, compare);
    frame_add_inputs(out, "Settings and inputs", "settings and inputs", settings);
    frame_end(out);
}
