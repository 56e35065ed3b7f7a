#!/bin/sh
# make.sh - remakes the picture of the README: GPUs allocated over time in Microsoft's Philly trace.
set -eu
cd "$(dirname "$0")/../.."
traces=${BERTH_TRACES:-../shared/traces}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build/release/berth run --quiet --trace "$traces/philly/philly.csv" --cluster 64x8 \
	--policy fifo:mode=skip --out "$work/run" --report
# The first figure of the page, with what a file of its own needs.
sed -n '/<svg/,/<\/svg>/p' "$work/run/report.html" |
	awk '{ print } /<\/svg>/ { exit }' >results/demo/gpus.svg
