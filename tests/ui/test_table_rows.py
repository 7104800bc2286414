"""Which rows of the table are shown, in which order, and how cells are written: without a window."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulator.data import open_dataset
from simulator.errors import ConfigError
from simulator.spec import LayerSpec, NetworkSpec, Rule
from simulator.training.defaults import default_config
from simulator.training.session import Session
from ui.panels.table_answers import all_answers, answers
from ui.panels.table_arranging import PRESETS, Wanted, arrange
from ui.panels.table_cells import Cells, exact, fixed, small
from ui.panels.table_columns import BOTH, CORRECT, LOSS, PREDICTION, PREPARED, RAW, VIEWS, columns_of
from ui.panels.table_marks import Marks
from ui.panels.table_search import search_of
from ui.selection import places


def of(dataset, kind, name=""):
    """Return a column of a data set's table."""
    columns = columns_of(dataset, None, None, BOTH)
    return next(column for column in columns if column.kind == kind and (not name or column.name == name))


@pytest.fixture(scope="module")
def penguins():
    session = Session(open_dataset("penguins"))
    session.advance(3)
    return session.dataset, session.snapshot()


def small_table(numbers, words):
    """Return a data set with a column of numbers and one of words, each with holes."""
    says = [("no", "yes")[row % 2] for row in range(len(numbers))]
    table = pd.DataFrame({"x": numbers, "word": words, "z": np.arange(len(numbers)) * 1.5, "y": says})
    return open_dataset(table, target="y", features=["z"])


@st.composite
def tables(draw):
    rows = draw(st.integers(4, 30))
    number = st.one_of(st.none(), st.integers(-3, 3).map(float), st.floats(-1e6, 1e6))
    numbers = draw(st.lists(number, min_size=rows, max_size=rows))
    words = draw(st.lists(st.sampled_from(["pear", "Apple", "fig", None, "12", "apple"]), min_size=rows, max_size=rows))
    return small_table([np.nan if each is None else each for each in numbers], words)


@given(tables(), st.booleans(), st.sampled_from(["x", "word"]))
def test_a_sort_is_stable_and_leaves_what_is_missing_to_the_end(dataset, descending, name):
    column = of(dataset, RAW, name)
    wanted = Wanted(sort=column, descending=descending)
    rows = arrange(dataset, places(dataset), None, None, wanted).rows
    cells = dataset.table[name]
    held = [row for row in range(len(cells)) if not pd.isna(cells[row])]
    values = {row: float(cells[row]) if column.numeric else (cells[row].casefold(), cells[row]) for row in held}
    if not column.numeric and all(exact_number(cells[row]) is not None for row in held):
        values = {row: exact_number(cells[row]) for row in held}
    ordered = sorted(held, key=lambda row: values[row])
    if descending:  # equal ones stay in their order
        ordered = sorted(held, key=lambda row: values[row], reverse=True)
    lost = [row for row in range(len(cells)) if pd.isna(cells[row])]
    assert rows.tolist() == ordered + lost


def exact_number(text):
    try:
        return float(text)
    except ValueError:
        return None


@example(small_table([np.nan, 0.0, -0.0, 1.0], ["pear"] * 4), "-")
@given(tables(), st.sampled_from(["app", "1", "APPLE", "fig", "-", "rain", "not used", "yes", "0.5"]))
def test_a_searched_text_is_found_in_whatever_cell_holds_it(dataset, text):
    where = places(dataset)
    search = search_of(text, dataset)
    rows = arrange(dataset, where, None, None, Wanted(search=search)).rows
    splits = np.array(["test", "not used", "train"])[np.sign(where) + 1]
    expected = [
        row
        for row in range(len(where))
        if any(text.casefold() in told for told in (*shown(dataset, row), str(splits[row])))
    ]
    assert rows.tolist() == expected


def shown(dataset, row):
    for value in dataset.table.iloc[row]:
        if not pd.isna(value):
            yield value.casefold() if isinstance(value, str) else exact(float(value)).replace("−", "-")


