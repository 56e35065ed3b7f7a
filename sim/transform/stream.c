/* stream.c - see stream.h. */
#include "sim/transform/stream.h"

#include "sim/base/check.h"
#include "sim/base/siphash.h"
#include "sim/transform/rebuild.h"
#include "sim/transform/repeats.h"
#include "sim/workload/native_write.h"
#include "sim/workload/trace_pieces.h"

/* One going over the file. */
struct pass {
    const struct stream_transform *transform;
    struct trace_pieces *pieces;
    struct out_file *out; /* NULL in the first */
    uint32_t columns;
    bool has_looked; /* ids were looked at before */
    bool has_begun;
    int64_t epoch_us;
    int64_t last_us; /* of the newest row, since the epoch */
    struct text last_id;
    bool keeps_ids;  /* else they have to ascend */
    bool ids_ascend; /* so far: each longer than the one before, or as long and greater */
    struct repeats ids;
    uint64_t count; /* of the jobs that are left */
};

/* Ids like those of a workload (names.h) in which nothing is looked up: no two are equal then. */
static bool comes_behind(struct view id, const struct text *last)
{
    return id.length != last->length ? id.length > last->length
                                     : memcmp(id.at, last->bytes, id.length) > 0;
}

/* False when ids should be kept, and are not. */
static bool look_at_id(struct pass *pass, const char *id)
{
    const struct stream_transform *transform = pass->transform;
    struct view view = view_of(id);
    if (pass->keeps_ids) {
        const struct siphash_key key = {{0, 0}};
        repeats_add(&pass->ids, transform->new_id != NULL ? transform->new_id(transform->state, id)
                                                          : siphash(key, view));
        return true;
    }
    pass->ids_ascend = !pass->has_begun || comes_behind(view, &pass->last_id);
    text_clear(&pass->last_id);
    text_add_bytes(&pass->last_id, view.at, view.length);
    return pass->ids_ascend;
}

/* Times since the epoch, which is the first of them; false when the rows are not in order. */
static bool take_rows(struct pass *pass, struct workload *piece, size_t first)
{
    for (size_t i = first; i < piece->jobs.count; i++) {
        struct job *job = &piece->jobs.items[i];
        if (!pass->has_looked && !look_at_id(pass, names_get(&piece->ids, job->id))) {
            return false;
        }
        if (!pass->has_begun) {
            pass->has_begun = true;
            pass->epoch_us = job->submit_us;
            if (pass->transform->begin != NULL) {
                pass->transform->begin(pass->transform->state, pass->epoch_us);
            }
        }
        job->submit_us -= pass->epoch_us;
        if (job->submit_us < pass->last_us) {
            return false;
        }
        pass->last_us = job->submit_us;
    }
    piece->epoch_us = pass->epoch_us;
    return true;
}

/* Jobs by submit time again; equal times keep their order. */
static void put_in_order(struct workload *piece)
{
    size_t count = piece->jobs.count;
    int64_t *keys = mem_alloc(count, sizeof(*keys));
    for (size_t i = 0; i < count; i++) {
        keys[i] = piece->jobs.items[i].submit_us;
    }
    workload_order(piece, keys);
    free(keys);
}

/* The number of jobs that no later one can come before. */
static size_t settled(const struct pass *pass, const struct workload *piece, bool is_last)
{
    size_t count = piece->jobs.count;
    int64_t until_us = pass->last_us - pass->transform->reorder_us;
    while (!is_last && pass->transform->reorder_us > 0 && count > 0 &&
           piece->jobs.items[count - 1].submit_us > until_us) {
        count--;
    }
    return count;
}

/* Changes a piece of jobs, of which those from `first` on are new, and hands on those that are in
 * their place: *done is how many. */
