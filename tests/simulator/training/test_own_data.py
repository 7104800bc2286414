"""The data of a network from a file."""

import dataclasses
import itertools

import numpy as np
import pytest

from simulator.data import Dataset, open_dataset
from simulator.data.steps.scaling import WAYS
from simulator.errors import ConfigError
from simulator.interchange import Assumptions, Foreign, adopt
from simulator.progress import Progress
from simulator.snapshot import LayerParameters
from simulator.training.own_data import data_for, fits, in_its_order, link_for, prepared_by, rescaled
from simulator.training.session import Session
from simulator.training.session_file import read_session, write_session


@pytest.fixture(scope="module")
def penguins() -> Dataset:
    return open_dataset("penguins")


def foreign(*sizes: int, link=None, **names) -> Foreign:
    layers = tuple(LayerParameters(np.ones((one, two)), np.zeros(two)) for one, two in itertools.pairwise(sizes))
    return Foreign(layers, (None,) * (len(layers) - 1), link, **names)


def test_an_imported_model_leaves_the_faults_of_a_lesson_behind_and_its_session_can_be_saved(tmp_path):
    spoilt = open_dataset(
        "penguins", label_noise=0.2, duplicates=0.5, derived={"ratio": "bill_length_mm / body_mass_g"}
    )
    model = dataclasses.replace(Session(spoilt, engine="reference").model(), training=None)
    running = open_dataset("penguins", duplicates=0.3)
    dataset = data_for(model, running, Progress())
    assert len(dataset.table) == 344
    assert not len(dataset.copies)
    session = Session(dataset, model.network, model.config, engine="reference", start=model.parameters)
    session.advance(1)
    found = read_session(write_session(session.record(), tmp_path / "s.nodeglow")).dataset
    for name in ("X_train", "Y_train", "X_test", "Y_test", "train_rows"):
        np.testing.assert_array_equal(getattr(found, name), getattr(dataset, name))


def test_a_recipe_fits_by_its_inputs_and_outputs(penguins):
    two, value = open_dataset("breast_cancer"), open_dataset("diabetes")
    assert fits(foreign(4, 8, 3), penguins.recipe)
    assert not fits(foreign(5, 8, 3), penguins.recipe)
    assert not fits(foreign(4, 8, 4), penguins.recipe)
    inputs = two.recipe.inputs
    assert fits(foreign(inputs, 2), two.recipe)
    assert fits(foreign(inputs, 1), two.recipe)
    assert fits(foreign(inputs, 1, link="sigmoid"), two.recipe)
    assert fits(foreign(inputs, 1, link="linear"), two.recipe)  # a logit
    assert fits(foreign(value.recipe.inputs, 1), value.recipe)
    assert not fits(foreign(value.recipe.inputs, 1, link="sigmoid"), value.recipe)


def test_the_sums_that_a_file_gives_out_are_logits_where_the_data_has_classes(penguins):
    two, value = open_dataset("breast_cancer"), open_dataset("diabetes")
    for link in (None, "linear"):
        assert link_for(foreign(4, 3, link=link), penguins.recipe) == "softmax"
        assert link_for(foreign(two.recipe.inputs, 1, link=link), two.recipe) == "sigmoid"
        assert link_for(foreign(value.recipe.inputs, 1, link=link), value.recipe) is None
    assert link_for(foreign(4, 3, link="softmax"), penguins.recipe) is None
    logit = foreign(two.recipe.inputs, 1, link="linear")
    assert adopt(logit, Assumptions(link="sigmoid", recipe=two.recipe)).network.link == "sigmoid"
    with pytest.raises(ConfigError):
        adopt(logit, Assumptions(recipe=two.recipe))


def test_columns_and_classes_stand_in_the_order_of_the_files_names(penguins):
    names, classes = penguins.feature_names[::-1], penguins.class_names[::-1]
    file = foreign(4, 3, feature_names=names, class_names=classes)
    recipe = in_its_order(file, penguins.recipe)
    assert recipe.feature_names == names
    assert recipe.class_names == classes
    dataset = prepared_by(penguins, recipe)
    np.testing.assert_array_equal(dataset.X_train, penguins.X_train[:, ::-1])
    np.testing.assert_array_equal(dataset.Y_train, penguins.Y_train[:, ::-1])
    adopt(file, Assumptions(recipe=recipe))
    for other in (("a", "b", "c", "d"), (), names[:3], (*names[:3], names[0])):
        assert in_its_order(foreign(4, 3, feature_names=other), penguins.recipe) == penguins.recipe


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["penguins", "digits", "auto_mpg"])
def test_another_scaling_is_what_a_data_set_prepared_so_would_have(way, name):
    other = prepared_by(dataset := open_dataset(name), rescaled(dataset, way))
    fresh = open_dataset(name, scale=way)
    np.testing.assert_allclose(other.X_train, fresh.X_train, atol=1e-9)
    np.testing.assert_array_equal(other.train_rows, fresh.train_rows)
    if way != "none":
        np.testing.assert_allclose(other.Y_train, fresh.Y_train, atol=1e-9)


def test_without_data_the_columns_that_are_needed_are_named(penguins, tmp_path):
    model = Session(penguins, engine="reference").model()
    recipe = dataclasses.replace(
        model.recipe, outcome=dataclasses.replace(model.recipe.outcome, column="something else")
    )
    with pytest.raises(ConfigError, match="no data set") as caught:
        data_for(dataclasses.replace(model, recipe=recipe), penguins, Progress())
    assert "something else" in caught.value.hint
