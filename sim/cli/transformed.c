/* transformed.c - see transformed.h. */
#include "sim/cli/transformed.h"

#include "sim/base/parse.h"
#include "sim/cli/answer.h"
#include "sim/transform/stream.h"

bool transformed_read(const struct cli_args *args, struct workload *out, struct err *err)
{
    const char *path = cli_one_file(args, err);
    return path != NULL && trace_input_read(args, path, out, err);
}

bool transformed_stream(const struct cli_args *args, const struct stream_transform *transform,
                        bool *done, struct err *err)
{
    const char *path = cli_one_file(args, err);
    struct stream_source source = {path, cli_value(args, "--format"), STREAM_PIECE_BYTES};
    uint32_t columns = 0;
    *done = false;
    if (path == NULL) {
        return false;
    }
    if (strcmp(path, "-") == 0 || cli_value(args, "--columns") != NULL ||
        stream_look(&source, transform, &columns) != STREAM_DONE) {
        return true;
    }
    struct out_file out;
    if (!cli_answer_open(args, &out, err)) {
        return false;
    }
    if (stream_write(&source, transform, columns, &out, err) != STREAM_DONE) {
        out_file_abandon(&out);
        return false;
    }
    *done = true;
    return out_file_close(&out, err);
}

bool transformed_write(const struct cli_args *args, struct workload *workload, bool ok,
                       struct err *err)
{
    ok = ok && cli_answer_native(args, workload, err);
    workload_release(workload);
    return ok;
}

bool transformed_number(const struct cli_args *args, const char *name, double most, bool or_zero,
                        double *out, struct err *err)
{
    const char *value = cli_value(args, name);
    double number = 0;
    if (value == NULL) {
        return true;
    }
    bool is_number = parse_f64(view_of(value), &number) == PARSE_OK;
    if (!is_number || number < 0 || number > most || (number <= 0 && !or_zero)) {
        return err_set(err, ERR_USAGE, 0, "%s is '%.60s', expected a number %s and at most %.10g",
                       name, value, or_zero ? "of at least 0" : "above 0", most);
    }
    *out = number;
    return true;
}

bool transformed_word(const struct cli_args *args, const char *name, const char *words, int *out,
                      struct err *err)
{
    const char *value = cli_value(args, name);
    struct view rest = view_of(words);
    for (int i = 0; rest.at != NULL && value != NULL; i++) {
        struct view word = view_cut(rest, '|', &rest);
        if (view_is(word, value)) {
            *out = i;
            return true;
        }
    }
    return value == NULL ||
           err_set(err, ERR_USAGE, 0, "%s is '%.60s', expected one of %s", name, value, words);
}

bool transformed_seed(const struct cli_args *args, uint64_t *out, struct err *err)
{
    int64_t seed = 1;
    if (!cli_whole(args, "--seed", 0, &seed, err)) {
        return false;
    }
    *out = (uint64_t)seed;
    return true;
}
