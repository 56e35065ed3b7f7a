/* page.c - the page of a study; see files.h. */
#include <math.h>

#include "sim/plan/files.h"
#include "sim/plan/words.h"
#include "sim/report/figures.h"
#include "sim/report/frame.h"
#include "sim/report/human.h"

/* -- figures --------------------------------------------------------------------------------- */

/* How far each candidate that was run is on the good side of the level that it does worst at, in
 * parts of the goal. */
static double worst_of(const struct plan_answer *answer, const struct plan_tried *tried)
{
    double worst = (double)INFINITY;
    for (uint32_t i = 0; i < answer->study->levels.count; i++) {
        struct level_estimate estimate =
            plan_level_of(answer->bench, tried, i, answer->study->confidence);
        double goal = fabs(level_goal(&answer->study->levels.items[i]));
        worst = fmin(worst, estimate.margin / (goal > 0 ? goal : 1));
    }
    return fmax(fmin(worst, 1), -1);
}

static bool is_base(const struct plan_tried *tried)
{
    return tried->outcomes.count > 0 && plan_world_same(&tried->world, &plan_as_it_is);
}

static bool figure_front(struct text *script, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    figure_begin(script, "front", 360);
    for (uint32_t policy = 0; policy < study->policies.count; policy++) {
        text_addf(script, "$p%u << EOD\n", policy);
        for (size_t i = 0; i < plan_tried_count(answer->bench); i++) {
            const struct plan_tried *tried = plan_tried_at(answer->bench, i);
            if (is_base(tried) && tried->candidate.policy == policy) {
                text_addf(script, "%.6f %.6f\n", (double)tried->candidate.micro_per_hour / 1e6,
                          worst_of(answer, tried) * 100);
            }
        }
        text_add(script, "EOD\n");
    }
    text_addf(script, "$best << EOD\n%.6f %.6f\nEOD\n", (double)answer->best.micro_per_hour / 1e6,
              worst_of(answer, answer->tried) * 100);
    text_addf(script,
              "set xlabel 'cost an hour (%s)'\nset ylabel 'room to the tightest level (%%)'\n"
              "set key below\nset arrow 1 from graph 0, first 0 to graph 1, first 0 nohead dt 2\n"
              "plot ",
              study->currency);
    for (uint32_t policy = 0; policy < study->policies.count; policy++) {
        text_addf(script, "$p%u using 1:2 with points pt %u ps 0.8 lc rgb '%s' title ", policy,
                  policy % 7 + 4, figure_colour(policy));
        figure_add_name(script, study->policies.items[policy]);
        text_add(script, ", ");
    }
    text_add(script, "$best using 1:2 with points pt 6 ps 2 lw 2 lc rgb '#D55E00' title 'the "
                     "answer'\n");
    return true;
}

/* A level without a name is told in words. */
static void add_variant_name(struct text *out, const struct plan_answer *answer,
                             const struct plan_variant *variant)
{
    bool by_level = strcmp(variant->kind, "without level") == 0;
    text_add(out, by_level ? "without " : strcmp(variant->kind, "policy") == 0 ? "policy " : "");
    if (by_level && variant->name[0] == '\0') {
        level_add_words(out, &answer->study->levels.items[variant->level]);
    } else {
        text_add(out, variant->name);
    }
}

static bool figure_tornado(struct text *script, const struct plan_answer *answer)
{
    size_t count = 0;
    struct text data = {0};
    for (size_t i = 0; i < answer->variants.count; i++) {
        const struct plan_variant *variant = &answer->variants.items[i];
        if (variant->found) {
            text_addf(&data, "%zu %.6f ", count++,
                      (double)(variant->candidate.micro_per_hour - answer->best.micro_per_hour) /
                          1e6);
            struct text name = {0};
            add_variant_name(&name, answer, variant);
            figure_add_name(&data, name.bytes);
            text_add_char(&data, '\n');
            text_release(&name);
        }
    }
    if (count > 0) {
        figure_begin(script, "tornado", 120 + 26 * (int)count);
        text_addf(script,
                  "$d << EOD\n%sEOD\nset xlabel 'cost an hour against the answer (%s)'\n"
                  "set yrange [%zu.5:-0.5]\nset style fill solid 0.8\nunset key\n"
                  "set offsets graph 0.1, graph 0.1, 0, 0\n"
                  "plot $d using (0):1:(0):2:($1-0.35):($1+0.35):ytic(3) with boxxyerror lc rgb "
                  "'#0072B2'\n",
                  data.bytes, answer->study->currency, count - 1);
    }
    text_release(&data);
    return count > 0;
}

