/*
 * class.c - classes of tasks that ask for the same.
 *
 * Most tasks of a cluster are copies of each other, so requests and constraints are stored once.
 * Two tasks share a class when the bytes of everything a decision can see of their request agree.
 */
#include <math.h>

#include "policies/core/facts.h"

static void key_bytes(struct text *key, const void *bytes, size_t length)
{
    text_add_bytes(key, bytes, length);
}

static void key_number(struct text *key, double number)
{
    key_bytes(key, &number, sizeof number);
}

static void key_integer(struct text *key, int64_t number)
{
    key_bytes(key, &number, sizeof number);
}

static void key_labels(struct core *core, struct text *key, struct core_labels labels)
{
    key_integer(key, (int64_t)labels.count);
    if (labels.count == 0) {
        return;
    }
    struct core_pair *sorted = core_copy_labels(core, labels);
    key_bytes(key, sorted, labels.count * sizeof *sorted);
}

static int compare_texts(const void *l, const void *r)
{
    uint32_t a = *(const uint32_t *)l;
    uint32_t b = *(const uint32_t *)r;
    return (a > b) - (a < b);
}

static void key_texts(struct core *core, struct text *key, struct core_texts texts)
{
    uint32_t *sorted = arena_alloc(&core->facts, texts.count + 1, sizeof *sorted);
    for (size_t i = 0; i < texts.count; i++) {
        sorted[i] = core_text(core, texts.items[i]);
    }
    qsort(sorted, texts.count, sizeof *sorted, compare_texts);
    key_integer(key, (int64_t)texts.count);
    key_bytes(key, sorted, texts.count * sizeof *sorted);
}

static bool is_constrained(const struct core_task_spec *spec)
{
    return spec->node_selector.count + spec->node_term_count + spec->pod_term_count +
                   spec->toleration_count + spec->host_port_count + spec->missing_volumes.count +
                   (size_t)(spec->class_priority != 0) >
               0 ||
           spec->priority_class != NULL;
}

/* Everything of the constraints that signatures compare (specification 9.6): no amounts, and
 * tolerations without their seconds. */
static void key_constraints(struct core *core, struct text *key, const struct core_task_spec *spec)
{
    if (!is_constrained(spec)) {
        return;
    }
    key_texts(core, key, spec->missing_volumes);
    key_labels(core, key, spec->node_selector);
    key_integer(key, (int64_t)spec->node_term_count);
    for (size_t i = 0; i < spec->node_term_count; i++) {
        key_integer(key, core_text(core, spec->node_terms[i].key));
        key_integer(key, spec->node_terms[i].negate);
        key_texts(core, key, spec->node_terms[i].values);
    }
    key_integer(key, (int64_t)spec->pod_term_count);
    for (size_t i = 0; i < spec->pod_term_count; i++) {
        key_integer(key, core_text(core, spec->pod_terms[i].topology_key));
        key_integer(key, spec->pod_terms[i].anti);
        key_labels(core, key, spec->pod_terms[i].labels);
    }
    key_integer(key, (int64_t)spec->toleration_count);
    for (size_t i = 0; i < spec->toleration_count; i++) {
        const struct core_toleration *t = &spec->tolerations[i];
        key_integer(key, core_text(core, t->key));
        key_integer(key, core_text(core, t->op));
        key_integer(key, core_text(core, t->value));
        key_integer(key, core_text(core, t->effect));
    }
    key_integer(key, core_text(core, spec->priority_class));
    key_integer(key, spec->class_priority);
    key_integer(key, (int64_t)spec->host_port_count);
    key_bytes(key, spec->host_ports, spec->host_port_count * sizeof *spec->host_ports);
}

static void key_amounts(struct core *core, struct text *key, struct core_amounts amounts)
{
    key_integer(key, (int64_t)amounts.count);
    for (size_t i = 0; i < amounts.count; i++) {
        key_integer(key, core_component(core, amounts.items[i].name));
        key_number(key, amounts.items[i].amount);
    }
}

/* Everything else that decides: the request and what kind of task it is. */
static void key_request(struct core *core, struct text *key, const struct core_task_spec *spec,
                        int64_t dra)
{
    const struct core_request_spec *r = &spec->request;
    const double numbers[] = {r->cpu_milli, r->memory_bytes, r->gpu.portion, r->vector_gpus,
                              r->vector_pods};
    const int64_t integers[] = {
        r->kind,         r->gpu.count,     r->gpu.memory_mib, dra,
        r->exact_vector, spec->legacy_mig, spec->reservation, spec->guaranteed};
    key_bytes(key, numbers, sizeof numbers);
    key_bytes(key, integers, sizeof integers);
    key_amounts(core, key, r->others);
    key_amounts(core, key, r->gpu.mig);
}

