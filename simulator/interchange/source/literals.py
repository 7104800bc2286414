"""Values and names as text of a program: whatever a name holds, it stays a literal or a comment."""

import re
from collections.abc import Iterable, Sequence

from simulator.interchange.whole_files import printable

WIDTH = 100
"""The longest line of generated code, where no single literal is longer."""

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CHUNK = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s"'])+""")
_LONGEST_C_TEXT = 1000


def python_text(text: str) -> str:
    """Return a Python literal of a text, in double quotes, on one line, without anything invisible in it."""
    return '"' + "".join(_ESCAPES.get(each, each if each.isprintable() else _escaped(each)) for each in text) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shown(text: str, longest: int = 60) -> str:
    """Return a name as it may stand in a comment or a docstring of Python: printable, on one line, no quotes."""
    return printable(text, longest).replace("\\", "/").replace('"', "'")


def python_list(items: Iterable[str], indent: str = "", head: str = "", brackets: str = "[]", tail: str = "") -> str:
    """Return ``head[item, item, …]tail``, on one line if it fits, else filled lines between the brackets.

    Parameters
    ----------
    items
        Pieces of code.
    indent
        What stands before the line.
    head, brackets, tail
        What the list begins and ends with.
    """
    parts = list(items)
    one = f"{indent}{head}{brackets[0]}{', '.join(parts)}{brackets[1]}{tail}"
    if len(one) <= WIDTH:
        return one
    lines = "\n".join(filled([f"{part}," for part in parts], indent + "    "))
    return f"{indent}{head}{brackets[0]}\n{lines}\n{indent}{brackets[1]}{tail}"


def filled(words: Sequence[str], indent: str, width: int = WIDTH) -> list[str]:
    """Return lines of words with a blank between them, none longer than the width but for a longer word."""
    lines: list[str] = []
    line = indent
    for word in words:
        if len(line) > len(indent) and len(line) + len(word) > width:
            lines.append(line.rstrip())
            line = indent
        line += word + " "
    return [*lines, line.rstrip()]


def python_code(code: str, indent: str, head: str, tail: str = "") -> str:
    """Return ``head(code)tail`` in lines that are not too long, broken at blanks outside of texts."""
    one = f"{indent}{head}({code}){tail}"
    if len(one) <= WIDTH:
        return one
    lines = "\n".join(filled(_CHUNK.findall(code), indent + "    "))
    return f"{indent}{head}(\n{lines}\n{indent}){tail}"


def python_item(code: str, indent: str) -> str:
    """Return a piece of code with a comma as it stands in a list, broken at blanks outside of texts."""
    first, *rest = filled(_CHUNK.findall(f"{code},"), indent, WIDTH - 4)
    return "\n".join([first, *(f"    {line}" for line in rest)])


def python_comment(text: str, indent: str = "") -> str:
    """Return a comment in lines that are not too long."""
    return "\n".join(filled(text.split(" "), f"{indent}# "))


def paragraph(text: str, indent: str = "", width: int = WIDTH) -> str:
    """Return a text for a docstring in lines that are not too long; names in it must be `shown`."""
    return "\n".join(filled(text.split(" "), indent, width))


def c_text(text: str) -> str:
    """Return a C literal of a text in UTF-8: octal escapes for all but plain ASCII, and no trigraph.

    Half a surrogate pair, which UTF-8 has no place for, is spelt out; a text that compilers need not accept is cut off.
    """
    cut = text if len(text) <= _LONGEST_C_TEXT else text[: _LONGEST_C_TEXT - 3] + "..."
    data = cut.encode("utf-8", errors="backslashreplace")
    plain = {ord('"'): '\\"', ord("\\"): "\\\\", ord("?"): "\\?"}
    return '"' + "".join(plain.get(each, chr(each) if 32 <= each < 127 else f"\\{each:03o}") for each in data) + '"'


def c_comment(text: str) -> str:
    """Return a text as it may stand in a comment of C: it neither ends the comment nor begins another."""
    safe = text.replace("\\", "/").replace("??", "? ?")
    while "*/" in safe or "/*" in safe:
        safe = safe.replace("*/", "* /").replace("/*", "/ *")
    return safe


def c_name(text: str, otherwise: str) -> str:
    """Return the part of a text that can be a name in C, in lower case; `otherwise` where nothing is left."""
    words = re.findall(r"[a-z0-9]+", text.lower(), re.ASCII)
    name = "_".join(words)[:32].rstrip("_")
    return name if name and not name[0].isdigit() else "_".join(filter(None, [otherwise, name]))
