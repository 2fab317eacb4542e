# shellcheck shell=bash
# world.sh - a mail server on plain Debian, and a small Internet around it
# SPDX-License-Identifier: MIT
#
# For scripts that have a whole Debian to themselves: a tree with systemd
# (tree/enter --boot) or a testbed of autopkgtest. Postfix and Dovecot are
# Debian's and as Debian configures them, chrooted, with the few settings that
# a small host adds; alice and bob are its users, by PAM. Domains and addresses
# are those of the bench.
#
#   world_start            the server and the Internet
#   readme FROM TO         run the README's commands between two lines
#   install_sceau          the packages, as the README says
#   configure_sceau        its steps 2 to 5
#   check_mail_flows       signed, counted, sealed, opened

set -euo pipefail
WORLD_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
BENCH_LIB=$WORLD_TOP/tests/system/lib
export PYTHON=/usr/bin/python3
# Where the packages lie; empty: installed already, or apt has them.
WORLD_DEBS=${1:-}
B=/run/bench
mkdir -p "$B"/{log,outside}
ln -sfn /home "$B/home"
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
umask 022

. "$BENCH_LIB/check.sh"
. "$BENCH_LIB/ns.sh"
. "$BENCH_LIB/dns.sh"
. "$BENCH_LIB/postfix.sh"
. "$BENCH_LIB/dovecot.sh"
. "$BENCH_LIB/sink.sh"
. "$BENCH_LIB/mail.sh"

SENT=0 # mails that went outside
export UNITS="sceau-milter@mx sceau-milter@sign sceau-policyd"

# The whole journal when a script fails: nothing is left to look at later.
world_at_exit() {
	local rc=$?

	[ $rc -eq 0 ] || journalctl -b --no-pager -n 150 2>/dev/null | cat -v
	exit $rc
}
trap world_at_exit EXIT
cd "$B" || exit

world_network() {
	local address

	for address in $BENCH_ADDRESSES; do
		ip addr add "$address/32" dev lo
	done
	hostname mx.home.example
	printf '127.0.0.1 localhost\n%s mx.home.example mx\n' "$MX_IP" \
		>/etc/hosts
	rm -f /etc/resolv.conf
	printf 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n' \
		>/etc/resolv.conf
	systemctl disable -q --now unbound 2>/dev/null || true
	systemctl reset-failed unbound 2>/dev/null || true
	dns_setup
	dns_start
}

world_users() {
	local user

	for user in alice bob; do
		useradd -m -s /usr/sbin/nologin "$user"
		echo "$user:pw-$user" | chpasswd
	done
}

# What an admin has set before sceau comes: a name, domains, SASL and LMTP.
world_mail() {
	postconf -e myhostname=mx.home.example inet_protocols=ipv4 \
		inet_interfaces="$MX_IP, 127.0.0.1" \
		mydestination='home.example, localhost' \
		mailbox_transport=lmtp:unix:private/dovecot-lmtp \
		smtpd_sasl_type=dovecot smtpd_sasl_path=private/auth \
		minimal_backoff_time=2s maximal_backoff_time=4s queue_run_delay=2s
	cat >/etc/dovecot/local.conf <<-END
	mail_location = maildir:~/Maildir
	auth_username_format = %Ln
	service auth {
	  unix_listener /var/spool/postfix/private/auth {
	    mode = 0660
	    user = postfix
	  }
	}
	service lmtp {
	  unix_listener /var/spool/postfix/private/dovecot-lmtp {
	    mode = 0600
	    user = postfix
	  }
	}
	END
	systemctl restart postfix@- dovecot
	wait_for 30 "Postfix on port 25" port_open "$MX_IP" 25
	wait_for 30 "Dovecot on port 143" port_open 0.0.0.0 143
}

