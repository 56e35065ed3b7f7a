/* trace_pieces.c - see trace_pieces.h. Each piece is read as a small file of its own, with the
 * header of the whole in front. */
#include "sim/workload/trace_pieces.h"

#include "sim/base/guard.h"
#include "sim/base/in_file.h"
#include "sim/workload/trace_format.h"

struct trace_pieces {
    struct in_file *file;
    struct trace_choice choice;
    size_t piece_bytes;
    bool is_at_end;    /* of the file: `text` has the rest */
    struct text text;  /* the header, then rows; the last of them may be cut off */
    size_t head_bytes; /* what comes before the rows: remarks, the header */
    struct text piece;
};

/* Reads on until the text holds `bytes` and a line end behind them, or all there is. */
static bool read_on(struct trace_pieces *pieces, size_t bytes)
{
    size_t fresh = 0; /* what is known to have no line end behind `bytes` */
    while (!pieces->is_at_end) {
        size_t from = bytes > fresh ? bytes : fresh;
        if (pieces->text.length > from &&
            memchr(pieces->text.bytes + from, '\n', pieces->text.length - from) != NULL) {
            return true;
        }
        fresh = pieces->text.length;
        if (fresh > bytes + GUARD_LONGEST_LINE) {
            return false;
        }
        enum in_file_result result = in_file_read(pieces->file, &pieces->text);
        if (result == IN_FILE_BAD) {
            return false;
        }
        pieces->is_at_end = result == IN_FILE_END;
    }
    return true;
}

/* Up to the end of the first line that is neither empty nor a remark. */
static size_t head_length(const struct text *text)
{
    size_t at = 0;
    while (at < text->length) {
        const char *line = text->bytes + at;
        const char *end = memchr(line, '\n', text->length - at);
        if (end == NULL) {
            return text->length;
        }
        at = (size_t)(end - text->bytes) + 1;
        if (line[0] != '#' && line[0] != '\n' && line[0] != '\r') {
            break;
        }
    }
    return at;
}

static bool choose(struct trace_pieces *pieces, const char *format)
{
    struct err err = {0};
    const size_t head =
        pieces->text.length < TRACE_HEAD_BYTES ? pieces->text.length : TRACE_HEAD_BYTES;
    const struct trace_format *found =
        head == 0 ? NULL : trace_format_detect((struct view){pieces->text.bytes, head});
    if (format == NULL && found == NULL) {
        return false;
    }
    return trace_format_choose(format == NULL ? found->name : format, &pieces->choice, &err) &&
           strcmp(pieces->choice.format->name, "native") == 0;
}

struct trace_pieces *trace_pieces_open(const char *path, const char *format, size_t piece_bytes)
{
    struct in_file *file = in_file_open(path);
    if (file == NULL) {
        return NULL;
    }
    struct trace_pieces *pieces = mem_alloc(1, sizeof(*pieces));
    *pieces = (struct trace_pieces){.file = file, .piece_bytes = piece_bytes};
    if (!read_on(pieces, TRACE_HEAD_BYTES) || !choose(pieces, format)) {
        trace_pieces_free(pieces);
        return NULL;
    }
    pieces->head_bytes = head_length(&pieces->text);
    return pieces;
}

void trace_pieces_free(struct trace_pieces *pieces)
{
    if (pieces != NULL) {
        in_file_free(pieces->file);
        free(pieces->choice.params);
        text_release(&pieces->text);
        text_release(&pieces->piece);
        free(pieces);
    }
}

/* Where the rows of a piece end: behind the first line end after its size, or at the end of all. */
static size_t piece_end(const struct trace_pieces *pieces)
{
    size_t from = pieces->head_bytes + pieces->piece_bytes;
    if (pieces->text.length <= from) {
        return pieces->text.length;
    }
    const char *end = memchr(pieces->text.bytes + from, '\n', pieces->text.length - from);
    return end == NULL ? pieces->text.length : (size_t)(end - pieces->text.bytes) + 1;
}

bool trace_pieces_next(struct trace_pieces *pieces, struct workload *out)
{
    struct text *text = &pieces->text;
    size_t before = out->jobs.count;
    bool is_last = false;
    while (out->jobs.count == before && !is_last) {
        if (!read_on(pieces, pieces->head_bytes + pieces->piece_bytes)) {
            return false;
        }
        size_t end = piece_end(pieces);
        is_last = pieces->is_at_end && end == text->length;
        /* A quoted field may hold line ends, at which it must not be cut. */
        if (memchr(text->bytes, '"', end) != NULL) {
            return false;
        }
        text_clear(&pieces->piece);
        text_add_bytes(&pieces->piece, text->bytes, end);
        struct file file = {.bytes = pieces->piece.bytes, .length = pieces->piece.length};
        struct err err = {0};
        if (!pieces->choice.format->read(pieces->choice.params, &file, out, &err)) {
            return false;
        }
        memmove(text->bytes + pieces->head_bytes, text->bytes + end, text->length - end);
        text->length -= end - pieces->head_bytes;
    }
    return true;
}
