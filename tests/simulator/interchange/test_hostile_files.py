import copy
import io
import json
import struct
import zipfile

import h5py
import numpy as np
import onnx
import onnx.helper
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import ModelFileError
from simulator.interchange import FORMATS, Model, load_model, save_model

LOADABLE = [name for name, row in FORMATS.items() if row.load is not None]
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}

pieces = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\0" * 8, b"\xff" * 8, b"[" * 2000, b"9" * 5000, b"NaN", b"1e999", b"{}", b"PK\1\2", b"PK\5\6"]),
)
mutations = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "replace", "repeat"]), st.floats(0, 1), st.floats(0, 1), pieces
    ),
    min_size=1,
    max_size=6,
)
odd_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([-1, 0, 2**31, 2**63, 2**64, 10**23, 10**30, 1e308, -0.0, 1e-320]),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=8),
        st.sampled_from(["", "tanh", "linear", "sigmoid", "float64", "name", "kind", "self", "one_hot", "\ud800"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
changes = st.lists(
    st.tuples(st.lists(st.integers(0, 50), max_size=7), odd_values, st.booleans()), min_size=1, max_size=3
)


@pytest.fixture(scope="module")
def originals(make_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("originals")
    made = [make_model(((2, "gelu"),)), make_model((), classes=(), dtype="float64", fill=True)]
    return {name: [save_model(m, folder / "m", name).read_bytes() for m in made] for name in LOADABLE}


def _mutated(data: bytes, changed: list) -> bytes:
    for what, start, end, piece in changed:
        first, last = sorted((int(start * len(data)), int(end * len(data))))
        if what == "flip" and data:
            place = min(first, len(data) - 1)
            data = data[:place] + bytes([data[place] ^ (1 << last % 8)]) + data[place + 1 :]
        elif what == "cut":
            data = data[:first] + data[last:]
        elif what == "insert":
            data = data[:first] + piece + data[first:]
        elif what == "replace":
            data = data[:first] + piece + data[first + len(piece) :]
        elif what == "repeat":
            data = data[:last] + data[first:]
    return data


def _changed(value: object, way: list[int], new: object, drop: bool) -> object:
    """Replace or drop the value at the end of a way through a JSON tree."""
    if not way or not isinstance(value, dict | list) or not value:
        return new
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = keys[way[0] % len(keys)]
    if drop and len(way) == 1:
        del value[key]
    else:
        value[key] = _changed(value[key], way[1:], new, drop)
    return value


def _is_a_model_or_refused(path) -> None:
    refused = None
    try:
        model = load_model(path)
    except ModelFileError as error:
        refused = error
    if refused is not None:
        assert refused.message
        assert refused.hint
        assert str(refused).isprintable()
        assert len(str(refused)) < 2000
        return
    assert isinstance(model, Model)
    assert np.isfinite(model.parameters).all()
    assert len(model.outputs(np.zeros((2, model.network.inputs)))) == 2


@pytest.mark.parametrize("name", LOADABLE)
@given(st.binary(max_size=300))
@settings(max_examples=100, **QUIET)
def test_random_bytes_are_refused(name, tmp_path, data):
    path = tmp_path / f"m{FORMATS[name].suffix}"
    path.write_bytes(data)
    with pytest.raises(ModelFileError):
        load_model(path)


@pytest.mark.parametrize("name", LOADABLE)
@given(mutations, st.integers(0, 1))
@settings(max_examples=200, **QUIET)
def test_a_mutated_file_gives_a_model_or_is_refused(name, tmp_path, originals, changed, which):
    path = tmp_path / f"m{FORMATS[name].suffix}"
    path.write_bytes(_mutated(originals[name][which], changed))
    _is_a_model_or_refused(path)


def _zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _packed(name: str, original: bytes, document: object) -> bytes:
    """Put a changed document into a file that is right in all other ways."""
    if name == "json":
        return json.dumps(document).encode()
    if name == "npz":
        with np.load(io.BytesIO(original), allow_pickle=False) as file:
            arrays = dict(file) | {"metadata": np.array(json.dumps(document))}
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        return buffer.getvalue()
    if name == "onnx":
        model = onnx.ModelProto.FromString(original)
        onnx.helper.set_model_props(model, {"nodeglow": json.dumps(document)})
        return model.SerializeToString()
    if name == "keras":
        with zipfile.ZipFile(io.BytesIO(original)) as archive:
            members = {each: archive.read(each) for each in archive.namelist()}
        metadata = json.loads(members["metadata.json"]) | {"nodeglow": json.dumps(document)}
        return _zipped(members | {"metadata.json": json.dumps(metadata).encode()})
    if name == "keras_weights":
        buffer = io.BytesIO(original)
        with h5py.File(buffer, "r+") as file:
            del file["nodeglow"]
            file["nodeglow"] = np.frombuffer(json.dumps(document).encode(), np.uint8)
        return buffer.getvalue()
    (length,) = struct.unpack("<Q", original[:8])
    header = json.loads(original[8 : 8 + length])
    header["__metadata__"]["nodeglow"] = json.dumps(document)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + original[8 + length :]


def _document(name: str, original: bytes) -> dict:
    if name == "json":
        return json.loads(original)
    if name == "npz":
        with np.load(io.BytesIO(original), allow_pickle=False) as file:
            return json.loads(file["metadata"].item())
    if name == "onnx":
        model = onnx.ModelProto.FromString(original)
        return json.loads({each.key: each.value for each in model.metadata_props}["nodeglow"])
    if name == "keras":
        with zipfile.ZipFile(io.BytesIO(original)) as archive:
            return json.loads(json.loads(archive.read("metadata.json"))["nodeglow"])
    if name == "keras_weights":
        with h5py.File(io.BytesIO(original)) as file:
            return json.loads(file["nodeglow"][()].tobytes())
    (length,) = struct.unpack("<Q", original[:8])
    return json.loads(json.loads(original[8 : 8 + length])["__metadata__"]["nodeglow"])


@pytest.mark.parametrize("name", LOADABLE)
@given(changes, st.integers(0, 1))
@settings(max_examples=200, **QUIET)
def test_a_file_with_changed_values_gives_a_model_or_is_refused(name, tmp_path, originals, changed, which):
    original = originals[name][which]
    document: object = _document(name, original)
    for way, new, drop in changed:
        document = _changed(document, way, copy.deepcopy(new), drop)
    path = tmp_path / f"m{FORMATS[name].suffix}"
    path.write_bytes(_packed(name, original, document))
    _is_a_model_or_refused(path)


@given(changes, st.integers(0, 1))
@settings(max_examples=200, **QUIET)
def test_a_changed_safetensors_header_gives_a_model_or_is_refused(tmp_path, originals, changed, which):
    original = originals["safetensors"][which]
    (length,) = struct.unpack("<Q", original[:8])
    header: object = json.loads(original[8 : 8 + length])
    for way, new, drop in changed:
        header = _changed(header, way, copy.deepcopy(new), drop)
    text = json.dumps(header).encode()
    path = tmp_path / "m.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + original[8 + length :])
    _is_a_model_or_refused(path)


@pytest.mark.parametrize("format_", ["npz", "keras"])
@given(st.integers(0, 20), mutations, st.integers(0, 1))
@settings(max_examples=200, **QUIET)
def test_an_archive_with_a_mutated_member_gives_a_model_or_is_refused(
    tmp_path, originals, format_, place, changed, which
):
    with zipfile.ZipFile(io.BytesIO(originals[format_][which])) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = list(members)[place % len(members)]
    members[name] = _mutated(members[name], changed)
    path = tmp_path / f"m{FORMATS[format_].suffix}"
    path.write_bytes(_zipped(members))
    _is_a_model_or_refused(path)
