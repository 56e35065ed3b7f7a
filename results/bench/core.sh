#!/bin/bash
# Speed of single cycles of the placement core on recorded benchmarks: the table of README.md, section
# "Cycles of the placement core". BERTH_CONFORMANCE says where the records lie; RUNS cycles each.
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${RUNS:-20}
records=${BERTH_CONFORMANCE:-../shared/conformance}/benchmarks
make --no-print-directory -s >&2

# field NAME KEY: a number of the index of benchmarks
field() {
	awk -v RS='{' -v name="\"bench/$1\"" -v key="\"$2\": " \
		'index($0, name) && (at = index($0, key)) { print substr($0, at + length(key)) + 0 }' "${records}_index.json"
}

echo "| recorded benchmark | jobs | first cycle ms | later cycles ms | recorded ms |"
echo "|---|---|---|---|---|"
for name in AllocateAction_{Small,Medium,Large}Cluster GangScheduling_MediumCluster \
	ManyQueues_MediumCluster ConsolidationAction_MediumCluster ReclaimAction_MediumCluster \
	PreemptAction_MediumCluster FullSchedulingCycle_LargeCluster \
	ReclaimLargeJobs_{100,200,500,1000}Node ReclaimManySingleGPUJobsFullCycle_{100,200,500}Node \
	ReclaimUnschedulableDistributedJob_{50,100,200}Node; do
	if [ ! -f "$records/$name.json" ]; then
		echo "| $name | skipped: not there | | | |"
		continue
	fi
	build/release/berth check --quiet --time "$runs" "$records/$name.json" |
		awk -v name="$name" -v jobs="$(field "$name" jobs)" \
			-v real="$(field "$name" measured_ms)" \
			'NR == 1 { print "| " name " | " jobs " | " $3 " | " $6 " | " real " |" }'
done
