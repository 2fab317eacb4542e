#!/usr/bin/env bash
# test_cli_mailbox.sh - sceau mailbox on accounts that Dovecot knows
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

SCEAU=$SCEAU_BUILD/cli/sceau
[ -x "$SCEAU" ] || skip "sceau is not built"
mkdir -p /var/spool/postfix/private
SERVER="--server /etc/sceau/server.recipient"

step "Dovecot does not answer"
check_exit "init without Dovecot" 78 "$SCEAU" mailbox init alice
check_match "holders first" "$OUTPUT" 'server-key'
check_ok "server-key" "$SCEAU" mailbox server-key
check_eq "mode of the key" "$(stat -c '%a %U' /etc/sceau/server.key)" \
	"600 root"
check_eq "mode of the recipient" \
	"$(stat -c %a /etc/sceau/server.recipient)" 644
before=$(sha256sum </etc/sceau/server.key)
check_exit "server-key again" 78 "$SCEAU" mailbox server-key
check_match "path" "$OUTPUT" '/etc/sceau/server.key exists'
check_eq "the key" "$(sha256sum </etc/sceau/server.key)" "$before"
# shellcheck disable=SC2086 # two words
check_exit "init without Dovecot" 75 "$SCEAU" mailbox init alice $SERVER
check_match "remedy" "$OUTPUT" '--home DIR'

step "enrolment"
dovecot_start
check_exit "status before" 1 "$SCEAU" mailbox status alice
check_match "status before" "$OUTPUT" '^enrolled no$'
# shellcheck disable=SC2086
check_exit "nobody there" 78 "$SCEAU" mailbox init nobody-there $SERVER
check_match "user" "$OUTPUT" 'knows no user nobody-there'
age-keygen -o escrow.key 2>/dev/null
# shellcheck disable=SC2086
check_ok "init" "$SCEAU" mailbox init alice $SERVER \
	--recipient "$(age-keygen -y escrow.key)"
dir=$B/home/alice/.sceau
check_eq "owner and modes" "$(cd "$dir" && stat -c '%n %a %U' . ./*)" \
	". 700 vmail
./identity.escrow.age 600 vmail
./identity.server.age 600 vmail
./recipient 644 vmail"
check_same "copy for the key gate" "$dir/recipient" \
	/var/lib/sceau/recipients/alice
age -d -i /etc/sceau/server.key -o by.server "$dir/identity.server.age"
age -d -i escrow.key -o by.escrow "$dir/identity.escrow.age"
check_same "both slots" by.server by.escrow
check_eq "recipient of the identity" "$(age-keygen -y by.server)" \
	"$(cat "$dir/recipient")"
check_ok "status" "$SCEAU" mailbox status alice
check_match "status as JSON" \
	"$("$SCEAU" mailbox status alice --json | tr -d ' \n')" \
	'"enrolled":true,.*"slots":\[.*\],"findings":\[\]'

