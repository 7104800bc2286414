"""Which table a setting's name is looked up in, and what a rule of a spec stands for."""

from collections.abc import Mapping
from typing import Any, TypeVar

from simulator.errors import ConfigError
from simulator.fields import settings_of
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.initializers import INITIALIZERS
from simulator.nn.links import LINKS
from simulator.nn.losses import LOSSES, Loss
from simulator.nn.optimizers import OPTIMIZERS, Optimizer
from simulator.nn.schedules import SCHEDULES, Schedule
from simulator.spec import NetworkSpec, Rule, TrainingConfig
from simulator.tables import look_up

CHOICES: dict[str, Mapping[str, Any]] = {
    "activation": ACTIVATIONS,
    "initializer": INITIALIZERS,
    "link": LINKS,
    "loss": LOSSES,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
}
"""The tables by the names that `Setting.choices_from` and the rules of a `TrainingConfig` use."""

Made = TypeVar("Made")


def _make(table: Mapping[str, type[Made]], rule: Rule, what: str) -> Made:
    row = look_up(table, rule.name, what)
    declared = {setting.name: setting for setting in settings_of(row)}
    for name, value in rule.settings:
        if name not in declared:
            known = f"It has: {', '.join(declared)}." if declared else "It has no settings."
            raise ConfigError(f"the {what} {rule.name} has no setting {name!r}", known)
        declared[name].check(value)
    return row(**dict(rule.settings))


def loss(config: TrainingConfig) -> Loss:
    """Return the loss that a configuration names."""
    return _make(LOSSES, config.loss, "loss")


def optimizer(config: TrainingConfig) -> Optimizer:
    """Return the optimizer that a configuration names."""
    return _make(OPTIMIZERS, config.optimizer, "optimizer")


def schedule(config: TrainingConfig) -> Schedule:
    """Return the schedule that a configuration names."""
    return _make(SCHEDULES, config.schedule, "schedule")


def check(network: NetworkSpec, config: TrainingConfig) -> None:
    """Check every name and setting of a network and a configuration, and that they go together.

    Raises
    ------
    ConfigError
        For the first thing that is unknown, out of bounds or does not fit.
    """
    for layer in network.hidden:
        look_up(ACTIVATIONS, layer.activation, "activation")
    look_up(INITIALIZERS, network.initializer, "initializer")
    look_up(LINKS, network.link, "output link")
    optimizer(config)
    schedule(config)
    links = loss(config).links
    if network.link not in links:
        raise ConfigError(
            f"the loss {config.loss.name} does not go with {network.link} outputs",
            f"It needs {' or '.join(links)} outputs.",
        )