@pytest.mark.parametrize(
    ("typed", "is_condition"),
    [
        ("x > 1", True),
        ("not correct", True),
        ("correct", True),
        ("is_missing(word)", True),
        ('word in ("fig", "pear")', True),
        ("fig and pear", False),  # no columns: a text
        ("pear", False),
        ('"x > 1"', False),
        ("x", False),
        ("x + 1", False),
    ],
)
def test_what_can_only_be_a_condition_is_one_and_all_else_is_a_text(typed, is_condition):
    dataset = small_table([1.0, 2.0, 3.0, 4.0], ["fig", "pear", "fig", None])
    assert (search_of(typed, dataset).formula is not None) is is_condition


def test_an_unknown_column_is_refused_when_it_is_typed_with_the_one_that_was_meant():
    dataset = small_table([1.0, 2.0, 3.0, 4.0], ["fig", "pear", "fig", None])
    with pytest.raises(ConfigError, match="'wort', which is no column") as refused:
        search_of('wort == "fig"', dataset)
    assert "word" in refused.value.hint
    assert search_of("   ", dataset) is None


def test_a_condition_about_the_network_holds_for_no_row_that_it_cannot_see(penguins):
    dataset, snapshot = penguins
    wanted = Wanted(search=search_of("not correct or loss >= 0", dataset))
    assert wanted.of_network
    rows = arrange(dataset, places(dataset), snapshot, None, wanted).rows
    assert set(range(344)) - set(rows.tolist()) == {3, 271}


def test_a_search_keeps_the_order_of_the_worst_rows(penguins):
    dataset, snapshot = penguins
    where = places(dataset)
    worst = arrange(dataset, where, snapshot, None, Wanted("worst")).rows
    males = arrange(dataset, where, snapshot, None, Wanted("worst", search_of('sex == "male"', dataset))).rows
    assert males.tolist() == [row for row in worst if dataset.table["sex"][row] == "male"]
    picked = arrange(dataset, where, snapshot, None, Wanted("worst", rows=worst[[4, 2]])).rows
    assert picked.tolist() == worst[[2, 4]].tolist()


@pytest.mark.parametrize("source", ["penguins", "auto_mpg"])
@pytest.mark.parametrize("kind", PRESETS)
def test_every_preset_picks_rows_of_the_table(source, kind):
    session = Session(open_dataset(source, label_noise=0.1, duplicates=0.1))
    dataset, where = session.dataset, places(session.dataset)
    found = arrange(dataset, where, session.snapshot(), None, Wanted(kind))
    assert len(np.unique(found.rows)) == len(found.rows)
    assert ((found.rows >= 0) & (found.rows < len(where))).all()
    if PRESETS[kind].offered(dataset):
        assert len(found.rows) > 0
    assert found.summary.rows == len(found.rows)


@pytest.mark.parametrize("source", ["penguins", "auto_mpg"])
def test_rows_answer_alike_whether_asked_alone_or_in_blocks(source, monkeypatch):
    session = Session(open_dataset(source))
    session.advance(2)
    dataset, snapshot, where = session.dataset, session.snapshot(), places(session.dataset)
    whole = all_answers(dataset, snapshot, where)
    monkeypatch.setattr("ui.panels.table_answers._BLOCK", 1)
    blocks = all_answers(dataset, snapshot, where)
    alone = [answers(dataset, snapshot, where[row : row + 1]) for row in (0, 3, 100)]
    for name in ("predicted", "score", "loss", "right", "error"):
        np.testing.assert_allclose(getattr(blocks, name), getattr(whole, name), rtol=1e-12)
        for row, one in zip((0, 3, 100), alone, strict=True):
            np.testing.assert_allclose(getattr(one, name)[0], getattr(whole, name)[row], rtol=1e-12)


