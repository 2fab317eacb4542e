#!/usr/bin/env bash
# test_milter_burst.sh - 100 mails wait for DNS at the same moment, over and
# over: other mail is answered within 2 s, and what waits gets its temperror
# when dns_deadline is over, not later
# SPDX-License-Identifier: MIT
# ctest-timeout: 400
# ctest-alone
. "$(dirname "$0")/lib/bench.sh"

sceau_have milter/sceau-milter
BURSTS=${SCEAU_LONG:+20}
BURSTS=${SCEAU_BURSTS:-${BURSTS:-4}}
SOCKET=/var/spool/postfix/sceau/mx.sock
HANGS=$BENCH_LIB/..
SILENT_IP=$OTHER_IP
# One for each step, else unbound knows after the first that it is dead.
SILENT_PORT=5300
SILENT_COUNT=$((BURSTS + 3))

"$PYTHON" "$HANGS/dns_silent.py" "$SILENT_IP" "$SILENT_PORT" \
	"$SILENT_COUNT" >"$B/silent" &
disown
wait_for 10 "the silent name servers" test -s "$B/silent"
for number in $(seq 0 $((SILENT_COUNT - 1))); do
	printf '%s\n' "stub-zone:" "  name: \"hang$number.example\"" \
		"  stub-addr: $SILENT_IP@$((SILENT_PORT + number))"
done >>"$B/dns/unbound.conf"
{
	printf 'deadly.example. TXT "v=spf1'
	printf ' a:x%d.hang0.example' 0 1 2 3 4 5 6 7 8 9
	printf ' -all"\n'
} >>"$B/dns/records"
dns_write
sceau_conf 'dns_trust_anchor ='

stat_of() {
	"$PYTHON" - "$1" <<-'END'
	import json, socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect("/run/sceau/mx.ctl")
	s.sendall(b'{"do":"stats"}\n')
	print(json.loads(s.makefile().readline())[sys.argv[1]])
	END
}

# bursts FIRST COUNT HUNG [OTHERS] - all mails get what they should, others in 2 s.
bursts() {
	local longest late

	"$PYTHON" "$HANGS/milter_burst.py" $SOCKET "$@" >out ||
		fail "$(cat out)"
	cat out
	longest=$(sed -n 's/^longest=//p' out)
	[ "$longest" -lt 2000 ] || fail "another mail took $longest ms"
	late=$(sed -n 's/.* hung ones after \([0-9]*\).*/\1/p' out | sort -n)
	[ "$(tail -1 <<<"$late")" -lt 9 ] ||
		fail "a mail hung for longer than dns_deadline, which is 5 s"
	HUNG_LEAST=$(head -1 <<<"$late")
}

step "an SPF record of ten dead names: dns_deadline is for all of them"
dns_start
start_milter mx
MX=${SCEAU_PIDS[mx]}
"$PYTHON" - "$HANGS" $SOCKET <<'END' || fail "ten dead names"
import sys, time
sys.path.insert(0, sys.argv[1])
sys.argv = ["", sys.argv[2], "0", "0", "0"]
from milter_burst import Milter
began = time.monotonic()
mta = Milter()
mta.begin(b"deadly.example")
kind, result = mta.end()
seconds = time.monotonic() - began
print(f"   {seconds:.2f} s")
assert kind == "c" and b"spf=temperror" in result, (kind, result)
assert 3 < seconds < 7, seconds
END

step "one burst of 100 mails, and the resolver as Debian ships it"
bursts 1 1 100
[ "$HUNG_LEAST" -ge 3 ] || fail "the mails did not hang"

# As sceau.conf(5) says. The other limits are for few clients.
step "$BURSTS bursts of 100 mails"
cat >>"$B/dns/unbound.conf" <<-END
	server:
	  wait-limit: 0
	  num-queries-per-thread: 4096
	  outgoing-range: 8192
	END
dns_stop
dns_start
bursts 2 "$BURSTS" 100
[ "$HUNG_LEAST" -ge 3 ] || fail "the mails did not hang"
echo "   kicks: $(stat_of kicks)"
check_eq "temperrors" "$(stat_of temperrors)" "$((BURSTS * 100 + 101))"
check_eq "still waiting" "$(stat_of waiting)" 0

step "no thread and no descriptor stays behind"
few_threads() {
	[ "$(find "/proc/$MX/task" -mindepth 1 -maxdepth 1 | wc -l)" -lt 20 ]
}
wait_for 60 "fewer threads" few_threads
few_descriptors() {
	[ "$(find "/proc/$MX/fd" -mindepth 1 | wc -l)" -lt 40 ]
}
wait_for 30 "fewer descriptors" few_descriptors

step "more than may wait: the others are told at once"
bursts $((SILENT_COUNT - 1)) 1 600 0
[ "$(stat_of refused_waits)" -gt 0 ] || fail "all 600 waited"

step "no DNS at all: the first ones wait, those behind them a second"
dns_freeze
"$PYTHON" - "$HANGS" $SOCKET <<'END' || fail "a dead resolver"
import sys, threading, time
sys.path.insert(0, sys.argv[1])
sys.argv = ["", sys.argv[2], "0", "0", "0"]
from milter_burst import Milter
took = []

def one(number):
    began = time.monotonic()
    mta = Milter()
    mta.begin(b"d%d.far.example" % number)
    kind, result = mta.end()
    assert kind == "c" and b"spf=temperror" in result, (kind, result)
    took.append(time.monotonic() - began)
    return took[-1]

first = [threading.Thread(target=one, args=(i,)) for i in range(100)]
for t in first:
    t.start()
time.sleep(2.5)
for i in range(3):
    seconds = one(1000 + i)
    print(f"   {seconds:.2f} s")
    assert seconds < 2, "it waited as long as the others"
for t in first:
    t.join()
assert len(took) == 103 and max(took) < 9, (len(took), max(took))
END
dns_thaw
sceau_stop mx
