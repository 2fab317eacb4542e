#!/usr/bin/env bash
# test_milter_lines.sh - the files of packaging/postfix for Debian 12, as they
# are shipped: Postfix takes them, and a mail leaves clean and signed
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

sceau_have milter/sceau-milter
LINES_DIR=$BENCH_TOP/packaging/postfix
dkim_key home.example s1
install -D -m 644 "$LINES_DIR/received.pcre" \
	/etc/sceau/postfix/received.pcre
postconf -MX "$MX_IP:587/inet" sceau-clean/unix
cat "$LINES_DIR/master.cf.debian12" >>/etc/postfix/master.cf
cat "$LINES_DIR/main.cf.milter" >>/etc/postfix/main.cf
# what an admin has set already
postfix_set smtpd_sasl_type=dovecot smtpd_sasl_path=private/auth
# there is no certificate in here
postconf -P submission/inet/smtpd_tls_security_level=none
start_milter sign
start_milter mx
bench_start

step "Postfix understands every line"
check_exit "postfix check" 0 postfix check
check_eq "unused or unknown parameters" "$(postconf 2>&1 >/dev/null |
	grep -i warning || true)" ""
check_eq "its milter" "$(postconf -Ph submission/inet/smtpd_milters)" \
	'{ unix:sceau/sign.sock, default_action=tempfail }'

step "submitted mail: no client in any Received, one of ours stays"
make_mail out.eml --header 'User-Agent: x'
# HELO names and addresses that try to end up in the field
number=0
for helo in laptop.lan '[192.0.2.77]' \
	'laptop.isp.example' 'a(b)c' 'with.ESMTPA.id.1'; do
	submit_mail alice zoe@far.example out.eml --helo "$helo" >/dev/null
	number=$((number + 1))
	sink_wait $number
	check_eq "judged" "$(dkim_judge "$(sink_last)")" \
		"pass d=home.example s=s1"
	check_no_file_match "the client" "$(sink_last)" \
		'192\.0\.2\.77|laptop\.(isp|lan) |^User-Agent'
	check_eq "Received fields" "$(grep -c '^Received:' "$(sink_last)")" 1
	check_file "ours" "$(sink_last)" \
		'^Received: by mx\.home\.example \(Postfix\) id [0-9A-F]+; [A-Z][a-z]{2}, .* \+0000 \(UTC\)'
done
queue_id=$(sed -n 's/^Received: .* id \([0-9A-F]*\);.*/\1/p' "$(sink_last)")
check_file "its queue id, in the log" "$MAILLOG" "qmgr.*: $queue_id: from="

step "two recipients: the same"
submit_mail alice zoe@far.example,yan@far.example out.eml >/dev/null
wait_queue
sink_wait 6
check_no_file_match "the client" "$(sink_last)" \
	'192\.0\.2\.77|laptop\.(isp|lan) '
check_eq "judged" "$(dkim_judge "$B"/outside/*.eml)" \
	"pass d=home.example s=s1"

step "other shapes of Postfix's own field"
# rewritten WHAT FIELD WANT
rewritten() {
	check_eq "$1" "$(postmap -q "$2" \
		pcre:/etc/sceau/postfix/received.pcre || true)" "$3"
}
date='Mon, 23 Nov 2026 06:00:00 +0000 (UTC)'
good="REPLACE Received: by mx.home.example (Postfix) id 4B1C; $date"
rewritten "TLS and login name" "Received: from [10.0.0.5] (gw.isp.example [192.0.2.77])
	(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
	 key-exchange X25519 server-signature RSA-PSS (2048 bits))
	(No client certificate requested)
	(Authenticated sender: alice@home.example)
	by mx.home.example (Postfix) with ESMTPSA id 4B1C
	for <zoe@far.example>; $date" "$good"
rewritten "SMTPUTF8" "Received: from a (b [IPv6:2001:db8::7])
	by mx.home.example (Postfix) with UTF8SMTPSA id 4B1C
	for <zo\u00e9@far.example>; $date" "$good"
rewritten "SMTP" "Received: from a (b [192.0.2.77])
	by mx.home.example (Debian (GNU)) with SMTPA id 4B1C; $date" "$good"
rewritten "a HELO that poses as the rest" \
	"Received: from x by evil (Postfix) with ESMTPSA id 9 for <y (b [192.0.2.77])
	by mx.home.example (Postfix) with ESMTPSA id 4B1C; $date" "$good"
rewritten "a recipient that poses as the rest" \
	"Received: from a (b [192.0.2.77])
	by mx.home.example (Postfix) with ESMTPSA id 4B1C
	for <\"x;y\"@far.example>; $date" "$good"
rewritten "a shape of tomorrow" "Received: from a (b [192.0.2.77])
	by mx.home.example with ESMTPSA tls id 4B1C" IGNORE
rewritten "no login" "Received: from a (b [203.0.113.10])
	by mx.home.example (Postfix) with ESMTPS id 4B1C; $date" ""
rewritten "sendmail" "Received: by mx.home.example (Postfix, from userid 0)
	id 4B1C; $date" ""
rewritten "another field" "X-Received: from a (b [192.0.2.77])
	by mx.home.example (Postfix) with ESMTPSA id 4B1C; $date" ""

step "a mail attached to it keeps its own fields"
{
	printf '%s\r\n' 'From: alice@home.example' 'To: zoe@far.example' \
		'Subject: see below' 'MIME-Version: 1.0' \
		'Content-Type: message/rfc822' '' \
		'Received: from pc (pc.lan [192.168.7.7]) by x with ESMTPA id 1; y' \
		'From: somebody@else.example' 'X-Mailer: kept' '' 'text'
} >attached.eml
count=$(sink_count)
submit_mail alice zoe@far.example attached.eml >/dev/null
sink_wait $((count + 1))
check_file "inner Received" "$(sink_last)" '^Received: from pc \(pc\.lan'
check_file "inner X-Mailer" "$(sink_last)" '^X-Mailer: kept'
check_eq "judged" "$(dkim_judge "$(sink_last)")" "pass d=home.example s=s1"

step "mail from outside keeps its Received, sendmail's is signed"
make_mail in.eml --from zoe@far.example --to carol@home.example
inbound_mail zoe@far.example carol@home.example in.eml >/dev/null
wait_mails 1 carol
check_file "the stranger's hop" "$(mail_files carol)" \
	'^Received: from mail\.far\.example .*\[203\.0\.113\.10\]'
count=$(sink_count)
printf 'From: root@home.example\nSubject: cron\n\nx\n' |
	sendmail zoe@far.example
sink_wait $((count + 1))
check_eq "judged" "$(dkim_judge "$(sink_last)")" "pass d=home.example s=s1"
