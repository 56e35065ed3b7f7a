#!/bin/sh
# run.sh - equal inputs give equal bytes: gcc and clang, -O0 and -O3, with and without address
# randomisation. Every file of a results folder but timing.json is compared, and generated workloads,
# fits and transforms; the last line is
# "N passed, N failed".
set -u
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

printf 'job_id,submit_s,duration_s,gpus,tasks,min_tasks,user,queue,estimate_s\n' >"$work/trace.csv"
awk 'BEGIN {
	x = 12345
	for (i = 0; i < 3000; i++) {
		x = (x * 1103515245 + 12345) % 2147483648; gap = x % 90
		x = (x * 1103515245 + 12345) % 2147483648; run = x % 4000 + x % 7 * 0.125
		x = (x * 1103515245 + 12345) % 2147483648; kind = int(x / 65536) % 6
		now += gap
		if (kind == 0) shape = "8,,"; else if (kind == 1) shape = "0.5,,"
		else if (kind == 2) shape = "4,4,2"; else if (kind == 3) shape = "16,2,2"
		else if (kind == 4) shape = "12,,"; else shape = "1,,"
		printf "j%d,%d,%.3f,%s,u%d,q%d,%d\n", i, now, run, shape, i % 17, i % 5, run * (1 + i % 3) + 60
	}
}' >>"$work/trace.csv"

# run_all BERTH FOLDER [WRAPPER...] - a spread of policies, rules and settings into one folder.
run_all() {
	program=$1
	folder=$2
	shift 2
	mkdir -p "$folder"
	while read -r name options; do
		# shellcheck disable=SC2086 # options are words
		"$@" "$program" run --quiet --trace "$work/trace.csv" --cluster 10x8 --log decisions \
			--out "$folder/$name" $options >"$folder/$name.txt" 2>&1 || echo "failed: $name" >&2
		rm -f "$folder/$name/timing.json"
	done <<-EOF
		fifo --policy fifo --place first
		skip --policy fifo:mode=skip --place random --seed 7
		sjf --policy sjf --place best --estimates noisy:0.7
		srtf --policy srtf --place worst --cost checkpoint=300,restore=20,start=5
		easy --policy easy --place consolidate --pass period:30
		fgd --policy fifo:mode=skip --place fgd:score=published
		dotprod --policy fifo:mode=skip --place dotprod:norm=pod,gpus=share
		topology --policy fifo:mode=skip --place topology
		conservative --policy conservative --place count --estimates lastk:3 --pass event
	EOF
	for model in helios lublin openb pai philly users; do
		"$@" "$program" trace generate "$model" --jobs 3000 --seed 5 --load 0.7 --cluster 20x8 \
			--out "$folder/$model.csv" || echo "failed: $model" >&2
	done
	while read -r name options; do
		# shellcheck disable=SC2086 # options are words
		"$@" "$program" trace $options "$work/trace.csv" --out "$folder/$name.csv" || echo "failed: $name" >&2
	done <<-EOF
		busier scale --factor 1.7
		crowded scale --by users --factor 2.3
		sessions resample --seed 3
		days resample --by days
		shaken shake --seed 9 --durations 0.1
		hidden anonymise --key 0123456789abcdef
	EOF
	"$@" "$program" trace generate --fit "$work/trace.csv" --durations copula \
		--out "$folder/fitted.json" >"$folder/fitted.txt" || echo "failed: fit" >&2
}

# same A B WHAT
same() {
	if [ -d "$1" ] && diff -r "$1" "$2" >"$work/difference" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$3 differs:" >&2
		head -5 "$work/difference" >&2
	fi
}

run_all build/release/berth "$work/gcc-O2"
run_all build/release/berth "$work/again"
same "$work/gcc-O2" "$work/again" "a second run"
run_all build/release/berth "$work/fixed" setarch -R
same "$work/gcc-O2" "$work/fixed" "a run without address randomisation"
for build in gcc:-O0 gcc:-O3 clang:-O0 clang:-O3; do
	compiler=${build%%:*}
	level=${build#*:}
	if ! command -v "$compiler" >/dev/null 2>&1; then
		echo "skipped: $compiler is not there" >&2
		continue
	fi
	folder=build/determinism-$compiler$level
	make -s CC="$compiler" B="$folder" OPT="$level -U_FORTIFY_SOURCE" all >"$work/log" 2>&1 ||
		cat "$work/log" >&2
	run_all "$folder/berth" "$work/$compiler$level"
	same "$work/gcc-O2" "$work/$compiler$level" "$compiler $level"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
