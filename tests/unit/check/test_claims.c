/* test_claims.c - claimed devices without sense are refused, with the place of what is wrong. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "sim/check/case.h"

/* Reads a case with nodes n0 and n1, two devices on n0 and this "dra" beside them. */
static bool read_dra(const char *dra, struct err *err)
{
    char text[2048];
    int length = snprintf(text, sizeof text,
                          "{\"protocol\": {\"kind\": \"single\", \"actions\": [\"allocate\"]},"
                          " \"nodes\": [{\"name\": \"n0\"}, {\"name\": \"n1\"}], \"dra\": %s}",
                          dra);
    cr_assert(length > 0 && (size_t)length < sizeof text);
    json_t *document = json_loads(text, 0, NULL);
    cr_assert_not_null(document, "%s", dra);
    struct check_case c;
    bool ok = case_read(document, &c, err);
    if (ok) {
        case_release(&c);
    }
    json_decref(document);
    return ok;
}

#define SLICES             "\"slices\": [{\"node\": \"n0\", \"devices\": 2}], "
#define CLAIMS(LIST)       "{" SLICES "\"claims\": [" LIST "]}"
#define CLAIM(REST)        "{\"name\": \"c\", \"device_class\": \"gpu\"" REST "}"
#define DEVICES(LIST)      ", \"allocated_devices\": [" LIST "]"
#define DEVICE(POOL, NAME) "{\"pool\": \"" POOL "\", \"device\": \"" NAME "\"}"

Test(claims, what_no_cluster_has_is_refused_by_its_place)
{
    static const struct {
        const char *dra, *message;
    } ROWS[] = {
        {"7", "dra: expected an object"},
        {"{\"device_classes\": 7}", "dra.device_classes: expected a list"},
        {"{\"slices\": {}}", "dra.slices: expected a list"},
        {"{\"slices\": [{\"node\": \"n9\"}]}", "dra.slices[0].node: expected the name of a node"},
        {"{\"slices\": [{\"node\": \"n0\", \"devices\": -1}]}",
         "dra.slices[0].devices: expected a number from 0 to 65536"},
        {"{\"slices\": [{\"node\": \"n0\", \"devices\": 65536}, {\"node\": \"n0\","
         " \"devices\": 1}]}",
         "dra.slices[1].devices: expected 65536 devices of a node at most"},
        {CLAIMS("{}"), "dra.claims[0].name: expected a name"},
        {CLAIMS("{\"name\": \"c\"}"), "dra.claims[0].device_class: expected a device class"},
        {CLAIMS(CLAIM("") ", " CLAIM("")),
         "dra.claims[1].name: another claim of the namespace has this name"},
        {CLAIMS(CLAIM(", \"count\": 0")), "dra.claims[0].count: expected 1 device or more"},
        {CLAIMS(CLAIM(", \"count\": 1.5")), "dra.claims[0].count: expected a whole number"},
        {CLAIMS(CLAIM(", \"labels\": 3")), "dra.claims[0].labels: expected an object"},
        {CLAIMS(CLAIM(", \"count\": 2" DEVICES(DEVICE("n0", "0")))),
         "dra.claims[0].allocated_devices: expected as many devices as the claim's count"},
        {CLAIMS(CLAIM(DEVICES(DEVICE("n9", "0")))),
         "dra.claims[0].allocated_devices[0].pool: expected the name of a node"},
        {CLAIMS(CLAIM(DEVICES(DEVICE("n1", "0")))),
         "allocated_devices[0].device: expected the number of a device in the node's slices"},
        {CLAIMS(CLAIM(DEVICES(DEVICE("n0", "2")))),
         "allocated_devices[0].device: expected the number of a device in the node's slices"},
        {CLAIMS(CLAIM(DEVICES(DEVICE("n0", "01")))), "expected the number of a device"},
        {CLAIMS(CLAIM(DEVICES(DEVICE("n0", "")))), "expected the number of a device"},
        {CLAIMS(CLAIM(", \"count\": 2" DEVICES(DEVICE("n0", "1") ", " DEVICE("n0", "1")))),
         "dra.claims[0].allocated_devices[1]: the device is allocated twice"},
        {CLAIMS(CLAIM(", \"reserved_for\": [\"\"]")),
         "dra.claims[0].reserved_for[0]: expected the name of a pod"},
        {CLAIMS(CLAIM(", \"reserved_for\": [\"a,b\"]")),
         "dra.claims[0].reserved_for[0]: expected the name of a pod"},
        {CLAIMS(CLAIM(", \"reserved_for\": [\"a\", \"a\"]")),
         "dra.claims[0].reserved_for[1]: the pod is named twice"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct err err = {0};
        cr_assert_not(read_dra(ROWS[i].dra, &err), "%s", ROWS[i].dra);
        cr_assert_not_null(strstr(err.msg, ROWS[i].message), "%s: got %s", ROWS[i].dra, err.msg);
    }
}

Test(claims, two_namespaces_may_use_one_name_and_two_claims_one_node)
{
    struct err err = {0};
    cr_assert(read_dra(CLAIMS(CLAIM(DEVICES(DEVICE("n0", "0"))) ", " CLAIM(
                           ", \"namespace\": \"m\", \"reserved_for\": [\"a\"]" DEVICES(
                               DEVICE("n0", "1")))),
                       &err),
              "%s", err.msg);
}

Test(claims, at_most_256_pods_hold_one)
{
    for (int count = 256; count <= 257; count++) {
        char list[2000] = "";
        size_t length = 0;
        for (int i = 0; i < count; i++) {
            length += (size_t)snprintf(list + length, sizeof list - length, "%s\"%x\"",
                                       i > 0 ? "," : "", (unsigned)i);
        }
        char dra[2200];
        (void)snprintf(dra, sizeof dra, "{\"claims\": [%s%s]}]}",
                       "{\"name\": \"c\", \"device_class\": \"g\", \"reserved_for\": [", list);
        struct err err = {0};
        cr_assert_eq(read_dra(dra, &err), count == 256, "%s", err.msg);
        cr_assert(count == 256 || strstr(err.msg, "reserved_for: expected 256 pods at most"), "%s",
                  err.msg);
    }
}
