"""milter_burst.py - mails that hang at DNS, and others meanwhile

usage: milter_burst.py SOCKET FIRST BURSTS HUNG [OTHERS]

Speaks the milter protocol as Postfix does, without Postfix, so that the ends
of all mails come at the same moment. Each burst: HUNG mails whose domains
nobody answers for, and among them OTHERS (4) ordinary ones, come to their ends
at once; from then until the last has its verdict, ordinary mails follow each
other, OTHERS at a time. The mails of burst N are of hangN.example, bursts being
numbered from FIRST. Prints one line a burst and the longest time that an
ordinary mail took; fails if a mail got no result, or another one than it
should.

SPDX-License-Identifier: MIT
"""
import concurrent.futures
import socket
import struct
import sys
import threading
import time

SOCKET = sys.argv[1]
FIRST, BURSTS, HUNG = map(int, sys.argv[2:5])
OTHERS = int(sys.argv[5]) if len(sys.argv) > 5 else 4
HANGING = (b"spf=temperror", b"dmarc=temperror")
ORDINARY = (b"spf=pass",)
ACTIONS, STEPS = 0x1ff, 0x1fffff
NO_REPLY = {"C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000,
            "T": 0x10000, "L": 0x80, "N": 0x40000, "B": 0x80000}


class Milter:
    """One connection of an MTA to the milter."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(SOCKET)
        self.steps = 0
        self.send("O", struct.pack("!III", 6, ACTIONS, STEPS))
        kind, data = self.receive()
        assert kind == "O", kind
        self.steps = struct.unpack("!III", data[:12])[2]

    def send(self, kind, data=b""):
        self.sock.sendall(struct.pack("!I", len(data) + 1) + kind.encode() +
                          data)

    def read(self, size):
        data = b""
        while len(data) < size:
            part = self.sock.recv(size - len(data))
            if not part:
                raise EOFError("the milter hung up")
            data += part
        return data

    def receive(self):
        size, = struct.unpack("!I", self.read(4))
        data = self.read(size)
        return chr(data[0]), data[1:]

    def step(self, kind, data=b""):
        self.send(kind, data)
        if self.steps & NO_REPLY.get(kind, 0) == 0:
            reply, _ = self.receive()
            assert reply == "c", (kind, reply)

    def begin(self, domain):
        """Everything of a mail but its end."""
        self.send("D", b"Cj\0mx.home.example\0{daemon_name}\0mx\0")
        self.step("C", b"mail.far.example\0" + b"4" +
                  struct.pack("!H", 2525) + b"203.0.113.10\0")
        self.step("H", b"mail.far.example\0")
        self.step("M", b"<zoe@" + domain + b">\0")
        self.step("R", b"<carol@home.example>\0")
        self.send("D", b"Ti\0QUEUEID\0")
        self.step("T")
        for name, value in ((b"From", b" zoe@" + domain),
                            (b"To", b" carol@home.example"),
                            (b"Subject", b" x")):
            self.step("L", name + b"\0" + value + b"\0")
        self.step("N")
        self.step("B", b"hello\r\n" * 100)

    def end(self):
        """Ask for the verdict and take it."""
        self.send("E")
        return self.take_verdict()

    def take_verdict(self):
        """The verdict and the result field."""
        result = b""
        while True:
            kind, data = self.receive()
            if kind == "i":
                result += data[4:]
            elif kind not in "hm":
                self.send("Q")
                self.sock.close()
                return kind, result


def open_mail(domain):
    mta = Milter()
    mta.begin(domain)
    return mta


class Burst:
    def __init__(self, number):
        self.number = number
        self.is_over = threading.Event()
        self.errors = []
        self.took = []
        self.lock = threading.Lock()

    def judge(self, mta, wanted, began):
        """Take the verdict. Returns whether there was one."""
        try:
            kind, result = mta.take_verdict()
        except (OSError, EOFError) as error:
            kind, result = repr(error), b""
        with self.lock:
            if wanted == ORDINARY:
                self.took.append(time.monotonic() - began)
            if kind != "c" or any(w not in result for w in wanted):
                self.errors.append((kind, result))
        return kind == "c"

    def others(self):
        while not self.is_over.is_set():
            began = time.monotonic()
            mta = open_mail(b"far.example")
            mta.send("E")
            if not self.judge(mta, ORDINARY, began):
                return
            time.sleep(0.02)

    def start(self, mails, wanted, began):
        threads = [threading.Thread(target=self.judge,
                                    args=(mta, wanted, began))
                   for mta in mails]
        for thread in threads:
            thread.start()
        return threads

    def run(self):
        domain = b"hang%d.example" % self.number
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            hung = list(pool.map(open_mail, [b"m%d.%s" % (i, domain)
                                             for i in range(HUNG)]))
            early = list(pool.map(open_mail, [b"far.example"] * OTHERS))
        # All workers of libmilter are idle again.
        time.sleep(0.3)
        # One after the other with nothing between, which is what its race
        # takes, and then no event that would make up for it.
        began = time.monotonic()
        for mta in hung[:HUNG // 2] + early + hung[HUNG // 2:]:
            mta.send("E")
        early_threads = self.start(early, ORDINARY, began)
        hung_threads = self.start(hung, HANGING, began)
        for thread in early_threads:
            thread.join()
        others = [threading.Thread(target=self.others)
                  for _ in range(OTHERS)]
        for thread in others:
            thread.start()
        for thread in hung_threads:
            thread.join()
        all_hung = time.monotonic() - began
        self.is_over.set()
        for thread in others:
            thread.join()
        longest = max(self.took, default=0)
        print(f"burst {self.number}: {len(self.took)} other mails, longest "
              f"{longest * 1000:.0f} ms; the last of {HUNG} hung ones "
              f"after {all_hung:.1f} s", flush=True)
        if self.errors:
            raise SystemExit(f"{len(self.errors)} wrong: {self.errors[0]}")
        return longest


def main():
    longest = max(Burst(number).run()
                  for number in range(FIRST, FIRST + BURSTS))
    print(f"longest={longest * 1000:.0f}")


if __name__ == "__main__":
    main()
