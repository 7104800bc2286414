"""What `nodeglow train` starts from: a network of its own with fresh weights, or a model that was trained before."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from simulator.cli.choices import READING
from simulator.cli.models import is_session, open_model
from simulator.data import Dataset, open_dataset
from simulator.errors import ConfigError
from simulator.interchange import Assumptions, Foreign, Model, adopt, assumed_sentences, read_model
from simulator.interchange.whole_files import printable
from simulator.nn import choices as nn_choices
from simulator.progress import Progress
from simulator.spec import LayerSpec, NetworkSpec, TrainingConfig
from simulator.training.continuing import goes_on, was_trained_on
from simulator.training.defaults import default_config, default_network, with_default_rate
from simulator.training.own_data import in_its_order, link_for, open_for, prepared_by

T = TypeVar("T")

_PLAIN = ("batch_size", "l1", "l2", "clip_norm", "seed", "dtype", "tf32")
"""The settings of the training that are taken as they are given."""


@dataclasses.dataclass(frozen=True)
class Wishes:
    """The options of the command about the network and its training; None where nobody gave one.

    Activation and dropout are one for all hidden layers, or one a layer with commas between them.
    """

    hidden: str | None = None
    activation: str | None = None
    dropout: str | None = None
    initializer: str | None = None
    loss: str | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    schedule: str | None = None
    batch_size: int | None = None
    l1: float | None = None
    l2: float | None = None
    clip_norm: float | None = None
    seed: int | None = None
    dtype: str | None = None
    tf32: bool | None = None


DEFAULTS = Wishes(
    "8,8", "tanh", "0", "glorot_uniform", "auto", "adam", None, "constant", None, 0.0, 0.0, dtype="float32"
)
"""What holds without a model where an option is not given; what is None here follows from the data."""


@dataclasses.dataclass(frozen=True, eq=False)
class Beginning:
    """What a session is made of.

    Attributes
    ----------
    model
        What it starts from; None for the weights that the seed draws.
    notes
        What somebody should know about that, in plain sentences.
    """

    dataset: Dataset
    network: NetworkSpec
    config: TrainingConfig
    model: Model | None = None
    notes: tuple[str, ...] = ()


def fresh(data: str, choices: Mapping[str, Any], wishes: Wishes, progress: Progress) -> Beginning:
    """Return how a network with weights of its own begins."""
    split = {} if wishes.seed is None else {"seed": wishes.seed}
    dataset = open_dataset(data, progress, **{**choices, **split})
    wishes = dataclasses.replace(DEFAULTS, **_given(wishes))
    config = _configured(default_config(dataset, seed=dataset.choices.seed), wishes, dataset)
    sizes = units(str(wishes.hidden))
    names = activations(str(wishes.activation), len(sizes))
    hidden = tuple(
        LayerSpec(*each) for each in zip(sizes, names, dropouts(str(wishes.dropout), len(sizes)), strict=True)
    )
    network = default_network(dataset, loss=config.loss.name)
    network = dataclasses.replace(network, hidden=hidden, initializer=str(wishes.initializer))
    return Beginning(dataset, network, config)


def from_model(path: Path, data: str, choices: Mapping[str, Any], wishes: Wishes, progress: Progress) -> Beginning:
    """Return how training goes on from a model or a session, or begins with the weights of another program.

    The architecture, the preparation of the data and all settings are the model's; options go before the settings, and
    say the activation where the file of another program does not.

    Raises
    ------
    ConfigError
        When an option contradicts what only the model can say.
    """
    found, name = open_model(path).model if is_session(path) else read_model(path), printable(path.name)
    if isinstance(found, Foreign):
        split = {} if wishes.seed is None else {"seed": wishes.seed}
        dataset = open_dataset(data, progress, **{**choices, **split})
        recipe = in_its_order(found, dataset.recipe)
        dataset = dataset if recipe == dataset.recipe else prepared_by(dataset, recipe)
        said: dict[str, str] = {}
        if wishes.activation is not None:
            found, said = _with_activations(found, wishes.activation)
        assumed = Assumptions(**said, link=link_for(found, recipe), recipe=recipe)
        model = adopt(found, assumed)
        own = default_config(dataset, seed=dataset.choices.seed)
        config = dataclasses.replace(own, loss=model.config.loss, dtype=model.config.dtype)
        model = dataclasses.replace(model, config=config)
        notes = [*found.notes, *assumed_sentences(found, assumed)]
    else:
        refused = next((option for option in choices if option not in READING), None)
        if refused is not None:
            raise ConfigError(
                f"--{refused.replace('_', '-')} contradicts {name}, which says how its data is prepared",
                "Leave the option out; or train a network of its own, without --start.",
            )
        model, notes = found, []
        dataset = open_for(model, data, progress, **choices)
    _check_architecture(model.network, wishes, name)
    config, network = _configured(model.config, wishes, dataset), _dropping(model.network, wishes.dropout)
    return Beginning(dataset, network, config, model, (*notes, *_notes(name, data, dataset, model, config)))


def _notes(name: str, data: str, dataset: Dataset, model: Model, config: TrainingConfig) -> list[str]:
    """Say what training begins with, and what is another thing than it was."""
    if not goes_on(model):
        return [f"{name} holds no optimizer memory: training starts at epoch 0, with its weights."]
    before, now = model.config.optimizer.name, config.optimizer.name
    memory = (
        "with its optimizer's memory" if goes_on(model, config) else f"{now} in place of {before}, its memory empty"
    )
    notes = [f"Training goes on from {name} after {model.epoch:,} epochs, {memory}."]
    if not was_trained_on(model, dataset):
        notes.append(f"{printable(data)} is not what {name} was trained on; it is prepared as that was.")
    return notes


def _check_architecture(network: NetworkSpec, wishes: Wishes, name: str) -> None:
    """Refuse options that say another architecture than the model's."""
    sizes = tuple(layer.units for layer in network.hidden)
    names = tuple(layer.activation for layer in network.hidden)
    told: dict[str, str] = {}
    if wishes.hidden is not None and units(wishes.hidden) != sizes:
        told[f"--hidden {wishes.hidden}"] = f"has the hidden layers {','.join(map(str, sizes)) or 'none'}"
    if wishes.activation is not None and activations(wishes.activation, len(names)) != names:
        told[f"--activation {wishes.activation}"] = f"has {', '.join(dict.fromkeys(names))}"
    if wishes.initializer is not None:
        told[f"--initializer {wishes.initializer}"] = "has weights already"
    for option, has in told.items():
        raise ConfigError(
            f"{option} contradicts {name}, which {has}",
            "Leave the option out; or train a network of its own, without --start.",
        )


