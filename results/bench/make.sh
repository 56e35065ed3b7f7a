#!/usr/bin/env bash
# make.sh - figures of speed and memory, as a table: median user seconds of RUNS runs of the whole
# program, peak memory, and the engine's own rate. Nothing here is asserted anywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
traces=${BERTH_TRACES:-../shared/traces}
runs=${RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U

# A million jobs at about 85 % load of 8,000 GPUs; the same bytes everywhere.
awk 'BEGIN {
	print "job_id,submit_s,duration_s,gpus,user,queue"
	split("1 1 1 1 2 2 4 8 8 16", sizes, " ")
	x = 1
	for (i = 0; i < 1000000; i++) {
		x = (x * 1103515245 + 12345) % 2147483648; now += int(x / 65536) % 5 / 2
		x = (x * 1103515245 + 12345) % 2147483648; run = 60 + int(x / 65536) % 3000
		x = (x * 1103515245 + 12345) % 2147483648; size = sizes[1 + int(x / 65536) % 10]
		printf "%d,%.1f,%d,%d,u%d,q%d\n", i, now, run, size, i % 97, i % 13
	}
}' >"$work/million.csv"

value() {
	sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" "$work/out/timing.json"
}

# row NAME TRACE ARGUMENTS...
row() {
	local name=$1 trace=$2
	shift 2
	if [ ! -f "$trace" ]; then
		echo "| $name | skipped: ${trace##*/} is not there | | | |"
		return
	fi
	local seconds=() rates=()
	for ((i = 0; i < runs; i++)); do
		seconds+=("$({ time "$berth" run --quiet --trace "$trace" --out "$work/out" "$@" >/dev/null; } 2>&1)")
		rates+=("$(value jobs_per_engine_s)")
	done
	local middle=$((runs / 2))
	local median rate jobs
	median=$(printf '%s\n' "${seconds[@]}" | sort -n | sed -n "$((middle + 1))p")
	rate=$(printf '%s\n' "${rates[@]}" | sort -n | sed -n "$((middle + 1))p")
	jobs=$(sed -n 's/.*"jobs": \([0-9]*\).*/\1/p' "$work/out/run.json" | head -1)
	echo "| $name | $jobs | $median | $(($(value peak_memory_kib) / 1024)) | $rate |"
}

echo "| replay, parse to written results | jobs | user s | peak MiB | jobs/s in the engine |"
echo "|---|---|---|---|---|"
row "synthetic, FIFO, 1,000 nodes x 8" "$work/million.csv" --cluster 1000x8 --policy fifo --place first
row "synthetic, no policy (null)" "$work/million.csv" --cluster 1000x8 --policy null --place first
row "RICC, FIFO, 8,192 processors as one pool" "$traces/pwa/RICC-2010-2.swf.gz" --cluster 1x8192 --policy fifo --place count
row "RICC, FIFO, 1,024 nodes x 8" "$traces/pwa/RICC-2010-2.swf.gz" --cluster 1024x8 --policy fifo --place count
row "CTC-SP2, EASY, 338 processors" "$traces/pyss-easy-results/CTC-SP2.easy.swf.gz" --cluster 338x1 --policy easy:ask=if_new_fits --place count --pass event --tie submit
row "CTC-SP2, conservative" "$traces/pyss-easy-results/CTC-SP2.easy.swf.gz" --cluster 338x1 --policy conservative --place count
row "Philly, skipping FIFO, 64 nodes x 8" "$traces/philly/philly.csv" --cluster 64x8 --policy fifo:mode=skip
row "openb, skipping FIFO, 1,523 nodes" "$traces/openb/openb_pod_list_default.csv" --cluster "$traces/openb/openb_node_list_all_node.csv" --policy fifo:mode=skip --place best
