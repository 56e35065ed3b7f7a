/* column_value.c - the values of a mapped row; see column_map.h. */
#include "sim/base/check.h"
#include "sim/base/parse.h"
#include "sim/workload/column_map.h"
#include "sim/workload/outcome.h"
#include "sim/workload/time_text.h"

enum value_kind {
    VALUE_TEXT,
    VALUE_NUMBER, /* with decimals */
    VALUE_WHOLE,  /* a computed one is rounded */
    VALUE_TIME,
    VALUE_SPAN,
};

static enum value_kind kind_of(int target)
{
    switch (target) {
    case NATIVE_SUBMIT_S:
        return VALUE_TIME;
    case NATIVE_DURATION_S:
    case NATIVE_ESTIMATE_S:
    case NATIVE_CHECKPOINT_S:
        return VALUE_SPAN;
    case NATIVE_GPUS:
    case NATIVE_GPU_FRACTION_OF_ONE:
    case NATIVE_CPUS:
        return VALUE_NUMBER;
    case NATIVE_TASKS:
    case NATIVE_MIN_TASKS:
    case NATIVE_GPU_MEMORY_MIB:
    case NATIVE_MEMORY_MIB:
    case NATIVE_PRIORITY:
        return VALUE_WHOLE;
    default:
        return VALUE_TEXT;
    }
}

/* Words that tables write where there is no value. */
static bool is_missing_word(struct view text)
{
    if (text.length > 0 && text.at[0] >= '0' && text.at[0] <= '9') {
        return false;
    }
    static const char *const words[] = {"null", "NULL", "None", "none", "N/A", "n/a",
                                        "NA",   "nan",  "NaN",  "-",    "\\N", "Unknown"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (view_is(text, words[i])) {
            return true;
        }
    }
    return false;
}

static struct view field_of(const struct csv *table, uint32_t field)
{
    return field < table->count ? view_trim(table->fields[field]) : (struct view){"", 0};
}

static bool bad_value(const struct column_map *map, int target, struct view found, struct err *err)
{
    enum value_kind kind = kind_of(target);
    const char *expected =
        kind == VALUE_TIME
            ? "a number, or a date like 2017-10-09 07:01:55 (of 01/02/2017 nobody can tell the day)"
        : kind == VALUE_SPAN ? "a number, or a span like 12:30:00 or 1-12:30:00"
                             : "a number";
    struct view source = map->sources[target].text;
    return err_set(err, ERR_FORMAT, map->row.csv.line, "%s=%.*s: found '%.*s', expected %s",
                   native_columns[target].name, VIEW_ARG(source), VIEW_ARG(found), expected);
}

/* A number as millionths; of a time also a date or span, which then stands for seconds. */
static bool read_millionths(struct view text, enum value_kind kind, bool has_factor, wide_int *out)
{
    int64_t value = 0;
    if (parse_scaled(text, 1000000, &value) == PARSE_OK) {
        *out = value;
        return true;
    }
    if (parse_i64(text, &value) == PARSE_OK) {
        *out = (wide_int)value * 1000000;
        return true;
    }
    bool is_time = (kind == VALUE_TIME || kind == VALUE_SPAN) && !has_factor &&
                   (time_text_date(text, &value) || time_text_span(text, &value));
    *out = value;
    return is_time;
}

/* value * over / under, rounded half away from zero. */
static wide_int apply(wide_int value, const struct column_term *term)
{
    int64_t half = term->factor_under / 2;
    int64_t small = 0; /* nearly every value: 64 bits divide much faster than 128 */
    if (value <= INT64_MAX && value >= INT64_MIN &&
        !__builtin_mul_overflow((int64_t)value, term->factor_over, &small) &&
        !__builtin_add_overflow(small, small < 0 ? -half : half, &small)) {
        return small / term->factor_under;
    }
    wide_int product = value * term->factor_over;
    return (product < 0 ? product - half : product + half) / term->factor_under;
}

/* Writes millionths as a decimal number, whole ones only when `whole`. From the right: this is done
 * for every field of a large table. */
