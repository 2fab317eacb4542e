"""Every name with external linkage begins with sceau_: libdovecot alone
exports thousands of unprefixed ones."""
import re

from common import csource
from common.tree import Finding

# What others call by name.
FOREIGN = {"main", "LLVMFuzzerTestOneInput", "LLVMFuzzerInitialize",
           "LLVMFuzzerCustomMutator"}


def check(tree):
    for path in tree.c_files():
        for chunk in csource.chunks(tree.text(path)):
            name = chunk.name()
            if name is None or chunk.is_static() or name in FOREIGN:
                continue
            if re.match(r"\s*extern\b", chunk.text):
                continue
            # A macro call at file level (all capitals) declares as it likes.
            if name.startswith("sceau_") or re.fullmatch(r"[A-Z_0-9]+", name):
                continue
            yield Finding(path, chunk.start, f"{name} is visible outside "
                          "its file; make it static or name it "
                          "sceau_<module>_<verb>")
