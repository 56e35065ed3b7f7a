/* test_detect.c - what a file is can be told by its first bytes: no two formats want the same. */
#include <dirent.h>

#include <criterion/criterion.h>

#include "sim/workload/trace_format.h"

Test(detect, no_sample_is_claimed_by_two_formats)
{
    DIR *folder = opendir("tests/data/traces");
    cr_assert(folder != NULL);
    uint32_t claimed = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        struct text path = {0};
        struct file file;
        struct err err = {0};
        text_addf(&path, "tests/data/traces/%s", entry->d_name);
        cr_assert(file_read(path.bytes, FILE_MOST_BYTES, &file, &err), "%s", err.msg);
        struct view head = trace_head(&file);
        const char *owner = NULL;
        for (size_t i = 0; trace_formats[i] != NULL; i++) {
            const struct trace_format *format = trace_formats[i];
            bool jobs = format->detect != NULL && format->detect(head);
            bool nodes = format->detect_cluster != NULL && format->detect_cluster(head);
            if (!jobs && !nodes) {
                continue;
            }
            cr_expect(owner == NULL && jobs != nodes, "%s is claimed by %s and by %s", path.bytes,
                      owner == NULL ? format->name : owner, format->name);
            owner = format->name;
            claimed++;
        }
        file_release(&file);
        text_release(&path);
    }
    (void)closedir(folder);
    cr_expect_geq(claimed, 24);
}