static void read_terms(struct core *core, struct core_constraints *to,
                       const struct core_task_spec *spec)
{
    size_t count = spec->node_selector.count + spec->node_term_count;
    to->expressions = arena_alloc(&core->facts, count + 1, sizeof *to->expressions);
    for (size_t i = 0; i < spec->node_selector.count; i++) {
        struct core_expression *e = &to->expressions[to->expression_count++];
        e->key = core_text(core, spec->node_selector.items[i].key);
        e->values = arena_alloc(&core->facts, 1, sizeof *e->values);
        e->values[e->value_count++] = core_text(core, spec->node_selector.items[i].value);
    }
    for (size_t i = 0; i < spec->node_term_count; i++) {
        const struct core_node_term *term = &spec->node_terms[i];
        struct core_expression *e = &to->expressions[to->expression_count++];
        e->key = core_text(core, term->key);
        e->negate = term->negate;
        e->values = arena_alloc(&core->facts, term->values.count + 1, sizeof *e->values);
        for (size_t k = 0; k < term->values.count; k++) {
            e->values[e->value_count++] = core_text(core, term->values.items[k]);
        }
    }
    to->pod_terms = arena_alloc(&core->facts, spec->pod_term_count + 1, sizeof *to->pod_terms);
    for (size_t i = 0; i < spec->pod_term_count; i++) {
        struct core_affinity_term *term = &to->pod_terms[to->pod_term_count++];
        term->anti = spec->pod_terms[i].anti;
        term->key = core_text(core, spec->pod_terms[i].topology_key);
        term->labels = core_copy_labels(core, spec->pod_terms[i].labels);
        term->label_count = spec->pod_terms[i].labels.count;
    }
}

static struct core_constraints *read_constraints(struct core *core,
                                                 const struct core_task_spec *spec, uint32_t ns)
{
    struct core_constraints *to = arena_alloc(&core->facts, 1, sizeof *to);
    read_terms(core, to, spec);
    to->labels = core_copy_labels(core, spec->labels);
    to->label_count = spec->labels.count;
    to->namespace_name = ns;
    to->missing_volume = spec->missing_volumes.count > 0;
    to->tolerations =
        arena_alloc(&core->facts, spec->toleration_count + 1, sizeof *to->tolerations);
    for (size_t i = 0; i < spec->toleration_count; i++) {
        const struct core_toleration *t = &spec->tolerations[i];
        to->tolerations[to->toleration_count++] = (struct core_toleration_at){
            t->key == NULL || *t->key == '\0' ? CORE_NONE : core_text(core, t->key),
            core_text(core, t->value == NULL ? "" : t->value),
            t->effect == NULL || *t->effect == '\0' ? CORE_NONE : core_text(core, t->effect),
            t->op != NULL && strcmp(t->op, "Exists") == 0};
    }
    to->host_ports = arena_alloc(&core->facts, spec->host_port_count + 1, sizeof *to->host_ports);
    for (size_t i = 0; i < spec->host_port_count; i++) {
        to->host_ports[to->host_port_count++] = spec->host_ports[i];
    }
    core->any_pod_terms |= to->pod_term_count > 0;
    return to;
}

static void read_need(struct core *core, struct core_class *class,
                      const struct core_request_spec *r)
{
    class->count = r->gpu.count;
    class->portion = r->gpu.portion;
    class->memory_mib = r->gpu.memory_mib;
    class->need_gpus = core_need_gpus(&r->gpu);
    class->quota_gpus = core_need_quota_gpus(&r->gpu);
    class->others =
        arena_alloc(&core->facts, r->others.count + r->gpu.mig.count + 1, sizeof *class->others);
    for (size_t i = 0; i < r->others.count; i++) {
        class->others[class->other_count++] = (struct core_amount_at){
            core_component(core, r->others.items[i].name), r->others.items[i].amount};
    }
    for (size_t i = 0; i < r->gpu.mig.count; i++) {
        const struct core_amount *mig = &r->gpu.mig.items[i];
        struct core_mig item = {core_component(core, mig->name), (int64_t)mig->amount, 0, 0};
        core_mig_profile(mig->name, &item.gpus, &item.memory_gb);
        vec_push(&class->migs, item);
        if (!r->exact_vector) {
            class->others[class->other_count++] =
                (struct core_amount_at){item.component, mig->amount};
        }
    }
}

/* An amount that is a multiple of 1/1024 and below 2^42 adds without rounding, a few thousand
 * times over. */
