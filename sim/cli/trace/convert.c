/* convert.c - berth trace convert: a trace as Berth's own CSV. */
#include "sim/cli/answer.h"
#include "sim/cli/trace_input.h"
#include "sim/workload/native_write.h"
#include "sim/workload/trace_format.h"

static const struct cli_option convert_options[] = {
    TRACE_INPUT_OPTIONS,
    {"--out", "FILE", NULL, "write there instead of to the screen", false},
    {.name = NULL},
};

static bool convert_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    const char *path = cli_one_file(args, err);
    struct workload workload;
    *exit_status = EXIT_DONE;
    if (path == NULL || !trace_input_read(args, path, &workload, err)) {
        return false;
    }
    struct text text = {0};
    bool ok = native_write(&text, &workload, err) && cli_answer(args, &text, err);
    text_release(&text);
    workload_release(&workload);
    return ok;
}

extern const struct cli_command cli_trace_convert;
const struct cli_command cli_trace_convert = {
    .name = "convert",
    .usage = "FILE [options]",
    .help = "a trace as Berth's own CSV",
    .options = convert_options,
    .run = convert_run,
};
