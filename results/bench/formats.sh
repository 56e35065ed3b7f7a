#!/usr/bin/env bash
# formats.sh - how fast each format is read, and what memory a job takes: a table. Files are made up
# (formats.awk), about MB megabytes each (64 by default), and come from standard input. User time of the
# whole program, the least of RUNS (5): reading, and one row written. Nothing here is asserted anywhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
megabytes=${MB:-64}
runs=${RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# made NAME FILE [ROWS] - a file of about `megabytes`, or of ROWS rows.
made() {
	local rows=${3:-}
	if [ -z "$rows" ]; then
		local sample
		sample=$(awk -v format="$1" -v rows=2000 -f results/bench/formats.awk | wc -c)
		rows=$((megabytes * 1000000 / (sample / 2000)))
	fi
	awk -v format="$1" -v rows="$rows" -f results/bench/formats.awk >"$2"
	echo "$rows" >"$work/rows"
}

# row SHOWN WHAT FILE ARGUMENTS... - the verb of berth trace, with FILE as its input: WHAT it reads is jobs
# or nodes.
row() {
	local name=$1 what=$2 file=$3
	shift 3
	for ((i = 0; i < runs; i++)); do
		/usr/bin/time -f '%U %M' "$berth" trace "$@" --out "$work/out" <"$file" 2>&1 >/dev/null | tail -1
	done | sort -n | head -1 >"$work/used"
	# The program itself takes about 5 MiB before it has read anything.
	awk -v name="$name" -v what="$what" -v rows="$(cat "$work/rows")" -v bytes="$(cat "$work/bytes")" '{
		user = $1 > 0.01 ? $1 : 0.01
		printf "| %s | %.0f | %d %s | %.2f | %.0f | %.0f | %d | %.0f |\n", name, bytes / 1e6, rows, what, user,
			bytes / 1e6 / user, rows / user / 1000, $2 / 1024, ($2 > 5000 ? $2 - 5000 : 0) * 1024 / rows
	}' "$work/used"
}

# jobs NAME [FORMAT] - a trace of that format.
jobs() {
	made "$1" "$work/trace"
	wc -c <"$work/trace" >"$work/bytes"
	row "$1" jobs "$work/trace" slice - --first 1 --format "${2:-$1}"
}

# nodes SHOWN FORMAT [ROWS] - a node list.
nodes() {
	made "$1" "$work/trace" "${3:-}"
	wc -c <"$work/trace" >"$work/bytes"
	row "$1" nodes "$work/trace" cluster - --format "$2"
}

echo "| format | MB | what | user s | MB/s | thousand/s | peak MiB | bytes of memory each |"
echo "|---|---|---|---|---|---|---|---|"
for format in acme alcf azure_llm batsim chronus dlrm elasticflow; do jobs $format; done
jobs gavel
jobs shockwave gavel
for format in gen_parallel genai helios helios_fleetsim lumos mooncake muri native openb; do jobs $format; done
made pai "$work/pai_job_table.csv"
made pai_tasks "$work/pai_task_table.csv" "$(cat "$work/rows")"
cat "$work"/pai_*_table.csv | wc -c >"$work/bytes"
row "pai (both tables)" jobs /dev/null slice "$work/pai_job_table.csv" --first 1 --format pai
for format in pai_gaia pai_sim philly philly_json pollux sacct sdsc_par sia spot swf; do jobs $format; done
jobs table "table:job_id=JobID,submit_s=start/1000,duration_s=run*60,gpus=n,user=who"
jobs tiresias
# Real files, where they lie: too small, the others, to be measured.
traces=${BERTH_TRACES:-../shared/traces}
for file in pwa/RICC-2010-2.swf.gz pyss-easy-results/CTC-SP2.easy.swf.gz philly/lumos/philly_df_schedule.csv; do
	if [ -f "$traces/$file" ]; then
		zcat -f "$traces/$file" | wc -c >"$work/bytes"
		zcat -f "$traces/$file" | grep -vc '^;\|^,' >"$work/rows"
		row "${file##*/}" jobs "$traces/$file" slice - --first 1
	fi
done
for format in kubectl lingjun mig_list scontrol; do nodes $format $format 100000; done
nodes openb_nodes openb 100000
nodes pai_machines pai 100000
nodes spot_nodes spot 100000
nodes helios_vc helios_vc 300
