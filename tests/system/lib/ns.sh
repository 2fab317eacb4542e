# shellcheck shell=bash
# ns.sh - the namespaces and private directories; SPDX-License-Identifier: MIT

# Addresses of this small Internet, all on lo.
MX_IP=198.51.100.25    # our mail server, mx.home.example
FAR_IP=203.0.113.10    # mail.far.example, a stranger's server
OTHER_IP=203.0.113.66  # mail.other.example, another one
LAPTOP_IP=192.0.2.77   # our users, somewhere behind an ISP
BENCH_ADDRESSES="$MX_IP $FAR_IP $OTHER_IP $LAPTOP_IP 203.0.113.99"

NS_TOOLS="unshare setpriv ip mount timeout unbound postconf doveconf smtp-sink
	openssl $PYTHON"

# ns_enter SCRIPT ARGS... - run the script again inside, then clean up.
ns_enter() {
	local tool dir child rc=0

	[ "$(id -u)" -eq 0 ] || skip "needs root (private namespaces)"
	for tool in $NS_TOOLS; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null ||
			skip "$tool is not installed (packaging/deps)"
	done
	dir=$(mktemp -d /tmp/sceau.XXXXXX)
	chmod 755 "$dir"
	# unshare ignores SIGTERM: only KILL ends it, and with it everything.
	# pdeathsig: also when this shell is killed.
	BENCH_DIR=$dir setpriv --pdeathsig KILL \
		timeout -s KILL "${BENCH_TIMEOUT:-280}" \
		setpriv --pdeathsig KILL \
		unshare -m -n -p -u -i -f --kill-child --mount-proc \
		bash -c 'BENCH_INSIDE=$$ exec bash "$@"' bench "$@" &
	child=$!
	trap 'kill -KILL $child; rmdir "$dir"; exit 130' INT TERM
	{ wait "$child" || rc=$?; } 2>/dev/null
	[ $rc -ne 137 ] || echo "FAIL: killed after" \
		"${BENCH_TIMEOUT:-280} s (BENCH_TIMEOUT)" >&2
	if [ -n "${BENCH_KEEP:-}" ]; then
		echo "kept: $dir"
	else
		rm -rf -- "$dir"
	fi
	exit $rc
}

# private_dir DIR - DIR becomes a directory of our own whose entries are
# links to the host's; replace one by removing the link first.
private_dir() {
	local copy=$B/private$1 host=$B/host$1

	mkdir -p "$copy" "$host"
	mount --rbind "$1" "$host"
	chmod --reference="$1" "$copy"
	find "$host" -mindepth 1 -maxdepth 1 -exec ln -s -t "$copy" {} +
	mount --bind "$copy" "$1"
}

# private_entry PATH - remove the link to the host's, if there is one.
private_entry() {
	[ ! -L "$1" ] || rm -f -- "$1"
}

ns_users() {
	local file

	for file in passwd group shadow gshadow; do
		private_entry /etc/$file
		[ ! -e "$B/host/etc/$file" ] ||
			cp -a "$B/host/etc/$file" /etc/$file
	done
	sed -i '/^_sceau\|^vmail:/d' /etc/passwd /etc/group
	cat >>/etc/passwd <<-END
	_sceau:x:64901:64901::/nonexistent:/usr/sbin/nologin
	_sceau-sign:x:64902:64902::/nonexistent:/usr/sbin/nologin
	vmail:x:64903:64903::/nonexistent:/usr/sbin/nologin
	END
	cat >>/etc/group <<-END
	_sceau:x:64901:
	_sceau-sign:x:64902:
	vmail:x:64903:
	END
}

ns_network() {
	local address

	ip link set lo up
	for address in $BENCH_ADDRESSES; do
		ip addr add "$address/32" dev lo
	done
	hostname mx.home.example
	private_entry /etc/resolv.conf
	private_entry /etc/hosts
	printf 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n' \
		>/etc/resolv.conf
	printf '127.0.0.1 localhost\n' >/etc/hosts
}

# ns_setup - called once, first thing inside.
ns_setup() {
	B=$BENCH_DIR
	PATH=$B/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	export B PATH LC_ALL=C.UTF-8
	umask 022
	# On a tmpfs nothing is left even when the outer shell is killed too.
	[ -n "${BENCH_KEEP:-}" ] || mount -t tmpfs -o mode=755 bench "$B"
	mkdir -p "$B"/{bin,log,home,tmp,outside}
	mount -t tmpfs -o mode=755 run /run
	mkdir -m 1777 /run/lock
	mount -t tmpfs -o mode=755 log /var/log
	private_dir /etc
	private_dir /var/lib
	private_dir /var/spool
	ns_users
	ns_network
	cd "$B" || exit
	trap bench_at_exit EXIT
}

# Logs in full when the test failed: there is nothing left to look at later.
bench_at_exit() {
	local rc=$? log

	trap - EXIT
	if { [ $rc -ne 0 ] && [ $rc -ne 77 ]; } ||
		[ -n "${BENCH_VERBOSE:-}" ]; then
		for log in /var/log/*.log "$B"/log/*; do
			[ -s "$log" ] || continue
			printf '==== %s (last 150 lines)\n' "${log##*/}"
			tail -n 150 "$log" | cat -v
		done >&2
	fi
	if [ -n "${BENCH_KEEP:-}" ]; then
		cp -a /var/log "$B/log/var-log"
		cp -a /etc/postfix /etc/dovecot "$B/" || true
	fi
	exit $rc
}
