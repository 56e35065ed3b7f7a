#!/bin/bash
# golden.sh - every row of the golden table, and a comparison in 1 and in 8 threads, under gcc and clang
# at -O0, -O2, -O3 and with link-time optimisation, with and without address randomisation; a few rows
# in valgrind. A line each; builds stay in build/determinism-*. About half an hour on two cores.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# verdict NAME COMMAND... - the command's last line goes into the table.
verdict() {
	local name=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		passed=$((passed + 1))
		printf '%-34s equal      %s\n' "$name" "$(tail -1 "$work/said")"
	else
		failed=$((failed + 1))
		printf '%-34s DIFFERENT  %s\n' "$name" "$(tail -1 "$work/said")"
		head -12 "$work/said" >&2
	fi
}

# compare PROGRAM - compare.json of 1 and of 8 threads, against the one made first. Each step says itself
# that it failed: where `verdict` asks, set -e does nothing.
compare() {
	local threads
	for threads in 1 8; do
		"$1" compare --quiet --model users --jobs 500 --cluster 12x8 --policy fifo --policy lottery \
			--policy drf --replications 6 --factor 1,0.5 --threads $threads --out "$work/compare" >/dev/null || return 1
		[ -s "$work/compare.json" ] || cp "$work/compare/compare.json" "$work/compare.json" || return 1
		cmp "$work/compare.json" "$work/compare/compare.json" || return 1
	done
	echo "1 and 8 threads"
}

# build COMPILER OPTIONS - says where the program is; the options name the folder.
build() {
	local folder
	folder=build/determinism-$1$(echo "$2" | tr -d ' ')
	make -s CC="$1" B="$folder" OPT="$2 -U_FORTIFY_SOURCE" all >"$work/log" 2>&1 || { tail -20 "$work/log" >&2; return 1; }
	echo "$folder/berth"
}

golden() {
	BERTH=$1 tests/golden/run.sh
}

for compiler in gcc clang; do
	command -v $compiler >/dev/null || { echo "passed over: $compiler is not there"; continue; }
	for options in -O0 -O2 -O3 "-O2 -flto"; do
		if ! program=$(build $compiler "$options"); then
			failed=$((failed + 1))
			printf '%-34s DOES NOT BUILD\n' "$compiler $options"
			continue
		fi
		verdict "$compiler $options" golden "$program"
		verdict "$compiler $options, threads" compare "$program"
	done
done
cat >"$work/fixed" <<-EOF
	#!/bin/sh
	exec setarch -R $PWD/build/determinism-gcc-O2/berth "\$@"
EOF
chmod +x "$work/fixed"
verdict "gcc -O2, no address randomisation" golden "$work/fixed"

# Rows of the small trace, in valgrind: slow, so ten of them, and no byte used before it was set.
few() {
	local trace cluster options rest n=0
	while IFS='|' read -r trace cluster options rest; do
		[ "$trace" = tests/data/traces/demo.csv ] && [ $n -lt 10 ] || continue
		n=$((n + 1))
		# shellcheck disable=SC2086
		valgrind -q --error-exitcode=9 build/determinism-gcc-O2/berth run --quiet --trace "$trace" \
			--cluster "$cluster" $options --out "$work/grind" >/dev/null || return 1
		grep -q "${rest##*,}" "$work/grind/summary.json" || { echo "$options differs"; return 1; }
	done < <(tail -n +2 tests/golden/results.csv | sed -E 's/^([^,]*),([^,]*),"([^"]*)",?(.*)$/\1|\2|\3|\4/')
	echo "$n rows"
}
if command -v valgrind >/dev/null; then
	verdict "gcc -O2 in valgrind" few
else
	echo "passed over: valgrind is not there"
fi

echo "determinism: $passed equal, $failed different, $(($(wc -l <tests/golden/results.csv) - 1)) rows"
[ "$failed" = 0 ]
