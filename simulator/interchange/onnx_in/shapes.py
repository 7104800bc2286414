"""Operators that change the shape of what goes through a network, and not what it is: harmless ones, or a refusal."""

import math

import numpy as np

from simulator.interchange.onnx_in.chain import Chain
from simulator.interchange.onnx_in.nodes import Node
from simulator.interchange.onnx_in.values import Sizes, Start, Stream, Sums, Told, Value

_BETWEEN = "changes the shape between two layers"


def same(chain: Chain, node: Node) -> Value:
    """Return what a node is given: Identity, and Cast, since numbers stay what they are."""
    value = node.input(0)
    if value is None:
        raise node.refuse("has no input")
    return value


def reshaped(chain: Chain, node: Node) -> Value:
    """Return a constant in another shape, or a stream whose rows stay rows: Reshape and Flatten."""
    value = same(chain, node)
    if node.operator == "Flatten":
        if node.attribute("axis", 1) not in (1, -1):
            raise node.refuse(_BETWEEN)
        shape: list[int] | None = [0, -1]
    else:
        shape = None if isinstance(node.input(1), Sizes) else node.integers("shape", 1)
    if isinstance(value, np.ndarray):
        if shape is None or any(side < 0 for side in shape) or math.prod(shape) != value.size:
            raise node.refuse("gives a constant another number of entries")
        return value.reshape(shape)
    if not isinstance(value, Stream):
        return value
    return _input(node, value, shape) if isinstance(value.base, Start) else _between(chain, node, value, shape)


def _input(node: Node, stream: Stream, shape: list[int] | None) -> Stream:
    """Return the inputs as rows of numbers, whatever shape they had, as a picture's."""
    base = stream.base
    sides = base.sides if isinstance(base, Start) else ()
    if shape is not None and len(shape) == 2 and shape[1] < 0 < shape[0] and sides[:1] == (shape[0],):
        shape = [0, math.prod(sides[1:])]  # exported for a fixed number of rows
    if shape is not None and (len(shape) != 2 or (shape[0] > 0 and shape[1] < 0)):
        raise node.refuse("gives the inputs a shape that is not (rows, width)")
    width = shape[1] if shape is not None and shape[1] > 0 else None
    if not isinstance(base, Start) or width in (None, base.width):
        return stream
    if base.width is not None:
        raise node.refuse(f"makes rows of {width:,} numbers where {base.width:,} come in")
    return Stream(Start(base.names, width), stream.expression, stream.columns, stream.dropout)


def _between(chain: Chain, node: Node, stream: Stream, shape: list[int] | None) -> Value:
    """Return a stream after layers in a shape that only repeats what it has."""
    width = stream.base.width
    if shape == [-1, 1] and isinstance(width, int) and width > 1:  # as skl2onnx ends a regression of several values
        chain.note("The file writes the outputs of a row one below the other; here they stand side by side.")
        return Told(stream)
    if shape is not None and not (width == 1 and len(shape) == 1):
        kept = len(shape) == 2 and (shape[1] == width or (shape[1] == -1 and shape[0] == 0))
        if not kept:
            raise node.refuse(_BETWEEN)
    return stream


def squeezed(chain: Chain, node: Node) -> Value:
    """Return a constant without sides of 1, or a stream of one number a row."""
    value, axes = same(chain, node), node.integers("axes", 1)
    if isinstance(value, np.ndarray):
        ones = [axis for axis, side in enumerate(value.shape) if side == 1] if axes is None else axes
        if any(not -value.ndim <= axis < value.ndim or value.shape[axis] != 1 for axis in ones):
            raise node.refuse("takes away a side of a constant that is not 1")
        return value.reshape([side for axis, side in enumerate(value.shape) if axis not in _places(ones, value.ndim)])
    if isinstance(value, Stream) and isinstance(value.base, Sums) and value.base.width != 1:
        raise node.refuse(_BETWEEN)
    return value


def unsqueezed(chain: Chain, node: Node) -> Value:
    """Return a constant with more sides of 1."""
    value, axes = same(chain, node), node.integers("axes", 1)
    if isinstance(value, Sizes):
        return value
    if not isinstance(value, np.ndarray) or axes is None or value.ndim + len(axes) > 8:
        raise node.refuse(_BETWEEN)
    sides = value.ndim + len(axes)
    if len(_places(axes, sides)) != len(axes) or any(not -sides <= axis < sides for axis in axes):
        raise node.refuse("adds sides to a constant where there can be none")
    return np.expand_dims(value, tuple(axes))


def _places(axes: list[int], sides: int) -> set[int]:
    return {axis % sides for axis in axes}


def turned(chain: Chain, node: Node) -> Value:
    """Return a constant, or a stream, whose rows are columns and the other way round: Transpose."""
    value, order = same(chain, node), node.attribute("perm")
    if isinstance(value, np.ndarray):
        if order is not None and (not isinstance(order, list) or sorted(order) != list(range(value.ndim))):
            raise node.refuse("turns a constant by an order that does not fit")
        return np.transpose(value, order)
    if not isinstance(value, Stream) or order not in (None, [1, 0], [0, 1]):
        raise node.refuse(_BETWEEN)
    if order == [0, 1]:
        return value
    if value.columns is None:
        raise node.refuse("turns inputs of which nothing says whether a row of data is a row")
    return Stream(value.base, value.expression, not value.columns, value.dropout)


def sizes(chain: Chain, node: Node) -> Value:
    """Return that a size was asked for, as exporters do before they reshape."""
    return Sizes()
