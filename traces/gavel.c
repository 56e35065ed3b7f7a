/*
 * gavel.c - traces of Gavel and of simulators that grew from it: tab-separated rows without a
 * header, in three forms, told apart by their number of fields:
 *
 *   7   model, command, steps argument, needs data, total steps, arrival s, GPUs     (Gavel, old)
 *   10  model, command, folder, steps argument, needs data, total steps, GPUs, priority weight,
 *       SLO, arrival s                                                                     (Gavel)
 *   12  the same with a batch-size mode after the GPUs and a duration before the arrival
 *                                                                                      (Shockwave)
 *
 * With a throughput table (throughputs=FILE) the duration is total steps / steps a second of the
 * model on so many GPUs of one type (model=), also where the row tells one, and the job has the
 * speeds of the table on clusters whose GPU models are called as there. Without a table the
 * duration is the row's, or steps / steps_per_s.
 *
 * With a table the batch-size mode of a row becomes a plan of the job's class (batch_plan.h): the
 * job changes its size at checkpoints, which policies that work in rounds make. The duration is
 * that of the first batch size throughout.
 */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "sim/base/csv.h"
#include "sim/base/parse.h"
#include "sim/workload/columns.h"
#include "sim/workload/shockwave_batches.h"
#include "sim/workload/throughputs.h"
#include "sim/workload/trace_format.h"

/* Where the fields of a form are; -1: it has none. */
struct form {
    uint32_t fields;
    int needs_data, steps, gpus, weight, slo, duration, arrival, mode;
};

static const struct form forms[] = {
    {7, 3, 4, 6, -1, -1, -1, 5, -1},
    {10, 4, 5, 6, 7, 8, -1, 9, -1},
    {12, 4, 5, 6, 8, 9, 10, 11, 7},
};

struct gavel_params {
    struct view throughputs;
    struct view model;
    double steps_per_s;
};

static const struct param_spec gavel_params[] = {
    {.name = "throughputs",
     .type = PARAM_TEXT,
     .offset = offsetof(struct gavel_params, throughputs),
     .dflt = "",
     .help = "a throughput table of Gavel (JSON), for durations"},
    {.name = "model",
     .type = PARAM_TEXT,
     .offset = offsetof(struct gavel_params, model),
     .dflt = "v100",
     .help = "the worker type of that table on which durations are told"},
    {.name = "steps_per_s",
     .type = PARAM_F64,
     .offset = offsetof(struct gavel_params, steps_per_s),
     .dflt = "0",
     .min = 0,
     .max = 1e15,
     .help = "steps a second of every job without a table; 0: durations are not told"},
    {0},
};

struct reading {
    const struct gavel_params *params;
    struct throughputs table;
    struct csv csv;
    const struct form *form;
    struct workload *out; /* whose speeds are told */
    int64_t untold, weights, slos, confined, planned;
};

static const struct form *form_of(uint32_t fields)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (forms[i].fields == fields) {
            return &forms[i];
        }
    }
    return NULL;
}

static bool gavel_detect(struct view head)
{
    struct view rest = head;
    struct view line = {"", 0};
    while (line.length == 0 && rest.length > 0) {
        line = view_trim(view_cut(rest, '\n', &rest));
    }
    struct view fields[13] = {0};
    uint32_t count = 0;
    for (struct view left = line; left.at != NULL && count < 13; count++) {
        fields[count] = view_cut(left, '\t', &left);
    }
    const struct form *form = form_of(count);
    double steps = 0;
    return form != NULL && fields[0].length > 0 &&
           (view_is(fields[form->needs_data], "0") || view_is(fields[form->needs_data], "1")) &&
           parse_f64(fields[form->steps], &steps) == PARSE_OK &&
           parse_f64(fields[form->arrival], &steps) == PARSE_OK;
}

static bool refuse(const struct reading *reading, int field, const char *what, const char *expected,
                   struct err *err)
{
    return err_set(err, ERR_FORMAT, reading->csv.line, "field %d (%s) is '%.*s', expected %s",
                   field + 1, what, VIEW_ARG(reading->csv.fields[field]), expected);
}

/* The class of that name with the speed on every worker type of the table
 * whose GPUs are together on a node. */
static uint32_t add_class(struct reading *reading, struct view name, struct throughput_job job)
{
    struct speeds *speeds = &reading->out->speeds;
    double reference = throughputs_alone(&reading->table, reading->params->model, job);
    uint32_t number = speeds_add(speeds, name, reference);
    const char *worker = NULL;
    json_t *models = NULL;
    json_object_foreach(reading->table.root, worker, models)
    {
        if (number != SPEED_NO_CLASS && strstr(worker, "_unconsolidated") == NULL &&
            throughputs_tells(&reading->table, view_of(worker), job)) {
            double per_s = throughputs_alone(&reading->table, view_of(worker), job);
            speeds_tell(speeds, view_of(worker), per_s);
        }
    }
    return number;
}

