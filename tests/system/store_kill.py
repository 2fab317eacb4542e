#!/usr/bin/python3
"""store_kill.py - kill -9 of sceau-policyd under load, and count what it knows.

usage: store_kill.py POLICYD INSTANCES ROUNDS

Each instance is a daemon with a directory of its own. In each round it is
started, charged without a pause on an account of that round, and killed after
1.0 to 1.5 s. The next one is asked how much of that account is left: it must
know all that was answered more than a second before the kill, and nothing
that was never asked. In even rounds its child is killed, too, in the same
moment, as when a whole service is: then a commit under way is lost, and how
long that takes is up to the disk, so what `stats` says (behind_ms) counts
where it is more than a second. Prints one line of figures; exit status 1 on
the first thing that does not hold.

SPDX-License-Identifier: MIT
"""
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

UNITS = 1 << 20
REFILL_S = 366 * 86400 / UNITS  # one unit comes back in this time

CONF = """control_directory = {dir}/run
policy_listen = unix:{dir}/policy.sock
policy_limits = {dir}/limits
store_directory = {dir}/state
"""
REQUEST = """request=smtpd_access_policy
protocol_state=DATA
client_address=192.0.2.77
sender=alice@home.example
recipient_count={count}
queue_id=4KILL
instance={instance}
sasl_username={account}

"""


class Failed(Exception):
    pass


class Line:
    """A connection of Postfix."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(path)

    def ask(self, account, count, instance=""):
        self.sock.sendall(REQUEST.format(account=account, count=count,
                                         instance=instance).encode())
        got = b""
        while not got.endswith(b"\n\n"):
            part = self.sock.recv(4096)
            if not part:
                raise ConnectionError("closed")
            got += part
        return got == b"action=DUNNO\n\n"


class Instance:
    def __init__(self, policyd, dir):
        self.policyd, self.dir = policyd, dir
        self.socket = dir + "/policy.sock"
        for name in ("", "/run", "/state"):
            os.mkdir(dir + name, 0o750)
            os.chown(dir + name, 64901, 64901)
        with open(dir + "/policyd.conf", "w") as file:
            file.write(CONF.format(dir=dir))
        with open(dir + "/limits", "w") as file:
            file.write("count account recipients %d/366d\n" % UNITS)
        self.log = open(dir + "/log", "ab")
        self.slowest_start = 0.0

    def start(self):
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.policyd, "-d", "-c", self.dir + "/policyd.conf"],
            stderr=self.log, start_new_session=True)
        while True:
            try:
                # Not only a socket: an answer.
                Line(self.socket).ask("nobody", 0)
                break
            except OSError:
                pass
            if self.process.poll() is not None:
                raise Failed("it did not start: status %d; see %s/log" % (
                    self.process.returncode, self.dir))
            if time.monotonic() - began > 30:
                raise Failed("no answer 30 s after the start")
            time.sleep(0.005)
        self.slowest_start = max(self.slowest_start,
                                 time.monotonic() - began)

    def stats(self):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(self.dir + "/run/policyd.ctl")
        sock.sendall(b'{"do":"stats"}\n')
        return json.loads(sock.makefile().readline())["store"]

    def load(self, account, times):
        """Charge until the daemon dies; the times of the answers."""
        line = Line(self.socket)
        number = 0
        try:
            while True:
                # Some with an instance, some without.
                if not line.ask(account, 1,
                                "i.%d.0" % number if number % 2 else ""):
                    raise Failed("a charge was refused")
                times.append(time.monotonic())
                number += 1
        except OSError:
            pass

    def used(self, account):
        """How much of the account is drawn; draws the rest."""
        line = Line(self.socket)
        left = 0
        bit = UNITS
        while bit:
            if line.ask(account, bit):
                left += bit
            bit >>= 1
        return UNITS - left

    def round(self, number):
        account = "round%d" % number
        times = []
        loader = threading.Thread(target=self.load, args=(account, times))
        began = time.monotonic()
        loader.start()
        time.sleep(random.uniform(1.0, 1.5))
        killed, allowed = time.monotonic(), 1.0
        if number % 2:
            self.process.kill()
        else:
            allowed = max(1.0, self.stats()["file"]["behind_ms"] / 1000)
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        loader.join()
        old = sum(1 for when in times if when < killed - allowed)
        self.start()
        used = self.used(account)
        refilled = int((time.monotonic() - began) / REFILL_S) + 1
        # One may have been charged without an answer.
        if not old - refilled <= used <= len(times) + 1:
            raise Failed("round %d: %d charges known, of %d answered, %d of "
                         "them more than 1 s before the kill"
                         % (number, used, len(times), old))
        lost = max(0, len(times) - used)
        lost_s = killed - times[-lost] if lost else 0.0
        return len(times), old, lost, lost_s

    def run(self, rounds, out):
        totals = [0, 0, 0, 0.0]
        self.start()
        for number in range(1, rounds + 1):
            charged, old, lost, lost_s = self.round(number)
            totals = [totals[0] + charged, totals[1] + old,
                      totals[2] + lost, max(totals[3], lost_s)]
        stats = self.stats()
        if stats["engine"] != "lmdb" or stats["file"]["set_aside"] or \
                not stats["file"]["kept"]:
            raise Failed("store: %s" % stats)
        self.process.terminate()
        if self.process.wait(20) != 0:
            raise Failed("status %d at the end" % self.process.returncode)
        out.write(json.dumps(totals + [self.slowest_start]))


def be_instance(policyd, dir, rounds, out):
    instance = Instance(policyd, dir)
    try:
        instance.run(rounds, out)
    except Failed as error:
        sys.exit("%s: %s" % (dir, error))
    with open(dir + "/log") as log:
        for line in log:
            if re.search(r"damaged|cannot|error", line):
                sys.exit("%s/log: %s" % (dir, line))


def main():
    policyd, instances, rounds = sys.argv[1], *map(int, sys.argv[2:4])
    children = []
    for number in range(instances):
        out = "kill%d.json" % number
        pid = os.fork()
        if pid == 0:
            random.seed(number)
            with open(out, "w") as file:
                be_instance(policyd, os.getcwd() + "/kill%d" % number,
                            rounds, file)
            os._exit(0)
        children.append(pid)
    if any([os.waitpid(pid, 0)[1] for pid in children]):
        sys.exit(1)
    all = [json.load(open("kill%d.json" % n)) for n in range(instances)]
    print("%d kills, %d charges, %d of them more than 1 s before a kill: all "
          "known; %d later ones were lost, the oldest %.2f s before its kill; "
          "slowest start %.2f s" % (
              instances * rounds, sum(a[0] for a in all),
              sum(a[1] for a in all), sum(a[2] for a in all),
              max(a[3] for a in all), max(a[4] for a in all)))


main()
