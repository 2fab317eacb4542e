#!/usr/bin/env bash
# test_milter_mx.sh - the mx role behind real Postfix: forged results under our
# name go, everything else arrives as it was sent, nothing is ever signed
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

sceau_have milter/sceau-milter
dkim_key home.example s1
use_mx
start_milter mx
bench_start
MXLOG=$B/log/mx
long=
for i in $(seq 1 20); do
	long+=$(printf 'dkim=pass (%0400d) header.d=x.example;\n\t.' "$i")
	long=${long%.}
done

step "every shape of our name is stripped, other names stay in order"
make_mail in.eml --from zoe@far.example --to carol@home.example --eightbit
{
	printf '%s\r\n' 'X-Before: 1' \
		'Authentication-Results: mx.home.example; dkim=pass' \
		'Authentication-Results: other.example; dkim=pass' \
		'AUTHENTICATION-results:MX.Home.Example 1; spf=pass' \
		'Authentication-Results: (a (nested) comment) mx.home.example;' \
		'	dkim=pass' \
		'Authentication-Results:' '	mx.home.example;' \
		' spf=pass' \
		'Authentication-Results: "mx.home.example"; dkim=pass' \
		'Authentication-Results: mx.home.example.net; dkim=pass' \
		'Authentication-Results: gw.mx.home.example; dkim=pass' \
		'X-Authentication-Results: mx.home.example; dkim=pass'
	printf 'Authentication-Results: mx.home.example;\n\t%sspf=pass\n' \
		"$long" | sed 's/$/\r/'
	printf '%s\r\n' 'X-After: 1'
	cat in.eml
} >forged.eml
{
	printf '%s\r\n' 'X-Before: 1' \
		'Authentication-Results: other.example; dkim=pass' \
		'Authentication-Results: mx.home.example.net; dkim=pass' \
		'Authentication-Results: gw.mx.home.example; dkim=pass' \
		'X-Authentication-Results: mx.home.example; dkim=pass' \
		'X-After: 1'
	cat in.eml
} >want.eml
[ "$(wc -c <forged.eml)" -gt 8000 ] || fail "the long field is short"
inbound_mail zoe@far.example carol@home.example forged.eml >/dev/null
wait_mails 1 carol
imap_fetch carol '*' 'BODY.PEEK[]' >got.eml
tail -c "$(wc -c <want.eml)" got.eml >got.tail
check_same "what was delivered, less its trace fields" got.tail want.eml
wait_log 10 "$MXLOG" 'action=accept, forged=6, spf=pass\(far\.example\), dkim=none, dmarc=none\(far\.example\), client=mail\.far\.example\[203\.0\.113\.10\], from=<zoe@far\.example>, to=<carol@home\.example>'

step "an honest mail arrives byte for byte, 1 MB too"
for size in 0 1000000; do
	make_mail honest.eml --from zoe@far.example --to carol@home.example \
		--eightbit --size $size --header 'User-Agent: x' \
		--header 'Received: from a by b; c' --header 'X-Mailer: y'
	before=$(mail_count carol)
	inbound_mail zoe@far.example carol@home.example honest.eml >/dev/null
	wait_mails $((before + 1)) carol
	imap_fetch carol '*' 'BODY.PEEK[]' >got.eml
	tail -c "$(wc -c <honest.eml)" got.eml >got.tail
	check_same "a mail of $size bytes" got.tail honest.eml
	wait_log 10 "$MXLOG" 'action=accept, spf=pass'
done

step "forged mail of our own domain is not signed, logged in or not"
make_mail ours.eml --from alice@home.example --to carol@home.example
before=$(mail_count carol)
inbound_mail alice@home.example carol@home.example ours.eml >/dev/null
# even where an admin names mx.sock for submission and for sendmail
milter='{unix:sceau/mx.sock,default_action=tempfail}'
postconf -P "$MX_IP:587/inet/smtpd_milters=$milter"
postfix_set "non_smtpd_milters=$milter"
postfix_reload
submit_mail alice carol@home.example ours.eml >/dev/null
sendmail -f alice@home.example carol@home.example <ours.eml
wait_mails $((before + 3)) carol
for file in $(mail_files carol); do
	check_eq "judgement of $file" "$(dkim_judge "$file")" none
done

step "many mails on one connection do not see each other"
before=$(mail_count carol)
inbound_mail zoe@far.example carol@home.example forged.eml --count 5 >/dev/null
inbound_mail zoe@far.example carol@home.example in.eml >/dev/null
wait_mails $((before + 6)) carol
check_eq "stripped" "$(grep -ac 'action=accept, forged=6,' "$MXLOG")" 6

# Postfix's cleanup would look for each from the top, and panic at last.
step "forged fields beyond measure: refused at once, also with 'accept'"
sceau_stop mx
sceau_conf 'mx_on_internal_error = accept'
start_milter mx
forged='Authentication-Results: mx.home.example; dkim=pass'
before=$(mail_count carol)
{
	printf "$forged%.0s\r\n" $(seq 999)
	cat in.eml
} >measure.eml
inbound_mail zoe@far.example carol@home.example measure.eml >/dev/null
for number in 1000 20001; do
	{
		printf "$forged%.0s\r\n" $(seq $number)
		cat in.eml
	} >beyond.eml
	check_exit "$number forged fields" 1 timeout 10 "$PYTHON" \
		"$BENCH_LIB/mailtool.py" send --server "$MX_IP:25" \
		--rcpt carol@home.example beyond.eml
	check_match "$number forged fields" "$OUTPUT" '^451 4\.7\.1 '
done
check_file "why" "$MXLOG" \
	'action=tempfail, reason=the header would need more than 1000 edits, '
check_file "why" "$MXLOG" \
	'action=tempfail, reason=more than 20000 header fields, '
check_no_file_match "Postfix" "$MAILLOG" 'panic|killed by signal'
wait_mails $((before + 1)) carol
imap_fetch carol '*' 'BODY.PEEK[]' >got.eml
check_no_file_match "999 of them" got.eml '^Authentication-Results:.* dkim=pass$'

step "the name can be chosen"
sceau_stop mx
sceau_conf 'mx_authserv_id = other.example'
start_milter mx
before=$(mail_count carol)
inbound_mail zoe@far.example carol@home.example forged.eml >/dev/null
wait_mails $((before + 1)) carol
imap_fetch carol '*' 'BODY.PEEK[]' >got.eml
check_no_file_match "other.example" got.eml \
	'^Authentication-Results: other\.example; dkim=pass'
check_file "ours" got.eml '^Authentication-Results: other\.example;.?$'
check_file "mx.home.example" got.eml \
	'^Authentication-Results: mx\.home\.example'

step "it can start and work where no key can be read"
sceau_stop mx
chmod 0 /etc/sceau/dkim
start_milter mx
inbound_mail zoe@far.example carol@home.example in.eml >/dev/null
wait_mails $((before + 2)) carol
sceau_stop mx
wait_queue
