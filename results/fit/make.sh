#!/usr/bin/env bash
# make.sh - prints the tables of README.md, and draws philly.svg beside it: parameters that a fit finds
# again, how well models of public traces fit these, how fast jobs are made.
set -euo pipefail
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
traces=${BERTH_TRACES:-../shared/traces}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U

# recover NAME WANTED WORD FIT-OPTIONS SETTINGS... - 100,000 jobs made with the settings, fitted; what the
# report says behind WORD.
recover() {
	local name=$1 wanted=$2 word=$3 options=$4
	shift 4
	local settings=()
	for setting; do settings+=(--set "$setting"); done
	"$berth" trace generate small --jobs 100000 --seed 3 --set sizes.family=powers "${settings[@]}" \
		--out "$work/made.csv"
	# shellcheck disable=SC2086 # options are words
	"$berth" trace generate --fit "$work/made.csv" $options --out "$work/fitted.json" >"$work/report"
	local found
	found=$(sed -n "s/^$word *//p" "$work/report" | head -1)
	echo "| $name | $wanted | ${found/ p_per_gpu 0/} |"
}

echo "| part | made with | found |"
echo "|---|---|---|"
family() {
	recover "$1" "$2" durations "--durations plain" \
		"durations.distribution={\"family\": \"$1\", $3}"
}
recover "interarrival, Poisson" "mean 60" interarrival "" \
	'arrivals.interarrival={"family": "exponential", "mean": 60}'
recover "interarrival, Weibull" "shape 0.5 scale 40" interarrival "" \
	'arrivals.interarrival={"family": "weibull", "shape": 0.5, "scale": 40}'
recover "interarrival, hyperexponential" "p 0.8 mean1 10 mean2 500" interarrival "" \
	'arrivals.interarrival={"family": "hyperexponential", "p": 0.8, "mean1": 10, "mean2": 500}'
family gamma "shape 0.7 scale 1000" '"shape": 0.7, "scale": 1000'
family hypergamma "p 0.6 shape1 2 scale1 100 shape2 5 scale2 2000" \
	'"p": 0.6, "shape1": 2, "scale1": 100, "shape2": 5, "scale2": 2000'
family loggamma "shape 10 scale 0.5" '"shape": 10, "scale": 0.5'
family loghypergamma "p 0.7 shape1 4.2 scale1 0.94 shape2 312 scale2 0.03" \
	'"p": 0.7, "shape1": 4.2, "scale1": 0.94, "shape2": 312, "scale2": 0.03'
family lognormal "mu 7 sigma 2" '"mu": 7, "sigma": 2'
family loguniform "least 10 most 100000" '"least": 10, "most": 100000'
recover "correlation of size and duration" 0.4 correlation "--durations copula" \
	durations.correlation=0.4
recover "users" "200, Zipf 1.3" users "" users.count=200 users.zipf=1.3
recover "queues" "20, Zipf 0.8" queues "" queues.count=20 queues.zipf=0.8 queues.by=job
"$berth" trace generate small --jobs 100000 --seed 3 --out "$work/made.csv" --set estimates.kind=factor \
	--set estimates.power=0.9 --set estimates.exceed_chance=0.3 \
	--set 'estimates.factor={"family": "lognormal", "mu": 4, "sigma": 0.6}'
