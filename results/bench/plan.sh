#!/bin/sh
# plan.sh - how long a whole study takes: nodes for Philly under three policies, with all that is
# asked besides the answer, on all processors. A row for README.md. Needs the public trace.
set -eu
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
trace=${BERTH_TRACES:-../shared/traces}/philly/philly.csv
if [ ! -r "$trace" ]; then
	echo "plan.sh: skipped, $trace is not there" >&2
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
start=$(date +%s.%N)
"$berth" plan --quiet results/plan/philly.json --trace "$trace" --out "$work/out" >"$work/answer"
end=$(date +%s.%N)
runs=$(sed -n 's/.*; \([0-9]*\) runs with all of the above.*/\1/p' "$work/answer")
echo "$start $end $runs" | awk '{ printf "| Philly, `fifo`, `easy` and `kai` | %d | %.0f s |\n", $3, $2 - $1 }'
