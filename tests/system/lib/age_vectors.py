#!/usr/bin/python3
"""age_vectors.py - the public age vectors through the command `sceau open`.

usage: age_vectors.py SCEAU FOLDER {all|no-hybrid}

A vector is lines "key: value", an empty line and the age file, packed when
"compressed: zlib" (c2sp.org/CCTV/age). "expect" is a class of failure or
success, "payload" the SHA-256 of what is released, also before a failure.
With no-hybrid (an OpenSSL before 3.5) a hybrid file that is well-formed must
be called unsupported, naming OpenSSL 3.5.

SPDX-License-Identifier: MIT
"""
import hashlib
import os
import subprocess
import sys
import tempfile
import zlib

EMPTY = hashlib.sha256(b"").hexdigest()
WANTED = 143


def load(path):
    with open(path, "rb") as stream:
        head, _, body = stream.read().partition(b"\n\n")
    fields = [line.decode().split(": ", 1) for line in head.split(b"\n")]
    if ["compressed", "zlib"] in fields:
        body = zlib.decompress(body)
    return fields, body


def run(sceau, fields, body, folder):
    command = [sceau, "open"]
    for number, (key, value) in enumerate(fields):
        if key not in ("identity", "passphrase"):
            continue
        path = os.path.join(folder, str(number))
        with open(path, "w", encoding="ascii") as stream:
            stream.write(value + "\n")
        command += ["-i" if key == "identity" else "-p", path]
    if len(command) == 2:
        # A vector without keys is damaged where no key matters.
        path = os.path.join(folder, "none")
        with open(path, "w", encoding="ascii") as stream:
            stream.write("no passphrase\n")
        command += ["-p", path]
    done = subprocess.run(command, input=body, capture_output=True,
                          check=False)
    last = done.stderr.decode().strip().split("\n")[-1]
    if done.returncode == 0:
        return "success", done.stdout, last
    prefix = "sceau: open: "
    if done.returncode != 1 or not last.startswith(prefix):
        return f"exit {done.returncode}", done.stdout, last
    return last[len(prefix):].split(":")[0], done.stdout, last


def judge(name, fields, got, out, last, has_hybrid):
    """What is wrong, or None."""
    want = dict(fields)["expect"]
    payload = dict(fields).get("payload", EMPTY)
    if got == "unsupported" and not has_hybrid and "hybrid" in name:
        return None if "OpenSSL 3.5" in last and not out else last
    if got != want:
        return f"got {got}, want {want} ({last})"
    if hashlib.sha256(out).hexdigest() != payload:
        return "what was released is not what is wanted"
    return None


def main():
    sceau, vectors, mode = sys.argv[1:]
    names = sorted(n for n in os.listdir(vectors) if not n.startswith("."))
    closed = wrong = 0
    for name in names:
        fields, body = load(os.path.join(vectors, name))
        with tempfile.TemporaryDirectory() as folder:
            got, out, last = run(sceau, fields, body, folder)
        closed += got == "unsupported"
        problem = judge(name, fields, got, out, last, mode == "all")
        if problem:
            wrong += 1
            print(f"{name}: {problem}")
    print(f"{len(names)} vectors, {wrong} wrong, {closed} unsupported")
    sys.exit(0 if wrong == 0 and len(names) == WANTED else 1)


if __name__ == "__main__":
    main()
