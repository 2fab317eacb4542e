"""Shell scripts pass shellcheck at severity warning; Python ones compile."""
import ast
import hashlib
import re

from common.tree import Finding

MESSAGE = re.compile(r"(.+?):(\d+):\d+: \w+: (.*)")


def clean_marks(tree, shell):
    """For each script its mark: there once it was clean as it is now, with
    all that a script may source."""
    common = hashlib.sha256()
    for path in shell:
        if not path.split("/")[-1].startswith("test_"):
            common.update(f"{path}\0{tree.text(path)}\0".encode())
    marks = {}
    for path in shell:
        digest = common.copy()
        digest.update(f"{path}\0{tree.text(path)}".encode())
        marks[path] = tree.clean_mark(digest)
    return marks


def check_shell(tree, shell):
    marks = clean_marks(tree, shell)
    todo = [path for path in shell if not marks[path].exists()]
    if not todo:
        return
    done = tree.run(["shellcheck", "--severity=warning", "--format=gcc",
                     "--external-sources", *todo])
    found = [Finding(m.group(1), int(m.group(2)), m.group(3))
             for m in map(MESSAGE.match, done.stdout.splitlines()) if m]
    if done.returncode > 1:
        found.append(Finding(todo[0], 1, "shellcheck fails: "
                             + done.stderr.strip()[-300:]))
    yield from found
    if not found:
        for path in todo:
            marks[path].parent.mkdir(parents=True, exist_ok=True)
            marks[path].touch()


def check(tree):
    shell = sorted(set(
        [f for f in tree.scripts("sh")
         if re.search(r"\b(ba|da)?sh\b", tree.shebang(f))]
        + [f for f in tree.files if f.endswith(".sh")]))
    yield from check_shell(tree, shell)
    python = set(tree.scripts("python"))
    python |= {f for f in tree.files if f.endswith(".py")}
    for path in sorted(python):
        try:
            ast.parse(tree.text(path), path)
        except SyntaxError as error:
            yield Finding(path, error.lineno or 1, f"no Python: {error.msg}")
