/* read_cluster.c - a cluster from its short form, a JSON file or a node list; see trace_format.h.
 */
#include "sim/cluster/cluster_file.h"
#include "sim/workload/trace_format.h"

static bool read_file(struct file *file, struct cluster *out, struct err *err)
{
    struct view head = {file->bytes, file->length < 1 << 16 ? file->length : 1 << 16};
    for (const struct trace_format *const *f = trace_formats; *f != NULL; f++) {
        if ((*f)->detect_cluster != NULL && (*f)->detect_cluster(head)) {
            return (*f)->read_cluster(NULL, file, out, err);
        }
    }
    return cluster_from_json(file, out, err);
}

bool trace_read_cluster(const char *source, const char *format, struct cluster *out,
                        struct err *err)
{
    (void)format;
    if (cluster_from_short_form(source, out, err)) {
        return true;
    }
    struct file file = {0};
    if (err->code != ERR_NONE || !file_read(source, FILE_MOST_BYTES, &file, err)) {
        return false;
    }
    bool ok = read_file(&file, out, err);
    file_release(&file);
    return ok || err_locate(err, source);
}
