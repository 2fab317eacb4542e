#!/usr/bin/env bash
# test_spf_classes.sh - sceau spf check beyond the published suite, over real
# DNS: large answers, shared limits, dead zones, other scripts, hostile records
# ctest-timeout: 400
# SPDX-License-Identifier: MIT
set -euo pipefail

TOP=$(cd "$(dirname "$0")/../.." && pwd)
SCEAU=${SCEAU_BUILD:-$TOP/build/release}/cli/sceau
# shellcheck source=tests/system/lib/check.sh
. "$TOP/tests/system/lib/check.sh"
# shellcheck source=tests/system/lib/spf.sh
. "$TOP/tests/system/lib/spf.sh"
[ -x "$SCEAU" ] || skip "sceau is not built"

step "the command line"
check_exit "no verb" 2 "$SCEAU" spf
check_exit "no client" 2 "$SCEAU" spf check --helo h
check_exit "no HELO" 2 "$SCEAU" spf check --ip 192.0.2.1
check_exit "too many words" 2 "$SCEAU" spf check --ip 192.0.2.1 --helo h x
check_exit "no such engine" 2 \
	"$SCEAU" spf check --ip 192.0.2.1 --helo h --engine x
check_exit "no address" 78 "$SCEAU" spf check --ip 192.0.2 --helo h
check_exit "no resolver" 78 \
	"$SCEAU" spf check --ip 192.0.2.1 --helo h --resolver nowhere
check_exit "no settings" 78 \
	"$SCEAU" spf check --ip 192.0.2.1 --helo h -c /nonexistent
check_exit "no question" 0 "$SCEAU" spf check --ip 192.0.2.1 --helo h \
	--mail-from 'a@[192.0.2.1]' --resolver 127.0.0.1:1
check_eq "its result" "$OUTPUT" none
check_exit "in full" 0 "$SCEAU" spf check --ip 192.0.2.1 --helo h \
	--resolver 127.0.0.1:1 -v
check_match "in full" "$OUTPUT" '^reason=no domain'
check_exit "a full disk" 75 bash -c \
	"'$SCEAU' spf check --ip 192.0.2.1 --helo h --resolver ::1 >/dev/full"

step "checks"
spf_run spf_classes.py "$SCEAU"
