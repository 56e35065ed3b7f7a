#!/bin/sh
# run.sh - the pages in a browser without a screen: they load without errors, have figures, tables
# sort, print, in light and dark. Pictures of them are left in build/html to be looked at.
set -eu
cd "$(dirname "$0")/../.."
berth=${BERTH:-build/release/berth}
work=build/html
rm -rf "$work"
mkdir -p "$work"
browser=
for name in chromium chromium-browser google-chrome; do
	[ -n "$browser" ] || browser=$(command -v "$name" || true)
done
if [ -z "$browser" ]; then
	echo "passed over: there is no Chromium"
	exit 0
fi
failed=0
passed=0

# show PAGE OPTIONS... - the browser on a file.
show() {
	file=$1
	shift
	"$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --virtual-time-budget=4000 \
		--enable-logging=stderr --log-level=0 --window-size=1000,3000 "$@" "file://$PWD/$file" \
		2>"$work/log"
}

# look PAGE THEME - theme 1 is light, 0 is dark, as Blink counts them.
look() {
	name=$1
	theme=$2
	number=$([ "$theme" = dark ] && echo 0 || echo 1)
	{ cat "$work/$name.html"; echo "<script>"; cat tests/html/check.js; echo "</script>"; } >"$work/$name-checked.html"
	show "$work/$name-checked.html" --blink-settings=preferredColorScheme="$number" --dump-dom >"$work/dom"
	title=$(sed -n 's:.*<title>\(.*\)</title>.*:\1:p' "$work/dom" | head -1)
	case $title in
	*"theme $theme"*) ;;
	*) title="WRONG theme is not $theme; $title" ;;
	esac
	if echo "$title" | grep -q "ok figures=" && ! echo "$title" | grep -q WRONG && ! grep -q CONSOLE "$work/log"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$name in $theme: $title" >&2
		grep CONSOLE "$work/log" >&2 || true
	fi
	show "$work/$name.html" --blink-settings=preferredColorScheme="$number" --screenshot="$work/$name-$theme.png"
}

print_page() {
	show "$work/$1.html" --no-pdf-header-footer --print-to-pdf="$work/$1.pdf"
	if [ "$(head -c 5 "$work/$1.pdf")" = "%PDF-" ] && [ "$(wc -c <"$work/$1.pdf")" -gt 20000 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1 does not print" >&2
	fi
}

trace=tests/data/traces/demo.csv
"$berth" run --quiet --trace $trace --cluster 4x8 --causes --fairness --report --out "$work/run" >/dev/null
"$berth" compare --quiet --trace $trace --cluster 4x8 --policy fifo --policy srtf --policy drf \
	--replications 5 --window --report --out "$work/compare" >/dev/null
"$berth" trace stats $trace --cluster 4x8 --html "$work/trace.html" >/dev/null
cp "$work/run/report.html" "$work/run.html"
cp "$work/compare/compare.html" "$work/compare.html"
for page in run compare trace; do
	look $page light
	look $page dark
	print_page $page
done
rm -f "$work"/*-checked.html "$work/dom" "$work/log"
echo "pages in a browser: $passed passed, $failed failed"
[ "$failed" = 0 ]
