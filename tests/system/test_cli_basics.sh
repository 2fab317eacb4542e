#!/usr/bin/env bash
# test_cli_basics.sh - help, version and check-config of the sceau command
# SPDX-License-Identifier: MIT
set -euo pipefail

TOP=$(cd "$(dirname "$0")/../.." && pwd)
SCEAU=${SCEAU_BUILD:-$TOP/build/release}/cli/sceau
# shellcheck source=tests/system/lib/check.sh
. "$TOP/tests/system/lib/check.sh"
[ -x "$SCEAU" ] || skip "sceau is not built"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"

step "help and version"
check_match "version" "$("$SCEAU" version)" '^sceau [0-9]+\.[0-9]+\.[0-9]+$'
check_eq "--version" "$("$SCEAU" --version)" "$("$SCEAU" version)"
for noun in $("$SCEAU" help | sed -n 's/^  \([a-z-]*\)  .*/\1/p'); do
	[ "$noun" != version ] || continue
	check_match "help $noun" "$("$SCEAU" help "$noun")" "^usage: sceau $noun"
	check_file "noun in the manual" "$TOP/docs/man/sceau.1" \
		"^\\.(It |)Cm .*\\b$noun\\b"
done
check_exit "no noun" 2 "$SCEAU"
check_exit "an unknown noun" 2 "$SCEAU" nonsense
check_match "its name" "$OUTPUT" 'nonsense'
for words in version help 'help open'; do
	check_exit "a full disk under $words" 75 \
		bash -c "'$SCEAU' $words >/dev/full"
	check_match "a full disk under $words" "$OUTPUT" \
		'^sceau: cannot write to standard output: No space left'
done

step "check-config"
: >good.conf
# no daemon is set up on this host: a note, and no finding
check_ok "an empty file" "$SCEAU" check-config -c good.conf
check_match "what was looked at" "$("$SCEAU" check-config -c good.conf)" \
	'^good\.conf is good$'
printf '# x\nmx_nonsense = 1\n' >bad.conf
check_exit "an unknown setting" 78 "$SCEAU" check-config -c bad.conf
check_match "where" "$OUTPUT" 'bad\.conf:2: mx_nonsense: '
check_exit "as JSON" 78 "$SCEAU" check-config -c bad.conf --json
check_match "as JSON" "$OUTPUT" '"ok": false'
check_exit "no file" 78 "$SCEAU" check-config -c nowhere.conf
check_exit "usage" 2 "$SCEAU" check-config nonsense
check_exit "a full disk" 75 \
	bash -c "'$SCEAU' check-config -c good.conf --json >/dev/full"
