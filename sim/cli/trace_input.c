/* trace_input.c - see trace_input.h. */
#include "sim/cli/trace_input.h"

#include "sim/workload/trace_format.h"

bool trace_input_read(const struct cli_args *args, const char *path, struct workload *out,
                      struct err *err)
{
    const char *format = cli_value(args, "--format");
    const char *columns = cli_value(args, "--columns");
    if (columns == NULL) {
        return trace_read(path, format, out, err);
    }
    if (format != NULL && strcmp(format, "table") != 0) {
        return err_set(err, ERR_USAGE, 0,
                       "--columns reads a table of any kind and --format is '%.60s', expected one "
                       "of them",
                       format);
    }
    struct text choice = {0};
    text_addf(&choice, "table:%s", columns);
    bool ok = trace_read(path, choice.bytes, out, err);
    text_release(&choice);
    return ok;
}

const char *trace_input_settings(const struct cli_args *args)
{
    const char *columns = cli_value(args, "--columns");
    const char *format = cli_value(args, "--format");
    const char *colon = format == NULL ? NULL : strchr(format, ':');
    return columns != NULL ? columns : colon != NULL ? colon + 1 : NULL;
}
