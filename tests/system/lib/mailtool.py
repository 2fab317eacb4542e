#!/usr/bin/python3
"""mailtool.py - the bench's mail client, outside server and judge.

SPDX-License-Identifier: MIT
Bytes are sent and stored as they are: no library rewrites a header.
"""
import argparse
import base64
import os
import random
import re
import socket
import socketserver
import ssl
import sys
import threading
import time

IMAP = ("127.0.0.1", 143)


def make(args):
    """One mail in wire form (CRLF)."""
    head = list(args.header)
    for name, value in (("From", args.sender), ("To", args.to),
                        ("Subject", args.subject),
                        ("Date", "Mon, 02 Mar 2026 10:00:00 +0000"),
                        ("Message-ID", args.message_id)):
        if value:
            head.append("%s: %s" % (name, value))
    head.append("MIME-Version: 1.0")
    head.append("Content-Type: text/plain; charset=utf-8")
    head.append("Content-Transfer-Encoding: " +
                ("8bit" if args.eightbit else "7bit"))
    line = ("caf\u00e9, na\u00efve, \u20ac 10, gar\u00e7on" if args.eightbit
            else "a line of an ordinary letter, not very long") + "\r\n"
    text = "\r\n".join(head) + "\r\n\r\n" + args.body + "\r\n"
    data = bytearray(text.encode())
    if args.eightbit:
        data += line.encode()
    number = 0
    while len(data) < args.size:
        data += ("%08d " % number + line).encode()
        number += 1
    with open(args.file, "wb") as out:
        out.write(data)


class Smtp:
    """A client that shows every reply and changes no byte."""

    def __init__(self, args):
        if args.lmtp:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(args.lmtp)
        else:
            host, port = args.server.rsplit(":", 1)
            source = (args.source, 0) if args.source else None
            self.sock = socket.create_connection((host, int(port)), 30,
                                                 source)
        self.sock.settimeout(args.timeout)
        self.file = self.sock.makefile("rb")

    def reply(self):
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                raise SystemExit("connection closed by the server")
            lines.append(line.decode("utf-8", "replace").rstrip("\r\n"))
            if line[3:4] != b"-":
                return lines[-1] if len(lines) == 1 else "\n".join(lines)

    def command(self, line):
        self.sock.sendall(line.encode() + b"\r\n")
        return self.reply()


def want(reply, codes):
    """Print an unexpected reply and stop with exit status 1."""
    last = reply.split("\n")[-1]
    if last[:1] not in codes:
        print(last)
        raise SystemExit(1)
    return last


def start_tls(smtp, args):
    """The certificate is not looked at: it is the host's own."""
    want(smtp.command("STARTTLS"), "2")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    smtp.sock = context.wrap_socket(smtp.sock)
    smtp.file = smtp.sock.makefile("rb")
    want(smtp.command("EHLO " + args.helo), "2")


def login(smtp, args):
    if args.user:
        plain = "\0%s\0%s" % (args.user, args.password)
        want(smtp.command("AUTH PLAIN " +
                          base64.b64encode(plain.encode()).decode()), "2")


def wire(data):
    """Dot-stuffed, with the end mark."""
    data = re.sub(rb"(?m)^\.", b"..", data)
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    return data + b".\r\n"


def send_one(smtp, args, data):
    extra = " BODY=8BITMIME" if max(data, default=0) > 127 else ""
    if any(ord(c) > 127 for c in args.mail_from + "".join(args.rcpt)):
        extra += " SMTPUTF8"
    want(smtp.command("MAIL FROM:<%s>%s" % (args.mail_from, extra)), "2")
    accepted = 0
    for rcpt in args.rcpt:
        reply = smtp.command("RCPT TO:<%s>" % rcpt)
        if reply[:1] == "2":
            accepted += 1
        elif len(args.rcpt) == 1:
            want(reply, "2")
        else:
            print(reply)
    want(smtp.command("DATA"), "3")
    smtp.sock.sendall(wire(data))
    replies = [smtp.reply() for _ in range(accepted if args.lmtp else 1)]
    print("\n".join(replies))
    return all(r[:1] == "2" for r in replies)


