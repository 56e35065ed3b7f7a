#!/bin/sh
# compare.sh - how long a whole comparison takes: 8 policies x 3 loads x 20 replications of a
# generated workload of 20,000 jobs, 480 runs, on all processors. A row for README.md.
set -eu
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
start=$(date +%s.%N)
"$berth" compare --quiet --model users --jobs 20000 --cluster 8x8 --policy fifo:mode=skip --policy easy \
	--policy sjf --policy srtf --policy tiresias --policy conservative --policy las --policy drf \
	--load 0.5,0.6,0.7 --replications 20 --out "$work/out" >/dev/null
end=$(date +%s.%N)
echo "$start $end" | awk '{ printf "| 480 runs of 20,000 jobs | %.1f s wall | %.0f jobs/s |\n", $2 - $1, 9600000 / ($2 - $1) }'
