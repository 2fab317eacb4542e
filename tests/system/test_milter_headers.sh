#!/usr/bin/env bash
# test_milter_headers.sh - header rules behind real Postfix: the shapes of five
# mail programs leave clean and validly signed, mail of others leaves byte for
# byte, a faulty file changes nothing
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

sceau_have milter/sceau-milter
dkim_key home.example s1
use_sign
cat >/etc/sceau/headers <<'END_RULES'
keep       User-Agent         account=bob
delete     X-Ms-*
delete     Thread-Index
replace    Organization       /^Example.*$/ Home
replace    X-Ticket           /^(\d+) .*$/ no. $1
anonymise  Received
END_RULES
start_milter sign
bench_start
SIGNLOG=$B/log/sign
COMMON='From: Alice <alice@home.example>
To: zoe@far.example
Date: Mon, 23 Nov 2026 09:00:00 +0100
Organization: Example Works, cellar'
TAIL='X-Ticket: 42 secret words

X-Mailer: this line is text'
sent=0

# mail FILE FIELDS... - a mail of alice's program, lines ended by CRLF.
mail() {
	local file=$1
	shift
	printf '%s\n' "$@" "$COMMON" "Message-ID: <$file@home.example>" \
		"Subject: $file" "$TAIL" | sed 's/$/\r/' >"$file"
}

# leaves USER FILE - it is handed in, and leaves.
leaves() {
	submit_mail "$1" zoe@far.example "$2" >/dev/null
	sent=$((sent + 1))
	sink_wait $sent
}

# clean FILE - nothing of its author's world is left, dkimpy finds it signed.
clean() {
	check_eq "judgement of $1" "$(dkim_judge "$1")" "pass d=home.example s=s1"
	sed '/^\r$/q' "$1" >top.txt
	check_no_file_match "traces in the header of $1" top.txt \
		'192\.0\.2\.77|192\.168\.|laptop|cellar|secret|^(User-Agent|X-Mailer|X-Originating-IP|X-Sender|X-Enigmail|Thread-Index|X-Ms-.*):'
	check_no_file_match "comment of $1" "$1" '^M[Ii][Mm][Ee]-Version:.*\('
	check_file "replaced" "$1" $'^Organization: Home\r$'
	check_file "with a group" "$1" $'^X-Ticket: no\\. 42\r$'
	check_file "the text" "$1" '^X-Mailer: this line is text'
}

# reload - the sign role has read its settings again.
reload() {
	local before
	before=$(grep -ac 'settings read again' "$SIGNLOG" || true)
	kill -HUP "${SCEAU_PIDS[sign]}"
	wait_for 15 "settings read again" read_again "$before"
}

read_again() {
	[ "$(grep -ac 'settings read again' "$SIGNLOG")" -gt "$1" ]
}

step "Thunderbird, Outlook, Apple Mail, K-9, Roundcube"
mail thunderbird.eml 'MIME-Version: 1.0' \
	'User-Agent: Mozilla Thunderbird' 'Content-Language: en-US' \
	'X-Enigmail-Draft-Status: N11100' 'X-Enigmail: auto' \
	'Content-Type: text/plain; charset=UTF-8; format=flowed' \
	'Content-Transfer-Encoding: 7bit'
mail outlook.eml 'MIME-Version: 1.0' \
	'Content-Type: text/plain;' "$(printf '\tcharset="us-ascii"')" \
	'Content-Transfer-Encoding: 7bit' 'X-Mailer: Microsoft Outlook 16.0' \
	'Thread-Index: AQHZ1kq7m0Q0u3Cq' 'X-Ms-Has-Attach:' \
	'X-MS-TNEF-Correlator:' 'X-Originating-IP: [192.168.7.7]' \
	'Content-Language: de'
mail apple.eml 'Content-Type: text/plain;' "$(printf '\tcharset=utf-8')" \
	'Content-Transfer-Encoding: quoted-printable' \
	'Mime-Version: 1.0 (Mac OS X Mail 16.0 \(3774.600.62\))' \
	'X-Mailer: Apple Mail (2.3774.600.62)' \
	'X-Universally-Unique-Identifier: 4C0C0B5A-2F3E'
mail k9.eml 'User-Agent: K-9 Mail for Android' 'MIME-Version: 1.0' \
	'Content-Type: text/plain;' ' charset=utf-8' \
	'Content-Transfer-Encoding: 7bit' 'Autocrypt: addr=alice@home.example'
mail roundcube.eml 'MIME-Version: 1.0' \
	'Received: from [192.168.7.7]' \
	"$(printf '\tby webmail.laptop.example\n\twith HTTP (HTTP/1.1 POST); Mon, 23 Nov 2026 09:00:00 +0100')" \
	'User-Agent: Roundcube Webmail/1.6.5' \
	'X-Sender: alice@home.example' \
	'Content-Type: text/plain; charset=US-ASCII;' ' format=flowed' \
	'Content-Transfer-Encoding: 7bit'
for program in thunderbird outlook apple k9 roundcube; do
	leaves alice $program.eml
	clean "$(sink_last)"
	check_file "our hop" "$(sink_last)" \
		'^Received: by mx\.home\.example \(Postfix\) id'
