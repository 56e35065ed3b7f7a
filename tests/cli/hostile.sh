#!/bin/sh
# hostile.sh - inputs that are made to hurt: a line of a gigabyte, ten million empty lines, archives that
# explode, names that share a hash. Each ends in one line on standard error or in a correct read, quickly, in a
# third of a gigabyte (JSON in one). HOSTILE=small takes a sixteenth of these sizes and a few formats.
set -u
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
most_kib=340000
most_s=30
case ${HOSTILE:-full} in
small) line_bytes=67108864 newlines=625000 ;;
*) line_bytes=1073741824 newlines=10000000 ;;
esac

# Is this one of those that small sizes are tried on? One of CSV, of JSON, of lines, of blocks.
chosen() {
	case ${HOSTILE:-full}:$1 in
	full:* | *:native* | *:demo.csv | *:mooncake* | *:swf | *:*.swf | *:sacct* | *:batsim* | *:scontrol*) true ;;
	*) false ;;
	esac
}

# bounded WHAT ARGUMENTS... <INPUT - berth under limits: done, or refused with one line and nothing else.
bounded() {
	what=$1
	shift
	(ulimit -v $most_kib && exec timeout $most_s "$berth" "$@") >"$work/stdout" 2>"$work/stderr"
	status=$?
	problem=
	if [ "$status" = 2 ]; then
		[ "$(wc -l <"$work/stderr")" = 1 ] || problem="not one line on standard error"
		[ ! -s "$work/stdout" ] || problem="something on standard output"
	elif [ "$status" != 0 ]; then
		problem="exit status $status"
	fi
	# In a pipe this is a shell of its own: what it found is counted at the end.
	echo "${problem:-fine}" >>"$work/found"
	if [ -n "$problem" ]; then
		echo "$what: berth $*: $problem" >&2
		head -2 "$work/stderr" >&2
	fi
}

# both WHAT FORMAT <INPUT... - through stats and through a run, the input is made by `feed WHAT`.
both() {
	"feed_$1" "$2" | bounded "$1" trace stats - $3
	"feed_$1" "$2" | bounded "$1" run --trace - --cluster 4x8 --quiet $3
}

a_gigabyte() {
	head -c $line_bytes /dev/zero | tr '\0' "$1" 2>/dev/null
}
feed_line() {
	a_gigabyte 1
}
feed_line_behind() {
	cat "$1"
	a_gigabyte 7
}
feed_empty_lines() {
	cat "$work/newlines"
}
feed_empty_lines_behind() {
	cat "$1" "$work/newlines"
}
head -c $newlines /dev/zero | tr '\0' '\n' >"$work/newlines"

for file in traces/*.c; do
	format=$(basename "$file" .c)
	chosen "$format" && "$berth" list --format "$format" >/dev/null 2>&1 || continue
	feed_line | bounded line trace stats - --format "$format"
	both empty_lines "" "--format $format"
done

# Behind the beginning of a real one, which is recognised as what it is. JSON may be one line of 256 MiB.
for sample in tests/data/traces/*; do
	chosen "${sample##*/}" || continue
	case $sample in
	*.gz | *.zst) continue ;;
	*.json*) most_kib=1000000 ;;
	*) most_kib=340000 ;;
	esac
	"$berth" trace stats "$sample" >"$work/plain" 2>/dev/null || continue
	both line_behind "$sample" ""
	both empty_lines_behind "$sample" ""
done

most_kib=340000
# A member of a megabyte packs to a kilobyte; a thousand of them are a megabyte that becomes a gigabyte.
bomb() {
	cat "$2" 2>/dev/null | gzip -9 >"$work/bomb.gz"
	head -c 1048576 /dev/zero | tr '\0' "$1" | gzip -9 >"$work/member"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		cat "$work/member" "$work/member" "$work/member" "$work/member" "$work/member"
	done >"$work/fifty"
	for i in 1 2 3 4 5 6 7 8 9 10; do
		cat "$work/fifty" "$work/fifty"
	done >>"$work/bomb.gz"
	bounded "bomb of '$1'" trace stats "$work/bomb.gz"
	[ "$status" = 2 ] || { echo "not refused" >>"$work/found"; echo "a bomb of '$1' is not refused" >&2; }
	bounded "bomb of '$1'" run --trace "$work/bomb.gz" --cluster 4x8 --quiet
	bounded "bomb of '$1'" trace convert "$work/bomb.gz" --out "$work/made.csv"
}
bomb a /dev/null
bomb '\n' /dev/null
bomb '\n' tests/data/traces/demo.csv
bomb '{' /dev/null
bomb '\0' /dev/null
if command -v zstd >/dev/null; then
	head -c 16777216 /dev/zero | tr '\0' '\n' | zstd -q -c >"$work/frame"
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		cat "$work/frame" "$work/frame" "$work/frame" "$work/frame"
	done >"$work/bomb.zst"
	bounded "zstd bomb" trace stats "$work/bomb.zst"
	bounded "zstd bomb" run --trace "$work/bomb.zst" --cluster 4x8 --quiet
fi

# A trace of two million jobs is 230 MB in memory; what streams needs a quarter of that.
if [ "${HOSTILE:-full}" = full ]; then
	awk 'BEGIN { print "job_id,submit_s,duration_s,gpus,user,queue"
		for (i = 0; i < 2000000; i++) print (i * 7919) % 2000003 "," i "," 100 + i % 777 "," 1 + i % 8 ",u" i % 91 ",q" i % 13 }' \
		>"$work/large.csv"
	most_kib=100000
	for verb in convert "slice --queue q3" "scale --factor 2" "scale --by users --factor 0.5" shake "anonymise --key 0123456789abcdef"; do
		bounded streaming trace ${verb%% *} "$work/large.csv" ${verb#"${verb%% *}"} --out "$work/made.csv"
		[ "$status" = 0 ] || { echo "not done" >>"$work/found"; echo "$verb is not done in 100 MB" >&2; }
	done
fi

failed=$(grep -cv '^fine$' "$work/found")
passed=$(grep -c '^fine$' "$work/found")
echo "hostile inputs: $passed passed, $failed failed"
[ "$failed" = 0 ]
