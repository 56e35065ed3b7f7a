#!/bin/bash
# Full cycles with reclaim on clusters up to 20 times the recorded ones: the table of README.md, section
# "Reclaim on large clusters". NODES chooses the sizes. Nodes of 8 GPUs are full of single-GPU jobs of a queue
# that deserves nothing; two jobs a node are pending in a queue that deserves everything.
set -euo pipefail
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# world NODES - a scenario in the compact form of sim/check/expand.c
world() {
	local request='{"cpu_milli": 1000, "memory_bytes": 1000000000, "gpu_kind": "whole", "gpu_devices": 1, "gpu_portion": 1}'
	cat <<-EOF
		{"schema": "kai-conformance-benchmark/2", "form": "parametric", "case": {"id": "own/reclaim-$1",
		"protocol": {"kind": "single", "actions": ["allocate", "consolidation", "reclaim", "preempt", "stalegangeviction"]},
		"config": {"staleness_grace_ms": 0},
		"nodes": [{"count": $1, "item": {"name": "node{i}", "gpus": 8}}],
		"queues": [
		{"name": "all", "parent": null, "creation_order": 0, "gpu": {"quota": -1, "limit": -1, "over_quota_weight": -1}},
		{"name": "holds", "parent": "all", "creation_order": 0, "gpu": {"quota": 0, "limit": -1, "over_quota_weight": 0}},
		{"name": "asks", "parent": "all", "creation_order": 1, "gpu": {"quota": $(($1 * 8)), "limit": -1, "over_quota_weight": 0}}],
		"jobs": [
		{"count": $(($1 * 8)), "item": {"name": "running-{i}", "namespace": "", "queue": "holds", "priority": 50,
		"tasks": [{"state": "running", "node": "node{i%$1}", "request": $request}]}},
		{"count": $(($1 * 2)), "item": {"name": "pending-{i}", "namespace": "", "queue": "asks", "priority": 50,
		"tasks": [{"state": "pending", "request": $request}]}}]}}
	EOF
}

echo "| nodes | pods | first cycle ms | later cycles ms | evicted and promised |"
echo "|---|---|---|---|---|"
for nodes in ${NODES:-100 200 500 1000 2000 5000 10000}; do
	world "$nodes" >"$work/world.json"
	"$berth" check --quiet --time 1 "$work/world.json" |
		awk -v head="| $nodes | $((nodes * 10)) |" 'NR == 1 { print head " " $3 " | " $6 " | " $8 " |" }'
done
