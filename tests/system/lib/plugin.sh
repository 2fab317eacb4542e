# shellcheck shell=bash
# plugin.sh - enrolled accounts and sealed mail; SPDX-License-Identifier: MIT
#
# Keys are made and mail is opened with Debian's `age`, never with programs of
# this tree, so that the plugin is judged by a stranger. Source it after
# bench.sh.
#
#   plugin_setup [LINE...]   the plugin with a server key; lines for plugin {}
#   enrol alice              a key directory for alice, server slot
#   check_sealed WHAT FILE USER

PLUGIN_KEYS=/etc/sceau/server.key

plugin_setup() {
	command -v age >/dev/null || skip "age is not installed"
	age-keygen -o "$PLUGIN_KEYS" 2>/dev/null
	chmod 600 "$PLUGIN_KEYS"
	age-keygen -y "$PLUGIN_KEYS" >/etc/sceau/server.recipient
	chmod 644 /etc/sceau/server.recipient
	use_plugin "sceau_server_key = <$PLUGIN_KEYS" "$@"
	dovecot_conf debug <<<'mail_debug = yes'
	# Made by Postfix otherwise, which most of these tests do not start.
	mkdir -p /var/spool/postfix/private
}

# enrol USER [DIR] - identity, recipient and server slot. The identity itself
# is kept at $B/USER.identity for the tests.
enrol() {
	local dir=${2:-$B/home/$1/.sceau} identity=$B/$1.identity

	rm -f "$identity"
	age-keygen -o "$identity" 2>/dev/null
	install -d -m 700 "$dir"
	age-keygen -y "$identity" >"$dir/recipient"
	age -r "$(cat /etc/sceau/server.recipient)" \
		-o "$dir/identity.server.age" "$identity"
	chmod 600 "$dir/identity.server.age"
	chown -R vmail:vmail "$dir"
}

# open_file USER FILE - what Debian's age makes of it, on standard output.
open_file() {
	age -d -i "$B/$1.identity" "$2"
}

# check_sealed WHAT FILE USER - the file is one age file that USER's identity
# opens.
check_sealed() {
	check_eq "$1: first line of $2" "$(head -n 1 "$2")" \
		age-encryption.org/v1
	check_ok "$1: age -d $2" age -d -i "$B/$3.identity" -o /dev/null "$2"
}

# sha256_of - of standard input.
sha256_of() {
	sha256sum | cut -d' ' -f1
}

# last_mail USER [FOLDER] - file of the mail that came last.
last_mail() {
	mail_files "$@" | tail -n 1
}

# mail_uids USER FOLDER - of all mails, in order.
mail_uids() {
	imap_cmd "$1" "SELECT \"$2\"" 'UID SEARCH ALL' |
		sed -n 's/\r$//;s/^\* SEARCH//p'
}
