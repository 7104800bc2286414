import json
from pathlib import Path

import numpy as np
import pytest

from simulator.errors import ExportError, ModelFileError
from simulator.interchange import json_format, load_model, save_model
from simulator.interchange.json_format import readable_numbers


@pytest.fixture
def path(make_model, tmp_path):
    return save_model(make_model(), tmp_path / "m.json")


def _change(path: Path, name: str, value: object) -> None:
    parts = json.loads(path.read_text("utf-8"))
    parts["tensors"][name] = value
    path.write_text(json.dumps(parts), "utf-8")


def test_people_can_read_the_file(path):
    text = path.read_text("utf-8")
    assert '"länge, mm"' in text
    lines = text.splitlines()
    start = lines.index('    "layers.0.weight": [')
    assert lines[start + 6] == "    ],"
    assert all(len(line.split(",")) >= 4 for line in lines[start + 1 : start + 6])


def test_any_program_reads_the_numbers_as_out_by_in(make_model, path):
    tensors = json.loads(path.read_text("utf-8"))["tensors"]
    for index, layer in enumerate(make_model().layers):
        assert np.array_equal(np.array(tensors[f"layers.{index}.weight"], np.float32), layer.weight.T)
        assert np.array_equal(np.array(tensors[f"layers.{index}.bias"], np.float32), layer.bias)


def test_a_float32_is_written_with_the_digits_that_it_needs():
    numbers = readable_numbers(np.array([0.1, 1 / 3, -0.0, 3e38], np.float32))
    assert [repr(each) for each in numbers.tolist()] == ["0.1", "0.33333334", "-0.0", "3e+38"]


def test_a_float32_that_rounding_twice_would_change_is_written_exactly():
    # The shortest text of this number, 7.0385313e-26, becomes its neighbour by way of float64.
    number = np.array([0x15AE43FD], np.uint32).view(np.float32)
    near = np.arange(0x15AE43F0, 0x15AE4410, dtype=np.uint32).view(np.float32)
    for array in (number, near):
        assert readable_numbers(array).astype(np.float32).tobytes() == array.tobytes()


def test_a_number_that_somebody_typed_is_read(make_model, path):
    _change(path, "layers.2.bias", [1, -2.5e-3, 0])
    assert load_model(path).layers[2].bias.tolist() == pytest.approx([1.0, -0.0025, 0.0])


def test_a_byte_order_mark_of_an_editor_does_no_harm(make_model, path):
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_model(path).epoch == 17


@pytest.mark.parametrize(
    ("value", "named"),
    [
        pytest.param([1.0, 2.0], "shape", id="one too few"),
        pytest.param([], "shape", id="none"),
        pytest.param(3.0, "shape", id="a number"),
        pytest.param(None, "shape", id="null"),
        pytest.param("123", "shape", id="a text"),
        pytest.param({"0": 1}, "shape", id="an object"),
        pytest.param([[1.0, 2.0, 3.0]], "shape", id="a matrix"),
        pytest.param([1.0, "2", 3.0], "no number", id="a text among numbers"),
        pytest.param([1.0, None, 3.0], "no number", id="null among numbers"),
        pytest.param([1.0, True, 3.0], "no number", id="true among numbers"),
        pytest.param([1.0, [2.0], 3.0], "no number", id="a list among numbers"),
        pytest.param([1.0, 1e39, 3.0], "not finite", id="a number that float32 cannot hold"),
    ],
)
def test_a_bias_that_is_none_is_refused(path, value, named):
    _change(path, "layers.2.bias", value)
    with pytest.raises(ModelFileError, match=named) as refused:
        load_model(path)
    assert "layers.2.bias" in refused.value.message


@pytest.mark.parametrize("rows", [[[1.0]] * 5, [[1.0] * 4] * 4 + [[1.0] * 3], [[1.0] * 4] * 4 + [1.0]], ids=repr)
def test_a_weight_with_ragged_rows_is_refused(path, rows):
    _change(path, "layers.0.weight", rows)
    with pytest.raises(ModelFileError, match=r"layers\.0\.weight has the shape"):
        load_model(path)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "1" + "0" * 500, "1" * 5_000_000])
def test_a_giant_number_is_refused(path, number):
    text = path.read_text("utf-8")
    start = text.index('"layers.2.bias": [') + len('"layers.2.bias": [')
    path.write_text(text[:start] + number + text[text.index(",", start) :], "utf-8")
    with pytest.raises(ModelFileError):
        load_model(path)


def test_a_giant_fraction_is_read_as_what_it_is(path):
    text = path.read_text("utf-8")
    start = text.index('"layers.2.bias": [') + len('"layers.2.bias": [')
    path.write_text(text[:start] + "0." + "3" * 1_000_000 + text[text.index(",", start) :], "utf-8")
    assert load_model(path).layers[2].bias[0] == np.float32(1 / 3)


def test_a_file_without_tensors_is_refused(path):
    parts = json.loads(path.read_text("utf-8"))
    del parts["tensors"]
    path.write_text(json.dumps(parts), "utf-8")
    with pytest.raises(ModelFileError, match="no tensors"):
        load_model(path)


def test_a_file_over_the_limit_is_not_read(path):
    with path.open("r+b") as file:
        file.truncate(json_format.LARGEST_FILE + 1)
    with pytest.raises(ModelFileError, match="too large") as refused:
        load_model(path)
    assert ".safetensors" in refused.value.hint


@pytest.mark.parametrize("limit", [200, 2000])
def test_a_model_that_could_not_be_opened_again_is_not_saved(make_model, monkeypatch, tmp_path, limit):
    monkeypatch.setattr(json_format, "LARGEST_FILE", limit)
    with pytest.raises(ExportError, match="too large") as refused:
        save_model(make_model(((20, "tanh"),)), tmp_path / "m.json")
    assert ".safetensors" in refused.value.hint
    assert list(tmp_path.iterdir()) == []
