#!/usr/bin/env bash
# test_plugin_tamper.sh - no altered byte of a sealed mail ever reaches IMAP
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

plugin_setup
enrol alice
dovecot_start

step "a mail of three chunks, and another one"
make_mail big.eml --size 150000
make_mail other.eml --size 190000
imap_append alice INBOX other.eml
imap_cmd alice 'CREATE Target' >/dev/null
imap_append alice Target big.eml

step "each altered form"
check_ok "tamper matrix" "$PYTHON" "$BENCH_LIB/tamper.py" alice pw-alice \
	Target "$B/home/alice/Maildir/.Target" big.eml "$(last_mail alice)" \
	"$DOVECOTLOG"
