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
READS=3
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

# record VARIANT FIGURE UNITS SECONDS CPU [BYTES] - per unit.
record() {
	awk -v n="$3" -v wall="$4" -v cpu="$5" \
		'BEGIN { printf "%.9f %.9f\n", wall / n, cpu / n }' \
		>>"$RESULTS/$1.$2"
}

# round VARIANT - one measurement of each figure.
round() {
	local got

	begin "$1"
	read -ra got < <(mailload deliver "$LMTP" "$1@home.example" \
		"$MESSAGES" small.eml)
	record "$1" deliver "$MESSAGES" "${got[@]}"
	check_eq "what the files of $1 are" "$(kind "$1")" "$1"
	check_eq "files of $1" "$(mail_count "$1")" "$MESSAGES"
	read -ra got < <(mailload fetch --times "$READS" "$1" "pw-$1" \
		'1:* BODY.PEEK[]')
	record "$1" read $((READS * MESSAGES)) "${got[@]}"
	[ "${got[2]}" -ge $((READS * MESSAGES * SIZE)) ] ||
		fail "$1: ${got[2]} bytes read"
	doveadm expunge -u "$1" mailbox INBOX all
	mailload deliver --connections 1 "$LMTP" "$1@home.example" 1 big.eml \
		>/dev/null
	read -ra got < <(mailload fetch "$1" "pw-$1" \
		"* BODY.PEEK[]<$((BIG - 4096)).4096>")
	record "$1" tail 1 "${got[@]}"
	[ "${got[2]}" -ge 4096 ] || fail "$1: ${got[2]} bytes of the tail"
}

# median VARIANT FIGURE COLUMN - of the rounds, in seconds.
median() {
	cut -d' ' -f"$3" "$RESULTS/$1.$2" | sort -n | awk '
	{ v[NR] = $1 }
	END {
		m = int((NR + 1) / 2)
		print NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2
	}'
}

# cell VARIANT FIGURE COLUMN rate|ms - the median and its ratio to plain's:
# above 1 is more a second, or more time.
cell() {
	awk -v v="$(median "$1" "$2" "$3")" -v plain="$(median plain "$2" "$3")" \
		-v what="$4" 'BEGIN {
		if (what == "rate")
			printf " %.0f | %.2f |", 1 / v, plain / v
		else
			printf " %.3f | %.2f |", v * 1000, v / plain
	}'
}

table() {
	local variant figure=$1

	printf '\n| %s | messages/s | ratio | CPU, ms a message | ratio |' "$2"
	printf ' rounds, messages/s |\n|---|---|---|---|---|---|\n'
	for variant in "${VARIANTS[@]}"; do
		printf '| %s |' "$variant"
		cell "$variant" "$figure" 1 rate
		cell "$variant" "$figure" 2 ms
		printf ' %s |\n' "$(awk '{ printf "%.0f ", 1 / $1 }' \
			"$RESULTS/$variant.$figure")"
	done
}

report() {
	local variant

	printf '%s, Dovecot %s, %s, Linux %s, %s cores\n' \
		"Debian $(cat /etc/debian_version)" \
		"$(dovecot --version | cut -d' ' -f1)" \
		"$(openssl version | cut -d' ' -f1,2)" \
		"$(uname -r | cut -d- -f1)" "$(nproc)"
	printf '%s rounds, %s messages of %s bytes, %s, tmpfs\n' "$ROUNDS" \
		"$MESSAGES" "$SIZE" "2 LMTP connections, 1 IMAP connection"
	table deliver "LMTP deliver"
	table read "IMAP read, FETCH 1:* BODY.PEEK[]"
	printf '\n| last 4 KiB of a 25 MB mail, fresh login | ms | ratio |'
	printf ' CPU, ms | ratio |\n|---|---|---|---|---|\n'
	for variant in "${VARIANTS[@]}"; do
		printf '| %s |' "$variant"
		cell "$variant" tail 1 ms
		cell "$variant" tail 2 ms
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
