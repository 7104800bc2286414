"""A network from a file of another program, before anything is assumed about it; and how it becomes a model."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from simulator import fields
from simulator.data import Recipe
from simulator.data.choices import RecipeChoices
from simulator.data.outcomes import Classes, Value
from simulator.data.steps import Number
from simulator.errors import ModelFileError
from simulator.fields import setting
from simulator.interchange.model import Model
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.nn.parameters import layers
from simulator.snapshot import LayerParameters
from simulator.spec import LayerSpec, NetworkSpec, Rule, TrainingConfig

LOSSES = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy", "linear": "mse"}
"""The loss that a network is trained on with, by its output link, where its file does not say."""


@dataclasses.dataclass(frozen=True, eq=False)
class Foreign:
    """What a file of another program says about a network.

    Attributes
    ----------
    layers
        Every linear layer: weight (fan_in, fan_out) and bias (fan_out,), float32 or float64.
    activations
        The names in `ACTIVATIONS` of the hidden layers, None where the file does not say.
    link
        The name in `LINKS` of the output link, None where the file does not say.
    dropout
        Of the hidden layers; empty where there is none.
    feature_names, class_names
        As far as the file names them; empty otherwise.
    notes
        What was done to make it a chain of layers, in plain sentences.
    """

    layers: tuple[LayerParameters, ...]
    activations: tuple[str | None, ...]
    link: str | None = None
    dropout: tuple[float, ...] = ()
    feature_names: tuple[str, ...] = ()
    class_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sizes(self) -> tuple[int, ...]:
        """The width of every layer from the inputs to the outputs."""
        return (self.layers[0].weight.shape[0], *(layer.bias.size for layer in self.layers))

    @property
    def link_open(self) -> bool:
        """Whether an output link can be put after its last sums: the file says none, or gives out the sums themselves.

        Classifiers are often kept so: their loss is computed from logits, and whoever runs them adds the softmax.
        """
        return self.link in (None, "linear")

    def linked(self, assumed: str | None) -> str:
        """Return the name of its output link, given what somebody takes for granted; None leaves it to the file."""
        if not self.link_open:
            return self.link or ""
        return assumed or self.link or ("softmax" if self.sizes[-1] > 1 else "linear")


@dataclasses.dataclass(frozen=True)
class Assumptions:
    """What is taken for granted where a file does not say it.

    Attributes
    ----------
    recipe
        How raw rows become the inputs; None for one column a number, as it is.
    """

    activation: str = setting(
        "relu",
        "Activation",
        "The function of every hidden layer whose file does not say one.",
        choices_from="activation",
    )
    link: str | None = setting(
        None,
        "Output link",
        "What turns the last sums into outputs, where the file does not say, or gives out the sums themselves: by "
        "default what the file says, else softmax for several outputs, and none for one.",
        choices_from="link",
    )
    recipe: Recipe | None = None

    def __post_init__(self) -> None:
        fields.check(self)


def adopt(foreign: Foreign, assumptions: Assumptions | None = None) -> Model:
    """Make a model of a foreign network.

    Parameters
    ----------
    foreign
        What its file says.
    assumptions
        What is taken for granted where it does not; None for the defaults.

    Raises
    ------
    ModelFileError
        When its layers do not make a chain, or hold what is not a finite number.
    ConfigError
        When the assumed recipe makes other inputs or outputs than the network has.
    """
    assumed = assumptions or Assumptions()
    check_chain(foreign)
    network = NetworkSpec(
        foreign.sizes[0],
        tuple(
            LayerSpec(units, activation or assumed.activation, dropout)
            for units, activation, dropout in zip(
                foreign.sizes[1:-1],
                foreign.activations,
                foreign.dropout or (0.0,) * len(foreign.activations),
                strict=True,
            )
        ),
        foreign.sizes[-1],
        foreign.linked(assumed.link),
    )
    config = TrainingConfig(loss=Rule(LOSSES[network.link]), dtype=str(np.result_type(*_dtypes(foreign))))
    flat = np.empty(network.parameter_count, config.dtype)
    for own, given in zip(layers(network, flat), foreign.layers, strict=True):
        own.weight[...] = given.weight
        own.bias[...] = given.bias
    flat.flags.writeable = False
    return Model(network, config, flat, assumed.recipe or plain_recipe(network, foreign))


def assumed_sentences(foreign: Foreign, assumptions: Assumptions | None = None) -> tuple[str, ...]:
    """Return what `adopt` takes for granted about a network, in plain sentences."""
    assumed = assumptions or Assumptions()
    said: list[str] = []
    if None in foreign.activations:
        said.append(f"The file does not say which activation the hidden layers have: {assumed.activation} is assumed.")
    if foreign.link is None:
        said.append(f"The file does not say what follows the last layer: {foreign.linked(assumed.link)} is assumed.")
    elif foreign.link == "linear" and assumed.link not in (None, "linear"):
        said.append(f"The file gives out the last sums themselves: {assumed.link} is put after them.")
    elif foreign.link == "linear" and foreign.sizes[-1] > 1:
        said.append(
            "The file gives out the last sums themselves, as classifiers that are trained on logits do: so does the "
            "model. With the output link softmax they become probabilities."
        )
    if assumed.recipe is None:
        said.append("The file does not say how raw values are prepared: its inputs are taken as they are.")
    return tuple(said)


def plain_recipe(network: NetworkSpec, foreign: Foreign | None = None) -> Recipe:
    """Return a recipe that takes one column an input as it is, with the names that a file gave, or made up ones."""
    names = _unique(foreign.feature_names if foreign else (), network.inputs) or _numbered("x", network.inputs)
    classes = network.outputs if network.outputs > 1 or network.link == "softmax" else 2 * (network.link == "sigmoid")
    target = _free("class" if classes else "y", names)
    if classes:
        known = _unique(foreign.class_names if foreign else (), classes) or _numbered("class ", classes)
        outcome: Classes | Value = Classes(target, known)
    else:
        outcome = Value(target, 0.0, 1.0)
    task = "classification" if classes else "regression"
    choices = RecipeChoices(target=target, features=names, task=task, scale="none")
    return Recipe(tuple(Number(name) for name in names), outcome, choices)


def _dtypes(foreign: Foreign) -> "set[np.dtype[np.floating]]":
    return {array.dtype for layer in foreign.layers for array in (layer.weight, layer.bias)}


def check_chain(foreign: Foreign) -> None:
    """Refuse a network whose layers do not follow one another, or hold what is not a finite number.

    Raises
    ------
    ModelFileError
        Naming the layer.
    """
    hint = "Only networks of fully connected layers, one after the other, can be opened."
    if not foreign.layers or len(foreign.activations) != len(foreign.layers) - 1:
        raise ModelFileError("the file holds no chain of layers", hint)
    width = foreign.layers[0].weight.shape[0]
    for place, layer in enumerate(foreign.layers):
        if layer.weight.ndim != 2 or layer.weight.shape[0] != width or layer.bias.shape != layer.weight.shape[1:]:
            raise ModelFileError(
                f"layer {place + 1} has weights of shape {layer.weight.shape} and biases of shape {layer.bias.shape}"
                f" where {width:,} numbers come in",
                hint,
            )
        width = layer.bias.size
        if not (np.isfinite(layer.weight).all() and np.isfinite(layer.bias).all()):
            raise ModelFileError(
                f"layer {place + 1} holds values that are not finite numbers",
                "The training that made it diverged, or the file is damaged.",
            )
    for name in foreign.activations:
        if name is not None and name not in ACTIVATIONS:
            raise ModelFileError(f"there is no activation {name!r}", f"There are: {', '.join(ACTIVATIONS)}.")
    if foreign.link is not None and foreign.link not in LINKS:
        raise ModelFileError(f"there is no output link {foreign.link!r}", f"There are: {', '.join(LINKS)}.")


def _numbered(stem: str, count: int) -> tuple[str, ...]:
    return tuple(f"{stem}{place}" for place in range(1, count + 1))


def _unique(names: Sequence[str], count: int) -> tuple[str, ...]:
    """Return names where there are so many, each once; nothing otherwise."""
    return tuple(names) if len(names) == count == len({*names}) and all(names) else ()


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name
