#!/usr/bin/env bash
# test_plugin_reach.sh - the key directory is out of every IMAP client's reach
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib/bench.sh"
. "$BENCH_LIB/plugin.sh"

plugin_setup
enrol alice
make_mail in.eml --from zoe@far.example
keys=$B/home/alice/.sceau
install -d -o vmail "$keys/canary"
# sums - every name below the key directory, and every byte.
sums() {
	find "$keys" | sort
	find "$keys" -type f -exec sha256sum {} + | sort
}
before=$(sums)

# layout LINE... - use this layout from now on.
layout() {
	dovecot_stop
	printf '%s\n' "$@" | dovecot_conf layout
	: >"$DOVECOTLOG"
	dovecot_start
}

# check_layout_refused WHAT ERE LINE... - the account does not come up, and the
# log says why and what to do.
check_layout_refused() {
	local what=$1 words=$2
	shift 2
	layout "$@"
	check_exit "$what: IMAP" 1 imap_cmd alice 'SELECT INBOX'
	check_exit "$what: LMTP" 1 lmtp_mail zoe@far.example \
		alice@home.example in.eml
	check_match "$what: LMTP" "$OUTPUT" '^4[0-9][0-9] '
	check_file "$what: log" "$DOVECOTLOG" "sceau: $words"
	echo "   $what: refused"
}

# check_unreachable WHAT - no name an IMAP client can think of gets there. The
# directory "canary" among the keys would show as a folder.
check_unreachable() {
	local name list tilde='~'
	for name in .sceau sceau ../.sceau ./.sceau "$tilde/.sceau" \
		"$keys" "/$keys" .sceau/recipient ../.sceau/recipient \
		Maildir/../.sceau 'INBOX/../.sceau' 'INBOX/.sceau' \
		"${tilde}alice/.sceau" "${tilde}alice@home.example/.sceau" \
		. .. / "$tilde"; do
		list=$(imap_cmd alice "LIST \"\" \"$name\"" \
			"LIST \"\" \"$name*\"" "LIST \"$name\" *" \
			"SELECT \"$name\"" "EXAMINE \"$name\"" \
			"STATUS \"$name\" (MESSAGES)" \
			"RENAME \"$name\" Got" \
			"RENAME INBOX \"$name/x\"" \
			"DELETE \"$name/recipient\"" \
			"DELETE \"$name/canary\"" \
			"CREATE \"$name/made\"" "SUBSCRIBE \"$name\"" \
			"DELETE \"$name\"" 'LIST "" *' || true)
		check_no_match "$1: $name" "$list" '^\* .*(canary|identity)'
		imap_append alice "$name" in.eml 2>/dev/null || true
		check_eq "$1: keys after $name" "$(sums)" "$before"
	done
	list=$(imap_cmd alice 'LIST "" *' 'LIST "" %' 'LIST "" "*canary*"')
	check_no_match "$1: LIST" "$list" '^\* .*(canary|identity)'
}

step "layouts where the key directory is elsewhere"
layout 'mail_location = maildir:~/Maildir'
lmtp_mail zoe@far.example alice@home.example in.eml >/dev/null
check_sealed "Maildir++" "$(last_mail alice)" alice
check_unreachable "Maildir++"
layout 'mail_location = maildir:~/fs:LAYOUT=fs'
check_unreachable "LAYOUT=fs"
layout 'mail_location = sdbox:~/sdbox'
check_unreachable "sdbox"

step "layouts where it is not"
inside="the key directory $keys lies inside the"
remedy='.*set sceau_keys to a path outside'
check_layout_refused "home is the mail root" \
	"$inside mail root $B/home/alice$remedy" 'mail_location = maildir:~/'
check_layout_refused "home is the mail root, LAYOUT=fs" \
	"$inside mail root $B/home/alice$remedy" \
	'mail_location = maildir:~/:LAYOUT=fs'
check_layout_refused "mail root above home" \
	"$inside mail root $B/home$remedy" \
	"mail_location = maildir:$B/home:LAYOUT=fs"
check_layout_refused "written in another way" "$inside mail root" \
	"mail_location = maildir:$B/tmp/..//home/./alice/"
ln -s "$B/home/alice" "$B/link"
check_layout_refused "through a link" "$inside mail root" \
	"mail_location = maildir:$B/link"
check_layout_refused "index root" "$inside index root $B/home/alice$remedy" \
	'mail_location = maildir:~/Maildir:INDEX=~/'
check_layout_refused "control root" \
	"$inside control root $B/home/alice$remedy" \
	'mail_location = maildir:~/Maildir:CONTROL=~/'
check_layout_refused "INBOX" "$inside INBOX root $B/home/alice$remedy" \
	'mail_location = maildir:~/Maildir:INBOX=~/'
check_layout_refused "dbox" "$inside mail root $B/home/alice$remedy" \
	'mail_location = sdbox:~/'
check_layout_refused "a second namespace" "$inside mail root" \
	'namespace inbox {' 'inbox = yes' 'separator = /' 'location = maildir:~/Maildir' '}' \
	'namespace old {' 'prefix = old/' 'separator = /' \
	'location = maildir:~/:LAYOUT=fs' '}'
check_layout_refused "any path as a folder" \
	"mail_full_filesystem_access = yes lets IMAP clients reach the key directory $keys: set it to no" \
	'mail_full_filesystem_access = yes'
sed -i '/^alice:/s|:[^:]*$|:|' /etc/dovecot/users # her home is gone
check_layout_refused "no home" \
	'sceau_keys = ~/.sceau, but this account has no home directory: give it one in userdb or mail_home, or set sceau_keys to an absolute path' \
	"mail_location = maildir:$B/tmp/mail"
sed -i "/^alice:/s|:\$|:$B/home/alice|" /etc/dovecot/users
check_layout_refused "a path that is not absolute" \
	'sceau_keys = keys must begin with / or ~/' \
	'plugin {' 'sceau_keys = keys' '}'
check_eq "key files" "$(sums)" "$before"

step "elsewhere by setting: no home is fine then"
mkdir -p /var/lib/sceau/keys
chmod 711 /var/lib/sceau/keys
cp -a "$keys" /var/lib/sceau/keys/alice
rm -rf "$keys"
layout 'mail_location = maildir:~/' 'plugin {' \
	'sceau_keys = /var/lib/sceau/keys/%n' '}'
lmtp_mail zoe@far.example alice@home.example in.eml >/dev/null
check_sealed "sceau_keys elsewhere" \
	"$(find "$B/home/alice/new" -type f)" alice
imap_fetch alice 1 'BODY.PEEK[]' | tail -c "$(wc -c <in.eml)" | cmp - in.eml
