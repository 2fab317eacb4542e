# shellcheck shell=bash
# postfix.sh - a private Postfix; SPDX-License-Identifier: MIT
#
# Port 25 takes mail for home.example and family.example, port 587 takes
# authenticated users' mail (macro daemon name ORIGINATING, own cleanup
# service "sceau-clean"), both on $MX_IP. sendmail(1) works for every user.
# Log: $MAILLOG.

MAILLOG=/var/log/mail.log

# Shared by postfix_setup and tests that add listeners of their own.
postfix_set() {
	postconf -e "$@"
}

# postfix_listener ADDRESS:PORT [-o name=value]... - one more smtpd.
postfix_listener() {
	local where=$1
	shift
	printf '%s inet n - n - - smtpd\n' "$where" >>/etc/postfix/master.cf
	postfix_options "$@"
}

postfix_options() {
	while [ $# -gt 0 ]; do
		printf '  -o { %s }\n' "${2/=/ = }" >>/etc/postfix/master.cf
		shift 2
	done
}

# Lines of master.cf.dist that are ours to say: only unix services stay,
# nothing is chrooted.
postfix_master() {
	awk '/^#/ { next }
		/^[a-z]/ { keep = $2 != "inet" && $8 != "pipe"; $5 = "n" }
		keep { print }' /usr/share/postfix/master.cf.dist \
		>/etc/postfix/master.cf
	printf 'sceau-clean unix n - n - 0 cleanup\n' >>/etc/postfix/master.cf
	postfix_options -o nested_header_checks=
	postfix_listener "$MX_IP:25"
	postfix_listener 127.0.0.1:25
	postfix_listener "$MX_IP:587" \
		-o syslog_name=postfix/submission \
		-o smtpd_sasl_auth_enable=yes \
		-o smtpd_sasl_type=dovecot \
		-o smtpd_sasl_path=private/auth \
		-o smtpd_client_restrictions= -o smtpd_milters= \
		-o smtpd_relay_restrictions=permit_sasl_authenticated,reject \
		-o milter_macro_daemon_name=ORIGINATING \
		-o cleanup_service_name=sceau-clean
}

postfix_setup() {
	local host=$B/host/etc/postfix

	private_entry /etc/postfix
	private_entry /var/lib/postfix
	private_entry /var/spool/postfix
	mkdir -p /etc/postfix /var/lib/postfix /var/spool/postfix
	chown postfix /var/lib/postfix
	# Postfix makes the others; Dovecot's sockets need this one first.
	install -d -m 700 -o postfix /var/spool/postfix/private
	find "$host" -mindepth 1 -maxdepth 1 ! -name main.cf \
		! -name master.cf ! -name 'sasl*' \
		-exec cp -a -t /etc/postfix {} +
	: >/etc/postfix/main.cf
	postfix_set compatibility_level=3.6 \
		multi_instance_enable=no inet_protocols=ipv4 \
		inet_interfaces="$MX_IP,127.0.0.1" \
		maillog_file="$MAILLOG" \
		myhostname=mx.home.example mydestination=localhost \
		mynetworks=127.0.0.0/8 alias_maps= alias_database= \
		virtual_mailbox_domains=home.example,family.example \
		virtual_mailbox_maps=hash:/etc/postfix/vmailbox \
		virtual_transport=lmtp:unix:private/dovecot-lmtp \
		smtpd_client_connection_count_limit=0 \
		smtpd_client_connection_rate_limit=0 \
		smtp_tls_security_level=none smtpd_tls_security_level=none \
		smtputf8_enable=yes message_size_limit=52428800 \
		minimal_backoff_time=2s maximal_backoff_time=4s \
		queue_run_delay=2s smtpd_error_sleep_time=0 \
		milter_connect_timeout=10s
	: >/etc/postfix/vmailbox
	postmap hash:/etc/postfix/vmailbox
	postfix_master
}

postfix_start() {
	postfix start 2>"$B/log/postfix-start" ||
		fail "postfix start: $(cat "$B/log/postfix-start")"
	wait_for 20 "Postfix on port 587" port_open "$MX_IP" 587
}

postfix_stop() {
	[ ! -s /var/spool/postfix/pid/master.pid ] ||
		postfix stop 2>>"$B/log/postfix-start" || true
}

# postfix_reload - after a change of main.cf or master.cf.
postfix_reload() {
	postfix reload 2>>"$B/log/postfix-start"
	# smtpd processes of the old configuration end by themselves after
	# their present client; new ones are needed from here on.
	sleep 0.3
}

# queue_empty - nothing waits in Postfix's queue.
queue_empty() {
	[ -z "$(find /var/spool/postfix/{incoming,active,deferred,maildrop} \
		-type f 2>/dev/null)" ]
}

# wait_queue [SECONDS] - until Postfix has delivered all it had.
wait_queue() {
	wait_for "${1:-30}" "an empty mail queue" queue_empty
}

# port_open ADDRESS PORT - somebody listens there (without connecting).
port_open() {
	[ -n "$(ss -Hltn "src $1 and sport = $2")" ]
}
