#!/bin/bash
# test_spf_trixie.sh - the SPF tests in a Debian 13 tree, with its libraries
# and its unbound
#
# ctest-timeout: 1200
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
packages=$(mktemp)
trap 'rm -f "$packages"' EXIT
cat "$here/../../packaging/deps/build" "$here/dovecot24/packages" >"$packages"
"$here/tree/enter" trixie "$packages" /src/tests/system/spf_trixie/run
