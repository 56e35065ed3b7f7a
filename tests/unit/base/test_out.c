/* test_out.c - whole files and folders out: complete under their name, or not there at all. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/file.h"

enum { MOST = 1 << 26 };

static char place[] = "/tmp/berth-out-XXXXXX";

static void make_place(void)
{
    cr_assert_not_null(mkdtemp(place));
    cr_assert_eq(chdir(place), 0);
}

static void remove_place(void)
{
    char command[100];
    (void)snprintf(command, sizeof(command), "chmod -R u+w %s; rm -rf %s", place, place);
    cr_assert_eq(system(command), 0);
}

TestSuite(out, .init = make_place, .fini = remove_place);

/* How many entries a folder has; -1 when there is no such folder. */
static int entries(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return -1;
    }
    int count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        count += entry->d_name[0] == '.' && (entry->d_name[1] == '\0' || entry->d_name[1] == '.')
                     ? 0
                     : 1;
    }
    (void)closedir(folder);
    return count;
}

static void content_is(const char *path, const char *expected)
{
    struct file file = {0};
    struct err err = {0};
    cr_assert(file_read(path, MOST, &file, &err), "%s", err.msg);
    cr_assert_str_eq(file.bytes, expected);
    file_release(&file);
}

static void put(const char *path, const char *content)
{
    struct err err = {0};
    cr_assert(file_write(path, view_of(content), &err), "%s", err.msg);
}

/* Opens a results folder, puts run.json into it. */
static void fill(struct out_folder *out, const char *path, const char *content)
{
    struct err err = {0};
    cr_assert(out_folder_open(out, path, &err), "%s", err.msg);
    char *name = out_folder_file(out, "run.json");
    put(name, content);
    free(name);
}

static void refused(const char *path, const char *message)
{
    struct out_folder out;
    struct err err = {0};
    cr_assert(!out_folder_open(&out, path, &err), "'%s'", path);
    cr_assert_not_null(strstr(err.msg, message), "'%s' lacks '%s'", err.msg, message);
}

Test(out, a_file_appears_when_it_is_closed)
{
    struct out_file out;
    struct err err = {0};
    cr_assert(out_file_open(&out, "f", &err));
    text_add(&out.text, "one ");
    out_file_flush_if_large(&out);
    cr_assert_neq(access("f", F_OK), 0);
    text_add(&out.text, "two");
    cr_assert(out_file_close(&out, &err));
    content_is("f", "one two");
    cr_assert_eq(entries("."), 1);
}

Test(out, a_large_file_is_written_in_pieces)
{
    struct out_file out;
    struct err err = {0};
    cr_assert(out_file_open(&out, "f", &err));
    size_t most = 0;
    for (int i = 0; i < 200000; i++) {
        text_addf(&out.text, "%09d\n", i);
        out_file_flush_if_large(&out);
        most = out.text.length > most ? out.text.length : most;
    }
    cr_assert_lt(most, 1 << 19, "memory does not grow with the file");
    cr_assert(out_file_close(&out, &err));
    struct file file = {0};
    cr_assert(file_read("f", MOST, &file, &err));
    cr_assert_eq(file.length, 2000000);
    cr_assert_eq(memcmp(file.bytes + 1999990, "000199999\n", 10), 0);
    file_release(&file);
}

Test(out, an_abandoned_file_leaves_the_old_one)
{
    put("f", "old");
    struct out_file out;
    struct err err = {0};
    cr_assert(out_file_open(&out, "f", &err));
    text_add(&out.text, "new");
    out_file_abandon(&out);
    content_is("f", "old");
    cr_assert_eq(entries("."), 1);
}

Test(out, a_file_where_none_can_be_is_an_error)
{
    struct out_file out;
    struct err err = {0};
    cr_assert(!out_file_open(&out, "missing/f", &err));
    cr_assert_eq(err.code, ERR_IO);
    cr_assert_not_null(strstr(err.msg, "missing/f: cannot be written: No such"), "%s", err.msg);
}

/* A full disk, played by a limit on the size of files. */
Test(out, a_write_that_fails_is_said_and_leaves_nothing)
{
    const struct rlimit limit = {1 << 19, 1 << 19};
    cr_assert_neq((intptr_t)signal(SIGXFSZ, SIG_IGN), (intptr_t)SIG_ERR);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    put("f", "old");
    struct out_file out;
    struct err err = {0};
    cr_assert(out_file_open(&out, "f", &err));
    for (int i = 0; i < 200000; i++) {
        text_add(&out.text, "0123456789");
        out_file_flush_if_large(&out);
    }
    cr_assert(!out_file_close(&out, &err));
    cr_assert_eq(err.code, ERR_IO);
    cr_assert_str_eq(err.msg, "f: cannot be written: File too large");
    content_is("f", "old");
    cr_assert_eq(entries("."), 1);
}

Test(out, a_folder_appears_when_it_is_closed)
{
    struct out_folder out;
    struct err err = {0};
    fill(&out, "r", "{}");
    cr_assert_neq(access("r", F_OK), 0);
    cr_assert(out_folder_close(&out, &err), "%s", err.msg);
    content_is("r/run.json", "{}");
    cr_assert_eq(entries("."), 1);
}

