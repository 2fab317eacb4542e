#!/usr/bin/env bash
# test_plugin_asan.sh - the plugin with AddressSanitizer inside real Dovecot
# ctest-timeout: 600
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

asan=$(gcc -print-file-name=libasan.so)
[ -e "$asan" ] || skip "libasan is not installed"

step "build it"
cmake -S "$BENCH_TOP" -B "$B/asan" -G Ninja -DCMAKE_BUILD_TYPE=Debug \
	-DSCEAU_SANITIZE=address,undefined >"$B/log/build" 2>&1 &&
	cmake --build "$B/asan" --target sceau_plugin >>"$B/log/build" 2>&1 ||
	fail "build: $(tail -n 5 "$B/log/build")"
export SCEAU_BUILD=$B/asan

plugin_setup
mkdir -m 1777 "$B/reports"
# Dovecot itself leaks what it never needed to free.
options=detect_leaks=0:log_path=$B/reports/asan:abort_on_error=0
dovecot_conf asan <<END
default_vsz_limit = 0
import_environment = TZ LD_PRELOAD=$(readlink -f "$asan") ASAN_OPTIONS=$options UBSAN_OPTIONS=log_path=$B/reports/ubsan:print_stacktrace=1
END
for user in alice bob carol; do
	enrol "$user"
done
dovecot_start

# check_reports WHAT - nothing was found so far.
check_reports() {
	check_eq "$1: reports" "$(cat "$B"/reports/* 2>/dev/null || true)" ""
}

step "it is loaded with the sanitizer"
make_mail in.eml --from zoe@far.example --size 5000
make_mail big.eml --size 400000
lmtp_mail zoe@far.example \
	alice@home.example,bob@home.example,carol@home.example in.eml >/dev/null
check_match "maps of lmtp" \
	"$(cat /proc/"$(pgrep -f '^dovecot/lmtp' | head -n 1)"/maps)" libasan
check_reports LMTP

step "every way in and out"
imap_append alice INBOX big.eml
imap_cmd alice 'CREATE Other' 'SELECT INBOX' 'COPY 1:* Other' \
	'FETCH 1:* (ENVELOPE BODYSTRUCTURE PREVIEW RFC822.SIZE)' \
	'FETCH 2 (BODY.PEEK[]<390000.4096>)' 'FETCH 2 (BODY.PEEK[]<65500.100>)' \
	'FETCH 2 (BODY.PEEK[])' 'FETCH 2 (BODY.PEEK[]<10.10>)' \
	'SEARCH BODY letter' 'SORT (SUBJECT) UTF-8 ALL' 'MOVE 1:* Other' \
	>/dev/null
check_reports IMAP
imap_fetch alice 2 'BODY.PEEK[]' --folder Other | cmp - big.eml
mv "$B/home/bob/.sceau/recipient" "$B/recipient"
check_exit "no recipient" 1 lmtp_mail zoe@far.example \
	alice@home.example,bob@home.example in.eml
mv "$B/recipient" "$B/home/bob/.sceau/recipient"
check_reports "refused"

step "altered files"
imap_cmd alice 'CREATE Target' >/dev/null
imap_append alice Target big.eml
file=$(last_mail alice Target)
cp "$file" "$B/sealed"
size=$(stat -c %s "$file")
for at in 5 60 170 190 66000 $((size - 1)); do
	"$PYTHON" - "$B/sealed" "$file" $at <<-'END'
	import sys
	data = bytearray(open(sys.argv[1], "rb").read())
	data[int(sys.argv[3])] ^= 1
	open(sys.argv[2], "wb").write(data)
	END
	check_exit "byte $at" 1 imap_fetch alice 1 'BODY.PEEK[]' --folder Target
	file=$(last_mail alice Target)
done
for at in 0 10 100 190 65750 $((size - 5)); do
	head -c $at "$B/sealed" >"$file"
	check_exit "cut at $at" 1 imap_fetch alice 1 'BODY.PEEK[]' \
		--folder Target
	file=$(last_mail alice Target)
done
check_reports "altered"
dovecot_stop
check_reports "in the end"
check_no_file_match "log" "$DOVECOTLOG" 'Panic|killed with signal'
