#!/usr/bin/env bash
# test_check_config.sh - sceau check-config is silent on the lines that
# packaging/ ships, with Postfix chrooted, and names each single fault
# ctest-timeout: 600
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

sceau_have cli/sceau
sceau_have milter/sceau-milter
sceau_have policy-daemon/sceau-policyd
SCEAU=$B/bin/sceau
SPOOL=/var/spool/postfix/sceau
SHIPPED=$BENCH_TOP/packaging

# The world of a plain Debian 12 after the README: chrooted services, the lines
# of packaging/, daemons that run.
setup() {
	awk '/^#/ { next }
		/^[a-z]/ { keep = $2 != "inet" && $8 != "pipe" }
		keep { print }' /usr/share/postfix/master.cf.dist \
		>/etc/postfix/master.cf
	echo 'smtp inet n - y - - smtpd' >>/etc/postfix/master.cf
	cat "$SHIPPED/postfix/master.cf.debian12" >>/etc/postfix/master.cf
	cat "$SHIPPED/postfix/main.cf.milter" "$SHIPPED/postfix/main.cf.policy" \
		>>/etc/postfix/main.cf
	install -D -m 644 "$SHIPPED/postfix/received.pcre" \
		/etc/sceau/postfix/received.pcre
	install -m 644 "$SHIPPED/sceau.conf" /etc/sceau/sceau.conf
	echo 'hourly account messages 100/1h' >/etc/sceau/limits
	dkim_key home.example s1
	dkim_key other.example s1
	"$SCEAU" mailbox server-key >/dev/null
	install -m 600 "$SHIPPED/dovecot/sceau-server-key.conf" /etc/dovecot/
	cp "$SHIPPED/dovecot/11-sceau.conf" /etc/dovecot/bench.d/
	sed -i 's/^protocols.*/protocols = imap pop3 lmtp/' \
		/etc/dovecot/dovecot.conf
	install -m 644 "$SCEAU_BUILD/dovecot-plugin/lib10_sceau_plugin.so" \
		"$DOVECOT_MODULES/"
	mount -t tmpfs shm /dev/shm
	start_milter mx
	start_milter sign
	start_policyd
	for dir in postfix sceau dovecot; do
		cp -a "/etc/$dir" "$B/good-$dir"
	done
}

# Back to the good world.
mend() {
	local dir

	for dir in postfix sceau dovecot; do
		find "/etc/$dir" -mindepth 1 -delete
		cp -a "$B/good-$dir/." "/etc/$dir"
	done
}

# ids - of all findings of the last report in report.json.
ids() {
	"$PYTHON" -c 'import json, sys
print(" ".join(sorted(f["id"] for f in json.load(sys.stdin)["findings"])))' \
		<report.json
}

# finds WHAT IDS [ERE] - exactly these findings, one of which matches.
finds() {
	local rc=0 id

	"$SCEAU" check-config --json >report.json || rc=$?
	check_eq "$1" "$(ids)" "$2"
	for id in $2; do
		check_file "$id in the manual" \
			"$BENCH_TOP/docs/man/sceau-check-config.1" "^\\.It Sy $id\$"
	done
	check_eq "$1: exit status" $rc "$([ -z "$2" ] && echo 0 || echo 1)"
	[ -z "${3:-}" ] || check_file "$1" report.json "$3"
}

# breaks WHAT IDS ERE COMMAND... - after the command exactly these findings;
# then all is good again.
breaks() {
	local what=$1 want=$2 pattern=$3
	shift 3
	"$@"
	finds "$what" "$want" "$pattern"
	# each finding has a place and a remedy
	check_no_file_match "$what" report.json '"(where|what|remedy)": ""'
	mend
}

# main_cf NAME=VALUE..., submission_option OPTION - ways to break things.
main_cf() {
	postconf -e "$@"
}

submission() {
	postconf -P "submission/inet/$1"
}

without() {
	postconf -PX "$1"
}

swap() {
	sed -i "$1" "$2"
}

