/* fuzz_param.c - any bytes as the parameters of every policy: values in range, or an error. */
#include "sim/base/check.h"
#include "sim/base/mem.h"
#include "sim/sched.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text copy = {0};
    text_add_bytes(&copy, (const char *)data, size);
    struct view settings = {copy.bytes, copy.length};
    for (const struct sched_ops *const *policy = sched_policies; *policy != NULL; policy++) {
        void *values = mem_alloc(1, (*policy)->params_size + 1);
        struct err err = {0};
        if (!param_read((*policy)->params, (*policy)->name, settings, values, &err)) {
            CHECK(err.code == ERR_USAGE && err.msg[0] != '\0');
        }
        free(values);
    }
    text_release(&copy);
    return 0;
}
