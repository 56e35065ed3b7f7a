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

# A run of a second or more, with its folder, and how long it takes here.
"$berth" trace generate users --jobs 150000 --load 1.1 --cluster 16x8 --out "$work/trace.csv"
long="run --quiet --trace $work/trace.csv --cluster 16x8 --policy las --causes --out $work/out"
begin=$(date +%s.%N)
"$berth" $long >/dev/null 2>"$work/stderr"
takes=$(echo "$begin $(date +%s.%N)" | awk '{ print $2 - $1 }')
rm -rf "$work/out"

# part SHARE - so much of that time.
part() {
	echo "$takes $1" | awk '{ print $1 * $2 }'
}

# whole FOLDER - a results folder with all its files; says what is wrong.
whole() {
	for file in run.json summary.json jobs.csv timeline.csv queues.csv timing.json causes.csv; do
		[ -s "$1/$file" ] || echo "no $file"
	done
	tail -1 "$1/run.json" | grep -q '^}' || echo "run.json is cut"
}

# -- interrupts
# A signal may come too late where the machine was slow before: then again, sooner.
for signal in INT TERM; do
	status=0
	for share in 0.6 0.4 0.2 0.1 0.05; do
		rm -rf "$work/out"
		"$berth" $long >"$work/stdout" 2>"$work/stderr" &
		pid=$!
		sleep "$(part $share)"
		kill -$signal $pid 2>/dev/null
		wait $pid
		status=$?
		[ $status = 0 ] || break
	done
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
	sleep "$(part "$(awk -v i=$i -v n="$kills" 'BEGIN { print (i + 0.5) / n }')")"
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
sleep "$(part 0.2)"
if kill -KILL $pid 2>/dev/null; then
	wait $pid 2>/dev/null
	verdict "a folder that was to be replaced" "$(diff -r "$work/before" "$work/out" 2>&1 | head -3)"
fi
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
