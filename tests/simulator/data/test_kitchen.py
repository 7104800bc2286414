"""The stages between a table and a data set: derived columns, chosen rows, splits, targets, and faults for a lesson."""

import numpy as np
import pandas as pd
import pytest

from simulator.data import BUNDLED, open_dataset
from simulator.data.report import STAGES
from simulator.data.table import Table
from simulator.errors import ConfigError, DatasetError
from simulator.interchange import load_model, save_model
from simulator.training.session import Session

MEASURED = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")


def table(rows=60):
    k = np.arange(rows)
    return pd.DataFrame(
        {
            "x": k * 7 % 23 + 0.5,
            "y": (k * 5 % 17) - 8.0,
            "colour": np.array(["red", "green", "blue"])[k % 3],
            "house": np.array(["a", "b", "c", "d", "e", "f"])[k % 6],
            "kind": np.array(["yes", "no"])[k * k % 5 % 2],
            "price": 10.0 ** (k % 5) - 1,
        }
    )


# Derived columns


def test_a_derived_column_is_a_feature_like_any_other():
    dataset = open_dataset("penguins", derived={"ratio": "bill_length_mm / bill_depth_mm"})
    assert dataset.feature_names == (*MEASURED, "ratio")
    real = dataset.recipe.real(dataset.X_test)
    np.testing.assert_allclose(real[:, 4], real[:, 0] / real[:, 1])
    np.testing.assert_allclose(dataset.table["ratio"], dataset.table["bill_length_mm"] / dataset.table["bill_depth_mm"])


def test_new_rows_need_only_what_a_derived_column_is_made_of(tmp_path):
    derived = {"ratio": "bill_length_mm / bill_depth_mm", "square": "ratio^2"}
    dataset = open_dataset("penguins", derived=derived, features=["square", "body_mass_g"])
    assert dataset.recipe.needed == ("body_mass_g", "bill_length_mm", "bill_depth_mm")
    session = Session(dataset)
    session.advance(3)
    save_model(session.model(), tmp_path / "m.safetensors")
    model = load_model(tmp_path / "m.safetensors")
    rows = pd.DataFrame({"body_mass_g": ["3750"], "bill_depth_mm": [18.7], "bill_length_mm": [39.1], "ratio": [99.0]})
    expected = session.model().outputs(dataset.recipe.transform(dataset.table.iloc[[0]]))
    assert model.predict(rows).iloc[0, 1:].to_numpy(dtype=float) == pytest.approx(expected[0], rel=1e-12)
    with pytest.raises(DatasetError, match="'bill_depth_mm'"):
        model.predict(rows.drop(columns="bill_depth_mm"))


def test_where_a_formula_has_no_value_the_cell_is_missing():
    dataset = open_dataset(table(), target="kind", features=["x", "root"], derived={"root": "sqrt(y)"})
    assert dataset.report.dropped_count == (table()["y"] < 0).sum()
    assert any("'root' = sqrt(y) has no value in" in said for said in dataset.report.sentences)


@pytest.mark.parametrize(
    ("derived", "said"),
    [
        ({"x": "y + 1"}, "called 'x' already"),
        ({"r": "z + 1"}, "'z', which is no column"),
        ({"r": "colour + 1"}, "cannot be done with a text"),
        ({"r": "y +"}, "something is missing at the end"),
        ({"a": "b + 1", "b": "y"}, "'b', which is no column"),
    ],
)
def test_a_derived_column_that_makes_no_sense_is_refused(derived, said):
    with pytest.raises(ConfigError) as error:
        open_dataset(table(), derived=derived)
    assert said in error.value.message


# Rows


def test_only_rows_that_meet_the_condition_are_used():
    dataset = open_dataset(table(), target="kind", where='colour != "red" and x > 5')
    used = table().iloc[np.sort(np.concatenate([dataset.train_rows, dataset.test_rows]))]
    wanted = table().query('colour != "red" and x > 5')
    pd.testing.assert_frame_equal(used, wanted)
    assert {each.why for each in dataset.report.dropped} == {"condition"}
    assert "rows were left out by the condition" in str(dataset.report)


def test_the_condition_is_for_training_alone():
    dataset = open_dataset(table(), target="kind", where="x > 5")
    assert np.isfinite(dataset.recipe.transform(table())).all()


def test_duplicates_are_dropped_but_for_the_first():
    frame = pd.concat([table(20), table(30)], ignore_index=True)
    dataset = open_dataset(frame, target="kind", unique=True)
    used = np.sort(np.concatenate([dataset.train_rows, dataset.test_rows]))
    assert used.tolist() == [*range(20), *range(40, 50)]
    assert dataset.report.lost == (("duplicate", 20),)