/* The class of this job's model on so many GPUs, and in this mode ("": it never changes). */
static uint32_t class_of(struct reading *reading, struct throughput_job job, struct view mode)
{
    struct text name = {0};
    text_add_bytes(&name, job.model.at, job.model.length);
    text_addf(&name, " x%u%s", job.gpus, mode.length > 0 ? " " : "");
    text_add_bytes(&name, mode.at, mode.length);
    uint32_t number = speeds_find(&reading->out->speeds, view_of(name.bytes));
    if (number == SPEED_NO_CLASS) {
        number = add_class(reading, view_of(name.bytes), job);
    }
    text_release(&name);
    return number;
}

/* The class of a job that changes its batch size, as far as the table tells its speeds. */
static uint32_t planned_class(struct reading *reading, struct throughput_job job, struct view mode,
                              struct batch_plan *plan)
{
    uint32_t told = 0;
    uint32_t first = class_of(reading, job, mode);
    for (uint32_t i = 0; i < plan->level_count; i++) {
        struct text model = {0};
        shockwave_model_with(&model, job.model, plan->levels[i].batch);
        struct throughput_job level = {view_of(model.bytes), job.gpus};
        bool tells = throughputs_alone(&reading->table, reading->params->model, level) > 0;
        if (i > 0 && told == i && tells) {
            plan->levels[i].speed_class = class_of(reading, level, (struct view){"", 0});
            told += plan->levels[i].speed_class != SPEED_NO_CLASS ? 1 : 0;
        }
        told += i == 0 ? 1 : 0;
        text_release(&model);
    }
    plan->level_count = told;
    plan->levels[0].speed_class = first;
    if (told > 1 && first != SPEED_NO_CLASS &&
        speeds_plan_of(&reading->out->speeds, first) == NULL) {
        speeds_plan(&reading->out->speeds, first, plan);
    }
    return first;
}

/* The class of the job of the row, whose speed the table tells. */
static uint32_t class_of_row(struct reading *reading, struct throughput_job job)
{
    struct view none = {"", 0};
    struct view mode = reading->form->mode < 0 ? none : reading->csv.fields[reading->form->mode];
    struct shockwave_job told = {.model = job.model, .mode = mode, .gpus = job.gpus};
    struct batch_plan plan;
    if (!shockwave_batches(&told, &plan)) {
        return class_of(reading, job, none);
    }
    reading->planned++;
    return planned_class(reading, job, mode, &plan);
}

/* Asks for the models on which the class can work, if there are others. */
static void ask_for_models(struct reading *reading, struct job_draft *draft, struct text *models)
{
    struct view any = {NULL, 0};
    if (!speeds_suit(draft->speeds, draft->speed_class, any, models)) {
        draft->models = (struct view){models->bytes, models->length};
        reading->confined++;
    }
}

/* Seconds of `steps` steps, as far as anything tells the speed. */
static void set_duration(struct reading *reading, double steps, uint32_t gpus,
                         struct job_draft *draft)
{
    double speed = reading->params->steps_per_s;
    if (reading->table.root != NULL) {
        struct throughput_job job = {reading->csv.fields[0], gpus};
        speed = throughputs_alone(&reading->table, reading->params->model, job);
        if (speed > 0) {
            draft->speeds = &reading->out->speeds;
            draft->speed_class = class_of_row(reading, job);
        }
    }
    double duration_us = speed > 0 ? round(steps / speed * 1e6) : -1;
    if (duration_us >= 0 && duration_us < (double)WORKLOAD_MOST_US) {
        draft->duration_us = (int64_t)duration_us;
    } else {
        reading->untold++;
    }
}

static bool read_row(struct reading *reading, struct job_draft *draft, struct err *err)
{
    const struct form *form = reading->form;
    const struct view *fields = reading->csv.fields;
    int64_t gpus = 0;
    double steps = 0;
    double number = 0;
    if (parse_f64(fields[form->steps], &steps) != PARSE_OK || steps < 0) {
        return refuse(reading, form->steps, "total steps", "a number, 0 or more", err);
    }
    if (parse_i64(fields[form->gpus], &gpus) != PARSE_OK || gpus < 0 || gpus > WORKLOAD_MOST_GPUS) {
        return refuse(reading, form->gpus, "GPUs", number_count.expected, err);
    }
    if (parse_seconds_us(fields[form->arrival], &draft->submit_us) != PARSE_OK) {
        return refuse(reading, form->arrival, "arrival", number_time.expected, err);
    }
    job_draft_set_gpus(draft, (uint32_t)gpus);
    if (form->weight >= 0) {
        if (parse_f64(fields[form->weight], &number) != PARSE_OK) {
            return refuse(reading, form->weight, "priority weight", "a number", err);
        }
        reading->weights += number < 1 || number > 1 ? 1 : 0;
        if (parse_f64(fields[form->slo], &number) != PARSE_OK) {
            return refuse(reading, form->slo, "SLO", "a number, -1 for none", err);
        }
        reading->slos += number >= 0 ? 1 : 0;
    }
    if (form->duration < 0 || reading->table.root != NULL) {
        set_duration(reading, steps, (uint32_t)gpus, draft);
        return true;
    }
    if (parse_seconds_us(fields[form->duration], &draft->duration_us) != PARSE_OK ||
        draft->duration_us < 0) {
        return refuse(reading, form->duration, "duration", number_span.expected, err);
    }
    return true;
}

