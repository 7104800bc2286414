"""Weights that lie in a file beside the ONNX file, as PyTorch and onnx.save put them."""

import numpy as np
import onnx
import pytest

from simulator.errors import ModelFileError
from simulator.interchange import adopt, read_model

X = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)


@pytest.fixture
def apart(made, tmp_path):
    """A network of two files, after its tensors were changed."""

    def write(change=lambda proto: None, dtype=np.float32):
        graph = made(4, dtype).gemm(4, 8)
        graph.node("Relu")
        proto = graph.gemm(8, 3).proto()
        whole = proto.SerializeToString()
        path = tmp_path / "net.onnx"
        onnx.save(proto, path, save_as_external_data=True, location="net.onnx.data", size_threshold=0)
        kept = onnx.load(path, load_external_data=False)
        change(kept)
        path.write_bytes(kept.SerializeToString())
        return path, whole

    return write


def says(key: str, value: str):
    def change(proto) -> None:
        place = next(each for each in proto.graph.initializer[0].external_data if each.key == key)
        place.value = value

    return change


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_in_a_file_beside_it_are_read(apart, outputs, dtype):
    path, whole = apart(dtype=dtype)
    x = X.astype(dtype)
    np.testing.assert_allclose(adopt(read_model(path)).outputs(x), outputs(whole, {"x": x}), atol=1e-5)


def test_a_place_without_a_length_is_enough(apart):
    def shorten(proto) -> None:
        for each in proto.graph.initializer:
            kept = [entry for entry in each.external_data if entry.key != "length"]
            del each.external_data[:]
            each.external_data.extend(kept)

    assert read_model(apart(shorten)[0]).sizes == (4, 8, 3)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(
            ("location", each)
            for each in ("../net.onnx.data", "/etc/passwd", "a\\b", "C:x", "..", "", "n\0t", "x" * 300)
        ),
        *(("offset", each) for each in ("-4", "9" * 30, "999999", "many")),
        *(("length", each) for each in ("1", "-1", "١٢٨")),
    ],
)
def test_a_place_outside_the_folder_or_the_file_is_refused(apart, key, value):
    with pytest.raises(ModelFileError, match="lie in another file") as caught:
        read_model(apart(says(key, value))[0])
    assert "external_data=False" in caught.value.hint


def test_a_missing_file_is_named(apart, tmp_path):
    path, _ = apart()
    (tmp_path / "net.onnx.data").unlink()
    with pytest.raises(ModelFileError, match=r"net\.onnx\.data.*not there"):
        read_model(path)


def test_what_is_no_file_is_not_waited_for(apart, tmp_path):
    path, _ = apart()
    (tmp_path / "net.onnx.data").unlink()
    (tmp_path / "net.onnx.data").mkdir()
    with pytest.raises(ModelFileError, match="not a file"):
        read_model(path)


def test_the_same_bytes_are_not_read_again_and_again(apart):
    def overlap(proto) -> None:
        for place in range(100):
            again = proto.graph.initializer.add()
            again.CopyFrom(proto.graph.initializer[0])
            again.name = f"again {place}"
            proto.graph.node.insert(0, onnx.helper.make_node("Identity", [again.name], [f"out {place}"]))
            proto.graph.output.append(onnx.ValueInfoProto(name=f"out {place}"))

    with pytest.raises(ModelFileError, match="too short"):
        read_model(apart(overlap)[0])
