"""HTML that cannot be broken by what stands in it: every text is escaped, only markup made here is not. No Qt."""

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

_NUMBER = re.compile(r"^([−–+-]?[\d.,]*([eE][−+-]?\d+)?( ?%)?|)$")


class Markup(str):
    """A text that is HTML already."""

    __slots__ = ()


def text(value: Any) -> Markup:
    """Return anything as HTML: markup as it is, all else escaped, control characters left out."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, list | tuple):
        return Markup("".join(map(text, value)))
    plain = "".join(each for each in str(value) if each in "\n\t" or (each.isprintable() or each == "\u2007"))
    return Markup(html.escape(plain))


def tag(name: str, *content: Any, **attributes: Any) -> Markup:
    """Return an element; a trailing underscore of an attribute's name is left out, others become hyphens."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{''.join(map(text, content))}</{name}>")


def table(caption: str, head: Sequence[Any], rows: Iterable[Sequence[Any]], *, kind: str = "") -> Markup:
    """Return a table with a caption; the first cell of every row is its heading."""
    lines = [list(row) for row in rows]
    right = [bool(column) and all(_NUMBER.match(str(each)) for each in column) for column in zip(*lines, strict=True)]
    right = right or [False] * len(head)

    def cells(name: str, row: Sequence[Any]) -> list[Markup]:
        scope = "col" if name == "th" else None
        return [
            tag(name, each, scope=scope, class_="number" if right[nth] else None) for nth, each in enumerate(row) if nth
        ]

    heads = tag("tr", tag("th", head[0], scope="col"), cells("th", head))
    body = [tag("tr", tag("th", row[0], scope="row"), cells("td", row)) for row in lines]
    made = tag("table", tag("caption", caption), tag("thead", heads), tag("tbody", body), class_=kind or None)
    return tag("div", made, class_="wide")


def inline(svg: str, name: str, alt: str) -> Markup:
    """Return a picture that Qt has written as SVG as a part of a page.

    Parameters
    ----------
    name
        Put before every name in it, so that those of several pictures do not mix.
    alt
        What it shows, for whoever does not see it.
    """
    body = svg[svg.index("<svg") :]
    opening, rest = body[: body.index(">") + 1], body[body.index(">") + 1 :]
    box = re.search(r'viewBox="([^"]*)"', opening)
    assert box is not None
    wide = box[1].split()[2]
    rest = re.sub(r"<(title|desc)>.*?</\1>", "", rest, flags=re.DOTALL)
    rest = re.sub(r'\bid="', f'id="{name}-', rest)
    rest = re.sub(r"url\(#", f"url(#{name}-", rest)
    rest = re.sub(r'(xlink:href|href)="#', rf'\1="#{name}-', rest)
    rest = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", rest)
    return Markup(
        f'<svg role="img" aria-label="{html.escape(alt)}" viewBox="{box[1]}" style="max-width:{wide}px" '
        f'class="drawn"><title>{html.escape(alt)}</title>{rest}'
    )