def send(args):
    with open(args.file, "rb") as src:
        data = src.read()
    args.rcpt = [r for r in args.rcpt.split(",") if r]
    smtp = Smtp(args)
    want(smtp.reply(), "2")
    hello = "LHLO" if args.lmtp else "EHLO"
    want(smtp.command("%s %s" % (hello, args.helo)), "2")
    if args.starttls:
        start_tls(smtp, args)
    login(smtp, args)
    ok = True
    for _ in range(args.count):
        ok = send_one(smtp, args, data) and ok
    smtp.sock.sendall(b"QUIT\r\n")
    return 0 if ok else 1


def stream_mail(number, sender, rcpt):
    """Mail NUMBER of a stream: the same bytes whenever it is asked for."""
    head = ("From: %s\r\nTo: %s\r\nSubject: stream %d\r\n"
            "Date: Mon, 02 Mar 2026 10:00:00 +0000\r\n"
            "Message-ID: <stream-%d@stream.example>\r\n"
            "User-Agent: stream\r\nX-Stream: %d\r\n\r\n"
            % (sender, rcpt, number, number, number))
    rest = random.Random(number)
    size = 200000 if number % 5 == 0 else 3000
    lines = [".%d.%x" % (n, rest.getrandbits(200))
             for n in range(size // 56)]
    return (head + "\r\n".join(lines) + "\r\n").encode()


def stream_one(args, rcpt, number):
    """Send as a mail server does: again until it is accepted."""
    data = stream_mail(number, args.mail_from, rcpt)
    while True:
        try:
            smtp = Smtp(args)
            want(smtp.reply(), "2")
            want(smtp.command("EHLO " + args.helo), "2")
            login(smtp, args)
            want(smtp.command("MAIL FROM:<%s>" % args.mail_from), "2")
            want(smtp.command("RCPT TO:<%s>" % rcpt), "2")
            want(smtp.command("DATA"), "3")
            smtp.sock.sendall(wire(data))
            want(smtp.reply(), "2")
            return
        except (OSError, SystemExit):
            time.sleep(0.05)


def stream(args):
    """Send mails until the stop file exists, one number after another; each
    accepted number is a line of the log."""
    with open(args.log, "a") as log:
        number = args.first
        while not os.path.exists(args.stop):
            rcpt = args.rcpt.split(",")[number % len(args.rcpt.split(","))]
            stream_one(args, rcpt, number)
            log.write("%d %s\n" % (number, rcpt))
            log.flush()
            number += 1


def stream_check(args):
    """Compare what arrived with what was accepted."""
    accepted = {}
    with open(args.log) as log:
        for line in log:
            number, rcpt = line.split()
            accepted[int(number)] = rcpt
    seen = {}
    bad = 0
    for folder in args.folder:
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), "rb") as src:
                data = src.read()
            mark = re.search(rb"(?m)^X-Stream: (\d+)\r$", data)
            number = int(mark.group(1)) if mark else -1
            sent = stream_mail(number, args.mail_from,
                               re.search(rb"(?m)^To: (.*)\r$",
                                         data).group(1).decode())
            if args.body_only:
                good = (data.split(b"\r\n\r\n", 1)[1] ==
                        sent.split(b"\r\n\r\n", 1)[1])
            else:
                good = data.endswith(sent)
            if not good:
                print("altered: %s (number %d)" % (name, number))
                bad += 1
            seen[number] = seen.get(number, 0) + 1
    for number in sorted(set(accepted) - set(seen)):
        print("lost: number %d for %s" % (number, accepted[number]))
        bad += 1
    print("%d accepted, %d arrived, %d of them twice" % (
        len(accepted), sum(seen.values()),
        sum(count - 1 for count in seen.values())))
    return 1 if bad or not seen else 0


class Outside(socketserver.StreamRequestHandler):
    """One connection to a stranger's server."""

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def data(self):
        self.say("354 go on")
        lines = []
        while True:
            line = self.rfile.readline()
            if not line:
                return None
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)

    def handle(self):
        sender, rcpts = "", []
        self.say("220 outside.example ESMTP")
        while True:
            try:
                line = self.rfile.readline()
            except ConnectionError:
                return
            if not line:
                return
            text = line.decode("utf-8", "replace").strip()
            verb = text[:4].upper()
            if verb == "EHLO":
                words = ["outside.example", "SIZE 104857600", "PIPELINING",
                         "SMTPUTF8"]
                if self.server.eightbit:
                    words.append("8BITMIME")
                for word in words:
                    self.say("250-" + word)
                self.say("250 ENHANCEDSTATUSCODES")
            elif verb == "MAIL":
                sender, rcpts = text[5:], []
                self.say("250 2.1.0 Ok")
            elif verb == "RCPT":
                rcpts.append(text[5:])
                self.say("250 2.1.5 Ok")
            elif verb == "DATA":
                data = self.data()
                if data is None:
                    return
                self.server.store(sender, rcpts, data)
                self.say("250 2.0.0 kept")
            elif verb == "QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                self.say("250 2.0.0 Ok")


class OutsideServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    lock = threading.Lock()
    number = 0

    def store(self, sender, rcpts, data):
        with OutsideServer.lock:
            OutsideServer.number += 1
            name = "%s/%04d" % (self.folder, OutsideServer.number)
            with open(name + ".env", "w") as out:
                out.write("%s\n" % sender + "".join(r + "\n" for r in rcpts))
            with open(name + ".tmp", "wb") as out:
                out.write(data)
            os.rename(name + ".tmp", name + ".eml")


def sink(args):
    OutsideServer.number = sum(name.endswith(".eml")
                               for name in os.listdir(args.folder))
    for where in args.listen:
        host, port = where.rsplit(":", 1)
        server = OutsideServer((host, int(port)), Outside)
        server.folder = args.folder
        server.eightbit = not args.no_8bitmime
        threading.Thread(target=server.serve_forever).start()


class Imap:
    """Just enough IMAP; literals are kept as bytes."""

    def __init__(self, args):
        self.sock = socket.create_connection(IMAP, 30)
        self.sock.settimeout(args.timeout)
        self.file = self.sock.makefile("rb")
        self.tag = 0
        self.file.readline()
        self.must('LOGIN "%s" "%s"' % tuple(
            re.sub(r'(["\\])', r"\\\1", s)
            for s in (args.user, args.password)))

    def line(self):
        """One response with its literals: [bytes, literal, bytes...]."""
        parts = []
        while True:
            line = self.file.readline()
            if not line:
                raise SystemExit("IMAP: connection closed by the server")
            parts.append(line)
            size = re.search(rb"\{(\d+)\}\r\n$", line)
            if not size:
                return parts
            parts.append(self.file.read(int(size.group(1))))
            if len(parts[-1]) != int(size.group(1)):
                raise SystemExit("IMAP: closed in the middle of a literal")

    def run(self, command, literal=None):
        """All untagged responses and the tagged line."""
        self.tag += 1
        tag = b"t%d " % self.tag
        self.sock.sendall(tag + command.encode() + b"\r\n")
        lines = []
        while True:
            parts = self.line()
            if parts[0].startswith(b"+") and literal is not None:
                self.sock.sendall(literal + b"\r\n")
                literal = None
            elif parts[0].startswith(tag):
                return lines, parts[0][len(tag):].decode().strip()
            else:
                lines.append(parts)

    def must(self, command, literal=None):
        lines, status = self.run(command, literal)
        if not status.startswith("OK"):
            raise SystemExit("IMAP: %s: %s" % (command.split()[0], status))
        return lines


def fetch(args):
    imap = Imap(args)
    imap.must('SELECT "%s"' % args.folder)
    found = None
    for parts in imap.must("UID FETCH %s (%s)" % (args.uid, args.item)):
        if b"FETCH" in parts[0]:
            found = parts
    if found is None:
        raise SystemExit("IMAP: no mail with UID " + args.uid)
    if len(found) > 1:
        sys.stdout.buffer.write(found[1])
    else:
        sys.stdout.buffer.write(found[0])


def imap_commands(args):
    imap = Imap(args)
    ok = True
    for command in args.command:
        lines, status = imap.run(command)
        for parts in lines:
            sys.stdout.buffer.write(b"".join(parts))
        print(status, flush=True)
        ok = ok and status.startswith("OK")
    return 0 if ok else 1


def append(args):
    with open(args.file, "rb") as src:
        data = src.read()
    Imap(args).must('APPEND "%s" {%d}' % (args.folder, len(data)), data)


def dns(args):
    import dns.resolver
    answer = dns.resolver.Resolver()
    answer.lifetime = 2
    try:
        for record in answer.resolve(args.name, args.type):
            print(record.to_text())
    except Exception as error:
        raise SystemExit("%s %s: %s" % (args.name, args.type, error))


