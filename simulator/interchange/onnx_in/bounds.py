"""How much a protobuf message would take in memory: looked at before it is parsed.

A parsed message takes up to a hundred times the bytes that describe it, but arrays of numbers take only their own. So
what stands beside the arrays is counted first, by walking the nested messages (Protocol Buffers, "Encoding").
"""

from collections.abc import Mapping

from simulator.errors import ModelFileError

MOST_STRUCTURE = 48 * 2**20
"""Bytes of a file beside its arrays of numbers: a description takes at most a third of it."""

MOST_FIELDS = 1_000_000

_DAMAGED = "The file is damaged or no ONNX file; export the model again."

_NESTED: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph"},
    "graph": {1: "node", 5: "tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor"},
    "tensor": {4: "numbers", 9: "numbers", 10: "numbers"},
}
"""Which fields of which messages lead to arrays of numbers (onnx.proto, IR version 8)."""


def check_bounds(data: bytes) -> None:
    """Refuse a file that would take far more memory than it has bytes.

    Parameters
    ----------
    data
        All of the file.

    Raises
    ------
    ModelFileError
        When it is no protobuf message, or holds too much beside numbers.
    """
    view = memoryview(data)
    fields, numbers = 0, 0
    waiting = [("model", 0, len(view))]
    while waiting:
        kind, place, end = waiting.pop()
        while place < end:
            fields += 1
            if fields > MOST_FIELDS:
                raise ModelFileError("the file has too many parts to be a network of layers", _DAMAGED)
            tag, place = _varint(view, place, end)
            wire, inner = tag & 7, _NESTED[kind].get(tag >> 3)
            if wire != 2:
                place = _skipped(view, place, end, wire)
                continue
            length, place = _varint(view, place, end)
            if length > end - place:
                raise ModelFileError("the file ends too early, or is no ONNX file", _DAMAGED)
            if inner == "numbers":
                numbers += length
            elif inner is not None:
                waiting.append((inner, place, place + length))
            place += length
    if len(view) - numbers > MOST_STRUCTURE:
        raise ModelFileError(
            f"the file has {len(view) - numbers:,} bytes that are no numbers, too many for a network of layers",
            "Export the network with its weights as tensors, and without anything else.",
        )


def _varint(view: memoryview, place: int, end: int) -> tuple[int, int]:
    value, shift = 0, 0
    while place < end and shift < 70:
        byte = view[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise ModelFileError("this is no ONNX file", _DAMAGED)


def _skipped(view: memoryview, place: int, end: int, wire: int) -> int:
    if wire == 0:
        return _varint(view, place, end)[1]
    place += {1: 8, 5: 4}.get(wire, len(view) + 1)
    if place > end:
        raise ModelFileError("this is no ONNX file", _DAMAGED)
    return place
