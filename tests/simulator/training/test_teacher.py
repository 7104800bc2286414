"""Rows that a network labels itself."""

import dataclasses
import itertools

import numpy as np
import pytest

from simulator.data import BUNDLED, Recipe, open_dataset
from simulator.data.steps import Number, Scaling
from simulator.interchange import Assumptions, Foreign, Model, adopt
from simulator.snapshot import LayerParameters
from simulator.training.session import Session
from simulator.training.session_file import read_session, write_session
from simulator.training.teacher import taught


def model_of(source, **choices) -> Model:
    return Session(open_dataset(source, **choices), engine="reference").model()


def foreign(sizes=(5, 7, 4), link="softmax", seed=1) -> Model:
    random = np.random.default_rng(seed)
    layers = tuple(
        LayerParameters(random.normal(size=(one, two)), random.normal(size=two))
        for one, two in itertools.pairwise(sizes)
    )
    return adopt(Foreign(layers, (None,) * (len(layers) - 1), link), Assumptions(activation="tanh"))


@pytest.mark.parametrize("name", [name for name in BUNDLED if name != "mnist"])
def test_the_rows_are_prepared_by_the_models_recipe_and_labelled_by_the_network(name):
    model = model_of(name)
    dataset = taught(model, 60, name=name)
    assert name in dataset.name
    assert len(dataset.table) == 60 == len(dataset.train_rows) + len(dataset.test_rows)
    assert dataset.recipe.columns == model.recipe.columns
    assert np.isfinite(dataset.X_train).all()
    predicted = model.predict(dataset.table)["prediction"].to_numpy()
    if model.class_names:
        assert list(predicted) == list(dataset.table[model.recipe.target])
    else:
        np.testing.assert_allclose(predicted, dataset.table[model.recipe.target], rtol=1e-9)


@pytest.mark.parametrize("link", ["softmax", "sigmoid", "linear"])
@pytest.mark.parametrize("sizes", [(5, 7, 4), (3, 1), (784, 10, 10)], ids=str)
def test_a_network_of_another_program_trains_on_rows_of_its_own(link, sizes):
    if link == "softmax" and sizes[-1] == 1:
        pytest.skip("softmax of one output is always 1")
    model = foreign(sizes, link)
    dataset = taught(model)
    assert len(dataset.X_train) + len(dataset.X_test) == 200
    session = Session(dataset, model.network, model.config, engine="reference", start=model.parameters)
    first = session.records
    assert np.isfinite(session.snapshot().record.train_loss)
    if model.class_names:
        assert session.snapshot().record.train_accuracy == 1.0
    session.advance(1)
    assert len(session.records) == len(first) + 1


def test_they_are_the_same_every_time_and_others_for_another_seed():
    model = foreign()
    one, again, other = taught(model), taught(model), taught(model, seed=1)
    assert one.table.equals(again.table)
    np.testing.assert_array_equal(one.train_rows, again.train_rows)
    assert not one.table.equals(other.table)


def test_classes_that_the_network_says_at_all_are_equally_many():
    counts = taught(foreign((6, 8, 3))).table["class"].value_counts()
    assert counts.max() - counts.min() <= 1


def test_a_network_that_says_one_class_only_is_no_trouble():
    model = foreign((3, 2))
    numbers = model.parameters.copy()
    numbers[-2:] = 100.0, -100.0
    model = dataclasses.replace(model, parameters=numbers)
    dataset = taught(model)
    assert set(dataset.table["class"]) == {"class 1"}
    Session(dataset, model.network, model.config, engine="reference", start=numbers).advance(1)


def test_derived_columns_dates_and_texts_become_columns_that_can_be_made_up(tmp_path):
    path = tmp_path / "days.csv"
    days = [f"2024-{1 + place % 12:02}-{1 + place % 28:02},{place % 7}.5,{'ab'[place % 2]}" for place in range(90)]
    path.write_text("\n".join(["day,size,kind", *days]))
    model = model_of(path, derived={"twice": "size * 2"}, features=("day", "size", "twice"))
    dataset = taught(model)
    assert dataset.X_train.shape[1] == model.network.inputs
    assert "not computed" in str(dataset.report)
    assert "own" in str(dataset.report)
    assert not dataset.choices.derived


def test_numbers_lie_where_their_scaling_puts_them_and_are_written_as_people_do():
    steps = (Number("mass", Scaling("standardise", 4000.0, 800.0)), Number("share", Scaling("min_max", 10.0, 5.0)))
    recipe = foreign((2, 3)).recipe
    recipe = Recipe(steps, recipe.outcome, recipe.choices)
    model = foreign((2, 3))
    dataset = taught(Model(model.network, model.config, model.parameters, recipe))
    assert abs(dataset.table["mass"].mean() - 4000.0) < 800.0
    assert dataset.table["share"].between(10.0, 15.0).all()
    assert (dataset.table["mass"] == dataset.table["mass"].round()).all()


def test_a_session_on_them_is_saved_and_opened_again(tmp_path):
    model = foreign()
    session = Session(taught(model), model.network, model.config, engine="reference", start=model.parameters)
    session.advance(1)
    found = read_session(write_session(session.record(), tmp_path / "s.nodeglow")).dataset
    np.testing.assert_array_equal(found.X_train, session.dataset.X_train)
    assert found.name == session.dataset.name
