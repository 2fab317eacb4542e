"""The keys that the programs read and the items of sceau.conf(5) are the same,
both ways."""
import re

from common.tree import Finding, Skip

PAGE = "docs/man/sceau.conf.5"
PRINTER = "tests/print_schema"
ITEM = re.compile(r"^\.It Cm (\S+)")


def check(tree):
    printer = tree.build / PRINTER
    if not (tree.root / PAGE).exists() and not printer.exists():
        raise Skip("neither a schema nor its manual page")
    if not printer.exists():
        raise Skip(f"{PRINTER} is not built; first run: "
                   "cmake --build --preset dev")
    keys = {line.split()[0] for line in
            tree.run([str(printer)]).stdout.splitlines() if line.strip()}
    items = {}
    for number, line in tree.lines(PAGE):
        found = ITEM.match(line)
        if found and found.group(1) in items:
            yield Finding(PAGE, number, f"{found.group(1)} stands twice")
        if found:
            items[found.group(1)] = number
    for key in sorted(keys - set(items)):
        yield Finding(PAGE, 1, f"no item for {key}; add .It Cm {key}")
    for key in sorted(set(items) - keys):
        yield Finding(PAGE, items[key], f"no program knows {key}; take the "
                      "item out or add the schema row")