"$berth" trace generate --fit "$work/made.csv" --out "$work/fitted.json" >/dev/null
"$berth" trace generate "$work/fitted.json" --print-model | awk '/"estimates"/ { inside = 1 }
	inside && /"(mu|sigma|power|exceed_chance)"/ { gsub(/[",:]/, ""); found = found " " $1 " " substr($2, 1, 6) }
	END { print "| estimates | mu 4 sigma 0.6 power 0.9 exceed_chance 0.3 |" found " |" }'

# rows NAME FILE OPTIONS... - one row a marginal of the report.
rows() {
	local name=$1 file=$2
	shift 2
	if [ ! -f "$traces/$file" ]; then
		echo "| $name | skipped: ${file##*/} is not there | | | | | | |"
		return
	fi
	"$berth" trace generate --fit "$traces/$file" --out "$work/fitted.json" "$@" |
		awk -v name="$name" '$1 == "interarrival" && $2 ~ /^[0-9]+$/ ||
			$1 == "duration" || $1 == "size" {
			family = $8; for (i = 9; i <= NF; i++) family = family " " $i
			print "| " name " | " $1 " | " family " | " $2 " | " $3 " | " $4 " | " $5 " | " $6 " / " $7 " |"
		}'
}

echo
echo "| trace | marginal | in the model | jobs | distance | probability | passes up to | mean: trace / model |"
echo "|---|---|---|---|---|---|---|---|"
philly=philly/philly.csv
rows "Philly" $philly
rows "Philly, profile of the day" $philly --profile day
rows "Philly, no tables" $philly --parametric
rows "Philly, no tables, day" $philly --parametric --profile day
rows "Helios cut" helios/gen-parallel-workloads/helios_data_training.csv
rows "Helios cut, constant rate" helios/gen-parallel-workloads/helios_data_training.csv --profile flat
rows "openb" openb/openb_pod_list_default.csv
rows "KTH-SP2" pwa/KTH-SP2-1996-2.swf
rows "KTH-SP2, constant rate" pwa/KTH-SP2-1996-2.swf --profile flat
rows "lublin_256, no tables" pwa/lublin_256.swf --parametric

# accuracy NAME FILE - mean and median of duration / estimate, jobs beyond their estimate.
accuracy() {
	local name=$1 file=$2 of
	[ -f "$traces/$file" ] || return 0
	"$berth" trace generate --fit "$traces/$file" --out "$work/fitted.json" >"$work/report"
	"$berth" trace generate "$work/fitted.json" --jobs 28489 --out "$work/made.csv"
	for of in "trace:$traces/$file" "model:$work/made.csv"; do
		"$berth" trace stats "${of#*:}" | awk -v name="$name, ${of%%:*}" '$1 == "jobs" { jobs = $2 }
			$1 == "estimates" { sub(",", "", $10)
				printf "| %s | %s | %g | %.2f %% |\n", name, $10, $12, $(NF - 1) / jobs * 100 }'
	done
}

echo
echo "| duration / estimate | mean | p50 | jobs that ran longer |"
echo "|---|---|---|---|"
accuracy "KTH-SP2" pwa/KTH-SP2-1996-2.swf
accuracy "RICC" pwa/RICC-2010-2.swf.gz

# speed NAME ARGUMENTS... - a million jobs to a file.
speed() {
	local name=$1
	shift
	local seconds
	seconds=$({ time "$berth" trace generate "$@" --jobs 1000000 --out "$work/made.csv"; } 2>&1)
	echo "| $name | $seconds | $(($(wc -c <"$work/made.csv") / 1000000)) |"
}

echo
echo "| a million jobs, model to CSV | user s | MB |"
echo "|---|---|---|"
speed small small
speed "philly (tables)" philly
speed "lublin (hyper-gamma by size)" lublin
speed "pai (1,300 users)" pai
speed "users (sessions, estimates, elastic)" users
speed "philly at a load of 0.9" philly --load 0.9 --cluster 300x8

[ -f "$traces/$philly" ] || exit 0
# The distribution functions of trace and models, 400 points each.
points() {
	sort -g "$1" | awk '{ v[NR] = $1 } END { for (i = 1; i <= 400; i++) {
		k = int(i * NR / 400); print (v[k] < 0.5 ? 0.5 : v[k]), i / 400 } }' >"$2"
}
columns() {
	awk -F, 'NR > 1 { print $3 }' "$1" >"$work/values" && points "$work/values" "$2.durations"
	awk -F, 'NR > 1 { print $2 }' "$1" | sort -g | awk 'NR > 1 { print $1 - last } { last = $1 }' \
		>"$work/values" && points "$work/values" "$2.steps"
}
"$berth" trace convert "$traces/$philly" --out "$work/trace.csv"
columns "$work/trace.csv" "$work/trace"
for kind in "tables:" "parametric:--parametric"; do
	# shellcheck disable=SC2086 # options are words
	"$berth" trace generate --fit "$traces/$philly" --out "$work/m.json" ${kind#*:} >"$work/report"
	"$berth" trace generate "$work/m.json" --jobs 82247 --seed 9 --out "$work/made.csv"
	columns "$work/made.csv" "$work/${kind%%:*}"
done
cat >"$work/plot" <<-EOF
	set terminal svg size 900,380 font "sans-serif,13" background "white"
	set output "results/fit/philly.svg"
	set multiplot layout 1,2
	set logscale x
	set format x "10^{%T}"
	set yrange [0:1]
	set grid lc rgb "#dddddd"
	set key bottom right
	set ylabel "share of jobs"
	set xlabel "duration, s"
	plot "$work/trace.durations" with lines lw 4 lc rgb "#bbbbbb" title "Philly", \
		"$work/tables.durations" with lines lw 1 lc rgb "#0060ad" title "fitted, tables", \
		"$work/parametric.durations" with lines lw 1 dt 2 lc rgb "#c03020" title "fitted, no tables"
	set xlabel "interarrival time, s (0 drawn at 0.5)"
	plot "$work/trace.steps" with lines lw 4 lc rgb "#bbbbbb" title "Philly", \
		"$work/tables.steps" with lines lw 1 lc rgb "#0060ad" title "fitted, tables", \
		"$work/parametric.steps" with lines lw 1 dt 2 lc rgb "#c03020" title "fitted, no tables"
EOF
gnuplot "$work/plot"
