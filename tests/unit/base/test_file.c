/* test_file.c - whole files in: plain, gzip, zstd, cut short, too large, binary. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <zlib.h>
#include <zstd.h>

#include "sim/base/file.h"
#include "sim/base/mem.h"

enum { MOST = 1 << 26 };

static void add_gzip(struct text *out, const char *bytes, size_t length)
{
    z_stream stream = {0};
    cr_assert_eq(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    size_t most = deflateBound(&stream, length) + 64;
    char *packed = mem_alloc(most, 1);
    stream.next_in = (const Bytef *)bytes;
    stream.avail_in = (uInt)length;
    stream.next_out = (Bytef *)packed;
    stream.avail_out = (uInt)most;
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    text_add_bytes(out, packed, most - stream.avail_out);
    (void)deflateEnd(&stream);
    free(packed);
}

static void add_zstd(struct text *out, const char *bytes, size_t length)
{
    size_t most = ZSTD_compressBound(length);
    char *packed = mem_alloc(most, 1);
    size_t size = ZSTD_compress(packed, most, bytes, length, 3);
    cr_assert(!ZSTD_isError(size));
    text_add_bytes(out, packed, size);
    free(packed);
}

typedef void packer(struct text *out, const char *bytes, size_t length);

static void unpacks_to(const struct text *packed, const char *bytes, size_t length)
{
    struct file file = {0};
    struct err err = {0};
    cr_assert(file_unpack(packed->bytes, packed->length, "t", MOST, &file, &err), "%s", err.msg);
    cr_assert_eq(file.length, length);
    cr_assert_eq(memcmp(file.bytes, bytes, length), 0);
    cr_assert_eq(file.bytes[length], '\0');
    char digest[DIGEST_TEXT];
    digest_bytes(bytes, length, digest);
    cr_assert_str_eq(file.digest, digest, "the digest is that of the content");
    file_release(&file);
}

static void unpack_fails(const void *bytes, size_t length, size_t most, const char *message)
{
    struct file file = {0};
    struct err err = {0};
    cr_assert(!file_unpack(bytes, length, "t.gz", most, &file, &err));
    cr_assert_eq(err.code, ERR_FORMAT);
    cr_assert_not_null(strstr(err.msg, "t.gz: "), "%s", err.msg);
    cr_assert_not_null(strstr(err.msg, message), "'%s' lacks '%s'", err.msg, message);
    cr_assert_null(file.bytes, "outputs are untouched");
}

/* Lines of text that pack neither to nothing nor badly. */
static char *sample(size_t length)
{
    char *bytes = mem_alloc(length + 1, 1);
    uint32_t state = 1;
    for (size_t i = 0; i < length; i++) {
        state = state * 1664525U + 1013904223U;
        bytes[i] = i % 1000 == 999 ? '\n' : (char)('0' + (state >> 24) % 10);
    }
    return bytes;
}

/* Lengths at and around the size of the piece that is unpacked at once (2^18). */
static const size_t LENGTHS[] = {0,       1,      1000, (1 << 18) - 1, 1 << 18, (1 << 18) + 1,
                                 1 << 19, 3000000};
enum { LENGTH_COUNT = sizeof(LENGTHS) / sizeof(LENGTHS[0]) };

static void packs_and_unpacks(packer *pack)
{
    for (size_t i = 0; i < LENGTH_COUNT; i++) {
        char *bytes = sample(LENGTHS[i]);
        struct text packed = {0};
        pack(&packed, bytes, LENGTHS[i]);
        unpacks_to(&packed, bytes, LENGTHS[i]);
        text_release(&packed);
        free(bytes);
    }
}

Test(file, gzip_is_unpacked)
{
    packs_and_unpacks(add_gzip);
}

Test(file, zstd_is_unpacked)
{
    packs_and_unpacks(add_zstd);
}

Test(file, plain_text_is_taken_as_it_is)
{
    packs_and_unpacks(text_add_bytes);
}

static void several_members_are_one_text(packer *pack)
{
    for (size_t i = 0; i < LENGTH_COUNT; i++) {
        char *bytes = sample(LENGTHS[i] * 2 + 3);
        struct text packed = {0};
        pack(&packed, bytes, LENGTHS[i]);
        pack(&packed, bytes + LENGTHS[i], LENGTHS[i]);
        pack(&packed, bytes + LENGTHS[i] * 2, 3);
        unpacks_to(&packed, bytes, LENGTHS[i] * 2 + 3);
        text_release(&packed);
        free(bytes);
    }
}

Test(file, several_gzip_members_are_one_text)
{
    several_members_are_one_text(add_gzip);
}

Test(file, several_zstd_frames_are_one_text)
{
    several_members_are_one_text(add_zstd);
}

static void every_cut_is_noticed(packer *pack, const char *message)
{
    char *bytes = sample(5000);
    struct text packed = {0};
    pack(&packed, bytes, 2000);
    size_t first = packed.length;
    pack(&packed, bytes + 2000, 3000);
    for (size_t cut = 4; cut < packed.length; cut++) {
        if (cut != first) {
            char *part = malloc(cut);
            memcpy(part, packed.bytes, cut);
            unpack_fails(part, cut, MOST, message);
            free(part);
        }
    }
    text_release(&packed);
    free(bytes);
}

Test(file, gzip_cut_short_anywhere_is_an_error)
{
    every_cut_is_noticed(add_gzip, "the gzip data end too early");
}

