#!/bin/sh
# seeds.sh - openb's 1,213 nodes with GPUs filled until pods ask for 130 % of the GPUs, ten times, under the six
# placements of the FGD study and some of Berth's own: writes seeds.csv, fill.csv and fill.svg, prints the table of
# README.md.
# BERTH_TRACES says where openb lies. Half a minute.
set -eu
cd "$(dirname "$0")/../.."
export LC_ALL=C
berth=${BERTH:-build/release/berth}
traces=${BERTH_TRACES:-../shared/traces}/openb
here=results/fgd
total=6212 # GPUs
if [ ! -f "$traces/openb_pod_list_default.csv" ]; then
	echo "skipped: no openb_pod_list_default.csv in $traces"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Name; of the study: mean, least and most allocated of ten seeds at 100 %, mean at 130 %, mean fragmented at 50, 100 and
# 130 % (- for none), rule.
cat >"$work/rules" <<'RULES'
Random 86.30 85.87 86.79 87.47 15.10 13.49 12.43 random:gpus=any
DotProd 90.62 90.34 91.00 90.85 12.09 9.30 9.08 dotprod:sign=smallest,norm=max,score=published
GpuClustering 91.65 90.62 92.75 91.88 12.11 8.22 8.00 gpu_clustering
GpuPacking 91.78 91.07 92.58 92.00 12.01 8.13 7.91 gpu_packing
BestFit 92.86 92.64 93.04 93.08 10.81 7.06 6.85 bestfit:score=published
FGD 95.23 95.06 95.38 95.39 8.93 4.73 4.57 fgd:score=published,typical=trace
- - - - - - - - fgd:typical=trace
- - - - - - - - fgd:score=published
- - - - - - - - fgd
- - - - - - - - bestfit
- - - - - - - - best
- - - - - - - - dotprod
RULES

# curve NAME - the same for every fifth per cent.
curve() {
	awk -F, -v total=$total -v name="$1" '
		NR == FNR { if (FNR > 1) { asked += $4; percent[$2] = int(asked / total * 100 + 0.5) } next }
		FNR > 1 && $1 in percent && percent[$1] % 5 == 0 {
			print name "," percent[$1] "," $3 / total * 100 "," $7 / total * 100 }' "$work/pods.csv" "$work/run/timeline.csv"
}

# The means over the seconds in which the pods that came ask for 50, 100 and 130 % of the GPUs, to the nearest per cent.
fold() {
	awk -F, -v total=$total -v rule="$1" -v seed="$2" '
		NR == FNR { if (FNR > 1) { asked += $4; percent[$2] = int(asked / total * 100 + 0.5) } next }
		FNR > 1 && $1 in percent { p = percent[$1]; n[p]++; allocated[p] += $3; fragmented[p] += $7 }
		function mean(sum, p) { return sum[p] / n[p] / total * 100 }
		END { gsub(",", " ", rule); printf "%s,%d,%.3f,%.3f,%.3f,%.3f,%.3f\n", rule, seed, mean(allocated, 100),
			mean(allocated, 130), mean(fragmented, 50), mean(fragmented, 100), mean(fragmented, 130) }' \
		"$work/pods.csv" "$work/run/timeline.csv"
}

echo "rule,seed,allocated_100_percent,allocated_130_percent,fragmented_50_percent,fragmented_100_percent,fragmented_130_percent" >$here/seeds.csv
for seed in 1 2 3 4 5 6 7 8 9 10; do
	$here/draw.sh pods "$traces/openb_pod_list_default.csv" $total $seed >"$work/pods.csv"
	$here/draw.sh nodes "$traces/openb_node_list_gpu_node.csv" - $seed >"$work/nodes.csv"
	last=$(tail -n 1 "$work/pods.csv" | cut -d, -f2)
	while read -r name _ _ _ _ _ _ _ rule; do
		"$berth" run --quiet --trace "$work/pods.csv" --cluster "$work/nodes.csv" --policy fifo:mode=skip --seed $seed \
			--place "$rule" --fragmentation 95 --sample 1 --horizon "$last" --out "$work/run" >/dev/null
		fold "$rule" $seed >>$here/seeds.csv
		[ "$name" = - ] || curve "$name" >>"$work/curves.csv"
	done <"$work/rules"
done
awk -F, '
	BEGIN { print "placement,asked_percent,allocated_percent,fragmented_percent" }
	!($1 in known) { known[$1] = ++names; name[names] = $1 }
	{ n[$1, $2]++; allocated[$1, $2] += $3; fragmented[$1, $2] += $4 }
	END { for (i = 1; i <= names; i++) for (p = 5; p <= 130; p += 5)
		printf "%s,%d,%.2f,%.2f\n", name[i], p, allocated[name[i], p] / n[name[i], p], fragmented[name[i], p] / n[name[i], p] }' \
	"$work/curves.csv" >$here/fill.csv
gnuplot <<-GNUPLOT
	set terminal svg size 900,400 font "sans,12" background "white"
	set output "$here/fill.svg"
	set datafile separator ","
	set multiplot layout 1,2
	set key bottom right
	set xlabel "GPUs that the pods so far ask for, % of the cluster"
	set grid
	placements = "Random DotProd GpuClustering GpuPacking BestFit FGD"
	set ylabel "allocated, % of the GPUs"
	set xrange [75:130]
	set yrange [70:100]
	plot for [p in placements] "$here/fill.csv" using 2:(stringcolumn(1) eq p ? \$3 : 1/0) with lines linewidth 2 title p
	set ylabel "fragmented, % of the GPUs"
	unset key
	set xrange [0:130]
	set yrange [0:*]
	plot for [p in placements] "$here/fill.csv" using 2:(stringcolumn(1) eq p ? \$4 : 1/0) with lines linewidth 2 title p
GNUPLOT
awk -F, '
	NR == FNR { split($0, field, " "); name = field[9]; gsub(",", " ", name); order[++rules] = name
		shown[name] = field[9]; split($0, study, " "); for (i = 1; i <= 8; i++) of[name, i] = study[i]; next }
	FNR == 1 { next }
	{
		n[$1]++
		for (i = 3; i <= 7; i++) sum[$1, i] += $i
		least[$1] = n[$1] == 1 || $3 < least[$1] ? $3 : least[$1]
		most[$1] = n[$1] == 1 || $3 > most[$1] ? $3 : most[$1]
	}
	function mean(rule, i) { return sprintf("%.2f", sum[rule, i] / n[rule]) }
	END {
		print "| rule | allocated at 100 %: mean (least-most) | published | at 130 % | published | fragmented at 50, 100, 130 % | published |"
		print "|---|---|---|---|---|---|---|"
		for (r = 1; r <= rules; r++) {
			rule = order[r]
			known = of[rule, 1] != "-"
			printf "| `%s` | %s (%.2f-%.2f) | %s | %s | %s | %s, %s, %s | %s |\n", shown[rule], mean(rule, 3), least[rule], most[rule],
				(known ? of[rule, 2] " (" of[rule, 3] "-" of[rule, 4] ")" : ""), mean(rule, 4), (known ? of[rule, 5] : ""),
				mean(rule, 5), mean(rule, 6), mean(rule, 7),
				(known ? of[rule, 6] ", " of[rule, 7] ", " of[rule, 8] : "")
		}
	}' "$work/rules" $here/seeds.csv
