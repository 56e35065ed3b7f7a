/* fuzz_table.c - any bytes as a table of any kind: the first line is the map of its columns. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    size_t length = end == NULL ? size : (size_t)(end - data);
    size_t rest = end == NULL ? size : length + 1;
    struct text format = {0};
    text_add(&format, "table:");
    text_add_bytes(&format, (const char *)data, length);
    int result = fuzz_trace(format.bytes, data + rest, size - rest);
    text_release(&format);
    return result;
}
