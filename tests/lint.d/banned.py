"""Calls with no place in our C: without bounds, without error, through a
shell, or of predictable randomness."""
import re

from common import csource
from common.tree import Finding

INSTEAD = {
    **dict.fromkeys(["strcpy", "stpcpy", "strcat", "strncpy", "strncat"],
                    "sceau_slice_copy or struct sceau_buf"),
    **dict.fromkeys(["sprintf", "vsprintf"], "snprintf"),
    **dict.fromkeys(["gets", "strtok", "strtok_r"], "sceau_slice_next_word"),
    **dict.fromkeys(["atoi", "atol", "atoll", "atof"],
                    "sceau_text_parse_number"),
    **dict.fromkeys(["system", "popen"], "posix_spawn with an argv"),
    **dict.fromkeys(["rand", "srand", "rand_r", "random", "srandom",
                     "drand48"],
                    "randombytes_buf (in tests: a seed of your own)"),
    **dict.fromkeys(["mktemp", "tmpnam", "tempnam"], "mkstemp"),
    **dict.fromkeys(["alloca", "strdupa"], "an array or the heap"),
    "bcmp": "memcmp, or sodium_memcmp for secrets",
}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(INSTEAD) + r")\s*\(")


def check(tree):
    for path in tree.c_files():
        code = csource.strip(tree.text(path))
        for number, line in enumerate(code.split("\n"), 1):
            for name in CALL.findall(line):
                yield Finding(path, number,
                              f"{name}() is banned; use {INSTEAD[name]}")
