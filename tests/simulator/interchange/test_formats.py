import ast
import dataclasses
import json
import shlex
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import ExportError, ModelFileError
from simulator.interchange import FORMATS, Assumptions, check_target, is_model_file, load_model, save_model
from simulator.nn.activations import ACTIVATIONS

LOADABLE = [name for name, row in FORMATS.items() if row.load is not None]
SPECIAL = [0.0, -0.0, 0.1, 1 / 3, 7.0385313e-26, 1e-45, -1.1754942e-38, 3.4028235e38, 16777217.0, 1e20]

architectures = st.lists(st.tuples(st.integers(1, 9), st.sampled_from(list(ACTIVATIONS))), max_size=4)


def _same(one, other) -> bool:
    parts = [(m.network, m.config, m.recipe, m.epoch, m.parameters.dtype) for m in (one, other)]
    return parts[0] == parts[1] and one.parameters.tobytes() == other.parameters.tobytes()


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_row_of_the_table_is_complete(name):
    row = FORMATS[name]
    assert row.name == name
    assert row.suffix.startswith(".")
    assert row.description
    assert "FILE" in row.usage


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("file", ["model.x", 'it\'s "FILE" \\ 2.x', "Größe 'FILE'.x"])
def test_how_a_file_is_used_is_said_with_its_name_as_a_text_or_as_a_shell_takes_it(name, file):
    said = dataclasses.replace(FORMATS[name], usage="f('FILE')\ng(\"FILE\")\nrun FILE x").used(file)
    code, include, command = said.split("\n")
    assert ast.literal_eval(code.removeprefix("f")) == file
    assert json.loads(include[2:-1]) == file
    assert shlex.split(command) == ["run", file, "x"]


@pytest.mark.parametrize("name", LOADABLE)
@given(
    hidden=architectures,
    dtype=st.sampled_from(["float32", "float64"]),
    kind=st.sampled_from(["softmax", "sigmoid", "one sigmoid", "linear", "value"]),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_model_comes_back_with_the_same_bits_and_predictions(
    make_model, make_table, tmp_path, name, hidden, dtype, kind, seed
):
    classes = {"value": (), "one sigmoid": ("no", "yes")}.get(kind, ("a", "b", "Größe\n,"))
    link = {"value": "linear", "one sigmoid": "sigmoid"}.get(kind, kind)
    outputs = 1 if kind == "one sigmoid" else None
    model = make_model(tuple(hidden), classes, link, outputs, dtype, seed)
    loaded = load_model(save_model(model, tmp_path / f"model{FORMATS[name].suffix}", name))
    assert _same(loaded, model)
    table = make_table(20, seed)
    pd.testing.assert_frame_equal(loaded.predict(table), model.predict(table), check_exact=True)


@pytest.mark.parametrize("name", LOADABLE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_that_are_easily_rounded_come_back_with_the_same_bits(make_model, tmp_path, name, dtype):
    model = make_model(dtype=dtype)
    numbers = np.resize(np.array(SPECIAL + [5e-324, 1.7976931348623157e308] * (dtype == "float64"), dtype), 55)
    model = dataclasses.replace(model, parameters=numbers)
    assert _same(
        load_model(save_model(model, tmp_path / "model", name).rename(tmp_path / f"m{FORMATS[name].suffix}")), model
    )


@pytest.mark.parametrize("name", LOADABLE)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=55, max_size=55))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_float32_comes_back_with_the_same_bits(make_model, tmp_path, name, numbers):
    model = dataclasses.replace(make_model(), parameters=np.array(numbers, np.float32))
    assert _same(load_model(save_model(model, tmp_path / f"m{FORMATS[name].suffix}", name)), model)


@pytest.mark.parametrize("name", list(FORMATS))
def test_equal_models_make_equal_files(make_model, tmp_path, name):
    one = save_model(make_model(), tmp_path / "one", name)
    other = save_model(make_model(), tmp_path / "other", name)
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", LOADABLE)
def test_a_file_loaded_and_saved_again_is_the_same_file(make_model, tmp_path, name):
    first = save_model(make_model(), tmp_path / f"first{FORMATS[name].suffix}", name)
    second = save_model(load_model(first), tmp_path / "second", name)
    assert second.read_bytes() == first.read_bytes()


def test_a_chain_through_every_format_changes_nothing(make_model, tmp_path):
    model = make_model(((3, "gelu"),))
    reached = model
    for name in LOADABLE:
        reached = load_model(save_model(reached, tmp_path / f"m{FORMATS[name].suffix}", name))
    assert _same(reached, model)


