/* draw.c - runs gnuplot (figure_add in figures.h), without a shell. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/report/figures.h"
#include "sim/report/frame.h"

/* gnuplot sees a fixed environment besides the search path, so that fonts and locale do not move.
 */
static bool run_gnuplot(const char *script_path, const char *svg_path)
{
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return false;
    }
    bool ready =
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, svg_path,
                                         O_WRONLY | O_CREAT | O_TRUNC, 0666) == 0 &&
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0;
    char program[] = "gnuplot";
    struct text path_setting = {0};
    const char *search_path = getenv("PATH");
    text_addf(&path_setting, "PATH=%s", search_path != NULL ? search_path : "/usr/bin:/bin");
    char locale[] = "LC_ALL=C";
    struct text script = {0};
    text_add(&script, script_path);
    char defaults[] = "-d"; /* no settings of the machine or the user */
    char *arguments[] = {program, defaults, script.bytes, NULL};
    char *environment[] = {path_setting.bytes, locale, NULL};
    pid_t child = 0;
    bool spawned =
        ready && posix_spawnp(&child, program, &actions, NULL, arguments, environment) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    text_release(&path_setting);
    text_release(&script);
    int status = 0;
    pid_t ended = -1;
    while (spawned && (ended = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
        /* A signal came; the child is still there. */
    }
    return spawned && ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
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

static bool draw(const struct out_folder *folder, const struct text *script, struct text *out)
{
    struct err err = {0};
    char *script_path = out_folder_file(folder, "figure.gp");
    char *svg_path = out_folder_file(folder, "figure.svg");
    bool ok = file_write(script_path, (struct view){script->bytes, script->length}, &err) &&
              run_gnuplot(script_path, svg_path) && add_svg(svg_path, out);
    (void)unlink(script_path);
    (void)unlink(svg_path);
    free(script_path);
    free(svg_path);
    return ok;
}

bool figure_add(struct text *out, const struct out_folder *folder, const char *title,
                const struct text *script)
{
    struct text svg = {0};
    bool drawn = draw(folder, script, &svg);
    if (drawn) {
        frame_add_figure(out, title, &svg);
    }
    text_release(&svg);
    return drawn;
}

void figure_tell_missing(struct text *out, bool drawn)
{
    if (!drawn) {
        text_add(out, "<p class=\"soft\">Figures are missing: they need gnuplot.</p>\n");
    }
}
