"""Where keys and tags are handled, memory is compared in constant time, unless
the line says why its bytes are no secret: /* public: why */."""
import fnmatch
import re

from common import csource
from common.tree import Finding

HANDLES_SECRETS = ["lib/age/*", "daemon/dkim*", "daemon/server_key*",
                   "dovecot-plugin/*", "key-agent/*", "cli/*"]
CALL = re.compile(r"(?<![\w.>])(memcmp|timingsafe_memcmp)\s*\(")
PUBLIC = re.compile(r"/\* public: \w[^*]{7,}\*/")


def check(tree):
    for path in tree.c_files():
        if not any(fnmatch.fnmatch(path, p) for p in HANDLES_SECRETS):
            continue
        raw = tree.text(path).split("\n")
        code = csource.strip(tree.text(path)).split("\n")
        for index, line in enumerate(code):
            if not CALL.search(line):
                continue
            if any(PUBLIC.search(near)
                   for near in raw[max(0, index - 1):index + 1]):
                continue
            yield Finding(path, index + 1, "memcmp() where secrets live; use "
                          "sodium_memcmp or CRYPTO_memcmp, or say beside it "
                          "/* public: why */")
