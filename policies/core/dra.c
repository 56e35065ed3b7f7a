/* dra.c - see dra.h. */
#include "policies/core/dra.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "policies/core/facts.h"

/* Tasks that may hold a claim at most, as in Kubernetes. */
enum { MOST_HOLDERS = 256 };

/* -- devices --------------------------------------------------------------------------------- */

/* The number of a device of the node's slices; CORE_NONE when it is none of them. */
static uint32_t device_number(const struct core *core, const struct core_node *node, uint32_t text)
{
    const char *name = names_get(&core->texts, text);
    int64_t number = 0;
    bool is_number = isdigit((unsigned char)name[0]) && (name[0] != '0' || name[1] == '\0') &&
                     core_parse_integer(name, &number);
    return is_number && number < (int64_t)node->device_count ? (uint32_t)number : CORE_NONE;
}

/* The node whose pool a device is in; NULL when there is none or it has no slices. */
static struct core_node *node_of_pool(const struct core *core, uint32_t pool)
{
    uint32_t node = core_find_node(core, names_get(&core->texts, pool));
    return node == CORE_NONE || core_node_at(core, node)->device_users == NULL
               ? NULL
               : core_node_at(core, node);
}

/* Counts the devices of a claim as used once more, or once less. */
static void use_devices(const struct core *core, const struct core_claim *claim, int by)
{
    for (size_t i = 0; i < claim->devices.count; i += 2) {
        const struct core_node *node = node_of_pool(core, claim->devices.items[i]);
        uint32_t number =
            node == NULL ? CORE_NONE : device_number(core, node, claim->devices.items[i + 1]);
        if (number != CORE_NONE) {
            node->device_users[number] += by;
        }
    }
}

static int64_t free_devices(const struct core_node *node)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < node->device_count; i++) {
        count += node->device_users[i] == 0;
    }
    return count;
}

static bool is_allocated(const struct core_claim *claim)
{
    return claim->devices.count > 0;
}

/* Are all devices of a claim on this node? */
static bool is_on(const struct core *core, const struct core_claim *claim,
                  const struct core_node *node)
{
    for (size_t i = 0; i < claim->devices.count; i += 2) {
        if (strcmp(names_get(&core->texts, claim->devices.items[i]), node->name) != 0) {
            return false;
        }
    }
    return true;
}

/* -- holders --------------------------------------------------------------------------------- */

static size_t find_holder(const struct core_claim *claim, uint32_t text)
{
    size_t i = 0;
    while (i < claim->holders.count && claim->holders.items[i] != text) {
        i++;
    }
    return i;
}

static struct core_claim *claim_at(const struct core *core, const struct core_task *task,
                                   uint32_t i)
{
    return task->claims[i] == CORE_NONE ? NULL : core->claims.items[task->claims[i]];
}

/* -- a session ------------------------------------------------------------------------------- */

static void copy_texts(const uint32_t *from, size_t count, core_texts_vec *to)
{
    vec_clear(to);
    for (size_t i = 0; i < count; i++) {
        vec_push(to, from[i]);
    }
}

void core_dra_open(struct core *core)
{
    if (core->claims.count == 0) {
        return;
    }
    for (size_t i = 0; i < core->nodes.count; i++) {
        struct core_node *node = core_node_at(core, (uint32_t)i);
        node->device_count = (uint32_t)node->dra_gpus;
        node->device_users = node->has_dra ? arena_alloc(&core->session, node->device_count,
                                                         sizeof *node->device_users)
                                           : NULL;
    }
    for (size_t i = 0; i < core->claims.count; i++) {
        struct core_claim *claim = core->claims.items[i];
        copy_texts(claim->base_holders.items, claim->base_holders.count, &claim->holders);
        copy_texts(claim->base_devices.items, claim->base_devices.count, &claim->devices);
        vec_clear(&claim->last_devices);
        use_devices(core, claim, 1);
    }
}

