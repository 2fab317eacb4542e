"""No compiler warning: gcc with the optimiser (which sees more than the dev
build) and clang, both with the flags of cmake/flags.cmake."""
import hashlib
import re
import shlex

from common.includes import closure
from common.tree import Finding

MESSAGE = re.compile(r"(.+?):(\d+):\d+: (?:fatal )?(?:warning|error): (.*)")
DROP = re.compile(r"-fsanitize|-fno-sanitize|-fno-omit|-O|-g$|-Werror|"
                  r"-D_FORTIFY|-U_FORTIFY|--coverage|-o$|-c$|-MD|-MT|-MF")
TAKES_VALUE = {"-o", "-MT", "-MF"}


def arguments(entry):
    """Flags of a compile command that matter for warnings, and the file."""
    words = shlex.split(entry["command"])
    while words and not words[0].startswith("-"):  # a launcher, the compiler
        words.pop(0)
    kept = []
    while words:
        word = words.pop(0)
        if word in TAKES_VALUE:
            words.pop(0)
        elif not DROP.match(word):
            kept.append(word)
    return kept


def clean_mark(tree, entry):
    """There once entry was clean as it is now: same flags, same source, same
    headers of ours, wherever the tree lies."""
    flags = repr(arguments(entry)).replace(str(tree.build), "BUILD")
    digest = hashlib.sha256(flags.replace(str(tree.root), "ROOT").encode())
    for path in closure(tree, entry["source"]):
        digest.update(f"{path}\0{tree.text(path)}\0".encode())
    return tree.clean_mark(digest)


def warnings_of(tree, entry):
    mark = clean_mark(tree, entry)
    if mark.exists():
        return []
    flags = arguments(entry)
    runs = (["gcc", "-O2", "-c", "-o", "/dev/null", *flags],
            ["clang-14", "-fsyntax-only", "-Wno-unknown-warning-option",
             *flags])
    found = []
    for argv in runs:
        done = tree.run(argv, cwd=entry["directory"])
        for line in done.stderr.splitlines():
            message = MESSAGE.match(line)
            if message:
                path = message.group(1).replace(str(tree.root) + "/", "")
                found.append(Finding(path, int(message.group(2)),
                                     f"{argv[0]}: {message.group(3)}"))
        if done.returncode != 0 and not found:
            found.append(Finding(entry["source"], 1, f"{argv[0]} fails: "
                                 + done.stderr.strip()[-300:]))
    if not found:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    return found


def check(tree):
    yield from tree.run_each(lambda entry: warnings_of(tree, entry),
                             tree.compile_commands)
