/* test_queue_file.c - the queue tree of a cluster file. */
#include <string.h>

#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"

/* Reads {"pools": one pool, "queues": [LIST]}; ' stands for " in the list. */
static bool read_list(const char *list, struct cluster *out, struct err *err)
{
    struct text text = {0};
    text_add(&text, "{'pools':[{'name':'a','nodes':1,'gpus':1}],'queues':[");
    text_add(&text, list);
    text_add(&text, "]}");
    for (size_t i = 0; i < text.length; i++) {
        text.bytes[i] = text.bytes[i] == '\'' ? '"' : text.bytes[i];
    }
    struct file file = {.bytes = text.bytes, .length = text.length};
    *err = (struct err){0};
    bool ok = cluster_from_json(&file, out, err);
    text_release(&text);
    return ok;
}

static void expect_share(struct queue_share share, double quota, double limit, double weight)
{
    cr_assert_float_eq(share.quota, quota, 0);
    cr_assert_float_eq(share.limit, limit, 0);
    cr_assert_float_eq(share.weight, weight, 0);
}

static void expect_tree(const struct cluster *cluster)
{
    cr_assert_eq(cluster->queues.count, 3);
    const struct queue_spec *leaf = &cluster->queues.items[0];
    cr_assert_str_eq(leaf->name, "leaf");
    cr_assert_eq(leaf->parent, 1);
    cr_assert_eq(leaf->priority, -7);
    expect_share(leaf->gpu, 2.5, 8, 3);
    expect_share(leaf->cpu, 0.1, -1, 1);
    expect_share(leaf->memory, -1, 4096, 0);
    cr_assert_eq(cluster->queues.items[1].parent, QUEUE_NO_PARENT);
    expect_share(cluster->queues.items[1].gpu, 0, -1, 1);
    expect_share(cluster->queues.items[1].cpu, -1, -1, 1);
    expect_share(cluster->queues.items[1].memory, -1, -1, 1);
    cr_assert_eq(cluster->queues.items[1].priority, 100);
    cr_assert_eq(cluster->queues.items[2].parent, 1);
}

Test(queue_file, a_tree_is_read_and_written_again)
{
    struct cluster cluster;
    struct cluster copy;
    struct cluster again;
    struct err err;
    cr_assert(read_list("{'name':'leaf','parent':'top','priority':-7,"
                        "'gpu':{'quota':2.5,'limit':8,'weight':3},'cpu':{'quota':0.1},"
                        "'memory':{'limit':4096,'weight':0}},"
                        "{'name':'top'},{'name':'other','parent':'top'}",
                        &cluster, &err),
              "%s", err.msg);
    expect_tree(&cluster);
    struct text text = {0};
    cluster_add_json(&text, &cluster);
    cluster_init_empty_copy(&copy, &cluster);
    cr_assert_str_eq(copy.digest, cluster.digest);
    cluster_release_all(&cluster);
    expect_tree(&copy);
    struct file file = {.bytes = text.bytes, .length = text.length};
    cr_assert(cluster_from_json(&file, &again, &err), "%s", err.msg);
    expect_tree(&again);
    text_release(&text);
    cluster_release_all(&copy);
    cluster_release_all(&again);
}

Test(queue_file, what_is_no_tree_is_refused)
{
    static const struct {
        const char *list, *says;
    } CASES[] = {
        {"3", "at queues[0]: found 3, expected an object"},
        {"{'nam':'a'}", "at queues[0]: unknown key \"nam\"; did you mean \"name\"?"},
        {"{}", "at queues[0].name: missing"},
        {"{'name':'a'},{'name':'a'}", "at queues[1].name: found \"a\""},
        {"{'name':'a','parent':'b'}", "at queues[0].parent: found \"b\""},
        {"{'name':'a','parent':'a'}", "its own ancestors"},
        {"{'name':'a','parent':'b'},{'name':'b','parent':'c'},{'name':'c','parent':'a'}",
         "its own ancestors"},
        {"{'name':'r'},{'name':'a','parent':'b'},{'name':'b','parent':'a'}",
         "at queues[1]: \"a\" is among its own ancestors"},
        {"{'name':'a','gpu':{'quota':-2}}", "at queues[0].gpu.quota: found -2"},
        {"{'name':'a','gpu':{'quota':-0.5}}", "at queues[0].gpu.quota: found -0.5"},
        {"{'name':'a','cpu':{'limit':-3}}", "at queues[0].cpu.limit: found -3"},
        {"{'name':'a','memory':{'weight':-1}}", "at queues[0].memory.weight: found -1"},
        {"{'name':'a','gpu':{'qota':1}}", "did you mean \"quota\"?"},
        {"{'name':'a','gpu':7}", "at queues[0].gpu: found 7"},
        {"{'name':'a','priority':1.5}", "at queues[0].priority: found 1.5"},
        {"{'name':'a','parent':7}", "at queues[0].parent: found 7"},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        struct cluster cluster;
        struct err err;
        cr_assert_not(read_list(CASES[i].list, &cluster, &err), "%s", CASES[i].list);
        cr_assert_not_null(strstr(err.msg, CASES[i].says), "%s\n  gives '%s'\n  not '%s'",
                           CASES[i].list, err.msg, CASES[i].says);
    }
}

/* Fifty thousand queues in one line: the check of the tree must not take their square. */
Test(queue_file, a_deep_tree_is_read_quickly, .timeout = 10)
{
    enum { DEEP = 50000 };
    struct text list = {0};
    text_add(&list, "{'name':'q0'}");
    for (int i = 1; i < DEEP; i++) {
        text_addf(&list, ",{'name':'q%d','parent':'q%d'}", i, i - 1);
    }
    struct cluster cluster;
    struct err err;
    cr_assert(read_list(list.bytes, &cluster, &err), "%s", err.msg);
    cr_assert_eq(cluster.queues.items[DEEP - 1].parent, DEEP - 2);
    cluster_release_all(&cluster);
    text_release(&list);
}
