/*
 * test_line_ends.c - every sample says the same with other line ends, without the last one, with
 * empty lines behind it, and, where it is a CSV, with every field in quotes: traps that no importer
 * may know one by one.
 */
#include <dirent.h>

#include <criterion/criterion.h>

#include "equal.h"
#include "sample.h"
#include "sim/base/csv.h"

/* Formats that must be named; the others are found out. */
static const char *format_of(const char *sample)
{
    return strcmp(sample, "table.tsv") == 0
               ? "table:job_id=Job,submit_s=start ms/1000,duration_s=run-hours*3600,gpus=gpus*2"
               : NULL;
}

static bool read_text(struct view text, const char *format, struct workload *out, struct err *err)
{
    struct file file = {.bytes = mem_copy_text(text.at, text.length), .length = text.length};
    bool ok = trace_read_text(&file, format, out, err);
    file_release(&file);
    return ok;
}

/* `text` with other line ends, and this behind the last line instead of its own end. */
static void end_lines(struct view text, const char *end, const char *last, struct text *out)
{
    while (text.length > 0 &&
           (text.at[text.length - 1] == '\n' || text.at[text.length - 1] == '\r')) {
        text.length--;
    }
    text_clear(out);
    for (size_t i = 0; i < text.length; i++) {
        bool is_crlf = text.at[i] == '\r' && i + 1 < text.length && text.at[i + 1] == '\n';
        if (text.at[i] == '\n') {
            text_add(out, end);
        } else if (!is_crlf) {
            text_add_char(out, text.at[i]);
        }
    }
    text_add(out, last);
}

/* The same rows with a quote at both ends of every field; remarks and the empty stay. */
static void quote_fields(struct view text, struct text *out)
{
    char *copy = mem_copy_text(text.at, text.length);
    struct csv csv;
    struct err err = {0};
    text_clear(out);
    char *at = copy;
    while (*at == '#') {
        at = strchr(at, '\n') + 1;
    }
    text_add_bytes(out, text.at, (size_t)(at - copy));
    csv_init(&csv, at, text.length - (size_t)(at - copy), ',');
    while (csv_next(&csv, &err)) {
        for (uint32_t i = 0; i < csv.count; i++) {
            text_add(out, i > 0 ? ",\"" : "\"");
            for (size_t k = 0; k < csv.fields[i].length; k++) {
                text_add(out, csv.fields[i].at[k] == '"' ? "\"" : "");
                text_add_char(out, csv.fields[i].at[k]);
            }
            text_add_char(out, '"');
        }
        text_add_char(out, '\n');
    }
    free(copy);
}

static void expect_equal_text(const char *sample, const char *how, const struct text *text,
                              const struct workload *expected)
{
    struct workload again;
    struct err err = {0};
    bool ok = read_text((struct view){text->bytes, text->length}, format_of(sample), &again, &err);
    cr_assert(ok, "%s %s: line %d: %s", sample, how, (int)err.line, err.msg);
    expect_equal_workloads(expected, &again, sample);
    workload_release(&again);
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name);
    return length >= strlen(end) && strcmp(name + length - strlen(end), end) == 0;
}

/* False when the sample is no trace, or one that needs another file. */
static bool try_sample(const char *sample, uint32_t *quoted)
{
    struct text path = {0};
    struct text text = {0};
    struct file file = {0};
    struct workload workload;
    struct err err = {0};
    text_addf(&path, "tests/data/traces/%s", sample);
    cr_assert(file_read(path.bytes, 1 << 20, &file, &err), "%s", err.msg);
    struct view whole = {file.bytes, file.length};
    bool ok = read_text(whole, format_of(sample), &workload, &err);
    if (ok) {
        end_lines(whole, "\n", "\n", &text);
        expect_equal_text(sample, "with LF", &text, &workload);
        end_lines(whole, "\r\n", "\r\n", &text);
        expect_equal_text(sample, "with CRLF", &text, &workload);
        end_lines(whole, "\n", "", &text);
        expect_equal_text(sample, "without the last LF", &text, &workload);
        end_lines(whole, "\r\n", "", &text);
        expect_equal_text(sample, "without the last CRLF", &text, &workload);
        end_lines(whole, "\r\n", "\r\n\r\n\n\n", &text);
        expect_equal_text(sample, "with empty lines behind", &text, &workload);
        /* Tables of PAI have no header: they are known by their first row as it is written. */
        if (ends_with(sample, ".csv") && strcmp(workload.format, "pai") != 0) {
            quote_fields(whole, &text);
            expect_equal_text(sample, "with quotes", &text, &workload);
            (*quoted)++;
        }
        workload_release(&workload);
    }
    file_release(&file);
    text_release(&path);
    text_release(&text);
    return ok;
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

Test(line_ends, and_quotes_change_nothing_in_any_sample)
{
    struct dirent **entries = NULL;
    int count = scandir("tests/data/traces", &entries, not_hidden, alphasort);
    uint32_t traces = 0;
    uint32_t quoted = 0;
    for (int i = 0; i < count; i++) {
        traces += try_sample(entries[i]->d_name, &quoted) ? 1 : 0;
        free(entries[i]);
    }
    free(entries);
    cr_assert_geq(traces, 34, "%u", traces);
    cr_assert_geq(quoted, 26, "%u", quoted);
}
