#!/usr/bin/python3
"""spf_classes.py - `sceau spf check` over real DNS, beyond the suite

usage: spf_classes.py SCEAU [ENGINE]

Each row names the section of RFC 7208 (or 8616, 5891) that its result follows
from; ENGINE other than builtin is only watched: it may be wrong, but not die
or hang.

SPDX-License-Identifier: MIT
"""
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../spf"))

import suite  # noqa: E402
from server import Server  # noqa: E402

CLIENT = "192.0.2.1"
NETWORKS = " ".join(f"ip4:10.{i // 256}.{i % 256}.0/24" for i in range(500))

# (name, entries as in the suite)
ZONE = {
    # 500 networks: an answer that only TCP carries
    "large.example": [{"TXT": f"v=spf1 {NETWORKS} ip4:192.0.2.0/24 -all"}],
    "large6.example": [{"TXT": "v=spf1 " + " ".join(
        f"ip6:2001:db8:{i:x}::/48" for i in range(300))
        + " ip6:2001:db8:ffff::/48 -all"}],
    # 60 records at one name
    "many.example": [{"TXT": f"verification={i:02}" + "x" * 60}
                     for i in range(59)] + [{"TXT": "v=spf1 a -all"},
                                            {"A": CLIENT}],
    # 60 strings in one record
    "strings.example": [{"TXT": ["v=spf1"] + [
        f" ip4:10.0.{i}.0/24" for i in range(58)] + [" ip4:192.0.2.1 -all"]}],
    # ten times over on each of four levels
    **{f"l{i}.example": [{"TXT": "v=spf1 " + f"include:l{i + 1}.example " * 10
                          + "-all"}] for i in range(4)},
    "l4.example": [{"TXT": "v=spf1 -all"}],
    "shared.example": [{"TXT": "v=spf1 include:five.example "
                        "include:five.example -all"}],
    "five.example": [{"TXT": "v=spf1 a a a a a -all"}, {"A": "192.0.2.9"}],
    "nine.example": [{"TXT": "v=spf1 include:four.example "
                      "include:four.example ip4:192.0.2.1 -all"}],
    "four.example": [{"TXT": "v=spf1 a a a a -all"}, {"A": "192.0.2.9"}],
    # a reverse zone that fails, one with a name that fails
    "ptr.example": [{"TXT": "v=spf1 ptr ip4:198.51.100.7 -all"}],
    "1.2.0.192.in-addr.arpa": ["TIMEOUT"],
    "2.2.0.192.in-addr.arpa": [{"PTR": "broken.ptr.example"},
                               {"PTR": "good.ptr.example"}],
    "broken.ptr.example": ["TIMEOUT"],
    "good.ptr.example": [{"A": "192.0.2.2"}],
    # aliases that go round
    "loop.example": [{"TXT": "v=spf1 a:round.example -all"}],
    "round.example": [{"CNAME": "about.example"}],
    "about.example": [{"CNAME": "round.example"}],
    "alias.example": [{"CNAME": "many.example"}],
    # local parts and domains beyond ASCII
    "eai.example": [{"TXT": "v=spf1 exists:%{l}.l.example a:%{o} -all"}],
    "eai2.example": [{"TXT": "v=spf1 a:%{o} -all"}, {"A": CLIENT}],
    "zoe.l.example": [{"A": "127.0.0.2"}],
    "xn--bcher-kva.example": [
        {"TXT": "v=spf1 -all exp=exp.%{d}"}],
    "exp.xn--bcher-kva.example": [{"TXT": "%{o} by %{h}"}],
    # hostile ones
    "macros.example": [{"TXT": "v=spf1 a:" + "%{s}" * 50 + "%{d} -all"}],
    "nul.example": [{"TXT": "v=spf1 a:nul.example\0.example -all"},
                    {"A": CLIENT}],
    "crlf.example": [{"TXT": "v=spf1 -all exp=exp.crlf.example"}],
    "exp.crlf.example": [{"TXT": "no\r\n250 ok"}],
    "long.example": [{"TXT": "v=spf1 -all exp=exp.long.example"}],
    "exp.long.example": [{"TXT": "x" * 3000}],
    "deadly.example": [{"TXT": "v=spf1 " + " ".join(
        f"a:d{i}.dead.example" for i in range(10)) + " -all"}],
    **{f"d{i}.dead.example": ["TIMEOUT"] for i in range(10)},
    "deadptr.example": [{"TXT": "v=spf1 ptr -all exp=d1.dead.example"}],
}

