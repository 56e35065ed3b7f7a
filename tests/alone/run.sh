#!/bin/sh
# Installs the placement core into a folder of its own, builds tests/alone/alone.c against nothing
# else, shared and static, and compares what it decides.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."
make=${MAKE:-make}
cc=${CC:-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

$make --no-print-directory install-core PREFIX="$work" DESTDIR= >/dev/null
PKG_CONFIG_PATH=$work/lib/pkgconfig
export PKG_CONFIG_PATH
flags=$(pkg-config --cflags berth-core)

# judge NAME - counts the last command.
judge() {
	if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "alone: $1" >&2
	fi
}

# shellcheck disable=SC2046,SC2086
$cc -std=c17 -Wall -Wextra -Werror $flags -o "$work/shared" tests/alone/alone.c $(pkg-config --libs berth-core)
LD_LIBRARY_PATH=$work/lib "$work/shared" >"$work/shared.txt"
diff tests/alone/expected.txt "$work/shared.txt" && judge "shared" 0 || judge "the shared library decides otherwise" 1

# shellcheck disable=SC2086
$cc -std=c17 -Wall -Wextra -Werror $flags -o "$work/static" tests/alone/alone.c "$work/lib/libberth-core.a" -lxxhash -lm
"$work/static" >"$work/static.txt"
diff tests/alone/expected.txt "$work/static.txt" && judge "static" 0 || judge "the static library decides otherwise" 1

others=$(nm -D --defined-only "$work/lib/libberth-core.so" | awk '$3 !~ /^core_/ {print $3}')
[ -z "$others" ] && judge "symbols" 0 || judge "the shared library shows $others" 1
others=$(nm -g --defined-only "$work/lib/libberth-core.a" | awk 'NF == 3 && $3 !~ /^core_/ {print $3}')
[ -z "$others" ] && judge "symbols" 0 || judge "the static library shows $others" 1

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
