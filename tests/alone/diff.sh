#!/bin/sh
# Builds the placement core once more with one planted change (GPUs are spread where they should be
# packed) and asks `berth diff --core` what it did: the first decision and the score that
# differ. Two equal cores have to be equal. The last line is "N passed, N failed".
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."
folder=${BUILD:-build/release}
cc=${CC:-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

core=$(echo "$folder"/libberth-core.so.*)
sed 's/needs_gpu ? core->gpu_spread/needs_gpu ? !core->gpu_spread/' policies/core/score.c >"$work/score.c"
if cmp -s policies/core/score.c "$work/score.c"; then
	echo "alone: the change is not where it was planted, policies/core/score.c" >&2
	exit 1
fi
$cc -std=c17 -ffp-contract=off -O2 -fPIC -I. -I"$folder" -D_POSIX_C_SOURCE=200809L -include sim/base/ban.h \
	-c -o "$work/score.o" "$work/score.c"
others=$(for file in policies/core/*.c; do echo "$folder/pic/${file%.c}.o"; done | grep -v /score.o)
# shellcheck disable=SC2086 # files are words
$cc -shared -Wl,-soname,libberth-core.so.0 -Wl,--version-script=scripts/core.map -o "$work/planted.so" \
	$others "$work/score.o" "$folder/pic/libbase.a" -lxxhash -ljansson -lgsl -lgslcblas -lz -lzstd -lm

# expect STATUS WORDS CORE - the answer of a comparison of the core with CORE
expect() {
	status=0
	"$folder/berth" diff --quiet --trace tests/data/traces/demo.csv --cluster 4x8 --policy kai \
		--core "$core" --core "$3" >"$work/answer" 2>&1 || status=$?
	if [ "$status" = "$1" ] && grep -qF -- "$2" "$work/answer"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "alone: exit status $status, expected $1; or nothing says '$2':" >&2
		cat "$work/answer" >&2
	fi
}
cp "$core" "$work/same.so"
expect 0 "equal: 253 decisions" "$work/same.so"
expect 1 "the first difference is decision 2, at 38 s" "$work/planted.so"
expect 1 "they differ in nodes" "$work/planted.so"
expect 1 "A  candidate node-0 for j002-0: score 1009.0000 = placement 9.0000 idle 1000.0000" "$work/planted.so"
expect 1 "B  candidate node-0 for j002-0: score 1000.5000 = placement 0.5000 idle 1000.0000" "$work/planted.so"
echo "no shared object" >"$work/none.so"
expect 1 "failed; is it a build of this version" "$work/none.so"
expect 2 "cannot be read, expected a shared object" "$work/absent.so"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
