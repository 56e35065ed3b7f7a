/* param.c - see param.h. */
#include "sim/base/param.h"

#include <inttypes.h>
#include <math.h>

#include "sim/base/check.h"
#include "sim/base/parse.h"
#include "sim/base/vec.h"

enum { LONGEST_WORD = 40 }; /* of names that are compared for nearness */

/* Insertions, deletions, replacements and swaps of neighbours between two short words (the
 * restricted distance of Damerau and Levenshtein). */
static size_t edits_between(struct view a, const char *b)
{
    size_t columns = strlen(b);
    if (a.length > LONGEST_WORD || columns > LONGEST_WORD) {
        return SIZE_MAX;
    }
    size_t rows[3][LONGEST_WORD + 1]; /* the rows of the table, in turn */
    for (size_t j = 0; j <= columns; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a.length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        row[0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t best = above[j - 1] + (a.at[i - 1] == b[j - 1] ? 0 : 1);
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            bool swapped = i > 1 && j > 1 && a.at[i - 1] == b[j - 2] && a.at[i - 2] == b[j - 1];
            size_t swap = swapped ? rows[(i + 1) % 3][j - 2] + 1 : best;
            row[j] = swap < best ? swap : best;
        }
    }
    return rows[a.length % 3][columns];
}

const char *param_nearest(struct view wrong, const char *const *names)
{
    const char *nearest = NULL;
    size_t fewest = wrong.length / 3 + 2; /* more edits than this is another word */
    for (; *names != NULL; names++) {
        size_t edits = edits_between(wrong, *names);
        if (edits < fewest) {
            fewest = edits;
            nearest = *names;
        }
    }
    return nearest;
}

static int choice_of(const char *choices, struct view word)
{
    struct view rest = view_of(choices);
    for (int i = 0; rest.at != NULL; i++) {
        struct view choice = view_cut(rest, '|', &rest);
        if (choice.length == word.length && memcmp(choice.at, word.at, word.length) == 0) {
            return i;
        }
    }
    return -1;
}

static bool in_range(const struct param_spec *spec, double value)
{
    bool unbounded = !(spec->min < 0) && !(spec->min > 0) && !(spec->max < 0) && !(spec->max > 0);
    return unbounded || (value >= spec->min && value <= spec->max);
}

/* Stores `word` in its field; false when it is not an accepted value. */
static bool store(const struct param_spec *spec, struct view word, void *values)
{
    void *field = (char *)values + spec->offset;
    int64_t number = 0;
    double real = 0;
    switch (spec->type) {
    case PARAM_I64:
        if (parse_i64(word, &number) != PARSE_OK || !in_range(spec, (double)number)) {
            return false;
        }
        *(int64_t *)field = number;
        return true;
    case PARAM_F64:
        if (parse_f64(word, &real) != PARSE_OK || !in_range(spec, real)) {
            return false;
        }
        *(double *)field = real;
        return true;
    case PARAM_BOOL:
        if (!view_is(word, "true") && !view_is(word, "false")) {
            return false;
        }
        *(bool *)field = view_is(word, "true");
        return true;
    case PARAM_SECONDS:
        if (view_is(word, "inf")) {
            number = PARAM_NEVER_US;
        } else if (parse_seconds_us(word, &number) != PARSE_OK ||
                   !in_range(spec, (double)number / 1e6)) {
            return false;
        }
        *(int64_t *)field = number;
        return true;
    case PARAM_CHOICE:
        *(int *)field = choice_of(spec->choices, word);
        return *(int *)field >= 0;
    case PARAM_TEXT:
        *(struct view *)field = word;
        return true;
    }
    CHECK_NEVER("a param_type of this enum");
}

static const struct param_spec *spec_of(const struct param_spec *specs, struct view name)
{
    for (; specs != NULL && specs->name != NULL; specs++) {
        if (view_is(name, specs->name)) {
            return specs;
        }
    }
    return NULL;
}

static bool unknown_parameter(const struct param_spec *specs, const char *owner, struct view name,
                              struct err *err)
{
    VEC(const char *) names = {0};
    for (; specs != NULL && specs->name != NULL; specs++) {
        vec_push(&names, specs->name);
    }
    bool has_none = names.count == 0;
    vec_push(&names, NULL);
    const char *nearest = param_nearest(name, names.items);
    if (has_none) {
        (void)err_set(err, ERR_USAGE, 0, "'%s' takes no parameters, found '%.*s'", owner,
                      VIEW_ARG(name));
    } else if (nearest != NULL) {
        (void)err_set(err, ERR_USAGE, 0, "'%s' has no parameter '%.*s'; did you mean '%s'?", owner,
                      VIEW_ARG(name), nearest);
    } else {
        (void)err_set(err, ERR_USAGE, 0, "'%s' has no parameter '%.*s'; 'berth list' shows them",
                      owner, VIEW_ARG(name));
    }
    vec_release(&names);
    return false;
}

