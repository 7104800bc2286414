import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.data import Pieces, RecipeChoices, open_dataset, read_pieces, read_table
from simulator.data.readers.pieces import pieces_of
from simulator.data.table import Table
from simulator.errors import ConfigError, DatasetError
from simulator.interchange import answers_in_pieces
from simulator.interchange.csv_text import csv_text
from simulator.progress import Cancelled, Progress
from simulator.training.session import Session

floats = st.floats(allow_nan=True, allow_infinity=True)
texts = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.sampled_from(list(',"\n\r'))
)


def _pieces(table: pd.DataFrame) -> Pieces:
    return pieces_of(Table(table.reset_index(drop=True)))


def _together(model, pieces, **wanted) -> pd.DataFrame:
    return pd.concat(answers_in_pieces(model, pieces, Progress(), **wanted))


@pytest.fixture
def small_slices(monkeypatch):
    monkeypatch.setattr("simulator.interchange.answering.SLICE_ROWS", 7)


@pytest.mark.parametrize(("classes", "link"), [(("a", "b", "c"), None), (("a", "b"), "sigmoid"), ((), None)])
def test_answers_in_pieces_are_those_to_the_whole_table_to_the_bit(make_model, make_table, small_slices, classes, link):
    model = make_model(classes=classes, link=link, outputs=1 if link else None)
    table = make_table(50).reset_index(drop=True)
    table.loc[[3, 20], "=width"] = np.nan
    whole = model.predict(table)
    found = _together(model, _pieces(table))
    pd.testing.assert_frame_equal(found, whole, check_exact=True, check_index_type=False)
    assert whole.attrs["unpredicted"] == 2


@pytest.mark.parametrize("layer", range(4))
def test_the_activations_of_a_layer_are_what_the_next_one_is_given(make_model, make_table, small_slices, layer):
    model, table = make_model(), make_table(30)
    found = _together(model, _pieces(table), layer=layer)
    assert tuple(found) == model.unit_names(layer)
    A = model.recipe.transform(table)
    for spec, each in list(zip(model.network.hidden, model.layers, strict=False))[:layer]:
        Z = A @ each.weight.astype(float) + each.bias
        A = np.tanh(Z) if spec.activation == "tanh" else np.maximum(Z, 0)
    if layer == 3:
        A = model.outputs(model.recipe.transform(table))
    np.testing.assert_allclose(found.to_numpy(), A, rtol=1e-12, atol=1e-15)


def test_the_units_of_every_layer_have_names(make_model):
    assert make_model().unit_names(0) == ("länge, mm", "=width", "island=Biscoe", 'island=Dream "2"')
    assert make_model().unit_names(2) == ("hidden 2 neuron 1", "hidden 2 neuron 2", "hidden 2 neuron 3")
    assert make_model().unit_names(3) == ("output Adelie", "output Gentoo", "output Größe")
    assert make_model(classes=("a", "b"), link="sigmoid", outputs=1).unit_names(3) == ("output b",)
    assert make_model(classes=()).unit_names(3) == ("output mass",)


@pytest.mark.parametrize("layer", [-1, 4])
def test_a_layer_that_is_not_there_is_refused_by_what_there_is(make_model, make_table, layer):
    with pytest.raises(ConfigError, match=f"no layer {layer}") as refused:
        _together(make_model(), _pieces(make_table(3)), layer=layer)
    assert "3 for the outputs" in refused.value.hint


def test_the_data_can_stand_before_the_answers(make_model, make_table, small_slices):
    model, table = make_model(), make_table(20).reset_index(drop=True)
    found = _together(model, _pieces(table), with_data=True)
    expected = pd.concat([table, model.predict(table)], axis=1)
    pd.testing.assert_frame_equal(found, expected, check_index_type=False)
    with pytest.raises(ConfigError, match="'prediction' already"):
        _together(model, _pieces(table.assign(prediction=1)), with_data=True)


def test_a_cell_that_cannot_be_read_is_told_by_its_row_and_line_in_the_whole_file(make_model, tmp_path, small_slices):
    path = tmp_path / "t.csv"
    rows = ['"two\nlines",Biscoe,1,40'] + ["x,Biscoe,1,40"] * 40 + ["x,Biscoe,1,fourty"]
    path.write_text("\n".join(['note,island,=width,"länge, mm"', *rows]) + "\n")
    pieces = read_pieces(path, RecipeChoices(), Progress())
    with pytest.raises(DatasetError, match="row 42 of 'länge, mm' is no number: 'fourty'") as refused:
        _together(make_model(), pieces)
    assert refused.value.line == 44
    assert refused.value.path == path
    with pytest.raises(DatasetError, match="row 42 of 'länge, mm' is no number: 'fourty'"):
        make_model().predict(read_table(path).frame)


def test_a_missing_column_is_an_error_before_the_first_answer(make_model, make_table):
    with pytest.raises(DatasetError, match="no column 'island'"):
        next(answers_in_pieces(make_model(), _pieces(make_table(3).drop(columns="island")), Progress()))


def test_it_can_be_cancelled_between_two_pieces(make_model, make_table, small_slices):
    progress = Progress()
    answers = answers_in_pieces(make_model(), _pieces(make_table(30)), progress)
    next(answers)
    progress.cancel()
    with pytest.raises(Cancelled):
        next(answers)


def test_derived_columns_dates_and_codes_are_the_same_in_pieces(tmp_path, small_slices):
    path = tmp_path / "t.csv"
    lines = [f"{k % 5 * 1.5};{k % 7};2007-11-{k % 28 + 1:02};{'xy'[k % 2]}" for k in range(60)]
    path.write_text("\n".join(["a;b;day;kind", *lines]) + "\n")
    chosen = {"target": "kind", "categories": ("b",), "derived": {"ratio": "a / (b + 1)"}}
    model = Session(open_dataset(path, **chosen), engine="reference").model()
    whole = model.predict(read_table(path).frame)
    found = _together(model, read_pieces(path, RecipeChoices(), Progress()))
    pd.testing.assert_frame_equal(found, whole, check_exact=True, check_index_type=False)


@given(
    st.lists(st.tuples(floats, texts, st.integers(-(2**63), 2**63 - 1)), max_size=6), st.booleans(), st.integers(0, 6)
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rows_are_written_as_pandas_writes_them(rows, header, which):
    columns = {
        'num,"ber': pd.Series([row[0] for row in rows], dtype=float),
        "text": pd.Series([row[1] for row in rows], dtype="str"),
        "whole": pd.Series([row[2] for row in rows], dtype="int64"),
    }
    kept = {
        name: column for place, (name, column) in enumerate(columns.items()) if which in (0, place + 1) or which > 3
    }
    frame = pd.DataFrame(kept)
    assert csv_text(frame, header=header) == frame.to_csv(index=False, header=header, lineterminator="\n")