static bool figure_hours(struct text *script, const struct plan_answer *answer)
{
    uint32_t level = 0;
    for (uint32_t i = 0; i < answer->study->levels.count; i++) {
        if (plan_binds(answer, i)) {
            level = i;
            break;
        }
    }
    double sum = 0;
    for (int hour = 0; hour < LEVEL_HOURS; hour++) {
        sum += answer->look.hours[level][hour];
    }
    if (!(sum > 0)) {
        return false;
    }
    figure_begin(script, "hours", 280);
    text_add(script, "$d << EOD\n");
    for (int hour = 0; hour < LEVEL_HOURS; hour++) {
        text_addf(script, "%d %.6f\n", hour, answer->look.hours[level][hour] / sum * 100);
    }
    text_add(script, "EOD\nset xlabel 'hour of the day of the submit'\nset ylabel '% of what is "
                     "missed'\nset xrange [-0.5:23.5]\nset yrange [0:*]\nset xtics 3\nset style "
                     "fill solid 0.8\nset boxwidth 0.8\nunset key\n"
                     "plot $d using 1:2 with boxes lc rgb '#0072B2'\n");
    return true;
}

static bool figure_causes_of(struct text *script, const struct plan_answer *answer)
{
    int count = 0;
    struct text data = {0};
    for (int i = 0; i < WAIT_CAUSE_COUNT; i++) {
        if (answer->look.causes[i] >= 0.001) {
            text_addf(&data, "%d %.6f ", count++, answer->look.causes[i] * 100);
            figure_add_name(&data, wait_cause_name((enum wait_cause)i));
            text_add_char(&data, '\n');
        }
    }
    if (count > 0) {
        figure_begin(script, "causes", 110 + 26 * count);
        text_addf(script,
                  "$d << EOD\n%sEOD\nset xlabel '%% of all pending time'\nset xrange [0:*]\n"
                  "set yrange [%d.5:-0.5]\nset style fill solid 0.8\nunset key\n"
                  "plot $d using (0):1:(0):2:($1-0.35):($1+0.35):ytic(3) with boxxyerror lc rgb "
                  "'#009E73'\n",
                  data.bytes, count - 1);
    }
    text_release(&data);
    return count > 0;
}

static const struct {
    const char *name;
    const char *title;
    bool (*script)(struct text *script, const struct plan_answer *answer);
} FIGURES[] = {
    {"front", "What was run: cost against room to the tightest level; above the line all are kept",
     figure_front},
    {"tornado", "What would change the answer, in money", figure_tornado},
    {"hours", "When the level that binds is missed, with a step less", figure_hours},
    {"causes", "What jobs wait for, with a step less", figure_causes_of},
};

/* -- tables ---------------------------------------------------------------------------------- */

static void add_levels(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    text_add(out, "<h2>Service levels</h2>\n<div class=\"scroll\"><table><thead><tr>"
                  "<th class=\"words\">level</th><th>value</th><th>one-sided bound</th>"
                  "<th>verdict</th><th>binds</th></tr></thead><tbody>\n");
    for (uint32_t i = 0; i < study->levels.count; i++) {
        const struct plan_level *level = &study->levels.items[i];
        struct level_estimate estimate =
            plan_level_of(answer->bench, answer->tried, i, study->confidence);
        struct text words = {0};
        if (level->name[0] != '\0') {
            text_addf(&words, "%s: ", level->name);
        }
        level_add_words(&words, level);
        text_add(out, "<tr><td class=\"words\">");
        text_add_html(out, words.bytes);
        text_add(out, "</td><td>");
        plan_add_level_value(out, level, estimate.value);
        text_add(out, "</td><td>");
        plan_add_level_value(out, level, level_wants_more(level) ? estimate.low : estimate.high);
        text_addf(out, "</td><td>%s</td><td>%s</td></tr>\n",
                  estimate.verdict == LEVEL_KEPT     ? "kept"
                  : estimate.verdict == LEVEL_BROKEN ? "broken"
                                                     : "unclear",
                  plan_binds(answer, i) ? "yes" : "");
        text_release(&words);
    }
    text_add(out, "</tbody></table></div>\n");
}

static void add_ledger(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    double there[PLAN_MOST_METERED];
    plan_ledger ledger = {0};
    plan_there(answer->tried, there);
    plan_ledger_make(study, &answer->best, there, &ledger);
    text_addf(out,
              "<h2>What is bought</h2>\n<div class=\"scroll\"><table><thead><tr><th>pool</th>"
              "<th>paid for</th><th>nodes</th><th>price of a node an hour</th><th>%s in %g hours"
              "</th></tr></thead><tbody>\n",
              study->currency, study->hours);
    for (size_t i = 0; i < ledger.count; i++) {
        const struct plan_charge *charge = &ledger.items[i];
        double price = (double)charge->price->micro_per_hour / 1e6;
        text_add(out, "<tr>");
        frame_add_name_cell(out, charge->price->name);
        frame_add_name_cell(out, charge->price->is_metered ? "while there" : "always");
        frame_add_cell(out, human_add_number, charge->nodes);
        text_addf(out, "<td>%.2f</td><td>%.2f</td></tr>\n", price,
                  charge->nodes * price * study->hours);
    }
    text_add(out, "</tbody></table></div>\n");
    vec_release(&ledger);
}

