#!/bin/sh
# mutants.sh - plants every bug of mutants.tsv (name, file, sed edit, what it does), one at a time, in a
# copy of the sources, lets the storm look for it in 5,000 worlds, and shrinks the worlds that found it,
# one after another, until one has no more than 5 jobs. Prints a CSV; ends with 1 when a bug is not found
# or no world of it becomes so small. With names as arguments: these only.
set -eu
cd "$(dirname "$0")/../.."
most_jobs=5
copy=build/mutants
rm -rf "$copy"
mkdir -p "$copy/build"
cp -a Makefile VERSION sim policies traces tests "$copy"/
cp -a build/release "$copy/build/"
storm=$PWD/$copy/build/release/tests/storm/storm
short=0

# Leaves the lines of the worlds that fail in $copy/found.
look() {
	: >"$copy/found"
	for worlds in '1 500' '501 1500' '2001 3000'; do
		# shellcheck disable=SC2086 # two words
		timeout 90 "$storm" $worlds >"$copy/out" 2>/dev/null || true
		grep '^seed' "$copy/out" | head -8 >"$copy/found" || true
		[ ! -s "$copy/found" ] || return 0
	done
}

# shrink SEED: prints how many jobs are left.
shrink() {
	rm -rf "$copy/small"
	STORM=$storm tests/storm/shrink.sh "$1" "$copy/small" >/dev/null 2>&1 </dev/null || true
	if [ -s "$copy/small/trace.csv" ]; then
		tail -n +2 "$copy/small/trace.csv" | wc -l
	else
		echo 99
	fi
}

echo 'mutant,file,found,seed,jobs_left,by,what'
tab=$(printf '\t')
while IFS="$tab" read -r name file edit what; do
	[ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
	sed "$edit" "$file" >"$copy/$file"
	if cmp -s "$file" "$copy/$file"; then
		echo "$name: the edit changes nothing in $file" >&2
		exit 2
	fi
	if ! make -s -C "$copy" build/release/tests/storm/storm >"$copy/log" 2>&1; then
		echo "$name: does not compile; see $copy/log" >&2
		exit 2
	fi
	look
	best=99
	row="$name,$file,no,,,,$what"
	while [ "$best" -gt "$most_jobs" ] && IFS= read -r line; do
		seed=$(echo "$line" | sed 's/seed \([0-9]*\):.*/\1/')
		jobs=$(shrink "$seed")
		if [ "$jobs" -lt "$best" ]; then
			best=$jobs
			row="$name,$file,yes,$seed,$jobs,$(echo "${line#*: }" | sed 's/[0-9][0-9]*/N/g; s/,/;/g'),$what"
		fi
	done <"$copy/found"
	echo "$row"
	[ "$best" -le "$most_jobs" ] || short=$((short + 1))
	cp "$file" "$copy/$file"
done <tests/storm/mutants.tsv
echo "$short not found, or found in more than $most_jobs jobs only" >&2
[ "$short" = 0 ]
