"""What a model file says beside its numbers: architecture, training, recipe and epoch, as JSON."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from simulator.data.recipe import Recipe
from simulator.errors import ConfigError, ExportError, ModelFileError, SimulatorError
from simulator.interchange.agreement import check_fit
from simulator.interchange.model import Model
from simulator.nn import choices
from simulator.spec import NetworkSpec, TrainingConfig

FORMAT = "nodeglow model"
KEY = "nodeglow"
"""Under which name a file that is made for another program holds the document."""

VERSION = 1
LARGEST_DOCUMENT = 16 * 2**20
"""In bytes; a recipe with a hundred thousand categories needs a tenth of it."""

_DEEPEST = 64
_LONGEST_INTEGER = 24
_LARGEST_EPOCH = 2**63 - 1
_DAMAGED = "The file is damaged or was changed by hand; export the model again."


@dataclasses.dataclass(frozen=True)
class Document:
    """A model without its numbers."""

    network: NetworkSpec
    config: TrainingConfig
    recipe: Recipe
    epoch: int


def describe(model: Model) -> dict[str, Any]:
    """Return the document of a model as JSON values."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "epoch": model.epoch,
        "network": model.network.to_json(),
        "config": model.config.to_json(),
        "feature_names": list(model.feature_names),
        "class_names": list(model.class_names),
        "recipe": model.recipe.to_json(),
    }


def write_document(model: Model) -> str:
    """Return the document of a model as one line of ASCII text.

    Raises
    ------
    ExportError
        When it is longer than `read_document` accepts.
    """
    text = json.dumps(describe(model), allow_nan=False)
    if len(text) > LARGEST_DOCUMENT:
        raise ExportError(
            f"the description of this model takes {len(text):,} bytes",
            f"At most {LARGEST_DOCUMENT:,} are possible: leave out a column with so many categories.",
        )
    return text


def read_document(text: str | bytes) -> Document:
    """Read what `write_document` wrote.

    Raises
    ------
    ModelFileError
        When it is something else, or its parts do not fit one another.
    """
    return interpret(parse_json(text))


def parse_json(text: str | bytes) -> Any:
    """Parse untrusted JSON: no infinities, no endless integers, no depth that exhausts the stack.

    Raises
    ------
    ModelFileError
        When the text is no JSON, or JSON that no model file needs.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_refuse_constant, parse_int=_integer)
    except RecursionError as error:
        raise ModelFileError("the JSON text is nested too deep", _DAMAGED) from error
    except ValueError as error:  # bad JSON, bad UTF-8
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"this is no valid JSON text: {error}", _DAMAGED) from error
    if _too_deep(value):
        raise ModelFileError("the JSON text is nested too deep", _DAMAGED)
    return value


def interpret(value: object) -> Document:
    """Check parsed JSON values and make a document of them.

    Raises
    ------
    ModelFileError
        When something is missing, unknown or refused.
    """
    parts = _checked_parts(value)
    try:
        network = NetworkSpec.from_json(parts["network"])
        config = TrainingConfig.from_json(parts["config"])
        choices.check(network, config)
        recipe = _recipe(parts["recipe"])
        check_fit(network, recipe)
    except ModelFileError:
        raise
    except SimulatorError as error:
        raise ModelFileError(f"this model cannot be used: {error.message}", error.hint or _DAMAGED) from error
    for key, names in (("feature_names", recipe.feature_names), ("class_names", recipe.class_names)):
        if parts.get(key, list(names)) != list(names):
            raise ModelFileError(f"{key} and the recipe disagree", _DAMAGED)
    return Document(network, config, recipe, parts["epoch"])


def _checked_parts(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise ModelFileError(
            "this is not a Nodeglow model",
            "Only files that Nodeglow saved say how their numbers are to be used.",
        )
    parts: dict[str, Any] = value
    version = parts.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ModelFileError(f"{_short(version)} is no version of the file format", _DAMAGED)
    if version > VERSION:
        raise ModelFileError(
            f"this file was written by a newer Nodeglow (format {version}, this one reads up to {VERSION})",
            "Update Nodeglow, or export the model again for this version.",
        )
    missing = [key for key in ("network", "config", "recipe", "epoch") if key not in parts]
    if missing:
        raise ModelFileError(f"the model has no {missing[0]}", _DAMAGED)
    epoch = parts["epoch"]
    if not isinstance(epoch, int) or isinstance(epoch, bool) or not 0 <= epoch <= _LARGEST_EPOCH:
        raise ModelFileError(f"{_short(epoch)} is no number of epochs", _DAMAGED)
    return parts


def _recipe(value: object) -> Recipe:
    if not isinstance(value, dict):
        raise ConfigError("the recipe is not a JSON object", _DAMAGED)
    try:
        return Recipe.from_json(value)
    except SimulatorError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
        raise ConfigError(f"the recipe cannot be read: {error}", _DAMAGED) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ModelFileError(f"{name} is no number that a model can hold", _DAMAGED)


def _integer(digits: str) -> int:
    # Python refuses some thousand digits only; a shorter one would still overflow where it becomes a float.
    if len(digits) > _LONGEST_INTEGER:
        raise ModelFileError(f"a whole number of {len(digits):,} digits is too large", _DAMAGED)
    return int(digits)


def _too_deep(value: object) -> bool:
    level: list[dict[str, Any] | list[Any]] = [value] if isinstance(value, dict | list) else []
    for _ in range(_DEEPEST):
        inner = [each.values() if isinstance(each, dict) else each for each in level]
        level = [each for values in inner for each in values if isinstance(each, dict | list)]
        if not level:
            return False
    return True


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
