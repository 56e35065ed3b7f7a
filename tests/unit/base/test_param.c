/* test_param.c - declared parameters: defaults, checks, suggestions, effective values. */
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include <criterion/criterion.h>

#include "sim/base/param.h"

enum mode { MODE_STRICT, MODE_SKIP, MODE_SKIPPER };

struct sample {
    int64_t depth;
    double weight;
    bool loud;
    int64_t period_us;
    int64_t free_us;
    int mode;
    struct view from;
};

static const struct param_spec SPECS[] = {
    {"depth", PARAM_I64, offsetof(struct sample, depth), "100", 1, 1000, NULL, "jobs looked at"},
    {"weight", PARAM_F64, offsetof(struct sample, weight), "0.5", 0, 1, NULL, "share of the past"},
    {"loud", PARAM_BOOL, offsetof(struct sample, loud), "false", 0, 0, NULL, "say more"},
    {"period", PARAM_SECONDS, offsetof(struct sample, period_us), "1.5", 0, 1e15, NULL, "seconds"},
    {"free", PARAM_SECONDS, offsetof(struct sample, free_us), "inf", 0, 0, NULL, "seconds"},
    {"mode", PARAM_CHOICE, offsetof(struct sample, mode), "skip", 0, 0, "strict|skip|skipper",
     "what to do when the head does not fit"},
    {"from", PARAM_TEXT, offsetof(struct sample, from), "", 0, 0, NULL, "a file"},
    {0},
};

static void reads(const char *settings, struct sample *out)
{
    struct err err = {0};
    cr_assert(param_read(SPECS, "demo", view_of(settings), out, &err), "%s", err.msg);
}

static void refused(const char *settings, const char *message)
{
    struct err err = {0};
    struct sample values;
    cr_assert(!param_read(SPECS, "demo", view_of(settings), &values, &err), "'%s'", settings);
    cr_assert_eq(err.code, ERR_USAGE);
    cr_assert_str_eq(err.msg, message, "'%s' gave '%s'", settings, err.msg);
}

Test(param, defaults_are_those_declared)
{
    struct sample values;
    memset(&values, 0x55, sizeof(values));
    reads("", &values);
    cr_assert_eq(values.depth, 100);
    cr_assert_float_eq(values.weight, 0.5, 0);
    cr_assert(!values.loud);
    cr_assert_eq(values.period_us, 1500000);
    cr_assert_eq(values.free_us, PARAM_NEVER_US);
    cr_assert_eq(values.mode, MODE_SKIP);
}

Test(param, settings_replace_defaults)
{
    struct sample values;
    reads("mode=strict,depth=7,weight=1e-1,loud=true,period=inf,free=0.25", &values);
    cr_assert_eq(values.depth, 7);
    cr_assert_float_eq(values.weight, 0.1, 0);
    cr_assert(values.loud);
    cr_assert_eq(values.period_us, PARAM_NEVER_US);
    cr_assert_eq(values.free_us, 250000);
    cr_assert_eq(values.mode, MODE_STRICT);
    reads("mode=skipper,", &values);
    cr_assert_eq(values.mode, MODE_SKIPPER);
}

Test(param, only_the_view_is_read)
{
    struct sample values;
    struct err err = {0};
    cr_assert(param_read(SPECS, "demo", (struct view){"depth=12345", 8}, &values, &err));
    cr_assert_eq(values.depth, 12);
}

Test(param, ranges_include_their_ends)
{
    struct sample values;
    reads("depth=1,weight=0", &values);
    reads("depth=1000,weight=1", &values);
    refused("depth=0", "'demo': depth is '0', expected a whole number from 1 to 1000");
    refused("depth=1001", "'demo': depth is '1001', expected a whole number from 1 to 1000");
    refused("weight=1.0001", "'demo': weight is '1.0001', expected a number from 0 to 1");
    refused("weight=-0.1", "'demo': weight is '-0.1', expected a number from 0 to 1");
    refused("period=-1", "'demo': period is '-1', expected seconds, 0 or more, or 'inf'");
}

