/* test_draw.c - figures on a page and in files. */
#include <stdio.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/report/draw.h"
#include "sim/report/figures.h"

static bool has_gnuplot(void)
{
    bool is_there = access("/usr/bin/gnuplot", X_OK) == 0;
    if (!is_there) {
        cr_log_warn("draw: gnuplot is not there; drawing is not tested");
    }
    return is_there;
}

/* In a folder of its own for each test, which run at the same time. */
static void open_folder(struct out_folder *folder, const char *name)
{
    struct err err = {0};
    struct text path = {0};
    text_addf(&path, "build/test-draw-%s", name);
    cr_assert(out_folder_open(folder, path.bytes, &err), "%s", err.msg);
    text_release(&path);
}

static bool begins_with(const struct out_folder *folder, const char *name, const char *bytes)
{
    char *path = out_folder_file(folder, name);
    FILE *file = fopen(path, "rb");
    char start[64] = "";
    size_t length = strlen(bytes);
    bool ok = file != NULL && fread(start, 1, length, file) == length &&
              memcmp(start, bytes, length) == 0;
    if (file != NULL) {
        (void)fclose(file);
    }
    free(path);
    return ok;
}

static bool is_there(const struct out_folder *folder, const char *name)
{
    return begins_with(folder, name, "");
}

static bool draw(struct text *page, const struct out_folder *folder, bool keeps, unsigned formats)
{
    struct text script = {0};
    figure_begin(&script, "line", 300);
    text_add(&script, "plot x\n");
    const struct figure_files files = {folder, keeps, formats};
    bool drawn = figure_add(page, &files, &(struct figure){"a-line", "A line", &script});
    text_release(&script);
    return drawn;
}

Test(draw, leaves_only_what_is_wanted)
{
    if (!has_gnuplot()) {
        return;
    }
    struct out_folder folder;
    struct text page = {0};
    open_folder(&folder, "wanted");
    cr_assert(draw(&page, &folder, false, 0));
    cr_assert_not_null(strstr(page.bytes, "<svg"));
    cr_assert_not(is_there(&folder, "figure-a-line.gp") || is_there(&folder, "figure-a-line.svg"));
    cr_assert(draw(&page, &folder, true, FIGURE_PNG | FIGURE_PDF));
    cr_assert(begins_with(&folder, "figure-a-line.gp", "if (!exists('format')) format = 'svg'\n"));
    cr_assert(begins_with(&folder, "figure-a-line.png", "\x89PNG"));
    cr_assert(begins_with(&folder, "figure-a-line.pdf", "%PDF-"));
    cr_assert_not(is_there(&folder, "figure-a-line.svg"));
    cr_assert(draw(&page, &folder, true, FIGURE_SVG));
    cr_assert(begins_with(&folder, "figure-a-line.svg", "<?xml"));
    text_release(&page);
    out_folder_abandon(&folder);
}

Test(draw, without_gnuplot_keeps_the_script)
{
    cr_assert_eq(setenv("PATH", "/nowhere", 1), 0);
    struct out_folder folder;
    struct text page = {0};
    open_folder(&folder, "script");
    cr_assert_not(draw(&page, &folder, true, FIGURE_SVG));
    cr_assert_eq(page.length, 0);
    cr_assert(is_there(&folder, "figure-a-line.gp"));
    cr_assert_not(is_there(&folder, "figure-a-line.svg"), "nothing empty stays");
    text_release(&page);
    out_folder_abandon(&folder);
}

Test(draw, reads_kinds_of_figures)
{
    if (!has_gnuplot()) {
        return;
    }
    unsigned formats = 99;
    struct err err = {0};
    cr_assert(figure_read_formats("pdf,svg", &formats, &err), "%s", err.msg);
    cr_assert_eq(formats, FIGURE_PDF | FIGURE_SVG);
    cr_assert_not(figure_read_formats("png,gif", &formats, &err));
    cr_assert_str_eq(err.msg, "unknown kind of figure 'gif', expected svg, png or pdf");
    cr_assert_not(figure_read_formats("", &formats, &err));
    cr_assert_not(figure_read_formats("png,,pdf", &formats, &err));
    cr_assert_eq(formats, FIGURE_PDF | FIGURE_SVG, "untouched");
}

Test(draw, says_so_when_gnuplot_is_not_there)
{
    cr_assert_eq(setenv("PATH", "/nowhere", 1), 0);
    unsigned formats = 0;
    struct err err = {0};
    cr_assert_not(figure_read_formats("pdf", &formats, &err));
    cr_assert_str_eq(err.msg, "gnuplot cannot draw pdf here, or is not there");
}
