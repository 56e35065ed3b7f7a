/* page_fairness.c - what the page tells of fairness among queues (page_add_fairness in page.h). */
#include "sim/report/equity.h"
#include "sim/report/finish_time.h"
#include "sim/report/frame.h"
#include "sim/report/human.h"
#include "sim/report/page.h"

static void add_numbers(struct text *out, const struct equity_numbers *numbers)
{
    text_addf(
        out,
        "<p>The %u queues that wait held between %.2f and %.2f of their fair share while they "
        "did; Jain index %.3f, Gini %.3f.</p>\n",
        numbers->tenants, numbers->least, numbers->most, numbers->jain, numbers->gini);
    text_addf(out,
              "<p>Dominant shares were %.3f apart in the mean, %.3f at most; %u pairs of queues in "
              "which one would rather have had what the other had",
              numbers->drf_gap, numbers->most_drf_gap, numbers->envious_pairs);
    if (numbers->envious_pairs > 0) {
        text_addf(out, ", by up to %.2f times", numbers->most_envy);
    }
    text_add(out, ".</p>\n");
}

static void add_alone(struct text *out, const struct finish_time *finish,
                      const struct names *queues)
{
    if (finish->rho.count == 0) {
        return;
    }
    text_addf(out,
              "<p>Against each queue alone on its share of the cluster, %.1f&nbsp;%% of jobs end "
              "later; &rho; p50 %.2f, p99 %.2f, max %.2f.",
              finish->unfair * 100, finish->rho.p50, finish->rho.p99, finish->rho.max);
    if (finish->incentive > 0) {
        text_add(out, " The queue that gains least from sharing, ");
        text_add_html(out, names_get(queues, finish->incentive_queue));
        text_addf(out, ", would take %.2f times as long alone.", finish->incentive);
    }
    text_add(out, "</p>\n");
}

static void add_row(struct text *out, const char *name, const struct equity_queue *queue)
{
    const struct equity_window *hour = &queue->windows[1];
    text_add(out, "<tr>");
    frame_add_name_cell(out, name);
    frame_add_cell(out, human_add_number, queue->held_gpu_us / 3600e6);
    frame_add_cell(out, human_add_number, queue->fair_gpu_us / 3600e6);
    frame_add_cell(out, human_add_duration, queue->backlog_us / 1e6);
    if (queue->backlog_fair > 0) {
        frame_add_cell(out, human_add_number, queue->backlog_held / queue->backlog_fair);
    } else {
        text_add(out, "<td></td>");
    }
    frame_add_cell(out, human_add_number, hour->count > 0 ? hour->sum / hour->count : 0);
    frame_add_cell(out, human_add_number, queue->most_owed_gpu_us / 3600e6);
    frame_add_cell(out, human_add_duration, queue->longest_short_us / 1e6);
    text_add(out, "</tr>\n");
}

void page_add_fairness(struct text *out, const struct page *page)
{
    const struct equity *equity = page->equity;
    if (equity == NULL || equity->queue_count < 2) {
        return;
    }
    const struct names *queues = &equity->workload->queues;
    text_add(out, "<h2>Fairness among queues</h2>\n<p class=\"soft\">Against a weighted max-min "
                  "share of what queues ask for, quotas first.</p>\n");
    add_numbers(out, page->equity_numbers);
    if (page->finish_time != NULL) {
        add_alone(out, page->finish_time, queues);
    }
    text_add(out, "<div class=\"scroll\"><table><thead><tr><th>queue</th><th>held GPU-hours</th>"
                  "<th>fair GPU-hours</th><th>waiting</th><th>held of fair, then</th>"
                  "<th>share error over 1 h</th><th>owed at most</th><th>below quota</th></tr>"
                  "</thead><tbody>\n");
    for (uint32_t i = 0; i < equity->queue_count; i++) {
        if (equity->queues[i].wanted_gpu_us > 0) {
            add_row(out, names_get(queues, i), &equity->queues[i]);
        }
    }
    text_add(out, "</tbody></table></div>\n");
}
