#!/bin/sh
# make.sh - remakes summary.txt and fairness.csv: a month of Philly under the policy kai, on 2,490
# GPUs, and its busiest day on 256, where queues compete.
set -eu
cd "$(dirname "$0")/../.."
traces=${BERTH_TRACES:-../shared/traces}
out=results/philly-kai
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
slice() {
	head -1 "$traces/philly/philly.csv"
	tail -n +2 "$traces/philly/philly.csv" | LC_ALL=C sort | awk -F, -v from="$1" -v to="$2" '$1 >= from && $1 < to'
}
slice 2017-10-01 2017-11-01 >"$work/month.csv"
slice 2017-10-10 2017-10-11 >"$work/day.csv"
cat >"$work/philly.json" <<'JSON'
{"pools": [{"name": "eight", "nodes": 310, "gpus": 8}, {"name": "two", "nodes": 5, "gpus": 2}]}
JSON
build/release/berth run --quiet --trace "$work/month.csv" --cluster "$work/philly.json" \
	--policy kai:quotas=demand --out "$work/month" --report >$out/month.txt
build/release/berth run --quiet --trace "$work/day.csv" --cluster 32x8 \
	--policy kai:quotas=demand --cost restore=60,checkpoint=1800 --out "$work/day" --report >$out/day.txt
cp "$work/day/fairness.csv" $out/day-fairness.csv
sed -i "s|$work/||g" $out/month.txt $out/day.txt
grep -E 'user_s|peak' "$work/month/timing.json" >&2
