#!/usr/bin/python3
"""tamper.py - alter sealed mails in every way and read them over IMAP.

usage: tamper.py USER PASSWORD FOLDER MAILDIR ORIGINAL OTHER LOG

FOLDER holds one sealed mail, whose plaintext is ORIGINAL; OTHER is another
sealed file of the same account. Each case writes an altered copy over the
mail's file, reads it over IMAP in a fresh session (whole, and its last 4 KiB)
and demands: every byte that came is the right one at its place, the FETCH
did not succeed with a whole mail, and the log names the file.

SPDX-License-Identifier: MIT
"""
import glob
import os
import re
import socket
import sys
import time

CHUNK = 65536 + 16
PLAIN = 65536


def header_length(data):
    end = data.index(b"\n", data.index(b"\n--- ") + 1)
    return end + 1


def cases(data, other):
    """Name and altered bytes of each case."""
    head = header_length(data)
    start = head + 16

    def flip(at):
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]

    for at in range(head):
        yield "header byte %d flipped" % at, flip(at)
    for at in range(head, start):
        yield "nonce byte %d flipped" % (at - head), flip(at)
    borders = list(range(start, len(data), CHUNK)) + [len(data)]
    for number, (begin, end) in enumerate(zip(borders, borders[1:])):
        for at in {begin, begin + 1, (begin + end) // 2, end - 17, end - 16,
                   end - 1}:
            if begin <= at < end:
                yield "chunk %d byte %d flipped" % (number, at - begin), \
                    flip(at)
    for number, border in enumerate(borders):
        for near in (-17, -16, -1, 0, 1, 16, 17):
            if 0 < border + near < len(data):
                yield "cut at border %d%+d" % (number, near), \
                    data[:border + near]
    for end in (0, 1, 21, 22, 23, head - 1, head, head + 15, start):
        yield "cut at %d" % end, data[:end]
    chunks = [data[b:e] for b, e in zip(borders, borders[1:])]
    lead = data[:start]
    yield "chunks 0 and 1 swapped", lead + b"".join(
        [chunks[1], chunks[0], *chunks[2:]])
    yield "chunk 0 doubled", lead + chunks[0] + b"".join(chunks)
    yield "chunk 0 left out", lead + b"".join(chunks[1:])
    yield "last chunk left out", lead + b"".join(chunks[:-1])
    yield "last chunk doubled", lead + b"".join(chunks) + chunks[-1]
    yield "last chunk in the first place", lead + chunks[-1]
    for extra in (b"x", b"\n", bytes(16), bytes(17), bytes(CHUNK)):
        yield "%d bytes appended" % len(extra), data + extra
    ohead = header_length(other)
    ochunks = [other[b:b + CHUNK]
               for b in range(ohead + 16, len(other), CHUNK)]
    yield "payload of another mail", data[:head] + other[ohead:]
    yield "header of another mail", other[:ohead] + data[head:]
    yield "header and nonce of another mail", other[:ohead + 16] + data[start:]
    yield "chunk 0 of another mail", lead + ochunks[0] + b"".join(chunks[1:])
    yield "last chunk of another mail", lead + b"".join(
        chunks[:-1]) + ochunks[-1]
    yield "tail of another mail", lead + chunks[0] + b"".join(ochunks[1:])


class Reader:
    """One session that keeps every byte of a literal it got, even when the
    server hangs up in the middle."""

    def __init__(self, user, password, folder):
        self.sock = socket.create_connection(("127.0.0.1", 143), 30)
        self.file = self.sock.makefile("rb")
        self.file.readline()
        for command in ('a LOGIN "%s" "%s"' % (user, password),
                        'a SELECT "%s"' % folder):
            self.sock.sendall(command.encode() + b"\r\n")
            while not self.line().startswith(b"a "):
                pass

    def line(self):
        line = self.file.readline()
        if not line:
            raise EOFError
        return line

    def fetch(self, item):
        """(literal or None, promised size, whether OK was said)."""
        self.sock.sendall(b"f FETCH 1 (%s)\r\n" % item.encode())
        got, promised = None, 0
        try:
            while True:
                line = self.line()
                size = re.search(rb"\{(\d+)\}\r\n$", line)
                if size:
                    promised = int(size.group(1))
                    got = self.file.read(promised)
                elif line.startswith(b"f "):
                    return got, promised, line.startswith(b"f OK")
        except (EOFError, ConnectionError):
            return got, promised, False


def logged(path, start, wanted):
    """Whether the log got a line since start that has all wanted words."""
    end = time.monotonic() + 3
    while time.monotonic() < end:
        with open(path, "rb") as log:
            log.seek(start)
            for line in log:
                if all(w in line for w in wanted):
                    return True
        time.sleep(0.01)
    return False


class Mailbox:
    """The mail under test; problems are counted, not thrown."""

    def __init__(self, argv):
        self.user, self.password, self.folder, self.dir = argv[:4]
        with open(argv[4], "rb") as src:
            self.plain = src.read()
        with open(argv[5], "rb") as src:
            self.other = src.read()
        self.log = argv[6]
        self.path = self.file()
        with open(self.path, "rb") as src:
            self.sealed = src.read()
        self.problems = 0

    def file(self):
        found = glob.glob(self.dir + "/cur/*") + glob.glob(self.dir + "/new/*")
        assert len(found) == 1, found
        return found[0]

    def put(self, data):
        """The same name, so that sizes in the name stay what they were."""
        path = self.file()
        if path != self.path:
            os.rename(path, self.path)
        owner = os.stat(self.path)
        with open(self.path, "wb") as out:
            out.write(data)
        os.utime(self.path, (owner.st_atime, owner.st_mtime))

    def problem(self, name, text):
        print("%s: %s" % (name, text))
        self.problems += 1

    def read(self, name, item, offset):
        want = self.plain[offset:]
        got, promised, is_ok = Reader(
            self.user, self.password, self.folder).fetch(item)
        if got is None:
            return is_ok, False
        if not want.startswith(got):
            self.problem(name, "%s: wrong bytes came out" % item)
        return is_ok, len(got) == promised and got == want

    def check(self, name, data):
        """One altered form; pieces that lie in good chunks may be right."""
        tail = len(self.plain) - 4096
        start = os.path.getsize(self.log)
        self.put(data)
        is_ok, is_whole = self.read(name, "BODY.PEEK[]", 0)
        if is_ok:
            self.problem(name, "FETCH said OK")
        if is_whole:
            self.problem(name, "a whole mail came out of an altered file")
        base = os.path.basename(self.path).split(",")[0].encode()
        if not logged(self.log, start, [b"sceau", base]):
            self.problem(name, "no log line names the file")
        self.read(name, "BODY.PEEK[]<%d.4096>" % tail, tail)

    def run(self):
        count = 0
        for name, data in cases(self.sealed, self.other):
            if data == self.sealed:
                continue
            self.check(name, data)
            count += 1
        self.put(self.sealed)
        is_ok, is_whole = self.read("in the end", "BODY.PEEK[]", 0)
        if not (is_ok and is_whole):
            self.problem("in the end", "the true mail no longer opens")
        print("%d cases, %d problems" % (count, self.problems))
        return 1 if self.problems or count < 100 else 0


if __name__ == "__main__":
    sys.exit(Mailbox(sys.argv[1:]).run())
