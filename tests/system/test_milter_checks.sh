#!/usr/bin/env bash
# test_milter_checks.sh - SPF, DKIM and DMARC of the mx role, behind real
# Postfix and with real DNS; dkimpy signs, authres reads what was written
# SPDX-License-Identifier: MIT
# ctest-timeout: 400
. "$(dirname "$0")/lib/bench.sh"

sceau_have milter/sceau-milter
"$PYTHON" -c 'import authres, dkim' || skip "python3-authres or -dkim is missing"
use_mx
MXLOG=$B/log/mx

# remote_key DOMAIN SELECTOR - a key of somebody else, and its record.
remote_key() {
	openssl genrsa -out "$B/$1.$2.key" 2048 2>/dev/null
	dkim_record "$1" "$2" "$B/$1.$2.key"
}

# remote_sign DOMAIN SELECTOR FILE - put a signature on top of the mail.
remote_sign() {
	"$PYTHON" - "$1" "$2" "$B/$1.$2.key" "$3" <<-'END'
	import sys, dkim
	domain, selector, key, path = sys.argv[1:]
	mail = open(path, "rb").read()
	field = dkim.sign(mail, selector.encode(), domain.encode(),
	                  open(key, "rb").read(),
	                  include_headers=[b"from", b"subject"])
	open(path, "wb").write(field + mail)
	END
}

# results - what authres reads from carol's last mail: one line a result.
results() {
	imap_fetch carol '*' 'BODY.PEEK[]' >got.eml
	"$PYTHON" - got.eml <<-'END'
	import email, email.policy, re, sys, authres
	mail = email.message_from_binary_file(open(sys.argv[1], "rb"))
	fields = [v for v in mail.get_all("Authentication-Results", [])
	          if "mx.home.example" in v]
	assert len(fields) == 1, fields
	parsed = authres.AuthenticationResultsHeader.parse(
	    "Authentication-Results: " + fields[0])
	assert parsed.authserv_id == "mx.home.example"
	for r in parsed.results:
	    print(f"{r.method}={r.result}",
	          *(f"{p.type}.{p.name}={p.value}" for p in r.properties
	            if p.name not in ("b", "a", "i")))
	END
}

# send FROM FILE [options] - to carol; wait until it is there.
send() {
	local before

	before=$(mail_count carol)
	inbound_mail "$1" carol@home.example "${@:2}" >/dev/null ||
		fail "not taken: $1 ${*:2}"
	wait_mails $((before + 1)) carol
}

# refused FROM FILE REPLY [options] - it gets this reply.
refused() {
	check_exit "$1 $2" 1 inbound_mail "$1" carol@home.example "$2" "${@:4}"
	check_match "$1 $2" "$OUTPUT" "$3"
}

# settings LINE... - start again with these.
settings() {
	sceau_stop mx
	printf '%s\n' 'dns_trust_anchor =' "$@" >/etc/sceau/sceau.conf
	start_milter mx
}

cat >>"$B/dns/records" <<-END
	_dmarc.far.example. TXT "v=DMARC1; p=reject"
	_dmarc.bank.example. TXT "v=DMARC1; p=reject; " "sp=none; np=reject"
	www.bank.example. A 192.0.2.80
	_dmarc.shop.example. TXT "v=DMARC1; p=quarantine; adkim=s; aspf=s"
	_dmarc.test.shop.example. TXT "v=DMARC1; p=reject; t=y"
	_dmarc.twice.example. TXT "v=DMARC1; p=reject"
	_dmarc.twice.example. TXT "v=DMARC1; p=none"
	_dmarc.pointer.example. CNAME _dmarc.host.example.
	_dmarc.host.example. TXT "v=DMARC1; p=reject"
	_dmarc.xn--bcher-kva.example. TXT "v=DMARC1; p=reject"
	closed.example. TXT "v=spf1 -all exp=why.closed.example"
	why.closed.example. TXT "%{i} is not 100%% one of our hosts"
	list.example. TXT "v=spf1 ip4:203.0.113.0/24 -all"
	END
remote_key far.example s1
remote_key mail.shop.example s1
remote_key list.example s1
remote_key pointer.example s1
dns_add 'alias._domainkey.pointer.example. CNAME s1._domainkey.pointer.example.'
cp "$B/pointer.example.s1.key" "$B/pointer.example.alias.key"
start_milter mx
bench_start

make_mail far.eml --from zoe@far.example --to carol@home.example
make_mail bank.eml --from ceo@bank.example --to carol@home.example
make_mail shop.eml --from shop@shop.example --to carol@home.example

