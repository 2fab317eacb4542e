#!/usr/bin/env bash
# test_plugin_enrolled.sh - who is sealed to whom, and never plaintext instead
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

plugin_setup
# A mail that cannot be opened is a NO then, not the end of the connection.
dovecot_conf fetch <<<'imap_fetch_failure = no-after'
enrol alice
add_user dave
add_user erin
dovecot_start
make_mail in.eml --from zoe@far.example
keys=$B/home/alice/.sceau

# set_setting NAME VALUE - one line of plugin {}, then a restart.
set_setting() {
	local conf=/etc/dovecot/bench.d/sceau.conf
	sed -i "/ $1 = /d;/^plugin {/a\\  $1 = $2" "$conf"
	dovecot_restart
}

# check_refused WHAT USER ERE - LMTP, LDA and APPEND fail for now, the log says
# why, and no byte of the mail lies in the home.
check_refused() {
	local before
	before=$(mail_count "$2")
	: >"$DOVECOTLOG"
	check_exit "$1: LMTP" 1 lmtp_mail zoe@far.example \
		"$2@home.example" in.eml
	check_match "$1: LMTP" "$OUTPUT" '^4[0-9][0-9] '
	check_exit "$1: LDA" 75 /usr/lib/dovecot/dovecot-lda -d "$2" -p in.eml
	check_exit "$1: APPEND" 1 imap_append "$2" INBOX in.eml
	check_file "$1: log" "$DOVECOTLOG" "$3"
	check_eq "$1: mails" "$(mail_count "$2")" "$before"
	check_eq "$1: plaintext" "$(grep -rlaF 'Dear reader' \
		"$B/home/$2" || true)" ""
}

# check_accepted WHAT USER - and sealed to USER's identity.
check_accepted() {
	rm -rf "$B/home/$2/Maildir"
	lmtp_mail zoe@far.example "$2@home.example" in.eml >/dev/null
	check_sealed "$1" "$(last_mail "$2")" "$2"
}

step "enrolled: any trouble with the recipient is a temporary failure"
check_accepted "as it should be" alice
mv "$keys/recipient" "$B/recipient"
check_refused "missing" alice \
	"mail not saved: $keys/recipient is missing: restore it"
echo 'age1nonsense' >"$keys/recipient"
chown vmail "$keys/recipient"
check_refused "invalid" alice "mail not saved: $keys/recipient: "
cp "$B/recipient" "$keys/recipient"
chmod 000 "$keys/recipient"
chown root "$keys/recipient"
check_refused "unreadable" alice \
	"cannot open $keys/recipient as uid 64903: Permission denied"
chmod 666 "$keys/recipient"
check_refused "writable" alice "chmod 644 $keys/recipient"
rm "$keys/recipient"
ln -s "$B/recipient" "$keys/recipient"
check_refused "a link" alice "$keys/recipient is a symbolic link"
rm "$keys/recipient"
cp "$B/recipient" "$keys/recipient"
chmod 770 "$keys"
check_refused "a directory others may write to" alice "chmod 700 $keys"
chown root "$keys"
chmod 700 "$keys"
check_refused "a directory we may not enter" alice \
	"cannot open the key directory $keys as uid 64903"
chown vmail "$keys"
check_accepted "mended" alice

step "sceau_require = no changes nothing for the enrolled"
set_setting sceau_require no
mv "$keys/recipient" "$B/recipient"
check_refused "missing, sceau_require = no" alice "recipient is missing"
mv "$B/recipient" "$keys/recipient"
check_accepted "mended" alice

step "not enrolled: plaintext only where sceau_require = no"
lmtp_mail zoe@far.example bob@home.example in.eml >/dev/null
check_file "bob's mail" "$(last_mail bob)" 'Dear reader'
set_setting sceau_require yes
check_refused "not enrolled" carol \
	'not enrolled: there is no key directory .*/carol/.sceau and sceau_require = yes; run "sceau mailbox init"'
check_exit "carol's INBOX" 0 imap_cmd carol 'SELECT INBOX'

step "plaintext found in an enrolled account is shown and reported"
enrol bob
imap_fetch bob '*' 'BODY.PEEK[]' | tail -c "$(wc -c <in.eml)" | cmp - in.eml
check_file "log" "$DOVECOTLOG" \
	"Warning: sceau: $(last_mail bob)[^ ]* is plaintext in an enrolled"

step "sceau_auto_init: the first delivery enrols, sealed to the server"
set_setting sceau_auto_init server
lmtp_mail zoe@far.example carol@home.example in.eml >/dev/null
age -d -i "$PLUGIN_KEYS" -o "$B/carol.identity" \
	"$B/home/carol/.sceau/identity.server.age"
check_sealed "first delivery" "$(last_mail carol)" carol
check_eq "modes" "$(stat -c '%a %U' "$B"/home/carol/.sceau{,/*} | xargs)" \
	"700 vmail 600 vmail 644 vmail"
check_eq "recipient" "$(cat "$B/home/carol/.sceau/recipient")" \
	"$(age-keygen -y "$B/carol.identity")"
imap_fetch carol 1 'BODY.PEEK[]' | tail -c "$(wc -c <in.eml)" | cmp - in.eml
lmtp_mail zoe@far.example carol@home.example in.eml >/dev/null
check_sealed "second delivery" "$(last_mail carol)" carol

