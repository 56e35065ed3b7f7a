/* test_stream.c - piece by piece the same bytes come out as from the whole trace. */
#include <stdio.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/transform/anonymise.h"
#include "sim/transform/repeats.h"
#include "sim/transform/scale.h"
#include "sim/transform/shake.h"
#include "sim/transform/slice.h"
#include "sim/transform/stream.h"
#include "world.h"

enum { SMALL_PIECE = 600 }; /* bytes: about ten rows */

struct made_file {
    char path[64];
};

static struct made_file file_of(const char *text)
{
    struct made_file file = {"/tmp/berth-stream-XXXXXX"};
    int fd = mkstemp(file.path);
    size_t length = strlen(text);
    cr_assert(fd >= 0 && write(fd, text, length) == (ssize_t)length && close(fd) == 0);
    return file;
}

/* The result as text, freed by the caller; NULL where it cannot be streamed. */
static char *streamed(const char *text, const struct stream_transform *transform)
{
    struct made_file in = file_of(text);
    struct made_file made = file_of("");
    struct stream_source source = {in.path, NULL, SMALL_PIECE};
    struct out_file out;
    struct file result = {0};
    struct err err = {0};
    uint32_t columns = 0;
    bool ok = stream_look(&source, transform, &columns) == STREAM_DONE;
    if (ok) {
        cr_assert(out_file_open(&out, made.path, &err));
        cr_assert_eq(stream_write(&source, transform, columns, &out, &err), STREAM_DONE, "%s",
                     err.msg);
        cr_assert(out_file_close(&out, &err) && file_read(made.path, 1 << 20, &result, &err));
    }
    (void)unlink(in.path);
    (void)unlink(made.path);
    return result.bytes;
}

/* What is done in memory must give the bytes that streaming gives. */
static void expect_same(const char *before, const struct workload *after,
                        const struct stream_transform *transform)
{
    char *whole = world_text(after);
    char *pieces = streamed(before, transform);
    cr_assert_not_null(pieces);
    cr_assert_str_eq(pieces, whole);
    free(pieces);
    free(whole);
}

Test(stream, nothing_changes_what_is_left_alone)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload world;
        const struct stream_transform transform = {0};
        world_make(i, &world);
        char *text = world_text(&world);
        expect_same(text, &world, &transform);
        free(text);
        workload_release(&world);
    }
}

static bool shake_piece(void *state, struct workload *piece, size_t first)
{
    struct err err = {0};
    return shake_jobs(state, piece, first, &err);
}

Test(stream, jobs_that_are_shaken_pass_each_other_over_pieces)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload world;
        struct err err = {0};
        struct shake shake = {.arrivals_us = (int64_t)(i * i) * 100000000, .durations = 0.3};
        const struct stream_transform transform = {
            .state = &shake, .apply = shake_piece, .reorder_us = shake.arrivals_us};
        world_make(i, &world);
        char *text = world_text(&world);
        cr_assert(shake_apply(&shake, &world, &err), "%s", err.msg);
        expect_same(text, &world, &transform);
        free(text);
        workload_release(&world);
    }
}

static void begin_slice(void *state, int64_t epoch_us)
{
    struct slice_progress *progress = state;
    const struct slice *slice = progress->slice;
    (void)epoch_us; /* these slices tell none */
    slice_end(progress);
    slice_begin(progress, slice);
}

static bool slice_piece(void *state, struct workload *piece, size_t first)
{
    cr_assert_eq(first, 0);
    slice_take(state, piece);
    return true;
}

static bool slice_is_good(void *state)
{
    return slice_saw_all(state);
}

Test(stream, a_slice_is_cut_piece_by_piece)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload world;
        struct err err = {0};
        struct slice slice;
        slice_init(&slice);
        slice.first = 20;
        vec_push(&slice.users, "user3");
        vec_push(&slice.users, "user4");
        vec_push(&slice.users, "user5");
        slice.most_gpu_milli = 4000;
        struct slice_progress progress = {.slice = &slice};
        const struct stream_transform transform = {.state = &progress,
                                                   .begin = begin_slice,
                                                   .apply = slice_piece,
                                                   .measured = slice_is_good};
        world_make(i, &world);
        char *text = world_text(&world);
        cr_assert(slice_apply(&slice, &world, &err), "%s", err.msg);
        expect_same(text, &world, &transform);
        vec_push(&slice.users, "nobody");
        cr_assert_null(streamed(text, &transform));
        slice_end(&progress);
        slice_release(&slice);
        free(text);
        workload_release(&world);
    }
}

