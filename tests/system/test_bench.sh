#!/usr/bin/env bash
# test_bench.sh - the bench itself: stock servers carry mail both ways
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

bench_start

step "a stranger's mail arrives and is read byte for byte"
make_mail in.eml --from zoe@far.example --to alice@home.example --eightbit
check_match "reply to the stranger" \
	"$(inbound_mail zoe@far.example alice@home.example in.eml)" '^250 '
wait_mails 1 alice
imap_fetch alice '*' 'BODY.PEEK[]' >got.eml
tail -c "$(wc -c <in.eml)" got.eml >got.tail
check_same "mail read by IMAP, less its trace fields" got.tail in.eml
check_file "trace field" got.eml \
	'^Received: from mail.far.example .*\[203\.0\.113\.10\]'

step "an unknown user and a foreign domain are refused"
check_exit "unknown user" 1 inbound_mail z@far.example no@home.example in.eml
check_match "unknown user" "$OUTPUT" '^550 5\.1\.1'
check_exit "open relay" 1 inbound_mail z@far.example a@other.example in.eml
check_match "open relay" "$OUTPUT" '^454 4\.7\.1|^554 5\.7\.1'

step "a user's mail reaches the outside"
make_mail out.eml --size 1000000
submit_mail alice zoe@far.example out.eml >/dev/null
sink_wait 1
tail -c "$(wc -c <out.eml)" "$(sink_last)" >got.tail
check_same "mail as the outside received it" got.tail out.eml
check_match "envelope" "$(cat "$B/outside/0001.env")" '^TO:<zoe@far.example>'
check_exit "wrong password" 1 mailtool send --server "$MX_IP:587" \
	--user alice --password no --rcpt zoe@far.example out.eml
check_match "wrong password" "$OUTPUT" '^535 '

step "sieve redirect and vacation leave through sendmail"
sieve_script bob <<'END'
require ["vacation"];
redirect "away@other.example";
vacation "I am away.";
END
make_mail in2.eml --from zoe@far.example --to bob@home.example
inbound_mail zoe@far.example bob@home.example in2.eml >/dev/null
sink_wait 3

step "an appended mail comes back"
imap_append carol INBOX in.eml
imap_fetch carol '*' 'BODY.PEEK[]' | cmp - in.eml
check_eq "partial" "$(imap_fetch carol '*' 'BODY.PEEK[]<0.6>')" \
	"$(head -c 6 in.eml)"

step "new DNS records are seen"
check_exit "before" 1 dns_answers new.example A
dns_add 'new.example. A 192.0.2.1'
check_ok "after" dns_answers new.example A

step "nothing is left in the queue; everything stops"
wait_queue
bench_stop
