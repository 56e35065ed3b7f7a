/* test_shown.c - what people look at: the table on the terminal and the page. */
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/unit/report/story.h"

static void end_well(struct story *story)
{
    struct err err = {0};
    cr_assert(story_end(story, 200 * SECOND_US, &err), "%s", err.msg);
}

/* -- the table ------------------------------------------------------------------------------- */

static void expect_line(const struct text *table, const char *line)
{
    cr_assert_not_null(strstr(table->bytes, line), "no '%s' in\n%s", line, table->bytes);
}

Test(table, answers_at_a_glance)
{
    struct story story;
    story_init_all(&story);
    story_open(&story, false);
    story_tell_all(&story);
    end_well(&story);
    struct text table = {0};
    report_print(story.report, &story.run, &table);
    expect_line(&table, "6 submitted: 3 completed, 1 running, 1 pending, 1 rejected\n");
    expect_line(&table, "rejected          1: 16 GPUs, more than there are\n");
    expect_line(&table, "56.9 % of 8.00 allocated over 3.3 min (0.25 GPU-hours)\n");
    expect_line(&table,
                "wait                        4       32 s        0 s    1.3 min    1.3 min");
    expect_line(&table, "slowdown (10 s)             3       1.52       1.55       2.00");
    expect_line(&table, "preemptions       1 of 1 jobs, 0 moves; 0.01 GPU-hours of work lost\n");
    expect_line(&table, "not reached       1 jobs of the trace come after the end of the run\n");
    expect_line(&table, "0000000000000abc\n");
    size_t column = 0;
    for (const char *c = table.bytes; *c != '\0'; c++) {
        column = *c == '\n' ? 0 : column + 1;
        cr_assert(column <= 100, "a line is longer than 100 columns");
        cr_assert(*c == '\n' || (*c >= ' ' && *c <= '~'), "plain ASCII");
    }
    text_release(&table);
    story_release(&story);
}

Test(table, names_of_the_trace_cannot_steer_the_terminal)
{
    struct story story;
    story_init(&story, "1x8");
    story_add_job(&story, "1", "\033[31mred", 0, SECOND_US, 1);
    story_add_job(&story, "2",
                  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
                  "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
                  "\xc3\xa9",
                  0, SECOND_US, 1);
    story_open(&story, false);
    story_tell(&story, 0, LOG_SUBMIT, 0, 1);
    story_tell(&story, 0, LOG_SUBMIT, 1, 1);
    end_well(&story);
    struct text table = {0};
    report_print(story.report, &story.run, &table);
    cr_assert_null(strchr(table.bytes, '\033'));
    expect_line(&table, "?[31mred                    0          -          -");
    expect_line(&table, "\xc3\xa9\xc3\xa9            0          -"); /* cut at 16 characters */
    text_release(&table);
    story_release(&story);
}

Test(table, a_run_within_its_warm_up_says_so)
{
    struct story story;
    story_init_all(&story);
    story.options.warmup_us = 1000 * SECOND_US;
    story_open(&story, false);
    story_tell_all(&story);
    end_well(&story);
    struct text table = {0};
    report_print(story.report, &story.run, &table);
    expect_line(&table, "nothing measured: the run ended within its warm-up\n");
    text_release(&table);
    story_release(&story);
}

/* -- the page -------------------------------------------------------------------------------- */

static void make_page(struct story *story, struct text *page)
{
    story_init(story, "2x4");
    story->options.html = true;
    for (int i = 0; i < 40; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "j%d", i);
        story_add_job(story, id,
                      i % 3 == 0   ? "<b>&'\""
                      : i % 3 == 1 ? "$(x)`y`\\"
                                   : "plain",
                      i * SECOND_US, 5 * SECOND_US, 1 + (uint32_t)i % 4);
    }
    story_open(story, true);
    for (uint32_t i = 0; i < 40; i++) {
        story_tell(story, i * SECOND_US, LOG_SUBMIT, i, 1 + i % 4);
    }
    for (uint32_t i = 0; i < 39; i++) {
        story_tell(story, (40 + 4 * i) * SECOND_US, LOG_START, i, 1 + i % 4);
        story_tell(story, (42 + 4 * i) * SECOND_US, LOG_FINISH, i, 1 + i % 4);
    }
    end_well(story);
    story_read(story, "report.html", page);
}

static int count_of(const struct text *text, const char *words)
{
    int count = 0;
    for (const char *at = strstr(text->bytes, words); at != NULL; at = strstr(at + 1, words)) {
        count++;
    }
    return count;
}

