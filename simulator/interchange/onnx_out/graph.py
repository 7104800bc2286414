"""A graph of ONNX operators while it is written: names that are used once, constants, and words that ONNX lacks."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET, ML_OPSET, IR_VERSION = 17, 3, 8
"""The versions of the operators, of those for tables, and of the file: all of ONNX 1.12."""

ML_DOMAIN = "ai.onnx.ml"


class OnnxGraph:
    """Nodes and initializers in the order in which they were made; every method returns the name of its result.

    What is given beside names are plain numbers, which become constants of a number format that the caller says.
    """

    def __init__(self, reserved: Sequence[str] = ()) -> None:
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self._taken = {*reserved}
        self._constants: dict[Any, str] = {}

    def free(self, stem: str) -> str:
        """Return a name that nothing has yet, and take it."""
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return name

    def node(self, operator: str, *inputs: str, result: str | None = None, domain: str = "", **attributes: Any) -> str:
        """Add a node of one result, which gets a name of its own unless it is given one that was reserved."""
        from onnx import helper

        name = result or self.free(operator.lower())
        self.nodes.append(
            helper.make_node(operator, inputs, [name], self.free(f"node {name}"), domain=domain, **attributes)
        )
        return name

    def constant(self, value: Any, dtype: Any, name: str = "constant") -> str:
        """Return an initializer with a number, or an array of them; equal ones are kept once."""
        array = np.asarray(value, dtype=dtype)
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self._constants:
            self._constants[key] = self.initializer(self.free(name), array)
        return self._constants[key]

    def initializer(self, name: str, array: NDArray[Any]) -> str:
        """Add an array of numbers under a reserved name."""
        from onnx import numpy_helper

        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def texts(self, values: Sequence[str], name: str) -> str:
        """Add a vector of texts."""
        from onnx import TensorProto, helper

        name = self.free(name)
        strings: Any = [encoded(value) for value in values]
        self.initializers.append(helper.make_tensor(name, TensorProto.STRING, [len(values)], strings))
        return name

    def cast(self, value: str, dtype: Any) -> str:
        """Return numbers or conditions in another number format."""
        from onnx import helper

        return self.node("Cast", value, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def is_unusable(self, value: str) -> str:
        """Return where numbers are missing or infinite: only there x − x is not 0."""
        return self.node("IsNaN", self.node("Sub", value, value))

    def log1p(self, x: str, dtype: Any) -> str:
        """Return ln(1 + x) without losing small x (Kahan's way, after Goldberg 1991, theorem 4)."""
        one = self.constant(1.0, dtype)
        u = self.node("Add", x, one)
        rounded = self.node("Sub", u, one)
        fine = self.node("Div", self.node("Mul", self.node("Log", u), x), rounded)
        # Where 1 + x is 1, so is ln(1 + x) to x; where x is infinite, so is the logarithm.
        plain = self.node("Or", self.node("Equal", rounded, self.constant(0.0, dtype)), self.node("Equal", u, x))
        close = self.node("Where", self.node("Equal", u, x), self.node("Log", u), x)
        return self.node("Where", plain, close, fine)

    def expm1(self, x: str, dtype: Any) -> str:
        """Return exp(x) − 1 without losing small x (Kahan's way, after Higham 2002, section 1.14.1)."""
        zero, one = self.constant(0.0, dtype), self.constant(1.0, dtype)
        u = self.node("Exp", x)
        less = self.node("Sub", u, one)
        fine = self.node("Div", self.node("Mul", less, x), self.node("Log", u))
        far = self.node(
            "Greater", self.node("Abs", x), self.constant(math.log(4.0), dtype)
        )  # exp(x) may be 0 or infinite there, and nothing is lost
        whole = self.node("Where", far, less, fine)
        return self.node("Where", self.node("Equal", less, zero), x, whole)


def encoded(text: str) -> bytes:
    """Return a text for a file: half a surrogate pair, from a damaged name, stands escaped."""
    return text.encode("utf-8", errors="backslashreplace")
