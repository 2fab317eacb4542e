#!/usr/bin/python3
"""spf_suite.py - the published suite of RFC 7208 over real DNS

usage: spf_suite.py SCEAU [ENGINE]

Each zone is served by a real unbound, and `sceau spf check` asks it: once
with dead names that answer SERVFAIL, once with dead names that are silent. No
check may ask more than 30 questions, or for RR type 99, take more than 20
seconds or say anything on standard error. Another ENGINE than builtin is only
scored. Exit status 77: the suite is not here.

SPDX-License-Identifier: MIT
"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../spf"))

import suite  # noqa: E402
from server import Server  # noqa: E402

RESULTS, EXPLANATIONS = 203, 22
QUESTIONS_MAX = 30
SECONDS_MAX = 20
# Dead names are waited for; nothing else costs much.
WORKERS = 8


class Score:
    def __init__(self):
        self.results = 0
        self.explanations = 0
        self.most = 0
        self.wire = 0
        self.slowest = 0.0
        self.bad = []
        self.broken = []

    def add(self, other):
        self.results += other.results
        self.explanations += other.explanations
        self.most = max(self.most, other.most)
        self.wire = max(self.wire, other.wire)
        self.slowest = max(self.slowest, other.slowest)
        self.bad += other.bad
        self.broken += other.broken


def run_check(sceau, engine, server, test):
    """Result, explanation and what is wrong with how it went."""
    start = time.monotonic()
    done = subprocess.run(
        [sceau, "spf", "check", "--ip", test.ip, "--helo", test.helo,
         "--mail-from", test.mail_from, "--engine", engine,
         "--resolver", f"127.0.0.1:{server.port}"],
        capture_output=True, encoding="latin-1", timeout=60, check=False)
    seconds = time.monotonic() - start
    lines = done.stdout.split("\n")
    explanation = ""
    for line in lines[1:]:
        if line.startswith("explanation="):
            explanation = line[len("explanation="):]
    wrong = []
    if done.returncode != 0 or done.stderr:
        wrong.append(f"exit {done.returncode}: {done.stderr[:500]}")
    if seconds > SECONDS_MAX:
        wrong.append(f"took {seconds:.1f} s")
    return lines[0], explanation, seconds, wrong


def run_scenario(sceau, engine, directory, port, scenario, dead_status):
    name, zone, tests = scenario
    score = Score()
    server = Server(directory, port, zone, dead_status)
    _, mark = server.questions()
    try:
        for test in tests:
            where = f"{name}/{test.name} ({dead_status})"
            result, explanation, seconds, wrong = run_check(
                sceau, engine, server, test)
            asked, mark = server.questions(mark)
            score.slowest = max(score.slowest, seconds)
            # What was sent again, since nobody answered, is one question.
            score.most = max(score.most, len(set(asked)))
            score.wire = max(score.wire, len(asked))
            if len(asked) > QUESTIONS_MAX:
                wrong.append(f"{len(asked)} questions on the wire")
            if any(kind in ("SPF", "TYPE99") for _, kind in asked):
                wrong.append("asked for RR type 99")
            score.broken += [f"{where}: {w}" for w in wrong]
            if result not in test.results:
                score.bad.append(f"{where}: got {result}, want "
                                 f"{test.results}")
                continue
            score.results += 1
            if test.explanation is None:
                continue
            if test.explains(explanation):
                score.explanations += 1
            else:
                score.bad.append(f"{where}: explanation \"{explanation}\", "
                                 f"want \"{test.explanation}\"")
    finally:
        server.end()
    return score


def run_all(sceau, engine, scenarios, dead_status, first_port):
    total = Score()
    with tempfile.TemporaryDirectory(prefix="sceau-spf.") as directory, \
            concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        runs = [pool.submit(run_scenario, sceau, engine,
                            f"{directory}/{i}", first_port + i, scenario,
                            dead_status)
                for i, scenario in enumerate(scenarios)]
        for run in runs:
            total.add(run.result())
    print(f"{engine}, dead names {dead_status}: {total.results} of "
          f"{RESULTS} results, {total.explanations} of {EXPLANATIONS} "
          f"explanations; a check asked at most {total.most} questions "
          f"({total.wire} on the wire) and took at most "
          f"{total.slowest:.1f} s", flush=True)
    return total


def main():
    sceau = sys.argv[1]
    engine = sys.argv[2] if len(sys.argv) > 2 else "builtin"
    scenarios = suite.read_scenarios()
    if scenarios is None:
        print("SKIPPED: rfc7208-tests.yml is not in $SCEAU_VECTORS/spf")
        return 77
    failed = False
    for i, status in enumerate(("servfail", "timeout")):
        score = run_all(sceau, engine, scenarios, status, 20000 + 100 * i)
        wanted = (score.results, score.explanations) == (RESULTS,
                                                         EXPLANATIONS)
        for line in score.broken:
            print("FAIL:", line)
        for line in score.bad:
            print("FAIL:" if engine == "builtin" else "missed:", line)
        failed = failed or bool(score.broken)
        failed = failed or (engine == "builtin" and not wanted)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