step "a slash at the end of sceau_keys changes nothing"
add_user fred
tilde='~' # for Dovecot to expand
set_setting sceau_keys "$tilde/.sceau/"
lmtp_mail zoe@far.example fred@home.example in.eml >/dev/null
check_eq "fred's keys" "$(find "$B/home/fred/.sceau" -type f -printf '%f\n' |
	sort | xargs)" "identity.server.age recipient"
mv "$keys" "$B/keys"
ln -s "$B/keys" "$keys"
check_refused "a directory that is a link" alice \
	"$keys is a symbolic link: the key directory must be a real directory"
rm "$keys"
mv "$B/keys" "$keys"
set_setting sceau_keys "$tilde/.sceau"

step "never to a holder that does not exist"
mv /etc/sceau/server.recipient "$B/"
check_refused "no server.recipient" dave \
	'/etc/sceau/server.recipient is missing'
check_eq "dave's keys" "$(find "$B/home/dave" -name '.sceau*')" ""
set_setting sceau_auto_init escrow
check_refused "no escrow.recipient" dave \
	'/etc/sceau/escrow.recipient is missing'
cp "$B/server.recipient" /etc/sceau/escrow.recipient
lmtp_mail zoe@far.example dave@home.example in.eml >/dev/null
check_eq "dave's keys" "$(find "$B/home/dave/.sceau" -type f -printf '%f\n' |
	sort | xargs)" "identity.escrow.age recipient"
check_exit "dave's mail without any key here" 1 \
	imap_fetch dave 1 'BODY.PEEK[]'
check_file "log" "$DOVECOTLOG" \
	'mailbox is locked: .*/dave/.sceau/identity.server.age is missing'
mv "$B/server.recipient" /etc/sceau/

step "eight first deliveries at once make one identity"
set_setting sceau_auto_init server
for i in 1 2 3 4 5 6 7 8; do
	lmtp_mail zoe@far.example erin@home.example in.eml >"$B/reply.$i" &
done
wait
check_eq "replies" "$(cut -c 1-3 "$B"/reply.* | sort | uniq -c | xargs)" \
	"8 250"
age -d -i "$PLUGIN_KEYS" -o "$B/erin.identity" \
	"$B/home/erin/.sceau/identity.server.age"
for file in $(mail_files erin); do
	check_sealed "erin's mail" "$file" erin
done
check_eq "left over" "$(find "$B/home/erin" -name '.sceau.*')" ""

step "locked: a slot that others may read, a missing one, a wrong server key"
slot=$keys/identity.server.age
# check_locked WHAT ERE
check_locked() {
	: >"$DOVECOTLOG"
	check_exit "$1" 1 imap_fetch alice '*' 'BODY.PEEK[]'
	check_match "$1" "$OUTPUT" 'NO \['
	check_file "$1: log" "$DOVECOTLOG" "$2"
	check_eq "$1: secrets in the log" \
		"$(grep -c AGE-SECRET "$DOVECOTLOG" || true)" 0
}
chmod 640 "$slot"
check_locked "readable" "mailbox is locked: $slot can be read by others .*chmod 600 $slot"
chmod 600 "$slot"
mv "$slot" "$B/slot"
check_locked "missing" "mailbox is locked: $slot is missing"
ln -s "$B/slot" "$slot"
check_locked "a link" "mailbox is locked: $slot is a symbolic link"
rm "$slot"
mv "$B/slot" "$slot"
chown root "$slot"
check_locked "root's" "cannot open $slot as uid 64903: Permission denied"
chown vmail "$slot"
imap_fetch alice '*' 'BODY.PEEK[]' >/dev/null
age-keygen -o "$B/other.key" 2>/dev/null
set_setting sceau_server_key "<$B/other.key"
check_locked "another server's key" "mailbox is locked: $slot: "
set_setting sceau_server_key ''
check_locked "no server key" 'mailbox is locked: sceau_server_key is not set'
check_accepted "delivery to a locked mailbox" alice

step "a recipient that is not the identity's is noticed before it is used"
set_setting sceau_server_key "<$PLUGIN_KEYS"
cp "$keys/recipient" "$B/recipient"
cat "$B/home/carol/.sceau/recipient" >"$keys/recipient"
check_exit "APPEND after FETCH" 1 imap_cmd alice 'SELECT INBOX' \
	'FETCH 1 (BODY.PEEK[])' 'COPY 1 INBOX'
check_file "log" "$DOVECOTLOG" \
	"$keys/recipient does not belong to the account's identity"
cat "$B/recipient" >"$keys/recipient"

step "wrong settings"
set_setting sceau_require maybe
check_exit "sceau_require = maybe" 1 imap_cmd alice 'SELECT INBOX'
check_file "log" "$DOVECOTLOG" 'sceau: sceau_require must be yes or no'
set_setting sceau_require yes
set_setting sceau_auto_init all
check_exit "sceau_auto_init = all" 1 imap_cmd alice 'SELECT INBOX'
check_file "log" "$DOVECOTLOG" \
	'sceau: sceau_auto_init must be no, server or escrow'
