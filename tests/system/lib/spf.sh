# shellcheck shell=bash
# spf.sh - run a Python test of SPF in a network of its own
# SPDX-License-Identifier: MIT

# spf_run SCRIPT ARGUMENT... - run tests/system/SCRIPT with loopback alone; every
# process of it ends with it.
spf_run() {
	local script=$1
	shift
	[ "$(id -u)" -eq 0 ] || skip "needs root (a network of its own)"
	/usr/bin/python3 -c 'import dns, yaml' 2>/dev/null ||
		skip "python3-dnspython, python3-yaml (packaging/deps)"
	[ -x /usr/sbin/unbound ] || skip "unbound is not installed"
	unshare -m -n -p -f --kill-child --mount-proc bash -c \
		'ip link set lo up && exec /usr/bin/python3 -B "$@"' spf \
		"$TOP/tests/system/$script" "$@"
}
