/* mig.c - see mig.h. */
#include "sim/cluster/mig.h"

#include "sim/base/check.h"
#include "sim/base/parse.h"

/* Reads digits followed by `unit` at the start of *rest, which is moved behind them. */
static bool take_number(struct view *rest, const char *unit, int64_t most, uint16_t *out)
{
    size_t digits = 0;
    while (digits < rest->length && rest->at[digits] >= '0' && rest->at[digits] <= '9') {
        digits++;
    }
    size_t unit_length = strlen(unit);
    int64_t value = 0;
    if (digits + unit_length > rest->length || memcmp(rest->at + digits, unit, unit_length) != 0 ||
        parse_i64((struct view){rest->at, digits}, &value) != PARSE_OK || value < 1 ||
        value > most) {
        return false;
    }
    rest->at += digits + unit_length;
    rest->length -= digits + unit_length;
    *out = (uint16_t)value;
    return true;
}

bool mig_profile_parse(struct view name, struct mig_profile *out)
{
    struct mig_profile profile = {0};
    struct view rest = name;
    if (!take_number(&rest, "g.", MIG_COMPUTE_SLICES, &profile.compute_slices) ||
        !take_number(&rest, "gb", 9999, &profile.memory_gb) || rest.length != 0) {
        return false;
    }
    *out = profile;
    return true;
}

void mig_profile_add_name(struct text *text, struct mig_profile profile)
{
    text_addf(text, "%ug.%ugb", (unsigned)profile.compute_slices, (unsigned)profile.memory_gb);
}

uint32_t mig_memory_slices(struct mig_profile profile, int64_t gpu_memory_mib)
{
    if (gpu_memory_mib <= 0) {
        return 0;
    }
    int64_t parts = (int64_t)profile.memory_gb * 1024 * MIG_MEMORY_SLICES;
    int64_t slices = (parts + gpu_memory_mib / 2) / gpu_memory_mib;
    bool is_power = slices == 1 || slices == 2 || slices == 4 || slices == 8;
    return is_power && profile.compute_slices <= slices ? (uint32_t)slices : 0;
}

int64_t mig_gpu_milli(struct mig_profile profile)
{
    return INT64_C(1000) * profile.compute_slices / MIG_COMPUTE_SLICES;
}

uint32_t mig_find_start(uint8_t taken, uint32_t slices, uint32_t compute)
{
    CHECK(slices > 0 && slices <= MIG_MEMORY_SLICES);
    for (uint32_t start = MIG_MEMORY_SLICES; start >= slices;) {
        start -= slices;
        if (start + compute <= MIG_COMPUTE_SLICES && (taken & mig_slice_mask(slices, start)) == 0) {
            return start;
        }
    }
    return MIG_NO_START;
}
