import csv
import dataclasses
import io
import math

import numpy as np
import pandas as pd
import pytest

from simulator.errors import ExportError, ModelFileError
from simulator.interchange import csv_format, load_model, save_model


def _rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_parameter_has_a_line_with_the_names_of_what_it_connects(make_model, tmp_path, dtype):
    model = make_model(((2, "tanh"),), dtype=dtype)
    rows = _rows(save_model(model, tmp_path / "m.csv"))
    assert len(rows) == model.network.parameter_count
    values = {(row["layer"], row["kind"], row["from"], row["to"]): row["value"] for row in rows}
    assert len(values) == len(rows)
    hidden = ["hidden 1 neuron 1", "hidden 1 neuron 2"]
    names = [list(model.feature_names), hidden, list(model.class_names)]
    for index, layer in enumerate(model.layers):
        for j, target in enumerate(names[index + 1]):
            for i, source in enumerate(names[index]):
                text = values[str(index), "weight", source, target]
                assert np.dtype(dtype).type(float(text)) == layer.weight[i, j]
            assert np.dtype(dtype).type(float(values[str(index), "bias", "", target])) == layer.bias[j]


def test_a_network_without_hidden_layers_connects_features_and_target(make_model, tmp_path):
    rows = _rows(save_model(make_model((), classes=()), tmp_path / "m.csv"))
    assert {row["to"] for row in rows} == {"mass"}
    assert [row["from"] for row in rows] == ["länge, mm", "=width", "island=Biscoe", 'island=Dream "2"', ""]


def test_one_sigmoid_output_is_called_by_the_second_class(make_model, tmp_path):
    model = make_model((), classes=("no", "yes"), link="sigmoid", outputs=1)
    assert {row["to"] for row in _rows(save_model(model, tmp_path / "m.csv"))} == {"yes"}


def test_a_spreadsheet_is_told_the_encoding_only_where_it_matters(make_model, make_recipe, tmp_path):
    marked = save_model(make_model(), tmp_path / "m.csv").read_bytes()
    assert marked.startswith(b"\xef\xbb\xbflayer,kind,from,to,value\n")
    recipe = make_recipe(("a", "b"))
    plain = dataclasses.replace(recipe, columns=recipe.columns[1:])
    assert save_model(make_model(recipe=plain), tmp_path / "p.csv").read_bytes().startswith(b"layer,kind")


def test_pandas_reads_the_file_with_every_digit(make_model, tmp_path):
    model = make_model((), classes=(), dtype="float64")
    table = pd.read_csv(save_model(model, tmp_path / "m.csv"))
    assert table["value"].to_numpy().tobytes() == model.parameters.tobytes()
    assert math.isfinite(table["value"].sum())


def test_a_csv_file_is_not_opened_as_a_model_and_the_hint_says_what_is(make_model, tmp_path):
    path = save_model(make_model(), tmp_path / "m.csv")
    with pytest.raises(ModelFileError, match="cannot be opened again") as refused:
        load_model(path)
    assert ".safetensors, .npz, .json" in refused.value.hint


def test_a_file_that_nobody_could_read_is_refused(make_model, monkeypatch, tmp_path):
    monkeypatch.setattr(csv_format, "MOST_LINES", 10)
    with pytest.raises(ExportError, match="of no use") as refused:
        save_model(make_model(), tmp_path / "m.csv")
    assert ".safetensors" in refused.value.hint
