"""The walk through an ONNX graph of another program: from its nodes to a chain of layers, or to why it is none."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.interchange.folding import put_after, put_before
from simulator.interchange.onnx_in.expressions import (
    ELEMENTWISE,
    LONGEST,
    Call,
    Expression,
    Fixed,
    Line,
    Recognised,
    nearest,
    recognise,
    size_of,
)
from simulator.interchange.onnx_in.nodes import Node
from simulator.interchange.onnx_in.values import Activated, End, Floats, Start, Stream, Sums, plain
from simulator.nn.activations import ACTIVATIONS

_SPARE = 2**20
_MOST_COMPARED = 10_000


class Chain:
    """Puts layers together, and keeps account of what that costs and what was done.

    Parameters
    ----------
    size
        Of the file, in bytes: a network has not more numbers than that, unless they are used again and again.
    """

    def __init__(self, size: int) -> None:
        self._room = 8 * size + _SPARE
        self._to_compare = _MOST_COMPARED
        self._resolved: dict[int, tuple[Stream, tuple[Start | Activated, Floats, Floats]]] = {}
        self._notes: dict[str, None] = {}
        self.wide = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done to make it a chain, in plain sentences."""
        return tuple(self._notes)

    def note(self, sentence: str) -> None:
        """Keep a sentence about what was done."""
        self._notes[sentence] = None

    def spend(self, node: Node, count: int) -> None:
        """Account for numbers that are computed or used; refuse where they are out of all proportion to the file."""
        self._room -= count
        if self._room < 0:
            raise node.refuse("uses the same numbers again and again: the file is out of all proportion")

    def earn(self, size: int) -> None:
        """Account for bytes that lie in another file."""
        self._room += 8 * size

    def layer(self, node: Node, stream: Stream, weight: NDArray[Any], bias: NDArray[Any] | None) -> Stream:
        """Return the sums of a layer with weights (fan_in, fan_out) and biases, a row or one number."""
        source, factor, offset = self._source(node, stream)
        fan_in, fan_out = weight.shape
        if source.width is not None and source.width != fan_in:
            raise node.refuse(f"takes {fan_in:,} numbers where {source.width:,} come in")
        if factor.size not in (1, fan_in) or offset.size not in (1, fan_in):
            raise node.refuse(f"takes {fan_in:,} numbers, but others are multiplied or added before it")
        self.spend(node, weight.size + fan_out)
        own = np.zeros(fan_out, weight.dtype) if bias is None else np.broadcast_to(bias, (fan_out,))
        if (factor != 1.0).any() or offset.any():
            what = f"after layer {source.place}" if source.place else "before the first layer"
            self.note(f"What is multiplied or added {what} has become part of the next weights and biases.")
            weight, own = put_before(weight, own, factor, offset)
        if isinstance(source, Start) and source.whole is not None:
            self.spend(node, (source.whole[0].width or 0) * fan_out)
            source, weight = _spread(source.whole, weight)
        return Stream(Sums(source, weight, own, source.place + 1, node.proto), plain(), stream.columns)

    def call(self, node: Node, stream: Stream, parts: list[Expression]) -> Stream:
        """Return an element-wise operator applied to a stream: an affine one is remembered as such."""
        if len(parts) == 2 and any(isinstance(part, Fixed) for part in parts):
            line = self._line(node, *parts)
            if line is not None:
                return self._with(stream, line)
        if node.operator == "Neg" and isinstance(parts[0], Line):
            return self._with(stream, Line(-parts[0].scale, -parts[0].shift))
        function, defaults = ELEMENTWISE[node.operator]
        settings = {name: self._setting(node, name, default) for name, default in defaults.items()}
        return self._with(stream, Call(node.operator, lambda *each: function(*each, **settings), tuple(parts)))

    def _setting(self, node: Node, name: str, default: Any) -> Any:
        value = node.attribute(name, default)
        if type(value) is not type(default):
            raise node.refuse(f"has an attribute {name} that cannot be used")
        return value

    @staticmethod
    def _with(stream: Stream, expression: Expression) -> Stream:
        return Stream(stream.base, expression, stream.columns, stream.dropout)

    def _line(self, node: Node, left: Expression, right: Expression) -> Line | None:
        """Return the line that a line with a constant added, taken away, multiplied or divided by is."""
        with np.errstate(all="ignore"):
            if isinstance(left, Line) and isinstance(right, Fixed):
                self.spend(node, right.value.size)
                c = right.value
                return {
                    "Add": lambda: Line(left.scale, left.shift + c),
                    "Sub": lambda: Line(left.scale, left.shift - c),
                    "Mul": lambda: Line(left.scale * c, left.shift * c),
                    "Div": lambda: Line(left.scale / c, left.shift / c),
                }.get(node.operator, lambda: None)()
            if isinstance(right, Line) and isinstance(left, Fixed):
                self.spend(node, left.value.size)
                c = left.value
                return {
                    "Add": lambda: Line(right.scale, right.shift + c),
                    "Sub": lambda: Line(-right.scale, c - right.shift),
                    "Mul": lambda: Line(right.scale * c, right.shift * c),
                }.get(node.operator, lambda: None)()
        return None

    def end(self, node: Node, stream: Stream, link: str) -> End:
        """Return the outputs of a link that is applied to a layer's sums."""
        if not isinstance(stream.base, Sums) or not isinstance(stream.expression, Line):
            raise node.refuse("does not follow the sums of a layer")
        return End(self._folded(node, stream.base, stream.expression), link)

    def finish(self, node: Node, stream: Stream) -> End:
        """Return the outputs of a network that ends with a stream.

        Where an activation ends it that is no output link, a layer of ones follows that changes nothing.
        """
        if not isinstance(stream.base, Sums):
            raise node.refuse("gives out the inputs of the network without a layer")
        if isinstance(stream.expression, Line):
            return self.end(node, stream, "linear")
        found = self.recognised(node, stream)
        if found.activation == "sigmoid" and (found.factor == 1.0).all() and not found.offset.any():
            return End(self._folded(node, stream.base, found.line), "sigmoid")
        self.note(f"The outputs' {found.activation} has become a hidden layer, whose neurons go out one by one.")
        width = stream.base.width
        self.spend(node, width * width)
        dtype = np.float64 if self.wide else np.float32
        last = self.layer(node, stream, np.eye(width, dtype=dtype), None)
        return self.end(node, last, "linear")

    def recognised(self, node: Node, stream: Stream) -> Recognised:
        """Return the activation that a stream's expression is.

        Raises
        ------
        ModelFileError
            When it is none of ours.
        """
        size = size_of(stream.expression)
        self._to_compare -= size
        if size > LONGEST or self._to_compare < 0:
            raise node.refuse("follows a formula that is too long for an activation")
        found = recognise(stream.expression)
        if found is None:
            near = nearest(stream.expression)
            like = f"; {near[0]} comes nearest, but differs by up to {near[1]:.2g}" if near else ""
            last = stream.expression.operator if isinstance(stream.expression, Call) else "?"
            raise node.refuse(
                f"follows a formula, ending in {last}, that is none of the activations here{like}",
                f"There are: {', '.join(ACTIVATIONS)} (a leaky ReLU with the slope 0.01, GELU not approximated).",
            )
        return found

    def _source(self, node: Node, stream: Stream) -> tuple[Start | Activated, Floats, Floats]:
        """Return what a layer's weights are applied to, and what it is multiplied by and added to before."""
        kept = self._resolved.get(id(stream))
        if kept is None:
            kept = self._resolved[id(stream)] = stream, self._resolve(node, stream)
        return kept[1]

    def _resolve(self, node: Node, stream: Stream) -> tuple[Start | Activated, Floats, Floats]:
        one, zero = np.ones(1), np.zeros(1)
        base, expression = stream.base, stream.expression
        if isinstance(base, Start):
            if not isinstance(expression, Line):
                raise node.refuse("follows an activation that stands before the first layer")
            return base, expression.scale, expression.shift
        if isinstance(expression, Line):
            return Activated(self._folded(node, base, expression), "linear", stream.dropout), one, zero
        found = self.recognised(node, stream)
        sums = self._folded(node, base, found.line)
        return Activated(sums, found.activation, stream.dropout), found.factor, found.offset

    def _folded(self, node: Node, sums: Sums, line: Line) -> Sums:
        """Return sums that are multiplied and added to, with new weights and biases."""
        if line.scale.size not in (1, sums.width) or line.shift.size not in (1, sums.width):
            raise node.refuse(f"multiplies or adds other than {sums.width:,} numbers")
        weight, bias = sums.weight, sums.bias
        if (line.scale != 1.0).any():
            self.spend(node, weight.size)
            self.note(f"What is multiplied after the sums of layer {sums.place} has become part of its weights.")
            weight, bias = put_after(weight, bias, line.scale, line.shift)
        elif line.shift.any():  # often the biases themselves: the weights are not copied
            with np.errstate(all="ignore"):
                bias = bias + line.shift
        return Sums(sums.source, weight, bias, sums.place, sums.node)


def _spread(taken_from: tuple[Start, NDArray[np.intp]], weight: NDArray[Any]) -> tuple[Start, NDArray[Any]]:
    """Return all the inputs that some were taken from, with weights that are zero for those left out."""
    whole, places = taken_from
    spread = np.zeros((whole.width or 0, weight.shape[1]), weight.dtype)
    np.add.at(spread, places, weight)  # an input may be taken twice
    return whole, spread


def settled(end: End) -> list[Sums]:
    """Return the sums of all layers up to an end, from the inputs on."""
    found = [end.sums]
    while isinstance(found[-1].source, Activated):
        found.append(found[-1].source.sums)
    return found[::-1]


def dropouts(layers: list[Sums]) -> tuple[float, ...]:
    """Return the dropout of the hidden layers; nothing where none has any."""
    kept = tuple(each.source.dropout for each in layers[1:] if isinstance(each.source, Activated))
    return kept if any(kept) else ()


def activations(layers: list[Sums]) -> tuple[str, ...]:
    """Return the activations of the hidden layers."""
    return tuple(each.source.activation for each in layers[1:] if isinstance(each.source, Activated))
