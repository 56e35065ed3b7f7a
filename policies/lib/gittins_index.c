/* gittins_index.c - see gittins_index.h. */
#include "policies/lib/gittins_index.h"

#include <inttypes.h>
#include <stdio.h>

#include "sim/base/check.h"
#include "sim/base/file.h"
#include "sim/base/parse.h"

enum { MOST_HISTORY_BYTES = 1 << 26, LONGEST_NUMBER = 64 };

void gittins_index_release(struct gittins_index *index)
{
    vec_release(&index->services);
    vec_release(&index->sums);
    vec_release(&index->codes);
}

static bool read_lines(struct gittins_index *index, const struct file *file, const char *name,
                       struct err *err)
{
    struct view rest = {file->bytes, file->length};
    for (int64_t line = 1; rest.at != NULL; line++) {
        struct view text = view_trim(view_cut(rest, '\n', &rest));
        double service_s = 0;
        if (text.length == 0) {
            continue;
        }
        if (parse_f64(text, &service_s) == PARSE_OK && service_s >= 0) {
            vec_push(&index->services, service_s);
        } else if (line > 1) {
            return err_set(err, ERR_FORMAT, line,
                           "%s:%" PRId64 ": found '%.*s', expected seconds of service", name, line,
                           VIEW_ARG(text));
        }
    }
    return index->services.count > 0 ||
           err_set(err, ERR_FORMAT, 1, "%s: expected a number a line, found none", name);
}

bool gittins_index_read(struct gittins_index *index, struct view path, struct err *err)
{
    struct file file;
    char *name = mem_copy_text(path.at, path.length);
    bool ok = file_read(name, MOST_HISTORY_BYTES, &file, err);
    if (ok) {
        ok = read_lines(index, &file, name, err);
        file_release(&file);
    }
    free(name);
    return ok;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* How many services are at most this. */
static size_t count_up_to(const struct gittins_index *index, double service_s)
{
    size_t low = 0;
    size_t high = index->services.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->services.items[middle] <= service_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* To so many decimals, to the nearest, by way of text as the simulator's language does it. */
static double rounded(double value, int decimals)
{
    char text[LONGEST_NUMBER];
    int length = snprintf(text, sizeof(text), "%.*f", decimals, value);
    CHECK(length > 0 && (size_t)length < sizeof(text));
    double result = 0;
    enum parse_result parsed = parse_f64((struct view){text, (size_t)length}, &result);
    CHECK(parsed == PARSE_OK);
    return result;
}

/* The variant's index of a job that has had a second less than the service in this place. */
static double code_at(const struct gittins_index *index, size_t place)
{
    size_t count = index->services.count;
    double a = index->services.items[place] - 1;
    double last = index->services.items[count - 1] - 1;
    if (a > last) {
        return 0;
    }
    size_t from = count_up_to(index, a);
    size_t to = a + index->ahead_s > last ? count - 1 : count_up_to(index, a + index->ahead_s);
    to = to < from ? from : to;
    double left = (double)(count - from);
    double chance = rounded((double)(to - from) / left, 5);
    double cost =
        index->sums.items[to] - index->sums.items[from] + index->ahead_s * (double)(count - to);
    cost = rounded(cost / left, 5);
    return cost > 0 ? rounded(chance * 1000000 / cost, 4) : 0;
}

void gittins_index_build(struct gittins_index *index, double ahead_s)
{
    size_t count = index->services.count;
    index->ahead_s = ahead_s;
    vec_clear(&index->sums);
    vec_clear(&index->codes);
    vec_push(&index->sums, 0.0);
    if (count == 0) {
        return;
    }
    qsort(index->services.items, count, sizeof(*index->services.items), compare);
    for (size_t i = 0; i < count; i++) {
        vec_push(&index->sums, index->sums.items[i] + index->services.items[i]);
    }
    for (size_t i = 0; i < count; i++) {
        vec_push(&index->codes, code_at(index, i));
    }
}

double gittins_index_of(const struct gittins_index *index, double service_s)
{
    size_t count = index->services.count;
    size_t from = count_up_to(index, service_s);
    size_t to = count_up_to(index, service_s + index->ahead_s);
    if (from == count) {
        return 0;
    }
    double within = index->sums.items[to] - index->sums.items[from];
    within -= service_s * (double)(to - from);
    double cost = within + index->ahead_s * (double)(count - to);
    return cost > 0 ? (double)(to - from) / cost : 0;
}

double gittins_index_of_code(const struct gittins_index *index, double service_s)
{
    size_t next = count_up_to(index, service_s);
    return next < index->services.count ? index->codes.items[next] : 0;
}