static bool scale_piece(void *state, struct workload *piece, size_t first)
{
    (void)first; /* all are new */
    struct err err = {0};
    return piece->jobs.count == 0 || scale_arrivals(piece, *(const double *)state, &err);
}

static bool anonymise_piece(void *state, struct workload *piece, size_t first)
{
    (void)first; /* all are new */
    struct err err = {0};
    return anonymise_apply(state, piece, &err);
}

static uint64_t new_id(const void *state, const char *id)
{
    return anonymise_name(state, 'j', id);
}

Test(stream, times_and_names_are_replaced_piece_by_piece)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload world;
        struct err err = {0};
        double factor = 1.7;
        struct anonymise anonymise = {.key = siphash_key_of(view_of("no secret")),
                                      .when = (enum anonymise_time)(i % 3)};
        world_make(i, &world);
        char *text = world_text(&world);
        cr_assert(scale_arrivals(&world, factor, &err));
        expect_same(text, &world,
                    &(struct stream_transform){.state = &factor, .apply = scale_piece});
        free(text);
        text = world_text(&world);
        cr_assert(anonymise_apply(&anonymise, &world, &err));
        expect_same(text, &world,
                    &(struct stream_transform){
                        .state = &anonymise, .apply = anonymise_piece, .new_id = new_id});
        free(text);
        workload_release(&world);
    }
}

/* A trace of so many jobs, a row each, in which the last one is another. */
static char *rows_and(const char *last)
{
    struct text text = {0};
    text_add(&text, "# a remark\n\njob_id,submit_s,duration_s,gpus\r\n");
    for (int i = 100; i < 200; i++) {
        text_addf(&text, "%d,%d,5,1\r\n", i, i);
    }
    text_add(&text, last);
    return text.bytes;
}

static void expect_streamed(const char *last, bool can_be)
{
    const struct stream_transform transform = {0};
    char *text = rows_and(last);
    char *made = streamed(text, &transform);
    cr_assert_eq(made != NULL, can_be, "a last row of '%s'", last);
    cr_assert(made == NULL || strstr(made, "\n199,199,5,1\n") != NULL);
    free(made);
    free(text);
}

Test(stream, what_needs_the_whole_is_left_to_reading_it)
{
    expect_streamed("", true);
    expect_streamed("200,200,5,1", true); /* no line end */
    expect_streamed("100a,200,5,1\n", true);
    expect_streamed("b1,200,5,1\na1,200,5,1\n", true); /* ids need not ascend */
    expect_streamed("\r\n\n", true);
    expect_streamed("200,50,5,1\n", false);  /* out of order */
    expect_streamed("150,200,5,1\n", false); /* an id that was there before */
    expect_streamed("x,200,5,1\n150,200,5,1\n", false);
    expect_streamed("200,200,5\n", false);       /* a field too few */
    expect_streamed("200,200,-5,1\n", false);    /* refused */
    expect_streamed("\"200\",200,5,1\n", false); /* quotes */
}

static uint64_t one_id_for_all(const void *state, const char *id)
{
    (void)state; /* none */
    return (uint64_t)id[0];
}

Test(stream, ids_that_become_one_are_found)
{
    const struct stream_transform transform = {.new_id = one_id_for_all};
    char *text = rows_and("");
    cr_assert_null(streamed(text, &transform));
    free(text);
}

Test(stream, another_format_or_no_regular_file_is_not_streamed)
{
    const struct stream_transform transform = {0};
    uint32_t columns = 0;
    struct stream_source pipe_source = {"/dev/null", NULL, SMALL_PIECE};
    cr_assert_eq(stream_look(&pipe_source, &transform, &columns), STREAM_UNSUITED);
    cr_assert_null(
        streamed("; Version: 2\n 1 0 0 5 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1\n", &transform));
    cr_assert_null(streamed("job_id,submit_s,duration_s,gpus\n", &transform));
    cr_assert_null(streamed("", &transform));
}

Test(stream, numbers_that_repeat_are_found_wherever_they_are)
{
    struct repeats repeats = {0};
    cr_assert_not(repeats_find(&repeats));
    for (uint64_t i = 1; i < 5000; i++) {
        repeats_add(&repeats, i * UINT64_C(0x9E3779B97F4A7C15));
    }
    cr_assert_not(repeats_find(&repeats));
    repeats_add(&repeats, 4321 * UINT64_C(0x9E3779B97F4A7C15));
    cr_assert(repeats_find(&repeats));
    cr_assert(repeats_find(&repeats));
    repeats_release(&repeats);
}