step "marked: what passes"
cp far.eml signed.eml
remote_sign far.example s1 signed.eml
send zoe@far.example signed.eml
check_eq "SPF and DKIM" "$(results)" \
	"spf=pass smtp.mailfrom=zoe@far.example
dmarc=pass header.from=far.example policy.dmarc=reject
dkim=pass header.d=far.example header.s=s1"
send zoe@list.example signed.eml
check_eq "DKIM alone" "$(results)" \
	"spf=pass smtp.mailfrom=zoe@list.example
dmarc=pass header.from=far.example policy.dmarc=reject
dkim=pass header.d=far.example header.s=s1"
send zoe@far.example far.eml
check_eq "SPF alone" "$(results)" \
	"spf=pass smtp.mailfrom=zoe@far.example
dmarc=pass header.from=far.example policy.dmarc=reject
dkim=none"
wait_log 10 "$MXLOG" 'action=accept, spf=pass\(far\.example\), dkim=pass\(far\.example\), dmarc=pass\(far\.example\), client='

step "marked: what fails is taken, too"
send zoe@far.example bank.eml
check_eq "a stranger writes as the bank" "$(results)" \
	"spf=pass smtp.mailfrom=zoe@far.example
dmarc=fail header.from=bank.example policy.dmarc=reject
dkim=none"
check_no_file_match "nothing else in it" got.eml '^X-Sceau'
sed 's/^Subject: .*/Subject: changed\r/' signed.eml >changed.eml
send x@closed.example changed.eml
check_eq "SPF fails, the subject was changed" "$(results)" \
	"spf=fail smtp.mailfrom=x@closed.example
dmarc=fail header.from=far.example policy.dmarc=reject
dkim=fail header.d=far.example header.s=s1"
cp shop.eml strict.eml
remote_sign mail.shop.example s1 strict.eml
send zoe@far.example strict.eml
check_eq "strict alignment" "$(results)" \
	"spf=pass smtp.mailfrom=zoe@far.example
dmarc=fail header.from=shop.example policy.dmarc=quarantine
dkim=pass header.d=mail.shop.example header.s=s1"
send zoe@far.example far.eml --helo closed.example
check_eq "HELO is checked" "$(results)" \
	"spf=pass smtp.mailfrom=zoe@far.example
spf=fail smtp.helo=closed.example
dmarc=pass header.from=far.example policy.dmarc=reject
dkim=none"
send '' far.eml --helo far.example
check_eq "a bounce: HELO stands for the sender" "$(results)" \
	"spf=pass smtp.helo=far.example
dmarc=pass header.from=far.example policy.dmarc=reject
dkim=none"

step "records behind CNAMEs, twice, for a subdomain, in other scripts"
make_mail pointer.eml --from a@pointer.example --to carol@home.example
remote_sign pointer.example alias pointer.eml
send zoe@far.example pointer.eml
check_eq "CNAMEs" "$(results)" \
	"spf=pass smtp.mailfrom=zoe@far.example
dmarc=pass header.from=pointer.example policy.dmarc=reject
dkim=pass header.d=pointer.example header.s=alias"
make_mail twice.eml --from a@twice.example --to carol@home.example
send zoe@far.example twice.eml
check_match "two records" "$(results)" 'dmarc=none header.from=twice.example'
make_mail www.eml --from a@www.bank.example --to carol@home.example
send zoe@far.example www.eml
check_match "sp" "$(results)" \
	'dmarc=fail header.from=www.bank.example policy.dmarc=none'
make_mail no.eml --from a@no.bank.example --to carol@home.example
send zoe@far.example no.eml
check_match "np" "$(results)" \
	'dmarc=fail header.from=no.bank.example policy.dmarc=reject'
make_mail idn.eml --from a@bücher.example --to carol@home.example
send zoe@far.example idn.eml
check_match "U-labels" "$(results)" \
	'dmarc=fail header.from=xn--bcher-kva.example policy.dmarc=reject'

step "enforced: refused, put in quarantine, tested"
settings 'mx_dmarc = enforce'
refused zoe@far.example bank.eml \
	'^550 5\.7\.1 Email rejected per DMARC policy for bank\.example$'
