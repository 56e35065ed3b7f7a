#!/bin/sh
# check-html.sh - the pages of `run`, `compare`, `plan`, `plan quotas` and `trace stats` in a browser
# without a window: they load without a complaint, figures are there, tables sort, texts can be read in
# both themes, and they print. Screenshots and prints stay in FOLDER (default build/html) to be looked
# at. The last line is "N passed, N failed".
set -eu
cd "$(dirname "$0")/.."
berth=${BERTH:-build/release/berth}
folder=${1:-build/html}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ] || ! command -v gnuplot >/dev/null; then
	echo "check-html.sh: needs chromium and gnuplot (Debian packages of these names)" >&2
	exit 1
fi
rm -rf "$folder"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
passed=0
failed=0

# browse ARGUMENTS... - what the browser says on standard error goes to $folder/said.
browse() {
	sandbox=
	[ "$(id -u)" != 0 ] || sandbox=--no-sandbox # it has none for root
	# shellcheck disable=SC2086 # one word or none
	timeout 60 "$browser" --headless $sandbox --disable-gpu --no-first-run --hide-scrollbars \
		--user-data-dir="$profile" --enable-logging=stderr --log-level=0 "$@" 2>"$folder/said"
}

# verdict NAME PROBLEM - counts; says what is wrong when there is a problem.
verdict() {
	if [ -z "$2" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s: %s\n' "$1" "$2" >&2
	fi
}

# try_page NAME PAGE TABLES FIGURES - with at least so many of them.
try_page() {
	tried=$folder/$1-tried.html
	{ cat "$2"; echo "<script>"; cat scripts/check-html.js; echo "</script>"; } >"$tried"
	for theme in light dark; do
		dark=
		[ "$theme" = light ] || dark=--force-dark-mode
		# shellcheck disable=SC2086
		browse $dark --window-size=1000,900 --dump-dom "file://$tried" >"$folder/dom" || true
		found=$(sed -n '/<pre id="found">/,/<.pre>/p' "$folder/dom" | sed 's/.*<pre id="found">//; s,</pre>.*,,; s/&lt;/</g; s/&gt;/>/g')
		problem=$(grep 'CONSOLE' "$folder/said" || true)
		problem=$problem$(printf '%s\n' "$found" | grep -vE '^(theme|tables|figures|done)' | head -20)
		printf '%s\n' "$found" | grep -qx done || problem="$problem; the script did not end"
		printf '%s\n' "$found" | grep -qx "theme $theme" || problem="$problem; not in the $theme theme"
		verdict "$1, $theme" "$problem"
		tables=$(printf '%s\n' "$found" | sed -n 's/^tables //p')
		figures=$(printf '%s\n' "$found" | sed -n 's/^figures //p')
		problem=
		[ "${tables:-0}" -ge "$3" ] && [ "${figures:-0}" -ge "$4" ] ||
			problem="${tables:-0} tables and ${figures:-0} figures, expected $3 and $4 or more"
		verdict "$1, $theme" "$problem"
		# shellcheck disable=SC2086
		browse $dark --window-size=1000,5000 --screenshot="$folder/$1-$theme.png" "file://$2" || true
		problem=
		[ -s "$folder/$1-$theme.png" ] || problem="no screenshot"
		verdict "$1, $theme" "$problem"
	done
	browse --no-pdf-header-footer --print-to-pdf="$folder/$1.pdf" "file://$2" || true
	problem=
	[ "$(head -c 5 "$folder/$1.pdf" 2>/dev/null)" = "%PDF-" ] || problem="does not print"
	verdict "$1" "$problem"
	rm -f "$tried" "$folder/dom" "$folder/said"
}

trace=tests/data/traces/demo.csv
"$berth" run --trace $trace --cluster 4x8 --policy kai --out "$folder/run" --report --causes \
	--fairness --fragmentation 90 --figures svg,png,pdf --quiet >/dev/null
"$berth" compare --trace $trace --cluster 4x8 --policy fifo --policy sjf --policy srtf \
	--factor 0.4,0.8 --replications 5 --out "$folder/compare" --report --quiet >/dev/null
"$berth" trace stats $trace --cluster 4x8 --html "$folder/trace.html" >/dev/null
cat >"$folder/nodes.json" <<END
{"demand": {"model": "small", "jobs": 400}, "policies": ["fifo", "sjf"], "replications": 4, "settings": {"estimates": "oracle"},
 "cluster": {"pools": [{"name": "n", "node_type": "hgx-h100", "pool_kind": "on_premises", "nodes": {"from": 10, "to": 60, "step": 5}}]},
 "levels": [{"of": "wait_s", "share": 0.9, "at_most": 1800, "jobs": {"gpus_at_most": 8}}, {"of": "wait_s", "at_most": 3600}]}
END
cat >"$folder/quotas.json" <<END
{"demand": {"model": "small", "jobs": 60}, "policies": ["kai"], "replications": 6, "settings": {"pass": "event"},
 "projects": [{"name": "new", "model": "small", "queue": "b"}], "quotas": {"of": "wait_s", "step": 8},
 "cluster": {"pools": [{"name": "n", "gpus": 8, "nodes": 10}], "queues": [{"name": "default", "gpu": {"quota": 8}}, {"name": "b", "gpu": {"quota": 72}}]}}
END
"$berth" plan "$folder/nodes.json" --out "$folder/plan" --report --quiet >/dev/null
"$berth" plan quotas "$folder/quotas.json" --out "$folder/quotas" --report --quiet >/dev/null
try_page plan "$folder/plan/plan.html" 4 4
try_page quotas "$folder/quotas/quotas.html" 1 1
try_page run "$folder/run/report.html" 6 10
try_page compare "$folder/compare/compare.html" 4 7
try_page trace "$folder/trace.html" 4 4

# Every figure is there in every kind, and its script, moved elsewhere, draws the same again.
for script in "$folder"/run/figure-*.gp; do
	name=$(basename "$script" .gp)
	problem=
	for kind in svg png pdf; do
		[ -s "$folder/run/$name.$kind" ] || problem="$problem no $kind;"
	done
	(cd "$profile" && gnuplot -d "$script") | cmp -s - "$folder/run/$name.svg" ||
		problem="$problem the script draws another SVG"
	verdict "$name" "$problem"
done
echo "screenshots and prints are in $folder"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
