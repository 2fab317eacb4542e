#!/usr/bin/env bash
# test_cli_dkim.sh - sceau dkim: the life of keys beside a real resolver, and
# signatures that dkimpy judges, too
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"

sceau_have cli/sceau
SCEAU=$B/bin/sceau
DIR=/etc/sceau/dkim/home.example
# the private root is not signed
sceau_conf "dns_trust_anchor ="
dns_start
cd "$B" || exit

# keys - what list says, without the reasons.
keys() {
	"$SCEAU" dkim list "$@" | sed 's/ (.*//'
}

# reports STATUS WHAT COMMAND... - exit status; standard output in OUTPUT.
reports() {
	local rc=0
	OUTPUT=$("${@:3}" 2>"$B/stderr") || rc=$?
	[ "$rc" = "$1" ] ||
		fail "$2: exit $rc, want $1: $OUTPUT $(cat "$B/stderr")"
}

step "new: a private file of the signing user, and a record to paste"
reports 0 "new" "$SCEAU" dkim new home.example --selector s1
check_eq "mode and owner" "$(stat -c '%a %U' "$DIR" "$DIR/s1.private" |
	tr '\n' ' ')" "700 _sceau-sign 600 _sceau-sign "
check_match "record" "$OUTPUT" '^s1\._domainkey\.home\.example\. IN TXT \($'
check_eq "longest string" "$(grep -o '"[^"]*"' <<<"$OUTPUT" |
	awk '{ if (length($0) - 2 > m) m = length($0) - 2 } END { print m }')" 240
check_no_match "secrets" "$OUTPUT$(cat stderr)" 'PRIVATE KEY'
RECORD=$OUTPUT
reports 1 "before it is published" "$SCEAU" dkim list
check_match "state" "$OUTPUT" \
	'^home\.example s1 rsa-2048 active missing \(no record in DNS\)$'
dns_add "$RECORD"
reports 0 "published" "$SCEAU" dkim list
check_eq "state" "$OUTPUT" "home.example s1 rsa-2048 active published"
reports 0 "show" "$SCEAU" dkim show home.example
check_eq "record again" "$(sed 1d <<<"$OUTPUT")" "$RECORD"

step "states: another key, a record nobody can use, no answer"
cp dns/records records.good
sed -i 's/k=rsa; p=MII/k=rsa; h=sha1; p=MII/' dns/records
dns_reload
reports 1 "not for SHA-256" "$SCEAU" dkim list
check_match "state" "$OUTPUT" 'mismatch \(key is not for SHA-256\)$'
openssl genrsa -out other.pem 2048 2>/dev/null
cp records.good dns/records
sed -i '/^s1\._domainkey/,/)$/d' dns/records
dkim_record home.example s1 other.pem
reports 1 "another key" "$SCEAU" dkim list
check_match "state" "$OUTPUT" 'mismatch \(another key is published\)$'
cp records.good dns/records
dns_reload
reports 1 "no answer" "$SCEAU" dkim list --resolver 127.0.0.1:1
check_match "state" "$OUTPUT" 'unknown \(DNS gave no answer\)$'
reports 0 "not asked" "$SCEAU" dkim list --offline
check_eq "state" "$OUTPUT" "home.example s1 rsa-2048 active"
reports 0 "by name of the resolver" "$SCEAU" dkim list \
	--resolver 127.0.0.1:53

step "a second key: of the same type only by rotate, Ed25519 beside it"
reports 78 "the same type" "$SCEAU" dkim new home.example
check_file "the way out" stderr 'signs already.*sceau dkim rotate home.example'
reports 0 "Ed25519" "$SCEAU" dkim new --type ed25519 --selector e1 \
	home.example
dns_add "$OUTPUT"
check_eq "both" "$(keys)" "home.example e1 ed25519 active published
home.example s1 rsa-2048 active published"
reports 0 "another domain" "$SCEAU" dkim new müller.example --bits 3072
check_match "its month" "$OUTPUT" \
	'^r[0-9]{6}\._domainkey\.xn--mller-kva\.example\. IN TXT'

step "sign and verify: both pass here and at dkimpy"
make_mail lf.eml --header 'Cc: a@far.example' --eightbit
sed -i 's/\r$//' lf.eml
sed 's/$/\r/' lf.eml >crlf.eml
for mail in lf crlf; do
	"$SCEAU" dkim sign <$mail.eml >$mail.signed
	check_eq "$mail: bytes of the mail" "$(tail -c "$(wc -c <$mail.eml)" \
		$mail.signed | sha256sum)" "$(sha256sum <$mail.eml)"
	reports 0 "$mail" "$SCEAU" dkim verify <$mail.signed
	check_eq "$mail: verdicts" "$(cut -d' ' -f 1-3 <<<"$OUTPUT")" \
		"pass
pass d=home.example s=e1
pass d=home.example s=s1"
	check_eq "$mail: dkimpy" "$(dkim_judge $mail.signed)" \
		"pass d=home.example s=e1
pass d=home.example s=s1"
done
check_match "bits of RSA alone" "$OUTPUT" 'a=rsa-sha256 b=.{8} bits=2048$'
check_no_match "bits of Ed25519" "$OUTPUT" 'ed25519.*bits'

