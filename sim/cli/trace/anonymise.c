/* anonymise.c - berth trace anonymise: a trace that can be shown. */
#include "sim/transform/anonymise.h"

#include "sim/base/file.h"
#include "sim/cli/transformed.h"
#include "sim/transform/repeats.h"
#include "sim/transform/stream.h"

static const struct cli_option anonymise_options[] = {
    {"--key-file", "FILE", NULL, "the key: any text of 16 bytes or more, kept to yourself", false},
    {"--key", "TEXT", NULL, "the key itself; other users of this machine may see it", false},
    {"--time", "WHAT", "weeks",
     "weeks: moved back by weeks that the key tells; zero: the first submit is 0; keep", false},
    {"--keep-queues", NULL, NULL, "queues keep their names", false},
    TRANSFORMED_OPTIONS,
    {.name = NULL},
};

enum { LEAST_KEY = 16, MOST_KEY_FILE = 1 << 20 };

static bool use_key(struct view text, struct siphash_key *out, struct err *err)
{
    while (text.length > 0 &&
           (text.at[text.length - 1] == '\n' || text.at[text.length - 1] == '\r')) {
        text.length--;
    }
    *out = siphash_key_of(text);
    return text.length >= LEAST_KEY ||
           err_set(err, ERR_USAGE, 0, "the key has %zu bytes, expected %d or more", text.length,
                   LEAST_KEY);
}

static bool read_key(const struct cli_args *args, struct siphash_key *out, struct err *err)
{
    const char *key = cli_value(args, "--key");
    const char *path = cli_value(args, "--key-file");
    if ((key == NULL) == (path == NULL)) {
        return err_set(err, ERR_USAGE, 0, "--key-file or --key is needed, one of them");
    }
    if (key != NULL) {
        return use_key(view_of(key), out, err);
    }
    struct file file = {0};
    if (!file_read(path, MOST_KEY_FILE, &file, err)) {
        return false;
    }
    bool ok = use_key((struct view){file.bytes, file.length}, out, err);
    file_release(&file);
    return ok;
}

/* Anonymising piece by piece: names may meet others of other pieces. */
struct streamed {
    const struct anonymise *anonymise;
    struct names users, queues; /* as they were */
};

static uint64_t streamed_id(const void *state, const char *id)
{
    const struct streamed *streamed = state;
    return anonymise_name(streamed->anonymise, 'j', id);
}

static void take_names(struct names *all, const struct names *names)
{
    for (uint32_t i = 0; i < names_count(names); i++) {
        (void)names_add(all, view_of(names_get(names, i)), NULL);
    }
}

static bool streamed_apply(void *state, struct workload *piece, size_t first)
{
    struct streamed *streamed = state;
    struct err err = {0};
    (void)first; /* nothing waits, so all are new */
    take_names(&streamed->users, &piece->users);
    take_names(&streamed->queues, &piece->queues);
    return anonymise_apply(streamed->anonymise, piece, &err);
}

static bool all_differ(const struct anonymise *anonymise, char kind, const struct names *names)
{
    struct repeats replacements = {0};
    for (uint32_t i = 0; i < names_count(names); i++) {
        repeats_add(&replacements, anonymise_name(anonymise, kind, names_get(names, i)));
    }
    bool repeat = repeats_find(&replacements);
    repeats_release(&replacements);
    return !repeat;
}

static bool streamed_measured(void *state)
{
    const struct streamed *streamed = state;
    return all_differ(streamed->anonymise, 'u', &streamed->users) &&
           all_differ(streamed->anonymise, 'q', &streamed->queues);
}

static bool anonymise_stream(const struct cli_args *args, const struct anonymise *anonymise,
                             bool *done, struct err *err)
{
    struct streamed streamed = {.anonymise = anonymise};
    const struct stream_transform transform = {
        .state = &streamed,
        .apply = streamed_apply,
        .measured = streamed_measured,
        .new_id = streamed_id,
    };
    bool ok = transformed_stream(args, &transform, done, err);
    names_release(&streamed.users);
    names_release(&streamed.queues);
    return ok;
}

static bool anonymise_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct anonymise anonymise = {.keeps_queues = cli_flag(args, "--keep-queues")};
    struct workload workload;
    int time_word = 0;
    *exit_status = EXIT_DONE;
    if (!read_key(args, &anonymise.key, err) ||
        !transformed_word(args, "--time", "weeks|zero|keep", &time_word, err)) {
        return false;
    }
    anonymise.when = (enum anonymise_time)time_word;
    bool done = false;
    if (!anonymise_stream(args, &anonymise, &done, err) || done ||
        !transformed_read(args, &workload, err)) {
        return done;
    }
    return transformed_write(args, &workload, anonymise_apply(&anonymise, &workload, err), err);
}

extern const struct cli_command cli_trace_anonymise;
const struct cli_command cli_trace_anonymise = {
    .name = "anonymise",
    .usage = "FILE --key-file KEY [options]",
    .help = "names of jobs, users and queues replaced, time moved",
    .details = "Writes native CSV. The same key gives the same name the same replacement in every "
               "trace.\nGPU models and topology levels stay. Sizes, durations and the pattern of "
               "submits stay,\nso who knows when a job ran may still find it.",
    .options = anonymise_options,
    .run = anonymise_run,
};
