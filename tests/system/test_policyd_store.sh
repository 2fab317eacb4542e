#!/usr/bin/env bash
# test_policyd_store.sh - what sceau-policyd charged outlives it: kill -9,
# torn files, a full disk; and mail flows
# SPDX-License-Identifier: MIT
# ctest-timeout: 400
. "$(dirname "$0")/lib/bench.sh"

sceau_have policy-daemon/sceau-policyd
policyd=$B/bin/sceau-policyd
log=$B/log/policy
state=/var/lib/sceau/policyd
file=$state/limits.mdb
INSTANCES=4
ROUNDS=${SCEAU_LONG:+250}
ROUNDS=${ROUNDS:-25}

ask() {
	"$PYTHON" "$BENCH_LIB/policy_ask.py" \
		/var/spool/postfix/sceau/policy.sock "$@"
}

stats() {
	"$PYTHON" - <<-'END'
	import socket
	s = socket.socket(socket.AF_UNIX)
	s.connect("/run/sceau/policyd.ctl")
	s.sendall(b'{"do":"stats"}\n')
	print(s.makefile().readline(), end="")
	END
}

# durable - everything charged so far is in the file.
durable() {
	stats | grep -q '"kept":true.*"behind_ms":0,'
}

again() {
	sceau_stop policy "$@"
	start_policyd
}

# mail_flows - a message of bob, who has sent less than he may.
mail_flows() {
	check_match "mail $1" "$(submit_mail bob zoe@far.example out.eml)" \
		'^250 '
}

step "$((INSTANCES * ROUNDS)) times kill -9 under load: only the last second goes"
mkdir kills
chmod 711 kills
(cd kills && "$PYTHON" "$BENCH_TOP/tests/system/store_kill.py" "$policyd" \
	$INSTANCES $ROUNDS) || fail "see above"

step "a directory that will not do is refused, with path and remedy"
printf '%s\n' 'few account messages 3/1h match=alice' \
	'wide account messages 1000/1h' >/etc/sceau/limits
check_ok "all is well" "$policyd" -t
chmod o+w $state
check_exit "everybody's" 78 "$policyd" -t
check_match "everybody's" "$OUTPUT" "$state: everybody may write it; chmod o-w"
chmod o-w $state
chown root:root $state
check_exit "root's" 78 "$policyd" -d
check_match "root's" "$OUTPUT" "$state: may not be written; it must belong"
rmdir $state
check_exit "none" 78 "$policyd" -t
check_match "none" "$OUTPUT" \
	"$state: no such directory; create it: install -d -m 0750"
printf '%s\n' "store = memory" >"$B/memory.conf"
chmod 644 "$B/memory.conf"
check_ok "memory needs none" "$policyd" -t -c "$B/memory.conf"
install -d -m 750 -o _sceau -g _sceau $state

step "a restart knows what was sent; the file is ours alone"
cat "$BENCH_TOP/packaging/postfix/main.cf.policy" >>/etc/postfix/main.cf
start_policyd
bench_start
make_mail out.eml
for i in 1 2 3; do
	check_match "message $i" \
		"$(submit_mail alice zoe@far.example out.eml)" '^250 '
done
check_match "the figures" "$(stats)" '"store":\{"engine":"lmdb",.*"file":\{'\
'"kept":true,"trouble":"","bytes":[0-9]+,"commits":[0-9]+,"committed_s":[0-9]+'\
',"behind_ms":[0-9]+,"set_aside":0\}'
again
check_exit "message 4" 1 submit_mail alice zoe@far.example out.eml
check_match "message 4" "$OUTPUT" '^450 4\.7\.1 .*limit "few"'
wait_for 10 "commit" durable
again KILL
check_exit "after kill -9" 1 submit_mail alice zoe@far.example out.eml
check_eq "the file" "$(stat -c '%a %U:%G' $file)" '600 _sceau:_sceau'
check_eq "beside it" "$(cd $state && echo *)" 'limits.mdb limits.mdb.lock'
[ -z "$(grep -a alice $file)" ] || fail "names stand in the file"

# torn WHAT COMMAND... - the daemon stopped, the file torn by the command: it
# is set aside with one line, mail flows, and limits are counted anew.
torn() {
	local what=$1

	shift
	sceau_stop policy
	rm -rf "$state"/*damaged*
	"$@"
	: >"$log"
	start_policyd
	check_eq "$what: lines" "$(grep -c 'is damaged (' "$log")" 1
	check_file "$what: line" "$log" \
		"$file: is damaged \(.*\); set aside as $file\.damaged-2"
	check_eq "$what: files" "$(find $state -name '*damaged*' | wc -l)" 1
	mail_flows "after $what"
	check_match "$what: figures" "$(stats)" '"kept":true.*"set_aside":1'
	: >"$log"
	again
	check_no_file_match "$what: all is well again" "$log" 'damaged'
}

be_directory() {
	rm $file
	mkdir $file
}

step "a torn file is set aside and mail flows"
torn "cut to a third" truncate -s 10000 $file
torn "empty" truncate -s 0 $file
torn "random" dd if=/dev/urandom of=$file bs=4096 count=4 conv=notrunc \
	status=none
torn "zeros" dd if=/dev/zero of=$file bs=4096 seek=2 count=6 conv=notrunc \
	status=none
torn "root's" chown root:root $file
torn "a directory" be_directory

step "cut while it is in use: nothing is lost"
ask sasl_username=alice ask:3 >/dev/null
wait_for 10 "commit" durable
: >"$log"
truncate -s 8192 $file
mail_flows "while the file is cut"
wait_log 20 "$log" "$file: is damaged .*nothing is lost"
wait_for 20 "a new file" durable
mail_flows "after that"
again KILL
check_match "alice" "$(ask sasl_username=alice ask)" '^450'

step "disk full: one line, mail flows, and later all is written"
sceau_stop policy
mount -t tmpfs -o size=300k,mode=750,uid=64901,gid=64901 full $state
start_policyd
wait_for 10 "commit" durable
dd if=/dev/zero of=$state/fill bs=4096 status=none 2>/dev/null || true
: >"$log"
for i in 1 2 3; do
	ask sasl_username=alice ask >/dev/null
	ask sasl_username="x$i" ask:400 >/dev/null
	mail_flows "$i"
	sleep 0.7
done
wait_log 20 "$log" 'cannot be written \(.*No space left'
check_match "what stats say" "$(stats)" \
	'"kept":false,"trouble":"[^"]*No space left'
check_eq "lines" "$(grep -c 'cannot be written' "$log")" 1
rm $state/fill
wait_log 60 "$log" 'is written again'
wait_for 20 "commit" durable
again KILL
check_match "alice" "$(ask sasl_username=alice ask)" '^450'

step "a disk that may only be read: what it holds is known"
sceau_stop policy
mount -o remount,ro $state
: >"$log"
start_policyd
wait_log 20 "$log" 'cannot be written \(.*Read-only file system'
check_match "alice" "$(ask sasl_username=alice ask)" '^450'
mail_flows "from memory"
sceau_stop policy
umount $state

step "store = memory: no file, and a restart forgets"
rm -rf "${state:?}"/*
sceau_conf 'store = memory'
start_policyd
check_match "figures" "$(stats)" '"store":\{"engine":"memory",[^{}]*\}'
ask sasl_username=alice ask:3 >/dev/null
check_match "alice" "$(ask sasl_username=alice ask)" '^450'
again
check_eq "alice" "$(ask sasl_username=alice ask)" DUNNO
check_eq "files" "$(ls $state)" ""
bench_stop
