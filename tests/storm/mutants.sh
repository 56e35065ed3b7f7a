#!/bin/sh
# mutants.sh - plants every bug of mutants.tsv (name, file, sed edit, what it does), one at a time, in a
# copy of the sources, lets the storm look for it in 5,000 worlds, and shrinks the world that found it.
# Prints a CSV; ends with 1 when one is not found. With names as arguments: these only.
set -eu
cd "$(dirname "$0")/../.."
worlds=${STORM_WORLDS:-5000}
copy=build/mutants
rm -rf "$copy"
mkdir -p "$copy/build"
cp -a Makefile VERSION sim policies traces tests "$copy"/
cp -a build/release "$copy/build/"
survived=0
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
	storm=$PWD/$copy/build/release/tests/storm/storm
	timeout 90 "$storm" 1 "$worlds" >"$copy/out" 2>/dev/null || true
	line=$(grep -m 1 '^seed' "$copy/out" || true)
	if [ -n "$line" ]; then
		seed=$(echo "$line" | sed 's/seed \([0-9]*\):.*/\1/')
		rm -rf "$copy/small"
		STORM=$storm tests/storm/shrink.sh "$seed" "$copy/small" >/dev/null 2>&1 || true
		jobs=$([ -s "$copy/small/trace.csv" ] && tail -n +2 "$copy/small/trace.csv" | wc -l || echo '?')
		echo "$name,$file,yes,$seed,$jobs,$(echo "${line#*: }" | sed 's/[0-9][0-9]*/N/g; s/,/;/g'),$what"
	else
		echo "$name,$file,no,,,,$what"
		survived=$((survived + 1))
	fi
	cp "$file" "$copy/$file"
done <tests/storm/mutants.tsv
echo "$survived not found" >&2
[ "$survived" = 0 ]
