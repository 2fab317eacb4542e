#!/usr/bin/python3
"""test_spf_suite.py - the published suite of RFC 7208, with canned answers

Every result and every explanation, whether a dead name answers SERVFAIL or
nothing. Exit status 77: skipped, the suite is not here.

SPDX-License-Identifier: MIT
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../spf"))

try:
    import suite
except ImportError as error:
    print(f"SKIPPED: {error} (packaging/deps)")
    sys.exit(77)
from replay import Replay  # noqa: E402

RESULTS, EXPLANATIONS = 203, 22
# What the suite takes; the bound of any check is 30.
QUESTIONS_MAX = 15


def run(program, scenarios, dead_status):
    results = explanations = most = 0
    bad = []
    replay = Replay(program)
    for scenario, zone, tests in scenarios:
        replay.load(zone, dead_status)
        for test in tests:
            got = replay.check(test.ip, test.helo, *test.address())
            most = max(most, got.questions)
            if got.result not in test.results:
                bad.append(f"{scenario}/{test.name}: got {got.result} "
                           f"({got.reason}), want {test.results}")
                continue
            results += 1
            if test.explanation is None:
                continue
            if test.explains(got.explanation):
                explanations += 1
            else:
                bad.append(f"{scenario}/{test.name}: explanation "
                           f"\"{got.explanation}\", want "
                           f"\"{test.explanation}\"")
    if replay.end() != 0:
        bad.append("spf_replay failed")
    print(f"dead names {dead_status}: {results} results, {explanations} "
          f"explanations, at most {most} questions")
    if (results, explanations) != (RESULTS, EXPLANATIONS):
        bad.append(f"want {RESULTS} and {EXPLANATIONS}")
    if most > QUESTIONS_MAX:
        bad.append(f"a check asked {most} questions")
    return bad


def main():
    scenarios = suite.read_scenarios()
    if scenarios is None:
        print("SKIPPED: rfc7208-tests.yml is not in $SCEAU_VECTORS/spf")
        return 77
    program = os.path.join(os.environ["SCEAU_BUILD"], "tests/spf_replay")
    bad = []
    for status in ("servfail", "timeout"):
        bad += run(program, scenarios, status)
    for line in bad:
        print("FAIL:", line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
