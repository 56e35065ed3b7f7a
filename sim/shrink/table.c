/* table.c - a CSV taken apart and put together again; see shrink.h. */
#include "sim/shrink/shrink.h"

/* Splits off one field; *rest has a NULL start after the last. */
static char *take_field(struct view line, struct view *rest)
{
    struct text field = {0};
    size_t i = 0;
    text_add(&field, "");
    bool quoted = line.length > 0 && line.at[0] == '"';
    i += quoted;
    while (i < line.length && (quoted || line.at[i] != ',')) {
        bool is_quote = quoted && line.at[i] == '"';
        if (is_quote && i + 1 < line.length && line.at[i + 1] == '"') {
            text_add_char(&field, '"');
            i += 2;
        } else if (is_quote) {
            quoted = false;
            i++;
        } else {
            text_add_char(&field, line.at[i++]);
        }
    }
    *rest = i < line.length ? (struct view){line.at + i + 1, line.length - i - 1}
                            : (struct view){NULL, 0};
    return field.bytes;
}

static bool add_row(struct shrink_table *out, struct view line, int64_t number, struct err *err)
{
    char **row = mem_alloc(out->columns.count, sizeof(*row));
    vec_push(&out->rows, row);
    for (size_t i = 0; i < out->columns.count; i++) {
        if (line.at == NULL) {
            return err_set(err, ERR_FORMAT, number, "has %zu fields, expected %zu", i,
                           out->columns.count);
        }
        row[i] = take_field(line, &line);
    }
    return line.at == NULL || err_set(err, ERR_FORMAT, number, "has more fields than the header");
}

bool shrink_table_read(struct view csv, struct shrink_table *out, struct err *err)
{
    *out = (struct shrink_table){0};
    int64_t number = 0;
    while (csv.length > 0) {
        struct view line = view_trim(view_cut(csv, '\n', &csv));
        number++;
        if (line.length == 0 || line.at[0] == '#') {
            continue;
        }
        if (out->columns.count > 0) {
            if (!add_row(out, line, number, err)) {
                return false;
            }
            continue;
        }
        while (line.at != NULL) {
            char *name = take_field(line, &line);
            vec_push(&out->columns, name);
        }
    }
    return out->rows.count > 0 || err_set(err, ERR_FORMAT, 0, "has no rows");
}

void shrink_table_release(struct shrink_table *table)
{
    for (size_t i = 0; i < table->rows.count; i++) {
        for (size_t k = 0; k < table->columns.count; k++) {
            free(table->rows.items[i][k]);
        }
        free(table->rows.items[i]);
    }
    for (size_t k = 0; k < table->columns.count; k++) {
        free(table->columns.items[k]);
    }
    vec_release(&table->rows);
    vec_release(&table->columns);
}

void shrink_table_add(struct text *out, const struct shrink_table *table)
{
    for (size_t k = 0; k < table->columns.count; k++) {
        text_add(out, k > 0 ? "," : "");
        text_add_csv(out, table->columns.items[k]);
    }
    text_add_char(out, '\n');
    for (size_t i = 0; i < table->rows.count; i++) {
        for (size_t k = 0; k < table->columns.count; k++) {
            text_add(out, k > 0 ? "," : "");
            text_add_csv(out, table->rows.items[i][k]);
        }
        text_add_char(out, '\n');
    }
}
