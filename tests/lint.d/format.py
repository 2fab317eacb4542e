"""C is formatted by clang-format 14 and has at most 80 columns."""
import re

from common.tree import Finding

MESSAGE = re.compile(r"(.+?):(\d+):\d+: error: .*\[-Wclang-format")
COLUMNS = 80


def check_format(tree, paths):
    if not paths:
        return []
    done = tree.run(["clang-format-14", "--dry-run", "-Werror", *paths])
    return [Finding(found.group(1), int(found.group(2)),
                    f"not formatted; run: clang-format-14 -i "
                    f"{found.group(1)}")
            for found in map(MESSAGE.match, done.stderr.splitlines())
            if found]


def check(tree):
    paths = tree.c_files()
    yield from tree.run_each(lambda part: check_format(tree, part),
                             [paths[0::2], paths[1::2]])
    for path in paths:
        for number, line in tree.lines(path):
            if len(line.expandtabs(8)) > COLUMNS:
                yield Finding(path, number, f"wider than {COLUMNS} columns; "
                              "break the line")
