"""What building takes is the same for us and for the Debian packages:
packaging/deps/build and Build-Depends name the same packages."""
import re

from common.tree import Finding

DEPS = "packaging/deps/build"
CONTROL = "packaging/debian/control"
# Debian builds with build-essential, and with debhelper; tests come extra.
ESSENTIAL = {"gcc", "libc6-dev"}


def build_depends(tree):
    """Line numbers by name, of those that every build needs."""
    names = {}
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
                names[name] = number
    return names


def check(tree):
    if CONTROL not in tree.files or DEPS not in tree.files:
        return
    ours = {line.split("#")[0].strip(): number
            for number, line in tree.lines(DEPS)}
    ours = {name: number for name, number in ours.items()
            if name and name not in ESSENTIAL}
    theirs = build_depends(tree)
    for name in ours.keys() - theirs.keys():
        yield Finding(DEPS, ours[name], f"{name} is not in Build-Depends of "
                      f"{CONTROL}; add it there")
    for name in theirs.keys() - ours.keys():
        yield Finding(CONTROL, theirs[name], f"{name} is not in {DEPS}; add "
                      "it there")
