#!/bin/bash
# test_auth_results.sh - Python's authres, which is not ours, reads from our
# Authentication-Results fields what was put into them, whatever it was
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
SCEAU_BUILD=${SCEAU_BUILD:-$here/../../build/release}
/usr/bin/python3 -c 'import authres' 2>/dev/null || {
	echo "SKIPPED: python3-authres is not installed (packaging/deps)"
	exit 77
}
exec /usr/bin/python3 "$here/auth_results_judge.py" \
	"$SCEAU_BUILD/tests/print_auth_results"
