"""includes - which files of the tree a C file includes.

SPDX-License-Identifier: MIT
"""
import os
import re

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def resolve(tree, path, name):
    """The file of this tree that a quoted include means, or None."""
    folder = os.path.dirname(path)
    for base in (folder, "lib", "", "tests"):
        candidate = os.path.normpath(os.path.join(base, name))
        if (tree.root / candidate).is_file():
            return candidate
    return None


def closure(tree, path):
    """path and every file of this tree that it includes, however deep."""
    seen, todo = set(), [path]
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        for line in tree.text(path).split("\n"):
            found = INCLUDE.match(line)
            target = found and resolve(tree, path, found.group(2))
            if target:
                todo.append(target)
    return sorted(seen)
