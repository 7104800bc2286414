"""A node of an ONNX graph as the walk sees it: its inputs and attributes, and how it is refused."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ModelFileError
from simulator.interchange.onnx_in.tensors import read_tensor
from simulator.interchange.onnx_in.values import Value
from simulator.interchange.whole_files import printable

ONLY_CHAINS = "Only networks of fully connected layers, one after the other, can be opened."
NO_JOINS = "joins two paths of the network"
"""Why a node that puts two streams together is refused."""

_FLOAT, _INT, _STRING, _TENSOR, _FLOATS, _INTS, _STRINGS = 1, 2, 3, 4, 6, 7, 8


@dataclasses.dataclass(frozen=True, eq=False)
class Node:
    """A node with the values of its inputs; None for one that is left out."""

    proto: Any
    inputs: Sequence[Value | None]
    opset: int

    @property
    def operator(self) -> str:
        return self.proto.op_type

    def refuse(self, reason: str, hint: str = ONLY_CHAINS) -> ModelFileError:
        """Return the error that says why this node cannot be part of a network here."""
        name = self.proto.name or next(iter(self.proto.output), "")
        return ModelFileError(f"the node {printable(name, 60)!r} ({printable(self.operator, 40)}) {reason}", hint)

    def attribute(self, name: str, default: Any = None) -> Any:
        """Return an attribute: a number, a text, a list of them, or an array.

        Raises
        ------
        ModelFileError
            When it is something else.
        """
        for each in self.proto.attribute:
            if each.name == name:
                return self._read(each)
        return default

    def _read(self, attribute: Any) -> Any:
        kind = attribute.type
        if kind == _FLOAT:
            return attribute.f
        if kind == _INT:
            return attribute.i
        if kind == _STRING:
            return attribute.s.decode("utf-8", errors="replace")
        if kind == _TENSOR:
            return read_tensor(attribute.t)
        if kind == _FLOATS:
            return list(attribute.floats)
        if kind == _INTS:
            return list(attribute.ints)
        if kind == _STRINGS:
            return [each.decode("utf-8", errors="replace") for each in attribute.strings]
        raise self.refuse(f"has an attribute {printable(attribute.name, 40)!r} of a kind that no layer needs")

    def number(self, name: str, default: float) -> float:
        """Return an attribute that is a finite number."""
        value = self.attribute(name, default)
        if not isinstance(value, int | float) or not np.isfinite(value):
            raise self.refuse(f"has an attribute {name} that is no finite number")
        return value

    def input(self, place: int) -> Value | None:
        """Return an input, None where it is left out."""
        return self.inputs[place] if place < len(self.inputs) else None

    def constant(self, place: int) -> NDArray[Any] | None:
        """Return an input that must be known, None where it is left out."""
        value = self.input(place)
        if value is None or isinstance(value, np.ndarray):
            return value
        raise self.refuse("needs a constant where something is computed")

    def integers(self, name: str, place: int) -> list[int] | None:
        """Return whole numbers that are an attribute, or an input (since opset 13); None where there are none."""
        listed = self.attribute(name)
        if listed is not None:
            return [int(each) for each in listed] if isinstance(listed, list) else [int(listed)]
        array = self.constant(place)
        if array is None:
            return None
        if array.dtype.kind not in "iu" or array.size > 8:
            raise self.refuse(f"has {name} that are no few whole numbers")
        return [int(each) for each in array.reshape(-1)]
