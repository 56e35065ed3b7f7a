/* program.c - see program.h. */
#include "sim/cli/program.h"

#include "sim/base/digest.h"

/* Adds the bytes of a file, of the program itself here: it cannot be read as an input. */
static bool digest_file(struct digest *digest, const char *path)
{
    FILE *file = fopen(path, "rb");
    char bytes[4096];
    size_t got = file == NULL ? 0 : fread(bytes, 1, sizeof(bytes), file);
    bool any = got > 0;
    while (got > 0) {
        digest_add(digest, bytes, got);
        got = fread(bytes, 1, sizeof(bytes), file);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return any;
}

/* The placement core, where it is a shared object: `make core-library` builds such a program. */
static void digest_shared_core(struct digest *digest)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096];
    bool found = false;
    while (maps != NULL && !found && fgets(line, sizeof(line), maps) != NULL) {
        char *path = strchr(line, '/');
        found = path != NULL && strstr(path, "/libberth-core.so") != NULL;
        if (found) {
            path[strcspn(path, "\n")] = '\0';
            (void)digest_file(digest, path);
        }
    }
    if (maps != NULL) {
        (void)fclose(maps);
    }
}

bool program_digest(uint64_t *value, struct err *err)
{
    struct digest *digest = digest_new();
    bool ok = digest_file(digest, "/proc/self/exe");
    digest_shared_core(digest);
    *value = digest_value(digest);
    digest_free(digest);
    return ok || err_set(err, ERR_IO, 0, "the program cannot read itself at /proc/self/exe");
}
