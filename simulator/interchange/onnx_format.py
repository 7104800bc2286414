"""ONNX: the network, and the preparation of raw rows, as a graph of operators that every other runtime knows."""

import json
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np

from simulator.errors import ExportError
from simulator.interchange.document import write_document
from simulator.interchange.foreign import Foreign
from simulator.interchange.model import Model
from simulator.interchange.onnx_out.activations import write_activation, write_link
from simulator.interchange.onnx_out.columns import DATE, TEXT, Column, column_notes, columns_of_graph
from simulator.interchange.onnx_out.graph import IR_VERSION, ML_DOMAIN, ML_OPSET, OPSET, OnnxGraph
from simulator.interchange.onnx_out.preparing import write_preparation
from simulator.interchange.options import PREPARED, ExportOptions
from simulator.interchange.preparation import no_memory
from simulator.interchange.tensors import named_tensors

DOCUMENT, FEATURES, CLASSES, COLUMNS, INPUTS = "nodeglow", "feature_names", "class_names", "columns", "inputs"
"""The keys of the file's metadata.

The whole description of the model (see `simulator.interchange.document`); the names of the network's inputs and of the
classes, JSON lists; the raw column of each input of the graph, a JSON object; ``raw`` or ``prepared``.
"""

MOST_BYTES = 2**31 - 1
"""More a protobuf message cannot have."""

_X, _LABEL, _PROBABILITIES, _OUTPUTS, _PREDICTION = "X", "label", "probabilities", "outputs", "prediction"
_ROOM = 2**20


def save(model: Model, options: ExportOptions) -> bytes:
    """Return the content of the file.

    Raises
    ------
    ExportError
        When ONNX has no operator for a part of the preparation, or the file would be too large.
    """
    from onnx import helper

    document = write_document(model)
    if model.parameters.nbytes + len(document) + _ROOM > MOST_BYTES:
        raise ExportError(
            f"{model.network.parameter_count:,} numbers are too many for an ONNX file, which has at most 2 GB",
            "Save the model as .safetensors.",
        )
    tensors = named_tensors(model)
    columns = () if options.inputs == PREPARED else _columns(model)
    reserved = (*_reserved(model), *(each.graph_name for each in columns))
    graph = OnnxGraph(reserved)
    for name, array in tensors.items():
        graph.initializer(name, array)
    dtype = np.dtype(model.config.dtype)
    if options.inputs == PREPARED:
        inputs = [_described(_X, dtype, ["rows", model.network.inputs])]
        X = _X
    else:
        inputs = [_column(each) for each in columns]
        prepared = write_preparation(graph, model.recipe, columns)
        X = graph.cast(prepared, dtype) if dtype != np.float64 else prepared
    outputs = _write_outputs(graph, model, X)
    made = helper.make_model(
        helper.make_graph(graph.nodes, "network", inputs, outputs, graph.initializers),
        producer_name="Nodeglow",
        doc_string=_about(model, options),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(ML_DOMAIN, ML_OPSET)],
        ir_version=IR_VERSION,
    )
    metadata = {
        DOCUMENT: document,
        FEATURES: json.dumps(model.feature_names),
        CLASSES: json.dumps(model.class_names),
        INPUTS: options.inputs,
    }
    if columns:
        metadata[COLUMNS] = json.dumps({each.graph_name: each.name for each in columns})
    helper.set_model_props(made, metadata)
    return made.SerializeToString(deterministic=True)


def limits(model: Model, options: ExportOptions) -> tuple[str, ...]:
    """Say what whoever runs the file must know, and what it cannot hold."""
    exact = model.config.dtype == "float64"
    said = () if exact else ("It computes in float32, Nodeglow's own predictions in float64: last digits may differ.",)
    if options.inputs == PREPARED:
        return (
            "The file takes prepared numbers: whoever runs it must prepare raw rows as the recipe says.",
            *said,
            *no_memory(model),
        )
    try:
        columns = _columns(model)
        write_preparation(OnnxGraph(_reserved(model)), model.recipe, columns)
    except ExportError as error:
        return (f"This model cannot be written: {error.message}. {error.hint}",)
    return (*column_notes(model.recipe, columns), *said, *no_memory(model))


def load(file: BinaryIO, size: int) -> Model | Foreign:
    """Read a model of ours, or the network that another program wrote.

    Parameters
    ----------
    file, size
        An open file and its size in bytes.

    Raises
    ------
    ModelFileError
        When it holds no network of fully connected layers.
    """
    from simulator.interchange.onnx_in import reading

    return reading.read(file, size, DOCUMENT)