# what, ip, helo, mail from, result, other fields
ROWS = [
    ("500 networks by TCP", CLIENT, "h", "a@large.example", "pass", {}),
    ("500 networks, none", "198.51.100.1", "h", "a@large.example", "fail",
     {"mechanism": "-all"}),
    ("300 networks of IPv6", "2001:db8:ffff::1", "h", "a@large6.example",
     "pass", {}),
    ("60 TXT records", CLIENT, "h", "a@many.example", "pass", {}),
    ("60 strings", CLIENT, "h", "a@strings.example", "pass",
     {"mechanism": "ip4:192.0.2.1"}),
    ("4.6.4: fan-out", CLIENT, "h", "a@l0.example", "permerror",
     {"questions": 11}),
    ("4.6.4: shared by includes", CLIENT, "h", "a@shared.example",
     "permerror", {}),
    ("4.6.4: ten of ten", CLIENT, "h", "a@nine.example", "pass",
     {"terms": 10}),
    ("5.5: the reverse zone fails", CLIENT, "h", "a@ptr.example", "fail",
     {"mechanism": "-all"}),
    ("5.5: a name in it fails", "192.0.2.2", "h", "a@ptr.example", "pass",
     {"mechanism": "ptr"}),
    ("aliases go round", CLIENT, "h", "a@loop.example", "temperror", {}),
    ("a domain that is an alias", CLIENT, "h", "a@alias.example", "pass", {}),
    ("RFC 8616 4: no label", CLIENT, "h", "jos\u00e9@eai.example", "fail",
     {}),
    ("RFC 8616 4: ASCII is", CLIENT, "h", "zoe@eai.example", "pass", {}),
    ("RFC 8616 4: not needed", CLIENT, "h", "jos\u00e9@eai2.example", "pass",
     {}),
    ("RFC 8616 4: U-labels", CLIENT, "b\u00fccher.example",
     "jos\u00e9@B\u00fccher.example", "fail",
     {"domain": "xn--bcher-kva.example",
      "explanation": "xn--bcher-kva.example by xn--bcher-kva.example"}),
    ("RFC 5891: no U-label", CLIENT, "h", "a@b\u00fc_\u2020.example", "none",
     {"questions": 0}),
    ("2.4: null sender", CLIENT, "many.example", "", "pass", {}),
    ("2.4: null sender in brackets", CLIENT, "many.example", "<>", "pass",
     {}),
    ("HELO alone", CLIENT, "many.example", None, "pass", {}),
    ("a quoted local part", CLIENT, "h", '"a b"@eai2.example', "pass", {}),
    ("7.3: a name that is cut", CLIENT, "h", "a@macros.example", "fail", {}),
    ("3.1: NUL", CLIENT, "h", "a@nul.example", "permerror", {}),
    ("an explanation of two lines", CLIENT, "h", "a@crlf.example", "fail",
     {"explanation": ""}),
    ("an endless explanation", CLIENT, "h", "a@long.example", "fail",
     {"explanation": "x" * 450}),
    ("4.6.4: ten dead names", CLIENT, "h", "a@deadly.example", "temperror",
     {"mechanism": "a:d0.dead.example"}),
    ("dead names wherever one looks", CLIENT, "h", "a@deadptr.example",
     "fail", {"explanation": ""}),
    ("mapped address", "::ffff:192.0.2.1", "h", "a@many.example", "pass",
     {}),
]


def check(sceau, engine, server, row):
    """What is wrong, as lines."""
    what, ip, helo, mail_from, result, fields = row
    command = [sceau, "spf", "check", "--ip", ip, "--helo", helo, "--json",
               "--engine", engine, "--resolver", f"127.0.0.1:{server.port}"]
    if mail_from is not None:
        command += ["--mail-from", mail_from]
    _, mark = server.questions()
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, encoding="utf-8",
                          timeout=60, check=False)
    seconds = time.monotonic() - start
    if done.returncode != 0 or done.stderr:
        return [f"{what}: exit {done.returncode}: {done.stderr[:500]}"]
    wrong = []
    if seconds > 20:
        wrong.append(f"{what}: took {seconds:.1f} s")
    got = json.loads(done.stdout)
    # What was sent again, since nobody answered, is one question.
    asked = len(set(server.questions(mark)[0]))
    if got["questions"] > 30 or asked > 30:
        wrong.append(f"{what}: {got['questions']} questions, {asked} on the "
                     "wire")
    if engine == "builtin":
        for key, want in {"result": result, **fields}.items():
            if got[key] != want:
                wrong.append(f"{what}: {key} is {got[key]!r}, want {want!r} "
                             f"({got['reason']})")
    elif got["result"] != result:
        print(f"missed: {what}: {got['result']}, want {result} "
              f"({got['reason']})")
    return wrong


def main():
    sceau = sys.argv[1]
    engine = sys.argv[2] if len(sys.argv) > 2 else "builtin"
    zone = suite.read_zone(ZONE)
    wrong = []
    for i, status in enumerate(("servfail", "timeout")):
        with tempfile.TemporaryDirectory(prefix="sceau-spf.") as directory:
            server = Server(directory, 20400 + i, zone, status)
            try:
                for row in ROWS:
                    wrong += [f"{line} (dead names: {status})" for line in
                              check(sceau, engine, server, row)]
            finally:
                server.end()
    for line in wrong:
        print("FAIL:", line)
    print(f"{engine}: {2 * len(ROWS)} checks, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