refused zoe@far.example no.eml '^550 5\.7\.1 .* no\.bank\.example$'
refused zoe@far.example idn.eml '^550 5\.7\.1 .* xn--bcher-kva\.example$'
{
	printf 'X-Sceau-Quarantine: no\r\n'
	cat shop.eml
} >marked.eml
send zoe@far.example marked.eml
check_match "quarantine" "$(results)" 'policy.dmarc=quarantine'
check_eq "marks" "$(grep -a '^X-Sceau' got.eml)" \
	$'X-Sceau-Quarantine: dmarc=shop.example\r'
make_mail test.eml --from a@test.shop.example --to carol@home.example
send zoe@far.example test.eml
check_file "t=y" got.eml '^Subject'
imap_fetch carol '*' 'BODY.PEEK[]' >got.eml
check_file "t=y: one level below" got.eml '^X-Sceau-Quarantine: dmarc=test'
send zoe@far.example www.eml
send zoe@far.example signed.eml
imap_fetch carol '*' 'BODY.PEEK[]' >got.eml
check_no_file_match "what passes has no mark" got.eml '^X-Sceau'
wait_log 10 "$MXLOG" 'action=reject, reason=dmarc, spf=pass\(far\.example\), dkim=none, dmarc=fail\(bank\.example\), client='
wait_log 10 "$MXLOG" 'action=quarantine, reason=dmarc, forged=1, '

step "enforced: never against our own users and hosts"
milter='{unix:sceau/mx.sock,default_action=tempfail}'
postconf -P "$MX_IP:587/inet/smtpd_milters=$milter"
postfix_set "non_smtpd_milters=$milter"
postfix_reload
before=$(mail_count carol)
submit_mail alice carol@home.example bank.eml >/dev/null
sendmail -f ceo@bank.example carol@home.example <bank.eml
mailtool send --server 127.0.0.1:25 --helo localhost \
	--mail-from ceo@bank.example --rcpt carol@home.example bank.eml >/dev/null
wait_mails $((before + 3)) carol
wait_log 10 "$MXLOG" 'action=accept, reason=authenticated, client='
wait_log 10 "$MXLOG" 'action=accept, reason=local, client='
wait_log 10 "$MXLOG" 'action=accept, reason=exempt-network, client='

step "enforced: who is spared"
settings 'mx_dmarc = enforce' 'mx_trusted_forwarders = list.example'
cp bank.eml list.eml
remote_sign list.example s1 list.eml
send zoe@far.example list.eml
imap_fetch carol '*' 'BODY.PEEK[]' >got.eml
check_no_file_match "signed by the list" got.eml '^X-Sceau'
send bounce@list.example bank.eml
refused zoe@far.example bank.eml '^550 5\.7\.1 '
wait_log 10 "$MXLOG" 'action=accept, reason=dmarc, override=forwarder, '
settings 'mx_dmarc = enforce' 'mx_exempt_domains = .bank.example bank.example'
send zoe@far.example bank.eml
send zoe@far.example no.eml
settings 'mx_dmarc = enforce' 'mx_exempt_networks = 203.0.113.0/24'
send zoe@far.example bank.eml

step "a trusted relay: the host before it, and no refusal behind the queue"
settings 'mx_dmarc = enforce' "mx_trusted_relays = $OTHER_IP" \
	'mx_spf_fail = reject'
relayed() {
	printf 'Received: from %s by backup.home.example (Postfix) id 1; x\r\n' \
		"$1"
	cat "$2"
}
relayed "mail.far.example (mail.far.example [$FAR_IP])" far.eml >relay.eml
send zoe@far.example relay.eml --source "$OTHER_IP"
check_eq "relayed" "$(results)" \
	"spf=pass smtp.mailfrom=zoe@far.example
dmarc=pass header.from=far.example policy.dmarc=reject
dkim=none"
relayed "x (y [192.0.2.99])" bank.eml >relay.eml
send zoe@far.example relay.eml --source "$OTHER_IP"
check_match "forged" "$(results)" 'spf=fail smtp.mailfrom=zoe@far.example'
check_file "forged" got.eml '^X-Sceau-Quarantine: dmarc=bank\.example'
refused zoe@far.example bank.eml '^550 5\.7\.1 '
send zoe@far.example far.eml --source "$OTHER_IP"
check_match "nothing to read" "$(results)" '^dmarc=fail'

step "hold"
settings 'mx_dmarc = enforce' 'mx_dmarc_quarantine = hold'
inbound_mail zoe@far.example carol@home.example shop.eml >/dev/null
wait_for 10 "a mail on hold" sh -c \
	'[ -n "$(find /var/spool/postfix/hold -type f)" ]'
