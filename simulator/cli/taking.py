"""Options that several commands share: a group of them stands in place of one parameter."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from typer import Option

from simulator.fields import Setting, settings_of
from simulator.nn.choices import CHOICES
from simulator.tables import look_up

Rows = Mapping[str, tuple[Any, Any]]
"""The type and the default of every option, by its name."""

Command = Callable[..., int]


def taking(parameter: str, rows: Rows, made: Callable[[Mapping[str, Any]], Any]) -> Callable[[Command], Command]:
    """Give a command some options in place of one of its parameters.

    Parameters
    ----------
    parameter
        The parameter's name.
    rows
        The options.
    made
        What was typed, by the options' names, to the parameter's value.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def run(**given: Any) -> int:
            typed = {name: given.pop(name) for name in rows}
            return command(**given, **{parameter: made(typed)})

        own = inspect.signature(command).parameters
        parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own.values()]
        place = next(place for place, each in enumerate(parameters) if each.name == parameter)
        added = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
            for name, (kind, default) in rows.items()
        ]
        parameters[place : place + 1] = added
        run.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportAttributeAccessIssue] - typer asks for it
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return decorate


def under(heading: str, rows: Rows) -> None:
    """Let the help of a command show options under a heading."""
    for kind, _ in rows.values():
        for each in getattr(kind, "__metadata__", ()):
            each.rich_help_panel = heading


def rows_of(owner: type) -> dict[str, tuple[Any, Any]]:
    """Return an option for every declared setting of a dataclass, None where nothing is typed."""
    return {each.name: (_option(each), None) for each in settings_of(owner)}


def made_of(owner: type, typed: Mapping[str, Any], **others: Any) -> Any:
    """Return a dataclass with the settings that were typed for `rows_of`.

    Raises
    ------
    ConfigError
        For a value that is refused.
    """
    declared = {each.name: each for each in settings_of(owner)}
    given = {
        name: declared[name].parse(value) if isinstance(value, str) else value
        for name, value in typed.items()
        if name in declared and value is not None
    }
    for name, value in given.items():
        if table := CHOICES.get(declared[name].choices_from):
            look_up(table, value, declared[name].label.lower())
    return owner(**given, **others)


def _option(declared: Setting) -> Any:
    name = declared.name.replace("_", "-")
    if declared.kind is bool:
        usual = f"By default {'yes' if declared.default else 'no'}."
        return Annotated[bool | None, Option(f"--{name}/--no-{name}", help=f"{declared.help} {usual}")]
    known = declared.choices or tuple(CHOICES.get(declared.choices_from, ()))
    said = f"{'One of ' + ', '.join(known) + '. ' if known else ''}{declared.help}"
    if declared.default is not None:
        said += f" By default {declared.default}."
    return Annotated[str | None, Option(f"--{name}", help=said, show_default=False)]
