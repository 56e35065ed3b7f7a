#!/bin/sh
# plan.sh - a search for capacity is killed at moments spread over it, and run again until it ends: its
# folder is that of a search that nobody killed, byte for byte. KILLS=10 by default; a search that had
# ended when its moment came does not count as killed, but after twice as many tries it is enough.
# STUDY and TRACE: another study than the small one below, only killed, and the trace that it asks for.
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

cat >"$work/study.json" <<END
{"name": "to be killed",
 "demand": {"model": "users", "jobs": 3000},
 "cluster": {"pools": [{"name": "n", "gpus": 8, "price_per_hour": 20, "nodes": {"from": 4, "to": 60}}]},
 "policies": ["fifo", "easy"], "settings": {"estimates": "oracle"}, "replications": 10,
 "levels": [{"name": "soon", "of": "wait_s", "share": 0.9, "at_most": 1800}]}
END
[ -z "${STUDY-}" ] || cp "$STUDY" "$work/study.json"
set -- "$berth" plan "$work/study.json" ${TRACE:+--trace "$TRACE"} --quiet --report
begin=$(date +%s.%N)
"$@" --out "$work/whole" >"$work/table" 2>"$work/stderr"
takes=$(echo "$begin $(date +%s.%N)" | awk '{ print $2 - $1 }')

killed=0
remembered=0
i=0
while [ $killed -lt "$kills" ] && [ $i -lt $((2 * kills)) ]; do
	for again in 1 2 3; do
		[ $killed -lt "$kills" ] || break
		[ ! -e "$work/out" ] || break
		"$@" --out "$work/out" >/dev/null 2>"$work/stderr" &
		pid=$!
		sleep "$(awk -v i=$i -v n="$kills" -v t="$takes" 'BEGIN { print t * (i % n + 0.5) / n }')"
		kill -KILL $pid 2>/dev/null && killed=$((killed + 1))
		wait $pid 2>/dev/null
		i=$((i + 1))
	done
	problem=
	[ -s "$work/out.runs" ] && remembered=$((remembered + 1))
	if [ ! -e "$work/out" ]; then
		"$@" --out "$work/out" >"$work/again" 2>"$work/stderr" ||
			problem="exit status $?"
		[ "$problem" ] || problem=$(diff "$work/table" "$work/again" | head -3)
	fi
	verdict "kill $i" "$problem$(diff -r "$work/whole" "$work/out" 2>&1 | head -3)"
	rm -rf "$work"/out*
done
[ "$killed" = 0 ] || [ "$remembered" -gt 0 ] || verdict "memory" "no run was remembered"

if [ -n "${STUDY-}" ]; then
	echo "plans: $passed passed, $failed failed ($killed killed, $takes s without)"
	[ "$failed" = 0 ]
	exit
fi

# -- a memory that is cut or changed costs time only
cp "$work/whole.runs" "$work/memory"
bytes=$(wc -c <"$work/memory")
for share in 0.1 0.5 0.99; do
	cut=$(echo "$bytes $share" | awk '{ printf "%d", $1 * $2 }')
	head -c "$cut" "$work/memory" >"$work/out.runs"
	printf 'x' | dd of="$work/out.runs" bs=1 seek=$((cut / 2)) conv=notrunc 2>/dev/null
	"$@" --out "$work/out" >/dev/null 2>"$work/stderr"
	verdict "cut at $cut of $bytes bytes" "$(diff -r "$work/whole" "$work/out" 2>&1 | head -3)"
	rm -rf "$work"/out*
done
echo "what is this" >"$work/out.runs"
"$@" --out "$work/out" >/dev/null 2>"$work/stderr"
problem=$([ $? = 2 ] || echo "exit status $?, expected 2")
grep -q "name another file" "$work/stderr" || problem="$problem; nothing says so"
verdict "a memory that is none" "$problem"

echo "plans: $passed passed, $failed failed ($killed killed)"
[ "$failed" = 0 ]
