#!/usr/bin/env bash
# test_readme.sh - the README's installation by hand, with a chrooted smtpd
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

README=$BENCH_TOP/README.md

# What the bench did for us: the README must do it itself.
rm -rf /etc/sceau /var/lib/sceau /run/sceau /var/spool/postfix/sceau
sed -i '/^_sceau/d; s/,\?_sceau-sign//' /etc/passwd /etc/group
sed -i '/^_sceau/d' /etc/shadow /etc/gshadow
private_dir /usr/local
for program in milter/sceau-milter policy-daemon/sceau-policyd; do
	install -m 755 "$SCEAU_BUILD/$program" "$B/bin/"
done
sceau_have cli/sceau
sceau_have dovecot-plugin/lib10_sceau_plugin.so
install -m 644 "$SCEAU_BUILD/dovecot-plugin/lib10_sceau_plugin.so" \
	"$DOVECOT_MODULES/"

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
	sceau_start "$name" "$B/bin/${1##*/}" "${@:2}" -d
}

# commands FROM TO - the README's commands from the line that begins with FROM
# up to the one that begins with TO.
commands() {
	sed -n "/^$1/,/^$2/s/^    //p" "$README"
}

step "users, directories, a key and the daemons, by the README's commands"
mkdir -p /etc/tmpfiles.d
dns_start
cd "$BENCH_TOP" || exit
commands '\*\*2\. Users' 'The daemons stay' >"$B/step2"
check_match "commands" "$(cat "$B/step2")" '^useradd .* _sceau-sign$'
# shellcheck source=/dev/null
. "$B/step2" >"$B/said"
dns_add "$(sed -n 's/^\(s1\._domainkey\.[^ ]*\) TXT \(.*\)p=\(.*\)$/\1. TXT "\2p=" "\3"/p' \
	"$B/said" | sed 's/"\([A-Za-z0-9+/=]\{200\}\)/"\1" "/')"
cd "$BENCH_TOP" || exit
# shellcheck source=/dev/null
. /dev/stdin <<<"$(commands 'The daemons stay' '\*\*3\. Postfix')"
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
sceau mailbox server-key >"$B/said"
dovecot_conf 11-sceau <packaging/dovecot/11-sceau.conf
bench_start
sceau mailbox init alice@home.example --server /etc/sceau/server.recipient \
	>"$B/said"

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
	"$DOVECOTLOG" || true)" ""
