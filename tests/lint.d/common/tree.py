"""tree - the files under lint, findings, and running tools over them.

SPDX-License-Identifier: MIT
"""
import concurrent.futures
import functools
import json
import os
import pathlib
import shutil
import subprocess
from dataclasses import dataclass

# Not ours to judge: build output and test data.
IGNORED_DIRS = {".git", "build", "dist", "corpus", "__pycache__"}


class Skip(Exception):
    """Raised by a check that has nothing to look at; says why."""


@dataclass(frozen=True, order=True)
class Finding:
    """One violation. text names what is wrong and the remedy."""
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Tree:
    """A source tree and, where a check needs one, its build directory."""

    def __init__(self, root, build=None):
        self.root = pathlib.Path(root).resolve()
        if build is None:
            builds = [self.root / "build" / name
                      for name in ("dev", "release")]
            found = [b for b in builds if (b / "build.ninja").exists()]
            build = found[0] if found else builds[0]
        self.build = pathlib.Path(build).resolve()

    @functools.cached_property
    def files(self):
        """Relative paths (str) of all files that are the project's own."""
        try:
            listed = subprocess.run(
                ["git", "-C", str(self.root), "ls-files", "-z", "-co",
                 "--exclude-standard"],
                check=True, capture_output=True, text=True).stdout.split("\0")
        except (OSError, subprocess.CalledProcessError):
            listed = [os.path.relpath(os.path.join(d, f), self.root)
                      for d, dirs, names in self._walk() for f in names]
        return sorted(f for f in listed if f
                      and not IGNORED_DIRS & set(f.split("/")[:-1])
                      and (self.root / f).is_file())

    def _walk(self):
        for d, dirs, names in os.walk(self.root):
            dirs[:] = [name for name in dirs if name not in IGNORED_DIRS]
            yield d, dirs, names

    def c_files(self, *folders):
        """All .c and .h files, or those in the given top-level folders."""
        return [f for f in self.files if f.endswith((".c", ".h"))
                and (not folders or f.split("/")[0] in folders)]

    def scripts(self, word):
        """Files whose first line is a #! that holds word."""
        return [f for f in self.files if self.shebang(f)
                and word in self.shebang(f)]

    @functools.lru_cache(maxsize=None)
    def shebang(self, path):
        """The #! line of a file without the #!, or ""."""
        with open(self.root / path, "rb") as f:
            line = f.readline(200)
        if not line.startswith(b"#!"):
            return ""
        return line[2:].decode("ascii", "replace").strip()

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        """Contents of a file; bytes that are no UTF-8 become U+FFFD."""
        return (self.root / path).read_text("utf-8", "replace")

    def lines(self, path):
        """Numbered lines of a file: [(1, "text"), ...]."""
        return list(enumerate(self.text(path).split("\n"), 1))

    @functools.cached_property
    def compile_commands(self):
        """Entries of the build's compile_commands.json for files of this
        tree, or Skip when nothing is configured."""
        path = self.build / "compile_commands.json"
        if not path.exists():
            raise Skip("no configured build directory; first run: "
                       "cmake --preset dev && cmake --build --preset dev")
        entries = []
        for entry in json.loads(path.read_text()):
            source = pathlib.Path(entry["file"]).resolve()
            if self.root not in source.parents or not source.exists():
                continue
            entry["source"] = str(source.relative_to(self.root))
            entries.append(entry)
        return entries

    def clean_mark(self, digest):
        """A file that is there once what digest stands for was found clean;
        all trees of this user share them."""
        cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        return (pathlib.Path(cache).expanduser() / "sceau-lint"
                / digest.hexdigest())

    def run(self, argv, **options):
        """Run a tool in the root; returns the CompletedProcess (text)."""
        if shutil.which(argv[0]) is None:
            raise MissingTool(argv[0])
        return subprocess.run(argv, cwd=options.pop("cwd", self.root),
                              capture_output=True, text=True, check=False,
                              **options)

    def run_each(self, function, items):
        """function(item) for all items, two at a time; flattens lists."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for result in pool.map(function, items):
                yield from result


class MissingTool(Exception):
    """A program that a check needs is not installed."""

    def __init__(self, name):
        super().__init__(f"{name} is not installed; remedy: install the "
                         "packages of packaging/deps/test")
