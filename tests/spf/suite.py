"""suite.py - the published test suite of RFC 7208: zones and checks from YAML.

rfc7208-tests.yml is not part of this tree; $SCEAU_VECTORS/spf has it, and so
has Debian's python3-spf.

SPDX-License-Identifier: MIT
"""
import gzip
import ipaddress
import os
import struct

import yaml

A, CNAME, PTR, MX, TXT, AAAA, SPF = 1, 5, 12, 15, 16, 28, 99
TYPES = {"A": A, "CNAME": CNAME, "PTR": PTR, "MX": MX, "TXT": TXT,
         "AAAA": AAAA, "SPF": SPF}
DEBIAN = "/usr/share/doc/python3-spf/rfc7208-tests.yml.gz"


class Zone:
    """Records by lower-case name: {name: [(type, rdata or target)]}, and the
    names that answer nothing else."""

    def __init__(self):
        self.records = {}
        self.dead = set()

    def add(self, name, kind, data):
        self.records.setdefault(name.lower(), []).append((kind, data))


class Test:
    """One check: what is given and what must come out."""

    def __init__(self, scenario, name, fields):
        self.scenario = scenario
        self.name = name
        self.ip = str(fields["host"])
        self.helo = str(fields["helo"])
        self.mail_from = str(fields["mailfrom"])
        results = fields["result"]
        self.results = results if isinstance(results, list) else [results]
        self.explanation = fields.get("explanation")

    def address(self):
        """Local part and domain, as the RFC splits them."""
        local, _, domain = self.mail_from.rpartition("@")
        return local, domain

    def explains(self, text):
        """Whether the explanation is the one that is wanted; one of our own
        choice (DEFAULT) is none."""
        if self.explanation == "DEFAULT":
            return text == ""
        return text == self.explanation


def wire_name(name):
    """A name in wire format. Names of the suite hold no escapes."""
    out = b""
    for label in name.rstrip(".").split("."):
        raw = label.encode("latin-1")
        if raw:
            out += bytes([len(raw)]) + raw
    return out + b"\0"


def wire_text(strings):
    """RDATA of a TXT record; a string that is too long is several."""
    out = b""
    for text in strings:
        raw = text.encode("latin-1")
        parts = [raw[i:i + 255] for i in range(0, len(raw), 255)] or [b""]
        out += b"".join(bytes([len(p)]) + p for p in parts)
    return out or b"\0"


def rdata(kind, value):
    """The wire form of a value of the suite."""
    if kind in ("TXT", "SPF"):
        return wire_text(value if isinstance(value, list) else [str(value)])
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(str(value)).packed
    if kind == "MX":
        return struct.pack(">H", int(value[0])) + wire_name(str(value[1]))
    return wire_name(str(value))


def read_zone(data):
    """A zone. SPF records stand for TXT records too unless their name has TXT
    of its own; "TXT: NONE" says that it has none."""
    zone = Zone()
    for name, entries in data.items():
        name = str(name)
        own_text = any(isinstance(e, dict) and "TXT" in e for e in entries)
        for entry in entries:
            if entry == "TIMEOUT":
                zone.dead.add(name.lower())
                continue
            (kind, value), = entry.items()
            if kind == "TXT" and value == "NONE":
                zone.records.setdefault(name.lower(), [])
                continue
            raw = rdata(kind, value)
            if kind == "CNAME":
                raw = str(value)
            zone.add(name, TYPES[kind], raw)
            if kind == "SPF" and not own_text:
                zone.add(name, TXT, raw)
    return zone


def read_text():
    path = os.path.join(os.environ.get("SCEAU_VECTORS", ""),
                        "spf/rfc7208-tests.yml")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            return file.read()
    if os.path.exists(DEBIAN):
        with gzip.open(DEBIAN, "rt", encoding="utf-8") as file:
            return file.read()
    return None


def read_scenarios():
    """[(name, zone, [test])], or None when the suite is not here."""
    text = read_text()
    if text is None:
        return None
    scenarios = []
    for data in yaml.safe_load_all(text):
        if not data:
            continue
        name = str(data["description"])
        tests = [Test(name, key, fields)
                 for key, fields in data["tests"].items()]
        scenarios.append((name, read_zone(data["zonedata"]), tests))
    return scenarios


def question_name(name):
    """A name as questions have it: odd bytes as \\DDD."""
    out = ""
    for byte in name.encode("latin-1"):
        odd = byte <= 0x20 or byte >= 0x7f or byte == 0x5c
        out += f"\\{byte:03}" if odd else chr(byte)
    return out.rstrip(".")