static void add_variants(struct text *out, const struct plan_answer *answer)
{
    if (answer->variants.count == 0) {
        return;
    }
    text_add(out, "<h2>What would change the answer</h2>\n<div class=\"scroll\"><table><thead><tr>"
                  "<th>supposed</th><th class=\"words\">answer then</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < answer->variants.count; i++) {
        const struct plan_variant *variant = &answer->variants.items[i];
        struct text words = {0};
        plan_add_variant(&words, answer, variant);
        struct text name = {0};
        add_variant_name(&name, answer, variant);
        text_add(out, "<tr><td class=\"words\">");
        text_add_html(out, name.bytes);
        text_add(out, "</td><td class=\"words\">");
        text_release(&name);
        text_add_html(out, words.bytes);
        text_add(out, "</td></tr>\n");
        text_release(&words);
    }
    text_add(out, "</tbody></table></div>\n");
}

static void add_neighbours(struct text *out, const struct plan_answer *answer)
{
    const struct plan_study *study = answer->study;
    if (answer->neighbours.count == 0) {
        return;
    }
    text_add(out, "<h2>One step more or less</h2>\n<div class=\"scroll\"><table><thead><tr>"
                  "<th>pool</th><th>nodes</th><th>cost an hour</th><th>mean wait</th>"
                  "<th>GPU time in use</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < answer->neighbours.count; i++) {
        const struct plan_neighbour *neighbour = &answer->neighbours.items[i];
        const struct plan_candidate *other = &neighbour->tried->candidate;
        text_add(out, "<tr>");
        frame_add_name_cell(out, study->pools.items[neighbour->pool].name);
        frame_add_count_cell(out, (uint32_t)other->nodes[neighbour->pool]);
        text_addf(out, "<td>%+.2f</td>",
                  (double)(other->micro_per_hour - answer->best.micro_per_hour) / 1e6);
        frame_add_cell(out, human_add_duration, plan_number_of(neighbour->tried, PLAN_MEAN_WAIT_S));
        frame_add_cell(out, frame_add_percent, plan_number_of(neighbour->tried, PLAN_ALLOCATION));
        text_add(out, "</tr>\n");
    }
    text_add(out, "</tbody></table></div>\n");
}

static void add_headline(struct text *out, const struct plan_answer *answer)
{
    struct text words = {0};
    plan_add_answer(&words, answer);
    text_add(out, "<h1>");
    text_add_html(out, answer->study->name[0] != '\0' ? answer->study->name : "A plan");
    text_add(out, "</h1>\n<p>");
    text_add_html(out, words.bytes);
    text_addf(
        out,
        "</p>\n<p class=\"soft\">%zu candidates; the answer was run on %zu replications of the "
        "demand, %zu runs in all. Prices are those of the study.</p>\n",
        answer->candidates.count, answer->tried->outcomes.count, plan_run_count(answer->bench));
    text_release(&words);
    text_add(out, "<div class=\"cards\">\n");
    frame_add_card(out, "cost an hour", human_add_number,
                   (double)answer->best.micro_per_hour / 1e6);
    frame_add_card(out, "GPUs", human_add_number, answer->best.gpus);
    frame_add_card(out, "mean wait", human_add_duration,
                   plan_number_of(answer->tried, PLAN_MEAN_WAIT_S));
    frame_add_card(out, "GPU time in use", frame_add_percent,
                   plan_number_of(answer->tried, PLAN_ALLOCATION));
    text_add(out, "</div>\n");
}

void plan_add_page(struct text *out, const struct plan_answer *answer, const json_t *settings,
                   const struct figure_files *files)
{
    frame_begin(out, "Berth: a plan");
    add_headline(out, answer);
    add_levels(out, answer);
    add_ledger(out, answer);
    bool drawn = true;
    for (size_t i = 0; i < sizeof(FIGURES) / sizeof(FIGURES[0]); i++) {
        struct text script = {0};
        if (FIGURES[i].script(&script, answer)) {
            const struct figure figure = {FIGURES[i].name, FIGURES[i].title, &script};
            drawn &= figure_add(out, files, &figure);
        }
        text_release(&script);
    }
    figure_tell_missing(out, drawn);
    add_variants(out, answer);
    add_neighbours(out, answer);
    frame_add_inputs(out, "The study and its inputs", "studies and inputs", settings);
    frame_end(out);
}
