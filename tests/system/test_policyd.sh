#!/usr/bin/env bash
# test_policyd.sh - limits at a real Postfix, and what goes wrong on the way
# SPDX-License-Identifier: MIT
# ctest-timeout: 400
. "$(dirname "$0")/lib/bench.sh"

sceau_have policy-daemon/sceau-policyd
policyd=$B/bin/sceau-policyd
socket=/var/spool/postfix/sceau/policy.sock
log=$B/log/policy

ask() {
	"$PYTHON" "$BENCH_LIB/policy_ask.py" "$socket" "$@"
}

# limits LINE... - the limits file; a running daemon does not see it yet.
limits() {
	printf '%s\n' "$@" >/etc/sceau/limits
}

# fresh - a daemon that remembers nothing.
fresh() {
	sceau_stop policy
	rm -f /var/lib/sceau/policyd/*
	start_policyd
}

# control JSON - ask the control socket.
control() {
	"$PYTHON" - "$1" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect("/run/sceau/policyd.ctl")
	s.sendall(sys.argv[1].encode() + b"\n")
	print(s.makefile().readline(), end="")
	END
}

step "what is broken is refused before the start, with place and remedy"
limits '# one' '' 'daily acount recipients 500/1d'
check_exit "broken line" 78 "$policyd" -d
check_match "broken line" "$OUTPUT" \
	'/etc/sceau/limits:3: unknown key "acount", did you mean "account"\?'
check_exit "broken line, -t" 78 "$policyd" -t
limits 'few account messages 3/1h'
chmod o+w /etc/sceau/limits
check_exit "file of everybody" 78 "$policyd" -t
check_match "file of everybody" "$OUTPUT" 'chmod o-w /etc/sceau/limits'
chmod 600 /etc/sceau/limits
check_exit "file of root alone" 78 "$policyd" -t
check_match "file of root alone" "$OUTPUT" 'chmod a\+r /etc/sceau/limits'
chmod 644 /etc/sceau/limits
mv /var/spool/postfix/sceau /var/spool/postfix/sceau.away
check_exit "no directory for the socket" 78 "$policyd" -d
check_match "no directory for the socket" "$OUTPUT" \
	'/var/spool/postfix/sceau.*(create|install|mkdir)'
mv /var/spool/postfix/sceau.away /var/spool/postfix/sceau
check_ok "all is well again" "$policyd" -t
echo 'policy_limits = /etc/sceau/no-such-file' >"$B/named.conf"
chmod 644 "$B/named.conf"
check_exit "a named file that is missing" 78 "$policyd" -t -c "$B/named.conf"
check_match "a named file that is missing" "$OUTPUT" \
	'/etc/sceau/no-such-file: no such file; create it'
[ ! -e "$socket" ] || fail "something started half: $socket is there"

step "it is nobody's root"
start_policyd
status=$(cat "/proc/${SCEAU_PIDS[policy]}/status")
check_match "users" "$status" '^Uid:	64901	64901	64901	64901$'
check_match "groups" "$status" '^Gid:	64901	64901	64901	64901$'
check_match "capabilities" "$status" '^CapEff:	0+$'
check_match "no new privileges" "$status" '^NoNewPrivs:	1$'
check_eq "mode of the socket" "$(stat -c '%a %U:%G' "$socket")" \
	'770 _sceau:postfix'
check_exit "a second one" 75 "$policyd" -d

step "the fourth of three messages gets 450 at DATA"
# The lines we ship, as they stand.
cat "$BENCH_TOP/packaging/postfix/main.cf.policy" >>/etc/postfix/main.cf
bench_start
make_mail out.eml
for i in 1 2 3; do
	check_match "message $i" \
		"$(submit_mail alice zoe@far.example out.eml)" '^250 '
done
check_exit "message 4" 1 submit_mail alice zoe@far.example out.eml
check_match "message 4" "$OUTPUT" '^450 4\.7\.1 .*limit "few" of 3 messages'\
' per 1h reached for this account, try again in (19m[0-9]+s|20m)'
check_file "Postfix says where" "$MAILLOG" \
	'postfix/submission.*reject: DATA from .*limit "few"'
check_file "our line" "$log" ': [0-9A-Za-z]+: action=450, reason=limit, '\
'limit=few, account=alice, cost=1, wait=.*client=[^,]*\[192\.0\.2\.77\], '\
'sasl_username=alice, from=<alice@home\.example>, to=<zoe@far\.example>, '\
'recipients=1, took=[0-9]+ms$'
check_match "another account" \
	"$(submit_mail bob zoe@far.example out.eml)" '^250 '
check_match "a stranger, whom no account rule is for" \
	"$(inbound_mail zoe@far.example alice@home.example out.eml)" '^250 '
wait_queue

step "one transaction asks at RCPT, DATA and END-OF-MESSAGE"
stats=$(control '{"do":"stats"}')
check_match "states asked" "$stats" \
	'"requests":\{"rcpt":6,"data":6,"end_of_message":5,"other":0\}'
check_match "answers" "$stats" \
	'"answers":\{"passed":5,"refused":1,"repeated":0,"failed":0,"broken":0\}'
check_match "the rule" "$stats" '"few":\{"refused":1,"dry_run":0\}'
check_exit "a stranger at the control socket" 1 setpriv --reuid nobody \
	--clear-groups "$PYTHON" -c \
	'import socket; socket.socket(1).connect("/run/sceau/policyd.ctl")'

step "recipients: what Postfix accepted counts, over BDAT as over DATA"
limits 'wide account recipients 4/1h'
fresh
check_match "two good ones and one unknown" "$(submit_mail alice \
	zoe@far.example,bob@home.example out.eml)" '^250 '
check_match "charged" "$(tail -n 1 "$log")" 'recipients=2'
check_exit "three more" 1 submit_mail alice \
	zoe@far.example,x@far.example,y@far.example out.eml
check_match "three more" "$OUTPUT" 'limit "wide" of 4 recipients per 1h'
check_match "two more" \
	"$(submit_mail alice zoe@far.example,x@far.example out.eml)" '^250 '
check_exit "five at once" 1 submit_mail alice \
	a@far.example,b@far.example,c@far.example,d@far.example,e@far.example \
	out.eml
check_match "five at once" "$OUTPUT" 'is less than the 5 of this message'
# Postfix calls the first BDAT of a message DATA.
bdat=$("$PYTHON" - "$MX_IP" <<'END'
import base64, smtplib, sys
s = smtplib.SMTP(sys.argv[1], 587)
s.ehlo("laptop.lan")
s.login("alice", "pw-alice")
s.mail("alice@home.example")
s.rcpt("zoe@far.example")
s.send(b"BDAT 20 LAST\r\nSubject: x\r\n\r\nbody\r\n")
print(*s.getreply())
END
)
check_match "BDAT" "$bdat" '^450 .*limit "wide"'

step "a question told again is charged once and answered alike"
limits 'few account messages 3/1h'
fresh
check_eq "five times the same" "$(ask instance=1a.2b.3c ask ask ask ask ask)" \
	$'DUNNO\nDUNNO\nDUNNO\nDUNNO\nDUNNO'
check_eq "on another connection" "$(ask instance=1a.2b.3c ask)" DUNNO
got=$(ask ask:2 instance=9.9.9 ask ask)
check_match "two more pass, the next does not" "$got" '^450 4\.7\.1 limit'
check_eq "three different ones passed" "$(grep -c DUNNO <<<"$got")" 2
check_eq "the refusal told again" "$(sed -n 3p <<<"$got")" \
	"$(sed -n 4p <<<"$got")"

step "Postfix itself asks again after its timeout: charged once"
sed -i 's/timeout=10s/timeout=2s/' /etc/postfix/main.cf
postfix_reload
fresh
# The daemon sleeps over the first question and then finds both.
check_match "DATA" "$("$PYTHON" - "$MX_IP" "${SCEAU_PIDS[policy]}" <<'END'
import os, signal, smtplib, sys, threading
s = smtplib.SMTP(sys.argv[1], 587)
s.ehlo("laptop.lan")
s.login("alice", "pw-alice")
s.mail("alice@home.example")
s.rcpt("zoe@far.example")
pid = int(sys.argv[2])
os.kill(pid, signal.SIGSTOP)
threading.Timer(2.5, os.kill, (pid, signal.SIGCONT)).start()
print(*s.docmd("DATA"))
s.send(b"Subject: x\r\n\r\nbody\r\n.\r\n")
print(*s.getreply())
END
)" '^250 '
check_match "told twice" "$(control '{"do":"stats"}')" \
	'"answers":\{"passed":2,"refused":0,"repeated":1,'
check_eq "so two are left" "$(ask ask:3 | grep -c '^DUNNO$')" 2
sed -i 's/timeout=2s/timeout=10s/' /etc/postfix/main.cf
postfix_reload

step "many at once on one connection: exactly three"
fresh
got=$(ask pipe:1000)
check_eq "replies" "$(wc -l <<<"$got")" 1000
check_eq "passed" "$(grep -c '^DUNNO$' <<<"$got")" 3
fresh
# A file each: lines written to one by several may be torn.
workers=()
for i in 1 2 3 4 5 6 7 8; do
	ask ask:100 >"$B/parallel.$i" &
	workers+=($!)
done
wait "${workers[@]}"
check_eq "passed, 8 connections" "$(cat "$B"/parallel.* | grep -c '^DUNNO$')" 3

step "an idle connection stays open"
check_eq "after a pause" "$(ask protocol_state=RCPT ask idle:5 ask)" \
	$'DUNNO\nDUNNO'

step "other protocols, NUL bytes and half requests end one connection only"
check_eq "HTTP" "$(ask 'raw:GET / HTTP/1.1\n\n')" closed
check_eq "NUL" "$(ask 'raw:request=smtpd\0\n\n')" closed
check_eq "another request" "$(ask request=smtpd_other ask)" closed
ask half
check_eq "still there" "$(ask protocol_state=RCPT ask)" DUNNO
check_match "counted" "$(control '{"do":"stats"}')" '"broken":3'

step "SIGHUP takes a good file over, and no bad one"
limits 'few account messages 5/1h' 'try sender-domain messages 1/1h dry-run'
kill -HUP "${SCEAU_PIDS[policy]}"
wait_log 5 "$log" 'limits in force: 2, of /etc/sceau/limits'
limits 'few account messages 1/1h' 'oops'
kill -HUP "${SCEAU_PIDS[policy]}"
wait_log 5 "$log" '/etc/sceau/limits:2: a rule is NAME KEY UNIT'
got=$(ask sasl_username=hup ask:6)
check_eq "five pass, as in the last good file" \
	"$(grep -c '^DUNNO$' <<<"$got")" 5
check_file "what the dry run would have refused" "$log" \
	'action=dunno, reason=dry-run, limit=try, sender-domain=home\.example'
check_match "reload by the control socket" "$(control '{"do":"reload"}')" \
	'"ok": ?false.*limits:2'

step "a daemon that nobody asks at DATA says so"
limits 'few account messages 3/1h'
fresh
: >"$log"
ask protocol_state=END-OF-MESSAGE ask:12 >/dev/null
check_file "warning" "$log" 'never at DATA.*smtpd_data_restrictions'
check_eq "once" "$(grep -c 'never at DATA' "$log")" 1

step "killed 50 times while mail flows: nothing is lost"
limits 'few account messages 1000000/1h'
fresh
before=$(sink_count)
end=$B/flow-end
flow() {
	local n=0

	until [ -e "$end" ]; do
		submit_mail "$1" zoe@far.example out.eml >/dev/null || {
			echo "mail $n of $1 was refused" >"$B/flow-failed.$1"
			break
		}
		n=$((n + 1))
	done
	echo $n >"$B/flow-sent.$1"
}
flows=()
for user in alice bob carol; do
	flow $user >"$B/log/flow.$user" 2>&1 &
	flows+=($!)
done
for i in $(seq 50); do
	sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
	sceau_stop policy KILL
	start_policyd
done
touch "$end"
wait "${flows[@]}"
[ -z "$(ls "$B"/flow-failed.* 2>/dev/null)" ] ||
	fail "$(cat "$B"/flow-failed.*): $(cat "$B"/log/flow.*)"
sent=0
for user in alice bob carol; do
	sent=$((sent + $(cat "$B/flow-sent.$user")))
done
[ "$sent" -ge 20 ] || fail "only $sent mails were sent"
sink_wait $((before + sent))
wait_queue
check_eq "mails outside" "$(sink_count)" $((before + sent))
for mail in $(seq $((before + 1)) $((before + sent))); do
	tail -c "$(wc -c <out.eml)" "$(sink_mail "$mail")" >got.tail
	check_same "mail $mail" got.tail out.eml
done
echo "$sent mails through 50 kills"

step "stopped: mail flows, a second later, and Postfix says so"
sceau_stop policy
check_match "without the daemon" \
	"$(submit_mail alice zoe@far.example out.eml)" '^250 '
check_file "Postfix says so" "$MAILLOG" \
	'warning: connect to .*sceau/policy.sock: '
[ ! -e "$socket" ] || fail "the socket was left behind"

step "without the default limits file it starts, and warns"
rm /etc/sceau/limits
start_policyd
check_file "warning" "$log" '/etc/sceau/limits: no such file: nothing is limited'
check_eq "and passes all" "$(ask ask)" DUNNO
bench_stop