world_start() {
	world_network
	world_users
	world_mail
	sink_start # on port 25 of other addresses
	check_eq "chroot of smtpd" \
		"$(postconf -M smtp/inet | awk '{ print $5 }')" y
	CURSOR=$(journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p')
}

# What every log says since the world stands, or since the last forget_log.
log_since() {
	journalctl --sync
	journalctl -b --no-pager --after-cursor "$CURSOR" "$@"
}
forget_log() {
	journalctl --sync
	CURSOR=$(journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p')
}
log_has() {
	log_since -o cat | grep -Eq -- "$1"
}

# commands FROM TO - of the README, from the line that begins with FROM up to
# the one that begins with TO.
commands() {
	sed -n "/^$1/,/^$2/s/^    //p" "$WORLD_TOP/README.md"
}

# Its commands, all in the shell of the one who reads on; what they say is in
# $B/said.
readme() {
	commands "$1" "$2" >"$B/commands"
	[ -s "$B/commands" ] || fail "the README has nothing from $1 to $2"
	# shellcheck source=/dev/null
	. "$B/commands" >"$B/said" 2>&1 || fail "README: $(cat "$B/said")"
}

# The README's apt asks before it installs.
apt() {
	apt-get -q -y "$@"
}

# Step 1, less the building: that was done outside.
install_sceau() {
	[ -n "$WORLD_DEBS" ] || return 0
	commands '\*\*1\. Packages' 'Nothing changes' >"$B/step1"
	check_eq "first command" "$(head -n 1 "$B/step1")" packaging/build-deb
	ln -sfn "$WORLD_DEBS" "$B/dist"
	cd "$B" || exit
	# shellcheck source=/dev/null
	. /dev/stdin <<<"$(tail -n +2 "$B/step1")" >"$B/said" 2>&1 ||
		fail "apt: $(cat "$B/said")"
}

publish_key() {
	dns_add "$(sed -n '/^s1\._domainkey\./,/)$/p' "$B/said")"
}

configure_sceau() {
	readme '\*\*2\. Keys' '\*\*3\. Limits'
	publish_key
	readme '\*\*3\. Limits' '\*\*4\. Postfix'
	readme '\*\*4\. Postfix' 'Where yours'
	readme '\*\*5\. Dovecot' 'Mail must not'
	wait_for 10 "Dovecot's new configuration" log_has 'SIGHUP received'
	cd "$B" || exit
}

submit() {
	submit_mail "$@" --starttls
}

# Each call is one mail out and one in.
check_mail_flows() {
	local sealed

	make_mail out.eml --header 'X-Mailer: x'
	check_ok "submission" submit alice zoe@far.example out.eml
	SENT=$((SENT + 1))
	sink_wait $SENT
	check_eq "DKIM" "$(dkim_judge "$(sink_last)" 2>&1)" \
		"pass d=home.example s=s1"
	check_no_file_match "traces" "$(sink_last)" \
		'^X-Mailer:|192\.0\.2\.77|laptop\.isp|from laptop'
	wait_for 10 "the charge in the log" log_has \
		'reason=charged, .*sasl_username=alice'
	make_mail in.eml --from zoe@far.example --to alice@home.example \
		--eightbit
	sealed=$(mail_count alice)
	check_ok "a mail from outside" \
		inbound_mail zoe@far.example alice@home.example in.eml
	wait_mails $((sealed + 1)) alice
	check_eq "first line on disk" \
		"$(head -n 1 "$(mail_files alice | tail -n 1)")" \
		age-encryption.org/v1
	check_opens
}

# The last mail, by IMAP and by age alone, is what was sent.
check_opens() {
	rm -f alice.key by_age
	age -d -i /etc/sceau/server.key -o alice.key \
		~alice/.sceau/identity.server.age
	age -d -i alice.key -o by_age "$(mail_files alice | tail -n 1)"
	rm -f alice.key
	imap_fetch alice '*' 'BODY.PEEK[]' >by_imap
	check_same "what IMAP and age give" by_imap by_age
	tail -c "$(wc -c <in.eml)" by_age >less_trace
	check_same "what was sent" less_trace in.eml
}

main_pid() {
	systemctl show -P MainPID "$1"
}
