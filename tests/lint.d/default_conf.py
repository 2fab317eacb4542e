"""packaging/sceau.conf shows every setting with its default, as the schema
prints them."""
from common.tree import Finding, Skip

SHIPPED = "packaging/sceau.conf"
PRINTER = "tests/print_default_conf"


def check(tree):
    printer = tree.build / PRINTER
    if not (tree.root / SHIPPED).exists() and not printer.exists():
        raise Skip("neither a schema nor a shipped settings file")
    if not printer.exists():
        raise Skip(f"{PRINTER} is not built; first run: "
                   "cmake --build --preset dev")
    want = tree.run([str(printer)]).stdout.splitlines()
    got = tree.text(SHIPPED).splitlines()
    for number, line in enumerate(want, 1):
        if number > len(got) or got[number - 1] != line:
            yield Finding(SHIPPED, number, f"should be \"{line}\"; run: "
                          f"build/dev/{PRINTER} >{SHIPPED}")
            return
    if len(got) > len(want):
        yield Finding(SHIPPED, len(want) + 1, "the schema ends before this "
                      f"line; run: build/dev/{PRINTER} >{SHIPPED}")
