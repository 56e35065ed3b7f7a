#!/bin/sh
# make.sh - the policies of Shockwave's simulator on its 120 jobs and 32 V100, job by job. Prints a
# table; exits 1 when fewer jobs of a policy are equal than the table says, or its mean is further
# away. Inputs are looked for at ${BERTH_TRACES} and ${BERTH_REFERENCE}; where they are not there, it
# says so and exits 0.
set -u
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
traces=${BERTH_TRACES:-../shared/traces}/shockwave
reference=${BERTH_REFERENCE:-../shared/reference}/shockwave
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trace="$traces/120_0.2_5_100_40_25_0,0.5,0.5_0.6,0.3,0.09,0.01_multigpu_dynamic.trace"
table=$traces/tacc_throughputs.json
if [ ! -f "$trace" ] || [ ! -f "$table" ] || [ ! -d "$reference" ]; then
	echo "skipped: Shockwave's trace or its schedules are not there (BERTH_TRACES, BERTH_REFERENCE)"
	exit 0
fi
failed=0

# compare NAME POLICY LEAST MOST - a row; LEAST jobs are equal, MOST per cent of difference of means.
compare() {
	"$berth" run --quiet --trace "$trace" --format "gavel:throughputs=$table" \
		--cluster results/shockwave/cluster.json --place count --policy "$2" --out "$work/run" \
		>"$work/log" 2>&1 &&
		results/gavel/compare.py "$reference/shockwave-$1-120job32gpu.csv" "$work/run/jobs.csv" \
			>"$work/verdict" || {
		cat "$work/log" >&2
		failed=1
		return
	}
	read -r jobs equal there here difference <"$work/verdict"
	echo "| $1 | \`$2\` | $equal of $jobs | $there | $here | $difference |"
	awk -v most="$4" -v least="$3" -v d="$difference" -v equal="$equal" 'BEGIN {
		exit equal < least || (d < 0 ? -d : d) > most }' || {
		echo "$1: fewer than $3 jobs equal, or a mean that differs by more than $4 %" >&2
		failed=1
	}
}

echo "| there | here | jobs equal | mean completion there, s | here, s | % |"
echo "|---|---|---|---|---|---|"
rules=round=120,reset=1000,restart=20
any=$rules,speeds=false,types=python
compare gandiva_fair "gandiva_fair:$rules" 120 0
compare isolated "gavel:goal=isolated,$any" 120 0
compare min_total_duration "gavel:goal=makespan,$any" 120 0
compare finish_time_fairness "gavel:goal=finish_time,$any" 120 0
compare max_sum_throughput_perf "gavel:goal=max_sum,solver=presolve_dual,$rules" 120 0
compare fifo "gavel:goal=fifo,$any" 120 0
compare max_min_fairness "gavel:goal=max_min,$any" 0 0.5
compare allox "allox:$rules" 0 0.5
exit $failed