@pytest.mark.parametrize("name", LOADABLE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_of_another_program_goes_out_in_every_format_with_the_same_predictions(tmp_path, name, dtype):
    draw = np.random.default_rng(0)
    tensors = {
        f"net.{place}.{part}": draw.normal(size=size).astype(dtype)
        for place, fan_in, fan_out in ((0, 4, 6), (3, 6, 3))
        for part, size in (("weight", (fan_out, fan_in)), ("bias", fan_out))
    }
    (tmp_path / "theirs.safetensors").write_bytes(safetensors.numpy.save(tensors))
    theirs = load_model(tmp_path / "theirs.safetensors", Assumptions(activation="mish"))
    ours = load_model(save_model(theirs, tmp_path / f"m{FORMATS[name].suffix}", name))
    X = draw.normal(size=(9, 4))
    assert np.array_equal(ours.outputs(X), theirs.outputs(X))
    assert _same(ours, theirs)


@pytest.mark.parametrize("name", LOADABLE)
def test_names_with_anything_in_them_come_back(make_model, make_recipe, tmp_path, name):
    recipe = make_recipe(("a,b", 'quote"', "new\nline", "漢字 🙂", "", "half \ud800", "</script>", "\0zero\0"))
    model = make_model(recipe=recipe)
    assert load_model(save_model(model, tmp_path / f"m{FORMATS[name].suffix}", name)).recipe == recipe


def test_the_suffix_says_the_format_in_capitals_too(make_model, tmp_path):
    assert save_model(make_model(), tmp_path / "M.JSON").read_bytes().startswith(b"{")
    assert _same(load_model(tmp_path / "M.JSON"), make_model())


def test_a_format_by_name_wins_over_the_suffix(make_model, tmp_path):
    save_model(make_model(), tmp_path / "m.txt", format="json")
    assert (tmp_path / "m.txt").read_bytes().startswith(b"{")


@pytest.mark.parametrize(
    ("path", "format_", "named", "advice"),
    [
        ("model", None, "no suffix", ".safetensors"),
        ("model.pkl", None, ".pkl", ".safetensors"),
        ("model.json", "jsno", "jsno", "'json'"),
    ],
)
def test_an_unknown_format_is_refused_before_anything_is_written(make_model, tmp_path, path, format_, named, advice):
    with pytest.raises(ExportError) as refused:
        save_model(make_model(), tmp_path / path, format_)
    assert named in refused.value.message
    assert advice in refused.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["model", "model.pkl", "model.pt", "model.ckpt"])
def test_a_file_of_an_unknown_format_is_not_opened(tmp_path, path):
    (tmp_path / path).write_bytes(b"anything")
    with pytest.raises(ModelFileError) as refused:
        load_model(tmp_path / path)
    assert ".safetensors" in refused.value.hint


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_diverged_model_is_not_saved(make_model, tmp_path, name, value):
    numbers = np.array(make_model().parameters)
    numbers[7] = value
    with pytest.raises(ExportError, match="not finite") as refused:
        save_model(dataclasses.replace(make_model(), parameters=numbers), tmp_path / "m", name)
    assert "earlier epoch" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", list(FORMATS))
def test_an_existing_file_stays_unless_it_may_be_replaced(make_model, tmp_path, name):
    path = save_model(make_model(), tmp_path / "m", name)
    old = path.read_bytes()
    with pytest.raises(ExportError, match="already there"):
        save_model(make_model(seed=1), path, name, overwrite=False)
    assert path.read_bytes() == old
    save_model(make_model(seed=1), path, name)
    assert path.read_bytes() != old


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_path_below_a_file_is_an_export_error_in_every_format(make_model, tmp_path, name):
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(ExportError) as refused:
        save_model(make_model(), tmp_path / "file" / f"m{FORMATS[name].suffix}")
    assert refused.value.hint
    assert (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.parametrize("name", LOADABLE)
def test_a_file_that_is_not_there_is_a_model_file_error(tmp_path, name):
    with pytest.raises(ModelFileError, match="no such file"):
        load_model(tmp_path / f"none{FORMATS[name].suffix}")


def test_a_target_is_checked_without_touching_it(make_model, tmp_path):
    check_target(tmp_path / "m.npz")
    assert list(tmp_path.iterdir()) == []
    path = save_model(make_model(), tmp_path / "m.json")
    old = path.read_bytes()
    check_target(path)
    with pytest.raises(ExportError, match="already there"):
        check_target(path, overwrite=False)
    assert path.read_bytes() == old


@pytest.mark.parametrize(
    ("path", "named"),
    [("m.pkl", ".pkl"), ("m", "no suffix"), ("none/m.json", "no such file"), ("file/m.json", "not a directory")],
)
def test_a_target_that_cannot_be_saved_to_is_refused_before_training(tmp_path, path, named):
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(ExportError, match=named) as refused:
        check_target(tmp_path / path)
    assert refused.value.hint


@pytest.mark.parametrize("row", [row for row in FORMATS.values() if row.load is not None], ids=lambda row: row.name)
def test_a_model_is_told_from_a_table_of_the_same_suffix(make_model, tmp_path, row):
    assert is_model_file(save_model(make_model(), tmp_path / f"model{row.suffix}", row.name))


def test_tables_in_json_and_in_numpys_format_are_no_models(tmp_path):
    (tmp_path / "birds.json").write_text('[{"bill": 39.1, "species": "Adelie"}]')
    np.savez(tmp_path / "birds.npz", X=np.zeros((3, 2)), y=np.arange(3))
    (tmp_path / "damaged.npz").write_bytes(b"PK\x03\x04")
    for name in ("birds.json", "birds.npz", "damaged.npz", "nothing.json", "birds.csv"):
        assert not is_model_file(tmp_path / name)


def test_no_format_is_imported_before_it_is_used():
    code = "import sys, simulator.interchange; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    formats = {f"simulator.interchange.{row.save.module}" for row in FORMATS.values()}
    assert "simulator.interchange.formats" in found.stdout.split()
    assert formats.isdisjoint(found.stdout.split())
