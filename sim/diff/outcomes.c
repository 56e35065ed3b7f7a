/* outcomes.c - see outcomes.h. */
#include "sim/diff/outcomes.h"

#include "sim/base/csv.h"
#include "sim/base/file.h"
#include "sim/base/parse.h"

enum { ID, QUEUE, GPUS, SUBMIT, START, END, WAIT, PREEMPTIONS, STATE, COLUMNS };

enum { MOST_PREEMPTIONS = 1000000000 };

static const char *const COLUMN_NAMES[COLUMNS] = {
    "job_id", "queue", "gpus", "submit_s", "start_s", "end_s", "wait_s", "preemptions", "state",
};

static bool find_columns(const struct csv *csv, int column[COLUMNS], struct err *err)
{
    for (int i = 0; i < COLUMNS; i++) {
        column[i] = csv_column(csv, COLUMN_NAMES[i]);
        if (column[i] < 0) {
            return err_set(err, ERR_FORMAT, csv->line,
                           "has no column %s, expected a run's jobs.csv", COLUMN_NAMES[i]);
        }
    }
    return true;
}

/* A number of seconds or thousandths; an empty field is `missing` where that is allowed. */
static bool read_scaled(const struct csv *csv, const int column[COLUMNS], int which, int64_t scale,
                        int64_t *out, struct err *err)
{
    struct view field = csv->fields[column[which]];
    bool may_miss = which == START || which == END;
    if (may_miss && view_trim(field).length == 0) {
        *out = OUTCOME_NEVER_US;
        return true;
    }
    enum parse_result result = parse_scaled(field, scale, out);
    return result == PARSE_OK ||
           err_set(err, ERR_FORMAT, csv->line, "%s '%.*s' %s", COLUMN_NAMES[which], VIEW_ARG(field),
                   parse_problem(result));
}

static bool read_row(const struct csv *csv, const int column[COLUMNS], struct outcomes *out,
                     struct err *err)
{
    struct outcome row;
    bool is_new;
    if (!read_scaled(csv, column, GPUS, 1000, &row.gpu_milli, err) ||
        !read_scaled(csv, column, SUBMIT, 1000000, &row.submit_us, err) ||
        !read_scaled(csv, column, START, 1000000, &row.start_us, err) ||
        !read_scaled(csv, column, END, 1000000, &row.end_us, err) ||
        !read_scaled(csv, column, WAIT, 1000000, &row.wait_us, err) ||
        !read_scaled(csv, column, PREEMPTIONS, 1, &row.preemptions, err)) {
        return false;
    }
    if (row.preemptions < 0 || row.preemptions > MOST_PREEMPTIONS) {
        return err_set(err, ERR_FORMAT, csv->line, "preemptions '%.*s', expected 0 to %d",
                       VIEW_ARG(csv->fields[column[PREEMPTIONS]]), MOST_PREEMPTIONS);
    }
    struct view id = csv->fields[column[ID]];
    (void)names_add(&out->jobs, id, &is_new);
    if (!is_new) {
        return err_set(err, ERR_FORMAT, csv->line, "job '%.*s' is there twice", VIEW_ARG(id));
    }
    row.queue = names_add(&out->queues, csv->fields[column[QUEUE]], NULL);
    row.state = names_get(&out->states, names_add(&out->states, csv->fields[column[STATE]], NULL));
    vec_push(&out->rows, row);
    return true;
}

static bool read_rows(struct file *file, struct outcomes *out, struct err *err)
{
    struct csv csv;
    int column[COLUMNS];
    csv_init(&csv, file->bytes, file->length, ',');
    *err = (struct err){0};
    if (!csv_next(&csv, err)) {
        return err->code != ERR_NONE ||
               err_set(err, ERR_FORMAT, 0, "is empty, expected a run's jobs.csv");
    }
    uint32_t fields = csv.count;
    if (!find_columns(&csv, column, err)) {
        return false;
    }
    while (csv_next(&csv, err)) {
        if (csv.count != fields) {
            return err_set(err, ERR_FORMAT, csv.line, "has %u fields, expected %u", csv.count,
                           fields);
        }
        if (!read_row(&csv, column, out, err)) {
            return false;
        }
    }
    return err->code == ERR_NONE;
}

bool outcomes_read(const char *folder, struct outcomes *out, struct err *err)
{
    *out = (struct outcomes){0};
    struct text path = {0};
    text_addf(&path, "%s/jobs.csv", folder);
    struct file file;
    bool ok = file_read(path.bytes, FILE_MOST_BYTES, &file, err);
    if (ok) {
        ok = read_rows(&file, out, err) || err_locate(err, path.bytes);
        file_release(&file);
    }
    if (!ok) {
        outcomes_release(out);
    }
    text_release(&path);
    return ok;
}

void outcomes_release(struct outcomes *outcomes)
{
    names_release(&outcomes->jobs);
    names_release(&outcomes->queues);
    names_release(&outcomes->states);
    vec_release(&outcomes->rows);
}
