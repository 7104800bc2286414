"""What is written piece by piece is plain safetensors; what is read is checked before it takes memory."""

import io
import json
import struct

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import ModelFileError
from simulator.interchange.tensor_streams import PIECE, Tensor, read_tensors, write_tensors

ARRAYS = {
    "a": np.arange(12, dtype=np.float32).reshape(3, 4),
    "b": np.array([-1, 2], dtype=np.int8),
    "large": np.arange(PIECE // 4, dtype=np.float64),
    "none": np.zeros((0, 7)),
    "one": np.array(2.5),
}


def written(tensors) -> bytes:
    file = io.BytesIO()
    write_tensors(file, tensors)
    return file.getvalue()


def with_header(header: object, body: bytes = b"\0" * 8) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def test_the_library_reads_what_was_written_piece_by_piece():
    stacked = Tensor.stacked([np.full((2, 2), number, np.float32) for number in range(3)])
    data = written({**{name: Tensor.of(array) for name, array in ARRAYS.items()}, "stacked": stacked})
    found = safetensors.numpy.load(data)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
    assert np.array_equal(found["stacked"], np.repeat(np.arange(3.0), 4).reshape(3, 2, 2))


def test_it_comes_back_read_only_with_the_same_bits_and_says_how_far_it_is():
    told: list[int] = []
    data = written({name: Tensor.of(array) for name, array in ARRAYS.items()})
    found = read_tensors(io.BytesIO(data), len(data), told.append)
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert (found[name].shape, found[name].tobytes()) == (array.shape, array.tobytes())
        assert not found[name].flags.writeable
    assert sum(told) == sum(array.nbytes for array in ARRAYS.values())


def test_an_array_that_does_not_lie_in_one_piece_is_written_as_it_reads():
    turned = np.arange(6.0).reshape(2, 3).T
    assert np.array_equal(safetensors.numpy.load(written({"t": Tensor.of(turned)}))["t"], turned)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff" * 8, id="an endless header"),
        pytest.param(with_header([]), id="a list"),
        pytest.param(with_header(b"{"), id="half a header"),
        pytest.param(with_header({"a": 1}), id="no description"),
        pytest.param(with_header({"a": {"dtype": "O", "shape": [1], "data_offsets": [0, 8]}}), id="objects"),
        pytest.param(with_header({"a": {"dtype": "F64", "shape": [-1], "data_offsets": [0, 8]}}), id="a negative side"),
        pytest.param(with_header({"a": {"dtype": "F64", "shape": [2], "data_offsets": [0, 8]}}), id="too few bytes"),
        pytest.param(with_header({"a": {"dtype": "F64", "shape": [10**9], "data_offsets": [0, 8 * 10**9]}}), id="huge"),
        pytest.param(with_header({"a": {"dtype": "F64", "shape": [1], "data_offsets": [8, 16]}}), id="a gap"),
        pytest.param(with_header({}), id="bytes that belong to nothing"),
    ],
)
def test_what_is_no_tensors_is_refused(data):
    with pytest.raises(ModelFileError) as refused:
        read_tensors(io.BytesIO(data), len(data))
    assert refused.value.hint


@given(st.integers(0, 400))
@settings(deadline=None)
def test_tensors_that_were_cut_short_are_refused(end):
    data = written({"a": Tensor.of(ARRAYS["a"]), "b": Tensor.of(ARRAYS["b"])})
    with pytest.raises(ModelFileError):
        read_tensors(io.BytesIO(data[:end]), min(end, len(data) - 1) if end < len(data) else len(data) + 1)