static bool is_exact(double amount)
{
    return fabs(amount) < 4398046511104.0 && floor(amount * 1024) >= amount * 1024;
}

static struct core_class *make_class(struct core *core, const struct core_task_spec *spec,
                                     uint32_t ns, int64_t dra)
{
    const struct core_request_spec *r = &spec->request;
    struct core_class *class = arena_alloc(&core->facts, 1, sizeof *class);
    read_need(core, class, r);
    class->dra = dra;
    class->quota_gpus += (double)dra;
    class->kind = spec->legacy_mig ? CORE_GPU_MIG : r->kind;
    class->cpu_milli = r->cpu_milli;
    class->memory_bytes = r->memory_bytes;
    class->pods = r->exact_vector ? r->vector_pods : 1;
    class->gpus = r->exact_vector ? r->vector_gpus : class->need_gpus + (double)dra;
    class->shared = class->kind == CORE_GPU_FRACTION || class->kind == CORE_GPU_MEMORY;
    class->needs_gpu = class->need_gpus > 0 || dra > 0 || class->kind == CORE_GPU_MEMORY ||
                       class->kind == CORE_GPU_MIG;
    class->legacy_mig = spec->legacy_mig;
    class->reservation = spec->reservation;
    class->guaranteed = spec->guaranteed;
    class->exact = is_exact(class->cpu_milli) && is_exact(class->memory_bytes) &&
                   is_exact(class->gpus) && is_exact(class->quota_gpus) &&
                   class->kind != CORE_GPU_MEMORY;
    for (size_t i = 0; i < class->other_count; i++) {
        class->exact &= is_exact(class->others[i].amount);
    }
    if (is_constrained(spec) || spec->labels.count > 0) {
        class->constraints = read_constraints(core, spec, ns);
    }
    return class;
}

uint32_t core_class_add(struct core *core, const struct core_task_spec *spec, uint32_t ns,
                        int64_t dra)
{
    struct text key = {0};
    key_constraints(core, &key, spec);
    uint32_t signature = core_blob_add(&core->signatures, key.bytes, key.length);
    key_request(core, &key, spec, dra);
    key_labels(core, &key, spec->labels);
    key_integer(&key, ns);
    uint32_t number = core_blob_add(&core->class_keys, key.bytes, key.length);
    text_release(&key);
    if (number == core->classes.count) {
        struct core_class *class = make_class(core, spec, ns, dra);
        class->signature = signature;
        vec_push(&core->classes, class);
    }
    return number;
}

double core_total_gpus(const struct core *core, const double *vector)
{
    double x = vector[CORE_GPU];
    for (size_t i = 0; i < core->mig_count; i++) {
        x += (double)core->migs[i].gpus * vector[core->migs[i].component];
    }
    return x;
}

static void layout_one(struct core *core, struct core_class *class)
{
    core->odd_amounts |= class->kind != CORE_GPU_REGULAR;
    class->vector = arena_alloc(&core->facts, core->width, sizeof *class->vector);
    class->vector[CORE_CPU] = class->cpu_milli;
    class->vector[CORE_MEM] = class->memory_bytes;
    class->vector[CORE_GPU] = class->gpus;
    class->vector[CORE_PODS] = class->pods;
    for (size_t i = 0; i < class->other_count; i++) {
        class->vector[class->others[i].component] += class->others[i].amount;
    }
    for (size_t i = 0; i < core->width; i++) {
        core->odd_amounts |= class->vector[i] < floor(class->vector[i]) ||
                             class->vector[i] > floor(class->vector[i]);
    }
    class->quantity[CORE_CPU] = class->vector[CORE_CPU];
    class->quantity[CORE_MEM] = class->vector[CORE_MEM];
    class->quantity[CORE_GPU] = core_total_gpus(core, class->vector);
}

static void find_migs(struct core *core)
{
    free(core->migs);
    core->migs = mem_alloc(core->width, sizeof *core->migs);
    core->mig_count = 0;
    for (uint32_t i = CORE_FIRST_OTHER; i < core->width; i++) {
        struct core_mig mig = {.component = i};
        if (core_mig_profile(names_get(&core->components, i), &mig.gpus, &mig.memory_gb)) {
            core->migs[core->mig_count++] = mig;
        }
    }
}

void core_class_layout(struct core *core)
{
    if (core->class_width != core->width) {
        find_migs(core);
        core->class_width = core->width;
        core->classes_laid_out = 0;
    }
    for (; core->classes_laid_out < core->classes.count; core->classes_laid_out++) {
        layout_one(core, core->classes.items[core->classes_laid_out]);
    }
}