id=$(basename "$(find /var/spool/postfix/hold -type f)")
postcat -qh "$id" >held
check_file "held" held '^X-Sceau-Quarantine: dmarc=shop\.example$'
check_file "held" held '^Authentication-Results: mx\.home\.example;$'
postsuper -d "$id" 2>/dev/null

step "SPF fail: refused with the domain's words, unless DMARC passes"
settings 'mx_spf_fail = reject'
refused a@closed.example bank.eml \
	'^550 5\.7\.23 SPF: closed\.example explains: 203\.0\.113\.10 is not 100% one of our hosts$'
refused alice@home.example bank.eml \
	'^550 5\.7\.23 SPF: this host may not send mail of home\.example$'
send a@closed.example signed.eml
check_match "DMARC passes" "$(results)" '^dmarc=pass'

# received - carol's last mail's Received-SPF fields as pyspf reads them, and how
# many fields stand above them.
received() {
	imap_fetch carol '*' 'BODY.PEEK[]' >got.eml
	/usr/bin/python3 - got.eml <<-'END'
	import email, email.policy, sys, spf
	mail = email.message_from_binary_file(open(sys.argv[1], "rb"))
	for name, value in mail.items():
	    if name == "Received-SPF":
	        q = spf.query("192.0.2.250", "", "")
	        q.parse_header(" ".join(value.split()))
	        print(q.result, q.ident, q.c, q.h, q.s, q.r, q.mechanism)
	    elif name == "Authentication-Results":
	        print("results above")
	END
}

step "Received-SPF: on request, read by pyspf, nobody else's"
/usr/bin/python3 -c 'import spf' || skip "python3-spf is missing"
{
	printf 'Received-SPF: pass (x) client-ip=192.0.2.1; helo=bank.example\r\n'
	printf 'received-spf: pass receiver=mx.home.example\r\n'
	cat far.eml
} >forgedspf.eml
settings 'mx_received_spf = no'
send zoe@far.example forgedspf.eml
check_no_match "not asked for" "$(received)" '203\.0\.113\.10'
check_eq "left alone" "$(grep -aic '^received-spf:' got.eml)" 2
settings 'mx_received_spf = yes'
send zoe@far.example forgedspf.eml
check_eq "pass" "$(received)" "results above
pass mailfrom 203.0.113.10 mail.far.example zoe@far.example mx.home.example mx"
check_eq "ours alone" "$(grep -aic '^received-spf:' got.eml)" 1
send a@closed.example far.eml --helo closed.example
check_eq "fail" "$(received)" "results above
fail mailfrom 203.0.113.10 closed.example a@closed.example mx.home.example -all
fail helo 203.0.113.10 closed.example a@closed.example mx.home.example -all"
send '' far.eml --helo far.example
check_eq "a bounce" "$(received)" "results above
pass helo 203.0.113.10 far.example  mx.home.example mx"
send '"a;\"b (c"@nowhere.example' far.eml
check_match "odd local part" "$(received)" \
	'none mailfrom 203\.0\.113\.10 mail\.far\.example '
settings 'mx_received_spf = yes' "mx_trusted_relays = $OTHER_IP"
relayed "mail.far.example (mail.far.example [$FAR_IP])" far.eml >relay.eml
send zoe@far.example relay.eml --source "$OTHER_IP"
check_eq "the hop before a relay" "$(received)" "results above
pass mailfrom 203.0.113.10 mail.far.example zoe@far.example mx.home.example mx"

step "libspf2 decides, and dies alone"
if [ -x "$SCEAU_BUILD/daemon/sceau-spf2" ]; then
	install -d "$B/daemon"
	cp "$SCEAU_BUILD/daemon/sceau-spf2" "$B/daemon/"
	settings 'mx_spf_engine = libspf2' 'mx_spf_fail = reject'
	MX=${SCEAU_PIDS[mx]}
	send zoe@far.example far.eml --helo closed.example
	check_eq "libspf2" "$(results)" \
		"spf=pass smtp.mailfrom=zoe@far.example
