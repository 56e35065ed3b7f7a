#!/bin/sh
# quickstart.sh - from a fresh clone to the report of a replay: installs what is missing (Debian,
# Ubuntu), builds, replays a trace and shows what came out.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

# shellcheck disable=SC2086 # one word a package
install $RUN_PACKAGES
make -j"$(nproc)" all >&2

traces=${BERTH_TRACES:-../shared/traces}
out=${1:-build/quickstart}
if [ -f "$traces/philly/philly.csv" ]; then
	say "Replaying Microsoft's Philly trace on 64 nodes of 8 GPUs."
	build/release/berth run --trace "$traces/philly/philly.csv" --cluster 64x8 \
		--policy fifo:mode=skip --out "$out" --report
else
	say "No public traces at $traces: replaying the sample that comes with Berth."
	build/release/berth run --trace tests/data/traces/demo.csv --cluster 4x8 \
		--policy fifo:mode=skip --out "$out" --report
fi
say "The page with figures: $out/report.html"
