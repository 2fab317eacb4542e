#!/usr/bin/env bash
# demo-world.sh - the demo's mail, inside private namespaces
# SPDX-License-Identifier: MIT
#
# Run by packaging/demo. Uses the bench of the system tests: real servers,
# addresses of a small Internet on lo, paths of a real installation.
. "$(dirname "$0")/../../tests/system/lib/bench.sh"

PROOFS=0
LIMIT=5

section() {
	printf '\n== %s\n' "$*"
}

tell() {
	printf '%s\n' "$@" | fold -s -w 78
}

# proved TEXT... - reached only when the checks before it held.
proved() {
	PROOFS=$((PROOFS + 1))
	printf '   proved: %s\n' "$*"
}

# show FILE - the header of a mail and the begin of its text.
show() {
	awk '{ sub(/\r$/, "") }
		!body { print; if ($0 == "") body = 1; next }
		n++ < 2 { print } n == 3 { print "..." }' "$1" |
		expand -t 4 | fold -s -w 76 | sed 's/^/   | /'
}

body_sum() {
	sed '1,/^\r*$/d' "$1" | sha256sum | cut -d' ' -f1
}

# The bench skips what cannot run; a demo that cannot run has failed.
skip() {
	fail "the demo needs this: $*"
}

# run COMMAND... - show a command of the admin's, and what it says.
run() {
	printf '   # %s\n' "$*"
	"$@" >said 2>&1 || fail "$*: $(cat said)"
	sed "s|$B||" said | fold -w 74 | sed 's/^/   | /'
}

start_world() {
	section "A small Internet on this machine"
	tell "home.example is ours: Postfix and Dovecot on $MX_IP." \
		"far.example is a stranger's server on $FAR_IP." \
		"alice and bob are our users; they send from $LAPTOP_IP." \
		"DNS for all of it is a private unbound."
	echo "hourly account messages $LIMIT/1h" >/etc/sceau/limits
	dns_start
	dkim_key home.example demo
	run sceau mailbox server-key
	use_sign
	use_mx
	use_policy
	use_plugin 'sceau_server_key = </etc/sceau/server.key'
	start_milter mx
	start_milter sign
	start_policyd
	bench_start
	tell "Running: Postfix $(postconf -h mail_version) and Dovecot $(
		dovecot --version | cut -d' ' -f1) with sceau's plugin;" \
		"sceau-milter as mx and as sign, sceau-policyd:"
	ps -o user:12,args -p "$(IFS=,; echo "${SCEAU_PIDS[*]}")" |
		sed "s#$B/bin/##; s/^/   | /"
	tell "alice's mailbox gets its keys:"
	run sceau mailbox init alice@home.example --server /etc/sceau/server.recipient
}

# outgoing NUMBER WHAT MAKE-OPTIONS... - alice's mail to zoe@far.example.
outgoing() {
	local number=$1 what=$2 file=out$1.eml got
	shift 2
	make_mail "$file" --subject "$what" --message-id "<$number@home.example>" \
		--header "Received: from kitchen.lan ([10.0.0.7]) by laptop.lan; Mon, 2 Mar 2026 10:00:00 +0000" \
		--header "X-Originating-IP: [$LAPTOP_IP]" \
		--header 'User-Agent: Mozilla Thunderbird' \
		--header 'X-Mailer: Kitchen Mailer 7' "$@"
	tell "" "alice submits $what ($(wc -c <"$file") bytes) from $LAPTOP_IP:"
	[ "$number" != 1 ] || show "$file"
	submit_mail alice zoe@far.example "$file" | sed 's/^/   Postfix: /'
	sink_wait "$number"
	got=$(sink_mail "$number")
	tell "far.example received:"
	show "$got"
	check_no_file_match "the client's address" "$got" \
		"192\.0\.2\.77|10\.0\.0\.7|laptop|kitchen"
	proved "nothing names the client's address or host"
	check_no_file_match "the client's program" "$got" \
		'^([Uu]ser-[Aa]gent|X-Mailer|X-Originating-IP):'
	proved "no User-Agent, X-Mailer or X-Originating-IP"
	check_eq "dkimpy's verdict" "$(dkim_judge "$got" 2>&1)" \
		"pass d=home.example s=demo"
	proved "DKIM pass, judged by dkimpy with the key from the DNS"
	check_eq "sha256 of the text" "$(body_sum "$got")" "$(body_sum "$file")"
	proved "the text arrived byte for byte"
}

