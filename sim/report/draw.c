/* draw.c - see draw.h. gnuplot is run without a shell. */
#include "sim/report/draw.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/report/frame.h"

static bool spawn_gnuplot(posix_spawn_file_actions_t *actions, const char *command,
                          const char *script_path)
{
    char program[] = "gnuplot";
    char defaults[] = "-d"; /* no settings of the machine or the user */
    char with_command[] = "-e";
    char locale[] = "LC_ALL=C";
    struct text path_setting = {0};
    const char *search_path = getenv("PATH");
    text_addf(&path_setting, "PATH=%s", search_path != NULL ? search_path : "/usr/bin:/bin");
    struct text first = {0};
    text_add(&first, command);
    struct text script = {0};
    text_add(&script, script_path != NULL ? script_path : "");
    char *arguments[] = {
        program, defaults, with_command, first.bytes, script_path != NULL ? script.bytes : NULL,
        NULL};
    char *environment[] = {path_setting.bytes, locale, NULL};
    pid_t child = 0;
    bool spawned = posix_spawnp(&child, program, actions, NULL, arguments, environment) == 0;
    text_release(&path_setting);
    text_release(&first);
    text_release(&script);
    int status = 0;
    pid_t ended = -1;
    while (spawned && (ended = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
        /* A signal came; the child is still there. */
    }
    return spawned && ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* First the command, then the script, if any. gnuplot sees a fixed environment besides the search
 * path, so that fonts and locale do not move. */
static bool run_gnuplot(const char *command, const char *script_path, const char *to)
{
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return false;
    }
    bool ready =
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, to, O_WRONLY | O_CREAT | O_TRUNC,
                                         0666) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0;
    bool ok = ready && spawn_gnuplot(&actions, command, script_path);
    (void)posix_spawn_file_actions_destroy(&actions);
    return ok;
}

/* Appends from "<svg" on: what comes before belongs to a file of its own. */
static bool add_svg(const char *svg_path, struct text *out)
{
    struct file file = {0};
    struct err err = {0};
    if (!file_read(svg_path, FILE_MOST_BYTES, &file, &err)) {
        return false;
    }
    const char *start = strstr(file.bytes, "<svg");
    if (start != NULL) {
        text_add(out, start);
    }
    file_release(&file);
    return start != NULL;
}

struct format {
    const char *name;
    enum figure_format bit;
    const char *test;   /* fails where gnuplot cannot draw it */
    const char *choose; /* before the script */
};

static const struct format formats[] = {
    {"svg", FIGURE_SVG, "set terminal svg", "format='svg'"},
    {"png", FIGURE_PNG, "set terminal pngcairo", "format='png'"},
    {"pdf", FIGURE_PDF, "set terminal pdfcairo", "format='pdf'"},
};

enum { FORMAT_COUNT = sizeof(formats) / sizeof(formats[0]) };

static bool add_format(struct view name, unsigned *set, struct err *err)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (view_is(name, formats[i].name)) {
            *set |= formats[i].bit;
            return run_gnuplot(formats[i].test, NULL, "/dev/null") ||
                   err_set(err, ERR_USAGE, 0, "gnuplot cannot draw %s here, or is not there",
                           formats[i].name);
        }
    }
    return err_set(err, ERR_USAGE, 0, "unknown kind of figure '%.*s', expected svg, png or pdf",
                   name.length < 60 ? (int)name.length : 60, name.at);
}

bool figure_read_formats(const char *list, unsigned *out, struct err *err)
{
    unsigned set = 0;
    struct view rest = view_of(list);
    do {
        struct view name = view_cut(rest, ',', &rest);
        if (!add_format(name, &set, err)) {
            return false;
        }
    } while (rest.length > 0);
    *out = set;
    return true;
}

static char *file_of(const struct figure_files *files, const char *figure, const char *ending)
{
    struct text name = {0};
    text_addf(&name, "figure-%s.%s", figure, ending);
    char *path = out_folder_file(files->folder, name.bytes);
    text_release(&name);
    return path;
}

/* Draws every file that is wanted, and the SVG in any case, which goes to *svg. */
static bool draw(const struct figure_files *files, const char *name, const char *script_path,
                 struct text *svg)
{
    bool ok = true;
    for (size_t i = 0; ok && i < FORMAT_COUNT; i++) {
        bool kept = (files->formats & formats[i].bit) != 0;
        if (!kept && formats[i].bit != FIGURE_SVG) {
            continue;
        }
        char *path = file_of(files, name, formats[i].name);
        ok = run_gnuplot(formats[i].choose, script_path, path) &&
             (formats[i].bit != FIGURE_SVG || add_svg(path, svg));
        if (!kept || !ok) {
            (void)unlink(path);
        }
        free(path);
    }
    return ok;
}

bool figure_add(struct text *out, const struct figure_files *files, const struct figure *figure)
{
    struct err err = {0};
    struct text svg = {0};
    char *script_path = file_of(files, figure->name, "gp");
    bool drawn = file_write(script_path,
                            (struct view){figure->script->bytes, figure->script->length}, &err) &&
                 draw(files, figure->name, script_path, &svg);
    if (drawn) {
        frame_add_figure(out, figure->title, &svg);
    }
    if (!files->keeps_scripts) {
        (void)unlink(script_path);
    }
    text_release(&svg);
    free(script_path);
    return drawn;
}

void figure_tell_missing(struct text *out, bool drawn)
{
    if (!drawn) {
        text_add(out, "<p class=\"soft\">Figures are missing: they need gnuplot.</p>\n");
    }
}
