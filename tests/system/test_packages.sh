#!/usr/bin/env bash
# test_packages.sh - remove, upgrade, reinstall, purge, in a clean Debian 12:
# the tests of packaging/debian/tests, by autopkgtest
#
# ctest-timeout: 900
# SPDX-License-Identifier: MIT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/check.sh"
. "$here/lib/debs.sh"
debs_enter autopkgtest start lifecycle
