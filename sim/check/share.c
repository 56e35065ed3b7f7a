/* share.c - see share.h. */
#include "sim/check/share.h"

#include "sim/base/check.h"
#include "sim/base/file.h"
#include "sim/base/json_read.h"

#define REQUEST_UNTOLD 100000.0

static const char *const BLOCKS[CORE_RESOURCE_COUNT] = {
    [CORE_CPU] = "cpu", [CORE_MEM] = "memory", [CORE_GPU] = "gpu"};
static const char *const TOTALS[CORE_RESOURCE_COUNT] = {
    [CORE_CPU] = "CPU", [CORE_MEM] = "Memory", [CORE_GPU] = "GPU"};

/* -- reading --------------------------------------------------------------------------------- */

/* Seconds of a time such as 2026-01-01T00:05:00Z, on a calendar of months of 31 days: only the
 * order counts. */
static bool read_created(const json_t *queue, const char *path, int64_t *out, struct err *err)
{
    const char *text = NULL;
    if (!json_read_text(queue, path, "creationTimestamp", &text, err)) {
        return false;
    }
    if (text == NULL) {
        return true;
    }
    static const char PATTERN[] = "dddd-dd-ddTdd:dd:ddZ";
    static const int64_t LIMITS[] = {0, 13, 32, 24, 60, 61};
    int64_t fields[6] = {0};
    size_t field = 0;
    bool ok = strlen(text) == sizeof(PATTERN) - 1;
    for (size_t i = 0; ok && i < sizeof(PATTERN) - 1; i++) {
        if (PATTERN[i] != 'd') {
            ok = text[i] == PATTERN[i];
            field++;
            continue;
        }
        ok = text[i] >= '0' && text[i] <= '9';
        fields[field] = fields[field] * 10 + (text[i] - '0');
    }
    int64_t seconds = fields[0];
    for (size_t i = 1; i < 6; i++) {
        ok = ok && fields[i] < LIMITS[i];
        seconds = seconds * LIMITS[i] + fields[i];
    }
    *out = seconds;
    return ok ||
           json_unexpected(path, "creationTimestamp", json_object_get(queue, "creationTimestamp"),
                           "a time such as 2026-01-01T00:05:00Z", err);
}

static bool read_block(const json_t *shares, const char *path, enum core_resource resource,
                       struct share_queue *queue, struct err *err)
{
    static const char *const KEYS[] = {"deserved", "maxAllowed", "overQuotaWeight",
                                       "request",  "usage",      NULL};
    struct core_division_queue *share = &queue->shares[resource];
    const json_t *block = json_object_get(shares, BLOCKS[resource]);
    share->deserved = block == NULL && resource != CORE_GPU ? -1 : 0;
    share->limit = -1;
    share->weight = 1;
    share->request = REQUEST_UNTOLD;
    if (block == NULL) {
        return true;
    }
    char at[JSON_PATH_MOST];
    json_path(at, path, BLOCKS[resource], -1);
    queue->request_told[resource] = json_object_get(block, "request") != NULL;
    return json_check_object(block, at, KEYS, err) &&
           json_read_number(block, at, "deserved", -1, &share->deserved, err) &&
           json_read_number(block, at, "maxAllowed", -1, &share->limit, err) &&
           json_read_number(block, at, "overQuotaWeight", 0, &share->weight, err) &&
           json_read_number(block, at, "request", 0, &share->request, err) &&
           json_read_number(block, at, "usage", 0, &share->usage, err);
}

static bool read_queue(const json_t *value, const char *path, struct share_queue *queue,
                       struct err *err)
{
    static const char *const KEYS[] = {
        "uid", "name", "parent", "priority", "creationTimestamp", "resourceShare", NULL};
    int64_t priority = 0;
    int64_t created = 0;
    *queue = (struct share_queue){.parent_index = CORE_NONE};
    if (!json_check_object(value, path, KEYS, err) ||
        !json_read_text(value, path, "uid", &queue->uid, err) ||
        !json_read_text(value, path, "name", &queue->name, err) ||
        !json_read_text(value, path, "parent", &queue->parent, err) ||
        !json_read_whole(value, path, "priority", (struct json_range){INT32_MIN, INT32_MAX},
                         &priority, err) ||
        !read_created(value, path, &created, err)) {
        return false;
    }
    queue->uid = queue->uid != NULL ? queue->uid : queue->name;
    queue->name = queue->name != NULL ? queue->name : queue->uid;
    queue->parent = queue->parent != NULL && *queue->parent != '\0' ? queue->parent : NULL;
    if (queue->uid == NULL) {
        return json_unexpected(path, "uid", NULL, "an id or a name", err);
    }
    const json_t *shares = json_object_get(value, "resourceShare");
    char at[JSON_PATH_MOST];
    json_path(at, path, "resourceShare", -1);
    for (int r = 0; r < CORE_RESOURCE_COUNT; r++) {
        queue->shares[r] = (struct core_division_queue){
            .name = queue->uid, .priority = (int)priority, .created_ns = created};
        if (!read_block(shares, at, (enum core_resource)r, queue, err)) {
            return false;
        }
    }
    return true;
}

