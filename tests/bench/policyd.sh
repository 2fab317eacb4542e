#!/usr/bin/env bash
# policyd.sh - how fast sceau-policyd charges three limits
#
# usage: tests/bench/policyd.sh [REQUESTS]
#
# Medians of 5 rounds with 1, 8 and 64 connections; the daemon's own CPU time
# a request beside them. Needs root and a release build.
#
# SPDX-License-Identifier: MIT
BENCH_TIMEOUT=${BENCH_TIMEOUT:-900}
. "$(dirname "$0")/../system/lib/bench.sh"

REQUESTS=${1:-20000}
ROUNDS=5
SOCKET=/var/spool/postfix/sceau/policy.sock

cat >/etc/sceau/limits <<'END'
daily account recipients 1000000/1d
domain sender-domain messages 100000000/1d
network client-network messages 10000000/1d
END
start_policyd

# cpu_ms - CPU time of the daemon so far.
cpu_ms() {
	awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / hz }' \
		"/proc/${SCEAU_PIDS[policy]}/stat"
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

for ((i = 0; i < ROUNDS; i++)); do
	for connections in 1 8 64; do
		before=$(cpu_ms)
		out=$("$PYTHON" "$BENCH_TOP/tests/bench/policyload.py" \
			"$SOCKET" "$connections" "$REQUESTS")
		after=$(cpu_ms)
		awk -v out="$out" -v ms=$((after - before)) -v n="$REQUESTS" \
			'BEGIN { printf "%s %.1f\n", out, ms * 1000 / n }' \
			>>"results.$connections"
	done
done
printf 'Debian %s, Linux %s, %s cores; %s rounds of %s requests at DATA, 3 limits\n\n' \
	"$(cat /etc/debian_version)" "$(uname -r | cut -d- -f1)" "$(nproc)" \
	"$ROUNDS" "$REQUESTS"
printf '| connections | requests/s | p50, us | p99, us |'
printf " daemon's CPU a request, us |\n|---|---|---|---|---|\n"
for connections in 1 8 64; do
	printf '| %s |' "$connections"
	for column in 1 2 3 4; do
		printf ' %s |' "$(cut -d' ' -f$column \
			"results.$connections" | median)"
	done
	printf '\n'
done
