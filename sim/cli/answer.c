/* answer.c - see answer.h. */
#include "sim/cli/answer.h"

#include <stdio.h>

#include "sim/base/file.h"
#include "sim/workload/losses.h"
#include "sim/workload/native_write.h"

bool cli_answer(const struct cli_args *args, const struct text *text, struct err *err)
{
    const char *out = cli_value(args, "--out");
    struct view content = {text->bytes, text->length};
    return out == NULL ? cli_print(text, err) : file_write(out, content, err);
}

bool cli_answer_open(const struct cli_args *args, struct out_file *out, struct err *err)
{
    const char *path = cli_value(args, "--out");
    if (path != NULL) {
        return out_file_open(out, path, err);
    }
    out_file_open_stdout(out);
    return true;
}

bool cli_answer_native(const struct cli_args *args, const struct workload *workload,
                       struct err *err)
{
    struct out_file out;
    if (!cli_answer_open(args, &out, err)) {
        return false;
    }
    if (!native_write_file(&out, workload, err)) {
        out_file_abandon(&out);
        return false;
    }
    struct names notes = {0};
    losses_say_batches(workload, &notes);
    cli_say_notes(&notes);
    names_release(&notes);
    return out_file_close(&out, err);
}

const char *cli_one_file(const struct cli_args *args, struct err *err)
{
    if (args->words.count != 1) {
        (void)err_set(err, ERR_USAGE, 0, "%zu files are named, expected one", args->words.count);
        return NULL;
    }
    return args->words.items[0];
}

void cli_say_notes(const struct names *notes)
{
    for (uint32_t i = 0; i < names_count(notes); i++) {
        (void)fprintf(stderr, "note: %s\n", names_get(notes, i));
    }
}
