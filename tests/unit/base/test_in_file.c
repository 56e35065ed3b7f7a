/* test_in_file.c - the bytes that come piece by piece are those of the whole file. */
#include <stdio.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <zlib.h>
#include <zstd.h>

#include "sim/base/file.h"
#include "sim/base/in_file.h"
#include "sim/base/mem.h"

enum { LONG = 1500000 };

/* Text that packs, but not to a hundredth. */
static void add_content(struct text *text)
{
    for (uint32_t i = 0; text->length < LONG; i++) {
        text_addf(text, "%u,%u\n", i, i * 2654435761U);
    }
}

static void add_gzip(struct text *out, struct view bytes)
{
    z_stream stream = {0};
    cr_assert_eq(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    size_t most = deflateBound(&stream, bytes.length) + 64;
    char *packed = mem_alloc(most, 1);
    stream.next_in = (const Bytef *)bytes.at;
    stream.avail_in = (uInt)bytes.length;
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)most;
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    text_add_bytes(out, packed, most - stream.avail_out);
    (void)deflateEnd(&stream);
    free(packed);
}

static void add_zstd(struct text *out, struct view bytes)
{
    size_t most = ZSTD_compressBound(bytes.length);
    char *packed = mem_alloc(most, 1);
    size_t size = ZSTD_compress(packed, most, bytes.at, bytes.length, 3);
    cr_assert(!ZSTD_isError(size));
    text_add_bytes(out, packed, size);
    free(packed);
}

/* Everything that comes, and how it ended. */
static enum in_file_result read_all(const struct text *stored, struct text *out)
{
    char path[] = "/tmp/berth-in-file-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, stored->bytes, stored->length), (ssize_t)stored->length);
    cr_assert_eq(close(fd), 0);
    struct in_file *file = in_file_open(path);
    cr_assert_not_null(file);
    enum in_file_result result = IN_FILE_MORE;
    while (result == IN_FILE_MORE) {
        result = in_file_read(file, out);
    }
    in_file_free(file);
    (void)unlink(path);
    return result;
}

static void expect_content(const struct text *stored, const struct text *content, int times)
{
    struct text got = {0};
    cr_assert_eq(read_all(stored, &got), IN_FILE_END);
    cr_assert_eq(got.length, content->length * (size_t)times);
    for (int i = 0; i < times; i++) {
        cr_assert_eq(
            memcmp(got.bytes + (size_t)i * content->length, content->bytes, content->length), 0);
    }
    text_release(&got);
}

Test(in_file, plain_gzip_and_zstd_give_the_same_bytes_also_of_several_members)
{
    struct text content = {0};
    struct text gzip = {0};
    struct text zstd = {0};
    add_content(&content);
    struct view view = {content.bytes, content.length};
    expect_content(&content, &content, 1);
    add_gzip(&gzip, view);
    add_zstd(&zstd, view);
    expect_content(&gzip, &content, 1);
    expect_content(&zstd, &content, 1);
    add_gzip(&gzip, view);
    add_zstd(&zstd, view);
    expect_content(&gzip, &content, 2);
    expect_content(&zstd, &content, 2);
    text_release(&content);
    text_release(&gzip);
    text_release(&zstd);
}

Test(in_file, what_ends_too_early_or_is_no_text_is_bad)
{
    struct text content = {0};
    struct text packed = {0};
    struct text got = {0};
    add_content(&content);
    struct view view = {content.bytes, content.length};
    add_gzip(&packed, view);
    packed.length -= 10;
    cr_assert_eq(read_all(&packed, &got), IN_FILE_BAD);
    text_clear(&packed);
    add_zstd(&packed, view);
    packed.length -= 10;
    cr_assert_eq(read_all(&packed, &got), IN_FILE_BAD);
    text_clear(&packed);
    add_gzip(&packed, view);
    text_add(&packed, "no member");
    cr_assert_eq(read_all(&packed, &got), IN_FILE_BAD);
    content.bytes[LONG / 2] = '\0';
    cr_assert_eq(read_all(&content, &got), IN_FILE_BAD);
    text_release(&content);
    text_release(&packed);
    text_release(&got);
}

Test(in_file, a_bomb_is_given_up)
{
    enum { MANY = 80 << 20 };
    char *zeros = mem_alloc(MANY, 1);
    memset(zeros, 'a', MANY);
    struct text packed = {0};
    struct text got = {0};
    add_gzip(&packed, (struct view){zeros, MANY});
    cr_assert_eq(read_all(&packed, &got), IN_FILE_BAD);
    free(zeros);
    text_release(&packed);
    text_release(&got);
}

Test(in_file, only_regular_files_are_opened)
{
    cr_assert_null(in_file_open("/dev/null"));
    cr_assert_null(in_file_open("/tmp"));
    cr_assert_null(in_file_open("/nowhere/at/all"));
    in_file_free(NULL);
}
