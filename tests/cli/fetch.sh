#!/bin/sh
# fetch.sh - scripts/fetch-traces.sh against a server of our own: it fetches, resumes, refuses.
set -u
cd "$(dirname "$0")/../.."
if ! command -v python3 >/dev/null || ! { command -v curl || command -v wget; } >/dev/null; then
	echo "fetch-traces.sh is passed over: no python3, or neither curl nor wget"
	exit 0
fi
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
failed=0
passed=0

# is WHAT COMMAND... - counts; WHAT is said when the command fails.
is() {
	what=$1
	shift
	if "$@"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "fetch-traces.sh: $what" >&2
	fi
}

mkdir -p "$work/www/o/r/commit/a dir" "$work/log"
head -c 200000 Makefile >"$work/www/o/r/commit/a dir/one.csv"
cat README.md scripts/traces.tsv >"$work/www/o/r/commit/two.csv"

# Like python3 -m http.server, and with ranges, which that has not.
cat >"$work/serve.py" <<'PY'
import http.server, os, re, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        path = self.translate_path(self.path)
        if not os.path.isfile(path):
            return self.send_error(404)
        data = open(path, 'rb').read()
        start = re.match(r'bytes=(\d+)-', self.headers.get('Range', ''))
        first = int(start.group(1)) if start else 0
        if first >= len(data):
            return self.send_error(416)
        open(sys.argv[1], 'a').write('%s %d\n' % (self.path, first))
        self.send_response(206 if start else 200)
        if start:
            self.send_header('Content-Range', 'bytes %d-%d/%d' % (first, len(data) - 1, len(data)))
        self.send_header('Content-Length', str(len(data) - first))
        self.end_headers()
        self.wfile.write(data[first:])
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
(cd "$work/www" && exec python3 "$work/serve.py" "$work/log/asked") >"$work/port" &
server=$!
waited=0
while [ ! -s "$work/port" ] && [ $waited -lt 100 ]; do
	sleep 0.1
	waited=$((waited + 1))
done

row() {
	printf 'file\t%s\t%s\t%s\t%s\n' "$1" "$(wc -c <"$2")" "$(sha256sum <"$2" | cut -d ' ' -f 1)" "$3"
}
{
	printf 'licence\talpha\tfree\nlicence\tbeta\talso free\n'
	row alpha/one.csv "$work/www/o/r/commit/a dir/one.csv" "o/r/commit/a dir/one.csv"
	row beta/two.csv "$work/www/o/r/commit/two.csv" o/r/commit/two.csv
} >"$work/table"
BERTH_TRACES_HOME=http://127.0.0.1:$(cat "$work/port")
export BERTH_TRACES_HOME
unset http_proxy https_proxy ALL_PROXY all_proxy
fetch() {
	scripts/fetch-traces.sh --table "$work/table" --into "$work/got" "$@" >"$work/out" 2>"$work/err"
}
says() {
	grep -qF -- "$1" "$work/out" "$work/err"
}

is "all are fetched" fetch
is "it counts them" says "2 fetched, 0 there already, 0 failed"
is "the terms are told" says "terms: also free"
is "they are the same" cmp -s "$work/got/alpha/one.csv" "$work/www/o/r/commit/a dir/one.csv"
is "what is there is left alone" fetch
is "it counts those, too" says "0 fetched, 2 there already, 0 failed"

rm "$work/got/beta/two.csv"
head -c 1000 "$work/www/o/r/commit/two.csv" >"$work/got/beta/two.csv.part"
is "it goes on with a part" fetch beta
is "only the rest is asked for" grep -q "two.csv 1000" "$work/log/asked"
is "the whole is right" cmp -s "$work/got/beta/two.csv" "$work/www/o/r/commit/two.csv"

rm "$work/got/beta/two.csv"
printf 'something else\n' >"$work/got/beta/two.csv.part"
is "a part of something else is fetched anew" fetch beta/two.csv
is "and is right then" cmp -s "$work/got/beta/two.csv" "$work/www/o/r/commit/two.csv"

echo changed >>"$work/got/beta/two.csv"
is "a changed file is refused" eval '! fetch'
is "by its name" says "beta/two.csv: is there with another digest"
is "and stays" grep -q changed "$work/got/beta/two.csv"
rm "$work/got/beta/two.csv"
tr a b <"$work/www/o/r/commit/two.csv" >"$work/other" && cp "$work/other" "$work/www/o/r/commit/two.csv"
is "wrong content is refused" eval '! fetch'
is "for its digest" says "has another digest than the list says; refused"
is "nothing of it stays" eval '[ -z "$(ls "$work/got/beta")" ]'
rm "$work/www/o/r/commit/two.csv" "$work/got/alpha/one.csv"
is "a missing file fails" eval '! fetch'
is "and the others are fetched all the same" says "1 fetched, 0 there already, 1 failed"
fetch gamma
is "a name that is not there is a mistake of usage" [ $? = 2 ]
is "it is named" says "the list has no gamma"
is "the list is shown" fetch --list alpha
is "with the terms" says "[free]"
is "the real list has them all" eval 'scripts/fetch-traces.sh --list | grep -q "files, .* MB"'
is "the real list knows philly" eval 'scripts/fetch-traces.sh --list philly/philly.csv | grep -q "3444496 .*CC-BY-4.0"'

echo "fetch-traces.sh: $passed passed, $failed failed"
[ "$failed" = 0 ]
