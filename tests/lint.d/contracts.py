"""Above every prototype in a header stands its contract: a comment, with no
blank line between."""
from common import csource
from common.tree import Finding


def contract_above(lines, start):
    """Whether a comment of at least three words ends on the line above."""
    index = start - 2
    if index < 0 or not lines[index].rstrip().endswith("*/"):
        return False
    words = []
    while index >= 0:
        words += lines[index].replace("/*", " ").replace("*/", " ").split()
        if lines[index].lstrip().startswith("/*"):
            return len([w for w in words if w != "*"]) >= 3
        index -= 1
    return False


def check(tree):
    for path in tree.c_files():
        if not path.endswith(".h"):
            continue
        text = tree.text(path)
        lines = text.split("\n")
        for chunk in csource.chunks(text):
            if not (chunk.is_prototype() or chunk.is_function):
                continue
            if not contract_above(lines, chunk.start):
                yield Finding(path, chunk.start, f"{chunk.name()} has no "
                              "contract; say above it what is given, each "
                              "return value, who owns memory, the limits")
