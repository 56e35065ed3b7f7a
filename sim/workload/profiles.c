/* profiles.c - see profiles.h. */
#include "sim/workload/profiles.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "sim/base/mem.h"
#include "sim/base/parse.h"
#include "sim/workload/columns.h"

enum { MOST_PROFILE_BYTES = 1 << 26, MOST_REPLICAS = 1 << 16, MOST_BATCH = 1 << 30 };

void profiles_init(struct profiles *profiles, struct view folder, struct view kind)
{
    *profiles = (struct profiles){.folder = mem_copy_text(folder.at, folder.length),
                                  .kind = mem_copy_text(kind.at, kind.length)};
}

static void profile_release(struct profile *profile)
{
    vec_release(&profile->steps);
    vec_release(&profile->trainings);
    vec_release(&profile->epochs);
}

void profiles_release(struct profiles *profiles)
{
    for (size_t i = 0; i < profiles->list.count; i++) {
        profile_release(&profiles->list.items[i]);
    }
    vec_release(&profiles->list);
    names_release(&profiles->names);
    free(profiles->folder);
    free(profiles->kind);
    *profiles = (struct profiles){0};
}

/* -- tables ---------------------------------------------------------------------------------- */

enum step_column { PLACEMENT, NUM_NODES, NUM_REPLICAS, LOCAL_BSZ, STEP_TIME, SYNC_TIME };

static const struct column step_columns[] = {
    [PLACEMENT] = {"placement", false},
    [NUM_NODES] = {"num_nodes", false},
    [NUM_REPLICAS] = {"num_replicas", false},
    [LOCAL_BSZ] = {"local_bsz", true},
    [STEP_TIME] = {"step_time", true},
    [SYNC_TIME] = {"sync_time", true},
    {NULL, false},
};

enum epoch_column { PROGRESS, ITERATION, METRIC, GRAD_SQR, GRAD_VAR };

static const struct column epoch_columns[] = {
    [PROGRESS] = {"progress", true},  [ITERATION] = {"iteration", true},
    [METRIC] = {"metric", true},      [GRAD_SQR] = {"grad_sqr", false},
    [GRAD_VAR] = {"grad_var", false}, {NULL, false},
};

static const struct number_kind number_replicas = {1, true, 1, MOST_REPLICAS,
                                                   "a whole number from 1 to 65536"};
static const struct number_kind number_batch = {1, true, 1, MOST_BATCH,
                                                "a batch size of 1 or more"};

/* Of seconds and steps: products and differences of them stay finite. */
#define MOST_MEASURED 1e15

static bool read_real(const struct columns *row, uint32_t column, double least, double *out,
                      struct err *err)
{
    double value = 0;
    if (parse_f64(columns_text(row, column), &value) != PARSE_OK || value < least ||
        (least >= 0 && value > MOST_MEASURED)) {
        return columns_refuse(row, column, least < 0 ? "a number" : "a number from 0 to 1e15", err);
    }
    *out = value;
    return true;
}

/* "1224": 9 GPUs on 4 nodes. */
static bool read_placement(const struct columns *row, struct profile_step *step, struct err *err)
{
    struct view digits = columns_text(row, PLACEMENT);
    if (digits.length == 0 || digits.length > 18) {
        return columns_refuse(row, PLACEMENT, "GPUs per node, a digit each", err);
    }
    for (size_t i = 0; i < digits.length; i++) {
        char c = digits.at[i];
        if (c < '1' || c > '9') {
            return columns_refuse(row, PLACEMENT, "GPUs per node, a digit each", err);
        }
        step->placement = step->placement * 10 + (uint64_t)(c - '0');
        step->replicas += (uint32_t)(c - '0');
        step->nodes++;
    }
    return true;
}

static bool read_step(const struct columns *row, struct profile_step *step, struct err *err)
{
    int64_t nodes = 0;
    int64_t replicas = 0;
    int64_t batch = 0;
    *step = (struct profile_step){0};
    if (!columns_number(row, LOCAL_BSZ, &number_batch, &batch, err) ||
        !read_real(row, STEP_TIME, 0, &step->step_s, err) ||
        !read_real(row, SYNC_TIME, 0, &step->sync_s, err)) {
        return false;
    }
    step->local_batch = (uint32_t)batch;
    if (row->at[PLACEMENT] >= 0) {
        return read_placement(row, step, err);
    }
    if (!columns_number(row, NUM_NODES, &number_replicas, &nodes, err) ||
        !columns_number(row, NUM_REPLICAS, &number_replicas, &replicas, err)) {
        return false;
    }
    step->nodes = (uint32_t)nodes;
    step->replicas = (uint32_t)replicas;
    return true;
}

