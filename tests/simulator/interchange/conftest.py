from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from simulator.data import Recipe
from simulator.interchange import Model
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

LOSSES = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy", "linear": "mse"}


def build_recipe(classes: tuple[str, ...], fill: bool = False) -> Recipe:
    """Four inputs from three columns, two numbers and a category of two, as a file would hold it."""
    island = {"kind": "one_hot", "column": "island", "categories": ["Biscoe", 'Dream "2"'], "fill": None}
    columns = [
        {"kind": "standardised", "column": "länge, mm", "mean": 43.92, "scale": 5.45, "fill": 44.0 if fill else None},
        {"kind": "unscaled", "column": "=width", "fill": 0.5 if fill else None},
        island | ({"fill": "Biscoe"} if fill else {}),
    ]
    target = {"kind": "classes", "column": "species", "classes": list(classes)}
    if not classes:
        target = {"kind": "value", "column": "mass", "mean": 4201.75, "scale": 801.9}
    return Recipe.from_json({"columns": columns, "target": target, "choices": {}, "decimal": "."})


def build_model(
    hidden: tuple[tuple[int, str], ...] = ((5, "tanh"), (3, "relu")),
    classes: tuple[str, ...] = ("Adelie", "Gentoo", "Größe"),
    link: str | None = None,
    outputs: int | None = None,
    dtype: str = "float32",
    seed: int = 0,
    fill: bool = False,
    recipe: Recipe | None = None,
) -> Model:
    recipe = recipe or build_recipe(classes, fill)
    link = link or ("softmax" if recipe.class_names else "linear")
    network = NetworkSpec(
        len(recipe.feature_names),
        tuple(LayerSpec(units, activation) for units, activation in hidden),
        outputs or recipe.outputs,
        link,
    )
    config = TrainingConfig(
        loss=Rule(LOSSES[link]), optimizer=Rule("sgd", learning_rate=0.1, momentum=0.9), dtype=dtype
    )
    parameters = np.random.default_rng(seed).normal(size=network.parameter_count).astype(dtype)
    return Model(network, config, parameters, recipe, epoch=17)


def build_table(rows: int, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "note": ["ignored"] * rows,
            "island": draw.choice(["Biscoe", 'Dream "2"'], rows),
            "=width": draw.normal(size=rows),
            "länge, mm": draw.normal(44.0, 5.0, rows),
        },
        index=pd.RangeIndex(100, 100 + rows),
    )


# Functions as fixtures: hypothesis may call them as often as it likes, and test files cannot import one another.
@pytest.fixture(scope="session")
def make_model() -> Callable[..., Model]:
    return build_model


@pytest.fixture(scope="session")
def make_recipe() -> Callable[..., Recipe]:
    return build_recipe


@pytest.fixture(scope="session")
def make_table() -> Callable[..., pd.DataFrame]:
    return build_table
