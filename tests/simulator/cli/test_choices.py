"""The options about a table: what is typed becomes the data set that Python gives for the same choices."""

import json

import numpy as np
import pandas as pd
import pytest

from simulator.cli.choices import chosen
from simulator.data import open_dataset
from simulator.errors import ConfigError
from simulator.interchange import load_model

TYPED = [
    ({"scale": ["min_max", "body_mass_g=log"]}, {"scale": "min_max", "columns": {"body_mass_g": {"scale": "log"}}}),
    ({"missing": ["constant:0"]}, {"missing": "constant", "constant": "0"}),
    (
        {"missing": ["median", "sex=constant:unknown"], "features": ["bill_length_mm,sex"], "flag_missing": True},
        {
            "missing": "median",
            "features": ["bill_length_mm", "sex"],
            "flag_missing": True,
            "columns": {"sex": {"missing": "constant", "constant": "unknown"}},
        },
    ),
    ({"ignore": ["year", "sex,island"]}, {"ignore": ["year", "sex", "island"]}),
    ({"derive": ["ratio = bill_length_mm/bill_depth_mm"]}, {"derived": {"ratio": "bill_length_mm/bill_depth_mm"}}),
    ({"split": "groups:island"}, {"split": "groups", "split_column": "island"}),
    ({"split": "random", "stratify": False}, {"split": "random", "stratify": False}),
    ({"where": 'island != "Dream"', "unique": True}, {"where": 'island != "Dream"', "unique": True}),
    (
        {
            "features": ["island", "year"],
            "encode": ["ordinal"],
            "kind": ["year=category"],
            "unknown": ["most_frequent"],
        },
        {
            "features": ["island", "year"],
            "encoding": "ordinal",
            "unknown": "most_frequent",
            "columns": {"year": {"kind": "category"}},
        },
    ),
    ({"class_order": ["Gentoo,Adelie"]}, {"class_order": ["Gentoo", "Adelie"]}),
]


@pytest.mark.parametrize(("typed", "meant"), TYPED, ids=lambda each: ", ".join(each))
def test_what_is_typed_is_what_python_is_told(typed, meant):
    found = open_dataset("penguins", **chosen(typed))
    expected = open_dataset("penguins", **meant)
    assert found.recipe == expected.recipe
    np.testing.assert_array_equal(found.X_train, expected.X_train)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"derive": ["ratio"]}, "NAME=FORMULA"),
        ({"kind": ["number"]}, "COLUMN=KIND"),
        ({"scale": ["bill_length_mm=huge"]}, "one of standardise"),
        ({"split": "groups"}, "split column"),
    ],
)
def test_what_makes_no_sense_is_refused(typed, said):
    with pytest.raises(ConfigError) as error:
        open_dataset("penguins", **chosen(typed))
    assert said in error.value.hint


@pytest.fixture
def birds(tmp_path):
    path = tmp_path / "birds.csv"
    open_dataset("penguins").table.rename(columns={"species": "kind_of_bird"}).to_csv(path, index=False)
    return path


def test_a_recipe_is_written_for_one_table_and_used_for_training_on_another(nodeglow, birds, tmp_path):
    recipe, model = tmp_path / "recipe.json", tmp_path / "m.safetensors"
    options = ["--target", "kind_of_bird", "--derive", "ratio=bill_length_mm/bill_depth_mm", "--scale", "robust"]
    status, out, _ = nodeglow("datasets", birds, *options, "--save-recipe", recipe, "--json")
    assert status == 0
    about = json.loads(out)
    assert "ratio" in about["inputs"]
    assert about["classes"] == ["Adelie", "Gentoo", "Chinstrap"]
    status, _, _ = nodeglow(
        "train", birds, "--recipe", recipe, "--scale", "min_max", "--epochs", 2, "--seed", 3, "--save", model, "--json"
    )
    assert status == 0
    expected = open_dataset(
        birds, target="kind_of_bird", derived={"ratio": "bill_length_mm/bill_depth_mm"}, scale="min_max", seed=3
    )
    assert load_model(model).recipe.columns == expected.recipe.columns


def test_a_model_with_derived_columns_predicts_raw_rows(nodeglow, birds, tmp_path):
    model, answers = tmp_path / "m.safetensors", tmp_path / "answers.csv"
    nodeglow(
        *("train", birds, "--target", "kind_of_bird", "--features", "bill_length_mm,body_mass_g,ratio,island"),
        *("--derive", "ratio=bill_length_mm/bill_depth_mm", "--missing", "median", "--epochs", 50, "--save", model),
    )
    raw = pd.read_csv(birds).drop(columns="kind_of_bird").iloc[:, ::-1].assign(extra="?")
    raw.loc[0, "island"] = "Atlantis"
    raw.to_csv(tmp_path / "raw.csv", index=False)
    status, _, _ = nodeglow("predict", model, tmp_path / "raw.csv", "--out", answers)
    assert status == 0
    predicted = pd.read_csv(answers)
    assert len(predicted) == 344
    assert predicted["prediction"].notna().all()
    assert (predicted["prediction"] == pd.read_csv(birds)["kind_of_bird"]).mean() > 0.9


def test_what_becomes_of_a_table_is_described_column_by_column(nodeglow):
    status, out, err = nodeglow("datasets", "penguins")
    assert (status, err) == (0, "")
    assert "274 rows for training, 68 for testing." in out
    row = next(line for line in out.splitlines() if line.startswith("body_mass_g"))
    assert row.split("\t")[1:3] == ["feature", "2"]
    assert row.split("\t")[3].startswith("(body_mass_g − ")


def test_a_mistake_on_purpose_is_said(nodeglow):
    _, out, _ = nodeglow("train", "penguins", "--leakage", "--epochs", 1)
    assert "A mistake on purpose" in out


def test_a_generator_is_trained_on_by_its_name(nodeglow):
    status, out, _ = nodeglow("train", "gaussians:classes=4,samples=200", "--epochs", 60, "--json")
    result = json.loads(out.splitlines()[-1])
    assert status == 0
    assert result["test_accuracy"] > 0.8
    status, out, _ = nodeglow("datasets", "--json")
    assert "spirals" in {each["generator"] for each in json.loads(out)["generators"]}


def test_the_nearest_generator_is_offered_for_a_slip(nodeglow):
    status, _, err = nodeglow("train", "spirls")
    assert status == 2
    assert "Did you mean 'spirals'?" in err
