"""replay.py - drive tests/tools/spf_replay.c: the evaluator on canned zones.

SPDX-License-Identifier: MIT
"""
import subprocess

from suite import CNAME, question_name


class Outcome:
    def __init__(self, line):
        (self.result, self.explanation, questions, terms, voids,
         self.mechanism, self.record_domain, self.reason) = line.split("\t")
        self.questions = int(questions)
        self.terms = int(terms)
        self.voids = int(voids)


class Replay:
    """One process. What it says on stderr (a sanitizer's report) is a
    failure."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            encoding="latin-1")

    def say(self, *words):
        self.process.stdin.write("\t".join(words) + "\n")

    def load(self, zone, dead_status="servfail"):
        self.say("zone")
        for name in sorted(zone.dead):
            self.say("dead", question_name(name), dead_status)
        for name, records in zone.records.items():
            for kind, data in records:
                if kind == CNAME:
                    self.say("cname", question_name(name),
                             question_name(data))
                else:
                    self.say("rr", question_name(name), str(kind),
                             data.hex() or "-")
            if not records:
                # a name without records exists all the same
                self.say("rr", question_name(name), "65280", "-")

    def check(self, ip, helo, local, domain, receiver="mx.example"):
        texts = [t.encode("utf-8").hex() or "-"
                 for t in (helo, local, domain, receiver)]
        self.say("check", ip, *texts)
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"spf_replay ended at {ip} {helo} "
                               f"{local}@{domain}")
        return Outcome(line.rstrip("\n"))

    def end(self):
        self.process.stdin.close()
        return self.process.wait()
