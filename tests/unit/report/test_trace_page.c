/* test_trace_page.c - the page about a trace: what it tells, and that it needs nothing else. */
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/report/trace_page.h"
#include "sim/workload/trace_format.h"

/* The page of a native CSV. */
static char *page_of(const char *csv, const char *name)
{
    struct file file = {.bytes = mem_copy_text(csv, strlen(csv)), .length = strlen(csv)};
    struct workload workload;
    struct stats stats;
    struct out_folder folder;
    struct text page = {0};
    struct text path = {0};
    struct err err = {0};
    cr_assert(trace_read_text(&file, "native", &workload, &err), "%s", err.msg);
    file_release(&file);
    stats_measure(&workload, NULL, &stats);
    text_addf(&path, "/tmp/berth-trace-page-%ld", (long)getpid());
    cr_assert(out_folder_open(&folder, path.bytes, &err), "%s", err.msg);
    struct trace_page what = {name, &workload, &stats, &folder};
    trace_page_add(&page, &what);
    out_folder_abandon(&folder);
    text_release(&path);
    stats_release(&stats);
    workload_release(&workload);
    return page.bytes;
}

Test(trace_page, begins_with_the_answer_and_loads_nothing)
{
    char *page = page_of("job_id,submit_s,duration_s,gpus,user\na,0,3600,2,<u>\n"
                         "b,7200,,1,v\n",
                         "a<b>.csv");
    cr_expect_not_null(strstr(page, "<h1>Trace a&lt;b&gt;.csv: 2 jobs in 2.0 h</h1>"));
    cr_expect_not_null(strstr(page, "1 jobs tell no duration"));
    cr_expect_not_null(strstr(page, "&lt;u&gt;"));
    cr_expect_null(strstr(page, "<u>"));
    cr_expect_null(strstr(page, "src="));
    cr_expect_not_null(strstr(page, "default-src 'none'"), "browsers load nothing");
    cr_expect_null(strstr(page, "@import"));
    cr_expect_not_null(strstr(page, "prefers-color-scheme:dark"));
    cr_expect_not_null(strstr(page, "</html>"));
    free(page);
}

/* One job at one instant has neither a span nor gaps: nothing is divided by them. */
Test(trace_page, of_a_single_job_has_no_odd_numbers)
{
    char *page = page_of("job_id,submit_s,duration_s,gpus\na,5,0,0\n", "one");
    cr_expect_null(strstr(page, "nan"));
    cr_expect_null(strstr(page, "inf "));
    cr_expect_not_null(strstr(page, "1 jobs in 0 s"));
    free(page);
}
