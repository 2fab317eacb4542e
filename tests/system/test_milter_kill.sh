#!/usr/bin/env bash
# test_milter_kill.sh - kill -9 of both roles, 50 times each, while mails that
# take several edits flow both ways: nothing is lost, doubled or half edited
# SPDX-License-Identifier: MIT
# ctest-timeout: 400
. "$(dirname "$0")/lib/bench.sh"

sceau_have milter/sceau-milter
KILLS=${SCEAU_KILLS:-50}
dkim_key home.example s1
use_sign
use_mx
start_milter sign
start_milter mx
bench_start

step "mail flows both ways while each role is killed $KILLS times"
"$PYTHON" "$BENCH_LIB/../milter_flow.py" "$MX_IP" "$LAPTOP_IP" "$FAR_IP" \
	"$B/stop" "$B/sent" 2>"$B/log/flow" &
flow=$!
for i in $(seq 1 "$KILLS"); do
	for role in sign mx; do
		sleep "0.$((RANDOM % 15 + 5))"
		sceau_stop $role KILL
		# a moment without it, now and then
		[ $((i % 5)) -ne 0 ] || sleep 0.2
		start_milter $role
	done
done
touch "$B/stop"
wait $flow || fail "the flow: $(cat "$B/log/flow")"
. "$B/sent"
echo "   $OUT mails out, $IN in; told to try later: $RETRIES times"
[ "$OUT" -ge "$KILLS" ] && [ "$IN" -ge "$KILLS" ] || fail "hardly any mail"
[ "$RETRIES" -ge 5 ] || fail "the kills hit nothing"

step "outside: every mail once, each clean and with one valid signature"
wait_queue 60
sink_wait "$OUT"
check_eq "mails outside" "$(sink_count)" "$OUT"
check_eq "different ones" "$(grep -h '^X-Number: ' "$B"/outside/*.eml |
	sort -u | wc -l)" "$OUT"
check_eq "signatures" "$(cat "$B"/outside/*.eml | grep -c '^DKIM-Sig')" "$OUT"
check_eq "traces" "$(cat "$B"/outside/*.eml |
	grep -cE '^(User-Agent|X-Mailer):' || true)" 0
check_eq "judged by dkimpy" "$(dkim_judge "$B"/outside/*.eml)" \
	"pass d=home.example s=s1"

step "inside: every mail once, with one result of ours, nothing forged left"
wait_mails "$IN" carol
check_eq "mails inside" "$(mail_count carol)" "$IN"
mail_files carol | xargs cat >inside
check_eq "different ones" "$(grep -a '^X-Number: ' inside | sort -u | wc -l)" \
	"$IN"
check_no_file_match "forged" inside '^Authentication-Results: mx\.home.* [a-z]'
check_eq "our results" \
	"$(grep -acE '^Authentication-Results: mx\.home\.example;.?$' inside)" "$IN"
check_eq "whole ones" "$(grep -acP '^\tspf=pass smtp.mailfrom=' inside)" "$IN"
check_eq "others' results" \
	"$(grep -ac '^Authentication-Results: far\.example' inside)" "$IN"
sceau_stop sign
sceau_stop mx
