/* supply_spec.c - reads what fails, and when; see supply.h. */
#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/base/csv.h"
#include "sim/base/file.h"
#include "sim/base/mem.h"
#include "sim/base/param.h"
#include "sim/base/parse.h"
#include "sim/engine/supply.h"

#define MOST_LOG_BYTES  ((size_t)1 << 30)
#define MOST_LENGTH_US  (INT64_C(1000) * 365 * 86400 * 1000000)
#define LEAST_LENGTH_US INT64_C(1000000)
static const double LEAST_SHAPE = 0.1;
static const double MOST_SHAPE = 20;

void supply_spec_free(struct supply_spec *spec)
{
    if (spec == NULL) {
        return;
    }
    vec_release(&spec->outages);
    names_release(&spec->names);
    free(spec->failures_text);
    free(spec->log_path);
    free(spec);
}

bool supply_read_duration_us(struct view text, int64_t *out)
{
    int64_t unit_s = 1;
    struct view number = view_trim(text);
    char last = number.length > 0 ? number.at[number.length - 1] : '0';
    if (last == 's' || last == 'm' || last == 'h' || last == 'd') {
        unit_s = last == 's' ? 1 : last == 'm' ? 60 : last == 'h' ? 3600 : 86400;
        number.length--;
    }
    int64_t us = 0;
    if (parse_seconds_us(number, &us) != PARSE_OK || us < 0 || us > MOST_LENGTH_US / unit_s) {
        return false;
    }
    *out = us * unit_s;
    return true;
}

/* -- laws ------------------------------------------------------------------------------------ */

static bool read_term(struct view term, struct supply_law *law, struct err *err)
{
    struct view value = {0};
    struct view key = view_trim(view_cut(term, ':', &value));
    int64_t us = 0;
    if (view_is(key, "mtbf")) {
        if (!supply_read_duration_us(value, &us) || us < LEAST_LENGTH_US) {
            return err_set(err, ERR_USAGE, 0,
                           "mtbf is '%.*s', expected a time of a second or more, as 720h",
                           VIEW_ARG(value));
        }
        law->mean_up_us = (double)us;
    } else if (view_is(key, "repair")) {
        if (!supply_read_duration_us(value, &us)) {
            return err_set(err, ERR_USAGE, 0, "repair is '%.*s', expected a time, as 4h",
                           VIEW_ARG(value));
        }
        law->mean_down_us = (double)us;
    } else if (view_is(key, "shape")) {
        if (parse_f64(value, &law->shape) != PARSE_OK || law->shape < LEAST_SHAPE ||
            law->shape > MOST_SHAPE) {
            return err_set(err, ERR_USAGE, 0, "shape is '%.*s', expected a number from 0.1 to 20",
                           VIEW_ARG(value));
        }
    } else {
        return err_set(err, ERR_USAGE, 0, "'%.*s' is not known, expected mtbf, repair or shape",
                       VIEW_ARG(key));
    }
    return true;
}

static bool read_law(struct view text, struct supply_law *law, struct err *err)
{
    *law = (struct supply_law){.mean_down_us = -1, .shape = 1};
    struct view rest = text;
    while (rest.at != NULL) {
        if (!read_term(view_cut(rest, ',', &rest), law, err)) {
            return false;
        }
    }
    return (law->mean_up_us > 0 && law->mean_down_us >= 0) ||
           err_set(err, ERR_USAGE, 0, "'%.*s' lacks mtbf or repair, expected mtbf:TIME,repair:TIME",
                   VIEW_ARG(text));
}

static bool read_failures(struct supply_spec *spec, struct view text, struct err *err)
{
    struct view laws = {0};
    struct view unit = view_trim(view_cut(text, '=', &laws));
    if (unit.length == 0 || laws.at == NULL) {
        return err_set(err, ERR_USAGE, 0, "'%.*s' is not UNIT=mtbf:TIME,repair:TIME",
                       VIEW_ARG(text));
    }
    if (spec->failure_count == SUPPLY_MOST_FAILURES) {
        return err_set(err, ERR_USAGE, 0, "more than %d laws", SUPPLY_MOST_FAILURES);
    }
    struct supply_failures failures = {
        .unit = view_is(unit, "node")  ? SUPPLY_NODES
                : view_is(unit, "gpu") ? SUPPLY_GPUS
                                       : SUPPLY_DOMAINS,
        .name = names_add(&spec->names, unit, NULL),
    };
    for (uint32_t i = 0; i < spec->failure_count; i++) {
        if (spec->failures[i].name == failures.name) {
            return err_set(err, ERR_USAGE, 0, "'%.*s' has two laws", VIEW_ARG(unit));
        }
    }
    if (!read_law(laws, &failures.law, err)) {
        return false;
    }
    spec->failures[spec->failure_count++] = failures;
    return true;
}

