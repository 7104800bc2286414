"""What the decision map says in words: the place under the pointer, what is drawn, and what the colours mean. No Qt."""

import html
import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ui.canvas.picture import grouped, percent_text, pretty_name, value_text
from ui.panels.map_picture import COARSEST, FINEST, Drawn, value_levels
from ui.panels.map_points import Rows
from ui.theme import Theme

if TYPE_CHECKING:
    from simulator.insight.input_planes import Direction, Plane

_MOST_CLASSES = 12
_TOLD = 3


def place_text(direction: "Direction", coordinate: float) -> str:
    """Return where a place lies along an axis, in words."""
    if direction.is_component:
        return f"{direction.name} {coordinate:.2f}".replace("-", "−")
    name, unit = pretty_name(direction.name)
    if direction.categories:
        code = min(max(round(coordinate), 0), len(direction.categories) - 1)
        return f"{name} {direction.categories[code]}"
    size = max(abs(direction.low), abs(direction.high), 1e-300)
    digits = max(0, 2 - math.floor(math.log10(size))) if size < 1e6 else 0
    return f"{name} {value_text(round(coordinate, digits), unit)}"


def answer_text(plane: "Plane", outputs: NDArray[np.float64]) -> str:
    """Return what the network says at a place, outputs (outputs,): the most probable classes, or the value."""
    recipe = plane.recipe
    with np.errstate(all="ignore"):
        if not recipe.class_names:
            name, unit = pretty_name(recipe.target)
            return f"{name} {value_text(float(recipe.value(outputs)[0]), unit)}"
        scores = np.array([1.0 - outputs[0], outputs[0]]) if len(outputs) == 1 else outputs
    if not np.isfinite(scores).all():
        return "no finite answer"
    order = np.argsort(-scores, kind="stable")[:_TOLD]
    return "   ".join(f"{recipe.class_names[place]} {percent_text(float(scores[place]))}" for place in order.tolist())


def row_text(rows: Rows, place: int, *, wrong: bool) -> str:
    """Return which row a point is."""
    names = rows.dataset.class_names
    target = float(rows.target[place])
    truth = names[int(target)] if names else value_text(target, pretty_name(rows.dataset.recipe.target)[1])
    kind = "test" if bool(rows.is_test[place]) else "training"
    return f"Row {grouped(int(rows.raw[place]) + 1)}, {kind}: {truth}{' ✕' if wrong else ''}"


def state_text(rows: Rows, wrong: int | None, drawn: Drawn | None, *, single: bool, shown: bool, note: str = "") -> str:
    """Return what is drawn: how many rows of each kind, how many of them mistaken, how finely the map was asked."""
    if drawn is not None and not drawn.finite:
        return "Some answers are no finite numbers: the network has diverged."
    parts = []
    if shown:
        parts.append(f"● {grouped(len(rows.train))} training")
        if len(rows.test):
            parts.append(f"○ {grouped(len(rows.test))} test")
        if wrong is not None:
            parts.append(f"✕ {grouped(wrong)} {'mistaken' if rows.dataset.class_names else 'off by over 1 SD'}")
        if len(rows.raw) < rows.total:
            parts.append(f"of {grouped(rows.total)} rows")
    if drawn is not None and not single and COARSEST <= drawn.side < FINEST:
        parts.append(f"{drawn.side} × {drawn.side} places, as the network is large")
    return "   ".join(parts) + "\n" + "   ".join(each for each in (_lines_text(drawn, single), note) if each)


def _lines_text(drawn: Drawn | None, single: bool) -> str:
    """Return what the thin lines of a map are."""
    if drawn is None or single or not drawn.wish.contours:
        return ""
    inks = drawn.wish.inks
    if inks.classes > 1:
        return f"Lines at {'70, 90' if inks.classes == 2 else '50, 70, 90'} %"
    levels = [] if inks.span is None else value_levels(inks.span)
    return f"A line every {value_text(levels[1] - levels[0])}" if len(levels) > 1 else ""


def legend_text(theme: Theme, names: tuple[str, ...]) -> str:
    """Return the colours of the classes, as rich text."""
    inks = theme.classes
    parts = [
        f'<span style="color:{inks[place % len(inks)]}">■</span>&nbsp;{html.escape(name).replace(" ", "&nbsp;")}'
        for place, name in enumerate(names[:_MOST_CLASSES])
    ]
    if len(names) > _MOST_CLASSES:
        parts.append(f"and {len(names) - _MOST_CLASSES} more")
    return " &nbsp; ".join(parts)