static bool read_steps(struct profile *profile, struct file *file, struct err *err)
{
    struct columns row;
    struct profile_step step;
    if (!columns_open(&row, file, step_columns, true, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        if (!read_step(&row, &step, err)) {
            return false;
        }
        vec_push(&profile->steps, step);
    }
    return err->code == ERR_NONE;
}

/* Puts the training where it belongs by its batch size. */
static void add_training(struct profile *profile, struct profile_training training)
{
    vec_push(&profile->trainings, training);
    size_t i = profile->trainings.count - 1;
    for (; i > 0 && profile->trainings.items[i - 1].batch > training.batch; i--) {
        profile->trainings.items[i] = profile->trainings.items[i - 1];
    }
    profile->trainings.items[i] = training;
    if (profile->trainings.count == 1 || training.epoch_count < profile->epoch_count) {
        profile->epoch_count = training.epoch_count;
    }
}

static bool read_training(struct profile *profile, uint32_t batch, struct file *file,
                          struct err *err)
{
    struct columns row;
    struct profile_training training = {.batch = batch, .first_epoch = profile->epochs.count};
    if (!columns_open(&row, file, epoch_columns, true, err)) {
        return false;
    }
    while (columns_next(&row, err)) {
        struct profile_epoch epoch = {0};
        if (!read_real(&row, PROGRESS, 0, &epoch.progress, err) ||
            !read_real(&row, ITERATION, 0, &epoch.steps, err) ||
            !read_real(&row, METRIC, -HUGE_VAL, &epoch.metric, err) ||
            (columns_has(&row, GRAD_SQR) &&
             !read_real(&row, GRAD_SQR, -HUGE_VAL, &epoch.grad_sqr, err)) ||
            (columns_has(&row, GRAD_VAR) &&
             !read_real(&row, GRAD_VAR, -HUGE_VAL, &epoch.grad_var, err))) {
            return false;
        }
        vec_push(&profile->epochs, epoch);
    }
    training.epoch_count = profile->epochs.count - training.first_epoch;
    if (err->code == ERR_NONE && training.epoch_count == 0) {
        return err_set(err, ERR_FORMAT, 1, "no epochs follow the header, expected at least one");
    }
    if (err->code != ERR_NONE) {
        return false;
    }
    add_training(profile, training);
    return true;
}

bool profile_read_table(struct profile *profile, uint32_t training_batch, struct file *file,
                        struct err *err)
{
    return training_batch == 0 ? read_steps(profile, file, err)
                               : read_training(profile, training_batch, file, err);
}

/* -- folders --------------------------------------------------------------------------------- */

static bool read_table(struct profile *profile, uint32_t training_batch, const char *path,
                       struct err *err)
{
    struct file file = {0};
    if (!file_read(path, MOST_PROFILE_BYTES, &file, err)) {
        return false;
    }
    bool ok = profile_read_table(profile, training_batch, &file, err);
    file_release(&file);
    if (!ok) {
        (void)err_locate(err, path);
        err->line = 0; /* it is said */
    }
    return ok;
}

/* The batch size of a file named validation-<batch>.csv, its digits without zeros in front, so that
 * there is one file a batch size; 0 for other files. */
static uint32_t training_of(const char *name)
{
    static const char start[] = "validation-";
    struct view v = view_of(name);
    int64_t batch = 0;
    if (v.length < sizeof(start) + 3 || memcmp(v.at, start, sizeof(start) - 1) != 0 ||
        strcmp(v.at + v.length - 4, ".csv") != 0) {
        return 0;
    }
    v.at += sizeof(start) - 1;
    v.length -= sizeof(start) + 3;
    if (v.length == 0 || v.at[0] == '0' || strspn(v.at, "0123456789") != v.length) {
        return 0;
    }
    return parse_i64(v, &batch) == PARSE_OK && batch > 0 && batch <= MOST_BATCH ? (uint32_t)batch
                                                                                : 0;
}

/* Reads every training of the folder. The order of the listing makes no difference: trainings are
 * sorted by batch size, of which there is one file each. */
static bool read_trainings(struct profile *profile, const char *folder, struct err *err)
{
    DIR *listing = opendir(folder);
    if (listing == NULL) {
        return err_set(err, ERR_IO, 0, "%s: cannot be opened: %s", folder, strerror(errno));
    }
    bool ok = true;
    const struct dirent *entry = NULL;
    struct text path = {0};
    while (ok && (entry = readdir(listing)) != NULL) {
        uint32_t batch = training_of(entry->d_name);
        if (batch > 0) {
            text_clear(&path);
            text_addf(&path, "%s/%s", folder, entry->d_name);
            ok = read_table(profile, batch, path.bytes, err);
        }
    }
    text_release(&path);
    (void)closedir(listing);
    if (ok && profile->trainings.count == 0) {
        ok = err_set(err, ERR_FORMAT, 0, "%s: no validation-<batch>.csv in it, expected one",
                     folder);
    }
    return ok;
}

static bool read_folder(const struct profiles *profiles, struct view application,
                        struct profile *profile, struct err *err)
{
    struct text folder = {0};
    struct text path = {0};
    const char *dash = profiles->kind[0] == '\0' ? "" : "-";
    text_addf(&folder, "%s/%.*s", profiles->folder, VIEW_ARG(application));
    bool ok = read_trainings(profile, folder.bytes, err);
    static const char *const tables[] = {"placements", "scalability"};
    for (size_t i = 0; ok && i < 2; i++) {
        text_clear(&path);
        text_addf(&path, "%s/%s%s%s.csv", folder.bytes, tables[i], dash, profiles->kind);
        ok = read_table(profile, 0, path.bytes, err);
    }
    text_release(&path);
    text_release(&folder);
    return ok;
}

const struct profile *profiles_get(struct profiles *profiles, struct view application,
                                   struct err *err)
{
    uint32_t known = names_find(&profiles->names, application);
    if (known != NAMES_NONE) {
        return &profiles->list.items[known];
    }
    struct profile profile = {0};
    if (application.length == 0 || memchr(application.at, '/', application.length) != NULL ||
        application.at[0] == '.') {
        (void)err_set(err, ERR_FORMAT, 0, "'%.*s' is no name of an application",
                      VIEW_ARG(application));
        return NULL;
    }
    if (!read_folder(profiles, application, &profile, err)) {
        profile_release(&profile);
        return NULL;
    }
    (void)names_add(&profiles->names, application, NULL);
    vec_push(&profiles->list, profile);
    return &profiles->list.items[profiles->list.count - 1];
}
