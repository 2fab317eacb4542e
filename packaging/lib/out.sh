# shellcheck shell=bash
# out.sh - the directory that packaging/build-deb writes to, and that may hold
# files of somebody else
# SPDX-License-Identifier: MIT

# remove_old DIRECTORY - what an earlier run made, as its .changes name it.
remove_old() {
	local changes name

	for changes in "$1"/sceau_*.changes; do
		[ -f "$changes" ] || continue
		awk '/^[^ ]/ { files = /^Files:/; next } files { print $5 }' \
			"$changes" | while IFS= read -r name; do
			[[ $name == */* ]] || rm -f -- "$1/$name"
		done
		rm -f -- "$changes" "${changes%.changes}.build"
	done
}

# give FILE - its owner becomes who called sudo.
give() {
	[ -z "${SUDO_UID:-}" ] || chown -h "$SUDO_UID:${SUDO_GID:-}" "$1"
}
