#!/usr/bin/env bash
# test_milter_inet.sh - both roles over TCP: no 40 ms stalls
# SPDX-License-Identifier: MIT
# ctest-alone
. "$(dirname "$0")/lib/bench.sh"

sceau_have milter/sceau-milter
dkim_key home.example s1

# latency PORT - median milliseconds of 40 mails on one connection.
latency() {
	"$PYTHON" - "$1" <<-'END'
	import smtplib, statistics, sys, time
	port = int(sys.argv[1])
	source = ("192.0.2.77", 0) if port == 587 else ("203.0.113.10", 0)
	client = smtplib.SMTP("198.51.100.25", port, "laptop.lan", 30, source)
	if port == 587:
	    client.login("alice", "pw-alice")
	data = (b"Authentication-Results: mx.home.example; spf=pass\r\n"
	        b"From: alice@home.example\r\nTo: carol@home.example\r\n"
	        b"X-Mailer: x\r\nSubject: hi\r\n\r\n" + b"2 KB of text\r\n" * 140)
	times = []
	for _ in range(40):
	    begin = time.monotonic()
	    client.sendmail("alice@home.example", ["carol@home.example"], data)
	    times.append(1000 * (time.monotonic() - begin))
	client.quit()
	print("%.1f" % statistics.median(times))
	END
}

# use_both SIGN MX - Postfix asks there.
use_both() {
	postconf -P "$MX_IP:587/inet/smtpd_milters={$1,default_action=tempfail}"
	postfix_set "smtpd_milters={$2,default_action=tempfail}"
}

postfix_set virtual_transport=discard:
sceau_conf 'sign_listen = inet:127.0.0.1:8891' \
	'mx_listen = inet:127.0.0.1:8892'
pids=()
for role in sign mx; do
	"$B/bin/sceau-milter" --role $role -d >>"$B/log/$role" 2>&1 &
	pids+=($!)
	disown
	wait_for 10 "$role" test -S "/run/sceau/$role.ctl"
done
use_both inet:127.0.0.1:8891 inet:127.0.0.1:8892
bench_start
submission_inet=$(latency 587)
mx_inet=$(latency 25)
kill "${pids[@]}"
for pid in "${pids[@]}"; do
	wait_for 10 "end of $pid" process_gone "$pid"
done

: >/etc/sceau/sceau.conf
start_milter sign
start_milter mx
use_both unix:sceau/sign.sock unix:sceau/mx.sock
postfix_reload
submission_unix=$(latency 587)
mx_unix=$(latency 25)

echo "median latency of 2 KB in ms: sign inet $submission_inet," \
	"unix $submission_unix; mx inet $mx_inet, unix $mx_unix"
for value in "$submission_inet" "$mx_inet"; do
	[ "${value%.*}" -lt 30 ] || fail "a stall: $value ms over TCP"
done
check_file "edits over TCP" "$B/log/sign" 'action=sign, .*cleaned=yes'
check_file "edits over TCP" "$B/log/mx" 'action=accept, forged=1'