Test(out, an_abandoned_folder_leaves_nothing)
{
    struct out_folder out;
    fill(&out, "r", "{}");
    out_folder_abandon(&out);
    cr_assert_eq(entries("."), 0);
}

Test(out, slashes_at_the_end_of_a_name_do_not_count)
{
    struct out_folder out;
    struct err err = {0};
    fill(&out, "r///", "{}");
    cr_assert_eq(entries("."), 1);
    cr_assert(out_folder_close(&out, &err), "%s", err.msg);
    content_is("r/run.json", "{}");
}

Test(out, a_results_folder_is_replaced_whole)
{
    struct out_folder out;
    struct err err = {0};
    fill(&out, "r", "first");
    char *extra = out_folder_file(&out, "extra.csv");
    put(extra, "x");
    free(extra);
    cr_assert(out_folder_close(&out, &err));
    cr_assert_eq(entries("r"), 2);
    fill(&out, "r", "second");
    content_is("r/run.json", "first");
    cr_assert(out_folder_close(&out, &err), "%s", err.msg);
    content_is("r/run.json", "second");
    cr_assert_eq(entries("r"), 1);
    cr_assert_eq(entries("."), 1);
}

/* A kill between two renames would leave no folder of that name. The kernel tells every name that
 * came or went meanwhile: the third one that two renames need is not among them. */
Test(out, a_results_folder_is_replaced_in_one_step)
{
    struct out_folder out;
    struct err err = {0};
    char events[8192];
    fill(&out, "r", "first");
    cr_assert(out_folder_close(&out, &err));
    fill(&out, "r", "second");
    int watch = inotify_init1(IN_NONBLOCK);
    cr_assert_geq(inotify_add_watch(watch, ".", IN_MOVE), 0);
    cr_assert(out_folder_close(&out, &err), "%s", err.msg);
    ssize_t length = read(watch, events, sizeof(events));
    cr_assert_gt(length, 0);
    for (ssize_t at = 0; at < length;) {
        struct inotify_event event;
        memcpy(&event, events + at, sizeof(event));
        const char *name = events + at + sizeof(event);
        cr_assert_null(strstr(name, ".old"), "%s", name);
        at += (ssize_t)(sizeof(event) + event.len);
    }
    cr_assert_eq(close(watch), 0);
    content_is("r/run.json", "second");
    cr_assert_eq(entries("."), 1);
}

Test(out, an_abandoned_replacement_leaves_the_old_folder)
{
    struct out_folder out;
    struct err err = {0};
    fill(&out, "r", "first");
    cr_assert(out_folder_close(&out, &err));
    fill(&out, "r", "second");
    out_folder_abandon(&out);
    content_is("r/run.json", "first");
    cr_assert_eq(entries("."), 1);
}

Test(out, what_is_no_results_folder_is_not_replaced)
{
    cr_assert_eq(mkdir("home", 0777), 0);
    put("home/thesis.tex", "years");
    refused("home", "home: exists and is not a results folder");
    refused("home/thesis.tex", "exists and is not a results folder");
    refused("home/thesis.tex/r", "cannot be made: Not a directory");
    refused("", "name of the results folder is empty");
    refused(".", "exists and is not a results folder");
    refused("/", "exists and is not a results folder");
    refused("missing/r", "cannot be made: No such file or directory");
    content_is("home/thesis.tex", "years");
    cr_assert_eq(entries("."), 1);
}

/* Files of a results folder go with it; a folder in it is somebody's work. */
Test(out, a_results_folder_with_folders_in_it_is_not_replaced)
{
    cr_assert_eq(mkdir("r", 0777), 0);
    put("r/run.json", "{}");
    cr_assert_eq(mkdir("r/mine", 0777), 0);
    refused("r", "exists and is not a results folder");
}

Test(out, a_link_to_a_results_folder_is_not_replaced)
{
    cr_assert_eq(mkdir("r", 0777), 0);
    put("r/run.json", "{}");
    cr_assert_eq(symlink("r", "link"), 0);
    cr_assert_eq(symlink("nowhere", "dangling"), 0);
    refused("link", "exists and is not a results folder");
    refused("dangling", "exists and is not a results folder");
    cr_assert_eq(chdir("r"), 0);
    refused(".", "exists and is not a results folder");
    content_is("run.json", "{}");
}

/* What a killed run leaves behind does not stop a later one, even of the same process number. */
Test(out, leftovers_of_a_killed_run_do_not_stand_in_the_way)
{
    struct out_folder killed;
    struct out_folder again;
    struct err err = {0};
    fill(&killed, "r", "killed");
    fill(&again, "r", "whole");
    cr_assert_str_neq(killed.temporary, again.temporary);
    cr_assert(out_folder_close(&again, &err), "%s", err.msg);
    content_is("r/run.json", "whole");
    out_folder_abandon(&killed);
}

/* Somebody made something else of that name while the run went on. */
Test(out, a_name_taken_meanwhile_is_an_error_that_destroys_nothing)
{
    struct out_folder out;
    struct err err = {0};
    fill(&out, "r", "new");
    cr_assert_eq(mkdir("r", 0777), 0);
    put("r/other", "work");
    cr_assert(!out_folder_close(&out, &err));
    cr_assert_eq(err.code, ERR_IO);
    content_is("r/other", "work");
    cr_assert_eq(entries("."), 1);
}
