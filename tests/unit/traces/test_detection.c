/* test_detection.c - no file looks like two formats. */
#include <dirent.h>

#include <criterion/criterion.h>

#include "sim/workload/trace_format.h"

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* The names of the formats that take the file for theirs, as jobs or as a cluster. */
static uint32_t count_takers(const struct file *file, struct text *names)
{
    uint32_t count = 0;
    for (const struct trace_format *const *f = trace_formats; *f != NULL; f++) {
        bool jobs = (*f)->detect != NULL && (*f)->detect(trace_head(file));
        bool nodes = (*f)->detect_cluster != NULL && (*f)->detect_cluster(trace_head(file));
        if (jobs || nodes) {
            text_addf(names, " %s", (*f)->name);
            count++;
        }
    }
    return count;
}

Test(detection, every_sample_is_taken_by_one_format_at_most)
{
    struct dirent **entries = NULL;
    int count = scandir("tests/data/traces", &entries, not_hidden, alphasort);
    uint32_t taken = 0;
    for (int i = 0; i < count; i++) {
        struct text path = {0};
        struct text names = {0};
        struct file file = {0};
        struct err err = {0};
        text_addf(&path, "tests/data/traces/%s", entries[i]->d_name);
        if (file_read(path.bytes, FILE_MOST_BYTES, &file, &err)) {
            uint32_t takers = count_takers(&file, &names);
            cr_expect_leq(takers, 1, "%s is taken by%s", entries[i]->d_name, names.bytes);
            taken += takers;
            file_release(&file);
        }
        text_release(&names);
        text_release(&path);
        free(entries[i]);
    }
    free(entries);
    cr_assert_geq(taken, 17);
}

/* Texts that are near to one of the formats and none of them. */
Test(detection, a_stranger_is_taken_by_none)
{
    static const char *const strangers[] = {
        "JobID,Submit,Elapsed\n1,0,1\n",        /* sacct without its bars */
        "NodeName=n[1-4] CPUs=96 Gres=gpu:4\n", /* slurm.conf */
        "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"kind\": \"Pod\"}]}",
        "{\"pools\": [{\"name\": \"a\", \"nodes\": 1, \"gpus\": 1}]}",
        "{\"jobs\": [1, 2, 3]}",
        "date,a,b\n2020-04-01,1,2\n",
        "time,active,total\n2017-10-03 00:00:00,312,420\n",
        "node,gpu,load\nn,0,0.5\n",
    };
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        struct text names = {0};
        struct file file = {.bytes = mem_copy_text(strangers[i], strlen(strangers[i])),
                            .length = strlen(strangers[i])};
        cr_expect_eq(count_takers(&file, &names), 0, "taken by%s: %s", names.bytes, strangers[i]);
        text_release(&names);
        file_release(&file);
    }
}
