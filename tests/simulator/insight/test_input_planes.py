"""Planes against the one forward pass for predictions on tables that say the same, and against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
import sklearn.decomposition

from simulator.data import open_dataset
from simulator.engines.passes import forward
from simulator.insight.input_plane_answers import activations, outputs, seconds_per_place
from simulator.insight.input_plane_space import followers_of, principal_components, space_of
from simulator.nn import parameters
from simulator.nn.activations import ACTIVATIONS
from simulator.progress import Cancelled, Progress
from simulator.spec import LayerSpec, NetworkSpec
from simulator.training.session import Session

X, Y = "flipper_length_mm", "bill_length_mm"


def mixed_table(rows=80):
    k = np.arange(rows)
    return pd.DataFrame(
        {
            "x": k * 7 % 23 + 0.5,
            "y": np.where(k % 9 == 4, np.nan, (k * 5 % 17) - 8.0),
            "colour": np.array(["red", "green", "blue", "green"])[k % 4],
            "size": np.array(["small", "large", "medium"])[k * k % 7 % 3],
            "kind": np.array(["yes", "no"])[k * k % 5 % 2],
        }
    )


@pytest.fixture(scope="module")
def session():
    made = Session(open_dataset("penguins", derived={"ratio": "bill_length_mm / bill_depth_mm", "square": "ratio^2"}))
    made.advance(4)
    return made


@pytest.fixture(scope="module")
def mixed():
    columns = ({"name": "size", "encoding": "ordinal", "order": ("small", "medium", "large")},)
    made = Session(
        open_dataset(mixed_table(), target="kind", missing="mean", flag_missing=True, columns=columns, categories=())
    )
    made.advance(4)
    return made


def predicted(session, table, shape):
    found = session.model().predict(table).iloc[:, 1:].to_numpy(dtype=float)
    return found.reshape(*shape, -1)


def test_a_plane_through_a_row_says_what_the_table_with_these_values_says(session):
    dataset, snapshot, row = session.dataset, session.snapshot(), 200
    space = space_of(dataset)
    inputs = dataset.recipe.transform(dataset.table.iloc[[row]])[0]
    plane = space.plane((X, Y), inputs, row)
    x, y = np.linspace(170, 230, 7), np.linspace(60, 30, 5)
    grid = plane.grid(x, y)
    table = pd.concat([dataset.raw.iloc[[row]]] * 35, ignore_index=True).assign(
        **{X: np.tile(x, 5), Y: np.repeat(y, 7)}
    )
    assert plane.followers, "the ratio follows the bill's length, and so does its square"
    np.testing.assert_allclose(grid.inputs(), dataset.recipe.transform(table), atol=1e-12)
    found = outputs(snapshot.network, snapshot.layers, grid)
    np.testing.assert_allclose(found, predicted(session, table, (5, 7)), atol=2e-6)
    np.testing.assert_allclose(plane.inputs(np.tile(x, 5), np.repeat(y, 7)), grid.inputs(), atol=1e-12)


def test_at_the_mean_all_else_is_the_mean_of_the_training_rows(session):
    dataset = session.dataset
    plane = space_of(dataset).plane((X, "body_mass_g"))
    assert plane.followers == ()
    held = dataset.recipe.real(plane.grid(np.array([200.0]), np.array([4000.0])).inputs()[0])
    train = dataset.table.iloc[dataset.train_rows]
    expected = {**train[list(dataset.recipe.used)].mean(), X: 200.0, "body_mass_g": 4000.0}
    assert held == pytest.approx([expected[name] for name in dataset.recipe.used])


def test_what_was_changed_by_hand_is_held_too_and_derived_columns_are_made_of_it(session):
    dataset = session.dataset
    inputs = dataset.recipe.transform(dataset.raw.iloc[[0]].assign(bill_depth_mm=15.0))[0]
    plane = space_of(dataset).plane((Y,), inputs, 0)
    real = dataset.recipe.real(plane.grid(np.array([30.0, 45.0])).inputs())
    names = dataset.recipe.used
    assert real[:, names.index("bill_depth_mm")] == pytest.approx([15.0, 15.0])
    assert real[:, names.index("ratio")] == pytest.approx([2.0, 3.0])
    assert real[:, names.index("square")] == pytest.approx([4.0, 9.0])


def test_a_derived_axis_moves_alone_and_its_source_moves_it(session):
    recipe = session.dataset.recipe
    assert followers_of(recipe, ["ratio"]) == (recipe.used.index("square"),)
    assert followers_of(recipe, ["body_mass_g"]) == ()


def test_categories_and_orders_are_steps_and_what_is_moved_is_not_missing(mixed):
    dataset, snapshot = mixed.dataset, mixed.snapshot()
    space = space_of(dataset)
    assert [each.name for each in space.directions] == ["x", "y", "colour", "size"]
    for names in (("colour", "size"), ("x", "colour"), ("y", "size")):
        plane = space.plane(names)
        axes = [np.arange(3.0) if each.categories else np.array([-1.0, 2.0, 5.0]) for each in plane.axes]
        grid = plane.grid(*axes)
        cells = [
            [each.categories[round(value)] for value in values] if each.categories else values
            for each, values in zip(plane.axes, axes, strict=True)
        ]
        usual = {"x": dataset.table["x"].iloc[dataset.train_rows].mean(), "y": dataset.recipe.columns[1].fill}
        table = pd.DataFrame({**usual, "colour": "green", "size": _mode(dataset, "size")}, index=range(9))
        table[names[0]], table[names[1]] = np.tile(cells[0], 3), np.repeat(cells[1], 3)
        np.testing.assert_allclose(grid.inputs(), dataset.recipe.transform(table), atol=1e-9)
        found = outputs(snapshot.network, snapshot.layers, grid)
        np.testing.assert_allclose(found[:, :, 1 if found.shape[2] > 1 else 0],
                                   predicted(mixed, table, (3, 3))[:, :, 1], atol=2e-6)  # fmt: skip


def _mode(dataset, name):
    return dataset.table[name].iloc[dataset.train_rows].mode()[0]


def test_rows_stand_where_their_values_are(mixed, session):
    for dataset, names in ((mixed.dataset, ("colour", "size")), (session.dataset, (X, Y))):
        plane = space_of(dataset).plane(names)
        places = plane.coordinates(np.asarray(dataset.X_test, np.float64))
        rows = dataset.table.iloc[dataset.test_rows]
        for axis, name in enumerate(names):
            codes = plane.axes[axis].categories
            known = [codes.index(cell) for cell in rows[name]] if codes else rows[name].to_numpy()
            np.testing.assert_allclose(places[:, axis], known)
        again = plane.inputs(places[:, 0], places[:, 1])
        np.testing.assert_allclose(plane.distances(again, np.ones(again.shape[1])), 0.0, atol=1e-9)


@pytest.mark.parametrize("shape", [(60, 9), (30, 40), (300_000, 7)], ids=["rows", "wide", "covariance"])
def test_components_are_those_of_scikit_learn_but_for_the_sign_which_is_fixed(shape):
    made = np.random.default_rng(5).normal(size=shape) @ np.diag(np.linspace(1.0, 4.0, shape[1])) + 3.0
    vectors, shares = principal_components(made, 2)
    known = sklearn.decomposition.PCA(2, svd_solver="full").fit(made)
    signs = np.sign((vectors * known.components_).sum(axis=1))
    np.testing.assert_allclose(vectors, known.components_ * signs[:, None], atol=1e-6)
    np.testing.assert_allclose(shares, known.explained_variance_ratio_, rtol=1e-6)
    assert (np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1) > 0).all()


def test_the_plane_of_the_components_goes_through_the_mean(session):
    dataset = session.dataset
    space = space_of(dataset)
    plane, known = space.principal(), sklearn.decomposition.PCA(2).fit(dataset.X_train)
    places = plane.coordinates(np.asarray(dataset.X_train))
    np.testing.assert_allclose(np.abs(places), np.abs(known.transform(dataset.X_train)), atol=1e-9)
    x, y = np.array([-1.0, 0.0, 2.0]), np.array([1.5, -0.5])
    grid = plane.grid(x, y)
    found = plane.coordinates(grid.inputs())
    np.testing.assert_allclose(found, np.stack([np.tile(x, 2), np.repeat(y, 3)], axis=1), atol=1e-9)
    assert plane.distances(grid.inputs(), space.spread) == pytest.approx(np.zeros(6), abs=1e-9)
    assert plane.axes[0].low == pytest.approx(min(places[:, 0].min(), plane.coordinates(dataset.X_test)[:, 0].min()))


def test_a_single_input_has_no_components_and_one_axis_that_says_all():
    table = pd.DataFrame({"x": np.arange(40.0), "value": np.arange(40.0) ** 2})
    space = space_of(open_dataset(table, target="value"))
    assert space.components == ()
    assert space.best == ("x",)
    assert not space.prefers_components
    assert space.plane(space.best).grid(np.array([1.0, 2.0, 3.0])).inputs().shape == (3, 1)


def test_the_first_axes_are_those_that_tell_most():
    k = np.random.default_rng(1).normal(size=(200, 4))
    table = pd.DataFrame({"a": k[:, 0], "copy": k[:, 1] + 0.01 * k[:, 0], "b": k[:, 1], "c": k[:, 2],
                          "value": 2.0 * k[:, 1] + k[:, 2]})  # fmt: skip
    assert set(space_of(open_dataset(table, target="value")).best) <= {"copy", "b", "c"}
    assert "c" in space_of(open_dataset(table, target="value")).best, "a copy of the best one tells nothing new"


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_neuron_answers_as_in_the_readable_pass(activation):
    network = NetworkSpec(3, (LayerSpec(5, activation), LayerSpec(4, activation)), 3)
    layers = parameters.layers(network, parameters.start_values(network, 1))
    made = pd.DataFrame(np.random.default_rng(2).normal(size=(30, 3)), columns=list("abc"))
    made["kind"] = np.array(["p", "q", "r"])[np.arange(30) % 3]
    plane = space_of(open_dataset(made, target="kind")).plane(("a", "c"))
    grid = plane.grid(np.linspace(-3, 3, 150), np.linspace(3, -3, 211))
    known = forward(network, layers, grid.inputs())
    found = activations(network, layers, grid)
    for mine, expected in zip(found, [*known.inputs[1:], known.outputs], strict=True):
        np.testing.assert_allclose(mine, expected, atol=3e-6)


def test_a_network_that_diverged_answers_nan_and_a_job_can_be_cancelled():
    made = mixed_table().drop(columns=["y", "size"])
    session = Session(open_dataset(made, target="kind"))
    network = session.snapshot().network
    layers = parameters.layers(network, np.full(network.parameter_count, np.nan))
    grid = space_of(session.dataset).plane(("x", "colour")).grid(np.arange(4.0), np.arange(3.0))
    assert np.isnan(outputs(network, layers, grid)).all()
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        outputs(network, layers, grid, progress)
    assert seconds_per_place(network) > 0
