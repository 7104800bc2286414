"""Generated code is as tidy as code that people write."""

import subprocess
import sys

import pytest

from simulator.data import open_dataset
from simulator.interchange import FORMATS, ExportOptions, Model
from simulator.nn import parameters
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

SOURCE = [name for name, row in FORMATS.items() if row.group == "source"]
SETS = {
    "penguins": {
        "missing": "mean",
        "flag_missing": True,
        "where": "year > 2006",
        "features": ("sex", "bill_length_mm"),
    },
    "auto_mpg": {"scale": "log", "derived": {"power": "hp / weight * (1 + yr) ^ 2"}},
    "digits": {},
}


@pytest.fixture(scope="module")
def models() -> dict[str, Model]:
    made = {}
    for name, choices in SETS.items():
        recipe = open_dataset(name, **choices).recipe
        link = "softmax" if recipe.class_names else "linear"
        hidden = (LayerSpec(8, "gelu", 0.1), LayerSpec(8, "selu"))
        network = NetworkSpec(recipe.inputs, hidden, recipe.outputs, link)
        config = TrainingConfig(
            loss=Rule("cross_entropy" if recipe.class_names else "huber"),
            optimizer=Rule("nadam", weight_decay=0.01),
            schedule=Rule("cosine", warmup_epochs=3.0, end=0.05),
            l1=1e-5,
            clip_norm=0.5,
        )
        made[name] = Model(network, config, parameters.start_values(network, 0).astype("float32"), recipe, 3)
    return made


@pytest.mark.parametrize("name", SOURCE)
def test_lines_are_short_and_end_without_blanks(models, name):
    for model in models.values():
        lines = FORMATS[name].save(model, ExportOptions()).decode().split("\n")
        assert [line for line in lines if len(line) > 100 or line != line.rstrip()] == []


def test_ruff_has_nothing_to_say(models, tmp_path):
    pytest.importorskip("ruff")
    for name in SOURCE:
        if FORMATS[name].suffix == ".py":
            for data, model in models.items():
                (tmp_path / f"{data}_{name}.py").write_bytes(FORMATS[name].save(model, ExportOptions()))
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--target-version", "py39", tmp_path]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", SOURCE)
def test_a_text_says_what_it_does_not_hold_in_whole_sentences(models, name):
    for model in models.values():
        for options in (ExportOptions(), ExportOptions(inputs="prepared")):
            said = FORMATS[name].limits(model, options)
            assert said
            assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in said)
