"""csource - enough C reading for lint: comments, top-level chunks, names.

The formatter is law, so layout can be relied on; macros are not expanded.

SPDX-License-Identifier: MIT
"""
import re
from dataclasses import dataclass

TOKEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
    re.DOTALL)
ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")


def strip(text):
    """text with comments, string and character contents blanked; every line
    keeps its number and, outside those, its columns."""
    def blank(match):
        found = match.group(0)
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[0]
        return re.sub(r"[^\n]", " ", found)
    return TOKEN.sub(blank, text)


def strip_directives(code):
    """Stripped code with preprocessor lines (and continuations) blanked."""
    out = []
    inside = False
    for line in code.split("\n"):
        inside = inside or line.lstrip().startswith("#")
        out.append("" if inside else line)
        inside = inside and line.endswith("\\")
    return "\n".join(out)


@dataclass
class Chunk:
    """One declaration or definition at file level."""
    text: str  # stripped; for a function without its body
    start: int  # first line
    end: int  # last line
    is_function: bool  # a definition with a body

    def is_prototype(self):
        """Whether this declares a function (and does not define it)."""
        head = ATTRIBUTE.sub("", self.text)
        return (not self.is_function and "{" not in head
                and "=" not in head
                and not head.lstrip().startswith(("typedef", "_Static"))
                and re.search(r"\w\s*\(", head) is not None)

    def is_static(self):
        return re.match(r"\s*(static|_Thread_local\s+static)\b",
                        ATTRIBUTE.sub("", self.text)) is not None

    def name(self):
        """The declared identifier, or None (struct definitions and such)."""
        head = ATTRIBUTE.sub("", self.text)
        head = re.split(r"=", head)[0]
        if re.match(r"\s*(typedef|_Static_assert|static_assert)\b", head):
            return None
        if re.match(r"\s*(struct|union|enum)\b[^({]*\{", head):
            head = head[head.rfind("}") + 1:]
        if re.match(r"\s*(struct|union|enum)\s+\w+\s*;", head):
            return None
        found = re.search(r"([A-Za-z_]\w*)\s*(?:\(|\[|;|$)", head.strip())
        return found.group(1) if found else None


def chunks(text):
    """The file-level chunks of a C file, in order."""
    code = strip_directives(strip(text))
    found = []
    depth = parens = 0
    begin = None
    body = None
    line = 1
    for pos, char in enumerate(code):
        if char == "\n":
            line += 1
            continue
        if char.isspace():
            continue
        if begin is None:
            if char in ";}":
                continue
            begin, start_line = pos, line
        if char == "(":
            parens += 1
        elif char == ")":
            parens -= 1
        elif char == "{":
            if depth == 0 and code[begin:pos].rstrip().endswith(")"):
                body = pos
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0 and body is not None:
                found.append(Chunk(code[begin:body], start_line, line, True))
                begin = body = None
        elif char == ";" and depth == 0 and parens == 0:
            found.append(Chunk(code[begin:pos + 1], start_line, line, False))
            begin = None
    return found
