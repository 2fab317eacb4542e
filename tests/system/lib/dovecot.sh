# shellcheck shell=bash
# dovecot.sh - a private Dovecot 2.3; SPDX-License-Identifier: MIT
#
# IMAP on 127.0.0.1:143, SASL and LMTP sockets in Postfix's private/, the LDA
# and Sieve. Users are USER@home.example (and the same at family.example),
# password pw-USER, home $B/home/USER, mail in ~/Maildir. Log: $DOVECOTLOG.

DOVECOTLOG=/var/log/dovecot.log
DOVECOT_MODULES=$(doveconf -h mail_plugin_dir 2>/dev/null ||
	echo /usr/lib/dovecot/modules)

dovecot_setup() {
	private_entry /etc/dovecot
	private_entry /var/lib/dovecot
	mkdir -p /etc/dovecot/bench.d /var/lib/dovecot
	private_dir "$DOVECOT_MODULES"
	: >/etc/dovecot/users
	chmod 644 /etc/dovecot/users
	cat >/etc/dovecot/dovecot.conf <<-END
	protocols = imap lmtp
	listen = 127.0.0.1
	ssl = no
	disable_plaintext_auth = no
	log_path = $DOVECOTLOG
	auth_mechanisms = plain login
	auth_cache_size = 0
	first_valid_uid = 1
	mail_location = maildir:~/Maildir
	mail_save_crlf = yes
	recipient_delimiter = +
	postmaster_address = postmaster@home.example
	hostname = mx.home.example
	sendmail_path = /usr/sbin/sendmail
	submission_host =
	passdb {
	  driver = passwd-file
	  args = username_format=%n /etc/dovecot/users
	  override_fields = userdb_sceau_password=%{sha256:password}
	}
	userdb {
	  driver = passwd-file
	  args = username_format=%n /etc/dovecot/users
	}
	service imap-login {
	  process_min_avail = 0
	}
	service auth {
	  unix_listener /var/spool/postfix/private/auth {
	    mode = 0666
	  }
	}
	service lmtp {
	  unix_listener /var/spool/postfix/private/dovecot-lmtp {
	    mode = 0666
	  }
	}
	service stats {
	  unix_listener stats-writer {
	    mode = 0666
	  }
	}
	# What sceau or a test adds; before the protocol blocks, or
	# mail_plugins would not reach them.
	!include_try /etc/dovecot/bench.d/*.conf
	protocol lmtp {
	  mail_plugins = \$mail_plugins sieve
	}
	protocol lda {
	  mail_plugins = \$mail_plugins sieve
	}
	END
}

# dovecot_conf NAME - standard input becomes bench.d/NAME.conf.
dovecot_conf() {
	cat >"/etc/dovecot/bench.d/$1.conf"
}

# add_user NAME [PASSWORD] - a mailbox NAME@home.example.
add_user() {
	local home=$B/home/$1

	install -d -m 700 -o vmail -g vmail "$home"
	printf '%s:{PLAIN}%s:64903:64903::%s\n' \
		"$1" "${2:-pw-$1}" "$home" >>/etc/dovecot/users
	printf '%s@%s %s\n' "$1" home.example "$1" \
		"$1" family.example "$1" >>/etc/postfix/vmailbox
	postmap hash:/etc/postfix/vmailbox
}

# set_password NAME PASSWORD
set_password() {
	sed -i "/^$1:/d" /etc/dovecot/users
	add_user "$1" "$2"
}

# A start right behind an end now and then finds "already running" on a busy
# machine: then it is ended once more.
dovecot_start() {
	local try

	for try in 1 2 3; do
		! dovecot 2>"$B/log/dovecot-start" || break
		if [ "$try" = 3 ] ||
			! grep -q 'already running' "$B/log/dovecot-start"; then
			fail "dovecot: $(cat "$B/log/dovecot-start")"
		fi
		dovecot_stop
	done
	wait_for 20 "Dovecot on port 143" port_open 127.0.0.1 143
	wait_for 20 "Dovecot's LMTP socket" \
		test -S /var/spool/postfix/private/dovecot-lmtp
}

dovecot_stop() {
	local pid

	pid=$(cat /run/dovecot/master.pid 2>/dev/null) || true
	[ -z "$pid" ] || doveadm stop || true
	wait_for 20 "end of Dovecot" test ! -e /run/dovecot/master.pid
	[ -z "$pid" ] || wait_for 20 "end of process $pid" test ! -e "/proc/$pid"
}

dovecot_restart() {
	dovecot_stop
	dovecot_start
}

# mail_files NAME [FOLDER] - the files of a mailbox in order of arrival.
mail_files() {
	local dir=$B/home/$1/Maildir${2:+/.$2}

	[ -d "$dir/cur" ] || return 0 # nothing came yet
	find "$dir/new" "$dir/cur" -type f -printf '%T@ %p\n' 2>/dev/null |
		sort -n | cut -d' ' -f2-
}

mail_count() {
	mail_files "$@" | wc -l
}

# has_mails N NAME [FOLDER] - for wait_for.
has_mails() {
	local want=$1
	shift
	[ "$(mail_count "$@")" -ge "$want" ]
}

# wait_mails N NAME [FOLDER] - until N mails have arrived.
wait_mails() {
	wait_for 30 "$1 mails for $2" has_mails "$@"
}

# sieve_script NAME - standard input becomes the user's active script.
sieve_script() {
	cat >"$B/home/$1/.dovecot.sieve"
	chown vmail:vmail "$B/home/$1/.dovecot.sieve"
}
