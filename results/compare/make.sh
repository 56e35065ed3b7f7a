#!/bin/sh
# make.sh [STUDY...] - remakes the studies of this folder (all of them by default): every policy on
# workloads of one kind, compared with first in, first out that passes over who finds no room. For
# each a table, the estimates and the figures. REPLICATIONS=10 by default; about a quarter of an hour
# on two cores.
set -eu
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
traces=${BERTH_TRACES:-../shared/traces}
reference=${BERTH_REFERENCE:-../shared/reference}
out=results/compare
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The figures show the first eight.
policies="fifo:mode=skip easy srtf tiresias drf themis gittins fairtree fifo sjf qssf srsf smallest las
	backfill conservative multifactor maxmin lottery stride gandiva_fair lucid shockwave"

# study NAME ARGUMENTS... - the policies are in $set.
study() {
	name=$1
	shift
	arguments=
	for policy in $set; do arguments="$arguments --policy $policy"; done
	# shellcheck disable=SC2086
	"$berth" compare --quiet "$@" $arguments --metric mean_queueing_s --estimates oracle \
		--replications "${REPLICATIONS:-10}" --out "$work/$name" --report >"$out/$name.txt"
	python3 scripts/compare-table.py "$work/$name/compare.json" >"$out/$name.md"
	grep -E '^policy|,(mean_queueing_s|mean_bounded_slowdown|p95_jct_s|share_jain|allocation_ratio),,' \
		"$work/$name/estimates.csv" >"$out/$name.csv"
	for figure in metric wait-differences front; do
		script=$work/$name/figure-$figure.gp
		[ ! -s "$script" ] || gnuplot -d "$script" >"$out/$name-$figure.svg"
	done
}

# is_there FILE - says what is passed over.
is_there() {
	[ -s "$1" ] || { echo "passed over: $1 is not there"; return 1; }
}

set=$policies
for wanted in ${*:-philly helios openb sdsc month}; do
	echo "$wanted"
	case $wanted in
	philly)
		is_there "$traces/philly/philly.csv" || continue
		"$berth" trace slice "$traces/philly/philly.csv" --from 2017-10-01T00:00:00 \
			--to 2017-11-01T00:00:00 --out "$work/philly.csv"
		study philly --trace "$work/philly.csv" --cluster 48x8 --load 0.7,0.85 --window
		;;
	helios)
		trace=$traces/helios/fleetsim/helios_venus_2vc_sept.csv
		is_there "$trace" || continue
		study helios --trace "$trace" --cluster 32x8 --load 0.5,0.7 --window
		;;
	openb)
		trace=$traces/openb/openb_pod_list_default.csv
		is_there "$trace" || continue
		# Shares of GPUs, so where matters more than who: mostly one order under all placements. The
		# pods ask for 14 GPUs in the mean of 149 days, most of it by services of months.
		echo '{"pools": [{"name": "g", "nodes": 5, "gpus": 4, "cpus": 64, "memory_mib": 262144}]}' >"$work/cluster.json"
		set="fifo:mode=skip@best fifo:mode=skip@fgd fifo:mode=skip@bestfit fifo:mode=skip@dotprod
			fifo:mode=skip@gpu_packing fifo:mode=skip@gpu_clustering fifo:mode=skip@random
			fifo:mode=skip@worst fifo:mode=skip@first drf@best srtf@best"
		study openb --trace "$trace" --cluster "$work/cluster.json" --replicate days:block=7 \
			--factor 1,1.3 --window
		set=$policies
		;;
	sdsc)
		trace=$reference/pyss/sdsc_sp2_5K.swf
		is_there "$trace" || continue
		study sdsc --trace "$trace" --cluster 128x1 --place count --load 0.6,0.8 --window
		;;
	month)
		study month --model philly --days 30 --cluster 64x8 --load 0.6,0.75,0.9 --window
		;;
	*)
		echo "make.sh: no study '$wanted'" >&2
		exit 2
		;;
	esac
done