Test(file, zstd_cut_short_anywhere_is_an_error)
{
    every_cut_is_noticed(add_zstd, "the zstd data end too early");
}

Test(file, damaged_archives_are_errors)
{
    char *bytes = sample(5000);
    struct text packed = {0};
    add_gzip(&packed, bytes, 5000);
    packed.bytes[packed.length - 6] ^= 1; /* in the checksum */
    unpack_fails(packed.bytes, packed.length, MOST, "not valid gzip data");
    text_clear(&packed);
    add_gzip(&packed, bytes, 5000);
    text_add(&packed, "and more");
    unpack_fails(packed.bytes, packed.length, MOST, "not valid gzip data");
    text_clear(&packed);
    add_zstd(&packed, bytes, 5000);
    packed.bytes[4] = (char)0xFF;
    unpack_fails(packed.bytes, packed.length, MOST, "not valid zstd data");
    text_release(&packed);
    free(bytes);
}

static void limit_holds(packer *pack)
{
    char *bytes = mem_alloc(1 << 22, 1);
    memset(bytes, 'a', 1 << 22);
    struct text packed = {0};
    pack(&packed, bytes, 1 << 22);
    unpack_fails(packed.bytes, packed.length, (1 << 22) - 1, "more than 4194303 bytes");
    unpack_fails(packed.bytes, packed.length, 10, "more than 10 bytes");
    unpacks_to(&packed, bytes, 1 << 22);
    text_release(&packed);
    free(bytes);
}

Test(file, content_beyond_the_limit_is_refused)
{
    limit_holds(add_gzip);
    limit_holds(add_zstd);
    limit_holds(text_add_bytes);
}

Test(file, content_with_a_nul_byte_is_refused)
{
    unpack_fails("ab\0cd", 5, MOST, "byte 3 is NUL; expected a text file");
    struct text packed = {0};
    add_gzip(&packed, "\0", 1);
    unpack_fails(packed.bytes, packed.length, MOST, "byte 1 is NUL");
    text_release(&packed);
}

/* -- from disk ------------------------------------------------------------------------------- */

static char folder[] = "/tmp/berth-file-XXXXXX";

static void make_folder(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
    char command[100];
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(file_read, .init = make_folder, .fini = remove_folder);

static void write_bytes(const char *path, const char *bytes, size_t length)
{
    FILE *out = fopen(path, "wb");
    cr_assert_not_null(out);
    cr_assert_eq(fwrite(bytes, 1, length, out), length);
    cr_assert_eq(fclose(out), 0);
}

Test(file_read, reads_every_length)
{
    for (size_t i = 0; i < LENGTH_COUNT; i++) {
        char *bytes = sample(LENGTHS[i]);
        write_bytes("f", bytes, LENGTHS[i]);
        struct file file = {0};
        struct err err = {0};
        cr_assert(file_read("f", MOST, &file, &err), "%s", err.msg);
        cr_assert_eq(file.length, LENGTHS[i]);
        cr_assert_eq(memcmp(file.bytes, bytes, LENGTHS[i]), 0);
        file_release(&file);
        free(bytes);
    }
}

Test(file_read, what_cannot_be_read_is_named)
{
    struct file file = {0};
    struct err err = {0};
    cr_assert(!file_read("missing.csv", MOST, &file, &err));
    cr_assert_eq(err.code, ERR_USAGE);
    cr_assert_not_null(strstr(err.msg, "missing.csv: cannot be read: No such file"), "%s", err.msg);
    cr_assert(!file_read(".", MOST, &file, &err));
    cr_assert_eq(err.code, ERR_FORMAT);
    cr_assert_not_null(strstr(err.msg, ".: is a folder"), "%s", err.msg);
}

/* A file with a hole: its size must be refused before memory is taken for it. */
Test(file_read, a_huge_file_is_refused_before_it_is_read)
{
    int fd = open("huge", O_WRONLY | O_CREAT, 0600);
    cr_assert(fd >= 0);
    cr_assert_eq(ftruncate(fd, (off_t)1 << 42), 0);
    (void)close(fd);
    struct file file = {0};
    struct err err = {0};
    cr_assert(!file_read("huge", FILE_MOST_BYTES, &file, &err));
    cr_assert_not_null(strstr(err.msg, "huge: more than 8589934592 bytes"), "%s", err.msg);
}

Test(file_read, a_pipe_is_read_to_its_end_as_standard_input)
{
    char *bytes = sample(1000000);
    write_bytes("f", bytes, 1000000);
    FILE *pipe = popen("cat f", "r");
    cr_assert_not_null(pipe);
    cr_assert_eq(dup2(fileno(pipe), STDIN_FILENO), STDIN_FILENO);
    struct file file = {0};
    struct err err = {0};
    cr_assert(file_read("-", MOST, &file, &err), "%s", err.msg);
    cr_assert_eq(file.length, 1000000);
    cr_assert_eq(memcmp(file.bytes, bytes, 1000000), 0);
    file_release(&file);
    (void)pclose(pipe);
    free(bytes);
}

Test(file_read, standard_input_is_named_in_errors)
{
    write_bytes("f", "a\0b", 3);
    int fd = open("f", O_RDONLY);
    cr_assert_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    struct file file = {0};
    struct err err = {0};
    cr_assert(!file_read("-", MOST, &file, &err));
    cr_assert_str_eq(err.msg, "standard input: byte 2 is NUL; expected a text file");
}