spf=fail smtp.helo=closed.example
dmarc=pass header.from=far.example policy.dmarc=reject
dkim=none"
	refused a@closed.example bank.eml \
		'^550 5\.7\.23 SPF: closed\.example explains: '
	mv "$B/daemon/sceau-spf2" "$B/daemon/good"
	printf '#!/bin/sh\nkill -SEGV $$\n' >"$B/daemon/sceau-spf2"
	chmod 755 "$B/daemon/sceau-spf2"
	send zoe@far.example far.eml
	check_match "it died" "$(results)" '^spf=permerror smtp\.mailfrom='
	check_file "it died" got.eml 'libspf2 died of this record .signal 11.'
	mv "$B/daemon/good" "$B/daemon/sceau-spf2"
	send zoe@far.example far.eml
	check_match "the next mail" "$(results)" '^spf=pass smtp\.mailfrom='
	check_eq "the same process" "${SCEAU_PIDS[mx]}" "$MX"
	dns_freeze
	before=$(mail_count carol)
	inbound_mail x@list.example carol@home.example far.eml >/dev/null
	dns_thaw
	wait_mails $((before + 1)) carol
	check_match "dead DNS" "$(results)" '^spf=temperror smtp\.mailfrom='
	took=$(sed -n 's/.*spf=temperror.*took=\([0-9]*\)ms.*/\1/p' "$MXLOG" |
		tail -1)
	[ "$took" -lt 9000 ] || fail "took $took ms"
	sceau_stop mx
	rm "$B/daemon/sceau-spf2"
	check_exit "it is not there" 78 "$B/bin/sceau-milter" --role mx -d
	check_match "it is not there" "$OUTPUT" 'mx_spf_engine: .*not installed'
	settings ''
fi

step "no author, many authors"
settings 'mx_dmarc = enforce'
{
	printf 'From: zoe@far.example\r\n'
	cat bank.eml
} >two.eml
refused zoe@far.example two.eml '^550 5\.7\.1 .* bank\.example$'
make_mail many.eml --from 'zoe@far.example, ceo@bank.example' \
	--to carol@home.example
refused zoe@far.example many.eml '^550 5\.7\.1 .* bank\.example$'
make_mail same.eml --from 'a@far.example, b@far.example' \
	--to carol@home.example
send zoe@far.example same.eml
check_match "two of one domain" "$(results)" 'dmarc=pass header.from=far'
{
	printf 'From: a@far.example\r\n'
	cat far.eml
} >twofar.eml
send zoe@far.example twofar.eml
check_match "two fields never pass" "$(results)" 'dmarc=permerror'
grep -v '^From:' far.eml >nobody.eml
send zoe@far.example nobody.eml
check_match "none" "$(results)" 'dmarc=permerror'
settings 'mx_bad_from = reject'
for file in two many twofar; do
	refused zoe@far.example $file.eml '^550 5\.7\.1 The From field '
done
send zoe@far.example same.eml

step "many signatures: as many as the settings say"
settings 'mx_dkim_signatures = 3'
cp far.eml five.eml
for _ in 1 2 3 4 5; do
	remote_sign list.example s1 five.eml
done
send zoe@far.example five.eml
check_eq "of five" "$(results | grep -c '^dkim=pass')" 3

step "DNS is dead: said in the mail, and nobody waits longer than told"
settings 'mx_dmarc = enforce' 'dns_deadline = 2s'
dns_freeze
before=$(mail_count carol)
inbound_mail zoe@far.example carol@home.example signed.eml >/dev/null
dns_thaw
# Postfix has questions of its own: the log says how long ours took
wait_log 10 "$MXLOG" 'spf=temperror\(far\.example\), dkim=temperror\(far\.example\), dmarc=temperror\(far\.example\), .*took=[0-9]+ms'
took=$(sed -n 's/.*spf=temperror.*took=\([0-9]*\)ms.*/\1/p' "$MXLOG" | tail -1)
echo "   $took ms"
[ "$took" -ge 1900 ] && [ "$took" -lt 4000 ] || fail "took $took ms"
wait_mails $((before + 1)) carol
check_eq "dead" "$(results)" \
	"spf=temperror smtp.mailfrom=zoe@far.example
spf=temperror smtp.helo=mail.far.example
dmarc=temperror header.from=far.example
dkim=temperror header.d=far.example header.s=s1"
settings 'mx_dmarc = enforce' 'mx_dmarc_temperror = tempfail' 'dns_deadline = 1s'
dns_freeze
check_exit "deferred" 1 inbound_mail zoe@far.example carol@home.example \
	signed.eml
dns_thaw
check_match "deferred" "$OUTPUT" '^451 4\.7\.1 The DMARC policy of far\.example'
send zoe@far.example signed.eml
check_match "later" "$(results)" 'dmarc=pass'

step "off"
settings 'mx_dmarc = off'
send zoe@far.example bank.eml
check_eq "off" "$(results)" \
	"spf=pass smtp.mailfrom=zoe@far.example
dkim=none"
sceau_stop mx
wait_queue
