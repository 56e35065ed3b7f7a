/* test_node_lists.c - node lists of Slurm, Kubernetes, MIG layouts and virtual clusters. */
#include <criterion/criterion.h>

#include "texts.h"

Test(node_lists, scontrol_show_node)
{
    static const char *const notes[] = {"1 nodes are down, drained or failing (nodes=up leaves",
                                        "1 nodes have GPUs of several models",
                                        "partitions are labels",
                                        "GPU memory of nodes with MIG is guessed",
                                        "MIG layouts are not fixed",
                                        "two nodes each, the second named '-mig'",
                                        NULL};
    expect_cluster(
        "scontrol.txt", NULL,
        "{\"pools\": ["
        "{\"name\": \"a100\", \"gpus\": 4, \"gpu_model\": \"a100\", \"cpus\": 126, "
        "\"memory_mib\": 510000, \"nodes\": [{\"name\": \"gpu01\", \"labels\": "
        "{\"partitions\": \"gpu,debug\", \"features\": \"rack_a,ib\"}}]}, "
        "{\"name\": \"cpu\", \"gpus\": 0, \"cpus\": 64, \"memory_mib\": 256000, "
        "\"nodes\": [{\"name\": \"cpu01\", \"labels\": {\"partitions\": \"cpu\"}}]}, "
        "{\"name\": \"a100\", \"gpus\": 2, \"gpu_model\": \"a100\", \"gpu_memory_mib\": 40960, "
        "\"cpus\": 96, \"memory_mib\": 1000000, \"mig\": [\"3g.20gb\", \"1g.5gb\"], "
        "\"nodes\": [{\"name\": \"mig01\", \"labels\": {\"partitions\": \"mig\"}}]}, "
        "{\"name\": \"a100\", \"gpus\": 1, \"gpu_model\": \"a100\", \"cpus\": 30, "
        "\"memory_mib\": 300000, \"nodes\": [{\"name\": \"both01\", \"labels\": "
        "{\"partitions\": \"mig\"}}]}, "
        "{\"name\": \"a100\", \"gpus\": 2, \"gpu_model\": \"a100\", \"gpu_memory_mib\": 40960, "
        "\"cpus\": 60, \"memory_mib\": 600000, \"mig\": [\"1g.5gb\"], "
        "\"nodes\": [{\"name\": \"both01-mig\", \"labels\": {\"partitions\": \"mig\"}}]}, "
        "{\"name\": \"t4\", \"gpus\": 2, \"gpu_model\": \"t4\", \"cpus\": 8, "
        "\"memory_mib\": 16000, \"nodes\": [{\"name\": \"tres01\"}]}, "
        "{\"name\": \"k80\", \"gpus\": 6, \"gpu_model\": \"k80\", \"cpus\": 8, "
        "\"memory_mib\": 16000, \"nodes\": [{\"name\": \"mixed01\"}]}]}",
        notes);
}

static uint32_t count_nodes(const char *sample, const char *format)
{
    struct text path = {0};
    struct cluster cluster;
    struct err err = {0};
    text_addf(&path, "tests/data/traces/%s", sample);
    cr_assert(trace_read_cluster(path.bytes, format, &cluster, &err), "%s", err.msg);
    uint32_t count = (uint32_t)cluster.nodes.count;
    cluster_release_all(&cluster);
    text_release(&path);
    return count;
}

Test(node_lists, nodes_that_are_down_can_be_left_out)
{
    cr_expect_eq(count_nodes("scontrol.txt", NULL), 7);
    cr_expect_eq(count_nodes("scontrol.txt", "scontrol:nodes=up"), 6);
    cr_expect_eq(count_nodes("kubectl.json", NULL), 6);
    cr_expect_eq(count_nodes("kubectl.json", "kubectl:nodes=up"), 3);
}

