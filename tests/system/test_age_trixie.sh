#!/bin/bash
# test_age_trixie.sh - age files on Debian 13, where OpenSSL has ML-KEM: unit
# tests and public vectors with nothing left out, and Debian 13's age.
#
# ctest-timeout: 900
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
packages=$(mktemp)
trap 'rm -f "$packages"' EXIT
cat "$here/../../packaging/deps/build" "$here/dovecot24/packages" >"$packages"
"$here/tree/enter" trixie "$packages" /src/tests/system/age_trixie/run
