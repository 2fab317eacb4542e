"""No notes to self and no paths of one machine in what we ship."""
import re

from common.tree import Finding

# Spelled apart, so that this file does not find itself.
NOTES = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"])
                   + r")\b")
PLACES = re.compile(r"(?:^|[\s\"'`=:(,])(/(?:" + "wo" + "rk|ro" + "ot)"
                    r"(?:/[\w.-]+)+)")


def check(tree):
    for path in tree.files:
        for number, line in tree.lines(path):
            for word in NOTES.findall(line):
                yield Finding(path, number, f"{word}: do it now, or say in "
                              "the docs what is not there yet")
            for place in PLACES.findall(line):
                yield Finding(path, number, f"{place} is a path of one "
                              "machine; derive it")