Test(page, stands_alone_and_escapes_names)
{
    struct story story;
    struct text page = {0};
    make_page(&story, &page);
    cr_assert_eq(count_of(&page, "<b>&'"), 0);
    cr_assert_geq(count_of(&page, "&lt;b&gt;&amp;&#39;&quot;"), 1);
    cr_assert_eq(count_of(&page, "fifo &lt;&amp;&gt;"), 1, "the settings are there, escaped");
    cr_assert_eq(count_of(&page, "<script"), 1, "the one that sorts tables");
    cr_assert_eq(count_of(&page, "content=\"default-src 'none';"), 1, "browsers see to that");
    cr_assert_eq(count_of(&page, "src="), 0, "nothing is fetched");
    cr_assert_eq(count_of(&page, "<link"), 0);
    cr_assert_eq(count_of(&page, "url("), 0);
    cr_assert_eq(count_of(&page, "https:"), 0);
    cr_assert_eq(count_of(&page, "http:"),
                 count_of(&page, "xmlns=\"http:") + count_of(&page, "xmlns:xlink=\"http:"),
                 "names of XML only");
    cr_assert_eq(count_of(&page, "prefers-color-scheme:dark"), 1);
    cr_assert_eq(story_count_entries(&story), 1);
    text_release(&page);
    story_release(&story);
}

/* The mean of the waits is 97 s, "1.6 min" for the reader: rows do not sort by that. */
Test(page, tells_what_cells_sort_by)
{
    struct story story;
    struct text page = {0};
    make_page(&story, &page);
    cr_assert_eq(count_of(&page, "<td>wait</td><td data-v=\"39\">39</td><td data-v=\"97\">1.6 min"
                                 "</td>"),
                 1);
    cr_assert_eq(count_of(&page, "<td></td>"), 0, "all of these have values");
    text_release(&page);
    story_release(&story);
}

Test(page, has_five_figures_that_are_equal_in_equal_runs)
{
    if (access("/usr/bin/gnuplot", X_OK) != 0) {
        cr_log_warn("page: gnuplot is not there; its figures are not tested");
        return;
    }
    struct story first;
    struct story second;
    struct text page = {0};
    struct text again = {0};
    make_page(&first, &page);
    make_page(&second, &again);
    cr_assert_eq(count_of(&page, "<svg"), 5);
    cr_assert_eq(count_of(&page, "</svg>"), 5);
    cr_assert_eq(count_of(&page, "Figures are missing"), 0);
    cr_assert_str_eq(page.bytes, again.bytes);
    text_release(&page);
    text_release(&again);
    story_release(&first);
    story_release(&second);
}

/* Job i waits 40 + 3 i seconds, 0 <= i < 39: 97 on average. It holds 1 + i % 4 GPUs for 2 s each:
 * 9 times 10 and 1 + 2 + 3 GPUs make 192 GPU-s of 8 * 200. */
Test(page, begins_with_the_answer)
{
    struct story story;
    struct text page = {0};
    make_page(&story, &page);
    cr_assert_eq(count_of(&page, "<h1>Policy fifo: mean wait 1.6 min, 12.0&nbsp;% of GPU time "
                                 "allocated</h1>"),
                 1);
    text_release(&page);
    story_release(&story);
}

Test(page, without_gnuplot_says_that_figures_are_missing)
{
    cr_assert_eq(setenv("PATH", "/nowhere", 1), 0);
    struct story story;
    struct text page = {0};
    make_page(&story, &page);
    struct story second;
    struct text again = {0};
    make_page(&second, &again);
    cr_assert_eq(count_of(&page, "<svg"), 0);
    cr_assert_eq(count_of(&page, "Figures are missing"), 1);
    cr_assert_eq(count_of(&page, "<h1>Policy fifo: mean wait 1.6 min"), 1, "the rest is there");
    cr_assert_str_eq(page.bytes, again.bytes);
    text_release(&page);
    text_release(&again);
    story_release(&story);
    story_release(&second);
}

Test(page, of_a_run_without_waits_draws_none)
{
    if (access("/usr/bin/gnuplot", X_OK) != 0) {
        cr_log_warn("page: gnuplot is not there; its figures are not tested");
        return;
    }
    struct story story;
    story_init(&story, "2x4");
    story.options.html = true;
    for (uint32_t i = 0; i < 8; i++) {
        const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
        story_add_job(&story, names[i], "q", i * SECOND_US, SECOND_US, 1);
    }
    story_open(&story, true);
    for (uint32_t i = 0; i < 8; i++) {
        story_tell(&story, i * SECOND_US, LOG_SUBMIT, i, 1);
        story_tell(&story, i * SECOND_US, LOG_START, i, 1);
    }
    end_well(&story);
    struct text page = {0};
    story_read(&story, "report.html", &page);
    cr_assert_eq(count_of(&page, "<svg"), 1, "allocated GPUs only");
    cr_assert_eq(count_of(&page, "seconds since the first submit"), 0, "200 s are minutes");
    cr_assert_eq(count_of(&page, "minutes since the first submit"), 1);
    text_release(&page);
    story_release(&story);
}

Test(page, of_a_run_in_which_nothing_happened_is_written)
{
    struct story story;
    struct err err = {0};
    story_init(&story, "1x1");
    story.options.html = true;
    story_add_job(&story, "a", "", 0, SECOND_US, 1);
    story_open(&story, true);
    cr_assert(story_end(&story, 0, &err), "%s", err.msg);
    struct text page = {0};
    story_read(&story, "report.html", &page);
    cr_assert_eq(count_of(&page, "mean wait"), 0, "there is none");
    cr_assert_eq(count_of(&page, "Figures are missing"), 0, "nothing to draw is no mistake");
    text_release(&page);
    story_release(&story);
}
