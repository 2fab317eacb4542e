#!/usr/bin/env bash
# test_milter_sign.sh - the sign role behind real Postfix: what our users and
# this host write leaves clean and signed, whatever strangers try does not
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

sceau_have milter/sceau-milter
dkim_key home.example s1
use_sign
start_milter sign
bench_start
SIGNLOG=$B/log/sign
MARKS=(--header 'User-Agent: Sealbird/1.0' --header 'X-Mailer: Sealer 2'
	--header 'X-Originating-IP: [192.0.2.77]'
	--header 'Received: from pc (pc.lan [192.168.7.7]) by laptop.lan'
	--header 'X-Sender-IP: 192.168.7.7'
	--header 'Mime-Version: 1.0 (Sealbird 1.0)')

# judged FILE - a mail that left: clean, and signed as dkimpy sees it.
judged() {
	check_eq "judgement by dkimpy of $1" "$(dkim_judge "$1")" \
		"pass d=home.example s=s1"
	check_eq "signatures of $1" \
		"$(grep -ci '^DKIM-Signature:' "$1")" 1
	check_no_file_match "traces of the author in $1" "$1" \
		'192\.0\.2\.77|192\.168\.7\.7|laptop\.isp|Sealbird|^(User-Agent|X-Mailer|X-Originating-IP|X-Sender-IP):'
}

# unsigned FILE - dkimpy finds nothing in it.
unsigned() {
	check_eq "judgement by dkimpy of $1" "$(dkim_judge "$1")" none
}

# decided QUEUE-LINE - the log says so for the last mail.
decided() {
	wait_log 10 "$SIGNLOG" "$1"
	check_match "last decision" "$(grep -a ' action=' "$SIGNLOG" |
		tail -n 1)" "$1"
}

step "submission: cleaned and signed; 8 bit, 1 MB, SMTPUTF8 likewise"
make_mail plain.eml "${MARKS[@]}"
make_mail eightbit.eml "${MARKS[@]}" --eightbit
make_mail big.eml "${MARKS[@]}" --size 1000000
make_mail bigeight.eml "${MARKS[@]}" --eightbit --size 1000000
number=0
for mail in plain eightbit big bigeight; do
	submit_mail alice zoe@far.example $mail.eml >/dev/null
	number=$((number + 1))
	sink_wait $number
	judged "$(sink_last)"
	decided 'action=sign, reason=authenticated, d=home.example, s=s1, cleaned=yes, user=alice, client=.*, from=<alice@home.example>, to=<.*@far.example>'
done
check_eq "text of the big mail" \
	"$(sed '1,/^\r$/d' "$(sink_last)" | sha256sum)" \
	"$(sed '1,/^\r$/d' bigeight.eml | sha256sum)"
check_file "our own hop, with queue id and date" "$(sink_last)" \
	'^Received: by mx\.home\.example \(Postfix\) id [0-9A-F]+; [MTWFS]'

step "a blind copy's recipient is not told"
make_mail bcc.eml --header 'Bcc: carol@far.example'
submit_mail alice carol@far.example bcc.eml >/dev/null
sink_wait 5
judged "$(sink_last)"
check_no_file_match "the blind recipient" "$(sink_last)" carol

step "what has no key of ours passes cleaned, not signed, with the reason"
make_mail other.eml "${MARKS[@]}" --from alice@elsewhere.example
submit_mail alice zoe@far.example other.eml >/dev/null
sink_wait 6
unsigned "$(sink_last)"
check_no_file_match "traces" "$(sink_last)" '^(User-Agent|X-Mailer):'
decided 'action=none, reason=no-key, author=elsewhere.example, cleaned=yes'
make_mail two.eml --header 'From: bob@home.example'
submit_mail alice zoe@far.example two.eml >/dev/null
sink_wait 7
unsigned "$(sink_last)"
decided 'action=none, reason=many-from'

step "a mail with our signature is not signed again"
submit_mail alice zoe@far.example "$(sink_mail 1)" >/dev/null
sink_wait 8
check_eq "signatures" "$(grep -c '^DKIM-Signature:' "$(sink_last)")" 1
decided 'action=none, reason=already-signed, author=home.example'

step "cron's mail through sendmail is signed"
printf '%s\n' 'From: root <root@home.example>' 'To: zoe@far.example' \
	'Subject: Cron' '' 'done' | sendmail zoe@far.example
sink_wait 9
judged "$(sink_last)"

