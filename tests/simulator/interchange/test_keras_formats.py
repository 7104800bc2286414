import dataclasses
import io
import json
import time
import zipfile

import h5py
import numpy as np
import pytest

from simulator.errors import ModelFileError
from simulator.interchange import FORMATS, ExportOptions, Model, load_model, read_model, save_model
from simulator.spec import LayerSpec

NAMES = ["keras", "keras_weights"]


@pytest.fixture
def model(make_model):
    made = make_model(((5, "leaky_relu"), (3, "gelu")), dtype="float64")
    hidden = (LayerSpec(5, "leaky_relu"), LayerSpec(3, "gelu", 0.25))
    return dataclasses.replace(made, network=dataclasses.replace(made.network, hidden=hidden))


def members(path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def write(path, parts: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def check_weights(image: bytes, model: Model) -> None:
    with h5py.File(io.BytesIO(image)) as file:
        assert sorted(file["layers"]) == ["dense", "dense_1", "dense_2", "dropout", "leaky_re_lu"]
        assert file["vars"].attrs["name"] == "sequential"
        for place, layer in enumerate(model.layers):
            group = file["layers"][f"dense_{place}" if place else "dense"]["vars"]
            assert group.attrs["name"] == (f"dense_{place}" if place else "dense")
            assert sorted(group) == ["0", "1"]
            assert np.array_equal(group["0"], layer.weight)
            assert np.array_equal(group["1"], layer.bias)
            assert group["0"].dtype == "<f8"
        for name in ("dropout", "leaky_re_lu"):
            assert len(file["layers"][name]["vars"]) == 0


def test_a_keras_file_has_the_members_of_keras_3(model, tmp_path):
    parts = members(save_model(model, tmp_path / "m.keras"))
    assert list(parts) == ["metadata.json", "config.json", "model.weights.h5"]
    assert json.loads(parts["metadata.json"])["keras_version"].startswith("3.")
    config = json.loads(parts["config.json"])
    assert (config["module"], config["class_name"]) == ("keras", "Sequential")
    layers = config["config"]["layers"]
    assert [each["class_name"] for each in layers] == ["InputLayer", "Dense", "LeakyReLU", "Dense", "Dropout", "Dense"]
    assert layers[0]["config"]["batch_shape"] == [None, 4]
    assert [layers[n]["config"]["activation"] for n in (1, 3, 5)] == ["linear", "gelu", "softmax"]
    assert layers[2]["config"]["negative_slope"] == 0.01
    assert layers[4]["config"]["rate"] == 0.25
    assert all(each["config"]["dtype"]["config"]["name"] == "float64" for each in layers[1:])
    check_weights(parts["model.weights.h5"], model)


def test_a_weights_file_has_the_layout_of_keras_3(model, tmp_path):
    check_weights(save_model(model, tmp_path / "m.weights.h5").read_bytes(), model)


def test_no_time_of_day_is_in_a_file(model, tmp_path, monkeypatch):
    first = {name: save_model(model, tmp_path / "m", name).read_bytes() for name in NAMES}
    later = time.time() + 1e6
    monkeypatch.setattr(time, "time", lambda: later)
    time.sleep(1.1)  # the HDF5 library asks the system, a second at a time
    for name in NAMES:
        assert save_model(model, tmp_path / "m", name).read_bytes() == first[name]


def test_what_keras_does_not_take_from_a_file_is_said_before(model):
    said = " ".join(FORMATS["keras"].limits(model, ExportOptions()))
    assert "compile it" in said
    assert "(länge, mm − 43.92)/5.45" in said
    said = " ".join(FORMATS["keras_weights"].limits(model, ExportOptions()))
    assert (
        "keras.Sequential([keras.Input((4,), dtype='float64'), keras.layers.Dense(units=5, dtype='float64'), "
        "keras.layers.LeakyReLU(negative_slope=0.01, dtype='float64'), "
        "keras.layers.Dense(units=3, activation='gelu', dtype='float64'), "
        "keras.layers.Dropout(rate=0.25, dtype='float64'), "
        "keras.layers.Dense(units=3, activation='softmax', dtype='float64')])"
    ) in said


def test_a_long_description_is_kept_where_hdf5_has_room_for_it(make_model, make_recipe, tmp_path):
    recipe = make_recipe(tuple(f"class {place} {'x' * 100}" for place in range(2000)))  # an attribute holds 64 kB
    model = make_model((), recipe=recipe)
    for name in NAMES:
        assert load_model(save_model(model, tmp_path / f"m{FORMATS[name].suffix}", name)).recipe == recipe


def test_a_file_of_ours_that_was_changed_is_refused(model, tmp_path):
    path = save_model(model, tmp_path / "m.weights.h5")
    original = path.read_bytes()

    def without(file):
        del file["layers/dense_1/vars/1"]

    def further(file):
        file["layers/dense_3/vars/0"] = np.ones(3)

    def integers(file):
        file["layers/dense_3/vars/0"] = np.ones(3, int)

    def other_format(file):
        values = file["layers/dense/vars/1"][()]
        del file["layers/dense/vars/1"]
        file["layers/dense/vars/1"] = values.astype("f4")

    def other_shape(file):
        del file["layers/dense/vars/1"]
        file["layers/dense/vars/1"] = np.ones((5, 1))

    def not_finite(file):
        file["layers/dense/vars/1"][0] = np.nan

    for change, words in (
        (without, "layers/dense_1/vars/1 is missing"), (further, "belongs to no layer"),
        (integers, "belongs to no layer"), (other_format, "is not float64"), (other_shape, "shape"),
        (not_finite, "not finite"),
    ):  # fmt: skip
        path.write_bytes(original)
        with h5py.File(path, "r+") as file:
            change(file)
        with pytest.raises(ModelFileError, match=words):
            load_model(path)


def test_a_keras_file_of_ours_is_opened_also_when_it_was_compressed(model, tmp_path):
    path = save_model(model, tmp_path / "m.keras")
    write(path, members(path), zipfile.ZIP_DEFLATED)
    assert isinstance(read_model(path), Model)


def test_an_archive_that_is_no_keras_file_is_refused(model, tmp_path):
    path = save_model(model, tmp_path / "m.keras")
    parts = members(path)
    for name in parts:
        write(path, {each: content for each, content in parts.items() if each != name})
        with pytest.raises(ModelFileError, match=name):
            read_model(path)
    write(path, parts | {"model.weights.h5": b"no HDF5"})
    with pytest.raises(ModelFileError, match="no HDF5 file"):
        read_model(path)
    write(path, parts, zipfile.ZIP_BZIP2)
    with pytest.raises(ModelFileError, match="unusual way"):
        read_model(path)
    write(path, {f"../{name}": content for name, content in parts.items()})
    with pytest.raises(ModelFileError, match=r"no metadata\.json"):
        read_model(path)
    assert [each.name for each in tmp_path.parent.glob("*.json")] == []


def test_an_archive_that_unpacks_out_of_all_proportion_is_refused(model, tmp_path):
    path = save_model(model, tmp_path / "m.keras")
    parts = members(path)
    for name, size in (("config.json", 60 * 2**20), ("model.weights.h5", 40 * 2**20)):
        write(path, parts | {name: bytes(size)}, zipfile.ZIP_DEFLATED)
        with pytest.raises(ModelFileError, match="out of all proportion"):
            read_model(path)
