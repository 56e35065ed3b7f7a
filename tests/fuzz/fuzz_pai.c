/* fuzz_pai.c - any bytes as a trace of the format pai; and, up to the first form feed as its task
 * table, behind it as its instance table. */
#include "sim/workload/pai_tables.h"
#include "tests/fuzz/fuzz_trace.h"

static bool read_part(struct pai_tables *tables, enum pai_table kind, struct view part)
{
    struct err err = {0};
    struct file file = {.bytes = mem_copy_text(part.at, part.length), .length = part.length};
    bool ok = pai_read_table(tables, kind, &file, &err);
    CHECK(ok == (err.code == ERR_NONE));
    file_release(&file);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view instances = {0};
    struct view tasks = view_cut((struct view){(const char *)data, size}, '\f', &instances);
    if (instances.at != NULL) {
        struct pai_tables tables;
        pai_tables_init(&tables);
        if (read_part(&tables, PAI_TASKS, tasks)) {
            (void)read_part(&tables, PAI_INSTANCES, instances);
        }
        pai_tables_release(&tables);
    }
    return fuzz_trace("pai", data, size);
}
