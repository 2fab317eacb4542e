"""The first comment of each source file names it, says what it is, and ends
with the licence line."""
import os
import re

from common.tree import Finding

LICENCE = "SPDX-License-Identifier: MIT"


def check(tree):
    for path in tree.files:
        is_c = path.endswith((".c", ".h"))
        if not is_c and not path.endswith(".py") and not tree.shebang(path):
            continue
        head = tree.text(path)[:3000]
        if is_c:
            first = head.split("\n")[0]
            base = re.escape(os.path.basename(path))
            if not re.match(rf"/\* {base} - \S", first):
                yield Finding(path, 1, "begin the file with "
                              f"/* {os.path.basename(path)} - what it is")
            head = head[:head.find("*/") + 2]
        if LICENCE not in head and not path.startswith("tests/lint.d/"):
            yield Finding(path, 1, f"say {LICENCE} in the first comment")
