/* tar.c - see tar.h. The layout is that of POSIX.1-1988, "ustar": blocks of 512 bytes, a header
 * block before the blocks of each member, zero blocks at the end. */
#include "sim/base/tar.h"

enum { BLOCK = 512, SIZE_AT = 124, SIZE_DIGITS = 12, TYPE_AT = 156, MAGIC_AT = 257 };

bool tar_detect(struct view bytes)
{
    return bytes.length >= BLOCK && memcmp(bytes.at + MAGIC_AT, "ustar", 5) == 0;
}

/* The octal size of the member whose header is at `header`; -1 when it is not one. */
static int64_t member_size(const char *header)
{
    int64_t size = 0;
    for (int i = 0; i < SIZE_DIGITS; i++) {
        char c = header[SIZE_AT + i];
        if (c == '\0' || c == ' ') {
            break;
        }
        if (c < '0' || c > '7') {
            return -1;
        }
        size = size * 8 + (c - '0');
    }
    return size;
}

bool tar_keep_file(struct text *text, const char *name, struct err *err)
{
    const char *content = NULL;
    size_t length = 0;
    size_t at = 0;
    while (tar_detect((struct view){text->bytes + at, text->length - at})) {
        const char *header = text->bytes + at;
        int64_t size = member_size(header);
        size_t left = text->length - at - BLOCK;
        if (size < 0 || (uint64_t)size > left) {
            return err_set(err, ERR_FORMAT, 0, "%s: the tar archive ends too early", name);
        }
        char type = header[TYPE_AT];
        if (type == '0' || type == '\0') {
            if (content != NULL) {
                return err_set(err, ERR_FORMAT, 0,
                               "%s: a tar archive of several files; expected one, or unpack it",
                               name);
            }
            content = header + BLOCK;
            length = (size_t)size;
        }
        size_t padded = ((size_t)size + BLOCK - 1) / BLOCK * BLOCK;
        at += BLOCK + (padded < left ? padded : left);
    }
    if (content == NULL) {
        return err_set(err, ERR_FORMAT, 0, "%s: a tar archive without a file", name);
    }
    memmove(text->bytes, content, length);
    text->length = length;
    text->bytes[length] = '\0';
    return true;
}