static bool take_piece(struct pass *pass, struct workload *piece, size_t first, size_t *done)
{
    const struct stream_transform *transform = pass->transform;
    bool is_last = piece->jobs.count == first;
    if (!take_rows(pass, piece, first) ||
        (transform->apply != NULL && !transform->apply(transform->state, piece, first))) {
        return false;
    }
    if (transform->reorder_us > 0 && piece->jobs.count > 0) {
        put_in_order(piece);
    }
    *done = settled(pass, piece, is_last);
    pass->count += *done;
    struct err err = {0};
    uint32_t columns = 0;
    if (pass->out != NULL) {
        native_write_first(pass->out, piece, *done, pass->columns);
    } else if (!native_used_columns(piece, &columns, &err)) {
        return false;
    }
    pass->columns |= columns;
    return piece->jobs.count - *done <= STREAM_MOST_WAITING;
}

/* The jobs from number `from` on, as they are, in a workload of their own. */
static bool carry(const struct workload *piece, size_t from, struct workload *next)
{
    struct job_draft draft;
    struct err err = {0};
    bool ok = true;
    workload_init(next);
    for (size_t i = from; ok && i < piece->jobs.count; i++) {
        rebuild_draft(piece, &piece->jobs.items[i], &draft);
        ok = workload_add(next, &draft, 0, &err);
    }
    /* Times since the epoch again, as those of the piece were. */
    for (size_t i = 0; i < next->jobs.count; i++) {
        next->jobs.items[i].submit_us -= piece->epoch_us;
    }
    return ok;
}

static bool go_over(struct pass *pass)
{
    struct workload piece;
    bool ok = true;
    bool more = true;
    workload_init(&piece);
    while (ok && more) {
        size_t first = piece.jobs.count;
        size_t done = 0;
        struct workload next;
        ok = trace_pieces_next(pass->pieces, &piece);
        more = piece.jobs.count > first;
        ok = ok && take_piece(pass, &piece, first, &done) && carry(&piece, done, &next);
        if (ok) {
            workload_release(&piece);
            piece = next;
        }
    }
    workload_release(&piece);
    return ok;
}

static bool open_pass(struct pass *pass, const struct stream_source *source,
                      const struct stream_transform *transform)
{
    CHECK(transform->reorder_us >= 0);
    *pass = (struct pass){.transform = transform, .ids_ascend = true};
    pass->pieces = trace_pieces_open(source->path, source->format, source->piece_bytes);
    return pass->pieces != NULL;
}

static void close_pass(struct pass *pass)
{
    trace_pieces_free(pass->pieces);
    text_release(&pass->last_id);
    repeats_release(&pass->ids);
}

/* What the result needs, once what is dropped is known. */
static bool look_again(const struct stream_source *source, const struct stream_transform *transform,
                       uint32_t *columns)
{
    struct pass pass;
    if (!open_pass(&pass, source, transform)) {
        return false;
    }
    pass.has_looked = true;
    bool ok = go_over(&pass) && pass.count > 0;
    *columns = pass.columns;
    close_pass(&pass);
    return ok;
}

enum stream_result stream_look(const struct stream_source *source,
                               const struct stream_transform *transform, uint32_t *columns)
{
    bool keeps_ids = transform->new_id != NULL;
    for (;;) {
        struct pass pass;
        if (!open_pass(&pass, source, transform)) {
            return STREAM_UNSUITED;
        }
        pass.keeps_ids = keeps_ids;
        bool ok = go_over(&pass) && pass.count > 0 && !repeats_find(&pass.ids) &&
                  (transform->measured == NULL || transform->measured(transform->state));
        bool again = !ok && !keeps_ids && !pass.ids_ascend;
        *columns = pass.columns;
        close_pass(&pass);
        if (!again) {
            ok = ok && (!transform->looks_twice || look_again(source, transform, columns));
            return ok ? STREAM_DONE : STREAM_UNSUITED;
        }
        keeps_ids = true;
    }
}

enum stream_result stream_write(const struct stream_source *source,
                                const struct stream_transform *transform, uint32_t columns,
                                struct out_file *out, struct err *err)
{
    struct pass pass;
    bool ok = open_pass(&pass, source, transform);
    if (ok) {
        pass.out = out;
        pass.has_looked = true;
        pass.columns = columns;
        native_write_header(&out->text, columns);
        ok = go_over(&pass);
        close_pass(&pass);
    }
    if (!ok) {
        (void)err_set(err, ERR_IO, 0, "%s: changed while it was read", source->path);
        return STREAM_FAILED;
    }
    return STREAM_DONE;
}