def judge(path):
    """dkimpy's verdict on each signature of a file."""
    import dkim as dkimpy
    with open(path, "rb") as src:
        verifier = dkimpy.DKIM(src.read())
    verdicts = []
    for field in [v for n, v in verifier.headers
                  if n.lower() == b"dkim-signature"]:
        tags = {t: re.search(rb"(?:^|;)\s*%s\s*=\s*([^;\s]*)" % t, field)
                for t in (b"d", b"s")}
        label = " ".join("%s=%s" % (t.decode(), m.group(1).decode())
                         for t, m in tags.items() if m)
        try:
            good = verifier.verify(idx=len(verdicts))
            why = ""
        except Exception as error:
            good, why = False, " (%s)" % error
        verdicts.append("%s %s%s" % ("pass" if good else "fail", label, why))
    return verdicts or ["none"]


def dkim(args):
    """One line for each signature; each different line once if there are
    several files."""
    lines = [line for path in args.file for line in judge(path)]
    for line in lines if len(args.file) == 1 else sorted(set(lines)):
        print(line)
    return 0 if all(line.startswith("pass") for line in lines) else 1


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(required=True)

    verb = verbs.add_parser("make")
    verb.set_defaults(run=make)
    verb.add_argument("file")
    verb.add_argument("--from", dest="sender", default="alice@home.example")
    verb.add_argument("--to", default="zoe@far.example")
    verb.add_argument("--subject", default="a letter")
    verb.add_argument("--message-id", default="<%d.1@laptop.lan>" %
                      int.from_bytes(os.urandom(6), "big"))
    verb.add_argument("--header", action="append", default=[])
    verb.add_argument("--body", default="Dear reader,")
    verb.add_argument("--eightbit", action="store_true")
    verb.add_argument("--size", type=int, default=0)

    for name, run in (("send", send), ("stream", stream)):
        verb = verbs.add_parser(name, description=run.__doc__)
        verb.set_defaults(run=run)
        verb.add_argument("--server", default="127.0.0.1:25")
        verb.add_argument("--lmtp", help="unix socket")
        verb.add_argument("--source", help="own address")
        verb.add_argument("--helo", default="localhost")
        verb.add_argument("--user")
        verb.add_argument("--password", default="")
        verb.add_argument("--starttls", action="store_true")
        verb.add_argument("--mail-from", default="")
        verb.add_argument("--rcpt", required=True,
                          help="one or more, by comma")
        verb.add_argument("--timeout", type=float, default=60)
        if name == "send":
            verb.add_argument("file")
            verb.add_argument("--count", type=int, default=1)
        else:
            verb.add_argument("--first", type=int, default=1)
            verb.add_argument("log")
            verb.add_argument("stop")

    verb = verbs.add_parser("stream-check", description=stream_check.__doc__)
    verb.set_defaults(run=stream_check)
    verb.add_argument("--mail-from", required=True)
    verb.add_argument("--body-only", action="store_true")
    verb.add_argument("log")
    verb.add_argument("folder", nargs="+")

    verb = verbs.add_parser("sink")
    verb.set_defaults(run=sink)
    verb.add_argument("folder")
    verb.add_argument("listen", nargs="+")
    verb.add_argument("--no-8bitmime", action="store_true")

    for name, run, words in (("fetch", fetch, ("uid", "item")),
                             ("imap", imap_commands, ("command",)),
                             ("append", append, ("folder", "file"))):
        verb = verbs.add_parser(name)
        verb.set_defaults(run=run)
        verb.add_argument("--user", required=True)
        verb.add_argument("--password", required=True)
        verb.add_argument("--timeout", type=float, default=60)
        if name == "fetch":
            verb.add_argument("--folder", default="INBOX")
        for word in words:
            verb.add_argument(word, nargs="+" if word == "command" else None)

    verb = verbs.add_parser("dns")
    verb.set_defaults(run=dns)
    verb.add_argument("name")
    verb.add_argument("type")

    verb = verbs.add_parser("dkim", description=dkim.__doc__)
    verb.set_defaults(run=dkim)
    verb.add_argument("file", nargs="+")
    return parser.parse_args()


if __name__ == "__main__":
    ARGS = options()
    sys.exit(ARGS.run(ARGS))