# What a proof about trace fields needs: the names of the header fields in
# standard input, each once, sorted.
field_names() {
	sed 's/\r$//' | grep -v '^[[:blank:]]' | sed 's/:.*//' | sort -u | xargs
}

# open_with_age USER FILE OUT - by Debian's age alone: the server's key opens
# the account's identity, that opens the mail.
open_with_age() {
	age -d -i /etc/sceau/server.key -o "$1.identity" \
		"$B/home/$1/.sceau/identity.server.age"
	age -d -i "$1.identity" -o "$3" "$2"
	rm -f "$1.identity"
}

# incoming NUMBER WHAT MAKE-OPTIONS... - zoe's mail to alice.
incoming() {
	local number=$1 what=$2 stored
	shift 2
	make_mail in.eml --from zoe@far.example --to alice@home.example \
		--subject 'The secret of the cellar' \
		--message-id "<$number@far.example>" \
		--body 'The key is under the mat.' "$@"
	tell "" "zoe@far.example writes $what to alice ($(wc -c <in.eml) bytes):"
	inbound_mail zoe@far.example alice@home.example in.eml |
		sed 's/^/   Postfix: /'
	wait_mails "$number" alice
	stored=$(mail_files alice | tail -n 1)
	tell "Its file in her Maildir ($(wc -c <"$stored") bytes) begins:"
	head -n 3 "$stored" | cat -v | fold -w 74 | sed 's/^/   | /'
	check_eq "first line of the file" "$(head -n 1 "$stored")" \
		age-encryption.org/v1
	check_eq "files under her home that show the text" \
		"$(grep -rlaE 'cellar|under the mat' "$B/home/alice" || true)" ""
	proved "an age v1 file; no file under her home shows the mail's text"
	open_with_age alice "$stored" opened.eml
	imap_fetch alice '*' 'BODY.PEEK[]' >imap.eml
	tell "sha256 of what Debian's own \"age -d\" makes of it, of IMAP's BODY[]:" \
		"   $(sha256sum <opened.eml | cut -d' ' -f1)" \
		"   $(sha256sum <imap.eml | cut -d' ' -f1)"
	check_same "age -d and BODY[]" opened.eml imap.eml
	proved "age -d and IMAP give the same bytes"
	tail -c "$(wc -c <in.eml)" opened.eml >less-trace.eml
	check_same "the mail less its trace fields" less-trace.eml in.eml
	check_eq "what was put before it" \
		"$(head -c -"$(wc -c <in.eml)" opened.eml | field_names)" \
		"Authentication-Results Delivered-To Received Return-Path"
	proved "that is what zoe sent, after the trace fields of its way here"
	check_match "Authentication-Results" "$(head -n 12 opened.eml)" \
		'spf=pass'
	tell "What the mx role found out about it:"
	sed -n '/^Authentication-Results:/,/^[^[:blank:]A]/p' opened.eml |
		sed '/^[^[:blank:]A]/d; s/^/   | /'
	proved "far.example's SPF policy allows the host it came from"
}

limited() {
	local file=out1.eml i reply

	section "A limit: $LIMIT messages an hour and account"
	sed 's/^/   \/etc\/sceau\/limits: /' /etc/sceau/limits
	for ((i = 1; i <= LIMIT; i++)); do
		reply=$(submit_mail bob zoe@far.example "$file") ||
			fail "message $i of $LIMIT: got $reply, want 250"
	done
	tell "bob's first $LIMIT messages: accepted ($reply)."
	check_exit "message $((LIMIT + 1))" 1 \
		submit_mail bob zoe@far.example "$file"
	tell "bob's next one:" "   Postfix: $OUTPUT"
	check_match "reply" "$OUTPUT" '^450 4\.7\.1 '
	proved "message $((LIMIT + 1)) over a limit of $LIMIT gets 450"
	reply=$(submit_mail alice zoe@far.example "$file") ||
		fail "alice after bob's limit: got $reply, want 250"
	proved "alice is not held up by bob"
}

start_world
section "Mail to the outside, clean and signed"
outgoing 1 "a letter"
outgoing 2 "an 8-bit letter" --eightbit
outgoing 3 "a letter of 1 MB" --size 1048576
section "Mail from outside, sealed on disk"
incoming 1 "an 8-bit letter" --eightbit
incoming 2 "a letter of 1 MB" --size 1048576
limited
section "What sceau's daemons logged (the last lines of each)"
for name in mx sign policy; do
	grep action= "$B/log/$name" | tail -n 2
done | fold -s -w 74 | sed 's/^/   | /'
bench_stop
printf '\n%d proofs held.\n' "$PROOFS"
