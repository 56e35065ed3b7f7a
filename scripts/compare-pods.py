#!/usr/bin/env python3
"""compare-pods.py - runs beside the placements that FGD's simulator published, pod by pod.

compare-pods.py prepare FOLDER OUT
    FOLDER has openb_small_nodes.csv, openb_small_pods.csv and kss-*.csv. Writes OUT/cluster.json, nodes in the order
    of the names that the simulator gave them (which decides ties), and OUT/pods.csv, a pod a second that never ends.
compare-pods.py compare DECISIONS OUT [PUBLISHED]
    Prints "<placed> placed, <n> mismatches, <milli> milli-GPUs, <per cent> CPU, <milli> fragmented" of a run with
    --log decisions; PUBLISHED is the file with the node and the GPUs of every pod (- for mismatches without it). The
    first mismatches go to standard error. Exit 1 when there are any.
"""
import collections
import csv
import glob
import json
import sys


def amount(text):
    return int(text.rstrip("mMi"))


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def prepare(folder, out):
    names = {}
    for path in glob.glob(f"{folder}/kss-*.csv"):
        names |= {row["node"].partition("-")[2]: row["node"] for row in rows(path) if "-" in row["node"]}
    nodes = sorted(rows(f"{folder}/openb_small_nodes.csv"), key=lambda row: names[row["name"]])
    pools = [
        {
            "name": names[row["name"]],
            "nodes": 1,
            "gpus": int(row["gpus"]),
            "gpu_model": row["model"],
            "cpus": amount(row["cpu_milli"]) / 1000,
            "memory_mib": amount(row["mem_mib"]),
        }
        for row in nodes
    ]
    with open(f"{out}/cluster.json", "w") as file:
        json.dump({"pools": pools}, file)
    with open(f"{out}/pods.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow("job_id submit_s duration_s gpus tasks gpu_fraction cpus memory_mib".split())
        for row in rows(f"{folder}/openb_small_pods.csv"):
            share = int(row["gpu_milli"]) / 1000
            shared = row["num_gpu"] == "1" and share < 1
            gpus = share if shared else row["num_gpu"]
            limits = [amount(row["cpu"]) / 1000, amount(row["mem"])]
            table.writerow([row["name"], row["order"], 1000000, gpus, 1, share if shared else "", *limits])


def kind_of(row):
    """CPU, milli of a GPU, GPUs."""
    if row["gpu_fraction"]:
        return round(float(row["cpus"]) * 1000), round(float(row["gpu_fraction"]) * 1000), 1
    gpus = int(row["gpus"])
    return round(float(row["cpus"]) * 1000), 1000 if gpus else 0, gpus


def typical(pods):
    """The most frequent kinds up to 95 % of the pods, and their frequencies among these."""
    counts = collections.Counter(pods.values())
    kinds = sorted(counts, key=lambda kind: (counts[kind], kind), reverse=True)
    chosen = []
    while sum(counts[kind] for kind in chosen) * 100 < 95 * len(pods):
        chosen.append(kinds[len(chosen)])
    all_chosen = sum(counts[kind] for kind in chosen)
    return {kind: counts[kind] / all_chosen for kind in chosen}


def fragmented(cpu, gpus, kinds):
    loss = 0
    for (kind_cpu, milli, count), share in kinds.items():
        runs = count > 0 and kind_cpu <= cpu and sum(left >= milli for left in gpus) >= count
        loss += share * sum(left for left in gpus if not runs or left < milli)
    return loss


def read_starts(path):
    with open(path) as file:
        decisions = [json.loads(line) for line in file]
    return {row["job"]: row["nodes"][0] for row in decisions if row["decision"] == "start"}


def compare(decisions, out, published=None):
    starts = read_starts(decisions)
    pods = {row["job_id"]: kind_of(row) for row in rows(f"{out}/pods.csv")}
    with open(f"{out}/cluster.json") as file:
        pools = json.load(file)["pools"]
    cpu = {pool["name"]: round(pool["cpus"] * 1000) for pool in pools}
    all_cpu = sum(cpu.values())
    gpus = {pool["name"]: [1000] * pool["gpus"] for pool in pools}
    for pod, place in starts.items():
        cpu[place["node"]] -= pods[pod][0]
        for device in place.get("devices", []):
            gpus[place["node"]][device] -= pods[pod][1]
    kinds = typical(pods)
    loss = sum(fragmented(cpu[node], gpus[node], kinds) for node in cpu)
    taken = sum(1000 - left for node in gpus.values() for left in node)
    wrong = "-"
    if published:
        wrong = 0
        for row in rows(published):
            place = starts.get(row["pod"], {"node": "FAILED"})
            found = place["node"], "-".join(map(str, place.get("devices", [])))
            if found != (row["node"], row["gpu_index"]):
                wrong += 1
                if wrong <= 5:
                    print(f"{row['pod']}: {found}, published {row['node']} {row['gpu_index']}", file=sys.stderr)
    used = 100 * (1 - sum(cpu.values()) / all_cpu)
    print(f"{len(starts)} placed, {wrong} mismatches, {taken} milli-GPUs, {used:.1f} CPU, {loss:.0f} fragmented")
    return 1 if wrong not in ("-", 0) else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["prepare"] and len(sys.argv) == 4:
        sys.exit(prepare(*sys.argv[2:]))
    if sys.argv[1:2] == ["compare"] and len(sys.argv) in (4, 5):
        sys.exit(compare(*sys.argv[2:]))
    sys.exit(__doc__)
