#!/usr/bin/env bash
# test_milter_start.sh - sceau-milter starts whole or says why not: which file,
# what is wrong with it, what cures it
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

sceau_have milter/sceau-milter
MILTER=$B/bin/sceau-milter
SOCKET=/var/spool/postfix/sceau/sign.sock
KEY=/etc/sceau/dkim/home.example/s1.private
dkim_key home.example s1

# refused WHAT ROLE STATUS ERE - it ends with that status and line, and leaves
# no socket.
refused() {
	check_exit "$1" "$3" timeout 10 "$MILTER" --role "$2" -d
	check_match "$1" "$OUTPUT" "$4"
	check_exit "$1, -t" "$3" timeout 10 "$MILTER" --role "$2" -d -t
	[ ! -e $SOCKET ] || fail "$1: left a socket"
	[ ! -e /run/sceau/sign.ctl ] || fail "$1: left a control socket"
}

step "a private key that others can read or swap"
for mode in 640 604 660 644; do
	chmod $mode $KEY
	refused "mode $mode" sign 78 \
		"$KEY: mode 0$mode, .* cure: chmod 600 $KEY"
done
chmod 600 $KEY
chown root $KEY
refused "owned by root" sign 78 \
	"$KEY: owned by root, but read by _sceau-sign; cure: chown _sceau-sign $KEY"
chown _sceau-sign $KEY
chmod 777 /etc/sceau/dkim/home.example
refused "open directory" sign 78 \
	"/etc/sceau/dkim/home.example: mode 0777, .* cure: chmod go-w"
chmod 755 /etc/sceau/dkim/home.example
chown root /etc/sceau/dkim/home.example
chmod 700 /etc/sceau/dkim/home.example
refused "closed directory" sign 78 \
	"/etc/sceau/dkim/home.example: _sceau-sign cannot read this directory .*; cure: chmod 755"
chown _sceau-sign /etc/sceau/dkim/home.example

chmod 0 $KEY
refused "mode 0" sign 78 \
	"$KEY: _sceau-sign cannot read it .*; cure: chmod 600 $KEY"
chmod 600 $KEY
mv $KEY key.away
install -d -m 700 closed
ln -s "$B/closed/s1.private" $KEY
refused "a link into a closed directory" sign 78 \
	"$KEY: a link that _sceau-sign cannot follow .*; cure: put the key"
mv key.away $KEY

step "no key, a wrong one, none at all"
cp -p $KEY key.good
openssl genrsa 512 >$KEY 2>/dev/null
refused "512 bits" sign 78 "$KEY: an RSA key of 512 bits"
openssl genrsa -aes128 -passout pass:x 2048 >$KEY 2>/dev/null
refused "passphrase" sign 78 "$KEY: not an unencrypted private key in PEM"
echo hello >$KEY
refused "no key" sign 78 "$KEY: not an unencrypted private key in PEM"
mv $KEY ${KEY%.private}.staged
refused "no active key" sign 78 \
	"/etc/sceau/dkim: no key; cure: sceau dkim new DOMAIN"
mv /etc/sceau/dkim /etc/sceau/dkim.away
refused "no directory" sign 78 \
	"/etc/sceau/dkim: No such file or directory; keys belong into"
mv /etc/sceau/dkim.away /etc/sceau/dkim
cp -p key.good $KEY

step "settings"
sceau_conf 'sign_demons = x'
refused "unknown key" sign 78 \
	'/etc/sceau/sceau.conf:1: sign_demons: .*sign_daemons'
refused "unknown key of the other role" mx 78 ':1: sign_demons: '
echo 'sign_headers = From Received' >/etc/sceau/sceau.conf
refused "Received signed" sign 78 \
	':1: sign_headers: Received must not be signed'