setup

step "nothing is wrong with what is shipped"
finds "shipped" ""
check_file "shipped" report.json '"notes": \[\]'
check_eq "as text" "$("$SCEAU" check-config)" "/etc/sceau/sceau.conf is good"
check_ok "Postfix agrees" postfix check
check_ok "Dovecot agrees" doveconf -n

step "sceau.conf"
echo 'mx_lisen = unix:/x' >>/etc/sceau/sceau.conf
line=$(grep -c '' /etc/sceau/sceau.conf)
check_exit "unknown key" 78 "$SCEAU" check-config
check_match "unknown key" "$OUTPUT" \
	"sceau\\.conf:$line: mx_lisen: .*mx_listen"
mend
printf 'dns_deadline = 5s\ndns_deadline = 6s\n' >>/etc/sceau/sceau.conf
check_exit "key twice" 78 "$SCEAU" check-config --json
check_match "key twice" "$OUTPUT" 'dns_deadline: '
mend
breaks "mode of sceau.conf" settings-mode \
	'user _sceau may not read it' chmod 600 /etc/sceau/sceau.conf
breaks "a setting without effect" 'setting-idle setting-idle' \
	'sceau.conf:[0-9]+: mx_greylist_when' \
	swap '$a mx_greylist_when = always\ndnsbl_lists = bl.example' \
	/etc/sceau/sceau.conf
breaks "limits" limits '/etc/sceau/limits:2' \
	swap '$a daily acount messages 5/1d' /etc/sceau/limits
breaks "an address" listen-address 'sceau.conf:[0-9]+: mx_listen' \
	swap '$a mx_listen = tcp:1' /etc/sceau/sceau.conf

