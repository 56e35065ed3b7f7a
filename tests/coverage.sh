#!/bin/sh
# coverage.sh - which lines and branches of sim/, policies/ and traces/ the tests reach: unit, contract and
# golden tests, saved fuzz inputs, published schedules, command lines, runs that are interrupted, and a few
# worlds of the storm, all with an instrumented program. Prints a table of folders; what was not reached is
# listed in build/cov/missed.txt. Public traces and references are used where they are. Needs gcovr.
#
# Not counted: the failing side of CHECK and the branches that are never reached (sim/base/check.h) - a test that took one
# would have found a bug - and CORE_LOG, which is a branch in every line that explains a decision.
set -eu
cd "$(dirname "$0")/.."
make=${MAKE:-make}
$make CONFIG=cov all build/cov/tests/storm/storm
find build/cov -name '*.gcda' -delete
$make -k CONFIG=cov test fuzz-replay golden schedules cli-test
BERTH=build/cov/berth KILLS=2 tests/crash/run.sh
build/cov/tests/storm/storm 1 600
gcovr --root . --object-directory build/cov --filter sim/ --filter policies/ --filter traces/ \
	--gcov-ignore-parse-errors --exclude-lines-by-pattern '.*\bCHECK_NEVER\(.*' \
	--exclude-branches-by-pattern '.*\b(CHECK|CHECK_SLOW|CHECK_NEVER|CORE_LOG)\(.*' \
	--json build/cov/coverage.json build/cov
python3 tests/coverage.py build/cov/coverage.json build/cov/missed.txt
