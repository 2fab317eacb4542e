#!/usr/bin/python3
"""spf_child.py - sceau-spf2 dies, hangs and talks nonsense

usage: spf_child.py SCEAU SCEAU-SPF2

A copy of the command looks for ../daemon/sceau-spf2, where other programs
stand in for it. Whatever they do, the command prints a result within 20
seconds, exits 0 and leaves no process behind.

SPDX-License-Identifier: MIT
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../spf"))

import suite  # noqa: E402
from server import Server  # noqa: E402

ZONE = {
    "far.example": [{"TXT": "v=spf1 a mx -all"}, {"A": "192.0.2.9"},
                    {"MX": [1, "mx.far.example"]}],
    "mx.far.example": [{"A": "192.0.2.1"}],
    # as many networks as the library holds, and one more
    "n63.example": [{"TXT": "v=spf1 " + "ip4:192.0.2.9 " * 62
                     + "ip4:192.0.2.1 -all"}],
    "n64.example": [{"TXT": "v=spf1 " + "ip4:192.0.2.9 " * 63
                     + "ip4:192.0.2.1 -all"}],
    # as many macros as it is shown, and one more
    "m60.example": [{"TXT": "v=spf1 x=" + "%{d}" * 60 + " +all"}],
    "m61.example": [{"TXT": "v=spf1 x=" + "%{d}" * 61 + " +all"}],
    "e60.example": [{"TXT": "v=spf1 -all exp=t60.example"}],
    "e61.example": [{"TXT": "v=spf1 -all exp=t61.example"}],
    "t60.example": [{"TXT": "no" + "%{c}" * 60}],
    "t61.example": [{"TXT": "no" + "%{c}" * 61}],
    "broken.example": [{"TXT": "v=spf1 +all ip4:192.0.2.1/032"}],
    "loop.example": [{"TXT": "v=spf1 " + "include:loop.example " * 10}],
}

# A stand-in reads the call, then does this.
STANDINS = [
    ("ends at once", "exit 0", "permerror", "gave this record up"),
    ("aborts", "kill -ABRT $$", "permerror", "died of this record (signal 6)"),
    ("breaks its memory", "kill -SEGV $$", "permerror", "signal 11"),
    ("is killed", "kill -KILL $$", "permerror", "signal 9"),
    ("hangs", "exec sleep 1000", "temperror", "time is up"),
    ("talks nonsense", "printf X >&0; sleep 1000", "permerror", "nonsense"),
    ("has no such result", r"printf 'R\177' >&0; sleep 1000", "permerror",
     "nonsense"),
    ("asks nonsense", "printf Q >&0; sleep 1000", "permerror", "nonsense"),
    ("asks without end",
     r"while :; do printf 'Q\001\000far.example\000' >&0 || exit; done",
     "permerror", "more than 30 DNS questions"),
    ("dies between questions",
     r"printf 'Q\020\000far.example\000' >&0; kill -SEGV $$", "permerror",
     "signal 11"),
    ("has no explanation's end", r"printf 'R\003abc' >&0; sleep 1000",
     "fail", ""),
    ("explains with control characters",
     r"printf 'R\003a\r\n\033b\000' >&0; sleep 1000", "fail", ""),
]

# The library itself, on records at its bounds.
RECORDS = [
    ("far.example", "pass", ""),
    ("n63.example", "pass", ""),
    ("n64.example", "permerror", "longer than libspf2 can hold"),
    ("m60.example", None, ""),
    ("m61.example", "permerror", "more macros than libspf2 can hold"),
    ("e60.example", "fail", ""),
    ("e61.example", "fail", ""),
    ("broken.example", "permerror", "syntax error"),
    ("loop.example", "permerror", ""),
]


def run(command, server, domain, engine="libspf2", ip="192.0.2.1"):
    start = time.monotonic()
    done = subprocess.run(
        [command, "spf", "check", "--ip", ip, "--helo", "h", "-v",
         "--mail-from", f"a@{domain}", "--engine", engine, "--resolver",
         f"127.0.0.1:{server.port}"], capture_output=True,
        encoding="latin-1", timeout=60, check=False)
    return done, time.monotonic() - start


def judge(what, done, seconds, result, reason):
    wrong = []
    lines = done.stdout.split("\n")
    if done.returncode != 0 or done.stderr:
        wrong.append(f"exit {done.returncode}: {done.stderr[:300]}")
    if seconds > 20:
        wrong.append(f"took {seconds:.1f} s")
    if result is not None and lines[0] != result:
        wrong.append(f"got {done.stdout!r}, want {result}")
    if reason not in done.stdout:
        wrong.append(f"got {done.stdout!r}, want {reason!r} in it")
    if any(not 32 <= ord(c) <= 126 for line in lines for c in line):
        wrong.append(f"unprintable: {done.stdout!r}")
    return [f"{what}: {line}" for line in wrong]


def find_left(directory):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read()
        except OSError:
            continue
        if directory.encode() in words or b"sleep\0001000" in words:
            found.append(words.decode("latin-1"))
    return found


def left_over(directory):
    """Processes of the stand-in that outlive the command; who has been killed
    may need a moment to die."""
    for _ in range(50):
        found = find_left(directory)
        if not found:
            break
        time.sleep(0.1)
    return found


def main():
    sceau, program = sys.argv[1:3]
    wrong = []
    with tempfile.TemporaryDirectory(prefix="sceau-spf.") as directory:
        server = Server(f"{directory}/dns", 20500, suite.read_zone(ZONE),
                        "servfail")
        os.makedirs(f"{directory}/cli")
        os.makedirs(f"{directory}/daemon")
        command = f"{directory}/cli/sceau"
        standin = f"{directory}/daemon/sceau-spf2"
        shutil.copy(sceau, command)
        done, _ = run(command, server, "far.example")
        if done.returncode != 78 or "not installed" not in done.stderr:
            wrong.append(f"missing: exit {done.returncode}: {done.stderr}")
        with open(standin, "w", encoding="ascii") as file:
            # what ld.so does when a library is missing
            file.write("#!/bin/sh\nexit 127\n")
        os.chmod(standin, 0o755)
        done, _ = run(command, server, "far.example")
        if done.returncode != 78 or "libspf2" not in done.stderr:
            wrong.append(f"no library: exit {done.returncode}: "
                         f"{done.stderr}")
        for what, script, result, reason in STANDINS:
            with open(standin, "w", encoding="ascii") as file:
                # the call is one message, which one read takes
                file.write("#!/bin/sh\ndd bs=100000 count=1 <&0 >/dev/null "
                           f"2>&1\n{script}\n")
            os.chmod(standin, 0o755)
            done, seconds = run(command, server, "far.example")
            wrong += judge(what, done, seconds, result, reason)
            for line in left_over(f"{directory}/daemon"):
                wrong.append(f"{what}: left behind: {line}")
        shutil.copy(program, standin)
        for domain, result, reason in RECORDS:
            done, seconds = run(command, server, domain)
            wrong += judge(domain, done, seconds, result, reason)
        done, _ = run(command, server, "far.example", ip="127.0.0.1")
        if not done.stdout.startswith("none\n"):
            wrong.append(f"loopback: {done.stdout}")
        server.end()
    for line in wrong:
        print("FAIL:", line)
    print(f"{len(STANDINS)} deaths, {len(RECORDS)} records, {len(wrong)} "
          "wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
