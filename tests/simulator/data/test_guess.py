"""Guessing: target, task and features of tables that nobody explained."""

import numpy as np
import pandas as pd
import pytest

from simulator.data import BUNDLED, open_dataset
from simulator.errors import ConfigError, DatasetError

N = 60
K = np.arange(N)
X = (K * 37 % 61) / 7 + 0.1
Z = (K * 11 % 59) / 3


def opened(columns, tmp_path, header=True, **choices):
    path = tmp_path / "table.csv"
    pd.DataFrame(columns).to_csv(path, index=False, header=header)
    return open_dataset(path, **choices)


@pytest.mark.parametrize("name", ["Species", "CLASS", "label", "Target", "diagnosis", "cultivar", "y"])
def test_a_target_is_known_by_its_name(name, tmp_path):
    data = opened({name: K % 3, "width": X, "z": Z}, tmp_path)
    assert data.recipe.target == name
    assert data.feature_names == ("width", "z")


def test_without_a_telling_name_the_last_column_is_the_target(tmp_path):
    data = opened({"a": X, "b": K % 2, "c": Z}, tmp_path)
    assert data.recipe.target == "c"
    assert "The target is 'c': it is the last column." in data.report.sentences


def test_a_point_in_the_plane_is_not_taken_for_a_target(tmp_path):
    assert opened({"x": X, "y": Z, "colour": np.array(["red", "blue"])[K % 2]}, tmp_path).recipe.target == "colour"
    assert opened({"x": X, "y": Z}, tmp_path).recipe.target == "y"


TARGETS = {
    "texts": (np.array(["u", "v"])[K % 2], "classification"),
    "digits from 0 to 9": (K % 10, "classification"),
    "codes from 1 to 3": (K % 3 + 1, "classification"),
    "minus one and one": (K % 2 * 2 - 1, "classification"),
    "codes written with decimals": ((K % 3).astype(float), "classification"),
    "codes with a hole": (np.where(K == 5, np.nan, K % 3), "classification"),
    "two values with decimals": ((K % 2) / 2 + 0.25, "classification"),
    "true and false": (K % 2 == 0, "classification"),
    "numbers with decimals": (X, "regression"),
    "many whole numbers": (K * 3, "regression"),
    "as many whole numbers as a third of the rows and one more": (K % 21, "regression"),
    "whole numbers far apart": (K % 3 * 5000, "regression"),
}


@pytest.mark.parametrize("kind", list(TARGETS))
def test_the_task_follows_from_the_target(kind, tmp_path):
    values, task = TARGETS[kind]
    assert opened({"a": X, "b": Z, "t": values}, tmp_path).task == task


def test_the_task_may_be_overruled(tmp_path):
    data = opened({"a": X, "t": K % 5}, tmp_path, task="regression")
    assert data.Y_train.shape[1] == 1
    assert opened({"a": X, "t": K % 30}, tmp_path, task="classification").class_names[:3] == ("0", "1", "2")


def test_whole_numbers_with_a_hole_keep_their_names_as_classes(tmp_path):
    assert opened({"a": X, "t": np.where(K == 5, np.nan, K % 3)}, tmp_path).class_names == ("0", "1", "2")


USELESS = {
    "it numbers the rows": ("sample", K + 1),
    "its name says that it identifies the rows": ("PassengerId", K * 17 % 1009),
    "all its values are the same": ("region", ["Anvers"] * N),
    "it holds dates": ("laid", [f"2007-11-{k % 28 + 1:02}" for k in K]),
    "it is a text of its own in almost every row (60 different ones)": ("who", [f"name {k}" for k in K]),
    "40 of its 60 values are missing": ("rare", np.where(K < 40, np.nan, X)),
    "it holds numbers but also 'abc'": ("slip", [*map(str, X[:-1]), "abc"]),
}


@pytest.mark.parametrize("reason", list(USELESS))
def test_a_useless_column_is_ignored_and_the_report_says_why(reason, tmp_path):
    name, values = USELESS[reason]
    data = opened({"a": X, name: values, "t": K % 2}, tmp_path)
    assert data.feature_names == ("a",)
    assert data.report.ignored == ((name, reason),)
    assert f"Column {name!r} is ignored: {reason}." in data.report.sentences


def test_a_counting_column_is_used_when_there_is_no_other(tmp_path):
    assert opened({"x": K, "y": K**2}, tmp_path).feature_names == ("x",)


def test_an_ignored_column_is_no_feature_and_no_target(tmp_path):
    data = opened({"a": X, "b": Z, "c": X * Z, "t": K % 2}, tmp_path, ignore=["t", "a"])
    assert data.recipe.target == "c"
    assert data.feature_names == ("b",)
    assert dict(data.report.ignored) == {"t": "you asked for it", "a": "you asked for it"}


def test_codes_can_be_said_to_be_categories(tmp_path):
    data = opened({"a": X, "origin": K % 3, "t": Z}, tmp_path, categories=["origin"])
    assert data.feature_names == ("a", "origin=0", "origin=1", "origin=2")


def test_the_target_cannot_be_a_feature(tmp_path):
    with pytest.raises(ConfigError, match="'a'"):
        opened({"a": X, "t": Z}, tmp_path, target="a", features=["a"])


def test_a_slip_in_a_named_feature_is_refused_with_its_line(tmp_path):
    with pytest.raises(DatasetError, match="'abc'") as caught:
        opened({"a": [*map(str, X[:-1]), "abc"], "t": K % 2}, tmp_path, features=["a"])
    assert caught.value.line == N + 1


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes"])
def test_a_bundled_set_without_its_recipe_is_guessed_right_too(name, tmp_path):
    frame = open_dataset(name).table.rename(
        columns=lambda column: f"{column}_" if column != BUNDLED[name].target else column
    )
    data = opened(frame, tmp_path)
    assert data.recipe.target == BUNDLED[name].target
    assert data.task == BUNDLED[name].task
    assert data.recipe.inputs == open_dataset(name).recipe.inputs


def test_wine_without_a_header_has_its_class_in_front(tmp_path):
    frame = open_dataset("wine").table
    codes = frame["cultivar"].str[-1].astype(int) + 1
    data = opened({"c": codes, **frame.drop(columns="cultivar")}, tmp_path, header=False)
    assert data.recipe.target == "column_1"
    assert data.class_names == ("1", "2", "3")


def test_the_raw_penguins_are_guessed_without_numbers_dates_and_comments():
    frame = open_dataset("penguins_raw").table.rename(columns={"Culmen Length (mm)": "Length"})
    data = open_dataset(frame)
    assert data.recipe.target == "Species"
    ignored = dict(data.report.ignored)
    assert {"Sample Number", "Region", "Individual ID", "Date Egg", "Stage"} <= set(ignored)


def test_rare_classes_keep_a_training_row_even_in_a_plain_split(tmp_path):
    kind = np.where(K == 7, "rare", np.array(["u", "v"])[K % 2])
    for seed in range(12):
        for stratify in (True, False):
            data = opened({"a": X, "t": kind}, tmp_path, seed=seed, stratify=stratify, test_fraction=0.5)
            assert (data.Y_train.sum(axis=0) > 0).all()
