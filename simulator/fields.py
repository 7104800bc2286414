"""A setting is declared once: its default, bounds, label and help serve the check, the command line and the form."""

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Sequence
from typing import Any

from simulator.errors import ConfigError

_METADATA_KEY = "setting"


@dataclasses.dataclass(frozen=True)
class Setting:
    """The declaration of one field of a frozen dataclass that a user may change.

    Attributes
    ----------
    name, default, kind
        The field's name, its default, and its Python type (bool, int, float or str).
    label, help
        A short name and one plain sentence (with a formula where there is one).
    minimum, maximum
        Bounds; included unless `open_minimum` or `open_maximum` is set.
    choices
        The permitted values of a str, or the name of a table of `simulator.nn` in `choices_from`.
    optional
        Whether None ("off" or "automatic") is permitted.
    """

    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    open_minimum: bool = False
    open_maximum: bool = False
    choices: Sequence[str] = ()
    choices_from: str = ""
    name: str = ""
    default: Any = None
    kind: type = float
    optional: bool = False

    def check(self, value: object) -> None:
        """Refuse a value that this setting cannot take.

        Raises
        ------
        ConfigError
            Naming the setting, the refused value and what is permitted.
        """
        if value is None and self.optional:
            return
        if not self._takes(value):
            self._refuse(value)

    def parse(self, text: str) -> Any:
        """Turn typed text into a checked value; an empty text or "none" is None where that is permitted.

        Raises
        ------
        ConfigError
            When the text is no such value.
        """
        text = text.strip()
        value: object = text
        if self.optional and text.lower() in ("", "none", "off"):
            return None
        try:
            if self.kind is bool:
                value = {"true": True, "yes": True, "on": True, "1": True}.get(text.lower())
                if value is None and text.lower() in ("false", "no", "off", "0"):
                    value = False
            elif self.kind in (int, float):
                value = self.kind(text)
        except ValueError:
            self._refuse(text)
        self.check(value)
        return value

    def permitted(self) -> str:
        """Say in words what the setting can take."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.kind is bool:
            return "true or false"
        if self.kind is str:
            return "a text"
        noun = "a whole number" if self.kind is int else "a number"
        bounds: list[str] = []
        if self.minimum is not None:
            bounds.append(f"{'above' if self.open_minimum else 'at least'} {self.minimum:g}")
        if self.maximum is not None:
            bounds.append(f"{'below' if self.open_maximum else 'at most'} {self.maximum:g}")
        return " ".join([noun, " and ".join(bounds)]).strip() + (" (or none)" if self.optional else "")

    def _takes(self, value: object) -> bool:
        if self.kind is bool or isinstance(value, bool):
            return self.kind is bool and isinstance(value, bool)
        if self.kind is str:
            return isinstance(value, str) and (not self.choices or value in self.choices)
        if not isinstance(value, int | float) or (self.kind is int and not isinstance(value, int)):
            return False
        return math.isfinite(value) and self._within(value)

    def _within(self, value: float) -> bool:
        if self.minimum is not None and (value < self.minimum or (self.open_minimum and value == self.minimum)):
            return False
        return not (
            self.maximum is not None and (value > self.maximum or (self.open_maximum and value == self.maximum))
        )

    def _refuse(self, value: object) -> typing.NoReturn:
        raise ConfigError(f"{self.label.lower()} cannot be {value!r}", f"Give {self.permitted()}.")


def setting(
    default: Any,
    label: str,
    help: str,  # noqa: A002 - the word of every form and command line
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    open_minimum: bool = False,
    open_maximum: bool = False,
    choices: Sequence[str] = (),
    choices_from: str = "",
) -> Any:
    """Declare a field of a frozen dataclass as a setting (see `Setting`); its type follows from the annotation."""
    declared = Setting(
        label,
        help,
        minimum,
        maximum,
        open_minimum,
        open_maximum,
        tuple(choices),
        choices_from,
        default=default,
    )
    return dataclasses.field(default=default, metadata={_METADATA_KEY: declared})


def settings_of(owner: Any) -> tuple[Setting, ...]:
    """Return the declared settings of a dataclass (or of an instance of one), in the order of its fields."""
    return _settings_of(owner if isinstance(owner, type) else type(owner))


@functools.cache
def _settings_of(cls: type) -> tuple[Setting, ...]:
    annotations = typing.get_type_hints(cls)
    found: list[Setting] = []
    for field in dataclasses.fields(cls):
        declared = field.metadata.get(_METADATA_KEY)
        if declared is not None:
            kind, optional = _kind(annotations[field.name])
            found.append(dataclasses.replace(declared, name=field.name, kind=kind, optional=optional))
    return tuple(found)


def check(instance: Any) -> None:
    """Check every declared setting of a dataclass instance; for use in `__post_init__`.

    Raises
    ------
    ConfigError
        For the first value that is refused.
    """
    for declared in settings_of(instance):
        declared.check(getattr(instance, declared.name))


def _kind(annotation: Any) -> tuple[type, bool]:
    if isinstance(annotation, types.UnionType):
        kinds = [each for each in typing.get_args(annotation) if each is not type(None)]
        return kinds[0], type(None) in typing.get_args(annotation)
    return annotation, False
