#!/usr/bin/env bash
# test_plugin_save.sh - every way of saving makes one age file, read back alike
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

plugin_setup
for user in alice bob carol; do
	enrol "$user"
done
dovecot_start

# check_folder WHAT USER FOLDER COUNT - its files are sealed, and what age makes
# of them is what IMAP gives.
check_folder() {
	local file uid
	: >by_age
	while read -r file; do
		check_sealed "$1" "$file" "$2"
		open_file "$2" "$file" | sha256_of >>by_age
	done < <(mail_files "$2" "${3#INBOX}")
	: >by_imap
	for uid in $(mail_uids "$2" "$3"); do
		imap_fetch "$2" "$uid" 'BODY.PEEK[]' --folder "$3" |
			sha256_of >>by_imap
	done
	check_eq "$1: mails in $3" "$(wc -l <by_age)" "$4"
	check_eq "$1: sha256 by age and by IMAP" "$(sort by_age)" \
		"$(sort by_imap)"
}

step "LMTP"
make_mail in.eml --from zoe@far.example --to alice@home.example --eightbit
lmtp_mail zoe@far.example alice@home.example in.eml
check_folder LMTP alice INBOX 1
imap_fetch alice '*' 'BODY.PEEK[]' | tail -c "$(wc -c <in.eml)" | cmp - in.eml

step "sieve fileinto, LDA"
sieve_script bob <<'END'
require ["fileinto", "mailbox", "copy"];
fileinto :create :copy "Filed";
END
lmtp_mail zoe@far.example bob@home.example in.eml
check_folder "sieve copy" bob Filed 1
check_folder "sieve keep" bob INBOX 1
/usr/lib/dovecot/dovecot-lda -d carol -f zoe@far.example <in.eml
check_folder LDA carol INBOX 1
/usr/lib/dovecot/dovecot-lda -d carol -f zoe@far.example -p in.eml
check_folder "LDA from a file" carol INBOX 2
check_eq "links to the file" "$(stat -c %h "$(last_mail carol)")" 1

step "APPEND"
make_mail large.eml --size 300000
imap_append alice INBOX large.eml
check_folder APPEND alice INBOX 2
imap_fetch alice '*' 'BODY.PEEK[]' | cmp - large.eml
printf 'Subject: x\r\n\r\n' >tiny.eml
imap_append alice INBOX tiny.eml
check_folder "APPEND without a body" alice INBOX 3

step "COPY and MOVE"
imap_cmd alice 'CREATE Copies' 'CREATE Moved' 'SELECT INBOX' \
	'UID COPY 1,2 Copies' 'UID MOVE 2 Moved' >/dev/null
check_folder COPY alice Copies 2
check_folder MOVE alice Moved 1
imap_fetch alice 1 'BODY.PEEK[]' --folder Moved | cmp - large.eml
check_eq "mails left in INBOX" "$(mail_count alice)" 2

step "sizes are those of the plaintext"
for item in 'RFC822.SIZE' 'BODY.PEEK[]'; do
	imap_fetch alice 1 "$item" --folder Moved >"got.$item"
done
check_match size "$(cat got.RFC822.SIZE)" \
	"RFC822.SIZE $(stat -c %s large.eml)\\)"
check_match "name on disk" "$(last_mail alice Moved)" \
	",S=$(stat -c %s large.eml),W=$(stat -c %s large.eml)"

step "a mail that begins like an age file is sealed like any other"
{ printf 'age-encryption.org/v1\n-> X25519 no\n--- no\n'
	cat in.eml; } >forged.eml
imap_append alice INBOX forged.eml
check_folder "forged by APPEND" alice INBOX 3
lmtp_mail zoe@far.example alice@home.example forged.eml
check_folder "forged by LMTP" alice INBOX 4

step "nothing was reported"
check_no_file_match "log" "$DOVECOTLOG" 'Error|Panic|Fatal|Warning'
