"""Points that are drawn into a data set and erased from it."""

import dataclasses

import numpy as np
import pytest

from simulator.data import open_dataset
from simulator.data.drawn import FEWEST, Sheet, empty_sheet, sheet_of
from simulator.data.generators import GENERATORS, generated
from simulator.errors import DatasetError


def dataset_of(name: str, **settings):
    return open_dataset(generated(name, **settings), **GENERATORS[name].choices)


@pytest.fixture
def moons() -> Sheet:
    return sheet_of(dataset_of("moons", samples=60))


def drawn(sheet: Sheet, count: int, target: float = 1.0) -> Sheet:
    places = np.linspace(-5, 5, count)
    return sheet.with_points(places, -places, np.full(count, target))


@pytest.mark.parametrize("name", GENERATORS)
def test_a_sheet_without_changes_is_the_data_set_itself(name):
    dataset = dataset_of(name)
    sheet = sheet_of(dataset)
    assert sheet.dataset() is dataset
    again = dataclasses.replace(sheet, changed=True).dataset()
    for field in ("X_train", "Y_train", "X_test", "Y_test", "train_rows", "test_rows"):
        assert np.array_equal(getattr(again, field), getattr(dataset, field)), field


def test_what_is_drawn_becomes_rows_of_the_table(moons):
    dataset = moons.with_points(np.array([1.0]), np.array([-2.5]), np.array([1.0])).dataset()
    assert dataset.table.iloc[-1].tolist() == [1.0, -2.5, "B"]
    assert len(dataset.table) == 61
    assert dataset.name == "table, edited"
    assert "1 point drawn by hand." in dataset.report.notes
    assert dataset.path is None
    assert dataset.X_train[-1].tolist() == [1.0, -2.5]
    assert dataset.Y_train[-1].tolist() == [0.0, 1.0]


def test_the_part_of_a_drawn_point_does_not_change_when_others_come_or_go(moons):
    sheet = drawn(moons, 40)
    parts = sheet.points.test[60:]
    assert np.array_equal(drawn(sheet, 40).points.test[60:100], parts)
    erased = np.zeros(100, dtype=bool)
    erased[[3, 60, 71]] = True
    assert np.array_equal(sheet.without(erased).points.test, sheet.points.test[~erased])
    one_by_one = moons
    for place in np.linspace(-5, 5, 40):
        one_by_one = one_by_one.with_points(np.array([place]), np.array([-place]), np.array([1.0]))
    assert np.array_equal(one_by_one.points.test[60:], parts)


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.2, 0.5, 0.9])
def test_of_the_drawn_points_the_share_of_the_split_is_for_testing(fraction):
    table = generated("moons", samples=60)
    sheet = sheet_of(open_dataset(table, **GENERATORS["moons"].choices, test_fraction=fraction))
    for count in (10, 50, 200):
        assert abs(drawn(sheet, count).points.test[60:].sum() - fraction * count) <= 2


def test_what_was_erased_is_in_neither_part(moons):
    left = moons.points.x > 0
    dataset = moons.without(left).dataset()
    assert (dataset.table["x"] <= 0).all()
    assert len(dataset.train_rows) + len(dataset.test_rows) == len(dataset.table) == int((~left).sum())
    assert np.array_equal(dataset.X_test, dataset.table[["x", "y"]].to_numpy()[dataset.test_rows])


def test_sheets_are_never_changed(moons):
    before = moons.points.x.copy(), len(moons.points)
    drawn(moons, 5).without(np.ones(65, dtype=bool))
    assert np.array_equal(moons.points.x, before[0])
    assert len(moons.points) == before[1]


def test_with_too_little_to_train_on_there_is_no_data_set(moons):
    empty = moons.without(np.ones(60, dtype=bool))
    assert empty.dataset() is None
    assert drawn(empty, FEWEST - 1).dataset() is None
    assert drawn(empty, 4).dataset() is not None


