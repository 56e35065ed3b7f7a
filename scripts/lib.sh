# lib.sh - what the scripts of this folder share; sourced, not run.
# A package is named "debian-package:what-shows-that-it-is-there", where the latter is a program, a
# pkg-config module (pc=NAME) or a file (file=PATH).

RUN_PACKAGES="make:make gcc:gcc libc6-dev:file=/usr/include/stdio.h pkg-config:pkg-config
	libgsl-dev:pc=gsl libjansson-dev:pc=jansson zlib1g-dev:pc=zlib libzstd-dev:pc=libzstd
	libxxhash-dev:pc=libxxhash libglpk-dev:file=/usr/include/glpk.h
	gnuplot-nox:gnuplot"
TEST_PACKAGES="clang:clang clang-format:clang-format
	libclang-rt-14-dev:file=/usr/lib/llvm-14/lib/clang/14.0.6/include/sanitizer/asan_interface.h
	libcriterion-dev:file=/usr/include/criterion/criterion.h python3:python3 git:git"

say() {
	printf '%s\n' "$*" >&2
}

have() {
	case $1 in
	pc=*) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "${1#pc=}" ;;
	file=*) [ -e "${1#file=}" ] ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

# missing PACKAGE:SIGN... - the names of the packages that are not there.
missing() {
	for entry in "$@"; do
		have "${entry#*:}" || printf '%s ' "${entry%%:*}"
	done
}

# install PACKAGE:SIGN... - installs what is missing, or says what to install and fails.
install() {
	wanted=$(missing "$@")
	[ -n "$wanted" ] || return 0
	if ! command -v apt-get >/dev/null 2>&1; then
		say "Please install what these Debian packages hold, then run this again: $wanted"
		return 1
	fi
	as_root=
	if [ "$(id -u)" != 0 ]; then
		if ! command -v sudo >/dev/null 2>&1; then
			say "Please run as root: apt-get install $wanted"
			return 1
		fi
		as_root=sudo
	fi
	say "Installing: $wanted"
	$as_root apt-get update -qq >&2
	# shellcheck disable=SC2086 # one word a package
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends $wanted >/dev/null
}
