# shellcheck shell=bash
# sceau.sh - our own programs in the private world
# SPDX-License-Identifier: MIT
#
# Programs and plugin come from $SCEAU_BUILD. Configuration is
# /etc/sceau/sceau.conf, sockets are those of an installation. Each daemon's
# standard error is $B/log/NAME.

declare -A SCEAU_PIDS=()

# sceau_have PATH - skip the test unless the build has it.
sceau_have() {
	[ -e "$SCEAU_BUILD/$1" ] || skip "$SCEAU_BUILD/$1 is not built"
}

# sceau_setup - users, directories and programs as the packages make them, an
# empty sceau.conf.
sceau_setup() {
	local program

	private_entry /etc/sceau
	private_entry /var/lib/sceau
	add_to_group _sceau-sign postfix
	add_to_group _sceau-sign _sceau
	install -d -m 755 /etc/sceau /var/lib/sceau/recipients
	install -d -m 700 -o _sceau-sign -g _sceau-sign /etc/sceau/dkim
	install -d -m 3775 -o _sceau -g _sceau /run/sceau
	install -d -m 3770 -o _sceau -g postfix /var/spool/postfix/sceau
	install -d -m 750 -o _sceau -g _sceau /var/lib/sceau/{mx,policyd}
	install -d -m 750 -o _sceau-sign -g _sceau-sign /var/lib/sceau/sign
	: >/etc/sceau/sceau.conf
	# Copies, because every user must be able to run them.
	for program in cli/sceau milter/sceau-milter \
		policy-daemon/sceau-policyd; do
		[ ! -x "$SCEAU_BUILD/$program" ] ||
			install -m 755 "$SCEAU_BUILD/$program" "$B/bin/"
	done
}

# add_to_group USER GROUP - in our private /etc/group.
add_to_group() {
	sed -i "/^$2:/{s/\$/,$1/;s/:,/:/}" /etc/group
}

# sceau_conf LINE... - add lines to sceau.conf.
sceau_conf() {
	printf '%s\n' "$@" >>/etc/sceau/sceau.conf
}

# sceau_start NAME COMMAND... - start a daemon in the foreground form and wait
# for its socket /var/spool/postfix/sceau/NAME.sock.
sceau_start() {
	local name=$1 socket=/var/spool/postfix/sceau/$1.sock
	shift
	[ -x "$1" ] || skip "${1##*/} is not built"
	"$@" >>"$B/log/$name" 2>&1 &
	SCEAU_PIDS[$name]=$!
	disown
	wait_for 15 "$socket" sceau_settled "$name" "$socket"
	kill -0 "${SCEAU_PIDS[$name]}" ||
		fail "$name ended: $(cat "$B/log/$name")"
}

# sceau_settled NAME SOCKET - it serves, or has ended.
sceau_settled() {
	! kill -0 "${SCEAU_PIDS[$1]}" || [ -S "$2" ]
}

# start_milter ROLE - sceau-milter in role mx or sign.
start_milter() {
	sceau_start "$1" "$B/bin/sceau-milter" --role "$1" -d
}

start_policyd() {
	sceau_start policy "$B/bin/sceau-policyd" -d
}

# sceau_stop NAME [SIGNAL] - and wait for its end.
sceau_stop() {
	local pid=${SCEAU_PIDS[$1]:-}

	[ -n "$pid" ] || return 0
	kill "-${2:-TERM}" "$pid" 2>/dev/null || true
	wait_for 15 "end of $1" process_gone "$pid"
	unset "SCEAU_PIDS[$1]"
}

sceau_stop_all() {
	local name

	for name in "${!SCEAU_PIDS[@]}"; do
		sceau_stop "$name"
	done
}

# dkim_key DOMAIN SELECTOR - an RSA-2048 key and its record.
dkim_key() {
	local dir=/etc/sceau/dkim/$1

	install -d -m 700 -o _sceau-sign -g _sceau-sign "$dir"
	openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 \
		-out "$dir/$2.private" 2>/dev/null ||
		openssl genrsa -out "$dir/$2.private" 2048 2>/dev/null
	chown _sceau-sign:_sceau-sign "$dir/$2.private"
	chmod 600 "$dir/$2.private"
	dkim_record "$1" "$2" "$dir/$2.private"
}

# dkim_record DOMAIN SELECTOR PRIVATE-KEY - publish the public half.
dkim_record() {
	local p
	p=$(openssl pkey -in "$3" -pubout -outform DER | base64 -w0)
	dns_add "$2._domainkey.$1. TXT \"v=DKIM1; k=rsa; p=\" $(
		fold -w 200 <<<"$p" | sed 's/.*/"&"/' | tr '\n' ' ')"
}

# use_sign - Postfix signs submitted and local mail through sign.sock.
use_sign() {
	local pcre=$BENCH_TOP/packaging/postfix/received.pcre
	# without blanks: postconf -P refuses them
	local milter='{unix:sceau/sign.sock,default_action=tempfail}'

	postconf -P "$MX_IP:587/inet/smtpd_milters=$milter"
	postfix_set "non_smtpd_milters=$milter"
	[ ! -e "$pcre" ] || {
		mkdir -p /etc/sceau/postfix
		cp "$pcre" /etc/sceau/postfix/
		postconf -P "sceau-clean/unix/header_checks=pcre:/etc/sceau/postfix/received.pcre"
	}
}

# use_mx - Postfix asks mx.sock about mail from outside. Nobody has signed the
# private root zone.
use_mx() {
	sceau_conf 'dns_trust_anchor ='
	postfix_set \
		'smtpd_milters={ unix:sceau/mx.sock, default_action=tempfail }'
}

# use_policy - Postfix asks policy.sock at RCPT, DATA and END-OF-MESSAGE.
use_policy() {
	local ask='check_policy_service { unix:sceau/policy.sock, timeout=10s, default_action=DUNNO }'

	postfix_set "smtpd_recipient_restrictions=reject_unlisted_recipient, $ask, permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination" \
		"smtpd_data_restrictions=$ask" \
		"smtpd_end_of_data_restrictions=$ask"
}

# use_plugin [LINE...] - Dovecot loads the plugin; lines go into plugin {}.
use_plugin() {
	local so

	sceau_have dovecot-plugin
	for so in "$SCEAU_BUILD"/dovecot-plugin/*sceau_plugin.so; do
		[ -e "$so" ] || skip "the Dovecot plugin is not built"
		install -m 644 "$so" "$DOVECOT_MODULES/"
	done
	{
		echo 'mail_plugins = $mail_plugins sceau'
		echo 'plugin {'
		printf '  %s\n' "$@"
		echo '}'
	} | dovecot_conf sceau
}
