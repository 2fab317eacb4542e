#!/usr/bin/env bash
# test_demo.sh - every proof of packaging/demo holds
# SPDX-License-Identifier: MIT
# ctest-timeout: 300
exec bash "$(dirname "$0")/../../packaging/lib/demo-world.sh"
