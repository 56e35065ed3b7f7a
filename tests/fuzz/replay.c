/*
 * replay.c - runs a fuzz target over saved inputs, built with any compiler.
 *
 * Arguments are files. Each is handed to the target once, in a block of exactly its size, so that
 * reading past the end is seen by the sanitizers.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_BYTES = 1 << 20 };

static int replay(const char *path, uint8_t *buffer)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    size_t size = fread(buffer, 1, MOST_BYTES, file);
    (void)fclose(file);
    uint8_t *exact = malloc(size > 0 ? size : 1);
    if (exact == NULL) {
        return 1;
    }
    memcpy(exact, buffer, size);
    int status = LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return status;
}

int main(int argc, char **argv)
{
    uint8_t *buffer = malloc(MOST_BYTES);
    int status = buffer == NULL ? 1 : 0;
    for (int i = 1; i < argc && status == 0; i++) {
        status = replay(argv[i], buffer);
    }
    free(buffer);
    if (status == 0) {
        (void)printf("%d passed, 0 failed\n", argc - 1);
    }
    return status;
}
