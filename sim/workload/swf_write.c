/* swf_write.c - see swf_write.h; traces/swf.c lists the 18 fields. */
#include "sim/workload/swf_write.h"

#include <inttypes.h>

#include "sim/workload/losses.h"

enum { MOST_DIGITS = 17, SECOND_US = 1000000 };

/* How the names of one kind become numbers: as they are, or by their place in the table. */
struct numbering {
    const struct names *names;
    bool is_own;
};

struct swf_writer {
    const struct workload *workload;
    struct text *text;
    struct names *notes;
    struct numbering ids;
    struct numbering users;
    struct numbering queues;
    int64_t epoch_us;
    uint64_t fine_times;     /* jobs with times that are not whole seconds */
    uint64_t other_outcomes; /* jobs whose outcome has no number */
    uint64_t zero_estimates;
    uint64_t out_of_order;
};

static bool is_number(const char *name)
{
    size_t length = strspn(name, "0123456789");
    return length > 0 && length <= MOST_DIGITS && name[length] == '\0';
}

static struct numbering numbering_of(const struct names *names)
{
    struct numbering numbering = {names, true};
    for (uint32_t i = 0; i < names_count(names); i++) {
        const char *name = names_get(names, i);
        numbering.is_own = numbering.is_own && (name[0] == '\0' || is_number(name));
    }
    return numbering;
}

/* "; Queue: 3 name" for every name that became a number. */
static void add_legend(struct text *text, const struct numbering *numbering, const char *what)
{
    for (uint32_t i = 0; !numbering->is_own && i < names_count(numbering->names); i++) {
        const char *name = names_get(numbering->names, i);
        if (name[0] == '\0') {
            continue;
        }
        text_addf(text, "; %s %" PRIu32 " ", what, i + 1);
        for (; *name != '\0'; name++) {
            bool is_control = (unsigned char)*name < ' ';
            text_add_bytes(text, is_control ? "?" : name, 1);
        }
        text_add_char(text, '\n');
    }
}

static void add_header(struct swf_writer *swf)
{
    int64_t largest = 0;
    for (uint32_t s = 0; s < swf->workload->shapes.count; s++) {
        int64_t gpus = losses_whole_gpus(swf->workload, s);
        largest = gpus > largest ? gpus : largest;
    }
    text_addf(swf->text,
              "; Version: 2.2\n; Conversion: berth, from a trace of the format %s\n"
              "; MaxJobs: %zu\n; MaxRecords: %zu\n; MaxProcs: %" PRId64
              "\n; Note: MaxProcs is the size of the largest job\n",
              swf->workload->format, swf->workload->jobs.count, swf->workload->jobs.count, largest);
    if (swf->workload->clock_offset_us != 0) {
        int64_t zone_us = swf->workload->clock_zone_us;
        text_addf(swf->text, "; UnixStartTime: %" PRId64 "\n; TimeZone: %" PRId64 "\n",
                  (swf->workload->clock_offset_us - zone_us) / SECOND_US, zone_us / SECOND_US);
    }
    add_legend(swf->text, &swf->queues, "Queue:");
    add_legend(swf->text, &swf->users, "Note: user");
}

static void add_number(struct text *text, const struct numbering *numbering, uint32_t number)
{
    const char *name = names_get(numbering->names, number);
    if (name[0] == '\0') {
        text_add(text, "-1");
    } else if (numbering->is_own) {
        text_add(text, name);
    } else {
        text_add_i64(text, (int64_t)number + 1);
    }
}

/* -1 where the time is not known. */
static void add_seconds(struct text *text, int64_t us)
{
    text_add_char(text, ' ');
    if (us == TIME_UNKNOWN) {
        text_add(text, "-1");
    } else {
        text_add_seconds(text, us);
    }
}

/* The status of the outcome; *exact is false when reading it gives another outcome. */
static int status_of(enum job_outcome outcome, bool *exact)
{
    *exact = true;
    switch (outcome) {
    case OUTCOME_COMPLETED:
        return 1;
    case OUTCOME_FAILED:
        return 0;
    case OUTCOME_CANCELLED:
        return 5;
    case OUTCOME_UNKNOWN:
        return -1;
    case OUTCOME_TIMEOUT:
    case OUTCOME_NODE_FAIL:
        *exact = false;
        return 0;
    case OUTCOME_UNFINISHED:
        *exact = false;
        return -1;
    }
    return -1;
}

