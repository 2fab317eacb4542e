#!/usr/bin/env bash
# test_daemon_start.sh - a daemon started by root as an installation does it:
# who it becomes, where it logs, what it leaves alone when it cannot start
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

sceau_have policy-daemon/sceau-policyd
policyd=$B/bin/sceau-policyd
socket=/var/spool/postfix/sceau/policy.sock
control=/run/sceau/policyd.ctl
: >/etc/sceau/limits

# ask_as USER - what the control socket says to that user.
ask_as() {
	setpriv --reuid "$1" --regid "$1" --init-groups \
		"$PYTHON" - "$control" <<-'END' 2>&1
	import socket, sys
	s = socket.socket(socket.AF_UNIX)
	s.connect(sys.argv[1])
	s.sendall(b'{"do":"stats"}\n')
	print(s.makefile().readline(), end="")
	END
}

# nothing_started - no socket was left by a start that was refused.
nothing_started() {
	local file

	for file in "$socket" "$control"; do
		[ ! -e "$file" ] || fail "$1: $file was left behind"
	done
}

# The system's log, private to this test. Links to the host's devices.
private_dir /dev
private_entry /dev/log
"$PYTHON" - "$B/log/syslog" <<'END' &
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
os.chmod("/dev/log", 0o666)
out = open(sys.argv[1], "ab", buffering=0)
while True:
    out.write(s.recv(65536) + b"\n")
END
wait_for 10 "/dev/log" test -S /dev/log

step "what is broken is told with place and remedy, and nothing is left"
sceau_conf '' 'dns_server = 127.0.0.1'
check_exit "unknown setting" 78 "$policyd"
check_match "unknown setting" "$OUTPUT" '^sceau-policyd: /etc/sceau/sceau\.conf:2: dns_server: unknown setting, did you mean dns_servers\?$'
nothing_started "unknown setting"

echo 'user = nosuchuser' >/etc/sceau/sceau.conf
check_exit "no such user" 78 "$policyd"
check_match "no such user" "$OUTPUT" 'user nosuchuser does not exist: create it'
# By then the settings are known, and with them the log.
wait_log 5 "$B/log/syslog" '^<19>.*sceau-policyd\[[0-9]+\]: error: user nosuchuser does not exist'

echo 'policy_listen = unix:/var/spool/postfix/nowhere/p.sock' \
	>/etc/sceau/sceau.conf
for option in -t -d; do
	check_exit "no directory $option" 78 "$policyd" $option
	check_match "no directory $option" "$OUTPUT" 'directory /var/spool/postfix/nowhere does not exist: create it, writable for _sceau$'
done

echo 'policy_listen = unix:/etc/sceau/p.sock' >/etc/sceau/sceau.conf
check_exit "directory of root's" 78 "$policyd" -t
check_match "directory of root's" "$OUTPUT" '_sceau may not create files in /etc/sceau \(Permission denied\)'
nothing_started "no directory"

chmod 666 /etc/sceau/sceau.conf
check_exit "writable file" 78 "$policyd" -t
check_match "writable file" "$OUTPUT" 'everybody may write to it: chmod o-w /etc/sceau/sceau\.conf$'
chmod 600 /etc/sceau/sceau.conf
echo 'myhostname = mx.home.example' >/etc/sceau/sceau.conf
check_exit "file of root's" 78 "$policyd" -t
check_match "file of root's" "$OUTPUT" 'user _sceau may not read it'
chmod 644 /etc/sceau/sceau.conf
check_exit "good file" 0 "$policyd" -t
check_exit "what was changed" 0 "$policyd" -n
check_eq "what was changed" "$OUTPUT" 'myhostname = mx.home.example'
nothing_started "check"

step "started by root it is nobody but _sceau, and logs to syslog"
sceau_start policy "$policyd"
pid=${SCEAU_PIDS[policy]}
wait_log 5 "$B/log/syslog" "^<22>.*sceau-policyd\[$pid\]: started"
check_eq "standard error" "$(cat "$B/log/policy")" ''
status=$(cat "/proc/$pid/status")
check_match "user" "$status" '^Uid:(.64901){4}$'
check_match "group" "$status" '^Gid:(.64901){4}$'
check_match "groups" "$status" '^Groups:.64901 $'
check_match "capabilities" "$status" '^CapPrm:.0000000000000000$'
check_match "no new privileges" "$status" '^NoNewPrivs:.1$'
check_match "core files" "$(cat "/proc/$pid/limits")" \
	'^Max core file size +0 +0 '
# A process that may not be dumped has its /proc files owned by root.
check_eq "owner of its memory" "$(stat -c %U "/proc/$pid/mem")" root
check_eq "policy socket" "$(stat -c '%A %U %G' $socket)" \
	'srwxrwx--- _sceau postfix'
check_eq "control socket" "$(stat -c '%A %U' $control)" 'srwxrwx--- _sceau'

step "who may use the control socket"
for user in root _sceau _sceau-sign; do
	check_match "$user" "$(ask_as $user)" '"ok":true'
done
check_match "vmail" "$(ask_as vmail || true)" 'PermissionError'

step "a second one leaves the first alone"
check_exit "second" 75 "$policyd" -d
check_match "second" "$OUTPUT" 'policyd\.ctl: another process listens there: stop it'
check_match "first" "$(ask_as root)" '"ok":true'
check_exit "check beside it" 0 "$policyd" -t

step "what a crash leaves behind is no obstacle"
sceau_stop policy KILL
[ -S $socket ] || fail "nothing was left: the next start proves nothing"
sceau_start policy "$policyd"
wait_for 5 "answer" ask_as root
check_match "after the crash" "$(ask_as root)" '"ok":true'
sceau_stop policy
nothing_started "a stop in good order"
check_match "exit" "$(tail -n 1 "$B/log/syslog")" 'stopped'

step "no loss of settings by a reload that fails"
sceau_start policy "$policyd"
pid=${SCEAU_PIDS[policy]}
echo 'nonsense' >/etc/sceau/sceau.conf
kill -HUP "$pid"
wait_log 5 "$B/log/syslog" "sceau-policyd\[$pid\]: error: /etc/sceau/sceau\.conf:1: nonsense: not of the form .*still working with the settings of before"
check_match "after the reload" "$(ask_as root)" '"ok":true'
sceau_stop policy
