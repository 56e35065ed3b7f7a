#!/bin/sh
# make.sh - openb's 1,523 nodes filled until pods ask for 130 % of the GPUs, under the KAI scheduler and each of its
# placement strategies, and under plain rules beside it: table.md, fill.csv and fill.svg. BERTH_TRACES says where
# openb lies. A minute.
set -eu
cd "$(dirname "$0")/../.."
export LC_ALL=C
traces=${BERTH_TRACES:-../shared/traces}/openb
here=results/openb
if [ ! -f "$traces/openb_pod_list_default.csv" ]; then
	echo "skipped: no openb in $traces"
	exit 0
fi
make --no-print-directory -s >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
total=6212 # GPUs of the cluster
$here/draw.sh "$traces/openb_pod_list_default.csv" $total 130 1 >"$work/pods.csv"
last=$(tail -n 1 "$work/pods.csv" | cut -d, -f2)

{
	echo "| order and placement | allocated, % of GPUs | fragmented GPUs | stranded GPUs | pods pending | user s |"
	echo "|---|---|---|---|---|---|"
} >$here/table.md
echo "strategy,asked_percent,allocated_percent,fragmented_percent,stranded_percent" >$here/fill.csv
while read -r name options; do
	# shellcheck disable=SC2086 # options are words
	build/release/berth run --quiet --trace "$work/pods.csv" --cluster "$traces/openb_node_list_all_node.csv" \
		$options --fragmentation 95 --sample 60 --horizon "$last" --out "$work/$name" >/dev/null
	awk -F, -v name="$name" -v total=$total -v user="$(awk -F'[:,]' '/"user_s"/ { printf "%.1f", $2 }' "$work/$name/timing.json")" \
		-v table=$here/table.md 'NR > 1 {
			printf "%s,%.2f,%.2f,%.2f,%.2f\n", name, ($3 + $6) / total * 100, $3 / total * 100, $7 / total * 100, $8 / total * 100
			allocated = $3; fragmented = $7; stranded = $8; pending = $5 }
		END { printf "| %s | %.1f | %.0f | %.0f | %d | %s |\n", name, allocated / total * 100, fragmented, stranded, pending, user >>table }' \
		"$work/$name/timeline.csv" >>$here/fill.csv
done <<-EOF
	kai-binpack --policy kai:gpu=binpack,cpu=binpack
	kai-spread --policy kai:gpu=spread,cpu=spread
	kai-binpack-cpu-spread --policy kai:gpu=binpack,cpu=spread
	fifo-best --policy fifo:mode=skip --place best
	fifo-first --policy fifo:mode=skip --place first
	fifo-worst --policy fifo:mode=skip --place worst
	fifo-random --policy fifo:mode=skip --place random
EOF
cat $here/table.md

gnuplot <<-EOF
	set terminal svg size 900,380 dynamic font "sans,12"
	set output "$here/fill.svg"
	set datafile separator ","
	set multiplot layout 1,2
	set key bottom right
	set grid ytics lc rgb "#cccccc"
	set xlabel "GPUs asked for so far, % of the cluster"
	set ylabel "allocated, % of the cluster"
	names = "kai-binpack kai-spread fifo-best fifo-worst"
	plot for [i=1:words(names)] "$here/fill.csv" using (strcol(1) eq word(names, i) ? column(2) : 1/0):3 \
		with lines lw 2 dt i lc i title word(names, i)
	set key top right
	set ylabel "fragmented, % of the cluster"
	plot for [i=1:words(names)] "$here/fill.csv" using (strcol(1) eq word(names, i) ? column(2) : 1/0):4 \
		with lines lw 2 dt i lc i title word(names, i)
EOF