Test(node_lists, states_of_slurm_nodes)
{
    static const char *const down[] = {"DOWN",   "IDLE*",       "IDLE+DRAIN",         "MIXED+DRAIN",
                                       "FUTURE", "DOWN*+DRAIN", "IDLE+NOT_RESPONDING"};
    static const char *const up[] = {
        "IDLE", "ALLOCATED", "MIXED+PLANNED", "IDLE~", "IDLE+CLOUD+POWERED_DOWN", "MIXED+MAINT"};
    for (size_t i = 0; i < sizeof(down) / sizeof(down[0]); i++) {
        struct text text = {0};
        text_addf(&text, "NodeName=a CPUTot=1 State=%s\n", down[i]);
        expect_cluster_refused("scontrol:nodes=up", text.bytes, 0,
                               "no nodes in it that are up, expected at least one");
        text_release(&text);
    }
    for (size_t i = 0; i < sizeof(up) / sizeof(up[0]); i++) {
        struct text text = {0};
        struct cluster cluster;
        struct err err = {0};
        text_addf(&text, "NodeName=a CPUTot=1 State=%s\n", up[i]);
        struct file file = {.bytes = text.bytes, .length = text.length};
        cr_expect(trace_read_cluster_text(&file, "scontrol:nodes=up", &cluster, &err), "%s: %s",
                  up[i], err.msg);
        cluster_release_all(&cluster);
        text_release(&text);
    }
}

Test(node_lists, bad_slurm_nodes_are_refused)
{
    expect_cluster_refused("scontrol", "\n hello\n", 2, "found 'hello', expected NodeName=...");
    expect_cluster_refused("scontrol", "\n", 0, "no nodes in it, expected at least one");
    expect_cluster_refused("scontrol", "NodeName=a CPUTot=1\nNodeName=b\n", 2,
                           "node 'b': CPUTot is '', expected the number of CPUs");
    expect_cluster_refused("scontrol", "NodeName=a CPUTot=-1\n", 1,
                           "node 'a': CPUTot is '-1', expected a whole number from 0 to 10^9");
    expect_cluster_refused("scontrol", "NodeName=a CPUTot=1 Gres=gpu:t4:x\n", 1,
                           "node 'a': Gres is 'gpu:t4:x', expected resources like gpu:a100:4");
    expect_cluster_refused("scontrol", "NodeName=a CPUTot=1 CfgTRES=cpu\n", 1,
                           "node 'a': CfgTRES is 'cpu', expected resources like "
                           "cpu=96,mem=512G,gres/gpu:a100=4");
    expect_cluster_refused("scontrol", "NodeName=a CPUTot=1\nNodeName=a CPUTot=1\n", 2,
                           "pool \"cpu\": there is another node \"a\"");
    expect_cluster_refused("scontrol", "NodeName= CPUTot=1\n", 1, "a node has no name");
    expect_cluster_refused("scontrol", "NodeName=a CPUTot=1 Gres=gpu:1g.5gb:500\n", 1,
                           "node 'a': Gres is 'gpu:1g.5gb:500', expected MIG instances that one "
                           "node can have");
    expect_cluster_refused("scontrol", "NodeName=a CPUTot=1 Gres=gpu:7g.40gb:65\n", 1,
                           "node 'a': its MIG instances need more than 64 GPUs");
    expect_cluster_refused(
        "scontrol", "NodeName=a CPUTot=1 Gres=gpu:1g.5gb:1,gpu:3g.71gb:1\n", 1,
        "node 'a': no GPU has all its MIG profiles, expected those of one model");
}

