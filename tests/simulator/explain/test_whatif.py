import numpy as np
import pandas as pd
import pytest

from simulator.data import open_dataset
from simulator.errors import ConfigError
from simulator.explain.whatif import contributions, passed, seen_in
from simulator.nn import parameters
from simulator.spec import LayerSpec, NetworkSpec

NETWORK = NetworkSpec(4, (LayerSpec(6), LayerSpec(5, "gelu")), 3)
VALUES = parameters.start_values(NETWORK, 3) + 0.05


@pytest.fixture(scope="module")
def mixed(penguins):
    names = ("island", "bill_length_mm", "body_mass_g")
    return open_dataset(penguins.table, target="species", features=names)


def test_one_row_passes_through_as_many_do(penguins):
    rows = penguins.X_train[:5]
    together = passed(NETWORK, VALUES, rows).outputs
    assert together.shape == (5, 3)
    for row, wanted in zip(rows, together, strict=True):
        assert np.allclose(passed(NETWORK, VALUES, row).outputs, wanted[None], rtol=1e-13)


@pytest.mark.parametrize("of_logit", [False, True])
@pytest.mark.parametrize("link", ["softmax", "sigmoid", "linear"])
def test_the_gradient_is_the_finite_difference_of_the_output(penguins, link, of_logit):
    network = NetworkSpec(4, NETWORK.hidden, 3, link)
    x, seen = penguins.X_train[0], seen_in(penguins)
    for output in range(3):
        found = contributions(network, VALUES, x, output, seen, of_logit=of_logit)
        for unit, nudge in enumerate(np.eye(4) * 1e-5):
            sides = [passed(network, VALUES, x + side * nudge) for side in (1, -1)]
            above, below = ((each.logits[-1] if of_logit else each.outputs)[0, output] for each in sides)
            assert found.gradient[unit] == pytest.approx((above - below) / 2e-5, abs=1e-9)
        assert np.array_equal(found.products, found.gradient * x)
        assert np.array_equal(found.by_gradient, found.products)


def test_ablation_is_the_loss_of_replacing_a_feature_by_its_mean(penguins):
    x, seen = penguins.X_train[3], seen_in(penguins)
    found = contributions(NETWORK, VALUES, x, 1, seen)
    for unit in range(4):
        without = x.copy()
        without[unit] = seen.means[unit]
        wanted = passed(NETWORK, VALUES, without).outputs[0, 1]
        assert found.without[unit] == pytest.approx(wanted, rel=1e-13)
        assert found.by_ablation[unit] == pytest.approx(found.outputs[1] - wanted, abs=1e-15)
    assert np.allclose(seen.means, 0, atol=1e-12), "standardised columns have the mean 0"


def test_a_given_value_can_take_the_features_place(penguins):
    x, seen = penguins.X_train[3], seen_in(penguins)
    found = contributions(NETWORK, VALUES, x, 1, seen, replacement=x)
    assert np.allclose(found.by_ablation, 0, atol=1e-15)


def test_a_linear_network_is_the_sum_of_its_contributions(penguins):
    network = NetworkSpec(4, (), 3, "linear")
    values = np.linspace(-1, 1, network.parameter_count)
    found = contributions(network, values, penguins.X_train[0], 2, seen_in(penguins))
    assert found.products.sum() + values[-1] == pytest.approx(found.outputs[2])
    assert np.allclose(found.by_ablation, found.by_gradient, atol=1e-12)


def test_the_inputs_of_a_category_are_replaced_together(mixed):
    network = NetworkSpec(5, (LayerSpec(4),), 3)
    values = parameters.start_values(network, 1)
    x, seen = mixed.X_train[0], seen_in(mixed)
    found = contributions(network, values, x, 0, seen)
    assert [feature.column for feature in seen.features] == ["island", "bill_length_mm", "body_mass_g"]
    without = np.concatenate([seen.means[:3], x[3:]])
    assert found.without[0] == pytest.approx(passed(network, values, without).outputs[0, 0], rel=1e-13)
    assert found.by_gradient[0] == pytest.approx(found.products[:3].sum())
    assert seen.means[:3].sum() == pytest.approx(1), "the means of a category's inputs are its frequencies"


def test_a_held_input_contributes_nothing(penguins):
    held = np.full(4 + 6 + 5, np.nan)
    held[2] = 0.3
    found = contributions(NETWORK, VALUES, penguins.X_train[0], 0, seen_in(penguins), held=held)
    assert found.gradient[2] == found.by_ablation[2] == 0
    assert found.by_ablation[1] != 0


def test_the_seen_range_is_told_in_real_units(penguins, mixed):
    features = seen_in(penguins).features
    training = penguins.table.iloc[penguins.train_rows]
    for feature in features:
        assert feature.low == pytest.approx(training[feature.column].min())
        assert feature.high == pytest.approx(training[feature.column].max())
        assert feature.mean == pytest.approx(training[feature.column].mean())
        assert feature.categories == ()
    island = seen_in(mixed).features[0]
    assert set(island.categories) == {"Torgersen", "Biscoe", "Dream"}
    assert np.isnan([island.low, island.high, island.mean]).all()


def test_no_training_row_is_unusual(penguins, mixed):
    for dataset in (penguins, mixed, open_dataset("auto_mpg")):
        seen = seen_in(dataset)
        assert not any(seen.unusual(x) for x in dataset.X_train)


def test_a_value_outside_of_the_seen_range_is_told(penguins):
    cells = {"bill_length_mm": [37.3], "bill_depth_mm": [16.8], "flipper_length_mm": [260], "body_mass_g": [100]}
    found = seen_in(penguins).unusual(penguins.recipe.transform(pd.DataFrame(cells))[0])
    assert [each.column for each in found] == ["flipper_length_mm", "body_mass_g"]
    assert found[0].value == pytest.approx(260)
    assert found[0].sentence == "flipper_length_mm is 260; the training rows go from 172 to 230"


def test_an_unknown_category_is_told(mixed):
    x = mixed.X_train[0].copy()
    x[:3] = 0
    (found,) = seen_in(mixed).unusual(x)
    assert found.column == "island"
    assert "none of the categories" in found.sentence


@pytest.mark.parametrize("output", [-1, 3])
def test_an_output_that_does_not_exist_is_refused(penguins, output):
    with pytest.raises(ConfigError, match=f"no output {output}"):
        contributions(NETWORK, VALUES, penguins.X_train[0], output, seen_in(penguins))


@pytest.mark.parametrize("x", [np.zeros(3), np.zeros((2, 5)), np.zeros((1, 2, 4))])
def test_a_row_of_another_width_is_refused(x):
    with pytest.raises(ConfigError, match="does not fit"):
        passed(NETWORK, VALUES, x)