/* What keeps the task from using its claim number `i` wherever it goes; NULL: nothing. */
static const char *refusal_anywhere(const struct core *core, const struct core_task *task,
                                    uint32_t i)
{
    const struct core_claim *claim = claim_at(core, task, i);
    if (claim == NULL) {
        return "does not exist";
    }
    if (claim->unknown_class && !is_allocated(claim)) {
        return "asks for an unknown device class";
    }
    const char *queue = core_queue_name(core, core_job_at(core, task->job)->queue);
    if (claim->gpu_class && claim->queue_label == CORE_NONE) {
        return "has no queue label";
    }
    if (claim->gpu_class && strcmp(names_get(&core->texts, claim->queue_label), queue) != 0) {
        return "has the label of another queue";
    }
    return claim->holders.count >= MOST_HOLDERS &&
                   find_holder(claim, task->holder_name) == claim->holders.count
               ? "is held by 256 tasks already"
               : NULL;
}

bool core_dra_claims_usable(const struct core *core, uint32_t index)
{
    const struct core_task *task = core_task_at(core, index);
    for (uint32_t i = 0; core->on[CORE_PLUGIN_DRA] && i < task->claim_count; i++) {
        if (refusal_anywhere(core, task, i) != NULL) {
            return false;
        }
    }
    return true;
}

void core_dra_explain(const struct core *core, uint32_t index, struct text *out)
{
    const struct core_task *task = core_task_at(core, index);
    for (uint32_t i = 0; core->on[CORE_PLUGIN_DRA] && i < task->claim_count; i++) {
        const char *why = refusal_anywhere(core, task, i);
        if (why != NULL) {
            text_addf(out, "claim %s %s", names_get(&core->texts, task->claim_texts[i]), why);
            return;
        }
    }
}

/* Devices that the task's claims do not have yet; -1 when one has some that are elsewhere. */
static int64_t missing_on(const struct core *core, const struct core_task *task,
                          const struct core_node *node)
{
    int64_t wanted = 0;
    for (uint32_t i = 0; i < task->claim_count; i++) {
        const struct core_claim *claim = claim_at(core, task, i);
        if (claim == NULL) {
            return -1;
        }
        if (!is_allocated(claim)) {
            wanted = wanted > INT64_MAX - claim->count ? INT64_MAX : wanted + claim->count;
        } else if (!is_on(core, claim, node)) {
            return -1;
        }
    }
    return wanted;
}

const char *core_dra_refusal(const struct core *core, uint32_t index, const struct core_node *node)
{
    const struct core_task *task = core_task_at(core, index);
    if (task->claim_count == 0 || !core->on[CORE_PLUGIN_DRA]) {
        return NULL;
    }
    if (!core_dra_claims_usable(core, index)) {
        return "a claim that cannot be used";
    }
    int64_t wanted = missing_on(core, task, node);
    if (wanted < 0) {
        return "a claim with devices on another node";
    }
    return wanted == 0 || (node->device_users != NULL && wanted <= free_devices(node))
               ? NULL
               : "a claim for more devices than are free";
}

bool core_dra_allows(const struct core *core, uint32_t task, const struct core_node *node)
{
    return core_dra_refusal(core, task, node) == NULL;
}

/* Gives the claim what it had last, if that is on the node and free. */
static bool give_last(struct core *core, struct core_claim *claim, const struct core_node *node)
{
    for (size_t i = 0; i < claim->last_devices.count; i += 2) {
        uint32_t number = device_number(core, node, claim->last_devices.items[i + 1]);
        if (node_of_pool(core, claim->last_devices.items[i]) != node || number == CORE_NONE ||
            node->device_users[number] > 0) {
            return false;
        }
    }
    copy_texts(claim->last_devices.items, claim->last_devices.count, &claim->devices);
    return claim->devices.count > 0;
}

/* Gives it the first free devices of the node. */
static void give_free(struct core *core, struct core_claim *claim, const struct core_node *node)
{
    int64_t missing = claim->count;
    for (uint32_t i = 0; i < node->device_count && missing > 0; i++) {
        if (node->device_users[i] == 0) {
            char number[16];
            (void)snprintf(number, sizeof number, "%u", i);
            vec_push(&claim->devices, core_text(core, node->name));
            vec_push(&claim->devices, core_text(core, number));
            missing--;
        }
    }
}

