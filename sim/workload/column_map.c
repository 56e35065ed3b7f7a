/* column_map.c - see column_map.h: reading the map. column_value.c computes the values. */
#include "sim/workload/column_map.h"

#include "sim/base/check.h"
#include "sim/base/mem.h"
#include "sim/base/param.h"
#include "sim/base/parse.h"

/* Factors are fractions whose parts are below 10^12, so that a number of 64 bits in millionths
 * times a factor stays within 128 bits. */
#define MOST_FACTOR  INT64_C(1000000000000)
#define FACTOR_SCALE INT64_C(1000000000)

static const char syntax[] = "write target=column, column*N, column/N, 'a - b', a number, or a "
                             "'text' in quotes, with commas between";

static bool refuse(struct err *err, const char *what, struct view found)
{
    return err_set(err, ERR_USAGE, 0, "the columns: %s '%.*s'; %s", what, VIEW_ARG(found), syntax);
}

/* The first `separator` outside quotes; the length of the text when there is none. */
static size_t find_outside_quotes(struct view text, char separator)
{
    char quote = '\0';
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (quote != '\0') {
            if (c == quote) {
                quote = '\0';
            }
        } else if (c == separator) {
            return i;
        } else if (c == '\'' || c == '"') {
            quote = c;
        }
    }
    return text.length;
}

static bool is_quoted(struct view text, char quote)
{
    return text.length >= 2 && text.at[0] == quote && text.at[text.length - 1] == quote;
}

static struct view unquote(struct view text)
{
    return (struct view){text.at + 1, text.length - 2};
}

