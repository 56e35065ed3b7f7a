#!/bin/sh
# make.sh - remakes sizing.csv and optima.csv: plans against queueing formulas, and against trying
# every candidate. STUDIES=200 takes a quarter of an hour on two busy cores.
set -eu
cd "$(dirname "$0")/../.."
program=${PLAN:-build/release/tests/plans/plans}
status=0
"$program" sizing >results/plan/sizing.csv || status=1
"$program" optima "${STUDIES:-200}" >results/plan/optima.csv || status=1
exit $status
