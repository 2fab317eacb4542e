#!/usr/bin/python3
"""policy_ask.py - speak Postfix's policy protocol by hand.

usage: policy_ask.py SOCKET WORD...

All requests go over one connection. WORD is
  name=value   change an attribute from here on
  ask          send the request, print the reply's action
  ask:N        the same N times, with an instance of its own each
  pipe:N       send N at once, then print N replies
  raw:TEXT     send these bytes (\\n, \\0 understood), print what comes
  idle:S       wait that long, connection open
  half         send half a request and go

SPDX-License-Identifier: MIT
"""
import os
import socket
import sys
import time

ATTRIBUTES = {
    "request": "smtpd_access_policy",
    "protocol_state": "DATA",
    "protocol_name": "ESMTP",
    "client_address": "192.0.2.77",
    "client_name": "laptop.lan",
    "client_port": "40000",
    "reverse_client_name": "laptop.lan",
    "server_address": "198.51.100.25",
    "server_port": "587",
    "helo_name": "laptop.lan",
    "sender": "alice@home.example",
    "recipient": "",
    "recipient_count": "1",
    "queue_id": "4HAND",
    "instance": "",
    "size": "1000",
    "etrn_domain": "",
    "stress": "",
    "sasl_method": "PLAIN",
    "sasl_username": "alice",
    "sasl_sender": "",
    "compatibility_level": "3.6",
    "an_attribute_of_tomorrow": "x=y",
}


class Client:
    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(path)
        self.got = b""

    def reply(self):
        while b"\n\n" not in self.got:
            part = self.sock.recv(65536)
            if not part:
                return "closed"
            self.got += part
        one, self.got = self.got.split(b"\n\n", 1)
        return one.decode("utf-8").removeprefix("action=")


def request(attributes):
    lines = "".join(f"{name}={value}\n" for name, value in attributes.items())
    return (lines + "\n").encode("utf-8", "surrogateescape")


def main():
    client = Client(sys.argv[1])
    now = dict(ATTRIBUTES)
    serial = 0
    for word in sys.argv[2:]:
        verb, _, value = word.partition(":")
        if "=" in word and not word.startswith("raw:"):
            name, value = word.split("=", 1)
            now[name] = value
        elif verb == "ask" and not value:
            client.sock.sendall(request(now))
            print(client.reply())
        elif verb in ("ask", "pipe"):
            requests = []
            for _ in range(int(value)):
                serial += 1
                unique = f"{os.getpid():x}.{time.time_ns():x}.{serial}"
                requests.append(request({**now, "instance": unique}))
            if verb == "pipe":
                client.sock.sendall(b"".join(requests))
            for one in requests:
                if verb == "ask":
                    client.sock.sendall(one)
                print(client.reply())
        elif verb == "raw":
            text = value.replace("\\n", "\n").replace("\\0", "\0")
            client.sock.sendall(text.encode())
            print(client.reply())
        elif verb == "idle":
            time.sleep(float(value))
        elif verb == "half":
            client.sock.sendall(request(now)[:100])
        else:
            sys.exit(f"policy_ask.py: what is \"{word}\"?")


main()