void core_dra_assume(struct core *core, uint32_t index, struct core_node *node)
{
    const struct core_task *task = core_task_at(core, index);
    for (uint32_t i = 0; core->on[CORE_PLUGIN_DRA] && i < task->claim_count; i++) {
        struct core_claim *claim = claim_at(core, task, i);
        if (claim == NULL) {
            continue;
        }
        if (!is_allocated(claim) && node->device_users != NULL) {
            if (!give_last(core, claim, node)) {
                give_free(core, claim, node);
            }
            use_devices(core, claim, 1);
        }
        if (find_holder(claim, task->holder_name) == claim->holders.count) {
            vec_push(&claim->holders, task->holder_name);
        }
    }
}

void core_dra_release(struct core *core, uint32_t index)
{
    const struct core_task *task = core_task_at(core, index);
    for (uint32_t i = 0; core->on[CORE_PLUGIN_DRA] && i < task->claim_count; i++) {
        struct core_claim *claim = claim_at(core, task, i);
        size_t at = claim == NULL ? 0 : find_holder(claim, task->holder_name);
        if (claim == NULL || at == claim->holders.count) {
            continue;
        }
        memmove(claim->holders.items + at, claim->holders.items + at + 1,
                (claim->holders.count - at - 1) * sizeof *claim->holders.items);
        claim->holders.count--;
        if (claim->holders.count == 0) {
            use_devices(core, claim, -1);
            copy_texts(claim->devices.items, claim->devices.count, &claim->last_devices);
            vec_clear(&claim->devices);
        }
    }
}

/* -- what a node is charged ------------------------------------------------------------------ */

static void reserve_users(struct core *core, struct core_node *node)
{
    if (node->claim_user_count < core->claims.count) {
        int32_t *users = arena_alloc(&core->facts, core->claims.count, sizeof *users);
        for (uint32_t i = 0; i < node->claim_user_count; i++) {
            users[i] = node->claim_users[i];
        }
        node->claim_users = users;
        node->claim_user_count = (uint32_t)core->claims.count;
    }
}

void core_dra_forget_users(struct core_node *node)
{
    for (uint32_t i = 0; i < node->claim_user_count; i++) {
        node->claim_users[i] = 0;
    }
}

double core_dra_first_users(struct core *core, struct core_node *node, uint32_t index, int by)
{
    const struct core_task *task = core_task_at(core, index);
    double shared = 0;
    for (uint32_t i = 0; i < task->claim_count; i++) {
        const struct core_claim *claim = claim_at(core, task, i);
        if (claim == NULL || !claim->gpu_class) {
            continue;
        }
        reserve_users(core, node);
        int32_t *users = &node->claim_users[task->claims[i]];
        int32_t others = by > 0 ? *users : *users - 1;
        shared += others > 0 ? (double)claim->count : 0;
        *users += by;
        CHECK(*users >= 0);
    }
    return shared;
}

double core_dra_charged(const struct core *core, const struct core_node *node, uint32_t index)
{
    const struct core_task *task = core_task_at(core, index);
    double charged = 0;
    for (uint32_t i = 0; i < task->claim_count; i++) {
        const struct core_claim *claim = claim_at(core, task, i);
        if (claim != NULL && claim->gpu_class && task->claims[i] < node->claim_user_count &&
            node->claim_users[task->claims[i]] > 0) {
            charged += (double)claim->count;
        }
    }
    return charged;
}

/* -- facts ----------------------------------------------------------------------------------- */

static bool is_gpu_class(const char *name)
{
    for (; *name != '\0'; name++) {
        if (tolower((unsigned char)name[0]) == 'g' && tolower((unsigned char)name[1]) == 'p' &&
            tolower((unsigned char)name[2]) == 'u') {
            return true;
        }
    }
    return false;
}

/* Claims are found by the number of their namespace and their name. */
static void add_key(struct text *out, uint32_t namespace_text, const char *name)
{
    text_addf(out, "%u/%s", namespace_text, name);
}

