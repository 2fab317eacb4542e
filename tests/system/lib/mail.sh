# shellcheck shell=bash
# mail.sh - making, sending and reading mail; SPDX-License-Identifier: MIT
#
# mailtool.py does the work: `mailtool.py VERB --help`.

mailtool() {
	"$PYTHON" "$BENCH_LIB/mailtool.py" "$@"
}

# make_mail FILE [--from A] [--to A] [--subject S] [--header 'N: v']...
#	[--eightbit] [--size BYTES] - a mail with CRLF line ends.
make_mail() {
	mailtool make "$@"
}

# submit_mail USER TO FILE [mailtool send options] - as an authenticated user
# on port 587, from the laptop. Prints the last SMTP reply ("250 2.0.0 Ok");
# fails unless it is 2xx.
submit_mail() {
	local user=$1 to=$2 file=$3
	shift 3
	mailtool send --server "$MX_IP:587" --source "$LAPTOP_IP" \
		--helo laptop.lan --user "$user" --password "pw-$user" \
		--mail-from "$user@home.example" --rcpt "$to" "$@" "$file"
}

# inbound_mail FROM TO[,TO] FILE [options] - as a stranger's server on port 25.
inbound_mail() {
	local from=$1 to=$2 file=$3
	shift 3
	mailtool send --server "$MX_IP:25" --source "$FAR_IP" \
		--helo mail.far.example --mail-from "$from" --rcpt "$to" \
		"$@" "$file"
}

# lmtp_mail FROM TO[,TO] FILE - straight into Dovecot's LMTP; prints one reply
# a recipient.
lmtp_mail() {
	local from=$1 to=$2 file=$3
	shift 3
	mailtool send --lmtp /var/spool/postfix/private/dovecot-lmtp \
		--helo mx.home.example --mail-from "$from" --rcpt "$to" \
		"$@" "$file"
}

# imap_fetch USER UID ITEM [--folder F] - raw bytes of one FETCH item, e.g.
# 'BODY.PEEK[]' or 'BODY.PEEK[]<1000.20>'; UID may be '*' (the last mail).
imap_fetch() {
	local user=$1 uid=$2 item=$3
	shift 3
	mailtool fetch --user "$user" --password "pw-$user" "$@" "$uid" "$item"
}

# imap_cmd USER COMMAND... - run IMAP commands after login (each one argument,
# without tag); prints every line the server sent. Fails if one is not OK.
imap_cmd() {
	local user=$1
	shift
	mailtool imap --user "$user" --password "pw-$user" "$@"
}

# imap_append USER FOLDER FILE
imap_append() {
	mailtool append --user "$1" --password "pw-$1" "$2" "$3"
}

# dkim_judge FILE... - dkimpy's verdict on every signature, with keys from the
# private DNS: "pass d=home.example s=s1" or "fail ...", one line each;
# "none" without a signature. Of several files: each different line once.
dkim_judge() {
	mailtool dkim "$@"
}
