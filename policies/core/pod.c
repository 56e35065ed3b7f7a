/* pod.c - see pod.h. */
#include "policies/core/pod.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "policies/core/modules.h"

static const char GROUP_LABEL[] = "runai-gpu-group";
static const char MIG_PREFIX[] = "nvidia.com/mig-";

/* The sum of some containers. Amounts by name, GPUs apart. */
struct sum {
    struct core_amount *items;
    size_t count;
    struct core_gpu_need gpu;
};

struct work {
    const struct core_pod *pod;
    struct arena *arena;
    size_t most; /* names that can occur */
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool is_mig(const char *name)
{
    return strncmp(name, MIG_PREFIX, sizeof MIG_PREFIX - 1) == 0;
}

/* Thousandths, rounded up; amounts of pods have at most nine decimals. */
static double thousandths(double amount)
{
    return ceil(amount * 1000 - 1e-6);
}

static double in_components(const char *name, double amount)
{
    bool plain = strcmp(name, "memory") == 0 || strcmp(name, "ephemeral-storage") == 0 ||
                 strcmp(name, "storage") == 0 || is_mig(name);
    double value = plain ? ceil(amount - 1e-6) : thousandths(amount);
    return value < 9.2e18 ? value : 0; /* what no integer holds is nothing */
}

static bool is_known(const struct core_pod *pod, const char *name)
{
    if (strcmp(name, "cpu") == 0 || strcmp(name, "memory") == 0) {
        return true;
    }
    for (size_t i = 0; i < pod->known.count; i++) {
        if (strcmp(pod->known.items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static double *amount_of(struct sum *sum, const char *name)
{
    for (size_t i = 0; i < sum->count; i++) {
        if (strcmp(sum->items[i].name, name) == 0) {
            return &sum->items[i].amount;
        }
    }
    sum->items[sum->count] = (struct core_amount){name, 0};
    return &sum->items[sum->count++].amount;
}

static struct sum new_sum(const struct work *w)
{
    return (struct sum){.items = arena_alloc(w->arena, w->most, sizeof(struct core_amount))};
}

/* GPUs of one vendor. None of them is one device of which nothing is asked. */
static void set_gpus(struct sum *sum, double amount)
{
    sum->gpu.count += amount >= 1 ? (int64_t)amount : 1;
    sum->gpu.portion = amount >= 1 ? 1 : sum->gpu.portion;
}

/* The requests of containers that run side by side, added up by name before anything else. */
static struct sum sum_of(const struct work *w, const struct core_container *containers,
                         size_t count)
{
    struct sum sum = new_sum(w);
    struct sum gpus = new_sum(w);
    struct core_amount *migs = arena_alloc(w->arena, w->most, sizeof *migs);
    for (size_t c = 0; c < count; c++) {
        for (size_t i = 0; i < containers[c].requests.count; i++) {
            const struct core_amount *request = &containers[c].requests.items[i];
            if (ends_with(request->name, "gpu")) {
                *amount_of(&gpus, request->name) += request->amount;
            } else if (request->amount > 0 && strcmp(request->name, "pods") != 0) {
                *amount_of(&sum, request->name) += in_components(request->name, request->amount);
            }
        }
    }
    for (size_t i = 0; i < gpus.count; i++) {
        set_gpus(&sum, gpus.items[i].amount);
    }
    for (size_t i = 0; i < sum.count; i++) {
        if (is_mig(sum.items[i].name)) {
            migs[sum.gpu.mig.count++] = sum.items[i];
        }
    }
    sum.gpu.mig.items = migs;
    return sum;
}

/* Adds, or takes the larger of each. */
static void combine(const struct work *w, struct sum *to, const struct sum *from, bool add)
{
    for (size_t i = 0; i < from->count; i++) {
        double *mine = amount_of(to, from->items[i].name);
        *mine = add ? *mine + from->items[i].amount : fmax(*mine, from->items[i].amount);
    }
    size_t profiles = to->gpu.mig.count + from->gpu.mig.count;
    struct core_amount *migs = arena_alloc(w->arena, profiles + 1, sizeof *migs);
    if (add) {
        (void)core_need_add(&to->gpu, &from->gpu, migs);
    } else {
        (void)core_need_max(&to->gpu, &from->gpu, migs);
    }
}

static struct sum sum_pod(const struct work *w)
{
    const struct core_pod *pod = w->pod;
    struct sum total = sum_of(w, pod->containers, pod->container_count);
    struct sum sidecars = new_sum(w);
    for (size_t i = 0; i < pod->init_container_count; i++) {
        struct sum own = sum_of(w, &pod->init_containers[i], 1);
        if (pod->init_containers[i].sidecar) {
            combine(w, &sidecars, &own, true);
        }
    }
    combine(w, &total, &sidecars, true);
    sidecars = new_sum(w);
    for (size_t i = 0; i < pod->init_container_count; i++) {
        struct sum own = sum_of(w, &pod->init_containers[i], 1);
        if (pod->init_containers[i].sidecar) {
            combine(w, &sidecars, &own, true);
        } else {
            combine(w, &own, &sidecars, true);
            combine(w, &total, &own, false);
        }
    }
    const struct core_container overhead = {.requests = pod->overhead};
    struct sum extra = sum_of(w, &overhead, 1);
    extra.gpu = (struct core_gpu_need){0};
    combine(w, &total, &extra, true);
    return total;
}

static const char *annotation(const struct core_pod *pod, const char *key)
{
    for (size_t i = 0; i < pod->annotations.count; i++) {
        if (strcmp(pod->annotations.items[i].key, key) == 0) {
            return pod->annotations.items[i].value;
        }
    }
    return NULL;
}

static bool read_fraction(const char *text, double *out)
{
    char *end = NULL;
    if (text == NULL || text[0] == '\0' || strspn(text, "+-.0123456789eE") != strlen(text)) {
        return false;
    }
    *out = strtod(text, &end);
    return *end == '\0';
}

/* Shared GPUs by annotation; "gpu-fraction" wins over "gpu-memory". */
static void read_shares(const struct core_pod *pod, struct core_pod_request *out)
{
    int64_t memory = 0, devices = 0;
    double fraction = 0;
    const char *text = annotation(pod, "gpu-memory");
    if (text != NULL && core_parse_integer(text, &memory) && memory > 0) {
        out->gpu = (struct core_gpu_need){.count = 1, .memory_mib = memory};
        out->kind = CORE_GPU_MEMORY;
    }
    if (read_fraction(annotation(pod, "gpu-fraction"), &fraction) && fraction > 0 &&
        fraction <= 1) {
        out->gpu = core_need_from_gpus(fraction, 0);
        out->kind = CORE_GPU_FRACTION;
    }
    text = annotation(pod, "gpu-fraction-num-devices");
    if (out->kind != CORE_GPU_REGULAR && out->kind != CORE_GPU_MIG && text != NULL &&
        core_parse_integer(text, &devices)) {
        out->gpu.count = devices;
        out->gpu.memory_mib = memory > 0 ? memory : 0;
    }
}

/* The old way to ask for a MIG profile: an annotation that replaces all else. */
static void read_legacy_mig(const struct work *w, struct sum *sum, struct core_pod_request *out)
{
    for (size_t i = 0; i < w->pod->annotations.count; i++) {
        const struct core_label *item = &w->pod->annotations.items[i];
        int64_t quantity = 0;
        if (!is_mig(item->key) || !core_parse_integer(item->value, &quantity)) {
            continue;
        }
        struct core_amount *mig = arena_alloc(w->arena, 1, sizeof *mig);
        *mig = (struct core_amount){item->key, (double)quantity};
        out->gpu = (struct core_gpu_need){.mig = {mig, 1}};
        out->kind = CORE_GPU_MIG;
        out->legacy_mig = true;
        *amount_of(sum, item->key) = (double)quantity;
    }
}

static void read_groups(const struct work *w, struct core_pod_request *out)
{
    const struct core_labels *labels = &w->pod->labels;
    const char **names = arena_alloc(w->arena, 1, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < labels->count; i++) {
        if (strcmp(labels->items[i].key, GROUP_LABEL) == 0) {
            names[0] = labels->items[i].value;
            count = 1;
        }
    }
    out->groups = (struct core_texts){names, count};
}

static void list_amounts(const struct work *w, const struct sum *sum, struct core_pod_request *out)
{
    struct core_amount *items = arena_alloc(w->arena, sum->count + 2, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < sum->count; i++) {
        if (sum->items[i].amount > 0 && is_known(w->pod, sum->items[i].name)) {
            items[count++] = sum->items[i];
        }
    }
    double gpus = core_need_gpus(&out->gpu);
    items[count++] = (struct core_amount){"pods", 1};
    if (gpus < 0 || gpus > 0) {
        items[count++] = (struct core_amount){"gpu", gpus};
    }
    out->amounts = (struct core_amounts){items, count};
}

void core_pod_request(const struct core_pod *pod, struct arena *arena, struct core_pod_request *out)
{
    struct work w = {pod, arena, pod->overhead.count + pod->annotations.count + 1};
    for (size_t i = 0; i < pod->container_count; i++) {
        w.most += pod->containers[i].requests.count;
    }
    for (size_t i = 0; i < pod->init_container_count; i++) {
        w.most += 2 * pod->init_containers[i].requests.count;
    }
    struct sum sum = sum_pod(&w);
    *out = (struct core_pod_request){.gpu = sum.gpu, .kind = CORE_GPU_REGULAR};
    if (sum.gpu.mig.count > 0) {
        out->kind = CORE_GPU_MIG;
    }
    read_shares(pod, out);
    read_legacy_mig(&w, &sum, out);
    read_groups(&w, out);
    list_amounts(&w, &sum, out);
}
