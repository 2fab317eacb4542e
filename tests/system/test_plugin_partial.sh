#!/usr/bin/env bash
# test_plugin_partial.sh - a piece of a large mail costs a piece of the work
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

plugin_setup
# Whoever wants a temporary file fails, and says so.
dovecot_conf temp <<<"mail_temp_dir = $B/nowhere"
enrol alice
dovecot_start

# chunks_opened - of the mail that was closed last: "2 of 382".
chunks_opened() {
	wait_log 5 "$DOVECOTLOG" 'sceau: .*: opened [0-9]+ of [0-9]+ chunks'
	sed -n 's/.*sceau: .*: opened \([0-9]* of [0-9]*\) chunks$/\1/p' \
		"$DOVECOTLOG" | tail -n 1
}

# check_piece WHAT OFFSET LENGTH MOST - a fresh session fetches a piece.
check_piece() {
	local opened
	: >"$DOVECOTLOG"
	imap_fetch alice 1 "BODY.PEEK[]<$2.$3>" >piece
	dd if=big.eml of=want iflag=skip_bytes,count_bytes skip="$2" \
		count="$3" status=none
	check_same "$1" piece want
	opened=$(chunks_opened)
	echo "   $1: opened $opened chunks"
	[ "${opened%% *}" -le "$4" ] ||
		fail "$1: opened $opened chunks, want $4 at most"
}

step "a mail of 25 MB"
make_mail big.eml --size 25000000
size=$(stat -c %s big.eml)
imap_append alice INBOX big.eml
file=$(last_mail alice)
check_sealed "25 MB" "$file" alice
chunks=$(((size + 65535) / 65536))

step "its last 4 KiB"
check_piece "the last 4 KiB" $((size - 4096)) 4096 2
check_match "chunks" "$(chunks_opened)" " of $chunks\$"

step "pieces elsewhere"
check_piece "the first 4 KiB" 0 4096 2
check_piece "4 KiB in the middle" 12345678 4096 2
check_piece "4 KiB across a chunk border" $((65536 * 100 - 2048)) 4096 3
check_piece "the last byte" $((size - 1)) 1 1
# A border inside the last 4 KiB: still only two chunks.
head -c $((65536 * 3 - 800)) big.eml >border.eml
printf '%s\r\n' "$(head -c 2000 /dev/zero | tr '\0' x)" >>border.eml
imap_append alice INBOX border.eml
: >"$DOVECOTLOG"
size2=$(stat -c %s border.eml)
imap_fetch alice 2 "BODY.PEEK[]<$((size2 - 4096)).4096>" >piece
tail -c 4096 border.eml | cmp - piece
check_match "border in the last 4 KiB" "$(chunks_opened)" "^2 of 4\$"

step "one session, many pieces: a chunk is not opened again for each"
: >"$DOVECOTLOG"
commands=()
for ((i = 0; i < 16; i++)); do
	commands+=("UID FETCH 1 (BODY.PEEK[]<$((i * 4096)).4096>)")
done
imap_cmd alice 'SELECT INBOX' "${commands[@]}" >/dev/null
chunks_opened >/dev/null
check_no_file_match "opened" "$DOVECOTLOG" 'opened ([3-9]|[0-9]{2,}) of'

step "the whole mail, without a temporary file"
imap_fetch alice 1 'BODY.PEEK[]' | cmp - big.eml
check_match "all chunks" "$(chunks_opened)" "^$chunks of $chunks\$"
check_no_file_match "log" "$DOVECOTLOG" 'Error|Panic|Fatal|Warning'
