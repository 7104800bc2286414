"""ONNX files in: a model of ours with all that was written, or the chain of layers that another program wrote."""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

from simulator.errors import ModelFileError
from simulator.interchange.document import read_document
from simulator.interchange.foreign import Foreign
from simulator.interchange.model import Model
from simulator.interchange.onnx_in.bounds import check_bounds
from simulator.interchange.onnx_in.chain import Chain, activations, dropouts, settled
from simulator.interchange.onnx_in.nodes import ONLY_CHAINS, Node
from simulator.interchange.onnx_in.operators import obey
from simulator.interchange.onnx_in.tensors import HALF, STRING, read_tensor
from simulator.interchange.onnx_in.values import End, Start, Stream, Sums, Told, Value, plain
from simulator.interchange.tensors import assemble, expected_shapes
from simulator.snapshot import LayerParameters

MOST_BYTES, MOST_NODES = 2**31 - 1, 20_000

_OLDEST = 7
_LONGEST_NAMES = 2**20
_DAMAGED = "The file is damaged or no ONNX file; export the model again."


def read(file: BinaryIO, size: int, document_key: str) -> Model | Foreign:
    """Read an ONNX file.

    Parameters
    ----------
    file, size
        An open file and its size in bytes.
    document_key
        Where in the metadata a model of ours is described.

    Raises
    ------
    ModelFileError
        When it holds no network of fully connected layers; for what is no part of one it names the node.
    """
    model = _parsed(file, size)
    try:
        metadata = {each.key: each.value for each in model.metadata_props}
        if document_key in metadata:
            return _ours(model, metadata[document_key])
        return _foreign(model, metadata, size)
    except UnicodeDecodeError as error:  # the parser leaves texts alone until somebody looks at them
        raise ModelFileError("the file holds a name that is no text", _DAMAGED) from error


def _parsed(file: BinaryIO, size: int) -> Any:
    from google.protobuf.message import DecodeError
    from onnx import ModelProto

    if size > MOST_BYTES:
        raise ModelFileError(f"an ONNX file cannot have {size:,} bytes", "Only files up to 2 GB can be opened.")
    start = file.read(1)
    if not start or start[0] < 8:  # the tag of a field: zeros, as in a file with a hole, are none
        raise ModelFileError("this is no ONNX file", _DAMAGED)
    file.seek(0)
    data = file.read(size)
    check_bounds(data)
    try:
        model = ModelProto.FromString(data)
    except (DecodeError, ValueError, RuntimeError) as error:
        raise ModelFileError("this is no ONNX file: its parts cannot be told apart", _DAMAGED) from error
    if not model.HasField("graph"):
        raise ModelFileError("this ONNX file holds no graph", _DAMAGED)
    return model


def _ours(model: Any, description: str) -> Model:
    document = read_document(description)
    expected = expected_shapes(document.network)
    kept = {each.name: each for each in model.graph.initializer if each.name in expected}
    dtype = np.dtype(document.config.dtype)
    tensors: dict[str, Any] = {}
    for name, tensor in kept.items():
        if tuple(tensor.dims) != expected[name]:
            raise ModelFileError(f"{name} has not the shape that this network needs", _DAMAGED)
        tensors[name] = read_tensor(tensor)
        if tensors[name].dtype != dtype:
            raise ModelFileError(f"{name} is not {dtype}, as the model says", _DAMAGED)
    return assemble(document, tensors)


def _foreign(model: Any, metadata: Mapping[str, str], size: int) -> Foreign:
    graph = model.graph
    if len(graph.node) > MOST_NODES:
        raise ModelFileError(f"the graph has {len(graph.node):,} nodes, too many for a chain of layers", ONLY_CHAINS)
    if len(graph.sparse_initializer):
        raise ModelFileError("the file holds sparse weights", "Export the network with plain tensors.")
    opset = max((each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), default=1)
    if opset < _OLDEST:
        raise ModelFileError(
            f"the file was written for version {opset} of the operators",
            f"Versions from {_OLDEST} on can be read: convert it with onnx.version_converter.",
        )
    chain = Chain(size)
    values = _Values(graph)
    for proto in _needed(graph):
        inputs = [values.of(proto, name) if name else None for name in proto.input]
        value = obey(chain, Node(proto, inputs, opset))
        if proto.output and proto.output[0] in values.known:
            raise Node(proto, inputs, opset).refuse("makes what is there already")
        # What follows from the outputs may have several results; all else has one.
        for name in proto.output if isinstance(value, Told) else proto.output[:1]:
            values.known[name] = value
    end, classes = _outputs(chain, values, graph)
    return _result(chain, end, classes, metadata, halved=values.halved)


