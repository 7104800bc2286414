"""What every operator does to a chain of layers: one row of a table each; an operator without a row is refused."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.interchange.folding import normalising
from simulator.interchange.onnx_in import answers, picking, shapes
from simulator.interchange.onnx_in.chain import Chain
from simulator.interchange.onnx_in.expressions import ELEMENTWISE, Expression, Fixed, Line
from simulator.interchange.onnx_in.nodes import NO_JOINS, ONLY_CHAINS, Node
from simulator.interchange.onnx_in.values import Sizes, Start, Stream, Sums, Told, Value

Handler = Callable[[Chain, Node], Value]

_SIMPLIFY = "Simplify the graph first, for example with onnxslim."


def obey(chain: Chain, node: Node) -> Value:
    """Return what a node gives out.

    Raises
    ------
    ModelFileError
        When it is no part of a chain of layers; it names the node.
    """
    if node.proto.domain not in ("", "ai.onnx", "ai.onnx.ml") or node.operator not in OPERATORS:
        raise node.refuse("is no layer, activation or harmless change of shape", _hint(node))
    if any(isinstance(each, Told) for each in node.inputs):
        return answers.told(chain, node)
    return OPERATORS[node.operator](chain, node)


def _hint(node: Node) -> str:
    if node.inputs and all(isinstance(each, np.ndarray) for each in node.inputs):
        return _SIMPLIFY
    of_inputs = any(isinstance(each, Stream) and isinstance(each.base, Start) for each in node.inputs)
    if of_inputs and (node.proto.domain == "ai.onnx.ml" or str(node.operator).startswith("Reduce")):
        return f"Export the last step of the pipeline without this one, and prepare the data here. {ONLY_CHAINS}"
    return ONLY_CHAINS


def _stream(node: Node, place: int = 0) -> Stream:
    value = node.input(place)
    if not isinstance(value, Stream):
        raise node.refuse("is not given what a layer gives out")
    return value


def _numbers(node: Node, array: NDArray[Any], sides: int | None = None) -> NDArray[Any]:
    if array.dtype.kind not in "fiub" or (sides is not None and array.ndim != sides):
        raise node.refuse(f"has a constant of shape {array.shape[:8]} where it cannot be used")
    return array


def _weights(node: Node, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind != "f" or array.ndim != 2 or not array.size:
        raise node.refuse(f"has weights of shape {array.shape[:8]}, not a matrix of decimal numbers")
    return array


def _vector(node: Node, array: NDArray[Any], width: int | None, columns: bool | None) -> NDArray[np.float64]:
    """Return a constant beside a stream as one number, or one a unit."""
    numbers = _numbers(node, array)
    if numbers.size == 1:
        return numbers.reshape(1).astype(np.float64)
    shape = numbers.shape[::-1] if columns and numbers.ndim == 2 else numbers.shape
    if (columns and numbers.ndim != 2) or shape[-1] != numbers.size or width not in (None, numbers.size):
        raise node.refuse(f"has a constant of shape {numbers.shape[:8]} that does not fit the rows of a layer")
    return numbers.reshape(-1).astype(np.float64)


def _elementwise(chain: Chain, node: Node) -> Value:
    streams = [each for each in node.inputs if isinstance(each, Stream)]
    if not streams:
        if all(isinstance(each, np.ndarray) for each in node.inputs):
            raise node.refuse("computes with constants alone", _SIMPLIFY)
        raise node.refuse("follows the outputs of the network")
    first = streams[0]
    if any(each.base is not first.base or each.columns is not first.columns for each in streams):
        raise node.refuse(NO_JOINS)
    width = first.base.width
    parts: list[Expression] = []
    for place, each in enumerate(node.inputs):
        if isinstance(each, Stream):
            parts.append(each.expression)
        elif isinstance(each, np.ndarray):
            vector = _vector(node, each, width, first.columns)
            chain.spend(node, vector.size)
            parts.append(Fixed(vector))
        elif each is not None or node.operator != "Clip":
            raise node.refuse("follows the outputs of the network")
        else:
            parts.append(Fixed(np.array([-math.inf if place == 1 else math.inf])))
    if node.operator == "Clip" and len(parts) == 1:  # until opset 10 the limits are attributes
        parts += [Fixed(np.array([node.number("min", -3.4e38)])), Fixed(np.array([node.number("max", 3.4e38)]))]
    return chain.call(node, first, parts)


def _gemm(chain: Chain, node: Node) -> Value:
    first, second = node.input(0), node.input(1)
    turned = node.attribute("transA", 0), node.attribute("transB", 0)
    alpha, beta = node.number("alpha", 1.0), node.number("beta", 1.0)
    bias = node.constant(2)
    bias = None if bias is None else _numbers(node, bias)
    if bias is not None and beta != 1.0:
        bias = bias * np.asarray(beta, np.float64)
    return _layer(chain, node, (first, bool(turned[0])), (second, bool(turned[1])), alpha, bias)


def _matmul(chain: Chain, node: Node) -> Value:
    return _layer(chain, node, (node.input(0), False), (node.input(1), False), 1.0, None)


def _layer(
    chain: Chain,
    node: Node,
    left: tuple[Value | None, bool],
    right: tuple[Value | None, bool],
    alpha: float,
    bias: NDArray[Any] | None,
) -> Stream:
    """Return the sums of a product of two matrices, each perhaps turned: one of them the weights."""
    constant_first = isinstance(left[0], np.ndarray)
    (stream, turned), (array, weights_turned) = (right, left) if constant_first else (left, right)
    if not isinstance(stream, Stream) or not isinstance(array, np.ndarray):
        if isinstance(stream, Stream) and isinstance(array, Stream):
            raise node.refuse("multiplies what two layers give out, as attention does")
        raise node.refuse("multiplies what is no layer and its weights")
    # x·W has a row a row; W·x has a column a row, and then the weights stand as (out, in).
    columns = constant_first
    if stream.columns is not None and stream.columns != (columns != turned):
        raise node.refuse("mixes up rows and columns")
    if stream.columns is None and columns != turned:
        chain.note("The file takes every row of data as a column.")
    weight = _weights(node, array)
    weight = weight.T if weights_turned != constant_first else weight
    if alpha != 1.0:
        chain.spend(node, weight.size)
        with np.errstate(all="ignore"):
            weight = weight * np.float64(alpha)
    own = None if bias is None else _vector(node, bias, weight.shape[1], columns)
    given = Stream(stream.base, stream.expression, columns, stream.dropout) if stream.columns is None else stream
    made = chain.layer(node, given, weight, own)
    chain.wide |= array.dtype == np.float64
    return Stream(made.base, made.expression, columns)


def _normalised(chain: Chain, node: Node) -> Value:
    stream = _stream(node)
    if node.attribute("training_mode", 0):
        raise node.refuse("normalises by the batch, as in training", "Export the network in its evaluation mode.")
    arrays = [node.constant(place) for place in range(1, 5)]
    if any(array is None for array in arrays):
        raise node.refuse("lacks its scale, shift, mean or variance")
    width = stream.base.width
    scale, shift, mean, variance = (_vector(node, array, width, columns=False) for array in arrays if array is not None)
    factor, offset = normalising(scale, shift, mean, variance, node.number("epsilon", 1e-5))
    return _moved(chain, node, stream, factor, offset)


def _moved(chain: Chain, node: Node, stream: Stream, factor: Any, offset: Any) -> Stream:
    """Return a stream multiplied and added to, a number a unit each."""
    chain.spend(node, 4 * max(factor.size, offset.size))
    expression = stream.expression
    if isinstance(expression, Line):
        with np.errstate(all="ignore"):
            line = Line(expression.scale * factor, expression.shift * factor + offset)
        return Stream(stream.base, line, stream.columns, stream.dropout)
    multiply = Node(_named("Mul", node), (), node.opset)
    scaled = chain.call(multiply, stream, [expression, Fixed(factor)])
    return chain.call(Node(_named("Add", node), (), node.opset), scaled, [scaled.expression, Fixed(offset)])


def _named(operator: str, node: Node) -> Any:
    from onnx import NodeProto

    return NodeProto(op_type=operator, name=node.proto.name)


def _scaler(chain: Chain, node: Node) -> Value:
    """(x − offset)·scale, of ai.onnx.ml."""
    stream = _stream(node)
    offset, scale = (np.array(node.attribute(name, [0.0]), np.float64) for name in ("offset", "scale"))
    if offset.ndim != 1 or scale.ndim != 1 or not offset.size or not scale.size:
        raise node.refuse("has an offset or a scale that are no numbers")
    return _moved(chain, node, stream, scale, -offset * scale)


def _softmax(chain: Chain, node: Node) -> Value:
    stream = _stream(node)
    axis = node.attribute("axis", 1 if node.opset < 13 else -1)
    if axis not in ((0, -2) if stream.columns else (1, -1)):
        raise node.refuse("is not taken over the outputs of a row")
    if node.operator == "LogSoftmax":
        chain.note("The file gives out logarithms of probabilities; here they are probabilities.")
    return chain.end(node, stream, "softmax")


def _dropout(chain: Chain, node: Node) -> Value:
    value = shapes.same(chain, node)
    training = node.constant(2)
    if training is not None and training.any():
        raise node.refuse("leaves out neurons, as in training", "Export the network in its evaluation mode.")
    given = node.constant(1)
    ratio = node.number("ratio", 0.5) if given is None or given.size != 1 else float(given.reshape(()))
    if isinstance(value, Stream) and isinstance(value.base, Sums) and 0.0 < ratio < 1.0:
        return Stream(value.base, value.expression, value.columns, ratio)
    return value


def _joined(chain: Chain, node: Node) -> Value:
    if all(isinstance(each, Sizes | np.ndarray) for each in node.inputs):
        return Sizes()
    streams = [each for each in node.inputs if isinstance(each, Stream)]
    if len(streams) != len(node.inputs) or node.attribute("axis", 1) not in (1, -1):
        raise node.refuse(NO_JOINS)
    if all(isinstance(each.base, Start) for each in streams):
        return picking.side_by_side(chain, node, streams)
    return answers.both_classes(chain, node, streams)


def _answered_or_picked(chain: Chain, node: Node) -> Value:
    given = node.input(0)
    if isinstance(given, Stream) and isinstance(given.base, Start):
        return picking.picked(chain, node, given)
    return answers.answered(chain, node)


def _filled(chain: Chain, node: Node) -> Value:
    """Return the inputs: what stands for missing ones (Imputer, of ai.onnx.ml) is no part of a network."""
    stream = _stream(node)
    if not isinstance(stream.base, Start):
        raise node.refuse("fills in missing values after a layer")
    chain.note("The file fills in missing values by itself; here that is left to the preparation of the data.")
    return stream


def _no_constant(chain: Chain, node: Node) -> Value:
    for name in ("value", "value_float", "value_int", "value_floats", "value_ints"):
        value = node.attribute(name)
        if value is not None:
            return np.asarray(value)
    raise node.refuse("is a constant of a kind that no layer needs")


OPERATORS: dict[str, Handler] = {
    **dict.fromkeys(ELEMENTWISE, _elementwise),
    "ArgMax": answers.answered,
    "ArrayFeatureExtractor": _answered_or_picked,
    "BatchNormalization": _normalised,
    "Binarizer": answers.answered,
    "Cast": shapes.same,
    "Concat": _joined,
    "Constant": _no_constant,
    "Dropout": _dropout,
    "Flatten": shapes.reshaped,
    "Gather": _answered_or_picked,
    "Gemm": _gemm,
    "Identity": shapes.same,
    "Imputer": _filled,
    "LabelEncoder": answers.answered,
    "LogSoftmax": _softmax,
    "MatMul": _matmul,
    "ReduceMax": answers.answered,
    "Reshape": shapes.reshaped,
    "Scaler": _scaler,
    "Shape": shapes.sizes,
    "Slice": _answered_or_picked,
    "Softmax": _softmax,
    "Squeeze": shapes.squeezed,
    "TopK": answers.answered,
    "Transpose": shapes.turned,
    "Unsqueeze": shapes.unsqueezed,
    "ZipMap": answers.answered,
}
"""What is done with every operator that can be part of a chain of layers."""
