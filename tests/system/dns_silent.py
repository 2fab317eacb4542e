"""dns_silent.py - name servers that never say a word

usage: dns_silent.py ADDRESS FIRST COUNT

One on each UDP port from FIRST on; prints "ready" when all are open.

SPDX-License-Identifier: MIT
"""
import signal
import socket
import sys

ADDRESS = sys.argv[1]
FIRST, COUNT = map(int, sys.argv[2:4])
SOCKETS = []
for number in range(COUNT):
    SOCKETS.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    SOCKETS[-1].bind((ADDRESS, FIRST + number))
print("ready", flush=True)
# What they were sent stays in their buffers, and then is dropped.
signal.pause()
