"""Which table a setting's name is looked up in, and what a rule of a spec stands for."""

from collections.abc import Mapping
from typing import Any, TypeVar

from simulator.errors import ConfigError
from simulator.fields import Setting, settings_of
from simulator.nn.activations import ACTIVATIONS
from simulator.nn.initializers import INITIALIZERS
from simulator.nn.links import LINKS
from simulator.nn.losses import LOSSES, Loss
from simulator.nn.optimizers import OPTIMIZERS, Optimizer
from simulator.nn.schedules import SCHEDULES, Schedule
from simulator.spec import NetworkSpec, Rule, TrainingConfig, Value
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


def parse(what: str, text: str) -> Rule:
    """Read a rule as it is typed: its name, then settings after a colon, as in ``sgd:momentum=0.9,nesterov=yes``.

    Parameters
    ----------
    what
        A key of `CHOICES` whose rows have settings: "loss", "optimizer" or "schedule".

    Raises
    ------
    ConfigError
        When the name or a setting does not exist, or a value is refused.
    """
    name, _, rest = text.partition(":")
    declared = _declared(look_up(CHOICES[what], name.strip(), what))
    settings: dict[str, Value] = {}
    for part in filter(None, rest.split(",")):
        key, equals, value = part.partition("=")
        key = key.strip()
        if not equals:
            raise ConfigError(f"{part!r} is no setting of the {what} {name}", "Write it as name=value.")
        settings[key] = _known(declared, key, name, what).parse(value)
    return Rule(name.strip(), **settings)


def _declared(row: type[Any]) -> dict[str, Setting]:
    return {setting.name: setting for setting in settings_of(row)}


def _known(declared: dict[str, Setting], key: str, name: str, what: str) -> Setting:
    if key not in declared:
        known = f"It has: {', '.join(declared)}." if declared else "It has no settings."
        raise ConfigError(f"the {what} {name} has no setting {key!r}", known)
    return declared[key]


def _make(table: Mapping[str, type[Made]], rule: Rule, what: str) -> Made:
    row = look_up(table, rule.name, what)
    declared = _declared(row)
    for key, value in rule.settings:
        _known(declared, key, rule.name, what).check(value)
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
