"""Values of a stored recipe, checked one by one: a file may hold anything."""

import math

from simulator.errors import ConfigError


def json_number(value: object, what: str) -> float:
    """Return a finite number; ConfigError where the value is something else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"the {what} of a column cannot be {value!r}", "Give a number.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ConfigError(f"the {what} of a column cannot be {number}", "Give a finite number.")
    return number


def json_scale(value: object) -> float:
    """Return a finite number above 0; ConfigError where the value is something else."""
    number = json_number(value, "scale")
    if number <= 0:
        raise ConfigError(f"the scale of a column cannot be {number}", "Give a number above 0.")
    return number


def json_text(value: object) -> str:
    """Return a text; ConfigError where the value is something else."""
    if not isinstance(value, str):
        raise ConfigError(f"a name cannot be {value!r}", "Give a text.")
    return value


def json_count(value: object) -> int:
    """Return a whole number from 0 to 2⁵³; ConfigError where the value is something else."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 2**53:
        raise ConfigError(f"{str(value)[:60]} is no number of things", "Give a whole number from 0 on.")
    return value


def json_names(value: object) -> tuple[str, ...]:
    """Return texts that differ from each other, at least one; ConfigError where the value is something else."""
    if not isinstance(value, list | tuple) or not value:
        raise ConfigError(f"categories cannot be {value!r}", "Give a list of names.")
    names = tuple(json_text(each) for each in value)
    if len(set(names)) < len(names):
        raise ConfigError("a category stands twice in a column", "Give every name once.")
    return names


def json_flag(value: object) -> bool:
    """Return a truth value; ConfigError where the value is something else."""
    if not isinstance(value, bool):
        raise ConfigError(f"a column cannot have {value!r} for yes or no", "Give true or false.")
    return value
