#!/usr/bin/env bash
# test_plugin_canary.sh - nothing of a sealed mail lies beside the seal
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

plugin_setup
# The cache is used as much as Dovecot can be told to use it.
dovecot_conf cache <<'END'
mail_always_cache_fields = hdr.subject hdr.from hdr.to hdr.x-canary imap.envelope imap.body imap.bodystructure body.snippet date.sent mime.parts
mail_max_lock_timeout = 20s
mailbox_list_index = yes
END
enrol alice
dovecot_start

step "twenty mails with words that occur nowhere else"
for i in $(seq 20); do
	make_mail "in.$i.eml" --from "zoe.canarysender$i@far.example" \
		--to alice@home.example --subject "canarysubject$i" \
		--header "X-Canary: canaryheader$i" \
		--header 'Content-Disposition: attachment; filename=canaryname' \
		--body "canarybody$i" --size $((i * 9000))
done
for i in $(seq 10); do
	lmtp_mail "zoe@far.example" alice@home.example "in.$i.eml" >/dev/null
done
for i in $(seq 11 20); do
	imap_append alice INBOX "in.$i.eml"
done

step "a client's day"
imap_cmd alice 'CREATE Later' 'CREATE Old' 'SELECT INBOX' \
	'FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY RFC822.SIZE INTERNALDATE)' \
	'FETCH 1:* (PREVIEW)' \
	'FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT FROM X-CANARY)])' \
	'FETCH 1:* (BODY.PEEK[TEXT]<0.200>)' 'FETCH 20 (BODY.PEEK[])' \
	'SEARCH SUBJECT canarysubject5' 'SEARCH BODY canarybody7' \
	'SEARCH HEADER X-Canary canaryheader' 'SORT (SUBJECT) UTF-8 ALL' \
	'SORT (FROM DATE) UTF-8 ALL' 'THREAD REFERENCES UTF-8 ALL' \
	'COPY 1:5 Later' 'MOVE 6:8 Old' 'FETCH 1:* (BODY.PEEK[1.MIME])' \
	'SELECT Later' 'FETCH 1:* (ENVELOPE PREVIEW)' \
	'SORT (SUBJECT) UTF-8 ALL' >day.out
# The words came out over IMAP: what follows is worth looking for.
for word in canarysubject20 canarybody20 canarysender3 canaryheader9; do
	check_file "day" day.out "$word"
done
doveadm fetch -u alice 'hdr text' mailbox INBOX >/dev/null
doveadm index -u alice '*'

step "zero hits"
sync
for place in "$B/home" /var/log /run /tmp/dovecot* /var/lib/dovecot; do
	[ -e "$place" ] || continue
	check_eq "canaries in $place" \
		"$(grep -rlaiE 'canary(subject|body|header|sender|name)' \
			"$place" || true)" ""
done
check_eq "mails" "$(mail_count alice)" 17

step "and the keys are not in the log either"
check_no_file_match "log" "$DOVECOTLOG" 'AGE-SECRET-KEY'

step "an account that is not enrolled keeps Dovecot's cache"
sed -i 's/^plugin {/plugin {\n  sceau_require = no/' \
	/etc/dovecot/bench.d/sceau.conf
dovecot_restart
imap_append bob INBOX in.1.eml
imap_cmd bob 'SELECT INBOX' 'FETCH 1 (ENVELOPE)' >/dev/null
check_file "bob's cache" "$B/home/bob/Maildir/dovecot.index.cache" \
	'canarysubject1'
