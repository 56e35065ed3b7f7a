/* test_table.c - any CSV by a map of its columns: names, units, constants, dates, and what is
 * wrong.
 */
#include <criterion/criterion.h>

#include "sample.h"
#include "texts.h"

#define TABLE "id,start,end,n\n"
#define TAIL                                                                                       \
    "; write target=column, column*N, column/N, 'a - b', a number, or a 'text' in quotes, with "   \
    "commas between"

Test(table, a_table_with_tabs_and_odd_names_is_read)
{
    expect_jobs("table.tsv",
                "table:job_id=Job,submit_s=start ms/1000,duration_s=end ms/1000 - start ms/1000,"
                "gpus=gpus*2,user=who,queue='a, b',status=state,memory_mib=mem GB*1024",
                "job_id,submit_s,duration_s,gpus,user,queue,memory_mib,status\n"
                "8,-0.5,,4,bob,\"a, b\",,\n"
                "9,0,0,0,,\"a, b\",,cancelled\n"
                "7,2.5,60.0005,8,ann\tx,\"a, b\",1536,completed\n");
}

Test(table, dates_with_and_without_zone_are_read)
{
    expect_jobs("table.tsv", "table:submit_s=made \"at\",duration_s=run-hours*3600,gpus=2",
                "job_id,submit_s,duration_s,gpus\n"
                "3,1704445200,1.8,2\n"
                "1,1704445200.25,5400,2\n"
                "2,1704445201,,2\n");
}

Test(table, a_difference_of_dates_is_seconds_and_spans_are_read)
{
    expect_text("table:submit_s=a,duration_s=b - a,gpus=1,estimate_s=c",
                "a;b;c\n2017-10-09 07:01:55;2017-10-10 07:01:54.5;1-00:00:30\n",
                "job_id,submit_s,duration_s,gpus,estimate_s\n"
                "1,1507532515,86399.5,1,86430\n");
}

Test(table, a_name_that_the_header_has_is_that_column)
{
    expect_text("table:submit_s=3,duration_s=a/2,gpus=a - b,priority=\"1\"*2",
                "3,a/2,a,a - b,b,1\n10,20,99,4,98,2.5\n",
                "job_id,submit_s,duration_s,gpus,priority\n1,10,20,4,5\n");
}

Test(table, computed_values_are_exact_to_the_microsecond)
{
    expect_text(
        "table:submit_s=t/1000000000,duration_s=d*0.001,gpus=g/1e3",
        "t,d,g\n1700000000123456789,1.5,500\n",
        "job_id,submit_s,duration_s,gpus,gpu_fraction\n1,1700000000.123457,0.0015,0.5,0.5\n");
}

Test(table, what_is_guessed_is_noted)
{
    static const char text[] = "id,start,run,end\n1,0,5,null\n2,0,5,exploded\n";
    expect_note("table:submit_s=start,duration_s=run,gpus=1", text, "ids are row numbers");
    expect_note("table:submit_s=start,duration_s=run,gpus=1,status=end", text,
                "2 jobs ended in a state that has no meaning");
    expect_note("table:submit_s=start,duration_s=run,gpus=1", text, "uses 2 of them");
}

Test(table, what_is_wrong_with_the_map_is_said)
{
    static const char text[] = TABLE "a,0,5,1\n";
    expect_refused("table:job_id=ids,submit_s=start,duration_s=end,gpus=n", text, 0,
                   "the columns: no column 'ids'; did you mean 'id'? The header is "
                   "'id,start,end,n'" TAIL);
    expect_refused("table:job_id=elephants", text, 0,
                   "the columns: no column 'elephants'. The header is 'id,start,end,n'" TAIL);
    expect_refused("table:jobid=id", text, 0,
                   "the columns: unknown target 'jobid'; did you mean 'job_id'?");
    expect_refused("table:elephants=id", text, 0,
                   "the columns: no column of the native CSV is called 'elephants'" TAIL);
    expect_refused("table:gpus=n,gpus=n", text, 0,
                   "the columns: this target is given twice: 'gpus'" TAIL);
    expect_refused("table:gpus=n", text, 0, "the columns: nothing is said of 'submit_s'" TAIL);
    expect_refused("table:gpus", text, 0, "the columns: found 'gpus'" TAIL);
    expect_refused("table:gpus=n*0", text, 0, "the columns: a factor must be above 0: '0'" TAIL);
    expect_refused("table:gpus=n/1e13", text, 0,
                   "the columns: factors are too large or too fine: '1e13'" TAIL);
    expect_refused("table:submit_s=start,duration_s=end,gpus=1,user=n*2", text, 0,
                   "the columns: user is a text and takes no arithmetic");
    expect_refused("table", text, 0,
                   "a table needs a map of its columns, as in --columns "
                   "job_id=JobID,submit_s=start/1000,duration_s=run,gpus=1");
}

Test(table, what_is_wrong_with_a_row_is_said)
{
    static const char map[] = "table:job_id=id,submit_s=start,duration_s=end - start,gpus=n";
    expect_refused(map, TABLE "a,0,5,1\nb,01/02/2017 10:00:00,5,1\n", 3,
                   "submit_s=start: found '01/02/2017 10:00:00', expected a number, or a date like "
                   "2017-10-09 07:01:55 (of 01/02/2017 nobody can tell the day)");
    expect_refused(map, TABLE "a,0,12:30,1\n", 2,
                   "duration_s=end - start: found '12:30', expected a number, or a span like "
                   "12:30:00 or 1-12:30:00");
    expect_refused(map, TABLE "a,5,0,1\n", 2,
                   "column 'duration_s' is '-5', expected seconds, 0 or more");
    expect_refused(map, TABLE "a,5,6,many\n", 2, "gpus=n: found 'many', expected a number");
    expect_refused(map, TABLE "a,5,6\n", 2, "found 3 fields, expected 4 as in the header");
    expect_refused(map, TABLE "a,5,6,\n", 2,
                   "column 'gpus' is '', expected GPUs from 0 to 16777216");
    expect_refused(map, TABLE "a,5,6,1\na,5,6,1\n", 3,
                   "job id 'a' was there before, expected another");
    expect_refused(map, TABLE, 0, "no jobs in it, expected at least one");
    expect_refused(map, "# only this", 1, "the file is empty, expected a header line");
}