step "a vacation reply is signed, a redirected foreign mail is not"
sieve_script bob <<'END'
require ["vacation"];
redirect "away@other.example";
vacation "I am away.";
END
make_mail forged.eml --from ceo@home.example --to bob@home.example \
	--header 'Received: from localhost (localhost [127.0.0.1]) by mx.home.example (Postfix) with ESMTPSA id 1; Mon, 23 Nov 2026 06:00:00 +0000 (UTC)'
inbound_mail zoe@far.example bob@home.example forged.eml >/dev/null
sink_wait 11
for mail in $(sink_mail 10) $(sink_mail 11); do
	if grep -q '^Subject: Auto: ' "$mail"; then
		judged "$mail"
	else
		check_file "the redirected mail" "$mail" '^From: ceo@home.ex'
		unsigned "$mail"
		check_file "its trace stays" "$mail" '^Received: from mail\.far'
	fi
done
check_file "why" "$SIGNLOG" 'action=none, reason=redirected'
check_eq "signed: one of the two" \
	"$(cat "$(sink_mail 10)" "$(sink_mail 11)" | grep -c ^DKIM-Sig)" 1

step "sendmail hands in what came from elsewhere: not signed"
{
	echo 'Received: from evil (evil [203.0.113.66]) by mx.home.example (Postfix) with ESMTP id X'
	cat plain.eml
} | sendmail -f alice@home.example zoe@far.example
sink_wait 12
unsigned "$(sink_last)"
decided 'action=none, reason=foreign'

step "forged mail from outside, sign.sock named in main.cf: not signed"
postfix_set 'smtpd_milters={ unix:sceau/sign.sock, default_action=tempfail }'
postfix_reload
: >"$SIGNLOG"
make_mail forged2.eml --from alice@home.example --to carol@home.example
make_mail forged3.eml --from alice@home.example --to carol@home.example \
	--header 'Received: from laptop (laptop [192.0.2.77]) (Authenticated sender: alice) by mx.home.example (Postfix) with ESMTPSA id 1; Mon, 23 Nov 2026 06:00:00 +0000 (UTC)'
number=0
for mail in forged2 forged3; do
	for helo in mail.far.example localhost mx.home.example \
		'x(ESMTPSA)' ORIGINATING; do
		inbound_mail alice@home.example carol@home.example \
			$mail.eml --helo "$helo" >/dev/null
		number=$((number + 1))
	done
	# as a careless content filter would hand it on
	mailtool send --server 127.0.0.1:25 --mail-from alice@home.example \
		--rcpt carol@home.example $mail.eml >/dev/null
	number=$((number + 1))
done
wait_mails $number carol
for file in $(mail_files carol); do
	unsigned "$file"
done
check_eq "verdicts" "$(grep -ac 'action=none, reason=not-submitted' \
	"$SIGNLOG")" $number
check_no_file_match "signed" "$SIGNLOG" 'action=sign'

step "a forged mail to a stranger leaves unsigned, too"
postfix_set relay_domains=far.example
postfix_reload
inbound_mail alice@home.example zoe@far.example forged2.eml >/dev/null
sink_wait 13
unsigned "$(sink_last)"

step "re-injection by a content filter: ours is signed once, theirs never"
postfix_listener 127.0.0.1:10029 -o milter_macro_daemon_name=ORIGINATING \
	-o smtpd_milters='{ unix:sceau/sign.sock, default_action=tempfail }' \
	-o cleanup_service_name=sceau-clean
postfix_set 'smtpd_milters='
postconf -P "$MX_IP:587/inet/smtpd_milters=" \
	"$MX_IP:587/inet/content_filter=smtp:[127.0.0.1]:10029"
postfix_set 'content_filter=smtp:[127.0.0.1]:10029'
postconf -P "127.0.0.1:10029/inet/content_filter="
postfix_reload
make_mail filtered.eml --eightbit --header "User-Agent: x"
submit_mail alice zoe@far.example filtered.eml >/dev/null
sink_wait 14
judged "$(sink_last)"
inbound_mail alice@home.example zoe@far.example forged2.eml >/dev/null
sink_wait 15
unsigned "$(sink_last)"
decided 'action=none, reason=foreign'

step "counters, clean end"
stats=$("$PYTHON" - <<'END'
import socket
s = socket.socket(socket.AF_UNIX)
s.connect("/run/sceau/sign.ctl")
s.sendall(b'{"do":"stats"}\n')
print(s.makefile().readline())
END
)
check_match "stats" "$stats" '"role": ?"sign".*"failures": ?0.*"ok": ?true'
check_eq "user of the process" \
	"$(ps -o user= -p "${SCEAU_PIDS[sign]}" | cut -c1-7)" "_sceau-"
sceau_stop sign
check_file "end" "$SIGNLOG" 'stopped'
wait_queue
