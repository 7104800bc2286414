"""The command that a report names: run for real, it must come to the same losses."""

import dataclasses
import json

import pytest

from simulator.cli.program import COMMANDS, application, run
from simulator.cli.repeating import repeat, seed_caveat
from simulator.data import open_dataset
from simulator.spec import LayerSpec, Rule
from simulator.training.defaults import default_config, default_network
from simulator.training.session import Session

RUNS = {
    "as it begins": ("penguins", {}, {}, {}),
    "another seed and split": ("penguins", {"seed": 5, "test_fraction": 0.35}, {}, {"seed": 5}),
    "other columns": (
        "penguins",
        {"features": ("bill_length_mm", "island"), "scale": "min_max", "encoding": "ordinal"},
        {"hidden": (LayerSpec(5, "relu", 0.25), LayerSpec(3, "relu", 0.25)), "initializer": "he_normal"},
        {"optimizer": Rule("sgd", learning_rate=0.05, momentum=0.9, nesterov=True), "batch_size": 7, "l2": 0.003},
    ),
    "layers that differ": (
        "penguins",
        {},
        {"hidden": (LayerSpec(5, "tanh", 0.1), LayerSpec(4, "relu"), LayerSpec(3, "gelu", 0.25))},
        {},
    ),
    "one layer that is like the usual ones": (
        "penguins",
        {},
        {"hidden": (LayerSpec(5, "tanh"), LayerSpec(4, "relu"))},
        {},
    ),
    "a value": (
        "diabetes",
        {"where": "age > 30", "missing": "mean"},
        {"hidden": ()},
        {"loss": Rule("huber", threshold=0.7), "schedule": Rule("cosine", epochs=9), "clip_norm": 0.4, "l1": 0.0005},
    ),
    "generated": ("spirals:arms=3,noise=0.2", {"scale": "standardise"}, {}, {}),
    "float64": ("diabetes", {}, {}, {"dtype": "float64", "optimizer": Rule("rmsprop", learning_rate=0.003)}),
    "rounded on a GPU": ("penguins", {}, {}, {"tf32": True}),
}


@pytest.mark.parametrize("name", RUNS)
def test_the_command_comes_to_the_same_losses(name, capsys):
    source, choices, shape, settings = RUNS[name]
    dataset = open_dataset(source, **choices)
    network = dataclasses.replace(default_network(dataset), **shape)
    config = dataclasses.replace(default_config(dataset, seed=dataset.choices.seed), **settings)
    session = Session(dataset, network, config)
    session.advance(3)
    found = repeat(dataset, network, config, 3)
    assert not found.caveats
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(run(application(COMMANDS), [*found.words[1:], "--json"]))
    assert not ended.value.code
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    record = session.snapshot().record
    assert said["train_loss"] == pytest.approx(record.train_loss, rel=1e-6)
    assert said["test_loss"] == pytest.approx(record.test_loss, rel=1e-6)


def test_the_command_says_no_more_than_differs():
    dataset = open_dataset("penguins")
    assert str(repeat(dataset, default_network(dataset), default_config(dataset), 60)) == (
        "nodeglow train penguins --epochs 60"
    )


def test_what_has_no_option_is_said():
    dataset = open_dataset("penguins")
    assert "seed 0" in seed_caveat(dataset, default_config(dataset, seed=4))
    drawn = open_dataset(open_dataset("moons").table)
    assert "generated" in repeat(drawn, default_network(drawn), default_config(drawn), 1).caveats[0]