done
wait_log 10 "$SIGNLOG" 'action=sign, .*cleaned=yes, user=alice'
check_no_file_match "no rule gave up" "$SIGNLOG" 'header-rules='

step "a rule for one account"
submit_mail bob zoe@far.example thunderbird.eml >/dev/null
sent=$((sent + 1))
sink_wait $sent
check_file "his wish" "$(sink_last)" '^User-Agent: Mozilla Thunderbird'
check_eq "judgement" "$(dkim_judge "$(sink_last)")" \
	"pass d=home.example s=s1"

step "an attached message keeps its header"
mail forward.eml 'MIME-Version: 1.0' 'User-Agent: x' \
	'Content-Type: multipart/mixed; boundary=b'
{
	sed '/^\r$/q' forward.eml
	printf '%s\r\n' --b 'Content-Type: message/rfc822' '' \
		'Received: from x (x [198.18.0.1]) by y; Mon, 23 Nov 2026 09:00:00 +0100' \
		'User-Agent: theirs' 'Mime-Version: 1.0 (theirs)' \
		'Thread-Index: theirs' '' text --b--
} >attached.eml
leaves alice attached.eml
check_eq "judgement" "$(dkim_judge "$(sink_last)")" "pass d=home.example s=s1"
check_eq "text with the attached message" \
	"$(sed '1,/^\r$/d' "$(sink_last)" | sha256sum)" \
	"$(sed '1,/^\r$/d' attached.eml | sha256sum)"
check_eq "User-Agent lines" "$(grep -c '^User-Agent:' "$(sink_last)")" 1

step "mail of lists, forwarded and signed mail leaves byte for byte"
TRACES=('User-Agent: u' 'X-Mailer: m' 'Mime-Version: 1.0 (c)'
	'Thread-Index: t')
mail list.eml 'List-Id: <l.home.example>' "${TRACES[@]}"
mail mlmmj.eml 'Precedence: list' "${TRACES[@]}"
mail resent.eml 'Resent-From: alice@home.example' \
	'Resent-Date: Mon, 23 Nov 2026 09:00:00 +0100' "${TRACES[@]}"
mail delivered.eml 'Delivered-To: alice@home.example' "${TRACES[@]}"
mail signed.eml 'DKIM-Signature: v=1; a=rsa-sha256; d=far.example; s=x; h=from;' \
	"$(printf '\tbh=AAAA; b=BBBB')" "${TRACES[@]}"
for mail in list mlmmj resent delivered signed; do
	# Postfix writes each header line as it came; ours stand above
	leaves alice $mail.eml
	size=$(stat -c %s $mail.eml)
	check_eq "bytes of $mail" \
		"$(tail -c "$size" "$(sink_last)" | sha256sum)" \
		"$(sha256sum <$mail.eml)"
done
check_eq "cleaned mails in the log" \
	"$(grep -ac 'cleaned=yes' "$SIGNLOG")" 7

step "a faulty file: the old rules stay, the log has file and line"
cp /etc/sceau/headers good
printf '%s\n' '# new' 'delete X-Other' 'delete X-Ticket /(x/' \
	>/etc/sceau/headers
kill -HUP "${SCEAU_PIDS[sign]}"
wait_log 15 "$SIGNLOG" \
	'/etc/sceau/headers:3: /\(x/: missing closing parenthesis.*still working with the settings of before'
leaves alice outlook.eml
clean "$(sink_last)"

step "a good one is in use for the next mail"
printf '%s\n' 'keep *' >/etc/sceau/headers
reload
leaves alice outlook.eml
check_file "kept" "$(sink_last)" '^X-Mailer: Microsoft Outlook'
check_eq "judgement" "$(dkim_judge "$(sink_last)")" \
	"pass d=home.example s=s1"

step "an expression without end: the mail leaves, the log names the line"
printf '%s\n' '#' 'delete X-Long /^(a+)+$/' >/etc/sceau/headers
reload
mail long.eml "X-Long: $(printf 'a%.0s' {1..60})b" 'User-Agent: u'
leaves alice long.eml
wait_log 15 "$SIGNLOG" 'cleaned=yes, header-rules=gave up in line 2'
check_eq "judgement" "$(dkim_judge "$(sink_last)")" \
	"pass d=home.example s=s1"

step "re-injected by a content filter: the hop stays, its client does not"
cp good /etc/sceau/headers
reload
postconf -P "$MX_IP:587/inet/smtpd_milters=" \
	"$MX_IP:587/inet/cleanup_service_name=cleanup" \
	"$MX_IP:587/inet/content_filter=smtp:[127.0.0.1]:10029"
postfix_listener 127.0.0.1:10029 -o milter_macro_daemon_name=ORIGINATING \
	-o smtpd_milters='{ unix:sceau/sign.sock, default_action=tempfail }' \
	-o cleanup_service_name=sceau-clean
postconf -P "127.0.0.1:10029/inet/content_filter="
postfix_reload
leaves alice k9.eml
clean "$(sink_last)"
check_file "the hop of the submission" "$(sink_last)" \
	'^Received: from mx\.home\.example'
sceau_stop sign
wait_queue