static int by_uid(const void *a, const void *b)
{
    return strcmp(((const struct share_queue *)a)->uid, ((const struct share_queue *)b)->uid);
}

static uint32_t find_uid(const struct share_request *request, const char *uid)
{
    for (uint32_t i = 0; i < request->queues.count; i++) {
        if (strcmp(request->queues.items[i].uid, uid) == 0) {
            return i;
        }
    }
    return CORE_NONE;
}

/* Sorts by uid, finds the parents, and refuses what is no tree. */
static bool link_queues(struct share_request *request, const char *path, struct err *err)
{
    struct share_queue *queues = request->queues.items;
    size_t count = request->queues.count;
    if (count > 1) {
        qsort(queues, count, sizeof(*queues), by_uid);
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(queues[i - 1].uid, queues[i].uid) == 0) {
            return err_set(err, ERR_FORMAT, 0, "at %squeues: two queues have the uid \"%.60s\"",
                           path, queues[i].uid);
        }
        if (queues[i].parent != NULL) {
            queues[i].parent_index = find_uid(request, queues[i].parent);
            if (queues[i].parent_index == CORE_NONE) {
                return err_set(
                    err, ERR_FORMAT, 0,
                    "at %squeues: \"%.60s\" has the parent \"%.60s\", which is not there", path,
                    queues[i].uid, queues[i].parent);
            }
            queues[queues[i].parent_index].is_parent = true;
        }
    }
    for (size_t i = 0; i < count; i++) {
        size_t steps = 0;
        for (uint32_t at = queues[i].parent_index; at != CORE_NONE; at = queues[at].parent_index) {
            if (++steps > count) {
                return err_set(err, ERR_FORMAT, 0,
                               "at %squeues: \"%.60s\" is among its own ancestors, expected a tree",
                               path, queues[i].uid);
            }
        }
    }
    return true;
}

bool share_read(const json_t *value, const char *path, struct share_request *out, struct err *err)
{
    static const char *const KEYS[] = {"totalResource", "queues", "k", NULL};
    *out = (struct share_request){0};
    const json_t *queues = NULL;
    bool ok = json_check_object(value, path, KEYS, err) &&
              json_read_number(value, path, "k", 0, &out->k, err) &&
              json_read_array(value, path, "queues", &queues, err);
    const json_t *total = ok ? json_object_get(value, "totalResource") : NULL;
    char at[JSON_PATH_MOST];
    json_path(at, path, "totalResource", -1);
    for (int r = 0; ok && total != NULL && r < CORE_RESOURCE_COUNT; r++) {
        ok = json_read_number(total, at, TOTALS[r], 0, &out->total[r], err);
    }
    for (size_t i = 0; ok && i < json_array_size(queues); i++) {
        struct share_queue queue;
        json_path(at, path, "queues", (long)i);
        ok = read_queue(json_array_get(queues, i), at, &queue, err);
        if (ok) {
            vec_push(&out->queues, queue);
        }
    }
    ok = ok && link_queues(out, path, err);
    if (!ok) {
        share_release(out);
    }
    return ok;
}

void share_release(struct share_request *request)
{
    vec_release(&request->queues);
    *request = (struct share_request){0};
}

/* -- dividing -------------------------------------------------------------------------------- */

/* A parent asks for what its children ask for; deepest first by going up from every leaf. */
static void sum_requests(struct share_request *request, int r)
{
    struct share_queue *queues = request->queues.items;
    for (size_t i = 0; i < request->queues.count; i++) {
        if (queues[i].is_parent && !queues[i].request_told[r]) {
            queues[i].shares[r].request = 0;
        }
    }
    for (size_t i = 0; i < request->queues.count; i++) {
        if (queues[i].is_parent && !queues[i].request_told[r]) {
            continue;
        }
        uint32_t at = queues[i].parent_index;
        while (at != CORE_NONE && !queues[at].request_told[r]) {
            queues[at].shares[r].request += queues[i].shares[r].request;
            at = queues[at].parent_index;
        }
    }
}

static void divide_level(struct share_request *request, uint32_t parent, int r)
{
    VEC(struct core_division_queue) level = {0};
    VEC(uint32_t) members = {0};
    for (uint32_t i = 0; i < request->queues.count; i++) {
        if (request->queues.items[i].parent_index == parent) {
            vec_push(&level, request->queues.items[i].shares[r]);
            vec_push(&members, i);
        }
    }
    double amount = parent == CORE_NONE ? request->total[r]
                                        : request->queues.items[parent].shares[r].fair_share;
    (void)core_divide(amount, request->k, level.items, level.count); /* what is left is nobody's */
    for (size_t i = 0; i < level.count; i++) {
        request->queues.items[members.items[i]].shares[r].fair_share = level.items[i].fair_share;
    }
    vec_release(&level);
    vec_release(&members);
}

