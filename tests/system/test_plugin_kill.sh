#!/usr/bin/env bash
# test_plugin_kill.sh - kill -9 of Dovecot's lmtp 50 times during deliveries:
# what was answered 250 is there, opens, and is what was sent
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

KILLS=${PLUGIN_KILLS:-50}
plugin_setup
sed -i /mail_debug/d /etc/dovecot/bench.d/debug.conf
for user in alice bob carol; do
	enrol "$user"
done
dovecot_start

step "deliveries to three accounts while lmtp is killed $KILLS times"
check_ok "deliveries" "$PYTHON" "$BENCH_LIB/lmtp_load.py" \
	/var/spool/postfix/private/dovecot-lmtp "$B/accepted" \
	alice,bob,carol "$KILLS"
cat "$B/accepted.summary"

step "each answered mail is there and whole"
for user in alice bob carol; do
	while read -r file; do
		check_sealed "$user" "$file" "$user"
		open_file "$user" "$file" >"$B/opened"
		"$PYTHON" "$BENCH_LIB/lmtp_load.py" --judge "$B/opened" ||
			fail "$file is not what was sent"
	done < <(mail_files "$user") >"$B/found.$user"
	sort -u "$B/found.$user" >"$B/found"
	sort -u "$B/accepted.$user" >"$B/want"
	check_eq "$user: answered but not there" \
		"$(comm -13 "$B/found" "$B/want")" ""
	echo "   $user: $(wc -l <"$B/want") answered, $(wc -l <"$B/found") there"
done

step "IMAP reads all of them"
for user in alice bob carol; do
	uids=$(mail_uids "$user" INBOX | xargs | tr ' ' ,)
	check_ok "$user" imap_cmd "$user" 'SELECT INBOX' \
		"UID FETCH $uids (RFC822.SIZE BODY.PEEK[])"
done
check_no_file_match "log" "$DOVECOTLOG" 'sceau: |Panic'
