/* claims.c - see claims.h. */
#include "sim/check/claims.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/names.h"
#include "sim/base/text.h"
#include "sim/base/vec.h"

/* Each device takes memory, so their number is bounded, far above the 128 that Kubernetes allows in
 * a slice. The holders are bounded as there. */
enum { MOST_DEVICES = 65536, MOST_HOLDERS = 256 };

struct claims_seen {
    struct reader *r;
    struct names nodes;
    VEC(int64_t) offered; /* devices of the slices, by node */
    struct names claims, devices;
};

/* Adds "first<newline>second"; false when it was there. */
static bool add_pair(struct names *names, const char *first, const char *second)
{
    struct text key = {0};
    text_addf(&key, "%s\n%s", first, second);
    bool is_new = false;
    (void)names_add(names, (struct view){key.bytes, key.length}, &is_new);
    text_release(&key);
    return is_new;
}

static uint32_t find_node(const struct claims_seen *seen, const char *name)
{
    return names_find(&seen->nodes, (struct view){name, strlen(name)});
}

static void read_nodes(struct claims_seen *seen, const struct place *root)
{
    struct place nodes = place_get(root, "nodes");
    for (size_t i = 0; i < read_count(seen->r, &nodes); i++) {
        struct place node = place_item(&nodes, i);
        const char *name = read_text(seen->r, &node, "name", "");
        bool is_new = false;
        (void)names_add(&seen->nodes, (struct view){name, strlen(name)}, &is_new);
        if (is_new) {
            vec_push(&seen->offered, 0);
        }
    }
}

static void read_slices(struct claims_seen *seen, const struct place *dra)
{
    struct place slices = place_get(dra, "slices");
    size_t count = read_count(seen->r, &slices);
    for (size_t i = 0; i < count && !seen->r->failed; i++) {
        struct place slice = place_item(&slices, i);
        struct place where = place_get(&slice, "node");
        uint32_t node = find_node(seen, read_text(seen->r, &slice, "node", ""));
        if (node == NAMES_NONE) {
            read_fail(seen->r, &where, "expected the name of a node");
            return;
        }
        seen->offered.items[node] += read_between(seen->r, &slice, "devices", 0, MOST_DEVICES);
        if (seen->offered.items[node] > MOST_DEVICES) {
            struct place devices = place_get(&slice, "devices");
            read_fail(seen->r, &devices, "expected 65536 devices of a node at most");
        }
    }
}

/* Devices of a node are called "0", "1" ... */
static bool is_device(const char *name, int64_t offered)
{
    char *end = NULL;
    long number = name[0] >= '0' && name[0] <= '9' ? strtol(name, &end, 10) : -1;
    return number >= 0 && *end == '\0' && number < offered && (name[0] != '0' || name[1] == '\0');
}

static void check_devices(struct claims_seen *seen, const struct place *claim, int64_t wanted)
{
    struct place devices = place_get(claim, "allocated_devices");
    size_t count = read_count(seen->r, &devices);
    if (count > 0 && (int64_t)count != wanted) {
        read_fail(seen->r, &devices, "expected as many devices as the claim's count");
    }
    for (size_t i = 0; i < count && !seen->r->failed; i++) {
        struct place device = place_item(&devices, i);
        struct place pool = place_get(&device, "pool");
        struct place name = place_get(&device, "device");
        const char *node = read_text(seen->r, &device, "pool", "");
        const char *number = read_text(seen->r, &device, "device", "");
        uint32_t found = find_node(seen, node);
        if (found == NAMES_NONE) {
            read_fail(seen->r, &pool, "expected the name of a node");
        } else if (!is_device(number, seen->offered.items[found])) {
            read_fail(seen->r, &name, "expected the number of a device in the node's slices");
        } else if (!add_pair(&seen->devices, node, number)) {
            read_fail(seen->r, &device, "the device is allocated twice");
        }
    }
}

static void check_holders(struct reader *r, const struct place *claim)
{
    struct place list = place_get(claim, "reserved_for");
    size_t count;
    const char *const *holders = read_texts(r, claim, "reserved_for", &count);
    if (count > MOST_HOLDERS) {
        read_fail(r, &list, "expected 256 pods at most");
        return;
    }
    for (size_t i = 0; i < count && !r->failed; i++) {
        struct place item = place_item(&list, i);
        bool again = false;
        for (size_t k = 0; k < i; k++) {
            again = again || strcmp(holders[k], holders[i]) == 0;
        }
        if (holders[i][0] == '\0' || strchr(holders[i], ',') != NULL) {
            read_fail(r, &item, "expected the name of a pod");
        } else if (again) {
            read_fail(r, &item, "the pod is named twice");
        }
    }
}

static void check_claim(struct claims_seen *seen, const struct place *claim)
{
    struct reader *r = seen->r;
    struct place name = place_get(claim, "name");
    struct place class = place_get(claim, "device_class");
    struct place count = place_get(claim, "count");
    const char *text = read_name(r, claim);
    const char *home = read_text(r, claim, "namespace", "");
    if (!r->failed && !add_pair(&seen->claims, home, text)) {
        read_fail(r, &name, "another claim of the namespace has this name");
    }
    if (read_text(r, claim, "device_class", "")[0] == '\0') {
        read_fail(r, &class, "expected a device class");
    }
    int64_t wanted = read_int(r, claim, "count", 1);
    if (wanted < 1) {
        read_fail(r, &count, "expected 1 device or more");
    }
    struct place labels = place_get(claim, "labels");
    if (labels.value != NULL && !json_is_object(labels.value)) {
        read_fail(r, &labels, "expected an object");
    }
    check_devices(seen, claim, wanted);
    check_holders(r, claim);
}

void claims_check(struct reader *reader, const struct place *root)
{
    struct place dra = place_get(root, "dra");
    if (dra.value == NULL) {
        return;
    }
    if (!json_is_object(dra.value)) {
        read_fail(reader, &dra, "expected an object");
        return;
    }
    size_t count;
    (void)read_texts(reader, &dra, "device_classes", &count);
    struct claims_seen seen = {.r = reader};
    read_nodes(&seen, root);
    read_slices(&seen, &dra);
    struct place claims = place_get(&dra, "claims");
    count = read_count(reader, &claims);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        struct place claim = place_item(&claims, i);
        check_claim(&seen, &claim);
    }
    names_release(&seen.nodes);
    names_release(&seen.claims);
    names_release(&seen.devices);
    vec_release(&seen.offered);
}
