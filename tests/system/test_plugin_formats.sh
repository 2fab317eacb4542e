#!/usr/bin/env bash
# test_plugin_formats.sh - sdbox, mdbox, compression, quota; mbox is refused
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

plugin_setup
enrol alice
make_mail in.eml --from zoe@far.example --eightbit --size 3000
make_mail big.eml --from zoe@far.example --size 400000

# format LINE... - an empty mailbox of this kind. Read after sceau.conf: where a
# protocol block stands before mail_plugins, the plugin is not on in it.
format() {
	dovecot_stop
	rm -rf "$B/home/alice"/{Maildir,sdbox,mdbox,mbox,mail}
	printf '%s\n' "$@" | dovecot_conf zformat
	: >"$DOVECOTLOG"
	dovecot_start
}

# check_round_trips WHAT - saving in every way, reading the same bytes; nothing
# readable below home.
check_round_trips() {
	local uid tail
	lmtp_mail zoe@far.example alice@home.example in.eml >/dev/null
	imap_append alice INBOX big.eml
	imap_cmd alice 'CREATE Other' 'SELECT INBOX' 'UID COPY 1:2 Other' \
		'UID MOVE 1:2 Other' >/dev/null
	for uid in 1 3; do
		imap_fetch alice $uid 'BODY.PEEK[]' --folder Other |
			tail -c "$(wc -c <in.eml)" | cmp - in.eml
	done
	for uid in 2 4; do
		imap_fetch alice $uid 'BODY.PEEK[]' --folder Other |
			cmp - big.eml
	done
	tail=$(($(stat -c %s big.eml) - 1000))
	imap_fetch alice 2 "BODY.PEEK[]<$tail.1000>" --folder Other |
		cmp - <(tail -c 1000 big.eml)
	check_match "$1: size" "$(imap_fetch alice 2 RFC822.SIZE \
		--folder Other)" "RFC822.SIZE $(stat -c %s big.eml)\\)"
	check_match "$1: structure" "$(imap_cmd alice 'SELECT Other' \
		'FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY INTERNALDATE)' \
		'SEARCH BODY "ordinary letter"' 'SORT (SUBJECT) UTF-8 ALL' \
		'FETCH 1:* (PREVIEW)')" '^\* SEARCH 2 4'
	check_eq "$1: plaintext below home" \
		"$(grep -rlaE 'ordinary letter|zoe@far|garçon' \
			"$B/home/alice" || true)" ""
	check_no_file_match "$1: log" "$DOVECOTLOG" 'Error|Panic|Fatal|Warning'
}

# age_files FILE DIR - cut the age files out of a dbox file.
age_files() {
	"$PYTHON" - "$1" "$2" <<-'END'
	import sys
	data = open(sys.argv[1], "rb").read()
	magic, at, number = b"age-encryption.org/v1\n", 0, 0
	while (at := data.find(magic, at)) >= 0:
	    # A dbox mail ends where its metadata begins.
	    end = data.find(b"\n\001\003\n", at)
	    open("%s/%d.age" % (sys.argv[2], number), "wb").write(data[at:end])
	    at, number = end, number + 1
	END
}

# check_dbox_opens WHAT FILE... - each file holds mails that age opens.
check_dbox_opens() {
	local what=$1 file mail count=0
	shift
	for file; do
		rm -rf cut && mkdir cut
		age_files "$file" cut
		for mail in cut/*.age; do
			check_ok "$what: age -d from $file" age -d \
				-i "$B/alice.identity" -o /dev/null "$mail"
			count=$((count + 1))
		done
	done
	check_eq "$what: mails opened with age" $count 4
}

step "sdbox"
format 'mail_location = sdbox:~/sdbox'
check_round_trips sdbox
check_dbox_opens sdbox "$B"/home/alice/sdbox/mailboxes/Other/dbox-Mails/u.*

step "mdbox"
format 'mail_location = mdbox:~/mdbox'
check_round_trips mdbox

step "attachments outside of the mail are refused"
format 'mail_location = sdbox:~/sdbox' \
	'mail_attachment_dir = ~/sdbox/attachments' 'mail_attachment_min_size = 1'
check_exit "attachments" 1 lmtp_mail zoe@far.example alice@home.example in.eml
check_match "attachments" "$OUTPUT" '^451 '
check_file "attachments: log" "$DOVECOTLOG" \
	"attachments would lie in plaintext in ~/sdbox/attachments: unset"

step "compression lies inside of the seal"
format 'mail_location = maildir:~/Maildir' \
	'mail_plugins = $mail_plugins zlib' \
	'plugin {' 'zlib_save = gz' 'zlib_save_level = 6' '}'
check_round_trips zlib
file=$(mail_files alice Other | head -n 1)
check_sealed zlib "$file" alice
open_file alice "$file" >opened
check_eq "what is sealed" "$(od -An -tx1 -N2 opened)" ' 1f 8b'
[ "$(stat -c %s "$(mail_files alice Other | tail -n 1)")" -lt 100000 ] ||
	fail "400 kB of one line were not compressed"
check_match "name on disk" "$(mail_files alice Other)" \
	",S=$(stat -c %s big.eml),W=$(stat -c %s big.eml)"

step "quota counts the plaintext, and counts it again alike"
format 'mail_location = maildir:~/Maildir' \
	'mail_plugins = $mail_plugins quota' \
	'protocol imap {' 'mail_plugins = $mail_plugins imap_quota' '}' \
	'plugin {' 'quota = count:User quota' 'quota_rule = *:storage=1M' \
	'quota_vsizes = yes' '}'
imap_append alice INBOX big.eml
imap_append alice INBOX big.eml
usage() {
	doveadm -f flow quota get -u alice | grep -o 'STORAGE.*Value=[0-9]*'
}
want=$(((2 * $(stat -c %s big.eml) + 1023) / 1024))
check_match "quota" "$(usage)" "Value=$want\$"
doveadm quota recalc -u alice
check_match "quota counted again" "$(usage)" "Value=$want\$"
check_exit "over quota" 1 imap_append alice INBOX big.eml
check_match "over quota" "$OUTPUT" 'OVERQUOTA'

step "mbox is refused, and so is any other storage that cannot be sealed"
format 'mail_location = mbox:~/mbox:INBOX=~/mbox/inbox'
check_exit "mbox: LMTP" 1 lmtp_mail zoe@far.example alice@home.example in.eml
check_match "mbox: LMTP" "$OUTPUT" '^451 '
check_exit "mbox: APPEND" 1 imap_append alice INBOX in.eml
check_file "mbox: log" "$DOVECOTLOG" \
	'storage "mbox" cannot hold sealed mail: use maildir, sdbox or mdbox'
check_eq "mbox: plaintext" "$(grep -rla 'Dear reader' "$B/home/alice" || true)" ""

step "not enrolled: a mail that begins like an age file is refused"
format 'mail_location = maildir:~/Maildir' 'plugin {' 'sceau_require = no' '}'
printf 'age-encryption.org/v1\n-> X25519 no\n--- no\n' >forged.eml
# Stored with LF it would begin so; with CRLF it does not.
dovecot_conf lf <<<'mail_save_crlf = no'
dovecot_restart
check_exit "forged by APPEND" 1 imap_append bob INBOX forged.eml
check_match "forged by APPEND" "$OUTPUT" 'NO \[CANNOT\]'
check_exit "forged by LDA" 75 /usr/lib/dovecot/dovecot-lda -d bob -p forged.eml
check_eq "bob's mails" "$(mail_count bob)" 0
imap_append bob INBOX in.eml
check_eq "bob's mails" "$(mail_count bob)" 1
