#!/usr/bin/env bash
# test_age_interop.sh - sceau seal and open against Debian's age
# SPDX-License-Identifier: MIT
set -euo pipefail

TOP=$(cd "$(dirname "$0")/../.." && pwd)
SCEAU=${SCEAU_BUILD:-$TOP/build/release}/cli/sceau
# shellcheck source=tests/system/lib/check.sh
. "$TOP/tests/system/lib/check.sh"

command -v age-keygen >/dev/null || skip "age is not installed"
[ -x "$SCEAU" ] || skip "sceau is not built"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"

step "keys of either side are keys to the other"
age-keygen -o theirs.key 2>/dev/null
"$SCEAU" mailbox server-key --key "$WORK/ours.key" \
	--recipient "$WORK/ours.recipient" >/dev/null
check_eq "recipient of our key as age derives it" \
	"$(age-keygen -y ours.key)" "$(cat ours.recipient)"
theirs=$(age-keygen -y theirs.key)
ours=$(cat ours.recipient)

step "any size, both ways, to one holder and to two"
for size in 0 1 65535 65536 65537 131072 1000000; do
	head -c "$size" /dev/urandom >plain
	for key in ours theirs; do
		"$SCEAU" seal -r "$ours" -r "$theirs" <plain >sealed
		age -d -i "$key.key" sealed >opened
		check_same "$size bytes sealed by sceau, $key" opened plain
		age -r "$ours" -r "$theirs" -o sealed plain
		"$SCEAU" open -i "$key.key" <sealed >opened
		check_same "$size bytes sealed by age, $key" opened plain
	done
done

step "armor, both ways"
head -c 100000 /dev/urandom >plain
"$SCEAU" seal -a -r "$ours" <plain >sealed
check_eq "first line" "$(head -n 1 sealed)" \
	"-----BEGIN AGE ENCRYPTED FILE-----"
age -d -i ours.key sealed >opened
check_same "armored by sceau" opened plain
age -a -r "$ours" -o sealed plain
"$SCEAU" open -i ours.key <sealed >opened
check_same "armored by age" opened plain

step "passphrases, both ways"
echo 'correct horse' >pass
# type_to COMMAND... - run it on a terminal and type the passphrase each time
# it asks.
type_to() {
	/usr/bin/python3 - "$@" <<-'END'
	import os, pty, sys
	pid, fd = pty.fork()
	if pid == 0:
	    os.execvp(sys.argv[1], sys.argv[1:])
	seen = b""
	while True:
	    try:
	        data = os.read(fd, 1000)
	    except OSError:
	        break
	    if not data:
	        break
	    seen += data
	    if seen.rstrip().endswith(b":"):
	        os.write(fd, b"correct horse\n")
	        seen = b""
	sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
}
"$SCEAU" seal -p pass <plain >sealed
check_ok "age with our file" type_to age -d -o opened sealed
check_same "sealed by sceau" opened plain
"$SCEAU" open -p pass -i theirs.key <sealed >opened
check_same "sealed and opened by sceau" opened plain
check_ok "age -p" type_to age -p -o by_age plain
"$SCEAU" open -p pass <by_age >opened
check_same "sealed by age" opened plain
echo 'wrong horse' >pass

step "failures have a class and release nothing false"
# open_fails CLASS FILE - the last line names the class.
open_fails() {
	check_exit "open of $2" 1 sh -c \
		'"$0" open -i ours.key <"$1" 2>&1 >/dev/null' "$SCEAU" "$2"
	check_match "class of $2" "$(tail -n 1 <<<"$OUTPUT")" \
		"^sceau: open: $1: "
}
head -c 100000 /dev/zero >plain
"$SCEAU" seal -r "$theirs" <plain >foreign
"$SCEAU" seal -r "$ours" <plain >sealed
head -c 90000 sealed >short
head -c 100 sealed >stub
sed '1s/v1/v9/' sealed >version
"$SCEAU" seal -a -r "$ours" <plain | sed '$d' >armor
sed '4s/^--- .\{8\}/--- AAAAAAAA/' sealed >mac
check_exit "a wrong passphrase" 1 sh -c \
	'"$0" open -p pass <by_age 2>&1 >/dev/null' "$SCEAU"
check_match "its class" "$OUTPUT" '^sceau: open: no match: '
open_fails "no match" foreign
open_fails "payload failure" short
open_fails "header failure" stub
open_fails "header failure" version
open_fails "HMAC failure" mac
open_fails "armor failure" armor
"$SCEAU" open -i ours.key <short >opened 2>/dev/null || true
check_eq "bytes released of a cut file" "$(wc -c <opened)" 65536
cmp -n 65536 opened plain || fail "released bytes are not the content"

step "usage and configuration"
check_exit "recipient and passphrase" 2 \
	"$SCEAU" seal -r "$ours" -p pass </dev/null
check_exit "no recipient" 2 "$SCEAU" seal </dev/null
check_exit "a bad recipient" 78 "$SCEAU" seal -r age1nonsense </dev/null
check_exit "no identity" 2 "$SCEAU" open </dev/null
check_exit "a missing identity" 78 "$SCEAU" open -i /nowhere/key </dev/null
check_match "path in the message" "$OUTPUT" '/nowhere/key'
check_exit "a full disk" 75 bash -c "'$SCEAU' seal -r $ours <plain >/dev/full"
