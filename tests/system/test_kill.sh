#!/usr/bin/env bash
# test_kill.sh - kill -9 of each daemon while mail flows both ways: what was
# accepted arrives, unaltered, signed, sealed
# SPDX-License-Identifier: MIT
# ctest-timeout: 1500
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

ROUNDS=${SCEAU_LONG:+400}
ROUNDS=${ROUNDS:-50}

plugin_setup
rm -f /etc/dovecot/bench.d/debug.conf
for user in alice bob carol; do
	enrol "$user"
done
echo 'flood account messages 100000/1h' >/etc/sceau/limits
dkim_key home.example s1
use_sign
use_mx
use_policy
start_milter mx
start_milter sign
start_policyd
bench_start

# Two strangers and two of our users, each a client that tries again.
in_stream() {
	mailtool stream --server "$MX_IP:25" --source "$FAR_IP" \
		--helo mail.far.example --mail-from zoe@far.example \
		--rcpt alice@home.example,bob@home.example,carol@home.example \
		--timeout 20 --first "$1" in.log stop >/dev/null
}

out_stream() {
	mailtool stream --server "$MX_IP:587" --source "$LAPTOP_IP" \
		--user alice --password pw-alice \
		--mail-from alice@home.example --rcpt zoe@far.example \
		--timeout 20 --first "$1" out.log stop >/dev/null
}

# pause - up to a quarter of a second, so that kills hit any moment.
pause() {
	sleep "0.$(printf %03d $((RANDOM % 250)))"
}

kill_daemon() {
	sceau_stop "$1" KILL
	case $1 in
	policy) start_policyd ;;
	*) start_milter "$1" ;;
	esac
}

# kill_lmtp - one of Dovecot's; Postfix's client of that name is not the one to
# kill: its master would then start none for a minute.
kill_lmtp() {
	local pid
	pid=$(pgrep -n -x -P "$(cat /run/dovecot/master.pid)" lmtp) || return 0
	kill -KILL "$pid" 2>/dev/null || return 0
	LMTP_KILLS=$((LMTP_KILLS + 1))
}

step "$ROUNDS times kill -9 of mx, sign, policyd and Dovecot's lmtp"
LMTP_KILLS=0
in_stream 1000000 &
in_stream 2000000 &
out_stream 3000000 &
out_stream 4000000 &
for ((round = 0; round < ROUNDS; round++)); do
	for name in mx sign policy; do
		pause
		kill_daemon "$name"
	done
	pause
	kill_lmtp
done
while [ $LMTP_KILLS -lt "$ROUNDS" ]; do
	pause
	kill_lmtp
done
touch stop
wait
wait_queue 300

step "what was accepted from outside lies sealed and unaltered"
mkdir opened
for user in alice bob carol; do
	for file in $(mail_files "$user"); do
		check_eq "first line of $file" "$(head -n 1 "$file")" \
			age-encryption.org/v1
		open_file "$user" "$file" >"opened/$user.${file##*/}" ||
			fail "age cannot open $file"
	done
done
check_exit "mail from outside" 0 mailtool stream-check \
	--mail-from zoe@far.example in.log opened
echo "   inbound: $OUTPUT"

step "what was submitted arrived outside, clean and signed"
mkdir outside.mails
cp "$B"/outside/*.eml outside.mails/
check_exit "submitted mail" 0 mailtool stream-check --body-only \
	--mail-from alice@home.example out.log outside.mails
echo "   outbound: $OUTPUT"
check_eq "DKIM of all" "$(dkim_judge outside.mails/* 2>&1)" \
	"pass d=home.example s=s1"
for file in outside.mails/*; do
	check_no_file_match "trace in $file" "$file" \
		'^User-Agent:|192\.0\.2\.77'
done
check_eq "bounces and deferred mail" \
	"$(find /var/spool/postfix/{deferred,bounce,defer} -type f | wc -l)" 0
