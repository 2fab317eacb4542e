#!/usr/bin/env bash
# test_plugin_packaged.sh - packaging/dovecot/11-sceau.conf among Debian's own
# files: the plugin is on in every process, with the defaults we promise
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

stock=/usr/share/dovecot
[ -d $stock/conf.d ] || skip "Debian's configuration of Dovecot is not here"
plugin_setup
packaged=$BENCH_TOP/packaging/dovecot/11-sceau.conf
install -m 600 "$BENCH_TOP/packaging/dovecot/sceau-server-key.conf" \
	/etc/dovecot/

step "Debian's configuration with our file in it"
mkdir -p stock/conf.d
cp "$stock/dovecot.conf" stock/
cp "$stock"/conf.d/*.conf* stock/conf.d/
cp "$packaged" stock/conf.d/11-sceau.conf
sed -i 's|^!include_try /usr/share.*|protocols = imap lmtp pop3|' \
	stock/dovecot.conf
conf() {
	doveconf -c stock/dovecot.conf "$@" 2>conf.err
}
for protocol in imap pop3 lda lmtp doveadm indexer-worker; do
	check_match "$protocol" "$(conf -f "protocol=$protocol" -h mail_plugins)" \
		'(^| )sceau( |$)'
done
check_eq "warnings" "$(cat conf.err)" ""
check_eq "mail_save_crlf" "$(conf -h mail_save_crlf)" yes
check_eq "imap_fetch_failure" "$(conf -h imap_fetch_failure)" no-after
check_match "the server key is not shown" "$(conf plugin)" \
	'sceau_server_key = # hidden'

step "the same file in the private Dovecot"
rm /etc/dovecot/bench.d/sceau.conf
dovecot_conf 11-sceau <"$packaged"
enrol alice
enrol carol
install -m 666 /dev/null "$DOVECOTLOG"
dovecot_start
make_mail in.eml --from zoe@far.example
lmtp_mail zoe@far.example alice@home.example in.eml >/dev/null
check_sealed "LMTP" "$(last_mail alice)" alice
imap_fetch alice 1 'BODY.PEEK[]' | tail -c "$(wc -c <in.eml)" | cmp - in.eml
check_exit "not enrolled" 1 lmtp_mail zoe@far.example bob@home.example in.eml
check_match "not enrolled" "$OUTPUT" '^451 '
check_ok "LDA as the user of the mail" setpriv --reuid vmail --regid vmail \
	--clear-groups /usr/lib/dovecot/dovecot-lda -d carol -p in.eml
check_sealed "LDA as the user of the mail" "$(last_mail carol)" carol
printf x >>"$(last_mail alice)"
check_exit "altered" 1 imap_fetch alice 1 'BODY.PEEK[]'
check_match "altered" "$OUTPUT" 'NO \[SERVERBUG\]'

step "no plaintext in files, not even for a moment"
# Nothing can be made in /dev/shm now, so that Dovecot complains about each file
# it wants there, and goes on without.
mount -t tmpfs -o ro shm /dev/shm
"$PYTHON" - >binary.eml <<'END'
import base64, sys
body = base64.encodebytes(bytes(400000)).replace(b"\n", b"\r\n")
sys.stdout.buffer.write(b"Content-Transfer-Encoding: base64\r\n\r\n" + body)
END
make_mail big.eml --from zoe@far.example --size 400000
: >"$DOVECOTLOG"
lmtp_mail zoe@far.example alice@home.example big.eml >/dev/null
# shellcheck disable=SC2002 # a file would be read in place
cat big.eml | /usr/lib/dovecot/dovecot-lda -d alice
imap_append alice INBOX binary.eml
imap_cmd alice 'SELECT INBOX' 'FETCH * (BINARY.PEEK[]<0.20>)' >/dev/null
for process in lmtp lda imap; do
	check_file "temporary files of $process" "$DOVECOTLOG" \
		"/dev/shm/dovecot.$process.* failed: Read-only"
done
imap_fetch alice 2 'BODY.PEEK[]' | tail -c "$(wc -c <big.eml)" | cmp - big.eml
