#!/usr/bin/python3
"""mailload.py - load for the benchmarks: LMTP in, IMAP out; times on stdout.

Prints seconds of wall clock and seconds of CPU that Dovecot's lmtp or imap
processes took in them; of fetch also how many bytes came.

Made to cost little itself: LMTP commands are pipelined, what IMAP sends is
counted and not parsed. It stops with exit status 1 on any unexpected reply,
so that a figure is never that of a failure.

SPDX-License-Identifier: MIT
"""
import argparse
import os
import socket
import sys
import time

CHUNK = 1 << 20


def cpu_of(name):
    """Seconds of CPU of all processes called name, to the nanosecond."""
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/comm" % pid) as comm:
                if comm.read().strip() != name:
                    continue
            with open("/proc/%s/schedstat" % pid) as stat:
                total += int(stat.read().split()[0])
        except OSError:
            continue  # it has just ended
    return total / 1e9


def read_reply(reader):
    """One SMTP reply; its code."""
    while True:
        line = reader.readline()
        if not line:
            sys.exit("connection closed by the server")
        if line[3:4] != b"-":
            return line


def expect(reader, code):
    line = read_reply(reader)
    if not line.startswith(code):
        sys.exit("want %r, got %r" % (code, line))


def deliver_share(args, body, count, done, sampled):
    """One connection: count messages, one after another. It stays open until
    the parent has looked at the CPU time of the process behind it."""
    sock = socket.socket(socket.AF_UNIX)
    sock.settimeout(120)
    sock.connect(args.socket)
    reader = sock.makefile("rb")
    expect(reader, b"220")
    sock.sendall(b"LHLO bench.example\r\n")
    expect(reader, b"250")
    head = ("MAIL FROM:<bench@far.example>\r\nRCPT TO:<%s>\r\nDATA\r\n"
            % args.rcpt).encode()
    for _ in range(count):
        sock.sendall(head)
        expect(reader, b"250")
        expect(reader, b"250")
        expect(reader, b"354")
        sock.sendall(body)
        expect(reader, b"250")
    os.write(done, b".")
    os.read(sampled, 1)
    sock.sendall(b"QUIT\r\n")
    expect(reader, b"221")


def deliver(args):
    with open(args.file, "rb") as source:
        body = source.read().replace(b"\r\n.", b"\r\n..") + b".\r\n"
    share = args.count // args.connections
    done_out, done_in = os.pipe()
    sampled_out, sampled_in = os.pipe()
    cpu, start = cpu_of("lmtp"), time.monotonic()
    children = []
    for _ in range(args.connections):
        pid = os.fork()
        if pid == 0:
            os.close(sampled_in)
            deliver_share(args, body, share, done_in, sampled_out)
            os._exit(0)
        children.append(pid)
    os.close(done_in)
    finished = sum(len(os.read(done_out, 1)) for _ in children)
    seconds, cpu = time.monotonic() - start, cpu_of("lmtp") - cpu
    os.close(sampled_in)
    failed = [pid for pid in children if os.waitpid(pid, 0)[1] != 0]
    if failed or finished != args.connections:
        sys.exit("a connection failed")
    print("%.6f %.6f" % (seconds, cpu))


def login(args):
    sock = socket.create_connection(("127.0.0.1", 143), 30)
    sock.settimeout(120)
    reader = sock.makefile("rb")
    reader.readline()
    for tag, line in ((b"a", "LOGIN %s %s" % (args.user, args.password)),
                      (b"b", "SELECT INBOX")):
        sock.sendall(tag + b" " + line.encode() + b"\r\n")
        while True:
            got = reader.readline()
            if got.startswith(tag + b" "):
                break
            if not got:
                sys.exit("connection closed by the server")
        if not got.startswith(tag + b" OK"):
            sys.exit("want OK, got %r" % got)
    return sock


def fetch_once(sock, what, buf):
    """One FETCH command; how many bytes came."""
    total, end = 0, b""
    sock.sendall(("c FETCH %s\r\n" % what).encode())
    while True:
        got = sock.recv_into(buf)
        if got == 0:
            sys.exit("connection closed by the server")
        total += got
        end = (end + bytes(buf[max(0, got - 300):got]))[-300:]
        last = end[end.rfind(b"\r\n", 0, -2) + 2:]
        if end.endswith(b"\r\n") and last[:2] == b"c ":
            break
    if not last.startswith(b"c OK"):
        sys.exit("want OK, got %r" % last)
    return total - len(last)


def fetch(args):
    sock = login(args)
    buf = bytearray(CHUNK)
    cpu, start = cpu_of("imap"), time.monotonic()
    total = sum(fetch_once(sock, args.what, buf) for _ in range(args.times))
    seconds, cpu = time.monotonic() - start, cpu_of("imap") - cpu
    print("%.6f %.6f %d" % (seconds, cpu, total))


def main():
    parser = argparse.ArgumentParser()
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("deliver", help="by LMTP")
    verb.add_argument("--connections", type=int, default=2)
    verb.add_argument("socket")
    verb.add_argument("rcpt")
    verb.add_argument("count", type=int)
    verb.add_argument("file")
    verb.set_defaults(run=deliver)
    verb = verbs.add_parser("fetch", help="by IMAP")
    verb.add_argument("--times", type=int, default=1)
    verb.add_argument("user")
    verb.add_argument("password")
    verb.add_argument("what", help="e.g. '1:* BODY.PEEK[]'")
    verb.set_defaults(run=fetch)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
