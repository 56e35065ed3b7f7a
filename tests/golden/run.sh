#!/bin/bash
# run.sh [--update] - the golden table: a row of results.csv is a replay (its first three columns) and what
# it gave. Every row is run again and has to give the same; --update writes what it gives now, for a commit
# that says why. A trace is a file of the checkout or the words of a 'berth trace generate'. The last line
# is "N passed, N failed". A new row needs its first three columns only.
set -euo pipefail
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
table=tests/golden/results.csv
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# results FILE - the columns of the table, out of summary.json, which has a key a line and two blanks a level.
results() {
	awk '{ match($0, /^ */); level = RLENGTH / 2; key = $1; gsub(/[":]/, "", key)
		path[level] = level > 1 ? path[level - 1] "." key : key
		value = $2; gsub(/[",]/, "", value); of[path[level]] = value }
		END { names = split("jobs.completed wait_s.mean wait_s.p99 jct_s.mean cluster.allocation_ratio" \
				" preemption.preemptions fingerprint", want, " ")
			for (i = 1; i <= names; i++) {
				if (of[want[i]] == "") exit 1
				printf "%s%s", of[want[i]], i < names ? "," : "\n"
			} }' "$1"
}

# trace_file WORDS CLUSTER - the file that a row's trace names, made once.
trace_file() {
	if [ "${1%% *}" != generate ]; then
		echo "$1"
		return
	fi
	local file
	file=$work/$(echo "$1 $2" | tr -c 'a-z0-9.\n' _).csv
	# shellcheck disable=SC2086 # words
	[ -f "$file" ] || "$berth" trace $1 --cluster "$2" --out "$file"
	echo "$file"
}

# replay TRACE CLUSTER OPTIONS - the row's results
replay() {
	# shellcheck disable=SC2086 # options are words
	"$berth" run --quiet --trace "$(trace_file "$1" "$2")" --cluster "$2" $3 --out "$work/out" >/dev/null || return 1
	results "$work/out/summary.json"
}

passed=0
failed=0
{
	read -r head
	echo "$head"
	while IFS='|' read -r trace cluster options old; do
		new=$(replay "$trace" "$cluster" "$options") || new=failed
		echo "$trace,$cluster,\"$options\",$new"
		if [ "$new" = "$old" ] && [ "$new" != failed ]; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			printf '%s on %s with %s\n  golden: %s\n  now:    %s\n' "$trace" "$cluster" "$options" "$old" "$new" >&2
		fi
	done < <(sed -E 's/^([^,]*),([^,]*),"([^"]*)",?(.*)$/\1|\2|\3|\4/')
} <"$table" >"$work/new.csv"
if [ "${1:-}" = --update ]; then
	cp "$work/new.csv" "$table"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] || [ "${1:-}" = --update ]
