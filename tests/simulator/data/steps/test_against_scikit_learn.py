"""Every step does what scikit-learn's transformer of the same purpose does, fitted on the same training rows."""

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from simulator.data import open_dataset

NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
SCALERS = {
    "standardise": StandardScaler,
    "min_max": MinMaxScaler,
    "robust": RobustScaler,
    "log": lambda: make_pipeline(FunctionTransformer(np.log1p), StandardScaler()),
    "none": lambda: FunctionTransformer(None),
}


def numbers_of(dataset, rows):
    return dataset.table[NUMBERS].iloc[rows].to_numpy(dtype=float)


@pytest.mark.parametrize("way", SCALERS)
def test_a_scaling_is_that_of_scikit_learn(way):
    dataset = open_dataset("penguins", scale=way)
    oracle = SCALERS[way]().fit(numbers_of(dataset, dataset.train_rows))
    for X, rows in ((dataset.X_train, dataset.train_rows), (dataset.X_test, dataset.test_rows)):
        np.testing.assert_allclose(X, oracle.transform(numbers_of(dataset, rows)), rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(dataset.recipe.real(X), numbers_of(dataset, rows), rtol=1e-10)


def test_single_columns_may_be_scaled_in_ways_of_their_own():
    dataset = open_dataset("penguins", columns={"body_mass_g": {"scale": "log"}, "bill_length_mm": {"scale": "none"}})
    oracle = SCALERS["log"]().fit(numbers_of(dataset, dataset.train_rows)[:, 3:])
    expected = oracle.transform(numbers_of(dataset, dataset.test_rows)[:, 3:])
    np.testing.assert_allclose(dataset.X_test[:, 3:], expected, rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(dataset.X_test[:, 0], numbers_of(dataset, dataset.test_rows)[:, 0])
    np.testing.assert_array_equal(dataset.X_test[:, 1], open_dataset("penguins").X_test[:, 1])


@pytest.mark.parametrize("way", ["mean", "median", "most_frequent", "constant"])
def test_missing_numbers_are_filled_and_flagged_as_scikit_learn_does(way):
    choices = {"missing": way, "constant": "7" if way == "constant" else None, "flag_missing": True, "scale": "none"}
    dataset = open_dataset("penguins", **choices)
    oracle = SimpleImputer(strategy=way, fill_value=7.0, add_indicator=True).fit(
        numbers_of(dataset, dataset.train_rows)
    )
    values = oracle.transform(numbers_of(dataset, np.arange(len(dataset.table))))
    found = dataset.recipe.transform(dataset.table)
    places = [dataset.feature_names.index(name) for name in NUMBERS]
    flags = [dataset.feature_names.index(f"{name} is missing") for name in NUMBERS]
    np.testing.assert_allclose(found[:, places], values[:, :4], rtol=1e-12)
    np.testing.assert_array_equal(found[:, flags], values[:, 4:])


@pytest.mark.parametrize("scale", ["none", "min_max"])
def test_an_order_of_categories_is_encoded_as_scikit_learn_does(scale):
    order = ("Torgersen", "Biscoe", "Dream")
    columns = {"island": {"encoding": "ordinal", "order": order, "scale": scale}}
    dataset = open_dataset("penguins", features=["island"], columns=columns)
    encoder = OrdinalEncoder(categories=[list(order)], handle_unknown="use_encoded_value", unknown_value=-1)
    oracle = make_pipeline(encoder, SCALERS[scale]()).fit(dataset.table[["island"]].iloc[dataset.train_rows])
    rows = pd.DataFrame({"island": ["Dream", "Biscoe", "Atlantis", "Torgersen"]})
    np.testing.assert_allclose(dataset.recipe.transform(rows), oracle.transform(rows), atol=1e-12)
    back = dataset.recipe.inverse(dataset.recipe.transform(rows))["island"]
    assert back.isna().tolist() == [False, False, True, False]
    assert back.dropna().tolist() == ["Dream", "Biscoe", "Torgersen"]


def test_missing_and_unknown_categories_are_encoded_as_scikit_learn_does():
    frame = pd.DataFrame(
        {"colour": ["red", None, "blue", "red", None, "blue", "red", "blue"], "n": range(8), "kind": list("abababab")}
    )
    dataset = open_dataset(frame, features=["colour"], target="kind", missing="constant", test_fraction=0)
    oracle = make_pipeline(
        SimpleImputer(missing_values=None, strategy="constant", fill_value="missing"),
        OneHotEncoder(categories=[["red", "blue", "missing"]], handle_unknown="ignore", sparse_output=False),
    ).fit(frame[["colour"]].astype(object).where(frame[["colour"]].notna(), None))
    assert dataset.feature_names == ("colour=red", "colour=blue", "colour=missing")
    rows = pd.DataFrame({"colour": ["blue", None, "green"]}, dtype=object)
    np.testing.assert_array_equal(dataset.recipe.transform(rows), oracle.transform(rows))


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.37])
@pytest.mark.parametrize("name", ["penguins", "wine", "digits"])
def test_a_stratified_split_has_as_many_rows_of_each_class_as_that_of_scikit_learn(name, fraction):
    dataset = open_dataset(name, test_fraction=fraction)
    used = np.sort(np.concatenate([dataset.train_rows, dataset.test_rows]))
    target = dataset.table[dataset.recipe.target].iloc[used].astype(str)
    wanted = len(dataset.test_rows)
    _, test = train_test_split(target, test_size=wanted, stratify=target, random_state=0)
    found = dataset.table[dataset.recipe.target].iloc[dataset.test_rows].astype(str).value_counts()
    expected = test.value_counts()
    # Which class gets the last row of a rounded share is a matter of taste.
    assert (found - expected).abs().max() <= 1
    assert found.sum() == expected.sum()
