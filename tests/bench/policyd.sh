#!/usr/bin/env bash
# policyd.sh - how fast sceau-policyd charges three limits, in memory alone and
# with a file behind it, and what an entry costs
#
# usage: tests/bench/policyd.sh [REQUESTS]
#
# Medians of 5 rounds with 1, 8 and 64 connections, the two stores in turn; the
# daemon's own CPU time a request beside them, its child's for the file too.
# Needs root and a release build.
#
# SPDX-License-Identifier: MIT
BENCH_TIMEOUT=${BENCH_TIMEOUT:-900}
. "$(dirname "$0")/../system/lib/bench.sh"

REQUESTS=${1:-20000}
ROUNDS=5
ENTRIES=300000
SOCKET=/var/spool/postfix/sceau/policy.sock

cat >/etc/sceau/limits <<'END'
daily account recipients 1000000/1d
domain sender-domain messages 100000000/1d
network client-network messages 10000000/1d
END

# start STORE - a daemon that knows nothing.
start() {
	sceau_stop policy
	rm -f /var/lib/sceau/policyd/*
	echo "store = $1" >/etc/sceau/sceau.conf
	start_policyd
}

# cpu_ms - CPU time of the daemon so far, and of its child if there is one.
cpu_ms() {
	local pid=${SCEAU_PIDS[policy]}

	{ echo "$pid"; pgrep -P "$pid" || true; } |
		sed 's|.*|/proc/&/stat|' | xargs cat |
		awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, "");
			printf "%d ", ($12 + $13) * 1000 / hz }'
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

load() {
	"$PYTHON" "$BENCH_TOP/tests/bench/policyload.py" "$SOCKET" "$@"
}

measure() {
	local store=$1 connections=$2 before after out

	before=$(cpu_ms)
	out=$(load "$connections" "$REQUESTS")
	after=$(cpu_ms)
	awk -v out="$out" -v before="$before" -v after="$after" \
		-v n="$REQUESTS" 'BEGIN {
		split(before, b); split(after, a)
		printf "%s %.1f %.1f\n", out, (a[1] - b[1]) * 1000 / n,
			(a[2] - b[2]) * 1000 / n }' \
		>>"results.$store.$connections"
}

for ((i = 0; i < ROUNDS; i++)); do
	for store in memory lmdb; do
		start $store
		for connections in 1 8 64; do
			measure $store $connections
		done
	done
done
printf 'Debian %s, Linux %s, %s cores; %s rounds of %s requests at DATA, 3 limits\n\n' \
	"$(cat /etc/debian_version)" "$(uname -r | cut -d- -f1)" "$(nproc)" \
	"$ROUNDS" "$REQUESTS"
printf '| store | connections | requests/s | p50, us | p99, us |'
printf " CPU a request, us: daemon | its child |\n|---|---|---|---|---|---|---|\n"
for connections in 1 8 64; do
	for store in memory lmdb; do
		printf '| %s | %s |' $store $connections
		for column in 1 2 3 4 5; do
			printf ' %s |' "$(cut -d' ' -f$column \
				"results.$store.$connections" | median)"
		done
		printf '\n'
	done
done

# anon_kb PID
anon_kb() {
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"
}

start lmdb
pid=${SCEAU_PIDS[policy]}
empty=$(anon_kb "$pid")
load 8 $ENTRIES >/dev/null
# Until all of it is in the file and the table has settled.
sleep 3
"$PYTHON" - "$empty" "$(anon_kb "$pid")" \
	"$(anon_kb "$(pgrep -P "$pid")")" <<'END'
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect("/run/sceau/policyd.ctl")
s.sendall(b'{"do":"stats"}\n')
store = json.loads(s.makefile().readline())["store"]
empty, full, child = (int(kb) * 1024 for kb in sys.argv[1:])
n = store["entries"]
print("\nRssAnon of the daemon: %.1f MB empty, %.1f MB with %d entries: "
      "%.0f bytes each; of its child %.1f MB. File: %.0f bytes an entry."
      % (empty / 1e6, full / 1e6, n, (full - empty) / n, child / 1e6,
         store["file"]["bytes"] / n))
END
started=$(date +%s%N)
sceau_stop policy KILL
start_policyd
printf 'Killed and started again with all of them: %d ms until the socket serves.\n' \
	$((($(date +%s%N) - started) / 1000000))
