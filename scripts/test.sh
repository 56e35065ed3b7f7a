#!/bin/sh
# test.sh - installs what the tests need (Debian, Ubuntu) and runs all of them.
# The last line is "N passed, N failed" over everything that ran.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

# shellcheck disable=SC2086 # one word a package
install $RUN_PACKAGES $TEST_PACKAGES

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
make -O -j"$(nproc)" check >"$log" 2>&1 || status=$?
cat "$log"
# Every test program closes with a line of counts; checks without one count as one each.
passed=$(sed -n 's/.*Passing: \([0-9]*\).*/\1/p; s/^\([0-9]*\) passed, [0-9]* failed.*/\1/p' "$log" |
	awk '{ n += $1 } END { print n + 0 }')
failed=$(sed -n 's/.*Failing: \([0-9]*\) | Crashing: \([0-9]*\).*/\1 \2/p; s/^[0-9]* passed, \([0-9]*\) failed.*/\1/p' "$log" |
	awk '{ n += $1 + $2 } END { print n + 0 }')
[ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
echo "$passed passed, $failed failed"
exit "$status"
