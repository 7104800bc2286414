"""Operators that take some of the inputs of a network, or the same ones in another order, as pipelines do."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.interchange.onnx_in.chain import Chain
from simulator.interchange.onnx_in.expressions import Line
from simulator.interchange.onnx_in.nodes import Node
from simulator.interchange.onnx_in.values import Start, Stream

Places = NDArray[np.intp]


def picked(chain: Chain, node: Node, stream: Stream) -> Stream:
    """Return some of the inputs: ArrayFeatureExtractor, Gather and Slice along a row."""
    base, line = stream.base, stream.expression
    width = base.along_rows if isinstance(base, Start) else None
    if not isinstance(base, Start) or width is None or not isinstance(line, Line) or stream.columns:
        raise node.refuse("takes some of the inputs, of which nothing says how many there are")
    base = _across(base, width)
    places = _sliced(node, width) if node.operator == "Slice" else _listed(node, width)
    chain.spend(node, 4 * places.size)
    whole, before = (base, np.arange(width)) if base.whole is None else base.whole
    sides = [np.broadcast_to(part, (width,))[places] for part in (line.scale, line.shift)]
    start = Start(base.names, places.size, whole=(whole, before[places]), sides=_sides(base, places.size))
    return Stream(start, Line(*sides), columns=False, dropout=stream.dropout)


def _across(base: Start, width: int) -> Start:
    """Return inputs of which it is certain by now that a row of data is a row."""
    return base if base.width == width else Start(base.names, width, sides=base.sides)


def _sides(base: Start, width: int) -> tuple[int, ...]:
    """Return the shape of so many numbers out of some inputs."""
    return (*base.sides[:1], width) if base.sides else ()


def _listed(node: Node, width: int) -> Places:
    places = node.constant(1)
    row = node.operator == "ArrayFeatureExtractor" or node.attribute("axis", 0) in (1, -1)
    if places is None or places.dtype.kind not in "iu" or not places.size or not row:
        raise node.refuse("takes some of the inputs, but not by a list of their places")
    flat = places.reshape(-1)
    if places.ndim == 0 or (flat < -width).any() or (flat >= width).any():
        raise node.refuse(f"takes inputs that are not among the {width:,} that there are")
    return (flat % width).astype(np.intp)


def _sliced(node: Node, width: int) -> Places:
    starts, ends, axes, steps = (
        node.integers(name, place) for place, name in enumerate(("starts", "ends", "axes", "steps"), start=1)
    )
    if starts is None or ends is None or len(starts) != 1 or len(ends) != 1 or axes not in ([1], [-1]):
        raise node.refuse("takes a part of the inputs that is not one piece of every row")
    step = 1 if steps is None else steps[0]
    places: Any = np.arange(width)[slice(starts[0], ends[0], step)] if step > 0 else np.arange(0)
    if not places.size:
        raise node.refuse("takes none of the inputs")
    return places


def side_by_side(chain: Chain, node: Node, streams: list[Stream]) -> Stream:
    """Return inputs of the graph, or parts of them, each perhaps multiplied and added to, side by side."""
    beginnings: dict[tuple[str, ...], tuple[Start, int]] = {}
    lines: list[Line] = []
    places: list[Places] = []
    end = 0
    for each in streams:
        base, line = each.base, each.expression
        width = base.along_rows if isinstance(base, Start) else None
        if not isinstance(base, Start) or not isinstance(line, Line) or width is None or each.columns:
            raise node.refuse("joins inputs whose width is not known, or that are no plain numbers")
        chain.spend(node, 4 * width)
        if any(part.size not in (1, width) for part in (line.scale, line.shift)):
            raise node.refuse("joins inputs that are multiplied or added to by other than their width")
        lines.append(Line(*(np.broadcast_to(part, (width,)) for part in (line.scale, line.shift))))
        whole, own = (_across(base, width), np.arange(width)) if base.whole is None else base.whole
        if whole.names not in beginnings:
            beginnings[whole.names] = whole, end
            end += whole.width or 0
        places.append(own + beginnings[whole.names][1])
    names = tuple(name for whole in beginnings for name in whole)
    if len({*names}) != len(names):
        raise node.refuse("uses an input twice")
    scale, shift = (np.concatenate([getattr(line, side) for line in lines]) for side in ("scale", "shift"))
    joined = np.concatenate(places)
    first = next(iter(beginnings.values()))[0]
    whole = first if len(beginnings) == 1 else Start(names, end, sides=_sides(first, end))
    if joined.size == end and (joined == np.arange(end)).all():
        return Stream(whole, Line(scale, shift), columns=False)
    start = Start(names, joined.size, whole=(whole, joined), sides=_sides(first, joined.size))
    return Stream(start, Line(scale, shift), columns=False)