step "DKIM keys: owner and mode of each, and of each directory"
KEY=/etc/sceau/dkim/home.example/s1.private
breaks "mode of a key" dkim-key "$KEY.*" chmod 640 $KEY
check_file "its remedy" report.json "chmod 600 $KEY"
breaks "owner of a key" dkim-key "$KEY" chown root $KEY
breaks "a key directory of root's" dkim-directory \
	'chown -h _sceau-sign /etc/sceau/dkim/home.example' \
	chown root ${KEY%/*}
linked() {
	ln -sf /etc/shadow $KEY
}
breaks "a link in the place of a key" dkim-key 'a symbolic link' linked
linked
finds "the same" dkim-key
check_no_file_match "its remedy gives nothing away" report.json 'chown|chmod'
mend
linked_directory() {
	mkdir -p "$B/home-of-nobody"
	chown nobody "$B/home-of-nobody"
	ln -s "$B/home-of-nobody" /etc/sceau/dkim/link.example
}
breaks "a link in the place of a directory" dkim-directory \
	'a symbolic link leads there' linked_directory
spaced() {
	mkdir '/etc/sceau/dkim/a b;id'
	install -m 644 -o _sceau-sign $KEY '/etc/sceau/dkim/a b;id/s.private'
}
breaks "a name that a shell would take apart" dkim-key \
	"chmod 600 '/etc/sceau/dkim/a b;id/s.private'" spaced
breaks "group may write the domain's directory" dkim-directory \
	'"/etc/sceau/dkim/home.example"' chmod g+w /etc/sceau/dkim/home.example
breaks "owner of the domain's directory" dkim-directory \
	'owned by nobody' chown nobody /etc/sceau/dkim/home.example
vault() {
	mkdir -m 700 /etc/sceau/vault
	mv /etc/sceau/dkim /etc/sceau/vault/
	echo sign_key_directory = /etc/sceau/vault/dkim >>/etc/sceau/sceau.conf
}
breaks "a directory on the way that cannot be passed" dkim-directory \
	'"/etc/sceau/vault"' vault
vault_by_group() {
	vault
	chgrp _sceau-sign /etc/sceau/vault
	chmod 750 /etc/sceau/vault
}
breaks "one that is passed by a group" "" "" vault_by_group
breaks "no key in it" dkim-key "$KEY" swap '1,5d' $KEY
breaks "two keys" dkim-key 'not used, selector s1 signs' \
	cp -a $KEY /etc/sceau/dkim/home.example/s2.private
breaks "mode of the server key" server-key 'chmod 600' \
	chmod 644 /etc/sceau/server.key
breaks "who may write the recipient" server-recipient 'chmod 644' \
	chmod 666 /etc/sceau/server.recipient
breaks "mode of the file that names it" server-key-conf \
	'/etc/dovecot/sceau-server-key.conf' \
	chmod 644 /etc/dovecot/sceau-server-key.conf

step "sockets"
breaks "an absolute path, chrooted" socket-path \
	'looks for unix:/var/spool/postfix/sceau/mx.sock' \
	main_cf "smtpd_milters={ unix:$SPOOL/mx.sock, default_action=tempfail }"
check_file "its remedy" report.json 'write unix:sceau/mx.sock'
outside() {
	main_cf "smtpd_milters={ unix:/run/sceau/mx.sock, default_action=tempfail }"
	echo mx_listen = unix:/run/sceau/mx.sock >>/etc/sceau/sceau.conf
}
breaks "a socket outside of the chroot" socket-path \
	'set mx_listen = unix:/var/spool/postfix/sceau/mx.sock' outside
sceau_stop policy
breaks "a daemon that does not run" daemon-down \
	'sceau-policyd does not run' true
start_policyd
sceau_stop mx KILL
breaks "one that was killed" daemon-down 'sceau-milter@mx does not run' true
start_milter mx
chmod 700 $SPOOL
breaks "a directory that Postfix may not pass" \
	"socket-access socket-access socket-access socket-directory" \
	"user postfix may not pass $SPOOL " true
chmod 3770 $SPOOL
chmod g-s $SPOOL
breaks "a directory that hands no group down" socket-directory \
	'install -d -m 3770 -o _sceau -g postfix' true
chmod g+s,-t $SPOOL
breaks "a directory without the sticky bit" socket-directory \
	'could replace sockets' true
chmod 3770 $SPOOL
chgrp _sceau $SPOOL/sign.sock
breaks "the group of one socket" socket-access "$SPOOL/sign.sock" true
chgrp postfix $SPOOL/sign.sock
breaks "a mistyped name in master.cf" socket-missing \
	'there is no .*/sceau/sing.sock' \
	swap 's,sceau/sign.sock,sceau/sing.sock,' /etc/postfix/master.cf
breaks "a mistyped name in main.cf" socket-missing \
	'there is no .*/sceau/mix.sock' \
	swap 's,sceau/mx.sock,sceau/mix.sock,' /etc/postfix/main.cf
mv /run/sceau /run/gone
breaks "no directory for control" control-directory systemd-tmpfiles true
mv /run/gone /run/sceau
sed -i '/^postfix:/s/_sceau-sign//' /etc/group
breaks "the sign user's group" "sign-user-group socket-directory" \
	'usermod -aG postfix _sceau-sign' true
sed -i '/^postfix:/s/$/_sceau-sign/' /etc/group
sed -i.bak '/^_sceau-sign:/d' /etc/passwd
breaks "no sign user" user-missing 'user _sceau-sign does not exist' true
cp /etc/passwd.bak /etc/passwd
finds "all of it mended" ""

step "Postfix's milter lines"
breaks "no default_action, and accept everywhere" milter-default-action \
	'main.cf:[0-9]+: smtpd_milters' \
	main_cf smtpd_milters=unix:sceau/mx.sock milter_default_action=accept
breaks "sign.sock in main.cf" sign-for-strangers \
	'sign.sock is asked about mail from strangers' \
	main_cf 'smtpd_milters={ unix:sceau/sign.sock, default_action=tempfail }'
breaks "mx.sock for sendmail" mx-on-local-mail non_smtpd_milters \
	main_cf 'non_smtpd_milters={ unix:sceau/mx.sock, default_action=tempfail }'
breaks "submission inherits mx.sock" submission-unsigned \
	'master.cf:[0-9]+: submission/inet' \
	without submission/inet/smtpd_milters
breaks "no daemon name" daemon-name 'milter_macro_daemon_name=ORIGINATING' \
	without submission/inet/milter_macro_daemon_name
breaks "another daemon name" daemon-name 'master.cf:[0-9]+: submission' \
	submission milter_macro_daemon_name=other
breaks "the client in Received" received-leak 'sceau-clean' \
	without submission/inet/cleanup_service_name
breaks "no cleanup service" cleanup-service 'no service sceau-clean' \
	postconf -MX sceau-clean/unix
breaks "nested header checks" nested-header-checks 'sceau-clean' \
	without sceau-clean/unix/nested_header_checks
breaks "no pcre file" pcre-file 'no file /etc/sceau/postfix/received.pcre' \
	rm /etc/sceau/postfix/received.pcre
breaks "no pcre maps" pcre-missing 'postfix-pcre' \
	rm -r /etc/postfix/dynamicmaps.cf /etc/postfix/dynamicmaps.cf.d
# listener OPTION... - where a content filter gives mail back.
listener() {
	echo "127.0.0.1:10025 inet n - y - - smtpd -o content_filter=" \
		"-o smtpd_recipient_restrictions=permit_mynetworks,reject" \
		"-o smtpd_end_of_data_restrictions= $*" >>/etc/postfix/master.cf
}
filter_all() {
	main_cf 'content_filter=smtp:[127.0.0.1]:10024'
	listener -o smtpd_data_restrictions= "$@"
}
filter_strangers() {
	postconf -P 'smtp/inet/content_filter=smtp:[127.0.0.1]:10024'
	listener -o smtpd_milters=
}
breaks "a filter gives mail back to mx.sock, signed before" \
	"runs-twice signed-before-filter" '127.0.0.1:10025/inet' filter_all
breaks "the same, told not to" signed-before-filter 'content_filter' \
	filter_all -o receive_override_options=no_milters
breaks "a filter for strangers' mail alone, and one that charges again" \
	charged-twice '127.0.0.1:10025/inet' filter_strangers
breaks "a proxy filter" proxy-filter 'smtp/inet: smtpd_proxy_filter' \
	postconf -P smtp/inet/smtpd_proxy_filter=127.0.0.1:10024

step "Postfix's policy lines"
ASK='check_policy_service { unix:sceau/policy.sock, timeout=10s, default_action=DUNNO }'
breaks "not asked at DATA" limits-not-charged smtpd_data_restrictions \
	main_cf smtpd_data_restrictions=
breaks "asked too late" policy-order \
	'stands behind permit_mynetworks' main_cf \
	"smtpd_recipient_restrictions=permit_mynetworks, $ASK, reject_unauth_destination"
breaks "no braces" policy-braces 'timeout=10s' main_cf \
	"smtpd_data_restrictions=check_policy_service unix:sceau/policy.sock, timeout=10s"
breaks "Debian's own submission options" "" "" \
	submission smtpd_recipient_restrictions=permit_sasl_authenticated,reject
breaks "a loopback listener where there is no filter" "" "" \
	swap '$a 127.0.0.1:2525 inet n - y - - smtpd' /etc/postfix/master.cf
breaks "Postfix that cannot say" postfix-config "missing '='" \
	swap '1i nonsense' /etc/postfix/main.cf
warned() {
	printf 'myhostname = a\nmyhostname = b\nnonsense\n' \
		>>/etc/postfix/main.cf
}
breaks "the same, after a warning" postfix-config "fatal: .*missing '='" warned
warned
finds "the same" postfix-config
check_no_file_match "no false note" report.json 'not installed'
mend
rm /etc/postfix/main.cf
mkfifo /etc/postfix/main.cf
chmod 644 /etc/sceau/server.key
check_exit "postconf that hangs" 75 "$SCEAU" check-config
check_match "the rest is told" "$OUTPUT" '\[server-key\]'
check_match "and why it is not all" "$OUTPUT" \
	'note: postconf: it does not end: Postfix.s lines are not checked'
rm /etc/postfix/main.cf
mend
breaks "Postfix that is not configured" "" 'Postfix is not .* configured' \
	rm /etc/postfix/main.cf

step "Dovecot's lines"
late() {
	# trap D1: read behind the protocol blocks
	mv /etc/dovecot/bench.d/11-sceau.conf /etc/dovecot/95-sceau.conf
	echo '!include 95-sceau.conf' >>/etc/dovecot/dovecot.conf
}
breaks "read too late" mail-plugins 'protocol lmtp, lda: mail_plugins' late
block() {
	printf 'protocol %s {\n  mail_plugins = quota\n}\n' "$1" \
		>>/etc/dovecot/dovecot.conf
}
breaks "one protocol without it" mail-plugins \
	'protocol pop3: mail_plugins' block pop3
nowhere() {
	install -d /var/lib/sceau/recipients
	: >/var/lib/sceau/recipients/alice@home.example
	echo 'mail_plugins = quota' >>/etc/dovecot/dovecot.conf
	sed -i '/mail_plugins/d' /etc/dovecot/bench.d/11-sceau.conf
}
breaks "no protocol with it, though accounts have keys" mail-plugins \
	'sceau is on in no protocol' nowhere
rm -r /var/lib/sceau/recipients
mv "$DOVECOT_MODULES/lib10_sceau_plugin.so" .
breaks "a plugin that is not there" plugin-file "$DOVECOT_MODULES" true
mv lib10_sceau_plugin.so "$DOVECOT_MODULES/"
breaks "mail in the home" mail-in-home 'maildir:~/' \
	swap 's/^mail_location.*/mail_location = maildir:~\//' \
	/etc/dovecot/dovecot.conf
breaks "mbox" mbox mail_location \
	swap 's/^mail_location.*/mail_location = mbox:~\/mail/' \
	/etc/dovecot/dovecot.conf
breaks "attachments beside the mail" attachments mail_attachment_dir \
	swap 's/^mail_location.*/mail_location = sdbox:~\/sdbox\nmail_attachment_dir = \/tmp/' \
	/etc/dovecot/dovecot.conf
breaks "mail_save_crlf" mail-save-crlf 'mail_save_crlf = yes' \
	swap 's/^mail_save_crlf.*/mail_save_crlf = no/' \
	/etc/dovecot/bench.d/11-sceau.conf
breaks "plaintext on a disk" mail-temp-dir /var/tmp \
	swap 's,^mail_temp_dir.*,mail_temp_dir = /var/tmp,' \
	/etc/dovecot/bench.d/11-sceau.conf
breaks "no server key, so no Dovecot" server-key \
	'does not start without it' rm /etc/sceau/server.key
breaks "its path without <" server-key-path '<' \
	swap 's/= </= /' /etc/dovecot/sceau-server-key.conf
breaks "Dovecot that cannot say" dovecot-config doveconf \
	swap '$a nonsense {' /etc/dovecot/dovecot.conf

step "who is not root is told what was not looked at"
setpriv --reuid nobody --regid nogroup --clear-groups \
	"$SCEAU" check-config >out || true
check_file "as nobody" out '^note: not root: whether Postfix reaches'
check_file "as nobody" out '^note: not root: .* make their sockets'

step "without Postfix and Dovecot"
private_dir /usr/sbin
private_dir /usr/bin
rm -f /usr/sbin/postconf /usr/bin/doveconf
finds "neither is installed" ""
check_file "no Postfix" report.json 'Postfix is not installed'
check_file "no Dovecot" report.json 'Dovecot is not installed'

step "the daemons log nothing about being asked"
for daemon in mx sign policy; do
	check_no_file_match "$daemon" "$B/log/$daemon" 'error|warning'
done
