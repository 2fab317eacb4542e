#!/usr/bin/env bash
# test_plugin_tamper.sh - no altered byte of a sealed mail ever reaches IMAP
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

plugin_setup
sed -i 's/^protocols = .*/& pop3/' /etc/dovecot/dovecot.conf
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

step "POP3 gives nothing of an altered mail, in whichever piece"
# retr FILE - the first mail of alice, by POP3, as FILE.
retr() {
	"$PYTHON" - "$1" <<-'END'
	import poplib, sys
	session = poplib.POP3("127.0.0.1")
	session.user("alice")
	session.pass_("pw-alice")
	lines = session.retr(1)[1]
	open(sys.argv[1], "wb").write(b"\r\n".join(lines) + b"\r\n")
	END
}
retr whole
check_same "POP3" whole other.eml
file=$(last_mail alice)
cp "$file" sealed
for at in 100 300 100000 180000; do
	"$PYTHON" - sealed "$file" $at <<-'END'
	import sys
	data = bytearray(open(sys.argv[1], "rb").read())
	data[int(sys.argv[3])] ^= 1
	open(sys.argv[2], "wb").write(data)
	END
	: >"$DOVECOTLOG"
	check_exit "byte $at" 1 retr part
	check_match "byte $at" "$OUTPUT" 'error_proto'
	check_file "byte $at: log" "$DOVECOTLOG" "Error: .*sceau: $file"
	check_eq "byte $at: released" "$(find . -name part)" ""
done
