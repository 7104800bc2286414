import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ConfigError
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

LAYERS = st.builds(LayerSpec, st.integers(1, 99), st.sampled_from(["tanh", "relu"]), st.floats(0, 0.99))
NETWORKS = st.builds(NetworkSpec, st.integers(1, 99), st.lists(LAYERS, max_size=4).map(tuple), st.integers(1, 9))
NAMES = st.text("abcdefgh_", min_size=1, max_size=8).filter(lambda name: name not in ("name", "self"))
RULES = st.builds(lambda name, pairs: Rule(name, **pairs), NAMES, st.dictionaries(NAMES, st.floats(0, 1), max_size=3))
CONFIGS = st.builds(
    TrainingConfig, RULES, RULES, RULES, st.integers(1, 512), st.floats(0, 1), st.floats(0, 1), st.none() | st.just(0.5)
)


@given(NETWORKS)
def test_a_network_survives_json(network):
    assert NetworkSpec.from_json(json.loads(json.dumps(network.to_json()))) == network


@given(CONFIGS)
def test_a_configuration_survives_json(config):
    assert TrainingConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


def test_a_configuration_from_before_products_could_be_rounded_rounds_none():
    config = TrainingConfig(tf32=True)
    old = {name: value for name, value in config.to_json().items() if name != "tf32"}
    assert TrainingConfig.from_json(old) == dataclasses.replace(config, tf32=False)


def test_sizes_shapes_and_parameters_of_the_penguin_network():
    network = NetworkSpec()
    assert network.sizes == (4, 8, 8, 3)
    assert network.shapes == ((4, 8), (8, 8), (8, 3))
    assert network.parameter_count == 139


def test_a_network_without_hidden_layers_is_one_linear_layer():
    assert NetworkSpec(5, (), 2).shapes == ((5, 2),)


def test_specs_are_frozen_and_equal_by_value():
    assert Rule("sgd", momentum=0.9, learning_rate=0.1) == Rule("sgd", learning_rate=0.1, momentum=0.9)
    assert hash(TrainingConfig()) == hash(TrainingConfig())
    with pytest.raises(dataclasses.FrozenInstanceError):
        NetworkSpec().inputs = 3
    with pytest.raises(dataclasses.FrozenInstanceError):
        Rule("sgd").name = "adam"


def test_a_rule_with_another_setting_is_another_rule():
    rule = Rule("sgd", learning_rate=0.1)
    assert rule.having(learning_rate=0.2, momentum=0.5) == Rule("sgd", learning_rate=0.2, momentum=0.5)
    assert rule == Rule("sgd", learning_rate=0.1)


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [
        (LayerSpec, {"units": 0}),
        (LayerSpec, {"dropout": 1.0}),
        (NetworkSpec, {"inputs": 0}),
        (TrainingConfig, {"batch_size": 0}),
        (TrainingConfig, {"dtype": "float16"}),
        (TrainingConfig, {"seed": -1}),
        (TrainingConfig, {"clip_norm": 0.0}),
        (TrainingConfig, {"l1": -1.0}),
    ],
)
def test_a_value_out_of_bounds_is_refused(spec, wrong):
    with pytest.raises(ConfigError):
        spec(**wrong)


@pytest.mark.parametrize("value", [{}, {"inputs": 4}, {"hidden": 3}, {"hidden": [{"units": "8"}]}, [], None])
def test_what_is_no_network_is_refused(value):
    with pytest.raises(ConfigError):
        NetworkSpec.from_json(value)


@pytest.mark.parametrize(
    "value", [{}, {"loss": 3}, {"optimizer": {"rate": 1}}, [], None, TrainingConfig().to_json() | {"x": 1}]
)
def test_what_is_no_configuration_is_refused(value):
    with pytest.raises(ConfigError):
        TrainingConfig.from_json(value)
