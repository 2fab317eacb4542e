# shellcheck shell=bash
# check.sh - steps, checks with got/want, waiting; SPDX-License-Identifier: MIT

# step TEXT... - say what comes next.
step() {
	printf -- '-- %s\n' "$*"
}

# fail TEXT... - the test has failed.
fail() {
	printf 'FAIL: %s\n' "$*" >&2
	exit 1
}

# skip TEXT... - what the test needs is not here. With SCEAU_NO_SKIP=1, as in
# tests/run where everything is installed and built, that is a failure.
skip() {
	[ -z "${SCEAU_NO_SKIP:-}" ] || fail "may not be skipped: $*"
	printf 'SKIPPED: %s\n' "$*"
	exit 77
}

# check_eq WHAT GOT WANT
check_eq() {
	[ "$2" = "$3" ] && return
	fail "$1: got \"$2\", want \"$3\""
}

# check_ne WHAT GOT UNWANTED
check_ne() {
	[ "$2" != "$3" ] && return
	fail "$1: got \"$2\", want anything else"
}

# check_match WHAT TEXT ERE - some line of TEXT matches.
check_match() {
	grep -Eq -- "$3" <<<"$2" && return
	fail "$1: got \"$2\", want a match of \"$3\""
}

# check_no_match WHAT TEXT ERE - no line of TEXT matches.
check_no_match() {
	local hit
	hit=$(grep -E -- "$3" <<<"$2") || return 0
	fail "$1: got \"$hit\", want no match of \"$3\""
}

# check_file WHAT FILE ERE - some line of FILE matches (bytes, any content).
check_file() {
	[ -e "$2" ] || fail "$1: no file $2"
	LC_ALL=C grep -aEq -- "$3" "$2" && return
	fail "$1: no match of \"$3\" in $2"
}

# check_no_file_match WHAT FILE ERE - no line of FILE matches.
check_no_file_match() {
	local hit
	[ -e "$2" ] || fail "$1: no file $2"
	hit=$(LC_ALL=C grep -aE -m 3 -- "$3" "$2") || return 0
	fail "$1: got \"$hit\" in $2, want no match of \"$3\""
}

# check_same WHAT FILE1 FILE2 - byte for byte the same.
check_same() {
	local where
	where=$(cmp -- "$2" "$3" 2>&1) && return
	fail "$1: $where ($(wc -c <"$2") and $(wc -c <"$3") bytes)"
}

# check_ok WHAT COMMAND... - the command succeeds.
check_ok() {
	local what=$1 out rc=0
	shift
	out=$("$@" 2>&1) || rc=$?
	[ $rc -eq 0 ] || fail "$what: got exit $rc, want 0: $out"
}

# check_exit WHAT STATUS COMMAND... - the command ends with that status; what
# it printed is left in $OUTPUT.
check_exit() {
	local what=$1 want=$2 rc=0
	shift 2
	OUTPUT=$("$@" 2>&1) || rc=$?
	[ "$rc" -eq "$want" ] ||
		fail "$what: got exit $rc, want $want: $OUTPUT"
}

# wait_for SECONDS WHAT COMMAND... - until the command succeeds.
wait_for() {
	local end=$((SECONDS + $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "waited in vain: $what"
		sleep 0.05
	done
}

# wait_log SECONDS FILE ERE - until a line of a log matches.
wait_log() {
	wait_for "$1" "\"$3\" in $2" grep -Eaq -- "$3" "$2"
}
