#!/bin/sh
# run.sh - what a run leaves behind when it is stopped in the middle: SIGINT a whole folder marked
# partial; SIGKILL no folder, or the one that was there before; a full disk, a place that cannot be
# written, a closed pipe and too little memory a message and no folder. KILLS=10 by default.
set -u
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
case $berth in /*) ;; *) berth=$PWD/$berth ;; esac
kills=${KILLS:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# verdict NAME PROBLEM - no problem when it is empty.
verdict() {
	if [ -z "$2" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1: $2" >&2
		cat "$work/stderr" >&2
	fi
}

# A run of some seconds, with its folder.
"$berth" trace generate users --jobs 40000 --load 1.1 --cluster 16x8 --out "$work/trace.csv"
long="run --quiet --trace $work/trace.csv --cluster 16x8 --policy las --causes --out $work/out"

# whole FOLDER - a results folder with all its files; says what is wrong.
whole() {
	for file in run.json summary.json jobs.csv timeline.csv queues.csv timing.json causes.csv; do
		[ -s "$1/$file" ] || echo "no $file"
	done
	tail -1 "$1/run.json" | grep -q '^}' || echo "run.json is cut"
}

# -- interrupts
for signal in INT TERM; do
	"$berth" $long >"$work/stdout" 2>"$work/stderr" &
	pid=$!
	sleep 1
	kill -$signal $pid
	wait $pid
	status=$?
	problem=
	[ $status = 1 ] || problem="exit status $status, expected 1"
	grep -q '"partial": true' "$work/out/summary.json" || problem="$problem; not marked partial"
	grep -q "PARTIAL: interrupted at" "$work/stdout" || problem="$problem; the table does not say so"
	problem="$problem$(whole "$work/out")"
	if [ -z "$problem" ] && ! python3 scripts/recompute-metrics.py "$work/out" "$work/trace.csv" >"$work/stderr"; then
		problem="its numbers do not agree with its tables"
	fi
	verdict "SIG$signal" "$problem"
	rm -rf "$work/out"
done

# -- SIGKILL at moments spread over the run: nothing under the final name, or a whole folder
i=0
complete=0
while [ $i -lt "$kills" ]; do
	"$berth" $long >/dev/null 2>"$work/stderr" &
	pid=$!
	sleep "$(awk -v i=$i -v n="$kills" 'BEGIN { print 0.02 + 3 * i / n }')"
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	problem=
	if [ -e "$work/out" ]; then
		complete=$((complete + 1))
		problem=$(whole "$work/out")
	fi
	verdict "SIGKILL $i" "$problem"
	rm -rf "$work"/out*
	i=$((i + 1))
done

# -- a folder that was there stays as it was
short="run --quiet --trace tests/data/traces/demo.csv --cluster 4x8"
"$berth" $short --out "$work/out" >/dev/null
cp -r "$work/out" "$work/before"
"$berth" $long >/dev/null 2>"$work/stderr" &
pid=$!
sleep 0.5
kill -KILL $pid
wait $pid 2>/dev/null
verdict "a folder that was to be replaced" "$(diff -r "$work/before" "$work/out" 2>&1)"
rm -rf "$work"/out*

# -- what the system refuses
# refused NAME WORDS - the last run, whose status is in $status.
refused() {
	problem=
	[ "$status" = 1 ] || [ "$status" = 2 ] || problem="exit status $status"
	grep -q "$2" "$work/stderr" || problem="$problem; nothing says '$2'"
	[ ! -e "$work/out" ] || problem="$problem; a folder was left"
	verdict "$1" "$problem"
	rm -rf "$work"/out*
}
(ulimit -f 64; exec "$berth" $long) >/dev/null 2>"$work/stderr"
status=$?
refused "a full disk" "large\|space\|write"
"$berth" $short --out "$work/trace.csv/out" >/dev/null 2>"$work/stderr"
status=$?
refused "a place that is no folder" "trace.csv/out"
"$berth" $short --out /proc/out >/dev/null 2>"$work/stderr"
status=$?
refused "a place that cannot be written" "/proc/out"
(ulimit -v 30000; exec "$berth" $long) >/dev/null 2>"$work/stderr"
status=$?
refused "too little memory" "memory"
if [ -e /dev/full ]; then
	"$berth" $short >/dev/full 2>"$work/stderr"
	status=$?
	refused "standard output on a full disk" "space"
fi
{ "$berth" trace convert "$work/trace.csv" 2>"$work/stderr"; echo $? >"$work/status"; } | head -1 >/dev/null
status=$(cat "$work/status")
refused "a closed pipe" "pipe"

echo "crashes: $passed passed, $failed failed ($complete of $kills runs were whole when killed)"
[ "$failed" = 0 ]