step "nothing is ever replaced"
before=$(sha256sum "$dir"/*)
# shellcheck disable=SC2086
check_exit "init again" 1 "$SCEAU" mailbox init alice $SERVER
check_match "why" "$OUTPUT" 'enrolled already'
rm /var/lib/sceau/recipients/alice
check_exit "status without the copy" 1 "$SCEAU" mailbox status alice
# shellcheck disable=SC2086
check_exit "init adds the copy" 1 "$SCEAU" mailbox init alice $SERVER
check_ok "status with it" "$SCEAU" mailbox status alice
check_eq "keys" "$(sha256sum "$dir"/*)" "$before"
mv "$dir" "$dir.away"
# shellcheck disable=SC2086
check_exit "init when the keys are away" 78 "$SCEAU" mailbox init alice $SERVER
check_match "remedy" "$OUTPUT" '/var/lib/sceau/recipients/alice.*mounted'
mv "$dir.away" "$dir"
check_eq "what is left behind" "$(find "$B/home/alice" -name '.sceau*')" "$dir"

step "what a user put in the place of keys"
theirs=$B/home/carol/.sceau
# init_refused WHAT ERE OPTION... - at once, and nothing is taken from there.
init_refused() {
	local what=$1 words=$2
	shift 2
	# shellcheck disable=SC2086
	check_exit "$what" 78 timeout 20 "$SCEAU" mailbox init carol $SERVER \
		"$@"
	check_match "$what" "$OUTPUT" "$words"
	check_exit "$what: a copy" 1 test -e /var/lib/sceau/recipients/carol
	rm -rf "$theirs"
}
ln -s "$dir" "$theirs"
init_refused "a link to another's keys" \
	"$theirs is a symbolic link, which the plugin never uses"
ln -s "$dir" "$theirs"
init_refused "a link with a slash" \
	"$theirs is a symbolic link, which the plugin never uses" \
	--directory "$theirs/"
mkfifo "$theirs"
init_refused "a FIFO" "$theirs is not a directory"
mkdir "$theirs"
mkfifo "$theirs/recipient"
init_refused "a FIFO among the keys" "$theirs/recipient is not a regular file"

step "findings"
# finding ERE - status has exactly one finding, and it matches.
finding() {
	check_exit "status for $1" 1 "$SCEAU" mailbox status alice
	check_eq "findings" "$(grep -c '^finding ' <<<"$OUTPUT")" 1
	check_match "finding" "$OUTPUT" "^finding .*$1"
}
chmod 640 "$dir/identity.server.age"
finding 'identity.server.age: others can read it: chmod 600'
chmod 600 "$dir/identity.server.age"
chmod 666 "$dir/recipient"
finding 'recipient: others can change it: chmod 644'
chmod 644 "$dir/recipient"
chmod 777 "$dir"
finding 'chmod 700'
chmod 700 "$dir"
chmod 644 /etc/sceau/server.key
finding '/etc/sceau/server.key: others can read it'
chmod 600 /etc/sceau/server.key
mv "$dir/identity.server.age" away
cp "$dir/identity.escrow.age" "$dir/identity.server.age"
chown vmail "$dir/identity.server.age"
finding "the server's key does not open it .no match"
head -c 50 away >"$dir/identity.server.age"
finding 'is not an age file'
cp away "$dir/identity.server.age"
cp "$dir/recipient" kept
printf '%s\n' "$(cat /etc/sceau/server.recipient)" >"$dir/recipient"
check_exit "a swapped recipient" 1 "$SCEAU" mailbox status alice
check_match "a swapped recipient" "$OUTPUT" 'holds another identity'
check_match "a swapped recipient" "$OUTPUT" 'names another recipient'
echo nonsense >"$dir/recipient"
finding 'recipient: not a key'
cat kept >"$dir/recipient"
check_ok "status in the end" "$SCEAU" mailbox status alice

step "keys within reach of IMAP"
# shellcheck disable=SC2086
check_exit "inside the mail root" 78 "$SCEAU" mailbox init bob $SERVER \
	--directory "$B/home/bob/Maildir/.sceau"
check_match "path and remedy" "$OUTPUT" 'Maildir/.sceau lies inside.*sceau_keys'
mkdir -m 755 "$B/home/bob/Maildir"
ln -s Maildir "$B/home/bob/elsewhere"
# shellcheck disable=SC2086
check_exit "through a link" 78 "$SCEAU" mailbox init bob $SERVER \
	--directory "$B/home/bob/elsewhere/.sceau"
check_eq "nothing was made" "$(find "$B/home/bob" -name '*sceau*')" ""

step "users and owners"
install -d -o vmail -g vmail "$B/keys"
# shellcheck disable=SC2086
check_ok "another directory" "$SCEAU" mailbox init bob $SERVER \
	--directory "$B/keys/bob/" --json
check_ok "status there" "$SCEAU" mailbox status bob --directory "$B/keys/bob"
# shellcheck disable=SC2086
check_ok "an odd name" "$SCEAU" mailbox init '../x y' $SERVER \
	--home "$B/odd" --owner 64903:64903
check_ok "its copy" test -f '/var/lib/sceau/recipients/%2E.%2Fx%20y'
check_eq "owner of a new home" "$(stat -c '%U %a' "$B/odd")" "vmail 700"
check_exit "usage" 2 "$SCEAU" mailbox init
check_exit "usage" 2 "$SCEAU" mailbox init 'a*'
check_exit "usage" 2 "$SCEAU" mailbox init a --owner root
check_exit "usage" 2 "$SCEAU" mailbox nonsense
