#!/usr/bin/env bash
# transforms.sh - time and peak memory of every transform on JOBS jobs (ten million by default), as a table.
# Nothing here is asserted anywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
jobs=${JOBS:-10000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The same bytes everywhere: a job every 2 s, 2,000 users, 20 queues, sizes 1 to 8.
awk -v jobs="$jobs" 'BEGIN {
	print "job_id,submit_s,duration_s,gpus,user,queue,estimate_s"
	x = 1
	for (i = 1; i <= jobs; i++) {
		x = (x * 1103515245 + 12345) % 2147483648; now += int(x / 65536) % 5
		x = (x * 1103515245 + 12345) % 2147483648; run = 10 + int(x / 65536) % 20000
		x = (x * 1103515245 + 12345) % 2147483648; size = 2 ^ (int(x / 65536) % 4)
		x = (x * 1103515245 + 12345) % 2147483648; user = int(x / 65536) % 2000
		printf "%d,%d,%d,%d,user%d,q%d,%d\n", i, now, run, size, user, user % 20, run + 600
	}
}' >"$work/trace.csv"

# row NAME ARGUMENTS... - the verb of berth trace with these.
row() {
	local name=$1
	shift
	/usr/bin/time -f '%U %M' -o "$work/used" "$berth" trace "$@" --out "$work/out.csv" >/dev/null
	awk -v name="$name" -v jobs="$jobs" '{
		printf "| %s | %.1f | %d | %d |\n", name, $1, $2 / 1024, $2 * 1024 / jobs
	}' "$work/used"
}

echo "| transform of $jobs jobs ($(($(wc -c <"$work/trace.csv") / 1000000)) MB) | user s | peak MiB | bytes per job read |"
echo "|---|---|---|---|"
row "read and write (convert)" convert "$work/trace.csv"
row "slice: one queue" slice "$work/trace.csv" --queue q1
row "scale by arrivals" scale "$work/trace.csv" --factor 1.2
row "scale by users, half" scale "$work/trace.csv" --factor 0.5 --by users
row "scale by users, twice" scale "$work/trace.csv" --factor 2 --by users
row "merge with itself" merge "$work/trace.csv" "$work/trace.csv"
row "resample sessions" resample "$work/trace.csv"
row "resample days" resample "$work/trace.csv" --by days
row "shake" shake "$work/trace.csv"
row "anonymise" anonymise "$work/trace.csv" --key "0123456789abcdef"
row "stats" stats "$work/trace.csv"