static void write_value(struct column_source *source, int64_t millionths, bool whole)
{
    int64_t half = whole ? (millionths < 0 ? -500000 : 500000) : 0;
    bool negative = millionths + half < 0;
    uint64_t size =
        negative ? (uint64_t)0 - (uint64_t)(millionths + half) : (uint64_t)(millionths + half);
    uint64_t rest = whole ? 0 : size % 1000000;
    char *at = source->value + sizeof(source->value);
    if (rest > 0) {
        for (int i = 0; i < 6; i++) {
            *--at = (char)('0' + rest % 10);
            rest /= 10;
        }
        *--at = '.';
    }
    size /= 1000000;
    do {
        *--at = (char)('0' + size % 10);
        size /= 10;
    } while (size > 0);
    if (negative) {
        *--at = '-';
    }
    source->computed = (struct view){at, (size_t)(source->value + sizeof(source->value) - at)};
}

/* Computes source->value; *empty when a part of it is missing. */
static bool compute(struct column_map *map, const struct csv *table, int target, bool *empty,
                    struct err *err)
{
    struct column_source *source = &map->sources[target];
    enum value_kind kind = kind_of(target);
    wide_int sum = 0;
    *empty = false;
    for (uint32_t i = 0; i < source->term_count; i++) {
        const struct column_term *term = &source->terms[i];
        struct view text = field_of(table, term->field);
        bool has_factor = term->factor_over != 1 || term->factor_under != 1;
        wide_int value = 0;
        bool missing = is_missing_word(text);
        map->missing_words += missing ? 1 : 0;
        if (missing || text.length == 0) {
            *empty = true;
            return true;
        }
        if (!read_millionths(text, kind, has_factor, &value)) {
            return bad_value(map, target, text, err);
        }
        value = apply(value, term);
        sum = i == 0 ? value : sum - value;
    }
    if (sum > INT64_MAX / 2 || sum < INT64_MIN / 2) {
        return bad_value(map, target, field_of(table, source->terms[0].field), err);
    }
    write_value(source, (int64_t)sum, kind == VALUE_WHOLE);
    return true;
}

static bool is_plain(const struct column_source *source)
{
    return source->term_count == 1 && source->terms[0].factor_over == 1 &&
           source->terms[0].factor_under == 1;
}

/* A number as native_row reads it: the field itself is the value, whatever its length. Few digits
 * are known for one at a glance; it is read once more later. */
static bool is_number(struct view text)
{
    enum { SURE_DIGITS = 9 };
    size_t digits = 0;
    while (digits < text.length && text.at[digits] >= '0' && text.at[digits] <= '9') {
        digits++;
    }
    if (digits > 0 && digits <= SURE_DIGITS && digits == text.length) {
        return true;
    }
    int64_t unused = 0;
    return parse_scaled(text, 1000000, &unused) == PARSE_OK;
}

static bool map_one(struct column_map *map, const struct csv *table, int target, struct err *err)
{
    struct column_source *source = &map->sources[target];
    struct view *out = &map->row.csv.fields[target];
    enum value_kind kind = kind_of(target);
    if (source->is_constant) {
        *out = source->constant;
        return true;
    }
    if (kind == VALUE_TEXT && !is_plain(source)) {
        return err_set(err, ERR_USAGE, 0, "the columns: %s is a text and takes no arithmetic",
                       native_columns[target].name);
    }
    *out = field_of(table, source->terms[0].field);
    if (kind == VALUE_TEXT || (is_plain(source) && is_number(*out))) {
        return true;
    }
    bool empty = false;
    if (!compute(map, table, target, &empty, err)) {
        return false;
    }
    *out = empty ? (struct view){"", 0} : source->computed;
    return true;
}

/* A stranger's words for how a job ended that mean nothing here are dropped and counted. */
static void drop_unknown_state(struct column_map *map)
{
    struct view *word = &map->row.csv.fields[NATIVE_STATUS];
    bool known = false;
    if (map->row.at[NATIVE_STATUS] < 0) {
        return;
    }
    (void)outcome_of_word(view_trim(*word), &known);
    if (!known) {
        map->unknown_states++;
        *word = (struct view){"", 0};
    }
}

bool column_map_row(struct column_map *map, const struct csv *table, struct err *err)
{
    map->row.csv.line = table->line;
    for (int i = 0; i < NATIVE_COLUMN_COUNT; i++) {
        if (map->sources[i].text.at != NULL && !map_one(map, table, i, err)) {
            return false;
        }
    }
    drop_unknown_state(map);
    return true;
}
