/* suite.c - see suite.h. */
#include "sim/check/suite.h"

#include <string.h>

#include "sim/base/mem.h"
#include "sim/base/parallel.h"
#include "sim/check/compare.h"
#include "sim/check/expand.h"
#include "sim/check/paths.h"
#include "sim/check/settle.h"
#include "sim/check/share.h"
#include "sim/check/vector.h"

enum { MOST_SETTLING_ROUNDS = 1000 };

/* One case of a file, with what came out. */
struct entry {
    const json_t *document; /* borrowed from the file */
    const json_t *trace;    /* its recorded rounds, or NULL */
    const char *id;
    enum verdict verdict;
    struct text difference;
    size_t rounds;
    struct timing timing;
};

struct case_file {
    json_t *document, *traces; /* owned; traces: id to entry */
    bool compact;              /* a benchmark */
    bool settle;
    size_t repeats;
    VEC(struct entry) entries;
};

static bool has_schema(const json_t *document, const char *prefix)
{
    const char *schema = json_string_value(json_object_get(document, "schema"));
    return schema != NULL && strncmp(schema, prefix, strlen(prefix)) == 0;
}

/* Adds the entries of a trace file to `traces`, if there is one. */
static bool load_traces(json_t *traces, char *path, struct err *err)
{
    FILE *there = fopen(path, "r");
    if (there == NULL) {
        free(path);
        return true;
    }
    (void)fclose(there);
    json_t *document = read_document(path, err);
    const json_t *list = json_object_get(document, "cases");
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *trace = json_array_get(list, i);
        const char *id = json_string_value(json_object_get(trace, "id"));
        if (id != NULL) {
            json_object_set(traces, id, trace);
        }
    }
    free(path);
    bool ok = document != NULL;
    json_decref(document);
    return ok;
}

static bool contains(const json_t *text, const char *part)
{
    return json_is_string(text) && strstr(json_string_value(text), part) != NULL;
}

static bool is_wanted(const json_t *document, const char *filter)
{
    if (filter == NULL || contains(json_object_get(document, "id"), filter) ||
        contains(json_object_get(document, "name"), filter)) {
        return true;
    }
    const json_t *features = json_object_get(document, "features");
    for (size_t i = 0; i < json_array_size(features); i++) {
        if (contains(json_array_get(features, i), filter)) {
            return true;
        }
    }
    return false;
}

static void add_entry(struct case_file *file, const json_t *document, const char *filter)
{
    if (!is_wanted(document, filter)) {
        return;
    }
    const char *id = json_string_value(json_object_get(document, "id"));
    struct entry entry = {.document = document, .id = id == NULL ? "unnamed" : id};
    entry.trace = json_object_get(file->traces, entry.id);
    vec_push(&file->entries, entry);
}

/* Takes over the document. */
static bool open_file(struct case_file *file, const char *path, json_t *document,
                      const char *filter, struct err *err)
{
    *file = (struct case_file){.document = document, .traces = json_object()};
    struct text beside = {0};
    text_addf(&beside, "../traces/%s", path_name(path));
    bool ok = load_traces(file->traces, path_beside(path, beside.bytes), err) &&
              load_traces(file->traces, path_beside(path, "traces.json"), err);
    text_release(&beside);
    file->compact = has_schema(document, "kai-conformance-benchmark/");
    if (ok && file->compact) {
        add_entry(file, json_object_get(document, "case"), filter);
    }
    const json_t *cases = json_object_get(document, "cases");
    for (size_t i = 0; ok && i < json_array_size(cases); i++) {
        add_entry(file, json_array_get(cases, i), filter);
    }
    return ok;
}

static void close_file(struct case_file *file)
{
    for (size_t i = 0; i < file->entries.count; i++) {
        text_release(&file->entries.items[i].difference);
    }
    vec_release(&file->entries);
    json_decref(file->document);
    json_decref(file->traces);
}

static void judge_played(struct entry *entry, const struct check_case *c,
                         const struct played *played)
{
    text_add(&entry->difference, played->unmet.length > 0 ? played->unmet.bytes : "");
    entry->rounds = json_array_size(played->rounds);
    if (entry->trace != NULL && entry->difference.length == 0) {
        compare_rounds(played->rounds, entry->trace, &entry->difference);
    }
    bool compared = entry->trace != NULL || (c->asserts && c->has_expected);
    entry->verdict = entry->difference.length > 0 ? VERDICT_FAILED
                     : compared                   ? VERDICT_PASSED
                                                  : VERDICT_ONLY_RUN;
}

