#!/usr/bin/python3
"""policyload.py - ask a policy service as Postfix does, and time the answers.

usage: policyload.py SOCKET CONNECTIONS REQUESTS

Each connection is a process that asks at DATA, one request after another,
each with an instance of its own and one of 1000 accounts. Prints requests a
second, and the median and 99th percentile of the answer time in microseconds.
Any answer but DUNNO ends it with exit status 1.

SPDX-License-Identifier: MIT
"""
import os
import socket
import struct
import sys
import time

REQUEST = """request=smtpd_access_policy
protocol_state=DATA
protocol_name=ESMTP
client_address=192.0.2.%d
client_name=unknown
helo_name=laptop.lan
sender=user%d@home.example
recipient=
recipient_count=3
queue_id=8045F2AB23
instance=%x.%x.0
size=12345
sasl_method=plain
sasl_username=user%d@home.example
ccert_subject=
encryption_protocol=TLSv1.3

"""


def ask(path, worker, count, out):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
    for number in range(count):
        user = number % 1000
        request = (REQUEST % (user % 250 + 1, user, worker, number,
                              user)).encode()
        start = time.perf_counter_ns()
        sock.sendall(request)
        answer = sock.recv(4096)
        took = time.perf_counter_ns() - start
        if answer != b"action=DUNNO\n\n":
            sys.exit("got %r" % answer)
        os.write(out, struct.pack("<q", took))


def main():
    path, connections, requests = sys.argv[1], *map(int, sys.argv[2:4])
    share = requests // connections
    files = [os.memfd_create("times") for _ in range(connections)]
    start = time.perf_counter()
    children = []
    for worker, out in enumerate(files):
        pid = os.fork()
        if pid == 0:
            ask(path, worker + 1, share, out)
            os._exit(0)
        children.append(pid)
    if any([os.waitpid(pid, 0)[1] for pid in children]):
        sys.exit("a connection failed")
    seconds = time.perf_counter() - start
    times = []
    for out in files:
        os.lseek(out, 0, os.SEEK_SET)
        times += struct.unpack("<%dq" % share, os.read(out, 8 * share))
    times.sort()
    print("%.0f %.0f %.0f" % (len(times) / seconds,
                              times[len(times) // 2] / 1000,
                              times[len(times) * 99 // 100] / 1000))


if __name__ == "__main__":
    main()
