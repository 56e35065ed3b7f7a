#!/bin/sh
# check-layers.sh - fails when a file includes a layer it must not know.
# Each line of scripts/layers.txt: <path prefix> <prefixes it may include besides its own>.
set -eu
export LC_ALL=C
status=0
while read -r layer allowed; do
	case $layer in '' | \#*) continue ;; esac
	# A file belongs to the longest prefix of the table that it has.
	for file in $(find sim policies traces -name '*.[ch]' | sort); do
		case $file in "$layer"*) ;; *) continue ;; esac
		longer=$(awk -v f="$file" -v l="$layer" \
			'$1 !~ /^#/ && NF && index(f, $1) == 1 && length($1) > length(l) { print $1 }' scripts/layers.txt)
		[ -z "$longer" ] || continue
		for inc in $(sed -n 's/^ *# *include "\(.*\)".*/\1/p' "$file"); do
			case $inc in *.inc) continue ;; esac
			ok=0
			for a in $layer $allowed; do case $inc in "$a"*) ok=1 ;; esac; done
			if [ $ok = 0 ]; then
				echo "$file: must not include $inc"
				status=1
			fi
		done
	done
done <scripts/layers.txt
exit $status
