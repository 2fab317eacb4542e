# shellcheck shell=bash
# apt.sh - install the Debian packages of packaging/deps, harming nothing
# SPDX-License-Identifier: MIT
#
# Used by packaging/demo, packaging/build-deb and tests/run. Nothing is removed,
# no question is asked, no service is started, stopped or restarted: a Postfix
# or Dovecot that runs on this machine goes on as it is.

DEPS_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/../deps" && pwd)
POLICY=/usr/sbin/policy-rc.d
POLICY_MARK="# temporary, by sceau's packaging/lib/apt.sh"

# become_root SCRIPT ARGS... - run the script again through sudo if needed.
become_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	command -v sudo >/dev/null || {
		echo "${1##*/}: needs root (and there is no sudo here)" >&2
		exit 1
	}
	echo "${1##*/}: needs root, going on through sudo"
	exec sudo --preserve-env=SCEAU_VECTORS,CI,DEB_BUILD_OPTIONS \
		-- "$@"
}

# deps_list NAME... - the packages in those files of packaging/deps.
deps_list() {
	(cd "$DEPS_DIR" && sed 's/#.*//' "$@") | xargs -n1 | sort -u
}

is_installed() {
	local state
	state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) &&
		[ "${state:0:2}" = ii ]
}

# Another mail server would be pushed out by Postfix: not ours to decide.
refuse_other_mta() {
	local other

	other=$(dpkg-query -W \
		-f '${db:Status-Abbrev} ${Package} ${Provides}\n' |
		awk '/^i.*mail-transport-agent/ && $2 != "postfix" { print $2 }')
	if [ -z "$other" ] && ! is_installed postfix &&
		[ -e /usr/sbin/sendmail ]; then
		other=/usr/sbin/sendmail
	fi
	[ -z "$other" ] || {
		echo "This machine already has a mail server (${other//$'\n'/, })" \
			"and Postfix would replace it: nothing was changed." \
			"Please use a machine without it." >&2
		exit 1
	}
}

policy_restore() {
	if [ -e "$POLICY.sceau-saved" ]; then
		mv -f "$POLICY.sceau-saved" "$POLICY"
	elif grep -qs "^$POLICY_MARK" "$POLICY"; then
		rm -f "$POLICY"
	fi
}

# Packages must not start their services while we install them.
policy_deny() {
	policy_restore # of a run that was killed
	trap policy_restore EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	[ ! -e "$POLICY" ] || mv "$POLICY" "$POLICY.sceau-saved"
	printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" >"$POLICY"
	chmod 755 "$POLICY"
}

apt_quiet() {
	env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -y \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
		-o Dpkg::Options::=--force-confold "$@" \
		</dev/null >>"$APT_LOG" 2>&1
}

apt_install() {
	apt_quiet "$@" --no-install-recommends --no-remove install \
		"${missing[@]}"
}

apt_give_up() {
	tail -n 25 "$APT_LOG" >&2
	echo "apt could not install what is needed (above: its last words)." >&2
	exit 1
}

# deps_install NAME... - install what is missing of those lists. Exits with a
# sentence when that cannot be done.
deps_install() {
	local package start=$SECONDS missing=()

	! deps_list "$@" | grep -qx postfix || refuse_other_mta
	for package in $(deps_list "$@"); do
		is_installed "$package" || missing+=("$package")
	done
	if [ ${#missing[@]} -eq 0 ]; then
		echo "apt: every package needed is installed already"
		return
	fi
	APT_LOG=$(mktemp)
	echo "apt: installing ${missing[*]}"
	# Package lists may be missing or too old: then, and only then, update.
	if ! apt_install --simulate; then
		echo "apt: getting new package lists"
		apt_quiet update || apt_give_up
	fi
	if ! is_installed postfix; then
		echo 'postfix postfix/main_mailer_type select No configuration' |
			debconf-set-selections
	fi
	policy_deny
	apt_install || {
		echo "apt: once more, with new package lists"
		{ apt_quiet update && apt_install; } || apt_give_up
	}
	policy_restore
	trap - EXIT INT TERM
	rm -f "$APT_LOG"
	echo "apt: done in $((SECONDS - start)) s; no service was started"
}
