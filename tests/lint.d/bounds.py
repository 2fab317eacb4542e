"""SECURITY.md names every bound (SCEAU_..._MAX of a header) with the number that
the code has."""
import re

from common.tree import Finding, Skip

PAGE = "SECURITY.md"
DEFINE = re.compile(r"#define[ \t]+(SCEAU_\w+_MAX)[ \t]+((?:\\\n|[^\n])+)")
ROW = re.compile(r"^\|(?:[^|]*\|){2}\s*([\d]+)\s*\|\s*`(\w+)`")


def value_of(text):
    """The number a #define stands for, or None when it is no plain sum."""
    text = re.sub(r"/\*.*", "", text.replace("\\\n", " "), flags=re.DOTALL)
    text = re.sub(r"\b(\d+)[UL]+\b", r"\1", text)
    if not re.fullmatch(r"[\d\s()+*<-]+", text):
        return None
    return eval(text, {})  # digits and operators only, see above


def check(tree):
    if PAGE not in tree.files:
        raise Skip("no " + PAGE)
    rows = {}
    for number, line in tree.lines(PAGE):
        found = ROW.match(line)
        if found:
            rows[found.group(2)] = (number, int(found.group(1)))
    for path in tree.c_files():
        if not path.endswith(".h") or path.startswith("tests/"):
            continue
        for found in DEFINE.finditer(tree.text(path)):
            name, value = found.group(1), value_of(found.group(2))
            line = tree.text(path).count("\n", 0, found.start()) + 1
            if value is None:
                continue
            if name not in rows:
                yield Finding(path, line, f"{name} has no row in {PAGE}; say "
                              "who chooses it and what happens beyond it")
                continue
            number, said = rows.pop(name)
            if said != value:
                yield Finding(PAGE, number, f"{name} is {value}, not {said}; "
                              "correct the row")
    for name, (number, _) in rows.items():
        yield Finding(PAGE, number, f"no header defines {name}; take the row "
                      "out")