def test_a_sample_of_the_rows_follows_from_the_seed():
    chosen = [open_dataset("penguins", most_rows=100, seed=seed) for seed in (1, 1, 2)]
    rows = [np.sort(np.concatenate([each.train_rows, each.test_rows])).tolist() for each in chosen]
    assert rows[0] == rows[1] != rows[2]
    assert sum(count for _, count in chosen[0].report.lost if _ == "sample") == 244


def test_a_condition_that_no_row_meets_is_refused():
    with pytest.raises(DatasetError, match="no row meets the condition"):
        open_dataset(table(), target="kind", where="x > 1000")


def test_a_condition_that_leaves_one_class_is_refused_for_what_it_is():
    with pytest.raises(DatasetError, match="one class only among the rows that are wanted"):
        open_dataset("penguins", where='species == "Gentoo"')


# Splits


def test_the_last_rows_can_be_for_testing():
    dataset = open_dataset("iris", target="species", split="random", test_fraction=0.1)
    ordered = open_dataset(table(), target="price", split="order", test_fraction=0.25)
    assert ordered.train_rows.tolist() == list(range(45))
    assert ordered.test_rows.tolist() == list(range(45, 60))
    assert len(dataset.test_rows) == 15


@pytest.mark.parametrize("words", [("train", "test"), ("Training", "Validation"), ("0", "1"), ("False", "True")])
def test_a_column_can_say_which_rows_are_for_testing(words):
    frame = table().assign(part=[words[place % 4 == 3] for place in range(60)])
    dataset = open_dataset(frame, target="kind", split="column", split_column="part")
    assert dataset.test_rows.tolist() == list(range(3, 60, 4))
    assert "part" not in dataset.recipe.used


def test_a_column_called_split_is_understood_by_itself_and_can_be_overruled():
    frame = table().assign(split=["train" if place % 4 else "test" for place in range(60)])
    dataset = open_dataset(frame, target="kind")
    assert dataset.test_rows.tolist() == list(range(0, 60, 4))
    assert "The column 'split' says which rows are for testing." in dataset.report.sentences
    overruled = open_dataset(frame, target="kind", split="random")
    assert overruled.test_rows.tolist() != dataset.test_rows.tolist()


def test_groups_are_never_torn_apart():
    dataset = open_dataset(table(), target="kind", split="groups", split_column="house", test_fraction=0.3)
    houses = table()["house"].to_numpy()
    assert not set(houses[dataset.train_rows]) & set(houses[dataset.test_rows])
    assert len(dataset.test_rows) == 20


@pytest.mark.parametrize(
    ("column", "way", "said"),
    [("house", "column", "says neither train nor test"), ("same", "groups", "has one group only")],
)
def test_a_column_that_cannot_split_is_refused(column, way, said):
    frame = table().assign(same="s")
    with pytest.raises(DatasetError, match=said):
        open_dataset(frame, target="kind", split=way, split_column=column)


def test_a_class_without_training_rows_is_refused_with_a_way_out():
    frame = table().sort_values("kind", ignore_index=True)
    with pytest.raises(DatasetError, match="no row for training") as error:
        open_dataset(frame, target="kind", split="order", test_fraction=0.7)
    dataset = open_dataset(frame, target="kind", test_fraction=0.7, **error.value.offers[0].choices)
    assert len(dataset.test_rows) == 42


# Targets


def test_classes_stand_in_the_order_that_was_asked_for():
    dataset = open_dataset("penguins", class_order=["Chinstrap", "Adelie"])
    assert dataset.class_names == ("Chinstrap", "Adelie", "Gentoo")
    species = dataset.table["species"].iloc[dataset.train_rows].to_numpy()
    assert [dataset.class_names[place] for place in dataset.Y_train.argmax(axis=1)] == species.tolist()
    with pytest.raises(ConfigError, match="'Emperor'"):
        open_dataset("penguins", class_order=["Emperor"])


def test_the_logarithm_of_a_value_can_be_learnt():
    dataset = open_dataset(table(), target="price", target_log=True, task="regression")
    prices = table()["price"].to_numpy()
    inner = np.log1p(prices[dataset.train_rows])
    np.testing.assert_allclose(dataset.Y_train[:, 0], (inner - inner.mean()) / inner.std())
    np.testing.assert_allclose(dataset.recipe.value(dataset.Y_test)[:, 0], prices[dataset.test_rows], atol=1e-9)
    with pytest.raises(DatasetError, match="needs y > −1") as error:
        open_dataset(table(), target="y", target_log=True, task="regression")
    assert error.value.offers


