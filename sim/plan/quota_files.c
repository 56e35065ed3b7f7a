/* quota_files.c - see quota_files.h. */
#include "sim/plan/quota_files.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/plan/cells.h"
#include "sim/plan/quota_words.h"
#include "sim/report/figures.h"
#include "sim/report/frame.h"

static const char *name_of(const struct plan_study *study, size_t number)
{
    return study->shares.items[study->quotas.queues.items[number]].name;
}

static json_t *share_json(const struct queue_share *share)
{
    return json_pack("{s:f, s:f, s:f}", "quota", share->quota, "limit", share->limit, "weight",
                     share->weight);
}

static json_t *loss_json(const struct quota_loss *loss)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s}", "now", cell_json(loss->now.mean), "then",
                     cell_json(loss->found.mean), "difference", cell_json(loss->difference.mean),
                     "difference_low", cell_json(loss->difference.low), "difference_high",
                     cell_json(loss->difference.high), "verdict",
                     quota_verdict_name(quota_verdict_of(loss)));
}

json_t *quota_json(const struct plan_quotas_answer *answer)
{
    const struct plan_study *study = answer->study;
    struct text words = {0};
    struct text loss = {0};
    json_t *queues = json_array();
    for (size_t i = 0; i < answer->losses.count; i++) {
        uint32_t queue = study->quotas.queues.items[i];
        json_array_append_new(queues, json_pack("{s:s, s:o, s:o, s:o}", "name", name_of(study, i),
                                                "now", share_json(&answer->now.shares[queue]),
                                                "then", share_json(&answer->found.shares[queue]),
                                                "loss", loss_json(&answer->losses.items[i])));
    }
    quota_add_answer(&words, answer);
    quota_add_loss_name(&loss, study);
    json_t *all = json_pack(
        "{s:s, s:s, s:s, s:s, s:b, s:o, s:o, s:b, s:I, s:I, s:I}", "study", study->name, "answer",
        words.bytes, "loss", loss.bytes, "least", study->quotas.of_all ? "mean" : "worst", "helps",
        plan_quotas_helps(answer), "objective", loss_json(&answer->objective), "queues", queues,
        "keeps_levels", answer->keeps_levels, "tried", (json_int_t)answer->tried, "moves",
        (json_int_t)answer->taken, "runs", (json_int_t)plan_run_count(answer->bench));
    CHECK(all != NULL);
    text_release(&words);
    text_release(&loss);
    return all;
}

void quota_add_csv(struct text *out, const struct plan_quotas_answer *answer)
{
    const struct plan_study *study = answer->study;
    text_add(out, "queue,quota_now,limit_now,weight_now,quota,limit,weight,loss_now,loss,"
                  "difference,difference_low,difference_high,verdict\n");
    for (size_t i = 0; i < answer->losses.count; i++) {
        uint32_t queue = study->quotas.queues.items[i];
        const struct queue_share *shares[] = {&answer->now.shares[queue],
                                              &answer->found.shares[queue]};
        const struct quota_loss *loss = &answer->losses.items[i];
        text_add_csv(out, name_of(study, i));
        for (size_t k = 0; k < 2; k++) {
            text_addf(out, ",%.15g,%.15g,%.15g", shares[k]->quota, shares[k]->limit,
                      shares[k]->weight);
        }
        cell_add_csv(out, loss->now.mean);
        cell_add_csv(out, loss->found.mean);
        cell_add_csv(out, loss->difference.mean);
        cell_add_csv(out, loss->difference.low);
        cell_add_csv(out, loss->difference.high);
        text_addf(out, ",%s\n", quota_verdict_name(quota_verdict_of(loss)));
    }
}