static bool play_entry(struct entry *entry, struct check_case *c, bool compact, struct err *err)
{
    static const struct play_log SILENT = {0};
    struct played played;
    if (!case_play(c, &SILENT, !compact, &played, err)) {
        return false;
    }
    judge_played(entry, c, &played);
    played_release(&played);
    return true;
}

static bool settle_entry(struct entry *entry, struct check_case *c, struct err *err)
{
    struct settled settled;
    if (!case_settle(c, MOST_SETTLING_ROUNDS, &settled, err)) {
        return false;
    }
    entry->rounds = settled.first_round + settled.length - 1;
    entry->verdict = settled.kind == SETTLE_RESTS ? VERDICT_PASSED : VERDICT_FAILED;
    if (settled.kind == SETTLE_LOOPS) {
        text_addf(&entry->difference,
                  "never settles: from round %zu on, every %zu round(s) the same state again with "
                  "%zu eviction(s)\n%s",
                  settled.first_round, settled.length, settled.evictions, settled.cycle.bytes);
        entry->difference.length--; /* the last line break is the reporter's */
        entry->difference.bytes[entry->difference.length] = '\0';
    } else if (settled.kind == SETTLE_UNKNOWN) {
        text_addf(&entry->difference, "no state came back within %d rounds", MOST_SETTLING_ROUNDS);
    }
    settled_release(&settled);
    return true;
}

static bool time_entry(struct entry *entry, struct check_case *c, size_t repeats, struct err *err)
{
    entry->verdict = VERDICT_ONLY_RUN;
    entry->rounds = 1;
    return case_time(c, repeats, &entry->timing, err);
}

static void judge_entry(void *arg, size_t item)
{
    struct case_file *file = arg;
    struct entry *entry = &file->entries.items[item];
    struct err err = {0};
    json_t *document = file->compact ? case_expand(entry->document, &err)
                                     : json_incref((json_t *)(uintptr_t)entry->document);
    struct check_case c;
    text_add(&entry->difference, "");
    bool ok = document != NULL && case_read(document, &c, &err);
    if (ok) {
        ok = file->repeats > 0 ? time_entry(entry, &c, file->repeats, &err)
             : file->settle    ? settle_entry(entry, &c, &err)
                               : play_entry(entry, &c, file->compact, &err);
        case_release(&c);
    }
    if (!ok) {
        entry->verdict = VERDICT_FAILED;
        text_addf(&entry->difference, "refused: %s", err.msg);
    }
    json_decref(document);
}

static bool run_cases(const char *path, json_t *document, const struct suite_options *options,
                      struct err *err)
{
    struct case_file file;
    bool ok = open_file(&file, path, document, options->filter, err);
    file.settle = options->settle;
    file.repeats = options->repeats;
    if (ok) {
        unsigned threads = options->repeats > 0 ? 1 : options->threads;
        parallel_for(file.entries.count, threads, judge_entry, &file);
    }
    for (size_t i = 0; ok && i < file.entries.count; i++) {
        const struct entry *entry = &file.entries.items[i];
        struct suite_result result = {path,           entry->id,
                                      entry->verdict, entry->difference.bytes,
                                      entry->rounds,  options->repeats > 0 ? &entry->timing : NULL};
        options->report(options->arg, &result);
    }
    close_file(&file);
    return ok;
}

static bool is_cases(const json_t *document)
{
    return has_schema(document, "kai-conformance-cases/") ||
           has_schema(document, "kai-conformance-benchmark/");
}

/* What a file of single decisions reports through. */
struct vector_sink {
    const struct suite_options *options;
    const char *path;
};

static void report_vector(void *arg, const struct vector_result *result)
{
    const struct vector_sink *sink = arg;
    struct text id = {0};
    text_addf(&id, "%s/%s/%s", result->family, result->function, result->name);
    struct suite_result out = {sink->path,
                               id.bytes,
                               result->difference[0] == '\0' ? VERDICT_PASSED : VERDICT_FAILED,
                               result->difference,
                               0,
                               NULL};
    sink->options->report(sink->options->arg, &out);
    text_release(&id);
}