def test_an_empty_sheet_has_the_columns_and_classes_of_a_data_set_and_no_points(moons):
    sheet = empty_sheet(moons.base)
    assert len(sheet.points) == 0
    assert sheet.dataset() is None
    dataset = drawn(drawn(sheet, 6, target=0.0), 6).dataset()
    assert dataset.name == "drawn points"
    assert dataset.report.notes == ("12 points drawn by hand.",)
    assert dataset.table["class"].tolist() == ["A"] * 6 + ["B"] * 6
    assert dataset.table["x"].dtype == np.float64
    assert dataset.recipe == moons.base.recipe


def test_the_recipe_of_a_file_holds_for_what_is_drawn():
    dataset = open_dataset("penguins", features=("bill_length_mm", "body_mass_g"))
    sheet = sheet_of(dataset)
    assert sheet.axes == ("bill_length_mm", "body_mass_g")
    assert sheet.classes == ("Adelie", "Gentoo", "Chinstrap")
    changed = sheet.with_points(np.array([90.0]), np.array([9000.0]), np.array([2.0])).dataset()
    assert changed.recipe == dataset.recipe
    assert np.array_equal(changed.X_train[:-1], dataset.X_train)
    assert changed.table.iloc[-1]["species"] == "Chinstrap"
    assert changed.table.iloc[-1][["island", "flipper_length_mm"]].isna().all()
    assert len(changed.table) == len(dataset.table) + 1  # rows with missing values stay where they are
    assert sheet_of(changed).name == changed.name == "penguins, edited"


def test_rows_whose_empty_cells_were_filled_stay_though_they_have_no_place():
    dataset = open_dataset("penguins", features=("bill_length_mm", "body_mass_g"), missing="mean")
    sheet = sheet_of(dataset)
    assert len(sheet.points) == 342
    changed = drawn(sheet, 5).dataset()
    assert len(changed.train_rows) + len(changed.test_rows) == 344 + 5
    assert changed.table.iloc[:344].equals(dataset.table.astype(changed.table.dtypes))
    assert changed.report.notes[-1] == "5 points drawn by hand."


def test_a_class_that_is_a_number_is_drawn_as_a_number():
    table = generated("gaussians", samples=30).frame
    table["class"] = np.where(table["class"] == "A", 1, 7)
    dataset = open_dataset(table, target="class", task="classification", features=("x", "y"))
    changed = drawn(sheet_of(dataset), 1).dataset()
    assert changed.class_names == ("1", "7")
    assert changed.table["class"].iloc[-1] == 7


def test_a_value_is_drawn_in_real_units():
    dataset = open_dataset(generated("surface", formula="100 * x"), **GENERATORS["surface"].choices)
    changed = drawn(sheet_of(dataset), 1, target=250.0).dataset()
    row = changed.train_rows[-1]
    assert changed.table["value"].iloc[row] == 250.0
    assert changed.recipe.value(changed.Y_train[-1:])[0] == pytest.approx(250.0)


def test_another_class_is_another_output(moons):
    more = moons.with_class()
    assert more.classes == ("A", "B", "C")
    dataset = drawn(more, 5, target=2.0).dataset()
    assert dataset.Y_train.shape[1] == 3
    assert dataset.table["class"].iloc[-1] == "C"
    with pytest.raises(DatasetError, match="has no classes"):
        sheet_of(dataset_of("plane")).with_class()


@pytest.mark.parametrize(
    ("features", "message"),
    [
        (("bill_length_mm",), "penguins has 1 feature; a plane shows two"),
        (("bill_length_mm", "body_mass_g", "year"), "penguins has 3 features; a plane shows two"),
        (("bill_length_mm", "island"), "'island' holds no numbers"),
    ],
)
def test_what_a_plane_cannot_show_is_refused(features, message):
    with pytest.raises(DatasetError, match=message) as caught:
        sheet_of(open_dataset("penguins", features=features))
    assert "features, or one of the shapes" in caught.value.hint


def test_nothing_is_drawn_where_faults_were_put_in_or_an_axis_is_computed():
    table = generated("moons", samples=60)
    faulty = open_dataset(table, **GENERATORS["moons"].choices, label_noise=0.2)
    assert "on purpose" in sheet_of(faulty).refusal[0]
    computed = open_dataset(table, target="class", features=("x", "r"), derived={"r": "x^2 + y^2"})
    assert "computed" in sheet_of(computed).refusal[0]
    assert sheet_of(open_dataset(table, target="class")).refusal == ("", "")