# Faults for a lesson


def test_leakage_fits_on_all_rows_and_is_called_a_mistake():
    honest, leaking = open_dataset("penguins"), open_dataset("penguins", leakage=True)
    values = leaking.table[list(MEASURED)].dropna()
    assert [step.scaling.centre for step in leaking.recipe.columns] == pytest.approx(values.mean().tolist())
    assert honest.recipe.columns != leaking.recipe.columns
    assert any("leakage" in said for said in leaking.report.sentences)
    assert not honest.choices.mistakes


def test_unscaled_numbers_go_in_as_they_stand_whatever_else_was_said():
    dataset = open_dataset("penguins", unscaled=True, columns={"body_mass_g": {"scale": "log"}})
    np.testing.assert_array_equal(dataset.X_test, dataset.table[list(MEASURED)].iloc[dataset.test_rows])
    assert dataset.choices.mistakes


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_label_noise_gives_that_share_of_the_training_rows_another_class(share):
    clean, noisy = open_dataset("penguins"), open_dataset("penguins", label_noise=share)
    changed = np.flatnonzero((clean.Y_train != noisy.Y_train).any(axis=1))
    assert len(changed) == round(share * len(clean.Y_train))
    assert clean.train_rows[changed].tolist() == noisy.noisy_rows.tolist()
    assert (noisy.Y_train.sum(axis=1) == 1).all()
    np.testing.assert_array_equal(clean.Y_test, noisy.Y_test)
    np.testing.assert_array_equal(clean.X_train, noisy.X_train)


def test_label_noise_moves_values():
    clean, noisy = open_dataset("auto_mpg"), open_dataset("auto_mpg", label_noise=0.25)
    moved = (noisy.Y_train - clean.Y_train)[:, 0]
    assert np.count_nonzero(moved) == round(0.25 * len(moved)) == len(noisy.noisy_rows)
    assert 0.7 < moved[moved != 0].std() < 1.3


def test_copies_stand_below_the_table_and_in_both_parts():
    dataset = open_dataset("penguins", duplicates=0.5)
    assert len(dataset.copies) == 172
    assert len(dataset.table) == 344 + 172
    originals = dataset.table.iloc[dataset.copies].reset_index(drop=True)
    pd.testing.assert_frame_equal(dataset.table.iloc[344:].reset_index(drop=True), originals)
    pd.testing.assert_frame_equal(dataset.raw, open_dataset("penguins").table)
    original = np.concatenate([np.arange(344), dataset.copies])
    assert set(original[dataset.train_rows]) & set(original[dataset.test_rows])
    lines = {each.row: each.line for each in dataset.report.dropped}
    assert all(lines[row] == original[row] + 2 for row in lines)


# The whole


@pytest.mark.parametrize("name", BUNDLED)
def test_every_stage_says_how_many_rows_and_columns_it_leaves(name):
    dataset = open_dataset(name)
    stages = {each.id: each for each in dataset.report.stages}
    assert tuple(stages) == STAGES
    assert (stages["file"].rows, stages["file"].columns) == dataset.raw.shape
    assert stages["missing"].rows == len(dataset.train_rows) + len(dataset.test_rows)
    assert stages["split"].columns == dataset.recipe.inputs


def test_a_table_that_was_read_already_is_not_read_again(tmp_path):
    read = Table(open_dataset("penguins").raw)
    dataset = open_dataset(read, target="species", features=MEASURED)
    np.testing.assert_array_equal(dataset.X_train, open_dataset("penguins").X_train)


def test_pixels_share_one_scaling_and_form_a_picture():
    rng = np.random.default_rng(0)
    pixels = {f"pixel_{row}_{column}": rng.integers(0, 256, 40) for row in range(4) for column in range(5)}
    frame = pd.DataFrame({**pixels, "label": [0, 1] * 20})
    dataset = open_dataset(frame, target="label", scale="min_max")
    assert {step.scaling for step in dataset.recipe.columns} == {dataset.recipe.columns[0].scaling}
    assert dataset.recipe.picture == (4, 5)
    values = frame.drop(columns="label").to_numpy(dtype=float)
    low, high = values[dataset.train_rows].min(), values[dataset.train_rows].max()
    np.testing.assert_allclose(dataset.X_test, (values[dataset.test_rows] - low) / (high - low))