class _Values:
    """What is known by name: the inputs, the initializers as they are asked for, and the results of nodes."""

    def __init__(self, graph: Any) -> None:
        self.halved = False
        self._tensors = {each.name: each for each in graph.initializer}
        self.known: dict[str, Value] = {}
        for each in graph.input:
            if each.name not in self._tensors:
                self.known[each.name] = _start(each)

    def of(self, proto: Any, name: str) -> Value:
        if name not in self.known:
            if name not in self._tensors:
                raise Node(proto, (), 0).refuse(f"uses {name!r}, which nothing makes before it", _DAMAGED)
            self.halved |= self._tensors[name].data_type in HALF
            self.known[name] = read_tensor(self._tensors[name])
        return self.known[name]


def _start(described: Any) -> Stream:
    tensor = described.type.tensor_type
    if tensor.elem_type == STRING or not described.type.HasField("tensor_type"):
        raise ModelFileError(
            f"the input {described.name!r} takes no numbers", "Only networks that take prepared numbers can be opened."
        )
    sides = [each.dim_value if each.HasField("dim_value") else 0 for each in tensor.shape.dim]
    width: int | None = None
    if len(sides) == 2:
        width = sides[1] if sides[1] > 0 else None
    # A width that is written down may also be the number of rows, where rows stand in columns.
    columns = None if width is None or sides[0] > 0 else False
    return Stream(Start((described.name,), width if columns is False else None), plain(), columns)


def _needed(graph: Any) -> list[Any]:
    """Return the nodes that outputs depend on, in the order of the file."""
    wanted = {each.name for each in graph.output}
    kept: list[Any] = []
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(node.input)
    return kept[::-1]


def _outputs(chain: Chain, values: _Values, graph: Any) -> tuple[End, tuple[str, ...]]:
    """Return the one end that all outputs of the graph come from, and the class names found beside it."""
    from onnx import NodeProto

    ends: list[tuple[Sums, End]] = []
    classes: tuple[str, ...] = ()
    refusals: list[tuple[object, ModelFileError]] = []
    for each in graph.output:
        node = Node(NodeProto(op_type="output", name=each.name), (), 0)
        value = values.of(node.proto, each.name)
        if isinstance(value, Told):
            classes = classes or value.classes
            value = value.of
        if not isinstance(value, Stream | End):
            raise node.refuse("is not what a layer gives out")
        last = value.base if isinstance(value, Stream) else value.sums
        try:
            end = value if isinstance(value, End) else chain.finish(node, value)
            ends.append((last if isinstance(last, Sums) else end.sums, end))
        except ModelFileError as error:
            refusals.append((last.node if isinstance(last, Sums) else last, error))
    if not ends:
        raise refusals[0][1] if refusals else ModelFileError("the graph has no outputs", _DAMAGED)
    _, best = max(ends, key=lambda each: (each[0].place, each[1].link != "linear"))
    passed = {id(sums.node) for sums in settled(best)}
    if any(id(sums.node) not in passed for sums, _ in ends):
        raise ModelFileError("the network has two outputs that do not follow one another", ONLY_CHAINS)
    for last, error in refusals:  # what is made of a layer that goes out itself, as a decision, adds nothing
        if id(last) not in passed:
            raise error
    return best, classes


def _result(chain: Chain, end: End, classes: tuple[str, ...], metadata: Mapping[str, str], *, halved: bool) -> Foreign:
    sums = settled(end)
    dtype = np.dtype(np.float64 if chain.wide else np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        layers = tuple(
            LayerParameters(np.ascontiguousarray(each.weight, dtype), np.ascontiguousarray(each.bias, dtype))
            for each in sums
        )
    if halved:
        chain.note("The file holds numbers of 16 bits; here they have 32, with the same values.")
    start = sums[0].source
    names = start.names if isinstance(start, Start) and len(start.names) == layers[0].weight.shape[0] else ()
    return Foreign(
        layers,
        activations(sums),
        end.link,
        dropouts(sums),
        _listed(metadata, "feature_names") or (names if len(names) > 1 else ()),
        _listed(metadata, "class_names") or classes,
        chain.notes,
    )


def _listed(metadata: Mapping[str, str], key: str) -> tuple[str, ...]:
    """Return names that the metadata lists, as JSON or with commas between them."""
    text = metadata.get(key, "")
    if not text or len(text) > _LONGEST_NAMES:
        return ()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return tuple(each.strip() for each in text.split(","))
    return tuple(str(each) for each in found) if isinstance(found, list) and len(found) <= 100_000 else ()
