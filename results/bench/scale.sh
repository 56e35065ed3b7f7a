#!/bin/bash
# Cycles of the placement core on clusters of our own making, up to 4,000 nodes of 8 GPUs: the tables
# of README.md, section "Cycles on large clusters". RUNS cycles each; the least counts.
set -euo pipefail
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
runs=${RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# queues NODES - 4 departments with 4 queues each, a quarter of the GPUs a department.
queues() {
	local share='"limit": -1, "over_quota_weight": 1'
	for ((i = 0; i < 4; i++)); do
		echo "{\"name\": \"d$i\", \"gpu\": {\"quota\": $(($1 * 2)), $share}},"
	done
	for ((i = 0; i < 16; i++)); do
		[ "$i" = 0 ] || echo ","
		echo "{\"name\": \"q$i\", \"parent\": \"d$((i % 4))\", \"gpu\": {\"quota\": $(($1 / 2)), $share}}"
	done
}

# make_case NODES RUNNING PENDING KIND - a case in the compact form, to $work/case.json. Running pods fill
# the nodes one after another, 35 a node, with a fifth of a GPU each (KIND fraction) or none (cpu);
# pending ones ask for one GPU. Pods are jobs of their own in 16 queues below 4 departments.
make_case() {
	local per_node=35
	local share=
	local groups=
	[ "$4" = cpu ] || groups='"gpu_groups": ["g{i/5}"],'
	[ "$4" = cpu ] || share='"gpu_kind": "fraction", "gpu_portion": 0.2,'
	[ "$2" -le $(($1 * per_node)) ] || { echo "make_case: no room for $2 pods" >&2; exit 2; }
	cat >"$work/case.json" <<-END
		{"schema": "kai-conformance-benchmark/2", "case": {"id": "scale", "name": "scale",
		 "protocol": {"kind": "single", "actions": ["allocate"]},
		 "nodes": [{"count": $1, "item": {"name": "n{i}", "gpus": 8, "cpu_milli": 256000,
		            "memory_bytes": 2000000000000}}],
		 "queues": [$(queues "$1")],
		 "jobs": [{"count": $2, "item": {"name": "r{i:06}", "namespace": "", "queue": "q{i%16}",
		           "priority": 50, "tasks": [{"state": "running", "node": "n{i/$per_node}",
		           $groups
		           "request": {$share "cpu_milli": 100,
		           "memory_bytes": 1000000000}}]}},
		          {"count": $3, "item": {"name": "p{i:06}", "namespace": "", "queue": "q{i%16}",
		           "priority": 50, "tasks": [{"request": {"gpu_kind": "whole", "gpu_devices": 1,
		           "cpu_milli": 1000, "memory_bytes": 1000000000}}]}}]}}
	END
}

# row NAME NODES RUNNING PENDING KIND
row() {
	make_case "$2" "$3" "$4" "$5"
	"$berth" check --quiet --time "$runs" "$work/case.json" >"$work/out" || {
		cat "$work/out" >&2
		exit 1
	}
	awk -v name="$1" -v nodes="$2" -v running="$3" -v pending="$4" \
		'NR == 1 { print "| " name " | " nodes " | " running " | " pending " | " $3 " | " $6 " | " $8 " |" }' "$work/out"
}

echo "| cluster | nodes | running pods | pending pods | first cycle ms | later cycles ms | events |"
echo "|---|---|---|---|---|---|---|"
row "empty" 100 0 1000 cpu
row "empty" 1000 0 10000 cpu
row "CPU pods on all nodes" 400 14000 100 cpu
row "CPU pods on all nodes" 4000 140000 1000 cpu
row "a fifth of a GPU each" 400 14000 100 fraction
row "a fifth of a GPU each" 4000 140000 1000 fraction