static bool run_vectors(const char *path, json_t *document, const struct suite_options *options,
                        struct err *err)
{
    struct vector_sink sink = {options, path};
    bool ok = vectors_judge(document, options->filter, report_vector, &sink, err);
    json_decref(document);
    return ok || err_locate(err, path);
}

static bool run_file(const char *path, bool named, const struct suite_options *options,
                     struct err *err)
{
    json_t *document = read_document(path, err);
    if (document == NULL) {
        return false;
    }
    if (is_cases(document)) {
        return run_cases(path, document, options, err);
    }
    if (has_schema(document, "kai-vectors/")) {
        if (options->settle || options->repeats > 0) {
            json_decref(document);
            return true; /* decisions have no rounds */
        }
        return run_vectors(path, document, options, err);
    }
    bool requests = has_schema(document, "kai-share-requests/");
    json_decref(document);
    if (requests) {
        return options->settle || options->repeats > 0 || options->filter != NULL ||
               share_requests_run(path, options->report, options->arg, err);
    }
    if (named) {
        return err_set(err, ERR_FORMAT, 0, "%s: its schema is none that can be checked", path);
    }
    return true; /* an index beside the cases */
}

bool suite_run(const char *const *paths, size_t count, const struct suite_options *options,
               struct err *err)
{
    bool ok = true;
    json_object_seed(1); /* before threads: the first object would do it */
    for (size_t i = 0; ok && i < count; i++) {
        struct path_list files = {0};
        ok = paths_add(&files, paths[i], err);
        for (size_t k = 0; ok && k < files.items.count; k++) {
            const char *path = files.items.items[k];
            if (options->file != NULL) {
                options->file(options->arg, path, k, files.items.count);
            }
            ok = run_file(path, strcmp(path, paths[i]) == 0, options, err);
        }
        paths_release(&files);
    }
    return ok;
}

/* A case looked for by its id or a part of it. */
struct search {
    const char *id;
    json_t *found; /* in the plain form; owned */
    size_t count;  /* of the cases that contain the id */
    bool exact;    /* one has it; the others do not count */
};

static bool find_case(const char *path, struct search *search, struct err *err)
{
    json_t *document = read_document(path, err);
    if (document == NULL) {
        return false;
    }
    struct case_file file = {0};
    bool ok = true;
    if (is_cases(document)) {
        ok = open_file(&file, path, document, NULL, err);
        document = NULL;
    }
    for (size_t i = 0; ok && !search->exact && i < file.entries.count; i++) {
        const struct entry *entry = &file.entries.items[i];
        search->exact = strcmp(entry->id, search->id) == 0;
        bool contains_it = strstr(entry->id, search->id) != NULL;
        search->count += contains_it;
        if (search->exact || (contains_it && search->count == 1)) {
            json_decref(search->found);
            search->found = case_expand(entry->document, err);
            ok = search->found != NULL;
        }
    }
    json_decref(document);
    close_file(&file);
    return ok;
}

static bool explain_case(const json_t *document, const struct play_log *log, struct err *err)
{
    struct check_case c;
    struct played played;
    if (!case_read(document, &c, err)) {
        return false;
    }
    bool ok = case_play(&c, log, false, &played, err);
    if (ok) {
        played_release(&played);
    }
    case_release(&c);
    return ok;
}

bool suite_explain(const char *const *paths, size_t count, const char *id,
                   const struct play_log *log, struct err *err)
{
    struct search search = {.id = id};
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        struct path_list files = {0};
        ok = paths_add(&files, paths[i], err);
        for (size_t k = 0; ok && !search.exact && k < files.items.count; k++) {
            ok = find_case(files.items.items[k], &search, err);
        }
        paths_release(&files);
    }
    if (ok && !search.exact && search.count != 1) {
        ok = err_set(err, ERR_USAGE, 0, "%zu cases contain '%.100s' in their id, expected one",
                     search.count, id);
    }
    ok = ok && explain_case(search.found, log, err);
    json_decref(search.found);
    return ok;
}
