"""The tables of `nn/` as traced expressions, each row with the number by which a kernel picks it."""

import dataclasses
import itertools
from collections.abc import Mapping
from typing import Any

from simulator.engines.tracing import Graph, Symbol, trace
from simulator.nn import choices
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.links import LINKS
from simulator.nn.losses import LOSSES
from simulator.nn.optimizers import OPTIMIZERS
from simulator.nn.schedules import SCHEDULES
from simulator.spec import NetworkSpec, TrainingConfig

Variant = tuple[str, tuple[bool, ...]]
"""A row of a table by name, and the values of its settings that are yes or no: each such choice is traced by itself."""


@dataclasses.dataclass(frozen=True)
class Head:
    """What a link and a loss make of the logits of a row.

    Attributes
    ----------
    outputs, delta
        Entries of matrices (rows, outputs): the network's outputs, and the loss's derivatives by the logits.
    loss
        One number a row.
    """

    outputs: Symbol
    loss: Symbol
    delta: Symbol


@dataclasses.dataclass(frozen=True)
class Update:
    """What an optimizer does with one parameter, and what it computes once before it.

    Attributes
    ----------
    rule
        New w and memory, of inputs w, g, the names of the memory, and c0, c1 … for the coefficients.
    memory
        The names of the memory.
    coefficients
        Of inputs step, rate, the names of the settings, and those of the scalars.
    scalars
        The scalars' values after the update, by their names.
    """

    rule: tuple[Symbol, ...]
    memory: tuple[str, ...]
    coefficients: tuple[Symbol, ...]
    scalars: Mapping[str, Symbol]


def activation_pairs() -> list[tuple[Symbol, Symbol]]:
    """Return a of z, and da/dz of z and a, for every activation in the order of its table."""
    return [(trace(row.value, ["z"])[0], trace(row.derivative, ["z", "a"])[0]) for row in ACTIVATIONS.values()]


HEADS = [(loss, link) for loss, row in LOSSES.items() for link in row.links]
"""Every loss with every link that it goes with."""


def head(loss: str, link: str) -> Head:
    """Return the traced head of a network."""
    graph = Graph()
    Z, Y = (graph.input(name, per_output=True) for name in ("Z", "Y"))
    A = LINKS[link].apply(Z)
    row = _standing_in(LOSSES[loss], (), graph)
    return Head(A, row.rows(Z, A, Y), row.delta(Z, A, Y, LINKS[link]))


def _variants(table: Mapping[str, type[Any]]) -> list[Variant]:
    return [
        (name, choice)
        for name, row in table.items()
        for choice in itertools.product((False, True), repeat=len(_names(row, bool)))
    ]


def _names(row: type[Any], kind: type) -> list[str]:
    return [field.name for field in dataclasses.fields(row) if field.type is kind]


def _standing_in(row: type[Any], choice: tuple[bool, ...], graph: Graph) -> Any:
    """Return a row's object whose settings are symbols, so that its methods can be traced."""
    made = object.__new__(row)
    for name in _names(row, float):
        object.__setattr__(made, name, graph.input(name))
    for name, value in zip(_names(row, bool), choice, strict=True):
        object.__setattr__(made, name, value)
    return made


UPDATES = _variants(OPTIMIZERS)
"""Every optimizer, with every choice of its settings that are yes or no."""

FACTORS = _variants(SCHEDULES)
"""Every schedule."""


def update(variant: Variant) -> Update:
    """Return the traced update of an optimizer."""
    row, graph = OPTIMIZERS[variant[0]], Graph()
    scalars: list[Any] = [graph.input(name) for name in row.scalars]
    made = _standing_in(row, variant[1], graph)
    coefficients = [
        found if isinstance(found, Symbol) else graph.constant(found)
        for found in made.coefficients(graph.input("step"), graph.input("rate"), scalars)
    ]
    names = ["w", "g", *row.memory, *(f"c{index}" for index in range(len(coefficients)))]
    return Update(trace(row.rule, names), row.memory, tuple(coefficients), dict(zip(row.scalars, scalars, strict=True)))


def factor(variant: Variant) -> Symbol:
    """Return the traced factor of a schedule, of inputs now, update and the names of the settings."""
    graph = Graph()
    made = _standing_in(SCHEDULES[variant[0]], variant[1], graph)
    return made.factor(graph.input("now"), graph.input("update"))


@dataclasses.dataclass(frozen=True)
class Choice:
    """How a kernel is told what to run: numbers of rows, and the values of their settings.

    Attributes
    ----------
    activations
        A number a hidden layer.
    head, update, factor
        The places in `HEADS`, `UPDATES` and `FACTORS`.
    loss_settings, update_settings, factor_settings
        The values of the settings that are numbers, in the order of their declaration.
    """

    activations: tuple[int, ...]
    head: int
    update: int
    factor: int
    loss_settings: tuple[float, ...]
    update_settings: tuple[float, ...]
    factor_settings: tuple[float, ...]


def chosen(network: NetworkSpec, config: TrainingConfig) -> Choice:
    """Return what a network and a configuration mean to a kernel."""
    places = list(ACTIVATIONS)
    loss, optimizer, schedule = choices.loss(config), choices.optimizer(config), choices.schedule(config)
    return Choice(
        tuple(places.index(layer.activation) for layer in network.hidden),
        HEADS.index((config.loss.name, network.link)),
        UPDATES.index((config.optimizer.name, _values(optimizer, bool))),
        FACTORS.index((config.schedule.name, _values(schedule, bool))),
        *(tuple(float(value) for value in _values(row, float)) for row in (loss, optimizer, schedule)),
    )


def _values(row: Any, kind: type) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _names(type(row), kind))


def setting_names(variant: Variant) -> list[str]:
    """Return the names of an optimizer's or a schedule's settings that are numbers."""
    return _names((OPTIMIZERS | SCHEDULES)[variant[0]], float)  # type: ignore[operator] # two tables of different rows


def loss_setting_names(loss: str) -> list[str]:
    """Return the names of a loss's settings that are numbers."""
    return _names(LOSSES[loss], float)
