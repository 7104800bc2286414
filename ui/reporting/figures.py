"""Figures and drawings as a report has them. No Qt."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ui.reporting.markup import Markup, inline, tag
from ui.reporting.run import Run

MOST_COLUMNS = 40
"""How many columns of the data a table has at most."""


def figure(value: Any, digits: int = 4) -> str:
    """Return a number with so many digits that count, and a real minus."""
    number = float(value)
    if np.isnan(number):
        return "–"
    return f"{number:,.{digits}g}".replace("-", "−")


def percent(share: Any) -> str:
    """Return a share as percent."""
    return "–" if np.isnan(float(share)) else f"{100.0 * float(share):.1f} %"


def drawn(run: Run, name: str, words: str) -> Iterator[Markup]:
    """Yield a picture with its caption, if there is one."""
    found = run.drawings.get(name)
    if found is not None:
        both = [tag("div", inline(svg, f"{name}-{kind}", found.alt), class_=kind)
                for kind, svg in (("light", found.light), ("dark", found.dark)) if svg]  # fmt: skip
        yield tag("figure", both, tag("figcaption", words))
