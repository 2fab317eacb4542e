"""What building takes is the same for us and for the Debian packages:
packaging/deps/build and Build-Depends name the same packages, each once."""
import re

from common.tree import Finding

DEPS = "packaging/deps/build"
CONTROL = "packaging/debian/control"
# Debian builds with build-essential, and with debhelper; tests come extra.
ESSENTIAL = {"gcc", "libc6-dev"}


def build_depends(tree):
    """Names with their line numbers, of those that every build needs."""
    names = []
    inside = False
    for number, line in tree.lines(CONTROL):
        if not line.startswith((" ", "\t")):
            inside = line.startswith("Build-Depends:")
            line = line.partition(":")[2]
        if not inside or "!nocheck" in line:
            continue
        for part in line.split(","):
            name = re.sub(r"\(.*?\)", "", part).strip()
            if name and not name.startswith(("debhelper", "dh-")):
                names.append((name, number))
    return names


def twice(path, names):
    seen = set()
    for name, number in names:
        if name in seen:
            yield Finding(path, number, f"{name} is named twice; once does")
        seen.add(name)


def check(tree):
    if CONTROL not in tree.files or DEPS not in tree.files:
        return
    ours = [(line.split("#")[0].strip(), number)
            for number, line in tree.lines(DEPS)]
    ours = [(name, number) for name, number in ours
            if name and name not in ESSENTIAL]
    theirs = build_depends(tree)
    yield from twice(DEPS, ours)
    yield from twice(CONTROL, theirs)
    ours, theirs = dict(ours), dict(theirs)
    for name in ours.keys() - theirs.keys():
        yield Finding(DEPS, ours[name], f"{name} is not in Build-Depends of "
                      f"{CONTROL}; add it there")
    for name in theirs.keys() - ours.keys():
        yield Finding(CONTROL, theirs[name], f"{name} is not in {DEPS}; add "
                      "it there")
