"""An include points one way: lib <- daemon <- programs, lib <- plugin;
programs never see each other; each third-party library is used behind one
header of ours."""
import fnmatch

from common.includes import INCLUDE, resolve
from common.tree import Finding

# Folder -> what its files may include. Tests may include everything.
LAYERS = {
    "lib": {"lib"},
    "daemon": {"lib", "daemon"},
    "milter": {"lib", "daemon", "milter"},
    "policy-daemon": {"lib", "daemon", "policy-daemon"},
    "lmtp-bridge": {"lib", "daemon", "lmtp-bridge"},
    "key-agent": {"lib", "daemon", "key-agent"},
    "cli": {"lib", "daemon", "cli"},
    "dovecot-plugin": {"lib", "dovecot-plugin"},
}

# Third-party header (pattern) -> the files that may include it.
HOMES = {
    "libmilter/*": ["milter/*"],
    "opendkim/*": ["tests/tools/*"],
    "unbound*.h": ["daemon/dns.c"],
    "event2/*": ["daemon/loop.c"],
    "event.h": [],
    "hiredis/*": ["daemon/store_redis.c"],
    "lmdb.h": ["daemon/lmdb_file.c"],
    "jansson.h": ["daemon/control*", "daemon/start.[ch]", "daemon/metrics.c",
                  "cli/*", "milter/*", "policy-daemon/*", "lmtp-bridge/*"],
    "pcre2.h": ["daemon/header_regex.c"],
    "spf2/*": ["daemon/spf2_child.c"],
    "idn2.h": ["daemon/idna.c"],
    "maxminddb.h": ["daemon/*.c"],
    "sodium.h": ["lib/age/*", "daemon/*.c", "cli/*", "dovecot-plugin/*"],
    "openssl/*": ["lib/age/*", "daemon/dkim*.c", "cli/*"],
    "cmocka.h": ["tests/*"],
}

# The core does no I/O, so these have no business in it.
NOT_IN_CORE = {
    "unistd.h", "fcntl.h", "syslog.h", "pthread.h", "threads.h", "time.h",
    "dirent.h", "signal.h", "poll.h", "locale.h", "setjmp.h", "netdb.h",
    "sys/stat.h", "sys/time.h", "sys/uio.h", "sys/un.h", "sys/wait.h",
    "sys/mman.h",
}

def check_own(tree, path, number, name, quoted):
    """Our own header: is it in a layer that path may see?"""
    target = resolve(tree, path, name)
    folder = path.split("/")[0]
    if target is None:
        if quoted and folder not in ("dovecot-plugin", "tests"):
            yield Finding(path, number, f'"{name}" is no file of this tree; '
                          "include libraries with <>")
        return
    if not quoted:
        yield Finding(path, number, f'include our own header as "{name}"')
    home = target.split("/")[0]
    if folder in LAYERS and home not in LAYERS[folder]:
        yield Finding(path, number, f"{folder}/ may not include {target}; "
                      "move what both need to lib/ or daemon/")
    if path.startswith("lib/base/") and not target.startswith("lib/base/"):
        yield Finding(path, number, f"lib/base/ may not include {target}; "
                      "base is what all other rooms stand on")


def check_library(path, number, name):
    """A system or third-party header: is this file its home?"""
    if path.startswith("lib/") and name in NOT_IN_CORE:
        yield Finding(path, number, f"<{name}> in the core, which does no "
                      "I/O and asks no clock; take the value as an argument")
    for pattern, homes in HOMES.items():
        if not fnmatch.fnmatch(name, pattern):
            continue
        if path.startswith("tests/") and pattern != "cmocka.h":
            continue
        if not any(fnmatch.fnmatch(path, home) for home in homes):
            yield Finding(path, number, f"<{name}> belongs behind our own "
                          f"header, in {' or '.join(homes) or 'no file'}")


def check(tree):
    for path in tree.c_files():
        for number, line in tree.lines(path):
            found = INCLUDE.match(line)
            if not found:
                continue
            quoted = found.group(1) == '"'
            name = found.group(2)
            yield from check_own(tree, path, number, name, quoted)
            if not quoted:
                yield from check_library(path, number, name)