Test(node_lists, kubectl_get_nodes)
{
    static const char *const notes[] = {"2 nodes are cordoned or not ready (nodes=up leaves",
                                        "1 nodes have taints",
                                        "GPUs of 1 nodes are counted in time slices",
                                        "GPU memory of nodes with MIG is guessed",
                                        "two nodes each, the second named '-mig'",
                                        NULL};
    expect_cluster(
        "kubectl.json", NULL,
        "{\"topology\": [\"topology.kubernetes.io/zone\", \"topology.kubernetes.io/rack\"], "
        "\"pools\": ["
        "{\"name\": \"NVIDIA-A100-SXM4-80GB\", \"gpus\": 8, \"gpu_model\": "
        "\"NVIDIA-A100-SXM4-80GB\", \"gpu_memory_mib\": 81920, \"cpus\": 127.5, "
        "\"memory_mib\": 1081344, \"nodes\": [{\"name\": \"dgx-0\", \"labels\": "
        "{\"topology.kubernetes.io/zone\": \"z1\", \"topology.kubernetes.io/rack\": \"r1\"}}]}, "
        "{\"name\": \"cpu\", \"gpus\": 0, \"cpus\": 64, \"memory_mib\": 257672, \"nodes\": "
        "[{\"name\": \"cpu-0\", \"labels\": {\"topology.kubernetes.io/zone\": \"z1\"}}]}, "
        "{\"name\": \"NVIDIA-A100-SXM4-40GB\", \"gpus\": 2, \"gpu_model\": "
        "\"NVIDIA-A100-SXM4-40GB\", \"gpu_memory_mib\": 40960, \"cpus\": 60, \"memory_mib\": 600, "
        "\"nodes\": [{\"name\": \"mixed-0\", \"labels\": {\"topology.kubernetes.io/zone\": \"z2\", "
        "\"topology.kubernetes.io/rack\": \"r1\"}}]}, "
        "{\"name\": \"NVIDIA-A100-SXM4-40GB\", \"gpus\": 1, \"gpu_model\": "
        "\"NVIDIA-A100-SXM4-40GB\", \"gpu_memory_mib\": 40960, \"cpus\": 30, \"memory_mib\": 300, "
        "\"mig\": [\"3g.20gb\", \"1g.5gb\"], \"nodes\": [{\"name\": \"mixed-0-mig\", \"labels\": "
        "{\"topology.kubernetes.io/zone\": \"z2\", \"topology.kubernetes.io/rack\": \"r1\"}}]}, "
        "{\"name\": \"NVIDIA-A30\", \"gpus\": 2, \"gpu_model\": \"NVIDIA-A30\", "
        "\"gpu_memory_mib\": 24576, \"cpus\": 32, \"memory_mib\": 122070, \"mig\": [\"1g.6gb\"], "
        "\"nodes\": [{\"name\": \"single-0\", \"labels\": {\"topology.kubernetes.io/zone\": "
        "\"z2\"}}]}, "
        "{\"name\": \"Tesla-T4\", \"gpus\": 1, \"gpu_model\": \"Tesla-T4\", "
        "\"gpu_memory_mib\": 15360, \"cpus\": 8, \"memory_mib\": 15258, \"nodes\": "
        "[{\"name\": \"slice-0\"}]}]}",
        notes);
}

#define NODE(body) "{\"apiVersion\": \"v1\", \"kind\": \"Node\", " body "}"

