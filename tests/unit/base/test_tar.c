/* test_tar.c - an archive of one file is that file; anything else is refused. */
#include <criterion/criterion.h>

#include "sim/base/file.h"
#include "sim/base/tar.h"

/* Appends a member: its header block and its padded content. */
static void add_member(struct text *archive, char type, const char *content)
{
    char header[512] = "name";
    (void)snprintf(header + 124, 12, "%011o", (unsigned)strlen(content));
    header[156] = type;
    memcpy(header + 257, "ustar", 5);
    text_add_bytes(archive, header, sizeof(header));
    text_add(archive, content);
    while (archive->length % 512 != 0) {
        text_add_char(archive, '\0');
    }
}

static void expect_problem(const struct text *archive, const char *message)
{
    struct file file;
    struct err err = {0};
    cr_assert_not(file_unpack(archive->bytes, archive->length, "a", 1 << 20, &file, &err));
    cr_assert_str_eq(err.msg, message);
}

Test(tar, the_only_file_is_read)
{
    struct text archive = {0};
    struct file file;
    struct err err = {0};
    add_member(&archive, '5', "");
    add_member(&archive, 'x', "21 some=header\n");
    add_member(&archive, '0', "a,b\n1,2\n");
    for (int i = 0; i < 1024; i++) {
        text_add_char(&archive, '\0');
    }
    bool ok = file_unpack(archive.bytes, archive.length, "a", 1 << 20, &file, &err);
    cr_assert(ok, "%s", err.msg);
    cr_assert_str_eq(file.bytes, "a,b\n1,2\n");
    cr_assert_eq(file.length, 8);
    file_release(&file);
    text_release(&archive);
}

Test(tar, others_are_refused)
{
    struct text archive = {0};
    add_member(&archive, '5', "");
    expect_problem(&archive, "a: a tar archive without a file");
    add_member(&archive, '0', "one");
    add_member(&archive, '\0', "two");
    expect_problem(&archive, "a: a tar archive of several files; expected one, or unpack it");
    archive.length -= 512;
    archive.bytes[archive.length - 512 + 124] = '7';
    expect_problem(&archive, "a: the tar archive ends too early");
    archive.bytes[archive.length - 512 + 124] = 'x';
    expect_problem(&archive, "a: the tar archive ends too early");
    text_release(&archive);
}
