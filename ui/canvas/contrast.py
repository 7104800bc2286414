"""Where the colours of each layer's edges end, so that neither dense random weights nor large ones are all alike.

Plain NumPy, no Qt.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from ui.canvas.act import Scale
from ui.canvas.colour import steady_clamp
from ui.canvas.picture import Floats, Picture

SAMPLE = 4_096
"""So many of a layer's values are looked at: to sort half a million of them in every frame would take too long."""

_LEAST, _MOST = 0.25, 1.1
_FEW, _LEAST_OF_FEW = 256, 0.05
"""Few weights can be told apart though they are small: their scale stays longer, since small ones should look small."""


def with_contrast(picture: Picture, before: Picture | None = None) -> Picture:
    """Return a picture whose layers have scales of their own, where one does not suit them all.

    Parameters
    ----------
    picture
        What its edges show at rest is looked at; its `edge_scale` is kept where that suits.
    before
        The last picture: scales that suit still stay, so that colours do not flicker while numbers change.
    """
    values = picture.edge_values or picture.weights
    scale, known = picture.edge_scale, None
    if before is not None and before.sizes == picture.sizes and before.edge_scale.name == scale.name:
        known = [each.clamp for each in before.edge_scales] or None
    # A mode begins with one scale for all layers, and so do weights.
    start = [scale.clamp] * len(values)
    if picture.edge_values and known is None:
        start = [steady_clamp(np.concatenate([sampled(each) for each in values]))] * len(values)
    ends = suiting(values, known or start, calm=not picture.edge_values)
    return dataclasses.replace(picture, edge_scales=tuple(Scale(scale.name, end, scale.ramp) for end in ends))


def suiting(values: Sequence[Floats], before: Sequence[float], *, calm: bool = False) -> list[float]:
    """Return where each layer's scale ends: where it did, unless nearly all values are far below or beyond that.

    With `calm`, the scale of a small layer is left only for weights that are very small.
    """
    return [
        steady_clamp(sampled(each), end, least=_LEAST_OF_FEW if calm and each.size < _FEW else _LEAST, most=_MOST)
        for each, end in zip(values, before, strict=True)
    ]


def sampled(values: Floats) -> Floats:
    """Return about `SAMPLE` values that lie evenly in an array, or all of them: the same places in every frame."""
    flat = np.asarray(values).reshape(-1)
    # An odd step, that no row of even length has: else one column would be looked at alone.
    return flat if flat.size <= SAMPLE else flat[:: (flat.size // SAMPLE) | 1]


def ends_text(scales: Sequence[Scale], words: Sequence[str]) -> str:
    """Return the ends of several scales in a line: ``at ±0.2, ±0.5, ±1``, or of many the least and the largest."""
    if len(words) <= 4:
        return "at " + ", ".join(f"±{word}" for word in words)
    order = sorted(range(len(words)), key=lambda place: scales[place].clamp)
    return f"at ±{words[order[0]]} … ±{words[order[-1]]}"


def count_left(picture: Picture, weakest: float) -> tuple[int, int]:
    """Return how many edges are not hidden when those below a share of their scale's end are, and how many there are.

    Parameters
    ----------
    picture
        Whose edges, as they are shown now.
    weakest
        The share, 0 … 1; what is not a number counts as zero, as its colour does.
    """
    left = total = 0
    for layer in range(len(picture.weights)):
        values, scale = picture.edge_numbers(layer)
        total += values.size
        with np.errstate(invalid="ignore"):
            left += values.size if weakest <= 0.0 else int((np.abs(values) >= weakest * scale.clamp).sum())
    return left, total
