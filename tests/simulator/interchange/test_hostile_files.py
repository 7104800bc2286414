import copy
import dataclasses
import functools
import io
import json
import struct
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import h5py
import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import ModelFileError
from simulator.interchange import FORMATS, ExportOptions, Model, load_model, save_model

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


class Originals(dict):
    """Files by their format. Hypothesis prints every argument of a test that fails, and warns of a long one."""

    def __repr__(self) -> str:
        return f"Originals of {', '.join(self)}"


@pytest.fixture(scope="module")
def originals(make_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("originals")
    made = [make_model(((2, "gelu"),)), make_model((), classes=(), dtype="float64", fill=True)]
    return Originals({name: [save_model(m, folder / "m", name).read_bytes() for m in made] for name in LOADABLE})


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
@settings(**QUIET)
def test_random_bytes_are_refused(name, tmp_path, data):
    path = tmp_path / f"m{FORMATS[name].suffix}"
    path.write_bytes(data)
    with pytest.raises(ModelFileError):
        load_model(path)


@pytest.mark.parametrize("name", LOADABLE)
@given(mutations, st.integers(0, 1))
@settings(**QUIET)
def test_a_mutated_file_gives_a_model_or_is_refused(name, tmp_path, originals, changed, which):
    path = tmp_path / f"m{FORMATS[name].suffix}"
    path.write_bytes(_mutated(originals[name][which], changed))
    _is_a_model_or_refused(path)


# -- files taken apart: what stands in them is mutated, and they are right in all other ways ---------------------------

Parts = dict[str, bytes]
Joined = Callable[[Parts], bytes]


def _taken_apart(data: bytes) -> tuple[Parts, Joined]:
    """Return the parts of a file, whatever its format, and what puts such parts together again."""
    if data.startswith(b"PK"):
        return _of_archive(data)
    if data.startswith(b"\x89HDF"):
        return _of_hdf5(data)
    if data.startswith(b"{"):
        return {"document": data}, lambda parts: parts["document"]
    (length,) = struct.unpack("<Q", data[:8])
    return _of_safetensors(data, length) if length < len(data) else _of_onnx(data)


def _of_archive(data: bytes) -> tuple[Parts, Joined]:
    def join(parts: Parts) -> bytes:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        return held.getvalue()

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    # The document stands in a member: as an array of one text in an .npz, as a text in other JSON elsewhere.
    for name, content in parts.items():
        if content.startswith(b"\x93NUMPY") and b"<U" in content[:128]:
            letters = np.load(io.BytesIO(content), allow_pickle=False).item()
            return _with_document(parts, name, letters, _as_array, join)
        if _is_json(content) and isinstance(about := json.loads(content), dict) and "nodeglow" in about:
            packed = functools.partial(_as_text, about)
            return _with_document(parts, name, about["nodeglow"], packed, join)
    return parts, join


def _with_document(
    parts: Parts, member: str, document: str, packed: Callable[[str], bytes], join: Joined
) -> tuple[Parts, Joined]:
    """Put the document of an archive among its parts, in the place of the member that it is packed into."""
    rest = {name: content for name, content in parts.items() if name != member}

    def joined(changed: Parts) -> bytes:
        others = {name: content for name, content in changed.items() if name != "document"}
        return join(others | {member: packed(changed["document"].decode("utf-8", "replace"))})

    return rest | {"document": document.encode()}, joined


def _as_array(document: str) -> bytes:
    held = io.BytesIO()
    np.save(held, np.array(document))
    return held.getvalue()


def _as_text(about: dict[str, object], document: str) -> bytes:
    return json.dumps(about | {"nodeglow": document}).encode()


def _of_safetensors(data: bytes, length: int) -> tuple[Parts, Joined]:
    header = json.loads(data[8 : 8 + length])
    about = header.pop("__metadata__", {})

    def join(parts: Parts) -> bytes:
        try:
            tensors = json.loads(parts["tensors"])
        except (ValueError, RecursionError):  # no JSON any more, or brackets without end: written as they are
            text = parts["tensors"]
        else:
            named = {name: parts[name].decode("utf-8", "replace") for name in about}
            if isinstance(tensors, dict) and named:
                tensors["__metadata__"] = named
            text = json.dumps(tensors).encode()
        return struct.pack("<Q", len(text)) + text + parts["data"]

    parts = {"tensors": json.dumps(header).encode(), "data": data[8 + length :]}
    return parts | {name: value.encode() for name, value in about.items()}, join


def _of_onnx(data: bytes) -> tuple[Parts, Joined]:
    found = onnx.load_from_string(data)

    def join(parts: Parts) -> bytes:
        made = onnx.load_from_string(data)
        for each in made.metadata_props:
            each.value = parts[each.key].decode("utf-8", "replace")
        for tensor in made.graph.initializer:
            if tensor.raw_data:
                tensor.raw_data = parts[tensor.name]
        del made.graph.node[:]
        for place, node in enumerate(found.graph.node):
            try:
                made.graph.node.add().ParseFromString(parts[f"node {place}"])
            except Exception:  # a node that is none: it is left as it was
                made.graph.node[-1].CopyFrom(node)
        return made.SerializeToString()

    parts = {each.key: each.value.encode() for each in found.metadata_props}
    parts |= {tensor.name: tensor.raw_data for tensor in found.graph.initializer if tensor.raw_data}
    return parts | {f"node {place}": node.SerializeToString() for place, node in enumerate(found.graph.node)}, join


def _of_hdf5(data: bytes) -> tuple[Parts, Joined]:
    """Texts in attributes, and arrays of bytes; a part is called by its place."""

    def join(changed: Parts) -> bytes:
        held = io.BytesIO(data)
        with h5py.File(held, "r+") as file:
            for place, content in changed.items():
                name, _, key = place.partition(" ")
                if key:
                    file[name].attrs[key] = content.replace(b"\0", b"").decode("utf-8", "replace")
                else:
                    del file[name]
                    file[name] = np.frombuffer(content, np.uint8)
        return held.getvalue()

    parts: Parts = {}
    with h5py.File(io.BytesIO(data), "r") as file:
        for name in _names(file):
            for key, value in file[name].attrs.items():
                if isinstance(value, str | bytes):
                    parts[f"{name} {key}"] = value.encode() if isinstance(value, str) else bytes(value)
            if isinstance(file[name], h5py.Dataset) and file[name].dtype == np.uint8:
                parts[name] = file[name][()].tobytes()
    return parts, join


def _names(file) -> list[str]:
    found = ["/"]
    file.visit(found.append)
    return found


def _documents(parts: Parts) -> list[str]:
    """Return the names of the parts that are JSON."""
    return [name for name, content in parts.items() if content[:1] in (b"{", b"[") and _is_json(content)]


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", LOADABLE)
def test_a_file_that_was_taken_apart_and_put_together_is_the_same_model(name, tmp_path, originals):
    for original in originals[name]:
        (tmp_path / f"a{FORMATS[name].suffix}").write_bytes(original)
        parts, join = _taken_apart(original)
        (tmp_path / f"b{FORMATS[name].suffix}").write_bytes(join(parts))
        one, other = (load_model(tmp_path / f"{each}{FORMATS[name].suffix}") for each in "ab")
        assert np.array_equal(one.parameters, other.parameters)
        assert one.recipe == other.recipe


@pytest.mark.parametrize("name", LOADABLE)
@given(changes, st.integers(0, 1), st.integers(0, 20))
@settings(**QUIET)
def test_a_file_with_changed_values_gives_a_model_or_is_refused(name, tmp_path, originals, changed, which, place):
    parts, join = _taken_apart(originals[name][which])
    documents = _documents(parts)
    if not documents:
        return
    part = documents[place % len(documents)]
    document: object = json.loads(parts[part])
    for way, new, drop in changed:
        document = _changed(document, way, copy.deepcopy(new), drop)
    path = tmp_path / f"m{FORMATS[name].suffix}"
    path.write_bytes(join(parts | {part: json.dumps(document).encode()}))
    _is_a_model_or_refused(path)


@pytest.mark.parametrize("name", LOADABLE)
@given(st.integers(0, 30), mutations, st.integers(0, 1))
@settings(**QUIET)
def test_a_file_with_a_mutated_part_gives_a_model_or_is_refused(name, tmp_path, originals, place, changed, which):
    parts, join = _taken_apart(originals[name][which])
    part = list(parts)[place % len(parts)]
    path = tmp_path / f"m{FORMATS[name].suffix}"
    path.write_bytes(join(parts | {part: _mutated(parts[part], changed)}))
    _is_a_model_or_refused(path)


@pytest.mark.parametrize("name", LOADABLE)
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(name, make_model, tmp_path, number):
    model = make_model(((2, "gelu"),))
    weights = model.parameters.copy()
    weights[0] = 0.12345678
    spoilt = dataclasses.replace(model, parameters=weights)
    content = FORMATS[name].save(spoilt, ExportOptions())
    parts, join = _taken_apart(content)
    value = weights[:1]
    for old, new in (
        (value.tobytes(), np.array([number], value.dtype).tobytes()),
        (repr(value[0].item()).encode(), repr(number).replace("nan", "NaN").replace("inf", "Infinity").encode()),
        (str(value[0]).encode(), b"1e999"),
    ):
        if any(old in content for content in parts.values()):
            parts = {each: content.replace(old, new) for each, content in parts.items()}
            content = join(parts)
            break
    else:
        assert value.tobytes() in content
        content = content.replace(value.tobytes(), np.array([number], value.dtype).tobytes())
    path = tmp_path / f"m{FORMATS[name].suffix}"
    path.write_bytes(content)
    with pytest.raises(ModelFileError):
        load_model(path)


# -- files that want more time and memory than they are worth ---------------------------------------------------------

LIMITED = """
import resource, sys
from simulator.interchange import Model, read_model, Foreign
from simulator.errors import ModelFileError
for path in sys.argv[2:]:  # whatever a format imports is there before it is bounded
    if path.endswith(sys.argv[1]):
        read_model(path)
        break
held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
with open("/proc/self/statm") as status:
    taken = int(status.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + 200 * 2**20, taken + 200 * 2**20))
for path in sys.argv[2:]:
    try:
        found = read_model(path)
        said = "opened" if isinstance(found, Model | Foreign) else repr(found)
    except ModelFileError as error:
        assert error.message and error.hint
        said = "refused"
    print(said, path, flush=True)
"""


def _bombs(original: bytes) -> dict[str, bytes]:
    """Return hostile files made of a right one: a name, and the content."""
    made = {
        "nothing": b"",
        "all zeros": bytes(1 << 20),
        "all ones": b"\xff" * (1 << 20),
        "brackets": b"[" * 5_000_000,
        "objects": b'{"a":' * 1_000_000,
        "digits": b'{"a": ' + b"9" * 3_000_000 + b"}",
        "letters": b'{"a": "' + b"x" * 30_000_000,
        "huge header": struct.pack("<Q", 1 << 40) + b"{}",
        "header as long as the file": struct.pack("<Q", 1 << 20) + b" " * (1 << 20),
        "cut in half": original[: len(original) // 2],
        "twice": original * 2,
        "a quine of a zip": b"PK\3\4" + original,
    }
    made |= {f"{bits} at {place}": original[:place] + bits + original[place + len(bits) :]
             for place in range(0, min(len(original), 256), 4) for bits in (b"\xff\xff\xff\x7f",)}  # fmt: skip
    if original.startswith(b"PK"):
        made |= _zip_bombs(original)
    return made


def _zip_bombs(original: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    made: dict[str, bytes] = {}

    def zipped(contents: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", method, compresslevel=1) as archive:
            for name, content in contents:
                archive.writestr(name, content)
        return held.getvalue()

    zeros, blanks = bytes(260 << 20), b" " * (260 << 20)
    for name, content in list(members.items())[:3]:
        text = content[:1] in (b"{", b"[")
        made[f"bomb in {name}"] = zipped((members | {name: content[:128] + (blanks if text else zeros)}).items())
    made["nested"] = zipped((members | {next(iter(members)): zipped(members.items())}).items())
    made["path traversal"] = zipped((f"../../{name}", content) for name, content in members.items())
    made["absolute"] = zipped([*members.items(), ("/tmp/evil", b"x"), ("..\\evil", b"x"), ("a/../../evil", b"x")])
    made["many members"] = zipped([*members.items(), *((f"x{place}", b"") for place in range(70_000))])
    made["bzip2"] = zipped((members | {next(iter(members)): zeros[: 50 << 20]}).items(), zipfile.ZIP_BZIP2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # every name twice
        made["every name twice"] = zipped([*members.items(), *members.items()])
    # All entries of the directory point at one member that overlaps itself.
    data, first = original, original.index(b"PK\1\2")
    end = original.rindex(b"PK\5\6")
    entry = original[first : original.index(b"PK\1\2", first + 4)] if len(members) > 1 else original[first:end]
    count = 30_000
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, count * len(entry), first, 0)
    made["overlapping"] = data[:first] + entry * count + tail
    return made


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux bounds the memory of a process like this")
@pytest.mark.parametrize("name", LOADABLE)
def test_no_file_takes_more_than_a_bounded_time_and_memory(name, tmp_path, originals):
    suffix, original = FORMATS[name].suffix, originals[name][0]
    right = tmp_path / f"right{suffix}"
    right.write_bytes(original)
    paths = [right]
    bombs = _bombs(original)
    for place, content in enumerate(bombs.values()):
        paths.append(tmp_path / f"{place}{suffix}")
        paths[-1].write_bytes(content)
    names = dict(zip(map(str, paths), ["right", *bombs], strict=True))
    command = [sys.executable, "-c", LIMITED, f"right{suffix}", *map(str, paths)]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=100, check=False)
    said = [line.split(" ", 1) for line in done.stdout.splitlines()]
    last = names[said[-1][1]] if said else "none"
    assert done.returncode == 0, f"after {last!r}: {done.stderr[-2000:]}"
    assert len(said) == len(paths)
    opened = {names[path] for what, path in said if what == "opened"}
    assert "right" in opened
    assert not {each for each in opened if each.startswith(("bomb", "all", "brackets", "huge", "nothing"))}
    assert not list(tmp_path.parent.glob("evil"))
    assert not Path("/tmp/evil").exists()