def test_one_sigmoid_output_is_the_probability_of_the_second_class():
    dataset = open_dataset("breast_cancer")
    config = dataclasses.replace(default_config(dataset), loss=Rule("binary_cross_entropy"))
    network = NetworkSpec(dataset.recipe.inputs, (LayerSpec(4, "tanh"),), 1, "sigmoid")
    session = Session(dataset, network, config)
    session.advance(2)
    found = all_answers(dataset, session.snapshot(), places(dataset))
    said = session.model().predict(dataset.table)
    assert [dataset.class_names[place] for place in found.predicted] == said["prediction"].tolist()
    both = said[[f"probability_{name}" for name in dataset.class_names]].to_numpy()
    assert found.score == pytest.approx(both[np.arange(len(both)), found.predicted], abs=1e-12)
    assert found.loss[dataset.test_rows].mean() == pytest.approx(session.snapshot().record.test_loss, rel=1e-5)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_the_networks_columns_first_and_the_target_beside_them(view):
    dataset = open_dataset("digits")
    columns = columns_of(dataset, None, None, view)
    assert [column.kind for column in columns[:5]] == ["split", PREDICTION, "probability", LOSS, CORRECT]
    assert columns[5].is_target
    count = {kind: sum(column.kind == kind for column in columns) for kind in (RAW, PREPARED)}
    assert (
        count == {"raw": {RAW: 65, PREPARED: 0}, PREPARED: {RAW: 1, PREPARED: 64}, BOTH: {RAW: 65, PREPARED: 64}}[view]
    )
    assert len({column.key for column in columns}) == len(columns)


def test_prepared_columns_of_every_kind_say_how_they_come_about():
    table = pd.DataFrame({
        "size": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "land": ["a", "b", "a", "b", "c", "c"], "grade": list("xyzxyz"),
        "day": ["2024-01-01", "2024-02-03", "2024-03-05", "2025-01-01", "2025-06-01", "2025-07-01"],
        "y": list("nynyny"),
    })  # fmt: skip
    columns = [{"name": "grade", "encoding": "ordinal"}, {"name": "size", "scale": "min_max"}]
    dataset = open_dataset(
        table, target="y", features=["size", "land", "grade", "day"], columns=columns, test_fraction=0.0,
        derived=[{"name": "twice", "formula": "2 * size"}],
    )  # fmt: skip
    shown = [column for column in columns_of(dataset, None, None, PREPARED) if column.kind == PREPARED]
    assert [column.name for column in shown] == list(dataset.feature_names)
    places_of = [
        (feature, place) for feature, step in enumerate(dataset.recipe.columns) for place in range(len(step.names))
    ]
    for column, (feature, place) in zip(shown, places_of, strict=True):
        assert column.feature == feature
        assert dataset.recipe.columns[feature].formula(place) in column.tip
    cells = Cells(dataset, places(dataset))
    assert cells.text(0, of(dataset, PREPARED, "land=a")) == "1"
    assert cells.text(0, of(dataset, PREPARED, "size")) == "0.000"


def test_a_row_beyond_those_that_the_report_lists_still_says_why_it_is_not_used():
    count = 2_400
    table = pd.DataFrame(
        {"x": np.where(np.arange(count) % 2, np.nan, np.arange(count)), "y": ["a", "b", "b", "a"] * 600}
    )
    dataset = open_dataset(table, target="y")
    marks = Marks(dataset, places(dataset))
    assert marks.split_tip(1) == marks.split_tip(2399) == "Not used: x missing"
    left_out = open_dataset("penguins", where='island == "Dream"')
    assert "condition" in Marks(left_out, places(left_out)).split_tip(0)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (fixed(-0.0004, 3), "0.000"),
        (fixed(-1.5, 2), "−1.50"),
        (fixed(float("inf"), 2), "∞"),
        (fixed(float("-inf"), 2), "−∞"),
        (fixed(float("nan"), 2), "not a number"),
        (fixed(1234567.0, 2), "1.235e+06"),
        (small(0.0), "0.0000"),
        (small(0.00003), "3.0e−5"),
        (small(0.25), "0.2500"),
        (exact(0.1 + 0.2), "0.30000000000000004"),
        (exact(-39.1), "−39.1"),
    ],
)
def test_numbers_are_written_for_people(written, text):
    assert written == text


@given(st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=12))
def test_no_cell_of_the_file_is_rounded(numbers):
    dataset = small_table(numbers, ["fig"] * len(numbers))
    cells = Cells(dataset, places(dataset))
    column = of(dataset, RAW, "x")
    assert [float(cells.text(row, column).replace("−", "-")) for row in range(len(numbers))] == numbers
