#!/usr/bin/env bash
# test_readme.sh - the README's installation, in a clean Debian 12 with systemd
#
# ctest-timeout: 900
# SPDX-License-Identifier: MIT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/check.sh"
. "$here/lib/debs.sh"
debs_enter readme
