#!/bin/sh
# make.sh - remakes the table and the figure of this folder: two queues that share 16 GPUs under
# time-based fair share, for four values of k.
set -eu
cd "$(dirname "$0")/../.."
out=results/time-based-fairshare
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cycles=16384

# config K GPUS WEIGHT - jobs of GPUS each; queue a weighs WEIGHT, b weighs 1.
config() {
	printf '{"Cycles":%s,"WindowSize":256,"HalfLifePeriod":128,"KValue":%s,"Nodes":[{"GPUs":16}],' $cycles "$1"
	printf '"Queues":[{"Name":"department"},{"Name":"a","Parent":"department","Weight":%s},' "$3"
	printf '{"Name":"b","Parent":"department"}],"Jobs":{"a":{"GPUs":%s,"NumJobs":32},' "$2"
	printf '"b":{"GPUs":%s,"NumJobs":32}}}\n' "$2"
}

{
	echo '| jobs | weights | k | share of a | owed to a | error | changes of a |'
	echo '|---|---|---|---|---|---|---|'
	for world in '16 1 0.5' '1 1 0.5' '1 3 0.75'; do
		set -- $world
		for k in 0 0.5 1 2; do
			config $k $1 $2 >"$work/config.json"
			build/release/berth share "$work/config.json" --out "$work/run-$1-$2-$k.csv"
			awk -F, -v k=$k -v gpus=$1 -v weight=$2 -v owed=$3 -v cycles=$cycles '
				$2 == "a" { sum += $3; if (seen && $3 != last) changes++; last = $3; seen = 1 }
				$2 == "b" { other += $3 }
				END {
					share = sum / (sum + other)
					printf "| %d GPU%s | %s : 1 | %s | %.4f | %.4f | %+.2f %% | %d |\n", gpus,
						(gpus > 1 ? "s" : ""), weight, k, share, owed, 100 * (share - owed), changes
				}' "$work/run-$1-$2-$k.csv"
		done
	done
} >$out/table.md

for k in 0 0.5 1 2; do
	grep ',a,' "$work/run-16-1-$k.csv" >"$work/a-$k.csv"
done
gnuplot <<GNUPLOT
set terminal svg size 900,640 font "sans,12"
set output "$out/oscillation.svg"
set datafile separator ","
set multiplot layout 4,1
set xrange [0:1024]
set yrange [0:18]
set ytics 0,8,16
set key right outside
do for [k in "0 0.5 1 2"] {
	set ylabel "GPUs"
	plot sprintf("$work/a-%s.csv", k) using 1:3 with steps lw 1.5 title sprintf("k = %s: held by a", k), \\
		"" using 1:4 with steps lw 1 dt 2 title "fair share"
}
GNUPLOT
