#!/usr/bin/env bash
# test_plugin_recipients.sh - one LMTP transaction, several accounts: nobody
# gets what is sealed to another, and nobody gets plaintext who must not
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

# Without a server slot in use: what a delivering process can read back is
# only what it has just written.
plugin_setup 'sceau_require = no'
sed -i /sceau_server_key/d /etc/dovecot/bench.d/sceau.conf
for user in alice bob carol; do
	enrol "$user"
done
add_user dave
dovecot_start

# empty - all mailboxes: the next mail is then the only one.
empty() {
	find "$B"/home/*/Maildir -path '*/Maildir/[cn]*/*' -type f -delete \
		2>/dev/null || true
}

# transaction SIZE USER... - one mail to all of them, in this order.
transaction() {
	local size=$1 to replies
	shift
	empty
	to=$(printf ',%s@home.example' "$@")
	make_mail sent.eml --from zoe@far.example --size "$size"
	replies=$(lmtp_mail zoe@far.example "${to#,}" sent.eml)
	check_eq "replies" "$(grep -c '^250 ' <<<"$replies")" $#
}

# check_own WHAT USER - USER's only mail is sealed to nobody else, and is what
# was sent.
check_own() {
	local file other

	check_eq "$1: $2's mails" "$(mail_count "$2")" 1
	file=$(last_mail "$2")
	check_sealed "$1" "$file" "$2"
	for other in alice bob carol; do
		[ "$other" != "$2" ] || continue
		check_exit "$1: $2's mail with $other's identity" 1 \
			age -d -i "$B/$other.identity" -o /dev/null "$file"
	done
	check_eq "$1: links to $2's file" "$(stat -c %h "$file")" 1
	open_file "$2" "$file" | tail -c "$(wc -c <sent.eml)" >opened.eml
	check_same "$1: $2's mail" opened.eml sent.eml
}

step "three recipients, three keys, small and large"
for size in 2000 1500000; do
	transaction $size alice bob carol
	for user in alice bob carol; do
		check_own "$size bytes" $user
	done
done
check_eq "inodes" "$(stat -c %i "$(last_mail alice)" "$(last_mail bob)" \
	"$(last_mail carol)" | sort -u | wc -l)" 3

step "with one who is not enrolled, in every place"
for order in "dave alice bob" "alice dave bob" "alice bob dave"; do
	# shellcheck disable=SC2086
	transaction 2000 $order
	check_own "order $order" alice
	check_own "order $order" bob
	file=$(last_mail dave)
	tail -c "$(wc -c <sent.eml)" "$file" >opened.eml
	check_same "dave's plaintext ($order)" opened.eml sent.eml
	check_eq "links to dave's file" "$(stat -c %h "$file")" 1
done

step "one whose key directory is broken takes nothing from the others"
mv "$B/home/bob/.sceau/recipient" "$B/bob.recipient"
empty
make_mail sent.eml --from zoe@far.example
check_exit "transaction" 1 lmtp_mail zoe@far.example \
	alice@home.example,bob@home.example,carol@home.example sent.eml
check_eq "replies" "$(cut -c 1-3 <<<"$OUTPUT" | xargs)" "250 451 250"
check_own "beside a broken one" alice
check_own "beside a broken one" carol
check_eq "bob's mails" "$(mail_count bob)" 0
check_file "log" "$DOVECOTLOG" \
	"sceau: mail not saved: .*/bob/.sceau/recipient is missing"
mv "$B/bob.recipient" "$B/home/bob/.sceau/recipient"

step "a broken first one takes nothing from those behind"
mv "$B/home/alice/.sceau/recipient" "$B/alice.recipient"
empty
check_exit "transaction" 1 lmtp_mail zoe@far.example \
	alice@home.example,bob@home.example,carol@home.example sent.eml
check_eq "replies" "$(cut -c 1-3 <<<"$OUTPUT" | xargs)" "451 250 250"
check_own "behind a broken one" bob
check_own "behind a broken one" carol
mv "$B/alice.recipient" "$B/home/alice/.sceau/recipient"

step "no plaintext of the enrolled anywhere"
hits=$(grep -rlaF 'a line of an ordinary letter' "$B"/home/{alice,bob,carol} ||
	true)
check_eq "files with plaintext" "$hits" ""
