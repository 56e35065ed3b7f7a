/* columns.c - see columns.h. */
#include "sim/workload/columns.h"

#include "sim/base/check.h"
#include "sim/base/mem.h"
#include "sim/base/param.h"
#include "sim/base/parse.h"
#include "sim/workload/workload.h"

const struct number_kind number_count = {1, true, 0, WORKLOAD_MOST_GPUS,
                                         "a whole number from 0 to 16777216"};
const struct number_kind number_time = {1000000, false, -WORKLOAD_MOST_US, WORKLOAD_MOST_US,
                                        "a time in seconds"};
const struct number_kind number_span = {1000000, false, 0, WORKLOAD_MOST_US, "seconds, 0 or more"};
const struct number_kind number_gpus = {1000, false, 0, (int64_t)WORKLOAD_MOST_GPUS * 1000,
                                        "GPUs from 0 to 16777216"};
const struct number_kind number_milli = {1000, false, 0, WORKLOAD_MOST_AMOUNT,
                                         "a number of CPUs, 0 or more"};
const struct number_kind number_amount = {1, true, 0, WORKLOAD_MOST_AMOUNT,
                                          "a whole number, 0 or more"};
const struct number_kind number_any = {1, true, INT64_MIN, INT64_MAX, "a whole number"};

/* Passes over lines that start with '#'. */
static void skip_comments(struct csv *csv)
{
    while (csv->at < csv->end && *csv->at == '#') {
        char *line_end = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
        csv->newlines += line_end != NULL ? 1 : 0;
        csv->at = line_end == NULL ? csv->end : line_end + 1;
    }
}

static bool unknown_column(const struct columns *columns, struct view name, struct err *err)
{
    const char *known[COLUMNS_MOST + 1];
    uint32_t count = 0;
    for (; columns->specs[count].name != NULL; count++) {
        known[count] = columns->specs[count].name;
    }
    known[count] = NULL;
    const char *nearest = param_nearest(name, known);
    if (nearest == NULL) {
        return err_set(err, ERR_FORMAT, columns->csv.line,
                       "unknown column '%.*s' (ignore_unknown=true passes over it)",
                       VIEW_ARG(name));
    }
    return err_set(err, ERR_FORMAT, columns->csv.line,
                   "unknown column '%.*s'; did you mean '%s'? (ignore_unknown=true passes over it)",
                   VIEW_ARG(name), nearest);
}

/* Binds the header field number `field`. */
static bool bind(struct columns *columns, uint32_t field, bool ignore_unknown, struct err *err)
{
    struct view name = view_trim(columns->csv.fields[field]);
    for (uint32_t i = 0; columns->specs[i].name != NULL; i++) {
        if (!view_is(name, columns->specs[i].name)) {
            continue;
        }
        if (columns->at[i] >= 0) {
            return err_set(err, ERR_FORMAT, columns->csv.line, "column '%s' is named twice",
                           columns->specs[i].name);
        }
        columns->at[i] = (int16_t)field;
        return true;
    }
    return ignore_unknown || unknown_column(columns, name, err);
}

bool columns_open(struct columns *columns, struct file *file, const struct column *specs,
                  bool ignore_unknown, struct err *err)
{
    struct columns_style style = {.separator = ',', .ignore_unknown = ignore_unknown};
    return columns_open_styled(columns, file, specs, style, err);
}

bool columns_open_styled(struct columns *columns, struct file *file, const struct column *specs,
                         struct columns_style style, struct err *err)
{
    csv_init(&columns->csv, file->bytes, file->length, style.separator);
    columns->csv.unquoted = style.unquoted;
    skip_comments(&columns->csv);
    columns->specs = specs;
    if (!csv_next(&columns->csv, err)) {
        if (err->code == ERR_NONE) {
            (void)err_set(err, ERR_FORMAT, 1, "the file is empty, expected a header line");
        }
        return false;
    }
    columns->header_count = columns->csv.count;
    for (uint32_t i = 0; i < COLUMNS_MOST; i++) {
        columns->at[i] = -1;
    }
    for (uint32_t i = 0; i < columns->csv.count; i++) {
        if (!bind(columns, i, style.ignore_unknown, err)) {
            return false;
        }
    }
    for (uint32_t i = 0; specs[i].name != NULL; i++) {
        CHECK(i < COLUMNS_MOST);
        if (specs[i].required && columns->at[i] < 0) {
            return err_set(err, ERR_FORMAT, columns->csv.line,
                           "the header has no column '%s', expected one", specs[i].name);
        }
    }
    return true;
}

bool columns_next(struct columns *columns, struct err *err)
{
    if (!csv_next(&columns->csv, err)) {
        return false;
    }
    if (columns->csv.count != columns->header_count) {
        return err_set(err, ERR_FORMAT, columns->csv.line,
                       "found %u fields, expected %u as in the header", columns->csv.count,
                       columns->header_count);
    }
    return true;
}

bool columns_detect(struct view head, const char *const *names)
{
    return columns_detect_separated(head, ',', names);
}

bool columns_detect_separated(struct view head, char separator, const char *const *names)
{
    char *copy = mem_copy_text(head.at, head.length);
    struct csv csv;
    csv_init(&csv, copy, head.length, separator);
    skip_comments(&csv);
    struct err err = {0};
    bool found = csv_next(&csv, &err);
    for (uint32_t i = 0; found && i < csv.count; i++) {
        csv.fields[i] = view_trim(csv.fields[i]);
    }
    for (; found && *names != NULL; names++) {
        found = csv_column(&csv, *names) >= 0;
    }
    free(copy);
    return found;
}

bool columns_refuse(const struct columns *columns, uint32_t column, const char *expected,
                    struct err *err)
{
    struct view found = columns_text(columns, column);
    return err_set(err, ERR_FORMAT, columns->csv.line, "column '%s' is '%.*s', expected %s",
                   columns->specs[column].name, VIEW_ARG(found), expected);
}

bool columns_number(const struct columns *columns, uint32_t column, const struct number_kind *kind,
                    int64_t *out, struct err *err)
{
    struct view found = columns_text(columns, column);
    int64_t value = 0;
    enum parse_result result =
        kind->whole ? parse_i64(found, &value) : parse_scaled(found, kind->scale, &value);
    if (result != PARSE_OK || value < kind->min || value > kind->max) {
        return columns_refuse(columns, column, kind->expected, err);
    }
    *out = value;
    return true;
}

bool columns_optional(const struct columns *columns, uint32_t column,
                      const struct number_kind *kind, int64_t *out, struct err *err)
{
    return !columns_has(columns, column) || columns_number(columns, column, kind, out, err);
}

bool columns_datetime(const struct columns *columns, uint32_t column, int64_t *out, struct err *err)
{
    if (parse_datetime_us(columns_text(columns, column), out) != PARSE_OK) {
        return columns_refuse(columns, column, "a time like 2017-10-09 07:01:55", err);
    }
    return true;
}
