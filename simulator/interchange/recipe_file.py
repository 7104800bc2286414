"""The choices about a table as a file of their own: what was decided once serves another table of the same kind."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.data import RecipeChoices
from simulator.errors import ConfigError, ModelFileError
from simulator.interchange.whole_files import open_regular, printable, write_whole

SUFFIX = ".json"
_LARGEST = 1 << 24
_HINT = "Give a file that the dialog's Export recipe, or a model's export as JSON, has written."


def write_choices(choices: RecipeChoices, path: str | Path, overwrite: bool = True) -> Path:
    """Write choices into a JSON file, whole or not at all.

    Parameters
    ----------
    choices
        What was decided, and what was guessed as far as it is filled in (`Dataset.choices` has it all).
    path, overwrite
        As for `write_whole`.

    Returns
    -------
    The file that was written.

    Raises
    ------
    ExportError
        When it cannot be written.
    """
    value = {"nodeglow": "recipe", "version": 1, "choices": choices.to_json()}
    return write_whole(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n", overwrite)


def read_choices(path: str | Path) -> RecipeChoices:
    """Read choices from what `write_choices` wrote, or from any JSON that holds a recipe, as a model's export does.

    Raises
    ------
    ConfigError
        When the file cannot be read, holds something else, or a choice is unknown or refused.
    """
    try:
        with open_regular(path) as (file, size):
            if size > _LARGEST:
                raise ConfigError(f"{printable(path)} is no recipe: it has {size:,} bytes", _HINT)
            text = file.read(_LARGEST).decode("utf-8-sig")
        value = json.loads(text)
    except ModelFileError as error:
        raise ConfigError(error.message, error.hint) from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"{printable(path)} is no recipe: it cannot be read as JSON", _HINT) from error
    found = _choices_in(value)
    if found is None:
        raise ConfigError(f"{printable(path)} holds no choices", _HINT)
    try:
        return RecipeChoices.from_json(found)
    except ConfigError as error:
        raise ConfigError(f"{printable(path)}: {error.message}", error.hint) from error


def _choices_in(value: Any) -> Mapping[str, Any] | None:
    for key in ("choices", "recipe"):
        inner = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(inner, Mapping):
            return inner if key == "choices" else _choices_in(inner)
    return None