Test(param, values_of_the_wrong_kind_are_refused)
{
    refused("depth=1.5", "'demo': depth is '1.5', expected a whole number from 1 to 1000");
    refused("depth=", "'demo': depth is '', expected a whole number from 1 to 1000");
    refused("depth", "'demo': depth is '', expected a whole number from 1 to 1000");
    refused("depth=inf", "'demo': depth is 'inf', expected a whole number from 1 to 1000");
    refused("weight=nan", "'demo': weight is 'nan', expected a number from 0 to 1");
    refused("loud=yes", "'demo': loud is 'yes', expected true or false");
    refused("free=soon", "'demo': free is 'soon', expected seconds, or 'inf'");
    refused("period=1e300", "'demo': period is '1e300', expected seconds, 0 or more, or 'inf'");
    refused("mode=strictly", "'demo': mode is 'strictly', expected one of strict|skip|skipper");
    refused("mode=ski", "'demo': mode is 'ski', expected one of strict|skip|skipper");
    refused("mode=strict|skip",
            "'demo': mode is 'strict|skip', expected one of strict|skip|skipper");
    refused("mode=", "'demo': mode is '', expected one of strict|skip|skipper");
    refused("loud=a=b", "'demo': loud is 'a=b', expected true or false");
}

Test(param, unknown_names_get_a_suggestion)
{
    refused("dept=3", "'demo' has no parameter 'dept'; did you mean 'depth'?");
    refused("wieght=3", "'demo' has no parameter 'wieght'; did you mean 'weight'?");
    refused("Mode=skip", "'demo' has no parameter 'Mode'; did you mean 'mode'?");
    refused("quantum=3", "'demo' has no parameter 'quantum'; 'berth list' shows them");
    refused("=3", "'demo' has no parameter ''; 'berth list' shows them");
    refused(",depth=3", "'demo' has no parameter ''; 'berth list' shows them");
}

Test(param, a_setting_given_twice_is_refused)
{
    refused("depth=3,depth=3", "'demo': depth is given twice");
    refused("depth=3,loud=true,weight=0,depth=4", "'demo': depth is given twice");
}

Test(param, a_thing_without_parameters_says_so)
{
    struct err err = {0};
    cr_assert(param_read(NULL, "null", view_of(""), NULL, &err));
    cr_assert(!param_read(NULL, "null", view_of("a=1"), NULL, &err));
    cr_assert_str_eq(err.msg, "'null' takes no parameters, found 'a'");
}

Test(param, a_default_out_of_its_range_is_a_failed_check, .signal = SIGABRT)
{
    static const struct param_spec BAD[] = {
        {"depth", PARAM_I64, 0, "5", 10, 20, NULL, "a mistake of ours"}, {0}};
    int64_t value = 0;
    struct err err = {0};
    (void)param_read(BAD, "bad", view_of(""), &value, &err);
}

Test(param, effective_values_read_back_to_themselves)
{
    struct sample first;
    struct sample second;
    reads("depth=77,weight=0.1,loud=true,period=0.000001,free=inf,mode=skipper,from=x", &first);
    struct text text = {0};
    for (const struct param_spec *spec = SPECS; spec->name != NULL; spec++) {
        text_addf(&text, "%s%s=", text.length > 0 ? "," : "", spec->name);
        param_add_value(&text, spec, &first);
    }
    cr_assert_str_eq(text.bytes, "depth=77,weight=0.10000000000000001,loud=true,period=0.000001,"
                                 "free=inf,mode=skipper,from=x");
    reads(text.bytes, &second);
    cr_assert_eq(second.depth, 77);
    cr_assert_float_eq(second.weight, first.weight, 0);
    cr_assert_eq(second.period_us, 1);
    cr_assert_eq(second.mode, MODE_SKIPPER);
    text_release(&text);
}

Test(param, nearest_takes_the_fewest_edits_or_nothing)
{
    static const char *const NAMES[] = {"fifo", "sjf", "srtf", "easy", "conservative", NULL};
    cr_assert_str_eq(param_nearest(view_of("fif"), NAMES), "fifo");
    cr_assert_str_eq(param_nearest(view_of("srft"), NAMES), "srtf");
    cr_assert_str_eq(param_nearest(view_of("conservatve"), NAMES), "conservative");
    cr_assert_null(param_nearest(view_of("zzzzzz"), NAMES));
    cr_assert_null(param_nearest(view_of(""), NAMES));
    char longer[500];
    memset(longer, 'a', sizeof(longer));
    cr_assert_null(param_nearest((struct view){longer, sizeof(longer)}, NAMES));
    /* Of equals the first of the list, so that the answer does not depend on anything else. */
    static const char *const EQUALS[] = {"ab", "ac", NULL};
    cr_assert_str_eq(param_nearest(view_of("ad"), EQUALS), "ab");
}

Test(param, texts_are_kept_as_they_are)
{
    struct sample values;
    reads("from=../a folder/x=1.json,depth=2", &values);
    cr_assert(view_is(values.from, "../a folder/x=1.json"));
    struct text text = {0};
    param_add_value(&text, &SPECS[6], &values);
    cr_assert_str_eq(text.bytes, "../a folder/x=1.json");
    text_release(&text);
    reads("", &values);
    cr_assert_eq(values.from.length, 0);
}
