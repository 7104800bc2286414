import io
import pickletools
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ModelFileError
from simulator.interchange import FORMATS, ExportOptions, load_model, save_model
from simulator.interchange.pytorch_format import write_state_dict

STORAGES = {"torch FloatStorage": "<f4", "torch DoubleStorage": "<f8"}


class _Storage:
    def __init__(self, dtype: str, numbers: np.ndarray | None = None) -> None:
        self.dtype, self.numbers = dtype, numbers


def _rebuild(storage: _Storage, offset: int, shape: tuple, strides: tuple, gradient: bool, hooks: OrderedDict):
    assert not gradient
    assert hooks == OrderedDict()
    size = storage.numbers.itemsize
    return np.lib.stride_tricks.as_strided(storage.numbers[offset:], shape, [stride * size for stride in strides])


class _Unpickler:
    """Takes of a pickle only what PyTorch's weights-only unpickler takes, and gives arrays for tensors.

    It has a method an opcode; any other fails.
    """

    def __init__(self, archive: zipfile.ZipFile, folder: str) -> None:
        self._archive, self._folder = archive, folder
        self.stack, self._marks, self._memo = [], [], {}
        for opcode, argument, _ in pickletools.genops(archive.read(f"{folder}/data.pkl")):
            getattr(self, opcode.name.lower())(argument)

    def proto(self, argument):
        assert argument == 2

    def global_(self, argument):
        allowed = {"collections OrderedDict": OrderedDict, "torch._utils _rebuild_tensor_v2": _rebuild}
        self.stack.append(allowed[argument] if argument in allowed else _Storage(STORAGES[argument]))

    def push(self, argument):
        self.stack.append(argument)

    binunicode = binint = binint1 = binint2 = long1 = push

    def empty_tuple(self, argument):
        self.stack.append(())

    def newfalse(self, argument):
        self.stack.append(False)

    def binput(self, argument):
        self._memo[argument] = self.stack[-1]

    def binget(self, argument):
        self.stack.append(self._memo[argument])

    def mark(self, argument):
        self._marks.append(len(self.stack))

    def _since_mark(self) -> list:
        place = self._marks.pop()
        items = self.stack[place:]
        del self.stack[place:]
        return items

    def tuple(self, argument):
        self.stack.append((*self._since_mark(),))

    def setitems(self, argument):
        items = self._since_mark()
        assert type(self.stack[-1]) is OrderedDict
        self.stack[-1].update(zip(items[::2], items[1::2], strict=True))

    def binpersid(self, argument):
        word, kind, key, device, count = self.stack.pop()
        assert (word, device) == ("storage", "cpu")
        numbers = np.frombuffer(self._archive.read(f"{self._folder}/data/{key}"), kind.dtype)
        assert len(numbers) == count
        self.stack.append(_Storage(kind.dtype, numbers))

    def reduce(self, argument):
        arguments = self.stack.pop()
        self.stack.append(self.stack.pop()(*arguments))

    def stop(self, argument):
        assert len(self.stack) == 1


setattr(_Unpickler, "global", _Unpickler.global_)


def read_as_pytorch_does(content: bytes) -> OrderedDict:
    archive = zipfile.ZipFile(io.BytesIO(content))
    folder = archive.namelist()[0].split("/")[0]
    assert archive.read(f"{folder}/version").strip() == b"3"
    assert archive.read(f"{folder}/byteorder") == b"little"
    return _Unpickler(archive, folder).stack[0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_state_dict_has_the_names_shapes_and_numbers_of_the_layers(make_model, tmp_path, dtype):
    model = make_model(dtype=dtype)
    state = read_as_pytorch_does(save_model(model, tmp_path / "m.pt").read_bytes())
    assert list(state) == [f"layers.{n}.{part}" for n in range(3) for part in ("weight", "bias")]
    for place, layer in enumerate(model.layers):
        for part, own in (("weight", layer.weight.T), ("bias", layer.bias)):
            tensor = state[f"layers.{place}.{part}"]
            assert tensor.dtype == dtype
            assert tensor.shape == own.shape
            assert np.array_equal(tensor, own)


@given(
    st.lists(st.tuples(st.text(max_size=20), st.lists(st.integers(0, 5), max_size=3)), max_size=5),
    st.sampled_from(["float32", "float64"]),
)
def test_any_names_and_shapes_come_back(described, dtype):
    tensors = {
        name.encode("utf-8", "replace").decode(): np.arange(np.prod(shape, dtype=int), dtype=dtype).reshape(shape)
        for name, shape in described
    }
    state = read_as_pytorch_does(write_state_dict(tensors))
    assert list(state) == list(tensors)
    for name, array in tensors.items():
        assert state[name].shape == array.shape
        assert np.array_equal(state[name], array)


def test_numbers_begin_at_multiples_of_64_so_that_they_can_be_mapped(make_model, tmp_path):
    content = save_model(make_model(((70, "tanh"), (33, "relu"))), tmp_path / "m.pt").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            name, extra = struct.unpack("<HH", content[info.header_offset + 26 : info.header_offset + 30])
            assert (info.header_offset + 30 + name + extra) % 64 == 0
        assert archive.testzip() is None


def test_what_a_state_dict_does_not_hold_is_said_before(make_model):
    said = " ".join(FORMATS["pytorch"].limits(make_model(((2, "gelu"),)), ExportOptions()))
    for word in ("gelu", "softmax", "training settings", "(länge, mm − 43.92)/5.45", "Adelie; Gentoo", ".safetensors"):
        assert word in said
    said = " ".join(FORMATS["pytorch"].limits(make_model((), classes=()), ExportOptions()))
    assert "activations" not in said
    assert "(mass − 4202)/801.9" in said


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("m.pt", ("weights_only=True), 'model.safetensors'", "torch.load('m.pt', weights_only=False).state_dict()")),
        ("m.PTH", ("torch.load('m.PTH', weights_only=True)",)),
        ("m.ckpt", ("['state_dict']",)),
        ("m.pkl", (".onnx",)),
    ],
)
def test_a_pickle_is_refused_with_the_lines_that_convert_it(tmp_path, name, words):
    path: Path = tmp_path / name
    path.write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(ModelFileError, match="pickle") as refused:
        load_model(path)
    for word in words:
        assert word in refused.value.hint