step "verify: none, fail, temperror, hostile; always a word and exit 0"
verdict() {
	reports 0 "$1" "$SCEAU" dkim verify "${@:3}"
	check_eq "$1" "$(head -n 1 <<<"$OUTPUT")" "$2"
}
verdict "no signature" none <lf.eml
verdict "empty" none </dev/null
sed 's/Dear reader/Dear victim/' lf.signed >altered.eml
cmp -s lf.signed altered.eml && fail "nothing was altered"
verdict "altered" fail <altered.eml
verdict "no DNS" temperror --resolver 127.0.0.1:1 <lf.signed
sed 's/v=1;/v=1; l=10;/' lf.signed >partial.eml
verdict "l=" policy <partial.eml
{ echo 'From: ceo@bank.example'; cat lf.signed; } >two.eml
verdict "second From" policy <two.eml
printf 'DKIM-Signature: \001\033[31m;x\nFrom: a@b.example\n\n' >hostile.eml
verdict "hostile" neutral <hostile.eml
check_no_match "its bytes" "$OUTPUT" $'\033'
reports 0 "JSON" "$SCEAU" dkim verify --json <lf.signed
check_eq "JSON" "$("$PYTHON" -c 'import json, sys
j = json.load(sys.stdin)
print(j["result"], [(s["result"], s["selector"]) for s in j["signatures"]])' \
	<<<"$OUTPUT")" "pass [('pass', 'e1'), ('pass', 's1')]"

step "rotate: staged, refused until it is published, then put to work"
reports 0 "first half" "$SCEAU" dkim rotate home.example --selector s2
RECORD=$OUTPUT
check_eq "staged" "$(keys --offline home.example)" \
	"home.example e1 ed25519 active
home.example s1 rsa-2048 active
home.example s2 rsa-2048 staged"
reports 1 "not published" "$SCEAU" dkim rotate home.example
check_file "why" stderr 's2\.staged is not put to work: missing'
check_eq "record once more" "$OUTPUT" "$RECORD"
reports 75 "no DNS" "$SCEAU" dkim rotate home.example \
	--resolver 127.0.0.1:1
dns_add "$RECORD"
reports 0 "published" "$SCEAU" dkim rotate home.example
check_eq "changed places" "$(keys home.example)" \
	"home.example e1 ed25519 active published
home.example s2 rsa-2048 active published
home.example s1 rsa-2048 retired"
"$SCEAU" dkim sign <lf.eml >new.signed
check_eq "the new one signs" "$(dkim_judge new.signed | sort)" \
	"pass d=home.example s=e1
pass d=home.example s=s2"
reports 0 "forced" "$SCEAU" dkim rotate home.example --type ed25519 \
	--selector e2
reports 0 "forced" "$SCEAU" dkim rotate home.example --type ed25519 --force
check_eq "nothing is deleted" "$(cd "$DIR" && echo *)" \
	"e1.retired e2.private s1.retired s2.private"

step "retire"
reports 2 "which one" "$SCEAU" dkim retire home.example
reports 78 "no such key" "$SCEAU" dkim retire home.example --selector s1
reports 0 "Ed25519" "$SCEAU" dkim retire home.example --selector e2
check_eq "left" "$(cd "$DIR" && echo *)" \
	"e1.retired e2.retired s1.retired s2.private"
"$SCEAU" dkim sign <lf.eml >new.signed
check_eq "who signs" "$(dkim_judge new.signed)" "pass d=home.example s=s2"
reports 0 "a certain key, of any stage" "$SCEAU" dkim sign --selector s1 \
	--domain home.example <lf.eml
check_match "its selector" "$OUTPUT" '[[:space:]]s=s1;'

step "files that are no keys, options that are none"
chmod 640 "$DIR/s2.private"
reports 1 "mode" "$SCEAU" dkim list home.example
check_match "why" "$OUTPUT" 's2 - active error \(.*mode 0640.*chmod 600'
reports 78 "rotate beside it" "$SCEAU" dkim rotate home.example
chmod 600 "$DIR/s2.private"
chown root "$DIR/s2.private"
reports 1 "owner" "$SCEAU" dkim list home.example
check_match "why" "$OUTPUT" 'owned by root.*chown _sceau-sign'
chown _sceau-sign "$DIR/s2.private"
reports 78 "no such domain" "$SCEAU" dkim show nobody.example
check_file "the way out" stderr 'sceau dkim new nobody.example'
reports 78 "no key" "$SCEAU" dkim sign --domain far.example <lf.eml
reports 1 "two authors" "$SCEAU" dkim sign <two.eml
reports 78 "taken" "$SCEAU" dkim new home.example --type ed25519 --selector s1
for words in '' nonsense new 'new a b' 'new a --bits 512' 'new a --type dsa' \
	'list --force' 'verify x' 'sign --json'; do
	# shellcheck disable=SC2086
	reports 2 "dkim $words" "$SCEAU" dkim $words </dev/null
done
reports 78 "no domain" "$SCEAU" dkim new 'a b'
reports 78 "a way out of the directory" "$SCEAU" dkim new ../x
reports 78 "a selector with a slash" "$SCEAU" dkim new x.example \
	--selector a/b
check_no_match "left behind" "$(find /etc/sceau /tmp -newer stderr -name '*x*' \
	2>/dev/null)" 'x\.example'

step "messages that others signed, over real DNS"
VECTORS=${SCEAU_VECTORS:-$BENCH_TOP/../shared/vectors}/dkim/rfc
[ -e "$VECTORS" ] || skip "no $VECTORS"
sed -E 's/^(\S+) (.*)$/\1. TXT "\2"/; s/(.{250})/\1" "/g' \
	"$VECTORS/8463-A/dns.txt" "$VECTORS/6376-A/dns.txt" >>dns/records
dns_reload
verdict "RFC 8463 A.3" pass <"$VECTORS/8463-A/rfc8463-A.3.eml"
check_eq "both of them" "$(grep -c ^pass <<<"$OUTPUT")" 3
verdict "RFC 6376 A.2" pass <"$VECTORS/6376-A/rfc6376-A.2.eml"
verdict "its body modified" fail <"$VECTORS/6376-A/rfc6376-A.2-body_modified.eml"