void quota_add_cluster(struct text *out, const struct plan_quotas_answer *answer)
{
    char *json = plan_candidate_json(answer->study, &answer->found);
    json_t *parsed = json_loads(json, 0, NULL);
    char *dump = json_dumps(parsed, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    CHECK(dump != NULL);
    text_addf(out, "%s\n", dump);
    free(dump);
    json_decref(parsed);
    free(json);
}

/* -- the page -------------------------------------------------------------------------------- */

static void add_bars(struct text *script, const char *block,
                     const struct plan_quotas_answer *answer, bool is_found)
{
    double unit = answer->study->quotas.kind == LEVEL_SHARE_WAIT ? 100 : 1;
    text_addf(script, "$%s << EOD\n", block);
    for (size_t i = 0; i < answer->losses.count; i++) {
        const struct quota_loss *loss = &answer->losses.items[i];
        const struct stats_estimate *own = is_found ? &loss->found : &loss->now;
        if (isfinite(own->mean)) {
            text_addf(script, "%zu %.6f %.6f %.6f ", i, own->mean * unit, own->low * unit,
                      own->high * unit);
            figure_add_name(script, name_of(answer->study, i));
            text_add_char(script, '\n');
        }
    }
    text_add(script, "EOD\n");
}

static void figure_losses(struct text *script, const struct plan_quotas_answer *answer)
{
    struct text loss = {0};
    quota_add_loss_name(&loss, answer->study);
    figure_begin(script, "losses", 320);
    add_bars(script, "now", answer, false);
    add_bars(script, "then", answer, true);
    text_addf(script,
              "set ylabel '%s%s'\nset yrange [0:*]\nset xrange [-0.6:%zu.6]\nset key above\n"
              "set style fill solid 0.8\n"
              "plot $now using ($1-0.2):2:(0.36):xtic(5) with boxes lc rgb '%s' title 'now', "
              "$then using ($1+0.2):2:(0.36) with boxes lc rgb '%s' title 'then', "
              "$now using ($1-0.2):2:3:4 with yerrorbars pt 7 ps 0 lc rgb 'black' notitle, "
              "$then using ($1+0.2):2:3:4 with yerrorbars pt 7 ps 0 lc rgb 'black' notitle\n",
              loss.bytes,
              answer->study->quotas.kind == LEVEL_SHARE_WAIT  ? ", %"
              : answer->study->quotas.kind == LEVEL_MEAN_WAIT ? ", s"
                                                              : "",
              answer->losses.count - 1, figure_colour(0), figure_colour(1));
    text_release(&loss);
}

static void add_change_cell(struct text *out, double now, double found)
{
    text_add(out, "<td>");
    quota_add_amount(out, now);
    if (now < found || now > found) {
        text_add(out, " &rarr; <b>");
        quota_add_amount(out, found);
        text_add(out, "</b>");
    }
    text_add(out, "</td>");
}

static void add_rows(struct text *out, const struct plan_quotas_answer *answer)
{
    const struct plan_study *study = answer->study;
    for (size_t i = 0; i < answer->losses.count; i++) {
        uint32_t queue = study->quotas.queues.items[i];
        const struct quota_loss *loss = &answer->losses.items[i];
        const struct stats_estimate *estimates[] = {&loss->now, &loss->found};
        text_add(out, "<tr>");
        frame_add_name_cell(out, name_of(study, i));
        add_change_cell(out, answer->now.shares[queue].quota, answer->found.shares[queue].quota);
        add_change_cell(out, answer->now.shares[queue].limit, answer->found.shares[queue].limit);
        add_change_cell(out, answer->now.shares[queue].weight, answer->found.shares[queue].weight);
        for (size_t k = 0; k < 2; k++) {
            text_add(out, "<td>");
            quota_add_loss(out, study, estimates[k]->mean);
            text_add(out, "</td>");
        }
        text_add(out, "<td>");
        quota_add_loss(out, study, loss->difference.low);
        text_add(out, " to ");
        quota_add_loss(out, study, loss->difference.high);
        text_add(out, "</td>");
        frame_add_name_cell(out, answer->taken > 0 ? quota_verdict_name(quota_verdict_of(loss))
                                                   : "as now");
        text_add(out, "</tr>\n");
    }
}

void quota_add_page(struct text *out, const struct plan_quotas_answer *answer,
                    const json_t *settings, const struct figure_files *files)
{
    const struct plan_study *study = answer->study;
    struct text words = {0};
    struct text loss = {0};
    struct text script = {0};
    quota_add_answer(&words, answer);
    quota_add_loss_name(&loss, study);
    frame_begin(out, "Berth: quotas");
    text_add(out, "<h1>");
    text_add_html(out, study->name[0] != '\0' ? study->name : "Quotas");
    text_add(out, "</h1>\n<p>");
    text_add_html(out, words.bytes);
    text_addf(out,
              "</p>\n<p class=\"soft\">%zu entitlements were tried in %zu runs. Figures are of %u "
              "workloads that the search did not see. A queue's loss is the %s.</p>\n"
              "<h2>Queues</h2>\n<div class=\"scroll\">"
              "<table><thead><tr><th>queue</th><th>quota</th><th>limit</th><th>weight</th>"
              "<th>loss now</th><th>then</th><th>difference</th><th>verdict</th></tr></thead>"
              "<tbody>\n",
              answer->tried, plan_run_count(answer->bench), study->replications, loss.bytes);
    add_rows(out, answer);
    text_add(out, "</tbody></table></div>\n");
    figure_losses(&script, answer);
    const struct figure figure = {"losses", "What every queue loses, now and then", &script};
    figure_tell_missing(out, figure_add(out, files, &figure));
    frame_add_inputs(out, "The study and its inputs", "studies and inputs", settings);
    text_release(&words);
    text_release(&loss);
    text_release(&script);
    frame_end(out);
}
