# shellcheck shell=bash
# bench.sh - a private mail world for one test; SPDX-License-Identifier: MIT
#
#   #!/usr/bin/env bash
#   . "$(dirname "$0")/lib/bench.sh"
#   bench_start                 # DNS, Postfix, Dovecot, the outside
#   ...
#
# Sourcing this file runs the whole script again inside fresh namespaces
# (mount, network, processes, host name, IPC). There /etc, /run, /var/lib,
# /var/log, /var/spool and Dovecot's module directory are private copies, so
# a test uses the very paths an installation uses and the host sees nothing
# of it. Every process dies with the namespace, however the test ends.
#
# Exit status 77 means skipped (not root, or a program is missing).
#   SCEAU_BUILD        build directory, default build/release of this tree
#   SCEAU_LONG=1       long loops (tests/run --long); without: a few rounds
#   BENCH_TIMEOUT      seconds after which everything is killed, default 280
#   BENCH_KEEP=1       keep the working directory and print its name
#   BENCH_VERBOSE=1    print the logs at the end of a good run too

set -euo pipefail

BENCH_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BENCH_TOP=$(cd "$BENCH_LIB/../../.." && pwd)
SCEAU_BUILD=${SCEAU_BUILD:-$BENCH_TOP/build/release}
PYTHON=/usr/bin/python3 # Debian's: it has dkimpy and dnspython
export SCEAU_BUILD BENCH_LIB BENCH_TOP PYTHON

# shellcheck source=tests/system/lib/check.sh
. "$BENCH_LIB/check.sh"
# shellcheck source=tests/system/lib/ns.sh
. "$BENCH_LIB/ns.sh"

if [ "${BENCH_INSIDE:-}" != "$$" ]; then
	ns_enter "$0" "$@" # does not return
fi
ns_setup

# shellcheck source=tests/system/lib/dns.sh
. "$BENCH_LIB/dns.sh"
# shellcheck source=tests/system/lib/postfix.sh
. "$BENCH_LIB/postfix.sh"
# shellcheck source=tests/system/lib/dovecot.sh
. "$BENCH_LIB/dovecot.sh"
# shellcheck source=tests/system/lib/sink.sh
. "$BENCH_LIB/sink.sh"
# shellcheck source=tests/system/lib/sceau.sh
. "$BENCH_LIB/sceau.sh"
# shellcheck source=tests/system/lib/mail.sh
. "$BENCH_LIB/mail.sh"

dns_setup
postfix_setup
dovecot_setup
sceau_setup
for bench_user in alice bob carol; do
	add_user "$bench_user"
done

# bench_start - start DNS, the outside, Postfix and Dovecot, as configured
# so far (postfix_*, dovecot_* and sceau_* functions may be called before).
bench_start() {
	dns_start
	sink_start
	postfix_start
	dovecot_start
}

# bench_stop - stop them in good order. Not needed at the end of a test.
bench_stop() {
	sceau_stop_all
	dovecot_stop
	postfix_stop
	sink_stop
	dns_stop
}
