"""The options about a table, declared once for every command that takes one."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from typer import Option

from simulator.cli.taking import Command, Rows, taking, under
from simulator.data import RecipeChoices
from simulator.data.choices import ENCODINGS, KINDS, MISSING_WAYS, SCALINGS, TASKS, UNKNOWN_WAYS
from simulator.errors import ConfigError
from simulator.fields import settings_of
from simulator.interchange.recipe_file import read_choices

_HELP = {row.name: row.help for row in settings_of(RecipeChoices)}
_EACH = "For all columns, or COLUMN=WAY for one; repeatable."

Texts = list[str] | None
Text = str | None

READING: dict[str, tuple[Any, Any]] = {
    "delimiter": (Annotated[Text, Option(help=_HELP["delimiter"])], None),
    "decimal": (Annotated[Text, Option(help=_HELP["decimal"])], None),
    "thousands": (Annotated[Text, Option(help=_HELP["thousands"])], None),
    "header": (Annotated[bool | None, Option("--header/--no-header", help=_HELP["header"])], None),
    "sheet": (Annotated[Text, Option("--sheet", "--table", help=_HELP["sheet"])], None),
    "ragged": (Annotated[Text, Option(help=_HELP["ragged"])], None),
}
"""How a file is read: the type and the default of every option."""

PREPARING: dict[str, tuple[Any, Any]] = {
    "recipe": (
        Annotated[Path | None, Option(help="Choices as the dialog exports them; options here go before.")],
        None,
    ),
    "target": (Annotated[Text, Option(help=_HELP["target"])], None),
    "task": (Annotated[Text, Option(help=f"{' or '.join(TASKS)}. {_HELP['task']}")], None),
    "features": (Annotated[Texts, Option(help="The columns that the network sees, as a,b; repeatable.")], None),
    "ignore": (Annotated[Texts, Option(help="Columns to leave out, as a,b; repeatable.")], None),
    "categories": (Annotated[Texts, Option(help="Columns of numbers that are codes, as a,b; repeatable.")], None),
    "kind": (Annotated[Texts, Option(help=f"COLUMN=KIND, one of {', '.join(KINDS)}; repeatable.")], None),
    "derive": (Annotated[Texts, Option(help="A new column, as ratio=bill_length_mm/bill_depth_mm; repeatable.")], None),
    "where": (Annotated[Text, Option(help=_HELP["where"])], None),
    "unique": (Annotated[bool | None, Option("--unique", help=_HELP["unique"])], None),
    "most_rows": (Annotated[int | None, Option(help=_HELP["most_rows"])], None),
    "missing": (
        Annotated[Texts, Option(help=f"{', '.join(MISSING_WAYS)}, as constant:0 with its value. {_EACH}")],
        None,
    ),
    "flag_missing": (Annotated[bool | None, Option("--flag-missing", help=_HELP["flag_missing"])], None),
    "scale": (Annotated[Texts, Option(help=f"{', '.join(SCALINGS)}. {_EACH}")], None),
    "encode": (Annotated[Texts, Option(help=f"Categories: {', '.join(ENCODINGS)}. {_EACH}")], None),
    "unknown": (Annotated[Texts, Option(help=f"Unknown categories: {', '.join(UNKNOWN_WAYS)}. {_EACH}")], None),
    "class_order": (Annotated[Texts, Option(help="The classes in the order of the outputs, as a,b.")], None),
    "target_log": (Annotated[bool | None, Option("--target-log", help=_HELP["target_log"])], None),
    "split": (
        Annotated[Text, Option(help=f"random, order, column:NAME or groups:NAME. {_HELP['split']}")],
        None,
    ),
    "test_fraction": (Annotated[float | None, Option(help=_HELP["test_fraction"])], None),
    "stratify": (Annotated[bool | None, Option("--stratify/--no-stratify", help=_HELP["stratify"])], None),
    "leakage": (Annotated[bool | None, Option("--leakage", help=_HELP["leakage"])], None),
    "unscaled": (Annotated[bool | None, Option("--unscaled", help=_HELP["unscaled"])], None),
    "label_noise": (Annotated[float | None, Option(help=_HELP["label_noise"])], None),
    "duplicates": (Annotated[float | None, Option(help=_HELP["duplicates"])], None),
}
"""How a table becomes a data set: the type and the default of every option."""

under("How the file is read", READING)
under("How the table becomes a data set", PREPARING)

_EVERY = {"missing": "missing", "scale": "scale", "encode": "encoding", "unknown": "unknown", "kind": "kind"}
"""The options that are for all columns or for one, with the names of their choices."""


def taking_choices(*groups: Rows) -> Callable[[Command], Command]:
    """Give a command the options of some groups in place of its parameter `choices`.

    The command is called with `choices`, a mapping for `open_dataset` of those that somebody gave.
    """
    return taking("choices", {name: row for group in groups for name, row in group.items()}, chosen)


def chosen(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as choices for `open_dataset`; what was not is left out.

    Raises
    ------
    ConfigError
        When something cannot be understood.
    """
    given = {name: value for name, value in typed.items() if value is not None}
    found = _of_recipe(given.pop("recipe", None))
    columns: dict[str, dict[str, Any]] = {each["name"]: each for each in found.pop("columns", [])}
    for option, field in _EVERY.items():
        for text in given.pop(option, ()):
            _decide(found, columns, option, field, text)
    for name in ("features", "ignore", "categories", "class_order"):
        if name in given:
            found[name] = tuple(each for text in given.pop(name) for each in _listed(text))
    for text in given.pop("derive", ()):
        name, sign, formula = text.partition("=")
        if not sign:
            raise ConfigError(f"a derived column cannot be {text!r}", "Write NAME=FORMULA.")
        rest = [each for each in found.get("derived", []) if each["name"] != name.strip()]
        found["derived"] = [*rest, {"name": name.strip(), "formula": formula.strip()}]
    if "split" in given:
        way, _, column = str(given.pop("split")).partition(":")
        found |= {"split": way, "split_column": column or None}
    found |= given
    return found | ({"columns": list(columns.values())} if columns else {})


def _of_recipe(path: Path | None) -> dict[str, Any]:
    """Return the choices of a file that are not the usual ones."""
    if path is None:
        return {}
    usual = RecipeChoices().to_json()
    return {name: value for name, value in read_choices(path).to_json().items() if value != usual[name]}


def _decide(found: dict[str, Any], columns: dict[str, dict[str, Any]], option: str, field: str, text: str) -> None:
    name, sign, way = text.rpartition("=")
    way, colon, constant = way.partition(":")
    decided: dict[str, Any] = {field: way}
    if colon and option == "missing" and way == "constant":
        decided["constant"] = constant
    if sign:
        columns[name] = columns.get(name, {"name": name}) | decided
    elif option == "kind":
        raise ConfigError(f"the kind {text!r} is of no column", "Write COLUMN=KIND.")
    else:
        found |= decided


def _listed(text: str) -> Sequence[str]:
    return [each.strip() for each in next(csv.reader([text], skipinitialspace=True), []) if each.strip()]