echo 'sign_listen = sign.sock' >/etc/sceau/sceau.conf
refused "no such address" sign 78 ':1: sign_listen: '
: >/etc/sceau/sceau.conf
check_exit "no role" 2 "$MILTER" -d
check_match "no role" "$OUTPUT" '--role'
check_exit "bad role" 2 "$MILTER" --role out -d
check_match "bad role" "$OUTPUT" 'mx or sign'

step "settings without effect are told"
sceau_conf 'mx_greylist_learning = no'
check_exit "mx" 0 "$MILTER" --role mx -d -t
check_match "mx" "$OUTPUT" \
	':1: mx_greylist_learning: has no effect in this version'
: >/etc/sceau/sceau.conf

step "a socket that cannot be"
mv /var/spool/postfix/sceau /var/spool/postfix/sceau.away
refused "no directory" sign 78 '/var/spool/postfix/sceau'
mv /var/spool/postfix/sceau.away /var/spool/postfix/sceau
chmod 755 /var/spool/postfix/sceau
refused "not writable" sign 78 '/var/spool/postfix/sceau'
chmod 3770 /var/spool/postfix/sceau
start_milter sign
check_exit "a second one" 75 timeout 10 "$MILTER" --role sign -d
check_match "a second one" "$OUTPUT" "sign\.(sock|ctl): another process"
kill -0 "${SCEAU_PIDS[sign]}" || fail "the first one is gone"
[ -S $SOCKET ] || fail "its socket is gone"

step "never root after start, secrets not to be dumped"
pid=${SCEAU_PIDS[sign]}
check_eq "uids" "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' /proc/$pid/status)" \
	"64902 64902 64902 64902"
check_eq "capabilities" "$(awk '/^Cap(Prm|Eff|Inh|Amb)/ { print $2 }' \
	/proc/$pid/status | sort -u)" 0000000000000000
check_eq "owner of its /proc files" "$(stat -c %U /proc/$pid/environ)" root
for task in /proc/$pid/task/*/status; do
	check_eq "uid of $task" "$(awk '/^Uid:/ { print $3 }' $task)" 64902
done

step "SIGHUP, many times: new keys are taken, bad ones are not"
use_sign
bench_start
make_mail out.eml
for _ in $(seq 1 30); do
	kill -HUP $pid
	sleep 0.02
done
wait_log 10 "$B/log/sign" 'read again'
dkim_key home.example a2
kill -HUP $pid
wait_log 10 "$B/log/sign" 's1.private: not used, selector a2 signs; '
submit_mail alice zoe@far.example out.eml >/dev/null
sink_wait 1
check_eq "new key" "$(dkim_judge "$(sink_last)")" "pass d=home.example s=a2"
chmod 644 /etc/sceau/dkim/home.example/a2.private
kill -HUP $pid
wait_log 10 "$B/log/sign" 'a2.private: mode 0644'
submit_mail alice zoe@far.example out.eml >/dev/null
sink_wait 2
check_eq "old set stays" "$(dkim_judge "$(sink_last)")" \
	"pass d=home.example s=a2"
rm /etc/sceau/dkim/home.example/a2.private
kill -HUP $pid
wait_for 10 "the reload" sh -c \
	"! tail -n 1 $B/log/sign | grep -q 'a2.private: mode'"
submit_mail alice zoe@far.example out.eml >/dev/null
sink_wait 3
check_eq "back" "$(dkim_judge "$(sink_last)")" "pass d=home.example s=s1"
kill -0 $pid || fail "SIGHUP ended it"

step "TERM ends it soon and leaves no socket"
begin=$(date +%s%N)
sceau_stop sign
took=$((($(date +%s%N) - begin) / 1000000))
[ $took -lt 2000 ] || fail "took $took ms to stop"
[ ! -e $SOCKET ] || fail "left its socket"

step "Postfix without sceau-milter: the client is told to try later"
check_exit "submission" 1 submit_mail alice zoe@far.example out.eml
check_match "submission" "$OUTPUT" '^4[0-9][0-9] 4\.'