void share_divide(struct share_request *request)
{
    size_t count = request->queues.count;
    VEC(uint32_t) parents = {0};
    vec_push(&parents, CORE_NONE);
    for (size_t next = 0; next < parents.count; next++) { /* breadth first: parents have theirs */
        for (uint32_t i = 0; i < count; i++) {
            if (request->queues.items[i].is_parent &&
                request->queues.items[i].parent_index == parents.items[next]) {
                vec_push(&parents, i);
            }
        }
    }
    for (int r = 0; r < CORE_RESOURCE_COUNT; r++) {
        sum_requests(request, r);
        for (size_t i = 0; i < parents.count; i++) {
            divide_level(request, parents.items[i], r);
        }
    }
    vec_release(&parents);
}

json_t *share_answer_json(const struct share_request *request)
{
    json_t *answer = json_object();
    for (size_t i = 0; i < request->queues.count; i++) {
        const struct share_queue *queue = &request->queues.items[i];
        json_object_set_new(answer, queue->uid,
                            json_pack("{s:f, s:f, s:f}", "cpu", queue->shares[CORE_CPU].fair_share,
                                      "gpu", queue->shares[CORE_GPU].fair_share, "memory",
                                      queue->shares[CORE_MEM].fair_share));
    }
    return answer;
}

/* -- judging --------------------------------------------------------------------------------- */

static bool is_equal(double a, double b)
{
    return !(a < b) && !(a > b);
}

/* The first difference to a recorded answer, or "". */
static void compare(const struct share_request *request, const json_t *answer, struct text *out)
{
    text_clear(out);
    text_add(out, "");
    if (json_object_size(answer) != request->queues.count) {
        text_addf(out, "the record has %zu queues", json_object_size(answer));
        return;
    }
    for (size_t i = 0; i < request->queues.count; i++) {
        const struct share_queue *queue = &request->queues.items[i];
        const json_t *expected = json_object_get(answer, queue->uid);
        for (int r = 0; r < CORE_RESOURCE_COUNT; r++) {
            double recorded = json_number_value(json_object_get(expected, BLOCKS[r]));
            double ours = queue->shares[r].fair_share;
            if (expected == NULL || !is_equal(recorded, ours)) {
                text_addf(out, "queue %s, %s: %.17g, recorded %.17g", queue->uid, BLOCKS[r], ours,
                          recorded);
                return;
            }
        }
    }
}

static bool run_vector(const json_t *vector, size_t number, struct suite_result *result,
                       struct text *difference, struct err *err)
{
    char path[JSON_PATH_MOST];
    char at[JSON_PATH_MOST];
    json_path(path, "", "vectors", (long)number);
    json_path(at, path, "request", -1);
    struct share_request request;
    if (!json_read_text(vector, path, "name", &result->id, err) ||
        !share_read(json_object_get(vector, "request"), at, &request, err)) {
        return false;
    }
    share_divide(&request);
    const json_t *answers = json_object_get(vector, "response_any_of");
    result->verdict = VERDICT_FAILED;
    text_clear(difference);
    text_add(difference, "no answer is recorded");
    for (size_t i = 0; i < json_array_size(answers) && result->verdict == VERDICT_FAILED; i++) {
        compare(&request, json_array_get(answers, i), difference);
        result->verdict = difference->length == 0 ? VERDICT_PASSED : VERDICT_FAILED;
    }
    result->difference = difference->length == 0 ? "" : difference->bytes;
    share_release(&request);
    return true;
}

bool share_requests_run(const char *path,
                        void (*report)(void *arg, const struct suite_result *result), void *arg,
                        struct err *err)
{
    struct file file;
    if (!file_read(path, FILE_MOST_BYTES, &file, err)) {
        return false;
    }
    json_t *top = json_parse(file.bytes, file.length, err);
    file_release(&file);
    if (top == NULL) {
        return err_locate(err, path);
    }
    struct text difference = {0};
    const json_t *vectors = NULL;
    bool ok = json_read_array(top, "", "vectors", &vectors, err);
    for (size_t i = 0; ok && i < json_array_size(vectors); i++) {
        struct suite_result result = {.path = path, .id = ""};
        ok = run_vector(json_array_get(vectors, i), i, &result, &difference, err);
        if (ok) {
            report(arg, &result);
        }
    }
    text_release(&difference);
    json_decref(top);
    return ok || err_locate(err, path);
}
