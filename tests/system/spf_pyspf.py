#!/usr/bin/python3
"""spf_pyspf.py - pyspf and `sceau spf check` ask the same DNS servers

usage: spf_pyspf.py SCEAU

All checks of the published suite, over real DNS, by both: their results must be
the same but where pyspf is known to be wrong. Exit status 77: no suite.

SPDX-License-Identifier: MIT
"""
import concurrent.futures
import os
import sys
import tempfile

import dns.resolver
import spf

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../spf"))

import suite  # noqa: E402
from server import Server  # noqa: E402
from spf_suite import run_check  # noqa: E402

PORT = 20800
# RFC 7208 5.5: an error of DNS at one of the client's names is passed over.
PYSPF_IS_WRONG = {"ptr-cname-loop"}


def ask_pyspf(test):
    query = spf.query(i=test.ip, s=test.mail_from, h=test.helo,
                      receiver="mx.example", strict=1, timeout=20)
    return query.check()[0]


def main():
    scenarios = suite.read_scenarios()
    if scenarios is None:
        print("SKIPPED: rfc7208-tests.yml is not in $SCEAU_VECTORS/spf")
        return 77
    spf.DNSLookup = spf.DNSLookup_dnspython
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    dns.resolver.override_system_resolver(resolver)
    dns.resolver.default_resolver = resolver
    same, excused, wrong = 0, 0, []
    for i, (name, zone, tests) in enumerate(scenarios):
        resolver.port = PORT + i
        with tempfile.TemporaryDirectory(prefix="sceau-spf.") as directory, \
                concurrent.futures.ThreadPoolExecutor(4) as pool:
            server = Server(directory, PORT + i, zone, "servfail")
            try:
                ours = list(pool.map(lambda test: run_check(
                    sys.argv[1], "builtin", server, test)[0], tests))
                theirs = [ask_pyspf(test) for test in tests]
            finally:
                server.end()
        for test, our, their in zip(tests, ours, theirs):
            if our == their:
                same += 1
            elif test.name in PYSPF_IS_WRONG or \
                    {our, their} <= set(test.results):
                excused += 1
            else:
                wrong.append(f"{name}/{test.name}: {our}, pyspf says {their}")
    for line in wrong:
        print("FAIL:", line)
    print(f"pyspf agrees in {same} checks, {excused} differ for a known "
          f"reason, {len(wrong)} without one")
    return 1 if wrong or same < 195 else 0


if __name__ == "__main__":
    sys.exit(main())
