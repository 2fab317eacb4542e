#!/usr/bin/env bash
# test_spf_pyspf.sh - pyspf, which is not ours, and sceau spf check say the same
# of each check of the published suite, over the same real DNS
# SPDX-License-Identifier: MIT
set -euo pipefail

TOP=$(cd "$(dirname "$0")/../.." && pwd)
SCEAU=${SCEAU_BUILD:-$TOP/build/release}/cli/sceau
# shellcheck source=tests/system/lib/check.sh
. "$TOP/tests/system/lib/check.sh"
# shellcheck source=tests/system/lib/spf.sh
. "$TOP/tests/system/lib/spf.sh"
[ -x "$SCEAU" ] || skip "sceau is not built"
/usr/bin/python3 -c 'import spf' 2>/dev/null || skip "python3-spf is missing"
spf_run spf_pyspf.py "$SCEAU"
