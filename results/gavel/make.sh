#!/bin/sh
# make.sh - Gavel's policies on its 96 jobs and 12 V100, 12 P100 and 12 K80, against its published
# simulator. Prints a table; exits 1 when a job of a policy without a linear program differs, or a
# mean moves further away than the last column allows. Inputs are looked for at ${BERTH_TRACES} and
# ${BERTH_REFERENCE}; where they are not there, it says so and exits 0.
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
failed=0

# compare NAME POLICY MOST - a row; MOST per cent of difference of the mean, or `exact`.
compare() {
	"$berth" run --quiet --trace "$trace" --format "gavel:throughputs=$table" \
		--cluster results/gavel/cluster.json --place count --policy "$2" --out "$work/run" \
		>"$work/log" 2>&1 &&
		results/gavel/compare.py "$reference/gavel-$1-mmf96-c12.csv" "$work/run/jobs.csv" \
			>"$work/verdict" || {
		cat "$work/log" >&2
		failed=1
		return
	}
	read -r jobs equal there here difference <"$work/verdict"
	end=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "end_s") c = i; next }
		$c > m { m = $c } END { printf "%.1f", m }' "$work/run/jobs.csv")
	echo "| $1 | \`$2\` | $((jobs - equal)) of $jobs | $there | $here | $difference | $end |"
	awk -v most="$3" -v d="$difference" -v missing=$((jobs - equal)) 'BEGIN {
		if (most == "exact") exit missing != 0
		exit (d < 0 ? -d : d) > most }' || {
		echo "$1 differs by more than $3" >&2
		failed=1
	}
}

echo "| there | here | jobs that differ | mean completion there, s | here, s | % | makespan here, s |"
echo "|---|---|---|---|---|---|---|"
any=speeds=false,types=python
best=solver=presolve_dual
compare isolated "gavel:goal=isolated,$any" exact
compare fifo "gavel:goal=fifo,$any" exact
compare fifo_perf gavel:goal=fifo exact
compare max_min_fairness "gavel:goal=max_min,$any,$best" 2
compare max_min_fairness_perf "gavel:goal=max_min,$best" 2
compare finish_time_fairness "gavel:goal=finish_time,$any,solver=presolve,split=solved" 2
compare finish_time_fairness_perf "gavel:goal=finish_time,$best" 2
compare max_sum_throughput_perf "gavel:goal=max_sum,$best,columns=last" 2
compare min_total_duration "gavel:goal=makespan,$any,solver=presolve,split=solved" 3
compare min_total_duration_perf "gavel:goal=makespan,$best" 2
exit $failed
