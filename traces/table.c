/*
 * table.c - any CSV at all, read by a map of its columns (sim/workload/column_map.h):
 *
 *     --format table:job_id=JobID,submit_s=start/1000,duration_s=end - start,gpus=1
 *
 * which --columns writes shorter. Fields may be separated by commas, tabs, semicolons or bars: by
 * whichever gives a header that has the columns of the map. Without `job_id` the number of the row
 * is the job's id. A table is never found out by its content.
 */
#include <inttypes.h>

#include "sim/workload/column_map.h"
#include "sim/workload/trace_format.h"

enum { MOST_ROW_NUMBER = 24 };

/* Passes over lines that start with '#', unless the first of them is all there is to a header. */
static void skip_comments(struct csv *table)
{
    while (table->at < table->end && *table->at == '#') {
        char *line_end = memchr(table->at, '\n', (size_t)(table->end - table->at));
        table->newlines += line_end != NULL ? 1 : 0;
        table->at = line_end == NULL ? table->end : line_end + 1;
    }
}

/* Reads the header of a copy of the text's first lines with this separator; the fields lie in the
 * copy, which the caller frees. False when there is none. */
static bool try_header(const struct file *file, char separator, struct csv *table, char **copy,
                       struct err *err)
{
    struct view head = trace_head(file);
    *copy = mem_copy_text(head.at, head.length);
    csv_init(table, *copy, head.length, separator);
    skip_comments(table);
    return csv_next(table, err);
}

/* The separator under which the map finds its columns. When there is none, *err says what is
 * missing under the one that makes the most fields. */
static bool find_separator(struct view mapping, const struct file *file, char *out, struct err *err)
{
    static const char separators[] = ",\t;|";
    struct column_map *map = mem_alloc(1, sizeof(*map));
    uint32_t most = 0;
    bool found = false;
    for (const char *s = separators; !found && *s != '\0'; s++) {
        struct csv table;
        char *copy = NULL;
        struct err problem = {0};
        bool has_header = try_header(file, *s, &table, &copy, &problem);
        found = has_header && column_map_read(mapping, &table, map, &problem);
        if (found) {
            *out = *s;
        } else if (!has_header || table.count > most) {
            *err = most == 0 || has_header ? problem : *err;
            most = has_header ? table.count : most;
        }
        free(copy);
    }
    if (!found && err->code == ERR_NONE) {
        (void)err_set(err, ERR_FORMAT, 1, "the file is empty, expected a header line");
    }
    free(map);
    return found;
}

static void add_notes(const struct column_map *map, const struct csv *table, struct workload *out)
{
    uint32_t mapped = 0;
    for (int i = 0; i < NATIVE_COLUMN_COUNT; i++) {
        mapped += map->sources[i].term_count;
    }
    workload_note(out, "a table of %u columns, read by a map that uses %u of them", table->count,
                  mapped);
    if (map->sources[NATIVE_JOB_ID].text.at == NULL) {
        workload_note(out, "ids are row numbers");
    }
    if (map->unknown_states > 0) {
        workload_note(out, "%" PRIu64 " jobs ended in a state that has no meaning here",
                      map->unknown_states);
    }
    if (map->missing_words > 0) {
        workload_note(out, "%" PRIu64 " fields such as 'null' or 'N/A' were read as empty",
                      map->missing_words);
    }
}

/* A row of the table, bound to the columns of the native CSV. */
static bool read_row(struct column_map *map, struct csv *table, struct workload *out,
                     struct text *models, struct err *err)
{
    struct job_draft draft;
    return column_map_row(map, table, err) && native_row_read(&map->row, &draft, err) &&
           native_row_speeds(&map->row, &out->speeds, &draft, models, err) &&
           workload_add(out, &draft, table->line, err);
}

static bool read_rows(struct column_map *map, struct csv *table, struct workload *out,
                      struct err *err)
{
    struct text models = {0};
    bool ok = true;
    uint32_t field_count = table->count;
    char number[MOST_ROW_NUMBER];
    while (ok && csv_next(table, err)) {
        if (table->count != field_count) {
            ok =
                err_set(err, ERR_FORMAT, table->line,
                        "found %u fields, expected %u as in the header", table->count, field_count);
        }
        if (ok && map->sources[NATIVE_JOB_ID].text.at == NULL) {
            (void)snprintf(number, sizeof(number), "%zu", out->jobs.count + 1);
            map->row.csv.fields[NATIVE_JOB_ID] = view_of(number);
        }
        ok = ok && read_row(map, table, out, &models, err);
    }
    text_release(&models);
    table->count = field_count;
    return ok && err->code == ERR_NONE;
}

static bool table_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    const struct view *mapping = params;
    char separator = ',';
    err->code = ERR_NONE;
    if (mapping->length == 0) {
        return err_set(err, ERR_USAGE, 0,
                       "a table needs a map of its columns, as in --columns "
                       "job_id=JobID,submit_s=start/1000,duration_s=run,gpus=1");
    }
    if (!find_separator(*mapping, file, &separator, err)) {
        return false;
    }
    struct csv *table = mem_alloc(1, sizeof(*table));
    struct column_map *map = mem_alloc(1, sizeof(*map));
    csv_init(table, file->bytes, file->length, separator);
    skip_comments(table);
    bool ok = csv_next(table, err) && column_map_read(*mapping, table, map, err) &&
              read_rows(map, table, out, err);
    if (ok) {
        add_notes(map, table, out);
    }
    free(map);
    free(table);
    return ok;
}

extern const struct trace_format trace_format_table;
const struct trace_format trace_format_table = {
    .name = "table",
    .help =
        "any CSV: table:job_id=ID,submit_s=start/1000,duration_s=end - start,gpus=1 (--columns)",
    .params_size = sizeof(struct view),
    .raw_settings = true,
    .read = table_read,
};
