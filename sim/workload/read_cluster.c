/* read_cluster.c - a cluster from its short form, a JSON file or a node list; see trace_format.h.
 */
#include "sim/cluster/cluster_file.h"
#include "sim/workload/trace_format.h"

static bool read_by(const struct trace_choice *choice, struct file *file, struct cluster *out,
                    struct err *err)
{
    if (choice->format->read_cluster == NULL) {
        return err_set(err, ERR_USAGE, 0, "format '%s' holds no cluster, only jobs",
                       choice->format->name);
    }
    return choice->format->read_cluster(choice->params, file, out, err);
}

bool trace_read_cluster_text(struct file *file, const char *format, struct cluster *out,
                             struct err *err)
{
    if (!trace_text_check(file, err)) {
        return false;
    }
    for (const struct trace_format *const *f = trace_formats; format == NULL && *f != NULL; f++) {
        if ((*f)->detect_cluster != NULL && (*f)->detect_cluster(trace_head(file))) {
            format = (*f)->name;
        }
    }
    if (format == NULL) {
        return cluster_from_json(file, out, err);
    }
    struct trace_choice choice = {0};
    if (!trace_format_choose(format, &choice, err)) {
        return false;
    }
    bool ok = read_by(&choice, file, out, err);
    free(choice.params);
    if (ok) {
        memcpy(out->digest, file->digest, sizeof(out->digest));
    }
    return ok;
}

_Static_assert(sizeof(((struct cluster *)NULL)->digest) == DIGEST_TEXT, "digests are copied");

bool trace_read_cluster(const char *source, const char *format, struct cluster *out,
                        struct err *err)
{
    if (format == NULL && cluster_from_short_form(source, out, err)) {
        return true;
    }
    struct file file = {0};
    bool is_bad_short_form = format == NULL && err->code != ERR_NONE;
    if (is_bad_short_form || !file_read(source, FILE_MOST_BYTES, &file, err)) {
        return false;
    }
    bool ok = trace_read_cluster_text(&file, format, out, err);
    file_release(&file);
    return ok || err->code == ERR_USAGE ? ok : err_locate(err, source);
}
