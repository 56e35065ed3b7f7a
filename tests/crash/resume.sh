#!/bin/sh
# resume.sh - runs with checkpoints are killed at moments spread over them, resumed, killed again, and
# resumed until they end: their results are those of a run that nobody killed, byte for byte.
# KILLS=10 by default. Also: what cannot be resumed is refused, and says why.
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

# Three runs of a second or so: the placement core, assignments, and a policy that has nothing to
# remember under all that is reported.
"$berth" trace generate users --jobs 2000 --load 1.1 --cluster 16x8 --out "$work/small.csv"
"$berth" trace generate users --jobs 60000 --load 1.1 --cluster 16x8 --out "$work/large.csv"
cat >"$work/runs" <<END
kai run --trace $work/small.csv --cluster 16x8 --policy kai --log decisions
allox run --trace $work/small.csv --cluster 16x8 --policy allox --causes
srtf run --trace $work/large.csv --cluster 16x8 --policy srtf --estimates oracle --causes --fairness
END

# same FOLDER FOLDER - says what differs but for the time it took.
same() {
	diff -r --exclude=timing.json "$1" "$2" 2>&1 | head -3
}

# part SHARE - waits for so much of the time that the run of kai takes.
part() {
	sleep "$(echo "$kai_takes $1" | awk '{ print $1 * $2 }')"
}

# random - a number from 0 to 1, another one each time, the same ones in every run of this script.
draws=0
random() {
	draws=$((draws + 1))
	awk -v n=$draws 'BEGIN { srand(n * 7919); rand(); print rand() }'
}

killed=0
recalled=0
while read -r name command; do
	begin=$(date +%s.%N)
	"$berth" $command --quiet --out "$work/whole-$name" >/dev/null 2>"$work/stderr"
	takes=$(echo "$begin $(date +%s.%N)" | awk '{ print $2 - $1 }')
	[ "$name" != kai ] || kai_takes=$takes
	i=0
	while [ $i -lt $(((kills + 2) / 3)) ]; do
		problem=
		# First from the beginning, then twice from where it was, then until it ends.
		for mode in "" --resume --resume; do
			[ $i -lt $(((kills + 2) / 3)) ] || break
			[ ! -e "$work/out" ] || break # it ended before it was killed
			"$berth" $command --quiet --checkpoint 0.02 $mode --out "$work/out" >/dev/null 2>"$work/stderr" &
			pid=$!
			sleep "$(echo "$takes $(random)" | awk '{ print $1 * $2 }')"
			kill -KILL $pid 2>/dev/null && killed=$((killed + 1))
			wait $pid 2>/dev/null
			i=$((i + 1))
		done
		if [ ! -e "$work/out" ]; then
			[ ! -s "$work/out.checkpoint" ] || recalled=$((recalled + 1))
			"$berth" $command --quiet --resume --out "$work/out" >/dev/null 2>"$work/stderr" || problem="exit status $?"
		fi
		problem="$problem$(same "$work/whole-$name" "$work/out")"
		[ ! -e "$work/out.checkpoint" ] || problem="$problem; the checkpoint stays"
		verdict "$name $i" "$problem"
		rm -rf "$work"/out*
	done
done <"$work/runs"
[ $killed = 0 ] || [ $recalled -gt 0 ] || verdict "checkpoints" "no run had one when it was killed"

# -- what is on the disk may be cut anywhere, or changed
command=$(sed -n 's/^kai //p' "$work/runs")
"$berth" $command --quiet --checkpoint 0.02 --out "$work/out" >/dev/null 2>"$work/stderr" &
pid=$!
part 0.6
kill -KILL $pid 2>/dev/null
wait $pid 2>/dev/null
mv "$work/out.checkpoint" "$work/journal"
bytes=$(wc -c <"$work/journal")
for share in 0 0.001 0.3 0.77 0.999; do
	cut=$(echo "$bytes $share" | awk '{ printf "%d", $1 * $2 }')
	head -c "$cut" "$work/journal" >"$work/out.checkpoint"
	"$berth" $command --quiet --resume --out "$work/out" >/dev/null 2>"$work/stderr"
	verdict "cut at $cut of $bytes bytes" "$(same "$work/whole-kai" "$work/out")"
	rm -rf "$work"/out*
	cp "$work/journal" "$work/out.checkpoint"
	printf 'x' | dd of="$work/out.checkpoint" bs=1 seek="$cut" conv=notrunc 2>/dev/null
	"$berth" $command --quiet --resume --out "$work/out" >/dev/null 2>"$work/stderr"
	verdict "changed at byte $cut of $bytes" "$(same "$work/whole-kai" "$work/out")"
	rm -rf "$work"/out*
done

# -- an interrupt leaves a partial folder and the checkpoint
"$berth" $command --quiet --checkpoint 0.02 --out "$work/out" >/dev/null 2>"$work/stderr" &
pid=$!
part 0.3
kill -INT $pid 2>/dev/null
wait $pid
if [ $? = 1 ]; then
	problem=
	[ -s "$work/out.checkpoint" ] || problem="no checkpoint"
	grep -q '"partial": true' "$work/out/summary.json" || problem="$problem; not marked partial"
	"$berth" $command --quiet --resume --out "$work/out" >/dev/null 2>"$work/stderr"
	verdict "an interrupt" "$problem$(same "$work/whole-kai" "$work/out")"
fi
rm -rf "$work"/out*

# -- refusals
# refused NAME STATUS WORDS - of the last command, whose status is in $status.
refused() {
	problem=
	[ "$status" = "$2" ] || problem="exit status $status, expected $2"
	grep -q "$3" "$work/stderr" || problem="$problem; nothing says '$3'"
	[ ! -e "$work/out" ] || problem="$problem; a folder was left"
	verdict "$1" "$problem"
}
cp "$work/journal" "$work/out.checkpoint"
"$berth" $command --seed 2 --quiet --resume --out "$work/out" >/dev/null 2>"$work/stderr"
status=$?
refused "another run" 2 "another run"
cmp -s "$work/journal" "$work/out.checkpoint"
verdict "a checkpoint that is refused stays" "$([ $? = 0 ] || echo "it was changed")"
mkdir "$work/dir"
ln -s "$work/dir" "$work/else.checkpoint"
"$berth" $command --quiet --checkpoint 1 --out "$work/else" >/dev/null 2>"$work/stderr"
status=$?
refused "a checkpoint that is a folder" 1 "cannot be opened"
"$berth" $command --quiet --checkpoint 0.02 --out "$work/lock" >/dev/null 2>&1 &
pid=$!
part 0.3
"$berth" $command --quiet --resume --out "$work/lock" >/dev/null 2>"$work/stderr"
status=$?
refused "a checkpoint that is in use" 1 "another berth"
kill -KILL $pid 2>/dev/null
wait $pid 2>/dev/null
(ulimit -f 256; exec "$berth" $command --quiet --checkpoint 0.02 --out "$work/full") >/dev/null 2>"$work/stderr"
status=$?
refused "a disk that is full" 1 "full.checkpoint: cannot be written"

echo "resumed: $passed passed, $failed failed ($killed runs killed)"
[ "$failed" = 0 ]