def _configured(config: TrainingConfig, wishes: Wishes, dataset: Dataset) -> TrainingConfig:
    """Return settings with those in place that somebody wishes for."""
    given = _given(wishes)
    changed = {name: given[name] for name in _PLAIN if name in given}
    if given.get("loss", "auto") != "auto":
        changed["loss"] = nn_choices.parse("loss", given["loss"])
    if "schedule" in given:
        changed["schedule"] = nn_choices.parse("schedule", given["schedule"])
    rule = nn_choices.parse("optimizer", given["optimizer"]) if "optimizer" in given else config.optimizer
    if "learning_rate" in given:
        rule = rule.having(learning_rate=given["learning_rate"])
    if "optimizer" in given:
        rule = with_default_rate(dataset, rule)
    return dataclasses.replace(config, optimizer=rule, **changed)


def _given(wishes: Wishes) -> dict[str, Any]:
    return {name: value for name, value in vars(wishes).items() if value is not None}


def _dropping(network: NetworkSpec, dropout: str | None) -> NetworkSpec:
    """Return a network with this dropout behind its hidden layers; None for what it has."""
    if dropout is None:
        return network
    rates = dropouts(dropout, len(network.hidden))
    hidden = (dataclasses.replace(layer, dropout=rate) for layer, rate in zip(network.hidden, rates, strict=True))
    return dataclasses.replace(network, hidden=tuple(hidden))


def _with_activations(foreign: Foreign, text: str) -> tuple[Foreign, dict[str, str]]:
    """Return a foreign network with activations where its file says none, and what is assumed of all of them.

    One for all is an assumption, and is said as such; several are put in, each in its place.
    """
    names = activations(text, len(foreign.activations))
    if len({*names}) <= 1:
        return foreign, {"activation": text.strip()}
    taken = tuple(own or name for own, name in zip(foreign.activations, names, strict=True))
    said = f"Where the file does not say the activation of a hidden layer it is taken from {', '.join(names)}."
    return dataclasses.replace(foreign, activations=taken, notes=(*foreign.notes, said)), {}


def units(text: str) -> tuple[int, ...]:
    """Return the numbers of neurons in "8,8"; none in "none".

    Raises
    ------
    ConfigError
        When the text is something else.
    """
    if text.strip().lower() in ("", "none", "0"):
        return ()
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise ConfigError(f"hidden layers cannot be {text!r}", "Give whole numbers, as 8,8; or none.") from error


def activations(text: str, layers: int) -> tuple[str, ...]:
    """Return the activation of every hidden layer: "relu" for all of them, "tanh,relu" for one after the other.

    Raises
    ------
    ConfigError
        When there are others than one or one a layer.
    """
    return _each([part.strip() for part in text.split(",")], layers, "activations")


def dropouts(text: str, layers: int) -> tuple[float, ...]:
    """Return the dropout of every hidden layer: "0.1" for all of them, "0.1,0" for one after the other.

    Raises
    ------
    ConfigError
        When it is something else.
    """
    try:
        rates = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise ConfigError(f"dropout cannot be {text!r}", "Give a number from 0 on below 1, or one a layer.") from error
    return _each(rates, layers, "rates of dropout")


def _each(values: Sequence[T], layers: int, what: str) -> tuple[T, ...]:
    if len(values) not in (1, layers):
        raise ConfigError(
            f"{len(values)} {what} are given for {layers} hidden layer{'' if layers == 1 else 's'}",
            "Give one for all of them, or one a layer with commas between them.",
        )
    return tuple(values) if len(values) == layers else tuple(values) * layers
