"""dkim_judge.py - sign odd mails with our code, let dkimpy and libopendkim judge
them, and judge what dkimpy signs.

SPDX-License-Identifier: MIT
"""
import base64
import os
import random
import re
import subprocess
import sys
import tempfile

import dkim

TOOL, VERIFY, OPENDKIM = (os.path.join(sys.argv[1], name) for name in
                          ("dkim_sign", "dkim_verify", "opendkim_verify"))
ALGS = ["rsa", "ed25519"]
NAME = b"._domainkey.home.example"
CANONS = ["relaxed/relaxed", "relaxed/simple", "simple/relaxed",
          "simple/simple"]
FROM = b"From: Alice <alice@home.example>\r\n"
BASIC = (FROM + b"To: zoe@far.example\r\nSubject: hello\r\n"
         b"Date: Mon, 23 Nov 2026 06:00:00 +0000\r\n"
         b"Message-ID: <1@home.example>\r\n")

HEADERS = {
    "basic": BASIC,
    "From alone": FROM,
    "no blank behind the colon": BASIC + b"Cc:x@far.example\r\n",
    "many blanks": BASIC + b"Cc: \t  x@far.example  \t\r\n",
    "folded": BASIC + b"References: <a@b>\r\n <c@d>\r\n\t<e@f>\r\n",
    "folded at once": BASIC + b"References:\r\n <a@b>\r\n",
    "fold of blanks": BASIC + b"Cc: x@far.example,\r\n \t y@far.example\r\n",
    "repeated": BASIC + b"To: a@far.example\r\nTo: b@far.example\r\n"
                        b"Cc: c@far.example\r\nCc: d@far.example\r\n",
    "odd case": BASIC.replace(b"Subject", b"sUBJECT"),
    "empty field": BASIC + b"Cc:\r\nReply-To: \r\n",
    "8 bit": BASIC + "Reply-To: \u00e9t\u00e9 <a@home.example>\r\n".encode(),
    "not UTF-8": BASIC + b"In-Reply-To: <\xe9\xff@home.example>\r\n",
    "60 KB field": BASIC + b"Cc: " + b",\r\n ".join(
        b"user%04d@far.example" % i for i in range(2600)) + b"\r\n",
    "20 KB line": BASIC + b"References: " + b"<x@y> " * 3300 + b"\r\n",
    "1500 fields": BASIC + b"X-Many: yes\r\n" * 1500,
    "unsigned odd fields": b"Received: from a\r\n\tby b; now\r\n"
                           b"X-;odd: 1\r\n" + BASIC,
    "list": BASIC + b"List-Unsubscribe: <https://home.example/u>\r\n"
                    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    "MIME": BASIC + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed;"
                    b"\r\n\tboundary=\"a;b\"\r\n",
}

RNG = random.Random(6376)
BODIES = {
    "empty": b"",
    "one line": b"hello\r\n",
    "no final CRLF": b"hello\r\nworld",
    "only line ends": b"\r\n\r\n\r\n",
    "line ends at the end": b"hello\r\n\r\n\r\n",
    "line ends in front": b"\r\n\r\nhello\r\n",
    "blanks": b" a \t b  \r\n\t\r\n  \r\nc \r\n",
    "blanks alone": b"   \r\n",
    "blanks at the end": b"a\r\n \r\n\t\r\n",
    "8 bit": "\u00e9t\u00e9 \u6f22\u5b57\r\n".encode() + b"\xff\xfe\r\n",
    "NUL": b"a\0b\r\n\0\r\n",
    "dots": b".\r\n..\r\n.a\r\n",
    "long line": b"x" * 5000 + b"\r\n" + b"y z " * 5000 + b"\r\n",
    "very long line": b"x" * 200000 + b"\r\n",
    "1 MB": b"".join(base64.b64encode(RNG.randbytes(57)) + b"\r\n"
                     for _ in range(13500)),
    "1 MB of short lines": b"ab \r\n\r\n" * 150000,
}


