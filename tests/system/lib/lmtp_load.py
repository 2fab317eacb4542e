#!/usr/bin/python3
"""lmtp_load.py - deliver mail while the server is killed again and again.

usage: lmtp_load.py SOCKET OUT USERS KILLS
       lmtp_load.py --judge FILE

Each mail carries a number and the sha256 of its body. OUT.USER gets the
number of each mail that was answered 250 for that user. --judge checks an
opened mail against the sum it carries and prints its number.

SPDX-License-Identifier: MIT
"""
import glob
import hashlib
import os
import random
import re
import signal
import socket
import sys
import threading
import time


def build(number, rng):
    """Small ones and some of several chunks."""
    size = rng.choice([500, 4000, 60000, 140000, 400000])
    lines = []
    while sum(map(len, lines)) < size:
        lines.append("%x\r\n" % rng.getrandbits(280))
    body = "".join(lines).encode()
    head = ("Subject: load\r\nX-Number: %s\r\nX-Sum: %s\r\n\r\n" %
            (number, hashlib.sha256(body).hexdigest()))
    return head.encode() + body


def judge(path):
    with open(path, "rb") as src:
        head, body = src.read().split(b"\r\n\r\n", 1)
    want = re.search(rb"X-Sum: (\w+)", head).group(1).decode()
    print(re.search(rb"X-Number: (\S+)", head).group(1).decode())
    return 0 if hashlib.sha256(body).hexdigest() == want else 1


class Client:
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(path)
        self.file = self.sock.makefile("rb")
        self.reply()
        self.command("LHLO load")

    def reply(self):
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionError
            if line[3:4] != b"-":
                return line

    def command(self, text):
        self.sock.sendall(text.encode() + b"\r\n")
        return self.reply()

    def deliver(self, users, data):
        """The users whose copy was answered 250, as far as we got to know."""
        self.command("MAIL FROM:<zoe@far.example>")
        accepted = [u for u in users if
                    self.command("RCPT TO:<%s@home.example>" % u)
                    .startswith(b"250")]
        self.command("DATA")
        self.sock.sendall(data + b".\r\n")
        done = []
        for user in accepted:
            try:
                if self.reply().startswith(b"250"):
                    done.append(user)
            except (ConnectionError, OSError):
                return done, False
        return done, True


class Load:
    def __init__(self, path, out, users):
        self.path, self.out, self.users = path, out, users
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.answered = self.broken = 0

    def note(self, number, users):
        with self.lock:
            for user in users:
                with open("%s.%s" % (self.out, user), "a") as out:
                    out.write(number + "\n")
            self.answered += len(users)

    def run(self, name):
        rng = random.Random(name)
        client, count = None, 0
        while not self.stop.is_set():
            number = "%s-%d" % (name, count)
            count += 1
            users = self.users[:]
            rng.shuffle(users)
            try:
                client = client or Client(self.path)
                done, is_whole = client.deliver(users, build(number, rng))
            except (ConnectionError, OSError):
                done, is_whole = [], False
            self.note(number, done)
            if not is_whole:
                client = None
                self.broken += 1
                time.sleep(0.02)


def lmtp_pids():
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as src:
                if src.read().startswith(b"dovecot/lmtp"):
                    yield int(path.split("/")[2])
        except OSError:
            pass


def kill_some(load, kills):
    rng = random.Random(7)
    done = 0
    while done < kills:
        # However slow the machine is, some mail gets through between two.
        seen, limit = load.answered, time.monotonic() + 20
        while load.answered == seen and time.monotonic() < limit:
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.2))
        for pid in list(lmtp_pids())[:2]:
            if done < kills:
                try:
                    os.kill(pid, signal.SIGKILL)
                    done += 1
                except ProcessLookupError:
                    pass
    load.stop.set()
    return done


def main(argv):
    if argv[0] == "--judge":
        return judge(argv[1])
    load = Load(argv[0], argv[1], argv[2].split(","))
    threads = [threading.Thread(target=load.run, args=("t%d" % i,))
               for i in range(3)]
    for thread in threads:
        thread.start()
    done = kill_some(load, int(argv[3]))
    for thread in threads:
        thread.join()
    with open(argv[1] + ".summary", "w") as out:
        out.write("   %d kills, %d copies answered, %d transactions broken\n"
                  % (done, load.answered, load.broken))
    return 0 if load.answered >= done and load.broken > done // 4 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