def _reserved(model: Model) -> tuple[str, ...]:
    return (_LABEL, _PROBABILITIES, _OUTPUTS, _PREDICTION, *named_tensors(model))


def _columns(model: Model) -> tuple[Column, ...]:
    return columns_of_graph(model.recipe, _reserved(model))


def _column(column: Column) -> Any:
    """Describe a raw column: numbers are float64 in any model, since 39.1 is no float32."""
    from onnx import TensorProto, helper

    kind: Any = TensorProto.STRING if column.holds == TEXT else TensorProto.DOUBLE
    words = {TEXT: "a category", DATE: "seconds since the beginning of 1970; NaN where it is missing"}
    content = words.get(column.holds, "a number; NaN where it is missing")
    return helper.make_tensor_value_info(column.graph_name, kind, ["rows", 1], doc_string=content)


def _write_outputs(graph: OnnxGraph, model: Model, X: str) -> list[Any]:
    dtype = np.dtype(model.config.dtype)
    A = X
    for index, layer in enumerate(model.network.hidden):
        A = write_activation(graph, layer.activation, _linear(graph, A, index), dtype)
    last = write_link(graph, model.network.link, _linear(graph, A, len(model.network.hidden)))
    # A row with a missing value gets no answer, whatever the activations make of it.
    differences = graph.node("Sub", X, X)
    unusable = graph.node("IsNaN", graph.node("ReduceSum", differences, graph.constant([1], np.int64), keepdims=1))
    nothing = graph.constant(np.nan, dtype)
    if not model.class_names:
        graph.node("Where", unusable, nothing, last, result=_OUTPUTS)
        return [_value(graph, model), _described(_OUTPUTS, dtype, ["rows", 1])]
    if model.network.outputs == 1:
        first = graph.node("Sub", graph.constant(1.0, dtype), last)
        last = graph.node("Concat", first, last, axis=1)
    scores = _OUTPUTS if model.network.link == "linear" else _PROBABILITIES
    graph.node("Where", unusable, nothing, last, result=scores)
    count = len(model.class_names)
    names = graph.texts([*model.class_names, ""], "class_names")
    winner = graph.node("ArgMax", last, axis=1, keepdims=0)
    none = graph.node("Squeeze", unusable, graph.constant([1], np.int64))
    place = graph.node("Where", none, graph.constant(count, np.int64), winner)
    graph.node("Gather", names, place, result=_LABEL)
    return [
        _described(_LABEL, None, ["rows"]),
        _described(scores, dtype, ["rows", count]),
    ]


def _linear(graph: OnnxGraph, A: str, index: int) -> str:
    return graph.node("Gemm", A, f"layers.{index}.weight", f"layers.{index}.bias", transB=1)


def _value(graph: OnnxGraph, model: Model) -> Any:
    """Add the predicted value in real units: in float64, since a large mean would swallow digits."""
    from simulator.data.outcomes import Value

    outcome = model.recipe.outcome
    assert isinstance(outcome, Value)
    wide = graph.cast(_OUTPUTS, np.float64) if model.config.dtype != "float64" else _OUTPUTS
    flat = graph.node("Squeeze", wide, graph.constant([1], np.int64))
    scaled = graph.node("Mul", flat, graph.constant(outcome.scale, np.float64))
    shift = graph.constant(outcome.mean, np.float64)
    if outcome.log:
        inner = graph.node("Add", scaled, shift)
        graph.node("Identity", graph.expm1(inner, np.float64), result=_PREDICTION)
    else:
        graph.node("Add", scaled, shift, result=_PREDICTION)
    return _described(_PREDICTION, np.dtype(np.float64), ["rows"])


def _described(name: str, dtype: "np.dtype[Any] | None", shape: Sequence[str | int]) -> Any:
    from onnx import TensorProto, helper

    kind: Any = TensorProto.STRING if dtype is None else helper.np_dtype_to_tensor_dtype(dtype)
    return helper.make_tensor_value_info(name, kind, shape)


def _about(model: Model, options: ExportOptions) -> str:
    what = "prepared numbers" if options.inputs == PREPARED else "raw columns"
    sizes = " → ".join(str(size) for size in model.network.sizes)
    return f"A fully connected network, {sizes}, that takes {what}."
