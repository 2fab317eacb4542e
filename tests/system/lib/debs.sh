# shellcheck shell=bash
# debs.sh - the Debian packages of this tree; SPDX-License-Identifier: MIT
#
# Built by packaging/build-deb once, for all tests of a run: the directory's
# name is the hash of what they are made of.
#
#   debs_build         $DEBS is the directory with the packages and the build log
#   debs_enter SCRIPT  run a script in a clean Debian 12, see below

DEBS_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
DEBS_STORE=$DEBS_TOP/build/debs

debs_hash() {
	(cd "$DEBS_TOP" &&
		find CMakeLists.txt cmake lib daemon milter policy-daemon cli \
			dovecot-plugin docs/man packaging NEWS -type f -print0 |
		LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
}

debs_build() {
	DEBS=$DEBS_STORE/$(debs_hash)
	mkdir -p "$DEBS_STORE"
	(
		flock 9
		[ ! -e "$DEBS/done" ] || exit 0
		find "$DEBS_STORE" -mindepth 1 -maxdepth 1 -type d \
			-exec rm -rf {} +
		"$DEBS_TOP/packaging/build-deb" "$DEBS" && touch "$DEBS/done"
	) 9>"$DEBS_STORE/lock" || fail "packaging/build-deb"
}

# Packages that ours need, by name, those of ours left out.
debs_depends() {
	local deb

	for deb in "$DEBS"/*.deb; do
		dpkg-deb -f "$deb" Depends
	done | tr ',' '\n' | sed 's/|.*//; s/(.*//; s/[[:blank:]]//g' |
		grep -v 'sceau\|^dovecot-abi-\|^$' | LC_ALL=C sort -u
}

# debs_enter SCRIPT [ARGUMENT...] - run tests/system/debs/SCRIPT in a clean
# Debian 12 with systemd; its first argument is the directory of the packages.
debs_enter() {
	local script=$1 list rc=0

	shift
	debs_build
	list=$(mktemp)
	{
		cat "$DEBS_TOP/tests/system/debs/packages"
		debs_depends | sed 's/^/+/'
	} >"$list"
	"$DEBS_TOP/tests/system/tree/enter" --boot bookworm "$list" \
		"/src/tests/system/debs/$script" \
		"/src/${DEBS#"$DEBS_TOP/"}" "$@" || rc=$?
	rm -f "$list"
	return $rc
}