static bool bad_value(const struct param_spec *spec, const char *owner, struct view word,
                      struct err *err)
{
    struct text accepted = {0};
    param_add_accepted(&accepted, spec);
    (void)err_set(err, ERR_USAGE, 0, "'%s': %s is '%.*s', expected %s", owner, spec->name,
                  VIEW_ARG(word), accepted.bytes);
    text_release(&accepted);
    return false;
}

/* Does a setting in front of `name`, which points into `settings`, have the same name? */
static bool given_before(struct view settings, struct view name)
{
    for (;;) {
        struct view value;
        CHECK(settings.at != NULL);
        struct view earlier = view_cut(view_cut(settings, ',', &settings), '=', &value);
        if (earlier.at == name.at) {
            return false;
        }
        if (earlier.length == name.length && memcmp(earlier.at, name.at, name.length) == 0) {
            return true;
        }
    }
}

bool param_read(const struct param_spec *specs, const char *owner, struct view settings,
                void *values, struct err *err)
{
    for (const struct param_spec *spec = specs; spec != NULL && spec->name != NULL; spec++) {
        bool accepted = store(spec, view_of(spec->dflt), values);
        CHECK(accepted);
    }
    const struct view all = settings;
    while (settings.length > 0) {
        struct view value = {0};
        struct view name = view_cut(view_cut(settings, ',', &settings), '=', &value);
        const struct param_spec *spec = spec_of(specs, name);
        if (spec == NULL) {
            return unknown_parameter(specs, owner, name, err);
        }
        if (given_before(all, name)) {
            return err_set(err, ERR_USAGE, 0, "'%s': %s is given twice", owner, spec->name);
        }
        if (value.at == NULL || !store(spec, value, values)) {
            return bad_value(spec, owner, value.at == NULL ? view_of("") : value, err);
        }
    }
    return true;
}

void param_add_value(struct text *text, const struct param_spec *spec, const void *values)
{
    const void *field = (const char *)values + spec->offset;
    switch (spec->type) {
    case PARAM_I64:
        text_add_i64(text, *(const int64_t *)field);
        return;
    case PARAM_F64:
        text_addf(text, "%.17g", *(const double *)field);
        return;
    case PARAM_BOOL:
        text_add(text, *(const bool *)field ? "true" : "false");
        return;
    case PARAM_SECONDS:
        if (*(const int64_t *)field == PARAM_NEVER_US) {
            text_add(text, "inf");
        } else {
            text_add_seconds(text, *(const int64_t *)field);
        }
        return;
    case PARAM_CHOICE: {
        struct view rest = view_of(spec->choices);
        struct view choice = view_cut(rest, '|', &rest);
        for (int i = *(const int *)field; i > 0; i--) {
            choice = view_cut(rest, '|', &rest);
        }
        text_add_bytes(text, choice.at, choice.length);
        return;
    }
    case PARAM_TEXT: {
        const struct view *word = field;
        text_add_bytes(text, word->at, word->length);
        return;
    }
    }
}

void param_add_accepted(struct text *text, const struct param_spec *spec)
{
    switch (spec->type) {
    case PARAM_I64:
        text_add(text, "a whole number");
        break;
    case PARAM_F64:
        text_add(text, "a number");
        break;
    case PARAM_BOOL:
        text_add(text, "true or false");
        return;
    case PARAM_SECONDS:
        text_add(text, "seconds");
        break;
    case PARAM_CHOICE:
        text_add(text, "one of ");
        text_add(text, spec->choices);
        return;
    case PARAM_TEXT:
        text_add(text, "a text");
        return;
    }
    bool bounded = spec->min < 0 || spec->min > 0 || spec->max < 0 || spec->max > 0;
    if (bounded && spec->max >= 1e15) {
        text_addf(text, ", %.15g or more", spec->min);
    } else if (bounded) {
        text_addf(text, " from %.15g to %.15g", spec->min, spec->max);
    }
    if (spec->type == PARAM_SECONDS) {
        text_add(text, ", or 'inf'");
    }
}