static bool read_rows(struct reading *reading, struct workload *out, struct err *err)
{
    struct job_draft draft;
    char id[24];
    while (csv_next(&reading->csv, err)) {
        const struct form *form = form_of(reading->csv.count);
        if (form == NULL || (reading->form != NULL && form != reading->form)) {
            return err_set(err, ERR_FORMAT, reading->csv.line,
                           "%u fields between tabs, expected 7, 10 or 12 as in every row",
                           reading->csv.count);
        }
        reading->form = form;
        job_draft_init(&draft);
        (void)snprintf(id, sizeof(id), "%zu", out->jobs.count);
        draft.id = view_of(id);
        struct text models = {0};
        bool ok = read_row(reading, &draft, err);
        if (ok && draft.speed_class != SPEED_NO_CLASS) {
            ask_for_models(reading, &draft, &models);
        }
        ok = ok && workload_add(out, &draft, reading->csv.line, err);
        text_release(&models);
        if (!ok) {
            return false;
        }
    }
    return err->code == ERR_NONE;
}

static void add_notes(const struct reading *reading, struct workload *out)
{
    const struct gavel_params *params = reading->params;
    bool computed =
        reading->form != NULL && (reading->form->duration < 0 || reading->table.root != NULL);
    size_t classes = out->speeds.by_class.count;
    if (classes > 0) {
        workload_note(out, "speeds by GPU model: %zu classes of jobs on %u models", classes,
                      names_count(&out->speeds.models));
    }
    bool keeps_modes = reading->planned > 0;
    workload_note(out, "ids are row numbers from 0, as Gavel counts; dropped: model%s of each job",
                  keeps_modes ? " and command" : ", command and batch-size mode");
    if (keeps_modes) {
        workload_note(out,
                      "%" PRId64 " jobs change their batch size at checkpoints; durations are at "
                      "the first size",
                      reading->planned);
    }
    if (computed && reading->table.root != NULL) {
        workload_note(out,
                      "durations are total steps / throughput on %.*s, by the table of digest %s",
                      VIEW_ARG(params->model), reading->table.digest);
    } else if (computed && params->steps_per_s > 0) {
        workload_note(out, "durations are total steps / %g steps a second", params->steps_per_s);
    }
    if (reading->untold > 0) {
        workload_note(out, "%" PRId64 " jobs tell steps but no duration%s", reading->untold,
                      reading->table.root != NULL ? ": the throughput table does not have them"
                                                  : " (throughputs=FILE or steps_per_s=N does)");
    }
    if (reading->confined > 0) {
        workload_note(out,
                      "%" PRId64 " jobs ask for the GPU models on which the table tells a speed "
                      "above 0",
                      reading->confined);
    }
    if (reading->weights > 0) {
        workload_note(out, "dropped: priority weights other than 1 of %" PRId64 " jobs",
                      reading->weights);
    }
    if (reading->slos > 0) {
        workload_note(out, "dropped: service levels (SLO) of %" PRId64 " jobs", reading->slos);
    }
}

static bool open_table(struct reading *reading, struct err *err)
{
    const struct gavel_params *params = reading->params;
    if (params->throughputs.length == 0) {
        return true;
    }
    char *path = mem_copy_text(params->throughputs.at, params->throughputs.length);
    bool ok = throughputs_read(&reading->table, path, err);
    if (ok && !throughputs_has_worker(&reading->table, params->model)) {
        ok = err_set(err, ERR_USAGE, 0, "'gavel': model is '%.*s', which is no worker type of %s",
                     VIEW_ARG(params->model), path);
    }
    free(path);
    return ok;
}

static bool gavel_read(const void *params, struct file *file, struct workload *out, struct err *err)
{
    struct reading reading = {.params = params, .out = out};
    csv_init(&reading.csv, file->bytes, file->length, '\t');
    bool ok = open_table(&reading, err) && read_rows(&reading, out, err);
    if (ok) {
        add_notes(&reading, out);
    }
    throughputs_release(&reading.table);
    return ok;
}

extern const struct trace_format trace_format_gavel;
const struct trace_format trace_format_gavel = {
    .name = "gavel",
    .help = "traces of Gavel and Shockwave (.trace), with their throughput tables",
    .params_size = sizeof(struct gavel_params),
    .params = gavel_params,
    .detect = gavel_detect,
    .read = gavel_read,
};
