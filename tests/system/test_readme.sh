#!/usr/bin/env bash
# test_readme.sh - the README's installation by hand, with a chrooted smtpd
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

README=$BENCH_TOP/README.md

# What the bench did for us: the README must do it itself.
rm -rf /etc/sceau /var/lib/sceau /run/sceau /var/spool/postfix/sceau
sed -i '/^_sceau/d; s/,\?_sceau-sign//' /etc/passwd /etc/group
sed -i '/^_sceau/d' /etc/shadow /etc/gshadow
mount -t tmpfs -o mode=755 local /usr/local
rm -f "$B"/bin/sceau*
sceau_have milter/sceau-milter
sceau_have policy-daemon/sceau-policyd
sceau_have cli/sceau
sceau_have dovecot-plugin/lib10_sceau_plugin.so
# Dovecot reads conf.d/ as it would read Debian's.
mkdir /etc/dovecot/conf.d
rmdir /etc/dovecot/bench.d
ln -s conf.d /etc/dovecot/bench.d

# There is no systemd in here: these two do what it would.
systemd-tmpfiles() {
	local kind path mode user group

	while read -r kind path mode user group _; do
		check_eq "kind of tmpfiles line" "$kind" d
		install -d -m "$mode" -o "$user" -g "$group" "$path"
	done <"/etc/tmpfiles.d/$2"
}

systemd-run() {
	local name=${1#--unit=sceau-}
	shift 3
	[ "$name" != policyd ] || name=policy
	sceau_start "$name" "$@" -d
}

# commands FROM TO - the README's commands from the line that begins with FROM
# up to the one that begins with TO.
commands() {
	sed -n "/^$1/,/^$2/s/^    //p" "$README"
}

# follow FROM TO - run them, all in the shell of the one who reads on, who
# is in the source's directory at first and goes elsewhere only if told to.
cd "$BENCH_TOP" || exit
follow() {
	commands "$1" "$2" >"$B/commands"
	[ -s "$B/commands" ] || fail "the README has nothing from $1 to $2"
	# shellcheck source=/dev/null
	. "$B/commands" >"$B/said"
}

step "what is built goes to its places"
commands '\*\*1\. Build' '\*\*2\. Users' >"$B/step1"
check_file "the first step" "$B/step1" ' && cmake --install build/release$'
check_file "the first step" "$B/step1" '^install .*/lib10_sceau_plugin\.so '
# It is built already.
cmake --install "$SCEAU_BUILD" >"$B/said"
# shellcheck source=/dev/null
. /dev/stdin <<<"$(sed -n "s|build/release|$SCEAU_BUILD|; /^install /p" \
	"$B/step1")"

step "users, directories, a key and the daemons, by the README's commands"
mkdir -p /etc/tmpfiles.d
dns_start
follow '\*\*2\. Users' 'The daemons stay'
check_file "commands" "$B/commands" '^useradd .* _sceau-sign$'
dns_add "$(sed -n 's/^\(s1\._domainkey\.[^ ]*\) TXT \(.*\)p=\(.*\)$/\1. TXT "\2p=" "\3"/p' \
	"$B/said" | sed 's/"\([A-Za-z0-9+/=]\{200\}\)/"\1" "/')"
follow 'The daemons stay' '\*\*3\. Postfix'
check_eq "users of the daemons" \
	"$(ps -o user:20= -p "$(IFS=,; echo "${SCEAU_PIDS[*]}")" | sort | xargs)" \
	"_sceau _sceau _sceau-sign"

step "the lines of packaging/postfix, chrooted, and of packaging/dovecot"
cat packaging/postfix/main.cf.{milter,policy} >>/etc/postfix/main.cf
postconf -M# "$MX_IP:587/inet" sceau-clean/unix
awk '$2 == "inet" { $5 = "y" } { print }' /etc/postfix/master.cf \
	>/etc/postfix/master.new
cat /etc/postfix/master.new packaging/postfix/master.cf.debian12 \
	>/etc/postfix/master.cf
postfix_set smtpd_sasl_type=dovecot smtpd_sasl_path=private/auth
check_eq "chroot of submission" \
	"$(postconf -M submission/inet | awk '{ print $5 }')" y
bench_start
follow '\*\*4\. Dovecot' 'Mail must not'
check_file "commands" "$B/commands" '^doveadm reload$'
wait_for 10 "Dovecot's new configuration" \
	grep -q 'SIGHUP received' "$DOVECOTLOG"

step "mail leaves clean and signed, arrives sealed, and is counted"
cd "$B" || exit
make_mail out.eml --header 'X-Mailer: x'
submit_mail alice zoe@far.example out.eml >"$B/said"
sink_wait 1
check_eq "DKIM" "$(dkim_judge "$(sink_last)" 2>&1)" "pass d=home.example s=s1"
check_no_file_match "traces" "$(sink_last)" '^X-Mailer:|192\.0\.2\.77'
make_mail in.eml --from zoe@far.example --to alice@home.example
inbound_mail zoe@far.example alice@home.example in.eml >"$B/said"
wait_mails 1 alice
check_eq "first line on disk" "$(head -n 1 "$(mail_files alice)")" \
	age-encryption.org/v1
imap_fetch alice '*' 'BODY.PEEK[]' | tail -c "$(wc -c <in.eml)" >got.eml
check_same "mail read by IMAP" got.eml in.eml
check_file "policyd's log" "$B/log/policy" 'reason=charged.*alice'

step "no warning in any log"
check_eq "warnings of Postfix" "$(grep -aE 'warning|error|fatal' "$MAILLOG" ||
	true)" ""
check_eq "warnings of Dovecot" "$(grep -aE 'Warning|Error|Fatal' \
	"$DOVECOTLOG" | grep -v 'Warning: SIGHUP received' || true)" ""