static bool find_field(const struct csv *table, struct view name, uint32_t *out)
{
    name = is_quoted(name, '"') ? unquote(name) : name;
    for (uint32_t i = 0; i < table->count && name.length > 0; i++) {
        struct view field = view_trim(table->fields[i]);
        if (field.length == name.length && memcmp(field.at, name.at, name.length) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* The header has no such column: says which is nearest, and what it has. */
static bool unknown_field(const struct csv *table, struct view name, struct err *err)
{
    const char *known[CSV_MOST_FIELDS + 1] = {NULL};
    struct text header = {0};
    struct text nearest_said = {0};
    for (uint32_t i = 0; i < table->count; i++) {
        struct view field = view_trim(table->fields[i]);
        known[i] = mem_copy_text(field.at, field.length);
        if (i > 0) {
            text_add_char(&header, table->separator);
        }
        text_add(&header, known[i]);
    }
    const char *nearest = param_nearest(name, known);
    if (nearest != NULL) {
        text_addf(&nearest_said, "; did you mean '%.60s'?", nearest);
    }
    (void)err_set(err, ERR_USAGE, 0, "the columns: no column '%.*s'%s The header is '%.160s'; %s",
                  VIEW_ARG(name), nearest != NULL ? nearest_said.bytes : ".",
                  header.bytes != NULL ? header.bytes : "", syntax);
    for (uint32_t i = 0; i < table->count; i++) {
        union {
            const char *shared;
            char *own;
        } text = {known[i]};
        free(text.own);
    }
    text_release(&header);
    text_release(&nearest_said);
    return false;
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Multiplies the factor of the term by a number as written, or by its inverse. */
static bool apply_factor(struct column_term *term, struct view number, bool divide, struct err *err)
{
    int64_t value = 0;
    int64_t scale = FACTOR_SCALE;
    if (parse_i64(number, &value) == PARSE_OK) {
        scale = 1;
    } else if (parse_scaled(number, FACTOR_SCALE, &value) != PARSE_OK) {
        return refuse(err, "a factor is no number:", number);
    }
    if (value <= 0) {
        return refuse(err, "a factor must be above 0:", number);
    }
    int64_t divisor = common_divisor(value, scale);
    wide_int over = (wide_int)term->factor_over * ((divide ? scale : value) / divisor);
    wide_int under = (wide_int)term->factor_under * ((divide ? value : scale) / divisor);
    if (over > MOST_FACTOR || under > MOST_FACTOR) {
        return refuse(err, "factors are too large or too fine:", number);
    }
    term->factor_over = (int64_t)over;
    term->factor_under = (int64_t)under;
    return true;
}

/* A column with its factors, "name*2/1000": taken off from the right until a name is left. */
static bool read_term(struct view text, const struct csv *table, struct column_term *out,
                      struct err *err)
{
    *out = (struct column_term){.factor_over = 1, .factor_under = 1};
    text = view_trim(text);
    while (!find_field(table, text, &out->field)) {
        size_t at = text.length;
        while (at > 0 && text.at[at - 1] != '*' && text.at[at - 1] != '/') {
            at--;
        }
        if (at == 0 || is_quoted(text, '"')) {
            return unknown_field(table, text, err);
        }
        struct view number = {text.at + at, text.length - at};
        struct view left = view_trim((struct view){text.at, at - 1});
        double unused = 0;
        if (parse_f64(number, &unused) != PARSE_OK) {
            return unknown_field(table, text, err);
        }
        if (!apply_factor(out, view_trim(number), text.at[at - 1] == '/', err)) {
            return false;
        }
        text = left;
    }
    return true;
}

/* Where " - " stands outside quotes; the length of the text when it does not. */
static size_t find_minus(struct view text)
{
    for (size_t from = 0; from < text.length;) {
        struct view rest = {text.at + from, text.length - from};
        size_t at = from + find_outside_quotes(rest, ' ');
        if (at + 2 < text.length && text.at[at + 1] == '-' && text.at[at + 2] == ' ') {
            return at;
        }
        from = at + 1;
    }
    return text.length;
}

static bool read_source(struct view text, const struct csv *table, struct column_source *out,
                        struct err *err)
{
    double unused = 0;
    uint32_t field = 0;
    *out = (struct column_source){.text = text, .term_count = 1};
    bool is_field = find_field(table, text, &field);
    if (!is_field && (is_quoted(text, '\'') || parse_f64(text, &unused) == PARSE_OK)) {
        out->is_constant = true;
        out->term_count = 0;
        out->constant = is_quoted(text, '\'') ? unquote(text) : text;
        return true;
    }
    size_t minus = is_field ? text.length : find_minus(text);
    if (minus == text.length) {
        return read_term(text, table, &out->terms[0], err);
    }
    out->term_count = 2;
    return read_term((struct view){text.at, minus}, table, &out->terms[0], err) &&
           read_term((struct view){text.at + minus + 3, text.length - minus - 3}, table,
                     &out->terms[1], err);
}

static bool find_target(struct view name, int *out, struct err *err)
{
    const char *known[NATIVE_COLUMN_COUNT + 1] = {NULL};
    for (int i = 0; i < NATIVE_COLUMN_COUNT; i++) {
        known[i] = native_columns[i].name;
        if (view_is(name, known[i])) {
            *out = i;
            return true;
        }
    }
    const char *nearest = param_nearest(name, known);
    if (nearest != NULL) {
        return err_set(err, ERR_USAGE, 0, "the columns: unknown target '%.*s'; did you mean '%s'?",
                       VIEW_ARG(name), nearest);
    }
    return refuse(err, "no column of the native CSV is called", name);
}

static bool read_one(struct view part, const struct csv *table, struct column_map *map,
                     struct err *err)
{
    struct view source = {0};
    struct view name = view_trim(view_cut(part, '=', &source));
    source = view_trim(source);
    int target = 0;
    if (source.length == 0) {
        return refuse(err, "found", part);
    }
    if (!find_target(name, &target, err)) {
        return false;
    }
    if (map->sources[target].text.at != NULL) {
        return refuse(err, "this target is given twice:", name);
    }
    return read_source(source, table, &map->sources[target], err);
}

bool column_map_read(struct view text, const struct csv *table, struct column_map *out,
                     struct err *err)
{
    static const int needed[] = {NATIVE_SUBMIT_S, NATIVE_DURATION_S, NATIVE_GPUS};
    *out = (struct column_map){.row = {.specs = native_columns}};
    while (text.length > 0) {
        size_t comma = find_outside_quotes(text, ',');
        if (!read_one(view_trim((struct view){text.at, comma}), table, out, err)) {
            return false;
        }
        comma += comma < text.length ? 1 : 0;
        text = (struct view){text.at + comma, text.length - comma};
    }
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (out->sources[needed[i]].text.at == NULL) {
            return refuse(err, "nothing is said of", view_of(native_columns[needed[i]].name));
        }
    }
    for (int i = 0; i < NATIVE_COLUMN_COUNT; i++) {
        bool is_given = out->sources[i].text.at != NULL || i == NATIVE_JOB_ID;
        out->row.at[i] = (int16_t)(is_given ? i : -1);
    }
    for (int i = NATIVE_COLUMN_COUNT; i < COLUMNS_MOST; i++) {
        out->row.at[i] = -1;
    }
    out->row.csv.count = NATIVE_COLUMN_COUNT;
    return true;
}
