"""A setting of a run by the name of its owner and its own, as in "optimizer.learning_rate"."""

from collections.abc import Callable
from typing import Any

from simulator.errors import ConfigError
from simulator.explain.lines import SYMBOLS
from simulator.fields import Setting, settings_of
from simulator.nn import choices
from simulator.spec import TrainingConfig

OWNERS: dict[str, Callable[[TrainingConfig], Any]] = {
    "optimizer": choices.optimizer,
    "loss": choices.loss,
    "schedule": choices.schedule,
    "run": lambda config: config,
}
"""What has settings, by the first half of a name; "run" means the configuration itself."""


def setting_value(config: TrainingConfig, name: str) -> float:
    """Return the value of a setting that is a number.

    Raises
    ------
    ConfigError
        When there is no such setting, or it is no number.
    """
    _declared(config, name)
    owner, _, own = name.partition(".")
    value = getattr(OWNERS[owner](config), own)
    if isinstance(value, bool | str) or value is None:
        raise ConfigError(f"the setting {name!r} is {value!r}", "Ask for one that is a number.")
    return float(value)


def setting_label(config: TrainingConfig, name: str) -> str:
    """Return what a setting is called in a form."""
    return _declared(config, name).label


def setting_symbol(name: str) -> str:
    """Return the letter of a setting, or its name where it has none."""
    own = name.partition(".")[2]
    return SYMBOLS.get(own, own)


def _declared(config: TrainingConfig, name: str) -> Setting:
    owner, _, own = name.partition(".")
    known = settings_of(OWNERS[owner](config)) if owner in OWNERS else ()
    found = next((each for each in known if each.name == own), None)
    if found is None:
        raise ConfigError(f"there is no setting {name!r}", f"Begin with one of {', '.join(OWNERS)} and a point.")
    return found