Test(node_lists, bad_kubernetes_nodes_are_refused)
{
    expect_cluster_refused("kubectl", "{\"items\": []}", 0,
                           "no nodes in it, expected at least one");
    expect_cluster_refused("kubectl", "{}", 0, "at kind: missing, expected \"Node\"");
    expect_cluster_refused("kubectl", "{\"items\": [{\"kind\": \"Pod\"}]}", 0,
                           "at items[0].kind: found \"Pod\", expected \"Node\"");
    expect_cluster_refused("kubectl", NODE("\"status\": {}"), 0,
                           "at metadata.name: missing, expected the name of a node");
    expect_cluster_refused("kubectl", NODE("\"metadata\": {\"name\": \"a\"}"), 0,
                           "at status.allocatable: missing, expected an object");
    expect_cluster_refused(
        "kubectl",
        "{\"items\": [" NODE("\"metadata\": {\"name\": \"a\"}, \"status\": {\"allocatable\": "
                             "{\"cpu\": \"many\"}}") "]}",
        0,
        "at items[0].status.allocatable.cpu: found \"many\", expected an amount like 95500m or "
        "1056Gi");
    expect_cluster_refused(
        "kubectl",
        NODE("\"metadata\": {\"name\": \"a\"}, \"status\": {\"allocatable\": "
             "{\"nvidia.com/gpu\": \"1500m\"}}"),
        0,
        "at status.allocatable.nvidia.com/gpu: found \"1500m\", expected a whole "
        "number from 0 to 1048576");
    expect_cluster_refused("kubectl",
                           NODE("\"metadata\": {\"name\": \"a\"}, \"status\": {\"allocatable\": "
                                "{\"nvidia.com/mig-huge\": \"1\"}}"),
                           0,
                           "at status.allocatable.nvidia.com/mig-huge: found \"1\", expected a MIG "
                           "profile in the name, like mig-3g.20gb");
    expect_cluster_refused("kubectl", "{\"items\": [\n", 2,
                           "not valid JSON (column 0): ']' expected near end of file");
}

Test(node_lists, mig_layouts)
{
    static const char *const notes[] = {"MIG layouts are not fixed",
                                        "GPU memory of nodes with MIG is guessed", NULL};
    expect_cluster(
        "mig_list.csv", NULL,
        "{\"pools\": ["
        "{\"name\": \"H100\", \"gpus\": 2, \"gpu_model\": \"H100\", \"gpu_memory_mib\": 81920, "
        "\"cpus\": 96.5, \"memory_mib\": 1048576, \"mig\": [\"3g.40gb\", \"2g.20gb\", \"1g.10gb\", "
        "\"7g.80gb\"], \"nodes\": [{\"name\": \"n2\"}]}, "
        "{\"name\": \"H100\", \"gpus\": 1, \"gpu_model\": \"H100\", \"gpu_memory_mib\": 81920, "
        "\"cpus\": 24, \"memory_mib\": 256000, \"nodes\": [{\"name\": \"n1\"}]}, "
        "{\"name\": \"H100\", \"gpus\": 1, \"gpu_model\": \"H100\", \"gpu_memory_mib\": 81920, "
        "\"cpus\": 24, \"memory_mib\": 256000, \"mig\": [\"4g.40gb\", \"3g.40gb\"], "
        "\"nodes\": [{\"name\": \"n1-mig\"}]}, "
        "{\"name\": \"gpu\", \"gpus\": 1, \"gpu_memory_mib\": 40960, \"mig\": [\"1g.5gb\"], "
        "\"nodes\": [{\"name\": \"n3\"}]}]}",
        notes);
}

#define MIG "node,gpu,profiles,model,gpu_memory_mib\n"

Test(node_lists, bad_mig_layouts_are_refused)
{
    expect_cluster_refused("mig_list", MIG, 1, "no rows follow the header, expected at least one");
    expect_cluster_refused("mig_list", MIG ",0,,,\n", 2,
                           "column 'node' is '', expected the name of a node");
    expect_cluster_refused("mig_list", MIG "a,64,,,\n", 2,
                           "column 'gpu' is '64', expected a whole number from 0 to 63");
    expect_cluster_refused("mig_list", MIG "a,0,,,\na,0,,,\n", 3,
                           "column 'gpu' is '0', expected a GPU that no row before told of");
    expect_cluster_refused("mig_list", MIG "a,0,half,,\n", 2,
                           "column 'profiles' is 'half', expected MIG profiles like "
                           "3g.40gb+1g.10gb");
    expect_cluster_refused(
        "mig_list", MIG "a,0,4g.40gb+4g.40gb,,\n", 2,
        "column 'profiles' is '4g.40gb+4g.40gb', expected instances that fit one "
        "GPU together");
    expect_cluster_refused("mig_list", MIG "a,0,3g.30gb,,40960\n", 2,
                           "column 'profiles' is '3g.30gb', expected profiles of a GPU of that "
                           "memory");
    expect_cluster_refused("mig_list", MIG "a,0,,H100,\na,1,,A100,\n", 3,
                           "column 'model' is 'A100', expected the same model on all GPUs of a "
                           "node");
    expect_cluster_refused(
        "mig_list", MIG "a,0,,,1\na,1,,,2\n", 3,
        "column 'gpu_memory_mib' is '2', expected the same memory on all GPUs of "
        "a node");
}

