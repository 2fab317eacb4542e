"""Shell scripts pass shellcheck at severity warning; Python ones compile."""
import ast
import re

from common.tree import Finding

MESSAGE = re.compile(r"(.+?):(\d+):\d+: \w+: (.*)")


def check(tree):
    shell = sorted(set(
        [f for f in tree.scripts("sh")
         if re.search(r"\b(ba|da)?sh\b", tree.shebang(f))]
        + [f for f in tree.files if f.endswith(".sh")]))
    if shell:
        done = tree.run(["shellcheck", "--severity=warning", "--format=gcc",
                         "--external-sources", *shell])
        for found in map(MESSAGE.match, done.stdout.splitlines()):
            if found:
                yield Finding(found.group(1), int(found.group(2)),
                              found.group(3))
        if done.returncode > 1:
            yield Finding(shell[0], 1, "shellcheck fails: "
                          + done.stderr.strip()[-300:])
    python = set(tree.scripts("python"))
    python |= {f for f in tree.files if f.endswith(".py")}
    for path in sorted(python):
        try:
            ast.parse(tree.text(path), path)
        except SyntaxError as error:
            yield Finding(path, error.lineno or 1, f"no Python: {error.msg}")
