/* test_shrink.c - what is left is what matters, and nothing else. */
#include <criterion/criterion.h>

#include "sim/base/json_read.h"
#include "sim/shrink/shrink.h"

static void read_table(const char *csv, struct shrink_table *table)
{
    struct err err = {0};
    cr_assert(shrink_table_read(view_of(csv), table, &err), "%s", err.msg);
}

static void expect_table(const struct shrink_table *table, const char *csv)
{
    struct text text = {0};
    shrink_table_add(&text, table);
    cr_expect_str_eq(text.bytes, csv, "is\n%s", text.bytes);
    text_release(&text);
}

Test(shrink, a_table_taken_apart_is_put_together_again)
{
    static const char csv[] = "job_id,user\na,\"x,\"\"y\"\"\"\nb,\nc,z\n";
    struct shrink_table table;
    read_table(csv, &table);
    cr_expect_str_eq(table.rows.items[0][1], "x,\"y\"");
    expect_table(&table, csv);
    shrink_table_release(&table);
}

Test(shrink, rows_of_other_lengths_are_told_with_their_line)
{
    struct shrink_table table;
    struct err err = {0};
    cr_expect_not(shrink_table_read(view_of("a,b\n1,2\n3\n"), &table, &err));
    cr_expect_eq(err.line, 3);
    shrink_table_release(&table);
    cr_expect_not(shrink_table_read(view_of("a,b\n1,2,3\n"), &table, &err));
    shrink_table_release(&table);
    cr_expect_not(shrink_table_read(view_of("a,b\n"), &table, &err));
    shrink_table_release(&table);
}

/* Jobs b and d are needed together, in a cluster of two GPUs or more. */
static bool needs_b_and_d(void *self, const struct shrink_world *world)
{
    uint32_t *asked = self;
    (*asked)++;
    bool b = false;
    bool d = false;
    for (size_t i = 0; i < world->jobs.rows.count; i++) {
        b = b || world->jobs.rows.items[i][0][0] == 'b';
        d = d || (world->jobs.rows.items[i][0][0] == 'd' &&
                  strcmp(world->jobs.rows.items[i][2], "") != 0 &&
                  strtol(world->jobs.rows.items[i][2], NULL, 10) >= 37);
    }
    json_int_t gpus = 0;
    size_t index = 0;
    json_t *pool = NULL;
    json_array_foreach(json_object_get(world->cluster, "pools"), index, pool)
    {
        gpus += json_integer_value(json_object_get(pool, "nodes")) *
                json_integer_value(json_object_get(pool, "gpus"));
    }
    return b && d && gpus >= 2;
}

Test(shrink, jobs_columns_values_and_pools_that_do_not_matter_go)
{
    struct shrink_world world = {0};
    struct err err = {0};
    uint32_t asked = 0;
    static const char json[] = "{\"pools\": [{\"name\": \"x\", \"nodes\": 4, \"gpus\": 8, "
                               "\"cpus\": 16}, {\"name\": \"y\", "
                               "\"nodes\": 3, \"gpus\": 1}], \"queues\": [{\"name\": \"q\"}]}";
    read_table("job_id,submit_s,duration_s,gpus,user\n"
               "a,17.25,30,2,u\nb,3.5,7,1,u\nc,9,9,9,v\nd,12,1234.5,4,w\ne,1,1,1,\n",
               &world.jobs);
    world.cluster = json_parse(json, strlen(json), &err);
    struct shrink shrink = {&world, needs_b_and_d, &asked, 10000, 0};
    shrink_run(&shrink);
    cr_expect_eq(shrink.tries, asked);
    /* 1000 is the roundest number of 37 or more that is not longer than what was there. */
    expect_table(&world.jobs, "job_id,submit_s,duration_s,gpus\nb,0,0,1\nd,0,1000,0\n");
    char *dump = json_dumps(world.cluster, JSON_COMPACT);
    cr_expect_str_eq(dump, "{\"pools\":[{\"name\":\"x\",\"nodes\":1,\"gpus\":2}]}", "%s", dump);
    free(dump);
    json_decref(world.cluster);
    shrink_table_release(&world.jobs);
}

Test(shrink, no_more_is_tried_than_was_allowed)
{
    struct shrink_world world = {0};
    uint32_t asked = 0;
    read_table("job_id,submit_s,duration_s,gpus\nb,1,2,3\nd,1,99,3\nc,1,2,3\n", &world.jobs);
    world.cluster = json_pack("{s:[{s:i, s:i}]}", "pools", "nodes", 8, "gpus", 8);
    struct shrink shrink = {&world, needs_b_and_d, &asked, 3, 0};
    shrink_run(&shrink);
    cr_expect_eq(asked, 3);
    json_decref(world.cluster);
    shrink_table_release(&world.jobs);
}
