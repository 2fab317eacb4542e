#!/usr/bin/env bash
# test_packages_build.sh - the packages build, and lintian and blhc are silent
#
# ctest-timeout: 600
# SPDX-License-Identifier: MIT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/check.sh"
. "$here/lib/debs.sh"

[ "$(id -u)" = 0 ] || skip "needs root, as packaging/build-deb does"
for tool in lintian blhc dpkg-buildpackage dh; do
	command -v "$tool" >/dev/null ||
		skip "$tool is not installed (packaging/deps)"
done

step "packaging/build-deb"
debs_build
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

step "what others put beside the packages stays"
. "$DEBS_TOP/packaging/lib/out.sh"
mkdir "$work/out"
cp "$DEBS"/*.{changes,deb} "$work/out"
touch "$work/other" "$work/out/sceau_notes.txt"
sed -i '/^Files:/a\ 0 0 mail optional ../other' "$work"/out/*.changes
remove_old "$work/out"
check_eq "what is left" "$(cd "$work" && echo out/* other)" \
	"out/sceau_notes.txt other"

step "lintian: no error, no warning"
lintian --allow-root --fail-on error,warning "$DEBS"/*.changes ||
	fail "lintian has findings"

step "blhc: every compiler and linker call is hardened"
blhc --all "$DEBS"/*.build >"$work/blhc" || fail "blhc: $(cat "$work/blhc")"
check_match "calls of the compiler in the log" \
	"$(grep -c -- '-fstack-protector-strong' "$DEBS"/*.build)" '^[0-9]{3,}$'

step "what depends on what"
depends() {
	dpkg-deb -f "$DEBS/$1"_*.deb Depends
}
for package in sceau-milter sceau-policyd dovecot-sceau; do
	check_match "$package" "$(depends $package)" 'sceau-tools \(= [0-9.]+\)'
done
check_match "dovecot-sceau" "$(depends dovecot-sceau)" \
	"(^|, )dovecot-abi-$(cat /usr/share/dovecot/dovecot-abi)(,|\$)"
for package in sceau-milter sceau-policyd sceau-tools dovecot-sceau; do
	check_match "sceau" "$(depends sceau)" "(^|, )$package \\("
done

step "every manual page is in one package, every conffile in its own"
contents() {
	dpkg-deb --fsys-tarfile "$DEBS/$1"_*.deb | tar -tf - | sed 's/^\.//'
}
for deb in "$DEBS"/*.deb; do
	contents "$(basename "$deb" | cut -d_ -f1)"
done >"$work/files"
for page in "$DEBS_TOP"/docs/man/*.[1-8]; do
	name=$(basename "$page")
	check_eq "packages with $name" \
		"$(grep -c "/man${name##*.}/$name.gz\$" "$work/files")" 1
done
conffiles() {
	dpkg-deb --ctrl-tarfile "$DEBS/$1"_*.deb |
		tar -xOf - ./conffiles 2>/dev/null | xargs
}
check_eq "conffiles of sceau-tools" "$(conffiles sceau-tools)" \
	/etc/sceau/sceau.conf
check_eq "conffiles of sceau-milter" "$(conffiles sceau-milter)" \
	"/etc/sceau/headers /etc/sceau/postfix/received.pcre"
check_eq "conffiles of sceau-policyd" "$(conffiles sceau-policyd)" \
	/etc/sceau/limits
check_eq "files under /etc that are no conffile" \
	"$(grep -E '^/etc/.*[^/]$' "$work/files" | grep -v '^/etc/sceau/' ||
		true)" ""
