/* story.c - see story.h. */
#include "tests/unit/report/story.h"

#include <dirent.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/file.h"
#include "sim/cluster/cluster_file.h"

void story_init(struct story *story, const char *cluster)
{
    *story = (struct story){.parent = "/tmp/berth-report-XXXXXX"};
    struct err err = {0};
    cr_assert(cluster_from_short_form(cluster, &story->cluster, &err), "%s", err.msg);
    workload_init(&story->workload);
    report_options_init(&story->options);
    cr_assert_not_null(mkdtemp(story->parent));
    struct text folder = {0};
    text_addf(&folder, "%s/out", story->parent);
    memcpy(story->folder, folder.bytes, folder.length + 1);
    text_release(&folder);
    story->settings = json_pack("{s:s}", "policy", "fifo <&>");
    story->timing = json_object();
    story->run = (struct report_run){
        .settings = story->settings,
        .timing = story->timing,
        .fingerprint = 0xabc,
        .trace = "t.csv",
        .cluster = "2x4",
        .policy = "fifo",
        .place = "first",
    };
}

static void remove_tree(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        (void)unlink(path);
        return;
    }
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            struct text inner = {0};
            text_addf(&inner, "%s/%s", path, entry->d_name);
            remove_tree(inner.bytes);
            text_release(&inner);
        }
    }
    (void)closedir(folder);
    (void)rmdir(path);
}

void story_release(struct story *story)
{
    report_free(story->report);
    workload_release(&story->workload);
    cluster_release_all(&story->cluster);
    json_decref(story->settings);
    json_decref(story->timing);
    remove_tree(story->parent);
}

void story_add_job(struct story *story, const char *id, const char *queue, int64_t submit_us,
                   int64_t duration_us, uint32_t gpus)
{
    struct job_draft *draft = mem_alloc(1, sizeof(*draft));
    struct err err = {0};
    job_draft_init(draft);
    draft->id = view_of(id);
    draft->queue = view_of(queue);
    draft->user = view_of("u");
    draft->submit_us = submit_us;
    draft->duration_us = duration_us;
    job_draft_set_gpus(draft, gpus);
    cr_assert(workload_add(&story->workload, draft, ++story->line, &err), "%s", err.msg);
    free(draft);
}

void story_open(struct story *story, bool in_folder)
{
    struct err err = {0};
    cr_assert(workload_finish(&story->workload, &err), "%s", err.msg);
    story->report = report_open(&story->options, &story->workload, &story->cluster,
                                in_folder ? story->folder : NULL, &err);
    cr_assert_not_null(story->report, "%s", err.msg);
}

void story_tell_record(struct story *story, struct log_record record)
{
    struct log_sink sink = report_sink(story->report);
    sink.record(sink.self, &record);
}

void story_tell(struct story *story, int64_t time_us, enum log_kind kind, uint32_t job,
                uint32_t gpus)
{
    story_tell_record(story, (struct log_record){
                                 .time_us = time_us,
                                 .kind = kind,
                                 .job = job,
                                 .gpu_milli = INT64_C(1000) * gpus,
                             });
}

bool story_end(struct story *story, int64_t time_us, struct err *err)
{
    story_tell(story, time_us, LOG_END, LOG_NO_JOB, 0);
    return report_close(story->report, &story->run, err);
}

void story_read(const struct story *story, const char *name, struct text *out)
{
    struct text path = {0};
    struct file file = {0};
    struct err err = {0};
    text_addf(&path, "%s/%s", story->folder, name);
    cr_assert(file_read(path.bytes, FILE_MOST_BYTES, &file, &err), "%s", err.msg);
    text_add_bytes(out, file.bytes, file.length);
    file_release(&file);
    text_release(&path);
}

void story_expect(const struct story *story, const char *name, const char *bytes)
{
    struct text text = {0};
    story_read(story, name, &text);
    cr_assert_str_eq(text.bytes, bytes, "%s is\n%s\ninstead of\n%s", name, text.bytes, bytes);
    text_release(&text);
}

int story_count_entries(const struct story *story)
{
    DIR *folder = opendir(story->parent);
    cr_assert_not_null(folder);
    int count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        count += entry->d_name[0] != '.';
    }
    (void)closedir(folder);
    return count;
}

/* The trace starts at 1,000 s of its own time; the records count from there. */
void story_init_all(struct story *story)
{
    story_init(story, "2x4");
    int64_t epoch_us = 1000 * SECOND_US;
    story_add_job(story, "A", "one", epoch_us, 100 * SECOND_US, 4);
    story_add_job(story, "B", "two", epoch_us + 10 * SECOND_US, 50 * SECOND_US, 8);
    story_add_job(story, "say \"C\"", "q,1", epoch_us + 10500000, 0, 2);
    story_add_job(story, "D", "two", epoch_us + 20 * SECOND_US, 10 * SECOND_US, 16);
    story_add_job(story, "E", "one", epoch_us + 30 * SECOND_US, 1000 * SECOND_US, 1);
    story_add_job(story, "F", "two", epoch_us + 40 * SECOND_US, 10 * SECOND_US, 8);
    story_add_job(story, "G", "two", epoch_us + 500 * SECOND_US, 10 * SECOND_US, 1);
}

void story_tell_all(struct story *story)
{
    enum { A, B, C, D, E, F };
    story_tell(story, 0, LOG_SUBMIT, A, 4);
    story_tell(story, 0, LOG_START, A, 4);
    story_tell(story, 10 * SECOND_US, LOG_SUBMIT, B, 8);
    story_tell(story, 10500000, LOG_SUBMIT, C, 2);
    story_tell(story, 10500000, LOG_START, C, 2);
    story_tell(story, 10500000, LOG_FINISH, C, 2);
    story_tell_record(story, (struct log_record){.time_us = 20 * SECOND_US,
                                                 .kind = LOG_REJECT,
                                                 .job = D,
                                                 .gpu_milli = 16000,
                                                 .reason = "16 GPUs, more than there are"});
    story_tell(story, 30 * SECOND_US, LOG_SUBMIT, E, 1);
    story_tell(story, 40 * SECOND_US, LOG_SUBMIT, F, 8);
    story_tell_record(story, (struct log_record){.time_us = 60 * SECOND_US,
                                                 .kind = LOG_PREEMPT,
                                                 .job = A,
                                                 .gpu_milli = 4000,
                                                 .lost_us = 5 * SECOND_US});
    story_tell(story, 60 * SECOND_US, LOG_START, B, 8);
    story_tell(story, 110 * SECOND_US, LOG_FINISH, B, 8);
    story_tell(story, 110 * SECOND_US, LOG_START, A, 4);
    story_tell(story, 110 * SECOND_US, LOG_START, E, 1);
    story_tell(story, 155250000, LOG_FINISH, A, 4);
}
