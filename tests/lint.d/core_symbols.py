"""The core asks libc and the crypto libraries for nothing but what stands in
core_symbols.allow: no I/O, clock, logging, threads or environment."""
import fnmatch
import re

from common.tree import Finding, Skip

ALLOW = "tests/lint.d/core_symbols.allow"


def read_allowed(tree):
    """Patterns of the allow-list, without comments."""
    lines = [line.split("#")[0].strip() for _, line in tree.lines(ALLOW)]
    return [line for line in lines if line]


def undefined(listing):
    """(object, symbol) pairs that no object of the archive defines."""
    wanted = []
    defined = set()
    member = "?"
    for line in listing.split("\n"):
        if line.endswith(":"):
            member = line[:-1]
        fields = line.split()
        if len(fields) == 2 and fields[0] in "Uwv":
            wanted.append((member, fields[1]))
        elif len(fields) == 3 and fields[1] in "TDBRVWGS":
            defined.add(fields[2])
    return [(m, s) for m, s in wanted if s not in defined]


def check(tree):
    archive = tree.build / "lib" / "libsceau_core.a"
    if not archive.exists():
        raise Skip("libsceau_core.a is not built; first run: "
                   "cmake --build --preset dev")
    allowed = read_allowed(tree)
    listing = tree.run(["nm", str(archive)]).stdout
    for member, symbol in undefined(listing):
        if any(fnmatch.fnmatchcase(symbol, p) for p in allowed):
            continue
        source = re.sub(r"\.o$", "", member)
        path = next((f for f in tree.c_files("lib")
                     if f.endswith("/" + source)), "lib/" + source)
        yield Finding(path, 1, f"calls {symbol}(), which the core may not; "
                      "make it an argument or move the caller to daemon/ "
                      f"(if it is pure, add it to {ALLOW})")
