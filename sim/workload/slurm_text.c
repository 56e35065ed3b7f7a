/* slurm_text.c - see slurm_text.h. */
#include "sim/workload/slurm_text.h"

#include <stddef.h>

#include "sim/base/parse.h"
#include "sim/cluster/mig.h"
#include "sim/workload/outcome.h"

/* Models that a job accepts, joined; more of them are dropped. */
enum { MOST_MODELS_LENGTH = 400 };

static bool starts_with(struct view text, const char *start, struct view *rest)
{
    size_t length = strlen(start);
    if (text.length < length || memcmp(text.at, start, length) != 0) {
        return false;
    }
    *rest = (struct view){text.at + length, text.length - length};
    return true;
}

bool slurm_memory_mib(struct view text, int64_t *out)
{
    static const char units[] = "KMGT";
    int64_t milli = 0;
    int64_t unit_kib = 1024;
    const char *unit = text.length > 0 ? strchr(units, text.at[text.length - 1]) : NULL;
    if (unit != NULL && *unit != '\0') {
        unit_kib = INT64_C(1) << (10 * (unit - units));
        text.length--;
    }
    if (parse_scaled(text, 1000, &milli) != PARSE_OK || milli < 0 ||
        milli > WORKLOAD_MOST_AMOUNT * 1000 / unit_kib) {
        return false;
    }
    *out = (milli * unit_kib + INT64_C(1024000) - 1) / INT64_C(1024000);
    return true;
}

static bool read_count(struct view text, int64_t most, int64_t *out)
{
    int64_t value = 0;
    if (parse_i64(text, &value) != PARSE_OK || value < 0 || value > most) {
        return false;
    }
    *out = value;
    return true;
}

static bool add_type(struct slurm_tres *tres, struct view name, int64_t count)
{
    for (uint32_t i = 0; i < tres->type_count; i++) {
        struct slurm_gpu_type *type = &tres->types[i];
        if (type->name.length == name.length && memcmp(type->name.at, name.at, name.length) == 0) {
            type->count += count;
            return type->count <= WORKLOAD_MOST_GPUS;
        }
    }
    if (tres->type_count == SLURM_MOST_GPU_TYPES) {
        return false;
    }
    tres->types[tres->type_count++] = (struct slurm_gpu_type){name, count};
    return true;
}

/* The total of all types, when no larger one was told. */
static bool sum_types(struct slurm_tres *tres)
{
    int64_t typed = 0;
    for (uint32_t i = 0; i < tres->type_count; i++) {
        typed += tres->types[i].count;
    }
    tres->gpus = typed > tres->gpus ? typed : tres->gpus;
    return tres->gpus <= WORKLOAD_MOST_GPUS;
}

static bool read_item(struct view item, struct slurm_tres *out)
{
    struct view value = {0};
    struct view name = view_cut(item, '=', &value);
    struct view type = {0};
    int64_t count = 0;
    if (value.at == NULL) {
        return false;
    }
    switch (name.length > 0 ? name.at[0] : '\0') {
    case 'c':
        return !view_is(name, "cpu") ||
               (parse_scaled(value, 1000, &out->cpu_milli) == PARSE_OK && out->cpu_milli >= 0 &&
                out->cpu_milli <= WORKLOAD_MOST_AMOUNT);
    case 'm':
        return !view_is(name, "mem") || slurm_memory_mib(value, &out->memory_mib);
    case 'n':
        return !view_is(name, "node") || read_count(value, WORKLOAD_MOST_TASKS, &out->nodes);
    case 'g':
        break;
    default:
        return true;
    }
    if (view_is(name, "gres/gpu")) {
        return read_count(value, WORKLOAD_MOST_GPUS, &out->gpus);
    }
    if (starts_with(name, "gres/gpu:", &type)) {
        return read_count(value, WORKLOAD_MOST_GPUS, &count) &&
               (count == 0 || add_type(out, view_trim(type), count));
    }
    out->has_shares = out->has_shares || starts_with(name, "gres/shard", &type) ||
                      starts_with(name, "gres/mps", &type);
    return true;
}

bool slurm_tres_read(struct view text, struct slurm_tres *out)
{
    struct slurm_tres tres;
    /* All of it but the types, of which only the first type_count are ever looked at. */
    memset(&tres, 0, offsetof(struct slurm_tres, types));
    tres.has_shares = false;
    while (text.length > 0) {
        struct view item = view_cut(text, ',', &text);
        if (!read_item(item, &tres)) {
            return false;
        }
    }
    if (!sum_types(&tres)) {
        return false;
    }
    *out = tres;
    return true;
}

/* "gpu", "gpu:4", "gpu:a100:4": an item without what stands in brackets. */
static bool read_gres_item(struct view item, struct slurm_tres *out)
{
    struct view rest = {0};
    struct view count_text = {0};
    struct view name = view_cut(item, ':', &rest);
    int64_t count = 1;
    out->has_shares = out->has_shares || view_is(name, "shard") || view_is(name, "mps");
    if (!view_is(name, "gpu")) {
        return true;
    }
    struct view type = view_cut(rest, ':', &count_text);
    if (count_text.at == NULL && read_count(type, WORKLOAD_MOST_GPUS, &count)) {
        type.length = 0;
    } else if (count_text.at != NULL && !read_count(count_text, WORKLOAD_MOST_GPUS, &count)) {
        return false;
    }
    if (type.length == 0) {
        out->gpus += count;
        return out->gpus <= WORKLOAD_MOST_GPUS;
    }
    return count == 0 || add_type(out, view_trim(type), count);
}

