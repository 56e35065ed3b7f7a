#!/bin/sh
# fetch-traces.sh - gets public traces from their homes and checks every byte of them.
#
#     scripts/fetch-traces.sh [--list] [--into FOLDER] [NAME...]
#
# NAME is a folder (philly) or a file (philly/philly.csv) of the list; without any, all are fetched
# (90 MB). They go to FOLDER, else $BERTH_TRACES, else ../shared/traces. What is there already and right
# is left alone; what was cut off is gone on with; what has another digest than the list says is refused.
# The list is scripts/traces.tsv, another one is given by --table FILE. BERTH_TRACES_HOME replaces
# https://raw.githubusercontent.com, for a mirror. The files belong to their owners: see --list for terms.
set -u
here=$(dirname "$0")
table=$here/traces.tsv
home=${BERTH_TRACES_HOME:-https://raw.githubusercontent.com}
into=${BERTH_TRACES:-$here/../../shared/traces}
list=false
tab=$(printf '\t')

usage() {
	echo "fetch-traces.sh: $1; usage: fetch-traces.sh [--list] [--into FOLDER] [--table FILE] [NAME...]" >&2
	exit 2
}

names=
while [ $# -gt 0 ]; do
	case $1 in
	--list) list=true ;;
	--into | --table)
		[ $# -gt 1 ] || usage "$1 needs a value"
		if [ "$1" = --into ]; then into=$2; else table=$2; fi
		shift
		;;
	-h | --help)
		sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
		exit 0
		;;
	-*) usage "unknown option $1" ;;
	*) names="$names${names:+$tab}${1%/}" ;;
	esac
	shift
done
[ -r "$table" ] || usage "no list at $table"

# The chosen lines of the list: name, bytes, digest, home, terms. A name that chooses none is an error.
chosen() {
	awk -F "$tab" -v names="$names" '
		BEGIN { count = split(names, wanted, "\t") }
		$1 == "licence" { terms[$2] = $3 }
		$1 == "file" {
			folder = $2
			sub(/\/.*/, "", folder)
			taken = count == 0
			for (i = 1; i <= count; i++) {
				if (wanted[i] == folder || wanted[i] == $2) { taken = 1; found[i] = 1 }
			}
			if (taken) print $2 "\t" $3 "\t" $4 "\t" $5 "\t" terms[folder]
		}
		END {
			for (i = 1; i <= count; i++) {
				if (!found[i]) { print "fetch-traces.sh: the list has no " wanted[i] > "/dev/stderr"; bad = 1 }
			}
			exit bad
		}' "$table"
}

digest_of() {
	if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# get URL FILE BYTES - downloads, going on where FILE ends; 1 when the server will not.
get() {
	if command -v curl >/dev/null; then
		curl -fsSL --retry 2 --max-filesize "$3" -C - -o "$2" "$1" 2>/dev/null
	else
		wget -q -c -O "$2" "$1"
	fi
}

# fetch NAME BYTES DIGEST HOME - 0 fetched, 1 failed (said), 2 there already.
fetch() {
	file=$into/$1
	part=$file.part
	if [ -e "$file" ]; then
		[ "$(digest_of "$file")" = "$3" ] && return 2
		echo "$1: is there with another digest; expected $3 (move it away to fetch it)" >&2
		return 1
	fi
	mkdir -p "$(dirname "$file")" || return 1
	url=$home/$(printf %s "$4" | sed 's/ /%20/g')
	# A second time from the beginning: what was there before may have been of another file.
	for attempt in first second; do
		if [ "$attempt" = second ]; then rm -f "$part"; fi
		resumed=false
		if [ -s "$part" ]; then resumed=true; fi
		if [ "$resumed" = false ] || [ "$(wc -c <"$part")" -lt "$2" ]; then
			get "$url" "$part" "$2"
			got=$?
		else
			got=0
		fi
		if [ "$got" = 0 ] && [ -e "$part" ] && [ "$(digest_of "$part")" = "$3" ]; then
			mv "$part" "$file"
			return 0
		fi
		[ "$resumed" = true ] || break
	done
	if [ "$got" != 0 ]; then
		echo "$1: $url cannot be fetched (what came is kept and gone on with next time)" >&2
		return 1
	fi
	echo "$1: $url has another digest than the list says; refused (expected $3)" >&2
	rm -f "$part"
	return 1
}

rows=$(chosen) || exit 2
if [ "$list" = true ]; then
	printf '%s\n' "$rows" | awk -F "$tab" -v home="$home" '
		{ printf "%-60s %10d  %s  %s/%s  [%s]\n", $1, $2, $3, home, $4, $5; sum += $2 }
		END { printf "%d files, %.1f MB\n", NR, sum / 1e6 }'
	exit 0
fi
command -v curl >/dev/null || command -v wget >/dev/null || usage "neither curl nor wget is there"
fetched=0
there=0
failed=0
while IFS=$tab read -r name bytes digest place terms; do
	fetch "$name" "$bytes" "$digest" "$place"
	case $? in
	0)
		fetched=$((fetched + 1))
		echo "$name: $bytes bytes, terms: $terms"
		;;
	2) there=$((there + 1)) ;;
	*) failed=$((failed + 1)) ;;
	esac
done <<ROWS
$rows
ROWS
echo "$fetched fetched, $there there already, $failed failed"
[ "$failed" = 0 ]
