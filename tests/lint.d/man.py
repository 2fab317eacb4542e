"""The manual pages are clean mdoc."""
import re

from common.tree import Finding

MESSAGE = re.compile(r"mandoc: (.+?):(\d+)(?::\d+)?: (.*)")


def check(tree):
    pages = [f for f in tree.files
             if re.match(r"docs/man/[^/]+\.[1-8]$", f)]
    if not pages:
        return
    done = tree.run(["mandoc", "-T", "lint", "-W", "warning", *pages])
    for line in (done.stdout + done.stderr).splitlines():
        found = MESSAGE.match(line)
        if found:
            yield Finding(found.group(1), int(found.group(2)),
                          found.group(3) + "; see mdoc(7)")
        elif line.strip():
            yield Finding(pages[0], 1, f"mandoc says: {line.strip()}")
