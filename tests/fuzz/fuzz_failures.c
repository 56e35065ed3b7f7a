/*
 * fuzz_failures.c - failure laws and failure logs: any bytes are read or refused with a reason, and
 * what is read lasts for some time and names what fails.
 *
 * Bytes: laws on the first line, a log on all others.
 */
#include "fuzz_folder.h"
#include "sim/base/param.h"
#include "sim/engine/supply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_spec(const struct supply_spec *spec)
{
    CHECK(spec->failure_count <= SUPPLY_MOST_FAILURES);
    for (uint32_t i = 0; i < spec->failure_count; i++) {
        const struct supply_law *law = &spec->failures[i].law;
        CHECK(law->mean_up_us >= 0 && law->mean_down_us >= 0 && law->shape > 0);
        CHECK(spec->failures[i].unit != SUPPLY_DOMAINS ||
              spec->failures[i].name < names_count(&spec->names));
    }
    for (size_t i = 0; i < spec->outages.count; i++) {
        const struct supply_outage *outage = &spec->outages.items[i];
        CHECK(outage->from_us < outage->until_us);
        CHECK(outage->name < names_count(&spec->names));
        CHECK(outage->unit != SUPPLY_DOMAINS || outage->level < names_count(&spec->names));
        CHECK(outage->line > 1);
    }
}

static void read_log(struct supply_spec *spec, struct view log)
{
    char *folder = fuzz_folder_make();
    char *path = fuzz_folder_path(folder, "log.csv");
    struct err err = {0};
    fuzz_folder_put(folder, "log.csv", log);
    if (supply_spec_read_log(spec, path, &err)) {
        check_spec(spec);
    } else {
        CHECK(err.msg[0] != '\0');
    }
    free(path);
    fuzz_folder_remove(folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = mem_copy_text((const char *)data, size);
    struct view log = {0};
    struct view laws = view_cut((struct view){bytes, size}, '\n', &log);
    struct supply_spec *spec = mem_alloc(1, sizeof(*spec));
    struct err err = {0};
    if (supply_spec_read_failures(spec, laws, &err)) {
        check_spec(spec);
    } else {
        CHECK(err.code == ERR_USAGE && err.msg[0] != '\0');
    }
    if (log.at != NULL) {
        read_log(spec, log);
    }
    supply_spec_free(spec);
    free(bytes);
    return 0;
}
