"""auth_results_judge.py - fields of ours with nasty values, read by authres.

SPDX-License-Identifier: MIT
"""
import random
import re
import subprocess
import sys

import authres

TOOL = sys.argv[1]
ID = "mx.home.example"
RNG = random.Random(8601)

NASTY = [
    b"example.com", b"@example.com", b"user@example.com", b"a.b+c_d-e@x.y",
    b'"a b"@example.com', b'a"b@example.com', b"a\\b@example.com",
    b"x; dmarc=pass header.from=bank.example", b"x\r\n\tdmarc=pass",
    b"x\r\nX-Evil: yes", b"a(b", b"a)b", b"(comment)", b'"', b'\\', b'\\"',
    b";", b"=", b" ", b"a b", b"a\tb", b"\0", b"a\0b", b"\xff\xfe",
    "b\u00fccher@example.com".encode(), b"..", b".a@b", b"a.@b", b"a@.b",
    b"a..b@c", b"a@b@c", b"@", b"a@", b"/+=", b"=?utf-8?q?x?=", b"none",
    b"[192.0.2.1]", b"x" * 399, b"x y" * 133, b'"' * 400, b"\\" * 400,
]
PLAIN = [b"example.com", b"@example.com", b"user@example.com", b"a+b_c-d@e.f",
         b"rsa-sha256", b"reject", b""]
TOO_LONG = [b"x" * 401, b"a@" + b"b" * 4000]
PROPERTIES = ["smtp.mailfrom", "smtp.helo", "header.d", "header.i", "header.b",
              "header.s", "header.a", "header.from", "policy.dmarc"]
METHODS = [("spf", "pass"), ("spf", "softfail"), ("dkim", "permerror"),
           ("dkim", "temperror"), ("dmarc", "fail"), ("dmarc", "none")]


def shown(value):
    """What may be left of a value: printable ASCII."""
    return "".join(chr(b) if 0x20 <= b < 0x7f else "?" for b in value)


def random_value():
    alphabet = b"ab.@\"\\;()= \t\r\n<>,:[]?/-_+\x7f\x80\xc3\xa9"
    return bytes(RNG.choice(alphabet) for _ in range(RNG.randrange(1, 60)))


def make_field():
    """A list of (method, result, reason, [(property, value)])."""
    field = []
    for _ in range(RNG.randrange(0, 9)):
        method, result = RNG.choice(METHODS)
        reason = RNG.choice(NASTY + TOO_LONG + [b"", random_value()])
        names = RNG.sample(PROPERTIES, RNG.randrange(0, 6))
        # authres drops what follows a quoted value: one a result, at its end
        props = [(n, RNG.choice(PLAIN + TOO_LONG)) for n in names]
        if props:
            value = RNG.choice(NASTY + TOO_LONG + [random_value()])
            props[-1] = (props[-1][0], value)
        field.append((method, result, reason, props))
    return field


def script(fields):
    for field in fields:
        yield f"id {ID}\n"
        for method, result, reason, props in field:
            yield f"begin {method} {result}\n"
            yield f"reason {reason.hex()}\n"
            for name, value in props:
                yield f"property {name} {value.hex()}\n"
        yield "end\n"


def check_form(text):
    assert all(" " <= c <= "~" or c in "\t\n" for c in text), text
    for number, line in enumerate(text.split("\n")):
        assert len(line) <= 998, line
        assert number == 0 or line.startswith("\t"), line
        assert line.strip() != "", text


def meant(text):
    """authres gives the text of a quoted string without resolving its pairs
    (RFC 5322 3.2.4)."""
    return None if text is None else re.sub(r"\\(.)", r"\1", text)


def is_kept(value):
    return 0 < len(value) <= 400


def check(text, field):
    check_form(text)
    got = authres.AuthenticationResultsHeader.parse(
        re.sub(r"\n(?=\t)", "\r\n", text))
    assert got.authserv_id == ID, got.authserv_id
    assert len(got.results) == len(field), text
    for result, (method, word, reason, props) in zip(got.results, field):
        assert (result.method, result.result) == (method, word), text
        want = shown(reason) if is_kept(reason) else None
        assert meant(result.reason) == want, (result.reason, want)
        have = [(f"{p.type}.{p.name}", meant(p.value)) for p in result.properties]
        want = [(n, shown(v)) for n, v in props if is_kept(v)]
        assert have == want, (have, want, text)


def main():
    # each nasty value alone, then in company
    fields = [[("dkim", "pass", b"", [("header.i", v)])]
              for v in NASTY + TOO_LONG]
    fields += [[("dkim", "pass", v, [])] for v in NASTY + TOO_LONG]
    fields += [[]] + [make_field() for _ in range(2000)]
    out = subprocess.run([TOOL], input="".join(script(fields)).encode(),
                         stdout=subprocess.PIPE, check=True).stdout
    texts = out.decode("latin-1").split("\n\n")
    assert texts.pop() == "" and len(texts) == len(fields)
    for text, field in zip(texts, fields):
        check(text, field)
    print(f"ok: authres read {len(fields)} fields as they were meant")


main()
