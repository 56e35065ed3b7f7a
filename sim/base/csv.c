/* csv.c - see csv.h. */
#include "sim/base/csv.h"

#include "sim/base/check.h"

void csv_init(struct csv *csv, char *text, size_t length, char separator)
{
    CHECK(text != NULL || length == 0);
    csv->at = text;
    csv->end = length > 0 ? text + length : text;
    csv->separator = separator;
    csv->unquoted = false;
    csv->line = 0;
    csv->newlines = 0;
    csv->count = 0;
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        csv->at += 3;
    }
}

static bool add_field(struct csv *csv, const char *start, size_t length, struct err *err)
{
    if (csv->count == CSV_MOST_FIELDS) {
        return err_set(err, ERR_FORMAT, csv->line, "more than %d fields in one row",
                       CSV_MOST_FIELDS);
    }
    csv->fields[csv->count++] = (struct view){start, length};
    return true;
}

/* A field that starts with a quote, unquoted in place. Leaves csv->at on the character behind the
 * closing quote. */
static bool quoted_field(struct csv *csv, struct err *err)
{
    char *start = csv->at;
    char *to = start;
    char *from = start + 1;
    for (;; from++) {
        if (from >= csv->end) {
            return err_set(err, ERR_FORMAT, csv->line, "a quoted field is never closed");
        }
        if (*from == '"') {
            if (from + 1 >= csv->end || from[1] != '"') {
                break;
            }
            from++;
        }
        csv->newlines += *from == '\n' ? 1 : 0;
        *to++ = *from;
    }
    csv->at = from + 1;
    return add_field(csv, start, (size_t)(to - start), err);
}

/* A field without quotes, up to the next separator or `line_end`. */
static bool plain_field(struct csv *csv, char *line_end, struct err *err)
{
    char *start = csv->at;
    char *stop = memchr(start, csv->separator, (size_t)(line_end - start));
    stop = stop == NULL ? line_end : stop;
    size_t length = (size_t)(stop - start);
    if (stop == line_end && length > 0 && start[length - 1] == '\r') {
        length--;
    }
    csv->at = stop;
    return add_field(csv, start, length, err);
}

/* Passes over line ends; the row starts at the first other byte. */
static void skip_empty_lines(struct csv *csv)
{
    while (csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r')) {
        csv->newlines += *csv->at == '\n' ? 1 : 0;
        csv->at++;
    }
}

bool csv_next(struct csv *csv, struct err *err)
{
    err->code = ERR_NONE;
    skip_empty_lines(csv);
    csv->count = 0;
    csv->line = csv->newlines + 1;
    if (csv->at >= csv->end) {
        return false;
    }
    char *line_end = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
    line_end = line_end == NULL ? csv->end : line_end;
    for (;;) {
        bool quoted = !csv->unquoted && csv->at < csv->end && *csv->at == '"';
        if (!(quoted ? quoted_field(csv, err) : plain_field(csv, line_end, err))) {
            return false;
        }
        if (quoted && csv->at > line_end) {
            line_end = memchr(csv->at, '\n', (size_t)(csv->end - csv->at));
            line_end = line_end == NULL ? csv->end : line_end;
        }
        if (quoted && csv->at < line_end && *csv->at == '\r' && csv->at + 1 == line_end) {
            csv->at++;
        }
        if (csv->at == line_end) {
            break;
        }
        if (*csv->at != csv->separator) {
            return err_set(err, ERR_FORMAT, csv->line,
                           "a closing quote is followed by '%c'; expected a separator or the end "
                           "of the line",
                           *csv->at == '\0' ? '?' : *csv->at);
        }
        csv->at++;
    }
    if (csv->at < csv->end) {
        csv->at++;
        csv->newlines++;
    }
    return true;
}

int csv_column(const struct csv *csv, const char *name)
{
    for (uint32_t i = 0; i < csv->count; i++) {
        if (view_is(csv->fields[i], name)) {
            return (int)i;
        }
    }
    return -1;
}
