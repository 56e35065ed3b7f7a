/*
 * param.h - parameters declared as data, read by one parser.
 *
 * A policy, a placement rule or a trace format declares what it can be told; users write
 * name:key=value,key=value. The same declaration makes the help, the checks, the defaults and the
 * list of effective values that goes into every result.
 */
#ifndef BASE_PARAM_H
#define BASE_PARAM_H

#include "sim/base/err.h"
#include "sim/base/text.h"
#include "sim/base/view.h"

enum param_type {
    PARAM_I64,     /* int64_t */
    PARAM_F64,     /* double */
    PARAM_BOOL,    /* bool; written true or false */
    PARAM_SECONDS, /* int64_t in microseconds; written in seconds, or "inf" for PARAM_NEVER_US */
    PARAM_CHOICE,  /* int; the position of the word in `choices` */
    PARAM_TEXT,    /* struct view into the settings (or the default), which must outlive the values;
                      for names of files, so without a comma */
};

#define PARAM_NEVER_US INT64_MAX

struct param_spec {
    const char *name;
    enum param_type type;
    size_t offset;       /* of the field in the struct that the values go to */
    const char *dflt;    /* the default, written as a user would */
    double min, max;     /* of numbers, in the unit users write; ignored when both are 0 */
    const char *choices; /* of PARAM_CHOICE: words separated by '|' */
    const char *help;    /* one line; names the unit */
};

/* Fills `values` with the defaults of `specs` (ended by a NULL name; NULL for none), then with
 * `settings` ("key=value,key=value", may be empty). An error names `owner`, what was found and
 * what would have been accepted; `values` is then undefined. */
bool param_read(const struct param_spec *specs, const char *owner, struct view settings,
                void *values, struct err *err);

/* Appends the effective value of one parameter as a user would write it. */
void param_add_value(struct text *text, const struct param_spec *spec, const void *values);

/* Appends the accepted values: "seconds, 0 or more", "strict|skip". */
void param_add_accepted(struct text *text, const struct param_spec *spec);

/* The word of the NULL-ended list `names[]` that is nearest to `wrong` (fewest edits), or NULL when
 * none is near enough to be what was meant. */
const char *param_nearest(struct view wrong, const char *const *names);

#endif
