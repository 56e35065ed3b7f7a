#!/bin/sh
# make.sh - 1,200 pods on 122 nodes of openb under the rules of the FGD study, beside what its simulator did. Prints a
# table; exits 1 when a pod or a published figure differs. BERTH_REFERENCE says where the inputs lie; without them it
# says so and passes.
set -eu
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
reference=${BERTH_REFERENCE:-../shared/reference}/fgd
if [ ! -f "$reference/openb_small_pods.csv" ]; then
	echo "skipped: no openb_small_pods.csv in $reference"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scripts/compare-pods.py prepare "$reference" "$work"
failed=0

# compare NAME PLACED MILLI CPU FRAGMENTED RULE - the figures are those that the simulator printed (fragmented: to ten
# milli-GPUs). Pods come one a second and never end: who finds no room when it comes finds none later.
compare() {
	published=$reference/kss-$1-openb122n1200p.csv
	[ -f "$published" ] || published=
	"$berth" run --quiet --trace "$work/pods.csv" --cluster "$work/cluster.json" --policy fifo:mode=skip \
		--place "$6" --log decisions --horizon 1300 --out "$work/run" >/dev/null
	# shellcheck disable=SC2086 # no argument at all when it is empty
	found=$(scripts/compare-pods.py compare "$work/run/decisions.jsonl" "$work" $published) || failed=1
	echo "$found" | awk -v name="$1" -v placed="$2" -v milli="$3" -v cpu="$4" -v fragmented="$5" -v rule="$6" '{
		verdict = $1 == placed && $5 == milli && $7 == cpu && int($9 / 10 + 0.5) * 10 == fragmented ? "equal" : "differ"
		printf "| %s | `%s` | %s | %s | %s | %s | %s | %s |\n", name, rule, $1, $3, $5, $7, $9, verdict
		exit verdict != "equal" }' || failed=1
}

echo "| simulator's | rule | placed | pods elsewhere | milli-GPUs allocated | CPUs allocated, % | milli-GPUs fragmented | figures |"
echo "|---|---|---|---|---|---|---|---|"
compare FGD 886 610930 72.4 14960 fgd:score=published,typical=trace
compare BestFit 868 595610 71.4 30340 bestfit:score=published
compare GpuPacking 875 599930 71.9 25960 gpu_packing
compare DotProd 867 594120 71.3 31820 dotprod:sign=smallest,norm=max,gpus=share,score=published
compare GpuClustering 862 590340 71.0 33220 gpu_clustering
exit $failed
