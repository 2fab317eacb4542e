"""What the documents name is there: links, and paths of this tree in
backquotes (capitals stand for any name)."""
import os
import re

from common.tree import Finding

LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
QUOTED = re.compile(r"`([\w.-]+/[\w./*-]*)`")
PLACEHOLDER = re.compile(r"[A-Z]{3,}")
COMMAND = re.compile(r"`((?:tests|packaging)/[\w./-]+) ")


def exists(tree, folder, name):
    base = tree.root / folder
    if "*" in name:
        return any(base.glob(name))
    return (base / name).exists()


def check(tree):
    tops = {f.split("/")[0] for f in tree.files if "/" in f}
    for path in tree.files:
        if not path.endswith(".md"):
            continue
        folder = os.path.dirname(path)
        for number, line in tree.lines(path):
            for name in LINK.findall(line):
                if not exists(tree, folder, name):
                    yield Finding(path, number, f"link to {name}, which is "
                                  "not there; mend the link")
            for name in QUOTED.findall(line) + COMMAND.findall(line):
                if PLACEHOLDER.search(name.split(".")[0]):
                    continue
                if name.split("/")[0] in tops and not exists(tree, "", name):
                    yield Finding(path, number, f"names {name}, which is "
                                  "not there; say what is")