def make_key(directory, alg):
    """A key file and its DNS record."""
    path = os.path.join(directory, alg)
    how = (["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
           if alg == "rsa" else ["-algorithm", "ED25519"])
    subprocess.run(["openssl", "genpkey", "-out", path] + how, check=True,
                   stderr=subprocess.DEVNULL)
    public = subprocess.run(
        ["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"],
        check=True, stdout=subprocess.PIPE).stdout
    if alg == "ed25519":
        public = public[-32:]
    return path, (b"v=DKIM1; k=" + alg.encode() + b"; p=" +
                  base64.b64encode(public))


def seed_of(path):
    """What dkimpy takes for an Ed25519 key: the 32 bytes in base64."""
    der = subprocess.run(["openssl", "pkey", "-in", path, "-outform", "DER"],
                         check=True, stdout=subprocess.PIPE).stdout
    return base64.b64encode(der[-32:])


class Judge:
    """dkimpy, and libopendkim where it was there to build with."""

    def __init__(self, directory):
        self.keys = {}
        self.records = {}
        for alg in ALGS:
            self.keys[alg], record = make_key(directory, alg)
            self.records[alg.encode() + NAME] = record
        self.keyfile = os.path.join(directory, "keys")
        with open(self.keyfile, "wb") as out:
            for name, record in self.records.items():
                out.write(name + b" " + record + b"\n")
        self.count = 0
        self.bad = 0
        self.opendkim = os.path.exists(OPENDKIM)

    def dns(self, name, timeout=5):
        return self.records.get(name.rstrip(b"."))

    def sign(self, mail, canon, chunk, alg="rsa"):
        return subprocess.run(
            [TOOL, self.keys[alg], "home.example", alg, canon, str(chunk)],
            input=mail, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            check=False)

    def accepts(self, mail):
        try:
            return dkim.verify(mail, dnsfunc=self.dns)
        except dkim.DKIMException:
            return False

    def asked(self, command, mail):
        """First word of each line that a tool prints on a mail."""
        run = subprocess.run(command, input=mail, stdout=subprocess.PIPE,
                             check=True)
        return [line.split()[0] for line in run.stdout.decode().splitlines()]

    def ours(self, mail, chunk=1000):
        return self.asked([VERIFY, self.keyfile, str(chunk)], mail)

    def expect(self, what, got, want):
        self.count += 1
        if got != want:
            self.bad += 1
            print(f"FAIL: {what}: got {got}, want {want}", flush=True)

    def expect_good(self, what, mail):
        """Everybody lets it pass; we, too."""
        self.expect(f"{what}: dkimpy", self.accepts(mail), True)
        self.expect(f"{what}: ours", self.ours(mail), ["pass"])
        if self.opendkim:
            self.expect(f"{what}: libopendkim",
                        self.asked([OPENDKIM, self.keyfile], mail), ["pass"])


def as_sent(mail):
    """What leaves: every mail server ends a body with CRLF."""
    return mail if mail.endswith(b"\r\n") else mail + b"\r\n"


def signed_mail(judge, what, mail, canon, chunk, alg="rsa"):
    run = judge.sign(mail, canon, chunk, alg)
    if run.returncode != 0:
        judge.expect(what, run.stderr.decode(), "a signature")
        return None
    return as_sent(run.stdout)


def judge_good(judge):
    """Header shapes with a plain body, bodies with a plain header."""
    for canon in CANONS:
        for name, header in HEADERS.items():
            for alg in ALGS:
                what = f"{alg} {canon}, header: {name}"
                mail = signed_mail(judge, what, header + b"\r\nhi\r\n", canon,
                                   7, alg)
                if mail is not None:
                    judge.expect_good(what, mail)
        for name, body in BODIES.items():
            for chunk in (65535, 1021, 3):
                if chunk == 3 and len(body) > 100000:
                    continue
                alg = ALGS[chunk % 2]
                what = f"{alg} {canon}, body in {chunk}s: {name}"
                mail = signed_mail(judge, what, BASIC + b"\r\n" + body,
                                   canon, chunk, alg)
                if mail is not None:
                    judge.expect_good(what, mail)


def judge_theirs(judge):
    """What dkimpy signs passes here."""
    for alg in ALGS:
        with open(judge.keys[alg], "rb") as key:
            secret = key.read() if alg == "rsa" else seed_of(judge.keys[alg])
        for canon in CANONS:
            how = tuple(word.encode() for word in canon.split("/"))
            for name, header in HEADERS.items():
                for text, body in BODIES.items():
                    if name != "basic" and text != "blanks":
                        continue
                    mail = as_sent(header + b"\r\n" + body)
                    try:
                        field = dkim.sign(
                            mail, alg.encode(), b"home.example", secret,
                            canonicalize=how,
                            signature_algorithm=alg.encode() + b"-sha256")
                    except dkim.DKIMException:
                        continue
                    judge.expect(
                        f"signed by dkimpy: {alg} {canon} {name}, {text}",
                        judge.ours(field + mail, 4099), ["pass"])


def judge_altered(judge):
    """What was changed after signing no longer passes; what may change may.
    """
    mail = signed_mail(judge, "to be altered", BASIC + b"\r\nhi  there\r\n",
                       "relaxed/relaxed", 100)
    changes = [
        ("untouched", lambda m: m, True),
        ("subject", lambda m: m.replace(b": hello", b": bye"), False),
        ("body", lambda m: m.replace(b"there", b"where"), False),
        ("text behind the body", lambda m: m + b"more\r\n", False),
        ("second From on top", lambda m: b"From: x@evil.example\r\n" + m,
         False),
        ("From", lambda m: m.replace(b"alice@", b"ceo@"), False),
        ("Date gone", lambda m: re.sub(rb"Date: [^\r]*\r\n", b"", m), False),
        ("a new unsigned field", lambda m: b"X-New: 1\r\n" + m, True),
        ("a Received", lambda m: b"Received: by x\r\n" + m, True),
        ("blanks in the body", lambda m: m.replace(b"hi  there", b"hi there "),
         True),
        ("a field folded", lambda m: m.replace(
            b"Alice <", b"Alice\r\n  <"), True),
    ]
    for name, change, want in changes:
        judge.expect(f"after signing: {name}", judge.accepts(change(mail)),
                     want)
        judge.expect(f"after signing: {name}: ours",
                     judge.ours(change(mail)) == ["pass"], want)


def judge_refused(judge):
    """Mails that must not be signed."""
    for name, mail in {
            "bare CR": BASIC + b"\r\na\rb\r\n",
            "bare LF": BASIC + b"\r\na\nb\r\n",
            "no From": BASIC.replace(FROM, b"") + b"\r\nhi\r\n"}.items():
        run = judge.sign(mail, "relaxed/relaxed", 2)
        judge.expect(f"exit status, {name}", run.returncode, 1)
        judge.expect(f"output, {name}", run.stdout, b"")


def judge_list(judge):
    """h= names exactly the fields of the list that are there, From twice."""
    mail = signed_mail(
        judge, "list", b"Received: x\r\nBcc: a@home.example\r\n"
        b"X-Mailer: y\r\nReturn-Path: <z>\r\n" + BASIC + b"\r\nhi\r\n",
        "relaxed/relaxed", 100)
    field = re.match(rb"DKIM-Signature:.*?\r\n(?=\S)", mail, re.S).group()
    names = re.search(rb"\bh=([^;]*)", re.sub(rb"\s", b"", field)).group(1)
    judge.expect("h=", names, b"From:Subject:Date:Message-ID:To:From")
    judge.expect("longest line of the field", max(
        len(line) for line in field.split(b"\r\n")) <= 78, True)


def main():
    with tempfile.TemporaryDirectory() as directory:
        judge = Judge(directory)
        judge_good(judge)
        judge_theirs(judge)
        judge_altered(judge)
        judge_refused(judge)
        judge_list(judge)
    print(f"{judge.count} judgements, {judge.bad} wrong")
    return 1 if judge.bad else 0


if __name__ == "__main__":
    sys.exit(main())
