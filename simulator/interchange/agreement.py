"""Whether a recipe makes the inputs and outputs that a network has."""

from simulator.data.recipe import Recipe
from simulator.errors import ConfigError
from simulator.spec import NetworkSpec


def check_fit(network: NetworkSpec, recipe: Recipe) -> None:
    """Refuse a recipe that makes other inputs or outputs than the network has.

    Raises
    ------
    ConfigError
        With both numbers.
    """
    features, classes = len(recipe.feature_names), len(recipe.class_names)
    if features != network.inputs:
        raise ConfigError(
            f"the recipe makes {_counted(features, 'input')}, the network has {network.inputs}",
            "Network and recipe must come from the same data set.",
        )
    one_sigmoid = network.outputs == 1 and network.link == "sigmoid" and classes == 2
    if network.outputs != (classes or 1) and not one_sigmoid:
        what = f"has {_counted(classes, 'class', 'classes')}" if classes else "predicts one value"
        raise ConfigError(
            f"the recipe {what}, the network has {_counted(network.outputs, 'output')}",
            "It needs an output a class (for two classes one sigmoid output will do), or one for a value.",
        )


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