Test(node_lists, virtual_clusters_become_queues_with_quotas)
{
    static const char *const notes[] = {"GPUs are those of 2020-04-02",
                                        "virtual clusters are separate partitions upstream",
                                        "nodes are supposed to have 8 GPUs", NULL};
    expect_cluster("helios_vc.csv", NULL,
                   "{\"pools\": ["
                   "{\"name\": \"vcA\", \"gpus\": 8, \"nodes\": 2, \"labels\": {\"vc\": \"vcA\"}}, "
                   "{\"name\": \"vcA-rest\", \"gpus\": 4, \"nodes\": 1, \"labels\": "
                   "{\"vc\": \"vcA\"}}, "
                   "{\"name\": \"vcB-rest\", \"gpus\": 4, \"nodes\": 1, \"labels\": "
                   "{\"vc\": \"vcB\"}}], \"queues\": ["
                   "{\"name\": \"vcA\", \"gpu\": {\"quota\": 20, \"limit\": 20}}, "
                   "{\"name\": \"vcB\", \"gpu\": {\"quota\": 4, \"limit\": 4}}, "
                   "{\"name\": \"vcC\", \"gpu\": {\"quota\": 0, \"limit\": 0}}]}",
                   notes);
}

Test(node_lists, virtual_clusters_of_another_day_with_borrowing)
{
    static const char *const notes[] = {"GPUs are those of 2020-04-01", NULL};
    expect_cluster("helios_vc.csv", "helios_vc:day=1,per_node=16,borrow=true",
                   "{\"pools\": ["
                   "{\"name\": \"vcA\", \"gpus\": 16, \"nodes\": 1, \"labels\": {\"vc\": \"vcA\"}},"
                   "{\"name\": \"vcC-rest\", \"gpus\": 8, \"nodes\": 1, \"labels\": "
                   "{\"vc\": \"vcC\"}}], \"queues\": ["
                   "{\"name\": \"vcA\", \"gpu\": {\"quota\": 16}}, {\"name\": \"vcB\"}, "
                   "{\"name\": \"vcC\", \"gpu\": {\"quota\": 8}}]}",
                   notes);
}

Test(node_lists, bad_tables_of_virtual_clusters_are_refused)
{
    expect_cluster_refused("helios_vc", "a,b\n", 1,
                           "found another header, expected 'date,...,total' or 'vc,node num'");
    expect_cluster_refused("helios_vc", "date,a,total\n", 1,
                           "there are 0 days, expected at least one");
    expect_cluster_refused("helios_vc:day=2", "date,a,total\nx,1,1\n", 3,
                           "there are 1 days, expected as many as 'day' says");
    expect_cluster_refused("helios_vc", "date,a,total\nx,1\n", 2,
                           "found 2 fields, expected 3 as in the header");
    expect_cluster_refused("helios_vc", "date,a,b,total\nx,1,2,4\n", 2,
                           "the virtual clusters have 3 GPUs, expected the total 4");
    expect_cluster_refused("helios_vc", "date,a,total\nx,-1,-1\n", 2,
                           "field 2 is '-1', expected a whole number from 0 to 1048576");
    expect_cluster_refused("helios_vc", "vc,node num\na,1\na,2\n", 1,
                           "virtual cluster 'a' is named twice");
    expect_cluster_refused("helios_vc", "vc,node num\na,0\n", 0,
                           "no virtual cluster has GPUs, expected at least one");
}
