#!/bin/bash
# test_dovecot24.sh - the plugin on Dovecot 2.4, in a Debian 13 tree: builds,
# loads, delivers by LMTP and fetches one mail by IMAP.
#
# ctest-timeout: 900
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
packages=$(mktemp)
trap 'rm -f "$packages"' EXIT
cat "$here/../../packaging/deps/build" "$here/dovecot24/packages" >"$packages"
"$here/tree/enter" trixie "$packages" /src/tests/system/dovecot24/run
