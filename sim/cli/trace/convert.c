/* convert.c - berth trace convert: a trace in another format. */
#include "sim/cli/answer.h"
#include "sim/cli/trace_input.h"
#include "sim/cli/transformed.h"
#include "sim/transform/stream.h"
#include "sim/workload/batsim_write.h"
#include "sim/workload/swf_write.h"

static const struct cli_option convert_options[] = {
    TRACE_INPUT_OPTIONS,
    {"--to", "NAME", "native", "what to write: native (Berth's own CSV), swf or batsim", false},
    {"--out", "FILE", NULL, "write there instead of to the screen", false},
    {.name = NULL},
};

enum target { TO_NATIVE, TO_SWF, TO_BATSIM };

static bool read_target(const struct cli_args *args, enum target *out, struct err *err)
{
    static const char *const names[] = {"native", "swf", "batsim", NULL};
    const char *name = cli_value(args, "--to");
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (enum target)i;
            return true;
        }
    }
    return err_set(err, ERR_USAGE, 0, "--to is '%.60s', expected native, swf or batsim", name);
}

static void make(enum target target, const struct workload *workload, struct text *text,
                 struct names *notes)
{
    switch (target) {
    case TO_NATIVE: /* is written as it is made, see below */
        break;
    case TO_SWF:
        swf_write(text, workload, notes);
        break;
    case TO_BATSIM:
        batsim_write(text, workload, notes);
        break;
    }
}

static bool convert_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    const char *path = cli_one_file(args, err);
    enum target target = TO_NATIVE;
    struct workload workload;
    const struct stream_transform as_it_is = {0};
    bool done = false;
    *exit_status = EXIT_DONE;
    if (path == NULL || !read_target(args, &target, err) ||
        (target == TO_NATIVE && !transformed_stream(args, &as_it_is, &done, err))) {
        return false;
    }
    if (done || !trace_input_read(args, path, &workload, err)) {
        return done;
    }
    struct text text = {0};
    struct names notes = {0};
    make(target, &workload, &text, &notes);
    bool ok = target == TO_NATIVE ? cli_answer_native(args, &workload, err)
                                  : cli_answer(args, &text, err);
    if (ok) {
        cli_say_notes(&notes);
    }
    names_release(&notes);
    text_release(&text);
    workload_release(&workload);
    return ok;
}

extern const struct cli_command cli_trace_convert;
const struct cli_command cli_trace_convert = {
    .name = "convert",
    .usage = "FILE [options]",
    .help = "a trace in another format: Berth's own CSV, SWF, Batsim JSON",
    .details = "What the format cannot hold is said on standard error.",
    .options = convert_options,
    .run = convert_run,
};
