#!/bin/sh
# fleet.sh FOLDER - the studies of the mixed fleet and of quotas, with their pages, into FOLDER/fleet and
# FOLDER/quotas. A quarter of an hour on two busy cores.
set -eu
folder=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
traces=${BERTH_TRACES:-../shared/traces}
"$berth" trace slice "$traces/philly/philly.csv" --format philly --after 2592000 --before 4406400 |
	python3 results/plan/fleet_jobs.py >"$folder/fleet.csv"
"$berth" trace slice "$traces/openb/openb_pod_list_default.csv" --format openb --after 9936000 |
	python3 results/plan/openb_teams.py >"$folder/teams.csv"
"$berth" plan results/plan/fleet.json --trace "$folder/fleet.csv" --out "$folder/fleet" --report
"$berth" plan quotas results/plan/openb.json --trace "$folder/teams.csv" --out "$folder/quotas" --report
