#!/usr/bin/env bash
# test_age_vectors.sh - every public age vector through the command, with the
# OpenSSL of this system
# SPDX-License-Identifier: MIT
set -euo pipefail

TOP=$(cd "$(dirname "$0")/../.." && pwd)
SCEAU=${SCEAU_BUILD:-$TOP/build/release}/cli/sceau
# shellcheck source=tests/system/lib/check.sh
. "$TOP/tests/system/lib/check.sh"

[ -x "$SCEAU" ] || skip "sceau is not built"
[ -d "${SCEAU_VECTORS:-}/age" ] || skip "no age vectors"
mode=no-hybrid
! openssl list -kem-algorithms 2>/dev/null | grep -q ML-KEM-768 || mode=all
step "$mode, $(openssl version)"
check_exit "vectors" 0 /usr/bin/python3 \
	"$TOP/tests/system/lib/age_vectors.py" "$SCEAU" "$SCEAU_VECTORS/age" \
	"$mode"
echo "$OUTPUT"
[ "$mode" = no-hybrid ] || check_match "none left out" "$OUTPUT" \
	' 0 wrong, 0 unsupported$'
