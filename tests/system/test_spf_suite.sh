#!/usr/bin/env bash
# test_spf_suite.sh - the published suite of RFC 7208 over real DNS: every
# result and every explanation, whether dead names fail or are silent
# ctest-timeout: 600
# SPDX-License-Identifier: MIT
set -euo pipefail

TOP=$(cd "$(dirname "$0")/../.." && pwd)
SCEAU=${SCEAU_BUILD:-$TOP/build/release}/cli/sceau
# shellcheck source=tests/system/lib/check.sh
. "$TOP/tests/system/lib/check.sh"
# shellcheck source=tests/system/lib/spf.sh
. "$TOP/tests/system/lib/spf.sh"
[ -x "$SCEAU" ] || skip "sceau is not built"
spf_run spf_suite.py "$SCEAU"
