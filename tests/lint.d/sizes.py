"""A function has at most 80 lines, a source file at most 600. Tables of test
cases (tests/.../*_cases.[ch]) may be longer."""
import re

from common import csource
from common.tree import Finding

FUNCTION_MAX = 80
FILE_MAX = 600


def is_source(tree, path):
    return (path.endswith((".c", ".h", ".py", ".sh")) or bool(
        tree.shebang(path)))


def check(tree):
    for path in tree.files:
        if not is_source(tree, path):
            continue
        length = len(tree.text(path).splitlines())
        if length > FILE_MAX and not re.match(r"tests/.*_cases\.[ch]$", path):
            yield Finding(path, FILE_MAX, f"{length} lines, more than "
                          f"{FILE_MAX}; split the room by concern")
    for path in tree.c_files():
        for chunk in csource.chunks(tree.text(path)):
            length = chunk.end - chunk.start + 1
            if chunk.is_function and length > FUNCTION_MAX:
                yield Finding(path, chunk.start, f"{chunk.name()} has "
                              f"{length} lines, more than {FUNCTION_MAX}; "
                              "give its steps names of their own")
