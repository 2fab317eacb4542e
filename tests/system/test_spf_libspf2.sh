#!/usr/bin/env bash
# test_spf_libspf2.sh - the second SPF engine: its score in the published
# suite, what it makes of the other records, and its death at every step
# ctest-timeout: 900
# SPDX-License-Identifier: MIT
set -euo pipefail

TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${SCEAU_BUILD:-$TOP/build/release}
SCEAU=$BUILD/cli/sceau
# shellcheck source=tests/system/lib/check.sh
. "$TOP/tests/system/lib/check.sh"
# shellcheck source=tests/system/lib/spf.sh
. "$TOP/tests/system/lib/spf.sh"
[ -x "$SCEAU" ] || skip "sceau is not built"
[ -x "$BUILD/daemon/sceau-spf2" ] || skip "sceau-spf2 is not built"

step "only sceau-spf2 is linked with the library"
for program in cli/sceau milter/sceau-milter policy-daemon/sceau-policyd; do
	check_no_match "$program" "$(ldd "$BUILD/$program")" libspf2
done
check_match "sceau-spf2" "$(ldd "$BUILD/daemon/sceau-spf2")" libspf2

step "its death, at every step, is one result and nothing more"
spf_run spf_child.py "$SCEAU" "$BUILD/daemon/sceau-spf2"

step "records beyond the suite"
spf_run spf_classes.py "$SCEAU" libspf2

step "the published suite"
spf_run spf_suite.py "$SCEAU" libspf2
