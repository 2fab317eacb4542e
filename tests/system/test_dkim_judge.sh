#!/bin/bash
# test_dkim_judge.sh - dkimpy and libopendkim, which are not ours, accept what
# daemon/dkim.h signs, dkimpy rejects it once anything that matters was changed,
# and daemon/dkim_verify.h thinks the same of all that and of what dkimpy signs
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
SCEAU_BUILD=${SCEAU_BUILD:-$here/../../build/release}
/usr/bin/python3 -c 'import dkim' 2>/dev/null || {
	echo "SKIPPED: python3-dkim is not installed (packaging/deps)"
	exit 77
}
exec /usr/bin/python3 "$here/dkim_judge.py" \
	"$SCEAU_BUILD/tests"