bool supply_spec_read_failures(struct supply_spec *spec, struct view text, struct err *err)
{
    struct view rest = text;
    while (rest.at != NULL) {
        if (!read_failures(spec, view_cut(rest, ';', &rest), err)) {
            return err_locate(err, "--failures");
        }
    }
    free(spec->failures_text);
    spec->failures_text = mem_copy_text(text.at, text.length);
    return true;
}

/* -- logs ------------------------------------------------------------------------------------ */

struct log_columns {
    int from;
    int node;
    int kind;
    int until;
};

static bool find_columns(struct csv *csv, struct log_columns *out, struct err *err)
{
    if (!csv_next(csv, err)) {
        return err->code != ERR_NONE ? false
                                     : err_set(err, ERR_FORMAT, 1, "the failure log is empty");
    }
    out->from = csv_column(csv, "time_s");
    out->node = csv_column(csv, "node");
    out->kind = csv_column(csv, "kind");
    out->until = csv_column(csv, "until_s");
    return (out->from >= 0 && out->node >= 0 && out->kind >= 0 && out->until >= 0) ||
           err_set(err, ERR_FORMAT, csv->line,
                   "the header lacks a column, expected time_s,node,kind,until_s");
}

static bool read_kind(struct supply_spec *spec, const struct csv *csv, struct view kind,
                      struct supply_outage *out, struct err *err)
{
    int64_t gpu = 0;
    bool is_gpu = kind.length > 3 && memcmp(kind.at, "gpu", 3) == 0 &&
                  parse_i64((struct view){kind.at + 3, kind.length - 3}, &gpu) == PARSE_OK;
    if (kind.length == 0 || (is_gpu && (gpu < 0 || gpu > UINT32_MAX - 1))) {
        return err_set(err, ERR_FORMAT, csv->line,
                       "kind is '%.*s', expected node, gpu0, gpu1, ... or a topology level",
                       VIEW_ARG(kind));
    }
    out->unit = is_gpu ? SUPPLY_GPUS : view_is(kind, "node") ? SUPPLY_NODES : SUPPLY_DOMAINS;
    out->level = names_add(&spec->names, kind, NULL);
    out->gpu = (uint32_t)gpu;
    return true;
}

static bool read_line(struct supply_spec *spec, const struct csv *csv, struct log_columns columns,
                      struct err *err)
{
    struct supply_outage outage = {.until_us = PARAM_NEVER_US, .line = csv->line};
    struct view until = view_trim(csv->fields[columns.until]);
    enum parse_result result = parse_seconds_us(csv->fields[columns.from], &outage.from_us);
    if (result != PARSE_OK) {
        return err_set(err, ERR_FORMAT, csv->line, "time_s %s", parse_problem(result));
    }
    if (until.length > 0) {
        result = parse_seconds_us(until, &outage.until_us);
        if (result != PARSE_OK || outage.until_us <= outage.from_us) {
            return err_set(err, ERR_FORMAT, csv->line,
                           "until_s is '%.*s', expected seconds after time_s, or nothing",
                           VIEW_ARG(until));
        }
    }
    struct view node = view_trim(csv->fields[columns.node]);
    if (node.length == 0) {
        return err_set(err, ERR_FORMAT, csv->line, "node is empty");
    }
    outage.name = names_add(&spec->names, node, NULL);
    if (!read_kind(spec, csv, view_trim(csv->fields[columns.kind]), &outage, err)) {
        return false;
    }
    vec_push(&spec->outages, outage);
    return true;
}

static bool read_lines(struct supply_spec *spec, struct csv *csv, struct err *err)
{
    struct log_columns columns = {0};
    if (!find_columns(csv, &columns, err)) {
        return false;
    }
    uint32_t count = csv->count;
    while (csv_next(csv, err)) {
        if (csv->count != count) {
            return err_set(err, ERR_FORMAT, csv->line, "%u fields, expected %u", csv->count, count);
        }
        if (!read_line(spec, csv, columns, err)) {
            return false;
        }
    }
    return err->code == ERR_NONE;
}

bool supply_spec_read_log(struct supply_spec *spec, const char *path, struct err *err)
{
    struct file file;
    if (!file_read(path, MOST_LOG_BYTES, &file, err)) {
        return false;
    }
    struct csv *csv = mem_alloc(1, sizeof(*csv));
    csv_init(csv, file.bytes, file.length, ',');
    bool ok = read_lines(spec, csv, err) || err_locate(err, path);
    if (ok) {
        free(spec->log_path);
        spec->log_path = mem_copy_text(path, strlen(path));
        memcpy(spec->log_digest, file.digest, sizeof(spec->log_digest));
    }
    free(csv);
    file_release(&file);
    return ok;
}
