"""The activation of a network whose file does not say it."""

import math

import numpy as np
import pytest

from simulator.data import Dataset, open_dataset
from simulator.errors import ConfigError
from simulator.insight.candidates import Candidate, best, candidates, suggested
from simulator.interchange import Assumptions, Foreign, Model
from simulator.nn.activations import ACTIVATIONS
from simulator.progress import Cancelled, Progress
from simulator.training.defaults import default_config, default_network
from simulator.training.session import Session


def foreign_of(model: Model, *, said: bool = False) -> Foreign:
    activations = tuple(layer.activation if said else None for layer in model.network.hidden)
    return Foreign(model.layers, activations, model.network.link if said else None)


def trained(dataset: Dataset, activation: str, loss: str = "auto") -> Model:
    config = default_config(dataset, loss) if loss != "auto" else default_config(dataset)
    network = default_network(dataset, activation=activation, loss=config.loss.name)
    session = Session(dataset, network, config, engine="reference")
    session.advance(8)
    return session.model()


@pytest.fixture(scope="module")
def penguins() -> Dataset:
    return open_dataset("penguins")


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_the_activation_that_it_was_trained_with_is_among_the_best(activation):
    cancer = open_dataset("breast_cancer")
    model = trained(cancer, activation)
    assumed = Assumptions(recipe=cancer.recipe)
    found = candidates(foreign_of(model), assumed, cancer.X_train, cancer.Y_train, Progress())
    assert [each.activation for each in found] == list(ACTIVATIONS)
    scores = {each.activation: each.score for each in found}
    assert scores[activation] >= best(found).score - 0.02
    others = [each.score for each in found if each.activation != "linear"]
    assert suggested(found).score >= max(others) - 0.005


def test_figures_are_those_of_the_session(penguins):
    model = Session(penguins, engine="reference")
    record = model.snapshot().record
    [found] = candidates(
        foreign_of(model.model(), said=True), Assumptions(recipe=penguins.recipe), penguins.X_train, penguins.Y_train,
        Progress(),
    )  # fmt: skip
    assert found.activation == ""
    assert found.loss == pytest.approx(record.train_loss, rel=1e-5)
    assert found.score == pytest.approx(record.train_accuracy)


def test_two_classes_with_one_output_and_values_are_judged_too():
    for source, loss in (("breast_cancer", "binary_cross_entropy"), ("diabetes", "auto")):
        dataset = open_dataset(source)
        model = trained(dataset, "tanh", loss)
        link = Assumptions(link=model.network.link, recipe=dataset.recipe)
        found = candidates(foreign_of(model), link, dataset.X_train, dataset.Y_train, Progress())
        assert {type(each.score) for each in found} == {float}
        assert best(found) is not None


def test_without_rows_nothing_is_known(penguins):
    model = Session(penguins, engine="reference").model()
    found = candidates(
        foreign_of(model), Assumptions(recipe=penguins.recipe), penguins.X_train[:0], penguins.Y_train[:0], Progress()
    )
    assert all(math.isnan(each.score) for each in found)
    assert best(found) is None


def test_a_recipe_that_does_not_fit_is_refused_and_it_can_be_cancelled(penguins):
    model = Session(penguins, engine="reference").model()
    iris = open_dataset("diabetes")
    with pytest.raises(ConfigError):
        candidates(foreign_of(model), Assumptions(recipe=iris.recipe), iris.X_train, iris.Y_train, Progress())
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        candidates(foreign_of(model), Assumptions(recipe=penguins.recipe), penguins.X_train, penguins.Y_train, progress)


def test_of_equal_scores_the_smaller_loss_is_better():
    found = (Candidate("a", 0.5, 0.9), Candidate("b", 0.2, 0.9), Candidate("c", math.inf, 0.9), Candidate("d", 0, 0.1))
    assert best(found).activation == "b"
    assert np.isfinite(best(found).loss)


def test_what_is_used_most_is_suggested_where_it_is_about_as_good():
    near = (Candidate("gelu", 0.1, 0.99), Candidate("tanh", 0.2, 0.988), Candidate("relu", 0.1, 0.9))
    assert suggested(near).activation == "tanh"
    assert suggested((*near, Candidate("relu", 0.3, 0.986))).activation == "relu"
    assert suggested((*near, Candidate("linear", 0.0, 1.0))).activation == "tanh"
    assert suggested((Candidate("linear", 0.0, 1.0),)).activation == "linear"
    assert suggested(()) is None
