#!/bin/bash
# Cycles on clusters larger than any recorded one: the table of README.md, section "Beyond the records".
# N nodes of 8 GPUs, all busy with single-GPU jobs of one queue; another queue, which deserves all of the
# cluster, has N / 4 jobs of a GPU (and N / 20 gangs of 8 x 8) pending: a full cycle with reclaim.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make --no-print-directory -s

# world NODES PENDING-JOBS - a scenario in the compact form of sim/check/expand.c
world() {
	cat <<-EOF
		{"schema": "kai-conformance-benchmark/2", "form": "parametric", "case": {"id": "own/reclaim-$1", "protocol": {"kind": "single", "actions":
		["allocate", "consolidation", "reclaim", "preempt", "stalegangeviction"]}, "config": {"staleness_grace_ms": 0},
		"nodes": [{"count": $1, "item": {"name": "node{i}", "gpus": 8, "max_pods": 110}}],
		"queues": [
		{"name": "all", "parent": null, "creation_order": 0, "gpu": {"quota": -1, "limit": -1, "over_quota_weight": -1}},
		{"name": "holds", "parent": "all", "creation_order": 0, "gpu": {"quota": 0, "limit": -1, "over_quota_weight": 0}},
		{"name": "asks", "parent": "all", "creation_order": 1, "gpu": {"quota": $(($1 * 8)), "limit": -1, "over_quota_weight": 0}}],
		"jobs": [
		{"count": $(($1 * 8)), "item": {"name": "running-{i}", "namespace": "", "queue": "holds", "priority": 50, "tasks":
		[{"state": "running", "node": "node{i%$1}", "request": {"cpu_milli": 1000, "memory_bytes": 1000000000,
		"gpu_kind": "whole", "gpu_devices": 1, "gpu_portion": 1}}]}},
		{"count": $2, "item": {"name": "pending-{i}", "namespace": "", "queue": "asks", "priority": 50, "tasks":
		[{"state": "pending", "node": null, "request": {"cpu_milli": 1000, "memory_bytes": 1000000000,
		"gpu_kind": "whole", "gpu_devices": 1, "gpu_portion": 1}}]}}]}}
	EOF
}

echo "| nodes | pods | of them pending | first cycle ms | later cycles ms | reclaim ms | evicted and promised |"
echo "|---|---|---|---|---|---|---|"
for nodes in ${NODES:-100 200 500 1000 2000 5000 10000}; do
	world "$nodes" $((nodes * 2)) >"$work/world.json"
	build/release/berth check --quiet --time 1 "$work/world.json" |
		awk -v nodes="$nodes" 'NR == 1 { gsub(/[,)]/, ""); for (i = 1; i < NF; i++) if ($i == "reclaim") at = i + 1
			print "| " nodes " | " nodes * 10 " | " nodes * 2 " | " $3 " | " $6 " | " $at " | " $8 " |" }'
done
