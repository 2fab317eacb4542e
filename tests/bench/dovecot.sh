#!/usr/bin/env bash
# dovecot.sh - sealed LMTP delivery and IMAP reading beside plain Dovecot's
#
# usage: tests/bench/dovecot.sh [--rounds N] [--messages N]
#
# In one run, interleaved: plain Dovecot, Dovecot with sceau's plugin and an
# enrolled account, Dovecot's own mail_crypt with a global key. Prints medians
# and ratios to plain as docs/benchmarks.md shows them. Needs root and a
# release build; stores mail on a tmpfs, so that the disk is not measured.
#
# SPDX-License-Identifier: MIT
BENCH_TIMEOUT=${BENCH_TIMEOUT:-1800}
. "$(dirname "$0")/../system/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

ROUNDS=5
MESSAGES=400
SIZE=50000
BIG=25000000
while [ $# -gt 0 ]; do
	case $1 in
	--rounds) ROUNDS=$2 ;;
	--messages) MESSAGES=$2 ;;
	*) fail "usage: dovecot.sh [--rounds N] [--messages N]" ;;
	esac
	shift 2
done
VARIANTS=(plain sealed mail_crypt)
FIGURES=(deliver read tail)
LMTP=/var/spool/postfix/private/dovecot-lmtp
RESULTS=$B/results
mkdir "$RESULTS"

mailload() {
	"$PYTHON" "$BENCH_TOP/tests/bench/mailload.py" "$@"
}

# setup_VARIANT - the settings and keys of each kind.
setup_plain() { :; }

setup_sealed() {
	plugin_setup
	enrol sealed
	rm /etc/dovecot/bench.d/debug.conf
	mv /etc/dovecot/bench.d/sceau.conf "$B/sealed.conf"
}

setup_mail_crypt() {
	local key=$B/crypt.key

	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
		-pkeyopt ec_param_enc:named_curve -out "$key" 2>/dev/null
	openssl pkey -in "$key" -pubout -out "$key.pub"
	cat >"$B/mail_crypt.conf" <<-END
	mail_plugins = \$mail_plugins mail_crypt
	plugin {
	  mail_crypt_save_version = 2
	  mail_crypt_global_private_key = <$key
	  mail_crypt_global_public_key = <$key.pub
	}
	END
}

# begin VARIANT - Dovecot with its settings and an empty mailbox.
begin() {
	dovecot_stop
	rm -rf "$B/home/$1/Maildir" /etc/dovecot/bench.d/variant.conf
	[ ! -e "$B/$1.conf" ] || cp "$B/$1.conf" \
		/etc/dovecot/bench.d/variant.conf
	dovecot_start
	mailload deliver "$LMTP" "$1@home.example" 20 small.eml >/dev/null
	doveadm expunge -u "$1" mailbox INBOX all
}

# kind VARIANT - what its newest file looks like: plain, sealed, mail_crypt.
kind() {
	local head
	head=$(mail_files "$1" | tail -n 1 | xargs -d '\n' head -c 22 |
		tr -d '\0')
	case $head in
	age-encryption.org/v1) echo sealed ;;
	CRYPTED*) echo mail_crypt ;;
	*) echo plain ;;
	esac
}

record() {
	echo "$3" >>"$RESULTS/$1.$2"
}

# round VARIANT - one measurement of each figure.
round() {
	local seconds bytes

	begin "$1"
	record "$1" deliver "$(mailload deliver "$LMTP" "$1@home.example" \
		"$MESSAGES" small.eml)"
	check_eq "what the files of $1 are" "$(kind "$1")" "$1"
	check_eq "files of $1" "$(mail_count "$1")" "$MESSAGES"
	read -r seconds bytes < <(mailload fetch "$1" "pw-$1" '1:* BODY.PEEK[]')
	record "$1" read "$seconds"
	[ "$bytes" -ge $((MESSAGES * SIZE)) ] ||
		fail "$1: $bytes bytes read, want $((MESSAGES * SIZE)) or more"
	doveadm expunge -u "$1" mailbox INBOX all
	mailload deliver --connections 1 "$LMTP" "$1@home.example" 1 big.eml \
		>/dev/null
	read -r seconds bytes < <(mailload fetch "$1" "pw-$1" \
		"* BODY.PEEK[]<$((BIG - 4096)).4096>")
	record "$1" tail "$seconds"
	[ "$bytes" -ge 4096 ] || fail "$1: $bytes bytes of the tail"
}

# figure VARIANT FIGURE - median, as a rate (per second) or in milliseconds.
figure() {
	sort -n "$RESULTS/$1.$2" | awk -v n="$MESSAGES" -v what="$2" '
	{ v[NR] = $1 }
	END {
		m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
		printf "%.2f\n", what == "tail" ? m * 1000 : n / m
	}'
}

# spread VARIANT FIGURE - lowest and highest round, in the same unit.
spread() {
	sort -n "$RESULTS/$1.$2" | awk -v n="$MESSAGES" -v what="$2" '
	{ v[NR] = what == "tail" ? $1 * 1000 : n / $1 }
	END {
		a = v[1]; b = v[NR]
		if (a > b) { t = a; a = b; b = t }
		printf what == "tail" ? "%.2f-%.2f" : "%.0f-%.0f", a, b
	}'
}

report() {
	local variant what value ratio

	printf '%s, Dovecot %s, %s, Linux %s, %s cores\n' \
		"Debian $(cat /etc/debian_version)" \
		"$(dovecot --version | cut -d' ' -f1)" \
		"$(openssl version | cut -d' ' -f1,2)" "$(uname -r | cut -d- -f1)" "$(nproc)"
	printf '%s rounds, %s messages of %s bytes, 2 LMTP connections, %s\n\n' \
		"$ROUNDS" "$MESSAGES" "$SIZE" "1 IMAP connection, tmpfs"
	printf '| | deliver, msg/s | ratio | read, msg/s | ratio |'
	printf ' last 4 KiB of 25 MB, ms |\n|---|---|---|---|---|---|\n'
	for variant in "${VARIANTS[@]}"; do
		printf '| %s |' "$variant"
		for what in "${FIGURES[@]}"; do
			value=$(figure "$variant" "$what")
			ratio=$(awk -v a="$value" -v b="$(figure plain "$what")" \
				'BEGIN { printf "%.2f", a / b }')
			if [ "$what" = tail ]; then
				printf ' %.1f (%s) |' "$value" \
					"$(spread "$variant" "$what")"
			else
				printf ' %.0f (%s) | %s |' "$value" \
					"$(spread "$variant" "$what")" "$ratio"
			fi
		done
		printf '\n'
	done
}

for variant in "${VARIANTS[@]}"; do
	add_user "$variant"
	"setup_$variant"
done
make_mail small.eml --size "$SIZE"
make_mail big.eml --size "$BIG"
for ((i = 1; i <= ROUNDS; i++)); do
	step "round $i of $ROUNDS"
	for variant in "${VARIANTS[@]}"; do
		round "$variant"
	done
	VARIANTS=("${VARIANTS[@]:1}" "${VARIANTS[0]}")
done
VARIANTS=(plain sealed mail_crypt)
report
