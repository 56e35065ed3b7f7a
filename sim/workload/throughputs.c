/* throughputs.c - see throughputs.h. */
#include "sim/workload/throughputs.h"

#include <math.h>

#include "sim/base/file.h"
#include "sim/base/json_read.h"

enum { MOST_TABLE_BYTES = 1 << 28 };

bool throughputs_read_text(struct throughputs *table, const char *text, size_t length,
                           struct err *err)
{
    json_t *root = json_parse(text, length, err);
    if (root == NULL) {
        return false;
    }
    const char *worker = NULL;
    json_t *models = NULL;
    bool ok =
        json_is_object(root) || json_unexpected("", "", root, "an object of worker types", err);
    json_object_foreach(root, worker, models)
    {
        ok = ok && (json_is_object(models) ||
                    json_unexpected("", worker, models, "an object of models", err));
    }
    if (!ok) {
        json_decref(root);
        return false;
    }
    table->root = root;
    return true;
}

bool throughputs_read(struct throughputs *table, const char *path, struct err *err)
{
    struct file file = {0};
    if (!file_read(path, MOST_TABLE_BYTES, &file, err)) {
        return false;
    }
    bool ok = throughputs_read_text(table, file.bytes, file.length, err);
    memcpy(table->digest, file.digest, sizeof(table->digest));
    file_release(&file);
    if (!ok) {
        (void)err_locate(err, path);
        err->line = 0; /* it is said; the trace that wants the table has no line at fault */
    }
    return ok;
}

void throughputs_release(struct throughputs *table)
{
    json_decref(table->root);
    table->root = NULL;
}

static const json_t *find_worker(const struct throughputs *table, struct view worker)
{
    return json_object_getn(table->root, worker.at, worker.length);
}

bool throughputs_has_worker(const struct throughputs *table, struct view worker)
{
    return find_worker(table, worker) != NULL;
}

/* The entry of `job` in an object whose keys are written as Python writes a pair. */
static const json_t *find_job(const json_t *object, struct throughput_job job)
{
    struct text key = {0};
    text_add(&key, "('");
    text_add_bytes(&key, job.model.at, job.model.length);
    text_addf(&key, "', %u)", job.gpus);
    const json_t *found = json_object_getn(object, key.bytes, key.length);
    text_release(&key);
    return found;
}

/* A speed, or 0 for anything that is none. */
static double speed_of(const json_t *value)
{
    double speed = json_is_number(value) ? json_number_value(value) : 0;
    return isfinite(speed) && speed > 0 ? speed : 0;
}

double throughputs_alone(const struct throughputs *table, struct view worker,
                         struct throughput_job job)
{
    return speed_of(json_object_get(find_job(find_worker(table, worker), job), "null"));
}

bool throughputs_tells(const struct throughputs *table, struct view worker,
                       struct throughput_job job)
{
    return json_is_number(json_object_get(find_job(find_worker(table, worker), job), "null"));
}

double throughputs_shared(const struct throughputs *table, struct view worker,
                          struct throughput_job job, struct throughput_job other)
{
    const json_t *pair = find_job(find_job(find_worker(table, worker), job), other);
    return speed_of(json_array_get(pair, 0));
}
