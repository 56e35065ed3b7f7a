#!/bin/bash
# Cycles on clusters larger than recorded ones: the tables of README.md, section "Beyond the records".
# Scenarios are in the compact form of sim/check/expand.c. NODES chooses the sizes of the last table.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make --no-print-directory -s >&2
runs=${RUNS:-5}

# world NAME ACTIONS NODES RUNNING PENDING FREE - RUNNING jobs on NODES nodes of 8 GPUs, a GPU each until FREE
# are left and none beyond that; PENDING jobs of a GPU, whose queue deserves the whole cluster.
world() {
	cat <<-EOF
		{"schema": "kai-conformance-benchmark/2", "form": "parametric", "case": {"id": "own/$1",
		"protocol": {"kind": "single", "actions": [$2]}, "config": {"staleness_grace_ms": 0},
		"nodes": [{"count": $3, "item": {"name": "node{i}", "gpus": 8, "max_pods": 110}}],
		"queues": [
		{"name": "all", "parent": null, "creation_order": 0, "gpu": {"quota": -1, "limit": -1, "over_quota_weight": -1}},
		{"name": "holds", "parent": "all", "creation_order": 0, "gpu": {"quota": 0, "limit": -1, "over_quota_weight": 0}},
		{"name": "asks", "parent": "all", "creation_order": 1, "gpu": {"quota": $(($3 * 8)), "limit": -1, "over_quota_weight": 0}}],
		"jobs": [$(jobs running "$4" holds '"running", "node": "node{i%'"$3"'}"' "$(($3 * 8 - $6))")
		{"count": $5, "item": {"name": "pending-{i}", "namespace": "", "queue": "asks", "priority": 50, "tasks":
		[{"state": "pending", "node": null, "request": $(request 1)}]}}]}}
	EOF
}

# request GPUS
request() {
	if [ "$1" = 0 ]; then
		echo '{"cpu_milli": 100, "memory_bytes": 1000000, "gpu_kind": "none"}'
	else
		echo '{"cpu_milli": 1000, "memory_bytes": 1000000000, "gpu_kind": "whole", "gpu_devices": 1, "gpu_portion": 1}'
	fi
}

# jobs NAME COUNT QUEUE STATE GPUS - COUNT jobs, GPUS of them with a GPU and the others without
jobs() {
	local whole=$(($2 < $5 ? $2 : $5 < 0 ? 0 : $5))
	[ "$whole" = 0 ] || echo "{\"count\": $whole, \"item\": {\"name\": \"$1-{i}\", \"namespace\": \"\", \"queue\": \"$3\",
		\"priority\": 50, \"tasks\": [{\"state\": $4, \"request\": $(request 1)}]}},"
	[ "$2" = "$whole" ] || echo "{\"count\": $(($2 - whole)), \"item\": {\"name\": \"$1-more-{i}\", \"namespace\": \"\",
		\"queue\": \"$3\", \"priority\": 50, \"tasks\": [{\"state\": $4, \"request\": $(request 0)}]}},"
}

# measure RUNS NODES RUNNING PENDING - a row: what a first and a later cycle take
measure() {
	build/release/berth check --quiet --time "$1" "$work/world.json" |
		awk -v head="| $2 | $3 | $4 |" 'NR == 1 { print head " " $3 " | " $6 " | " $8 " |" }'
}

echo "| nodes | running | pending | first cycle ms | later cycles ms | events |"
echo "|---|---|---|---|---|---|"
while read -r nodes running pending; do
	world "allocate-$nodes" '"allocate"' "$nodes" "$running" "$pending" "$pending" >"$work/world.json"
	measure "$runs" "$nodes" "$running" "$pending"
done <<-EOF
	100 0 1000
	1000 0 10000
	400 14000 100
	4000 140000 1000
EOF
echo
echo "| nodes | running | pending | first cycle ms | later cycles ms | events |"
echo "|---|---|---|---|---|---|"
for nodes in ${NODES:-100 200 500 1000 2000 5000 10000}; do
	world "reclaim-$nodes" '"allocate", "consolidation", "reclaim", "preempt", "stalegangeviction"' \
		"$nodes" $((nodes * 8)) $((nodes * 2)) 0 >"$work/world.json"
	measure 1 "$nodes" $((nodes * 8)) $((nodes * 2))
done