uint32_t core_claim_find(const struct core *core, uint32_t namespace_text, const char *name)
{
    struct text key = {0};
    add_key(&key, namespace_text, name);
    uint32_t found = names_find(&core->claim_names, (struct view){key.bytes, key.length});
    text_release(&key);
    return found == NAMES_NONE ? CORE_NONE : found;
}

/* What of a claim changes between cycles: its devices and holders. */
static bool set_state(struct core *core, struct core_claim *claim, const char *name,
                      const struct core_claim_state *state, struct err *err)
{
    for (size_t i = 0; i < state->device_count; i++) {
        if (state->devices[i].pool == NULL || state->devices[i].name == NULL) {
            return err_set(err, ERR_FORMAT, 0, "claim \"%s\": device %zu has no pool or no name",
                           name, i);
        }
    }
    vec_clear(&claim->base_holders);
    vec_clear(&claim->base_devices);
    for (size_t i = 0; i < state->holders.count; i++) {
        vec_push(&claim->base_holders, core_text(core, state->holders.items[i]));
    }
    for (size_t i = 0; i < state->device_count; i++) {
        vec_push(&claim->base_devices, core_text(core, state->devices[i].pool));
        vec_push(&claim->base_devices, core_text(core, state->devices[i].name));
    }
    return true;
}

bool core_add_claim(struct core *core, const struct core_claim_spec *spec, uint32_t *out,
                    struct err *err)
{
    CHECK(!core->open);
    if (spec->name == NULL || spec->count < 0) {
        return err_set(err, ERR_FORMAT, 0, "claim \"%s\": a name and a count of 0 or more",
                       spec->name == NULL ? "" : spec->name);
    }
    const char *namespace_name = spec->namespace_name == NULL ? "" : spec->namespace_name;
    uint32_t namespace_text = core_text(core, namespace_name);
    if (core_claim_find(core, namespace_text, spec->name) != CORE_NONE) {
        return err_set(err, ERR_FORMAT, 0, "claim \"%s\" of namespace \"%s\" is given twice",
                       spec->name, namespace_name);
    }
    struct core_claim *claim = arena_alloc(&core->facts, 1, sizeof *claim);
    if (!set_state(core, claim, spec->name, &spec->state, err)) {
        vec_release(&claim->base_holders);
        vec_release(&claim->base_devices);
        return false;
    }
    struct text key = {0};
    add_key(&key, namespace_text, spec->name);
    (void)names_add(&core->claim_names, (struct view){key.bytes, key.length}, NULL);
    text_release(&key);
    claim->name = names_get(&core->texts, core_text(core, spec->name));
    claim->queue_label = core_text(core, spec->queue_label);
    claim->count = spec->count;
    claim->gpu_class = spec->device_class != NULL && is_gpu_class(spec->device_class);
    claim->unknown_class = spec->unknown_class;
    *out = (uint32_t)core->claims.count;
    vec_push(&core->claims, claim);
    return true;
}

bool core_set_claim(struct core *core, uint32_t claim, const struct core_claim_state *state,
                    struct err *err)
{
    CHECK(!core->open);
    if (claim >= core->claims.count) {
        return err_set(err, ERR_FORMAT, 0, "no claim has the index %u", claim);
    }
    struct core_claim *changed = core->claims.items[claim];
    return set_state(core, changed, changed->name, state, err);
}

void core_claim_describe(const struct core *core, uint32_t index, struct text *devices,
                         struct text *holders)
{
    CHECK(index < core->claims.count);
    const struct core_claim *claim = core->claims.items[index];
    text_add(devices, "");
    text_add(holders, "");
    for (size_t i = 0; i < claim->devices.count; i += 2) {
        text_addf(devices, "%s%s/%s", i > 0 ? "," : "",
                  names_get(&core->texts, claim->devices.items[i]),
                  names_get(&core->texts, claim->devices.items[i + 1]));
    }
    for (size_t i = 0; i < claim->holders.count; i++) {
        text_addf(holders, "%s%s", i > 0 ? "," : "",
                  names_get(&core->texts, claim->holders.items[i]));
    }
}