/* How long the item at the start of the text is: commas within brackets, "(S:0,2)", separate
 * nothing. */
static size_t gres_item_length(struct view text)
{
    size_t length = 0;
    int depth = 0;
    while (length < text.length && (text.at[length] != ',' || depth > 0)) {
        depth += text.at[length] == '(' ? 1 : 0;
        depth -= text.at[length] == ')' && depth > 0 ? 1 : 0;
        length++;
    }
    return length;
}

bool slurm_gres_read(struct view text, struct slurm_tres *out)
{
    struct slurm_tres tres = {0};
    text.length = view_is(text, "(null)") ? 0 : text.length;
    while (text.length > 0) {
        struct view unused = {0};
        size_t length = gres_item_length(text);
        if (!read_gres_item(view_cut((struct view){text.at, length}, '(', &unused), &tres)) {
            return false;
        }
        length += length < text.length ? 1 : 0;
        text.at += length;
        text.length -= length;
    }
    /* Here, unlike in TRES, GPUs without type are others than those with one. */
    for (uint32_t i = 0; i < tres.type_count; i++) {
        tres.gpus += tres.types[i].count;
    }
    *out = tres;
    return tres.gpus <= WORKLOAD_MOST_GPUS;
}

bool slurm_mig_type(struct view type, struct mig_profile *profile, struct view *model)
{
    size_t start = type.length;
    while (start > 0 && type.at[start - 1] != '_') {
        start--;
    }
    if (!mig_profile_parse((struct view){type.at + start, type.length - start}, profile)) {
        return false;
    }
    *model = view_trim((struct view){type.at, start > 0 ? start - 1 : 0});
    return true;
}

static struct view model_of(struct view type)
{
    struct mig_profile profile = {0};
    struct view model = type;
    return slurm_mig_type(type, &profile, &model) ? model : type;
}

/* Is `model` one of "A|B|C"? */
static bool has_model(struct view models, struct view model)
{
    while (models.length > 0) {
        struct view one = view_cut(models, '|', &models);
        if (one.length == model.length && memcmp(one.at, model.at, one.length) == 0) {
            return true;
        }
    }
    return false;
}

struct view slurm_join_models(struct view models, struct view more, struct arena *arena)
{
    if (models.length == 0) {
        return more;
    }
    struct text joined = {0};
    text_add_bytes(&joined, models.at, models.length);
    while (more.length > 0) {
        struct view one = view_cut(more, '|', &more);
        if (!has_model((struct view){joined.bytes, joined.length}, one) &&
            joined.length + one.length < MOST_MODELS_LENGTH) {
            text_add_char(&joined, '|');
            text_add_bytes(&joined, one.at, one.length);
        }
    }
    if (joined.length > models.length) {
        models.at = arena_copy_text(arena, joined.bytes, joined.length);
        models.length = joined.length;
    }
    text_release(&joined);
    return models;
}

struct view slurm_models(const struct slurm_tres *tres, struct arena *arena)
{
    struct view models = {"", 0};
    for (uint32_t i = 0; i < tres->type_count; i++) {
        models = slurm_join_models(models, model_of(tres->types[i].name), arena);
    }
    return models;
}

struct view slurm_most_model(const struct slurm_tres *tres)
{
    uint32_t most = 0;
    for (uint32_t i = 1; i < tres->type_count; i++) {
        most = tres->types[i].count > tres->types[most].count ? i : most;
    }
    return tres->type_count > 0 ? model_of(tres->types[most].name) : (struct view){"", 0};
}

struct state_word {
    const char *text;
    enum job_outcome outcome;
};

enum job_outcome slurm_outcome(struct view state, bool *known)
{
    /* Those whose word means nothing elsewhere. An attempt that was put back into the queue, or a
     * job that changed its size, has not ended in any way. */
    static const struct state_word words[] = {
        {"OUT_OF_MEMORY", OUTCOME_FAILED},   {"OUT_OF_ME", OUTCOME_FAILED},
        {"BOOT_FAIL", OUTCOME_NODE_FAIL},    {"DEADLINE", OUTCOME_TIMEOUT},
        {"PREEMPTED", OUTCOME_CANCELLED},    {"REVOKED", OUTCOME_CANCELLED},
        {"SUSPENDED", OUTCOME_UNFINISHED},   {"COMPLETING", OUTCOME_UNFINISHED},
        {"CONFIGURING", OUTCOME_UNFINISHED}, {"REQUEUED", OUTCOME_UNKNOWN},
        {"RESIZING", OUTCOME_UNKNOWN},
    };
    struct view rest = {0};
    struct view word = view_cut(view_trim(state), ' ', &rest);
    if (word.length > 0 && word.at[word.length - 1] == '+') {
        word.length--;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (view_is(word, words[i].text)) {
            *known = true;
            return words[i].outcome;
        }
    }
    return outcome_of_word(word, known);
}
