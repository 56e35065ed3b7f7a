#!/bin/sh
# optima.sh [SEEDS] - how far the mean completion of Gavel's 96 jobs moves with the choice among equal
# optima: each program solved with SEEDS (10) random second objectives (`optimum=`). Prints a table.
# Inputs as for make.sh.
set -u
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
traces=${BERTH_TRACES:-../shared/traces}/gavel
reference=${BERTH_REFERENCE:-../shared/reference}/gavel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trace=$traces/physical_cluster/max_min_fairness.trace
table=$traces/simulation_throughputs.json
if [ ! -f "$trace" ] || [ ! -f "$table" ] || [ ! -d "$reference" ]; then
	echo "skipped: Gavel's trace or its schedules are not there (BERTH_TRACES, BERTH_REFERENCE)"
	exit 0
fi

spread() {
	seed=1
	: >"$work/all"
	while [ "$seed" -le "$seeds" ]; do
		"$berth" run --quiet --trace "$trace" --format "gavel:throughputs=$table" \
			--cluster results/gavel/cluster.json --place count --policy "$2,optimum=$seed" \
			--out "$work/run" >"$work/log" 2>&1 || {
			cat "$work/log" >&2
			exit 1
		}
		results/gavel/compare.py "$reference/gavel-$1-mmf96-c12.csv" "$work/run/jobs.csv" >>"$work/all"
		seed=$((seed + 1))
	done
	awk -v name="$1" '{ there = $3; d = $5 + 0; sum += d }
		NR == 1 || d < least { least = d }
		NR == 1 || d > most { most = d }
		END { printf "| %s | %s | %+.1f | %+.1f | %+.1f |\n", name, there, least, sum / NR, most }' \
		"$work/all"
}

seeds=${1:-10}
echo "| there | mean completion there, s | least here, % | mean, % | most, % |"
echo "|---|---|---|---|---|"
any=speeds=false,types=python
spread max_min_fairness "gavel:goal=max_min,$any"
spread max_min_fairness_perf gavel:goal=max_min
spread finish_time_fairness "gavel:goal=finish_time,$any"
spread finish_time_fairness_perf gavel:goal=finish_time
spread max_sum_throughput_perf gavel:goal=max_sum
spread min_total_duration "gavel:goal=makespan,$any"
spread min_total_duration_perf gavel:goal=makespan