static bool is_fine(int64_t us)
{
    return us != TIME_UNKNOWN && us % SECOND_US != 0;
}

static void add_job(struct swf_writer *swf, size_t number)
{
    const struct job *job = &swf->workload->jobs.items[number];
    struct text *text = swf->text;
    int64_t gpus = losses_whole_gpus(swf->workload, job->shape);
    int64_t procs = gpus > 0 ? gpus : -1;
    int64_t submit_us = swf->epoch_us + job->submit_us;
    bool exact = false;
    int status = status_of((enum job_outcome)job->outcome, &exact);
    swf->other_outcomes += exact ? 0 : 1;
    swf->fine_times +=
        is_fine(submit_us) || is_fine(job->duration_us) || is_fine(job->estimate_us) ? 1 : 0;
    swf->zero_estimates += job->estimate_us == 0 ? 1 : 0;
    if (swf->ids.is_own) {
        text_add(text, names_get(&swf->workload->ids, job->id));
    } else {
        text_add_i64(text, (int64_t)number + 1);
    }
    add_seconds(text, submit_us);
    text_add(text, " -1");
    add_seconds(text, job->duration_us);
    text_addf(text, " %" PRId64 " -1 -1 %" PRId64, procs, procs);
    add_seconds(text, job->estimate_us == 0 ? TIME_UNKNOWN : job->estimate_us);
    text_addf(text, " -1 %d ", status);
    add_number(text, &swf->users, job->user);
    text_add(text, " -1 -1 ");
    add_number(text, &swf->queues, job->queue);
    text_add(text, " -1 -1 -1\n");
}

/* Readers put jobs of one submit time into the order of their numbers. */
static bool is_in_order(const struct swf_writer *swf, const struct job *earlier,
                        const struct job *later)
{
    if (!swf->ids.is_own || earlier->submit_us < later->submit_us) {
        return true;
    }
    const char *a = names_get(swf->ids.names, earlier->id);
    const char *b = names_get(swf->ids.names, later->id);
    return strtoll(a, NULL, 10) <= strtoll(b, NULL, 10);
}

static void say_what_is_lost(const struct swf_writer *swf)
{
    struct losses losses;
    losses_count(swf->workload, &losses);
    losses_say(&losses, "SWF", swf->notes);
    if (!swf->ids.is_own) {
        losses_note(swf->notes, "SWF: job ids are numbers, so those of this trace are replaced by "
                                "their place in the trace");
    }
    if (!swf->users.is_own || !swf->queues.is_own) {
        losses_note(swf->notes, "SWF: users and queues are numbers, whose names are in the header");
    }
    if (swf->other_outcomes > 0) {
        losses_note(swf->notes,
                    "SWF: %" PRIu64 " outcomes have no number (timeout and node failure are "
                    "written as failed, unfinished as unknown)",
                    swf->other_outcomes);
    }
    if (swf->fine_times > 0) {
        losses_note(swf->notes,
                    "SWF: %" PRIu64 " jobs have times that are not whole seconds, which not every "
                    "reader takes",
                    swf->fine_times);
    }
    if (swf->zero_estimates > 0) {
        losses_note(swf->notes, "SWF: %" PRIu64 " estimates of 0 s are written as missing",
                    swf->zero_estimates);
    }
    if (swf->out_of_order > 0) {
        losses_note(swf->notes,
                    "SWF: readers will order jobs of one submit time by their numbers, which "
                    "changes the place of %" PRIu64 " jobs",
                    swf->out_of_order);
    }
}

void swf_write(struct text *text, const struct workload *workload, struct names *notes)
{
    struct swf_writer swf = {
        .workload = workload,
        .text = text,
        .notes = notes,
        .ids = numbering_of(&workload->ids),
        .users = numbering_of(&workload->users),
        .queues = numbering_of(&workload->queues),
        .epoch_us = losses_epoch_us(workload, "SWF", notes),
    };
    add_header(&swf);
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        add_job(&swf, i);
        swf.out_of_order += i > 0 && !is_in_order(&swf, job - 1, job) ? 1 : 0;
    }
    say_what_is_lost(&swf);
}
