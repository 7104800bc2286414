"""The questions about a table that a user may answer; what is left open is guessed."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from simulator import fields
from simulator.errors import ConfigError
from simulator.fields import setting
from simulator.tables import look_up

TASKS = ("classification", "regression")


@dataclasses.dataclass(frozen=True)
class RecipeChoices:
    """How a table becomes a data set, as far as somebody decided it.

    Attributes
    ----------
    features
        The columns that the network sees, in their order; None lets them be guessed.
    ignore
        Columns that are left out of the guessed features.
    categories
        Columns of numbers that are codes, not quantities: they are one-hot encoded.
    """

    target: str | None = setting(None, "Target", "The column that the network learns to predict; none: guessed.")
    features: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    task: str | None = setting(
        None, "Task", "Whether the target is a class or a value; none: guessed from its cells.", choices=TASKS
    )
    missing: str = setting(
        "drop",
        "Missing values",
        "What happens to a row with an empty cell in a used column: the row is dropped, or the cell is filled with the "
        "mean, the median or the most frequent value of the training rows (a category always with the most frequent).",
        choices=("drop", "mean", "median", "most_frequent"),
    )
    scale: str = setting(
        "standardise",
        "Scaling",
        "Standardise: (x − mean) / deviation, both of the training rows; none: numbers as they stand.",
        choices=("standardise", "none"),
    )
    test_fraction: float = setting(
        0.2,
        "Test rows",
        "The share of the rows that is kept for testing and never trained on.",
        minimum=0,
        maximum=1,
        open_maximum=True,
    )
    stratify: bool = setting(True, "Stratified split", "Every class has the same share of test rows.")
    seed: int = setting(0, "Split seed", "The number from which the split follows.", minimum=0, maximum=2**64 - 1)
    delimiter: str | None = setting(
        None, "Delimiter", "What stands between two cells; none: recognised.", choices=(",", ";", "\t", "|", " ")
    )
    decimal: str | None = setting(
        None, "Decimal mark", "What stands before the decimals; none: recognised.", choices=(".", ",")
    )
    header: bool | None = setting(
        None, "Header", "Whether the first row holds the names of the columns; none: recognised."
    )

    def __post_init__(self) -> None:
        fields.check(self)
        for name in ("features", "ignore", "categories"):
            object.__setattr__(self, name, _names(name, getattr(self, name)))
        if self.features is not None and not self.features:
            raise ConfigError("there are no features", "Name at least one column, or none to have them guessed.")

    def to_json(self) -> dict[str, Any]:
        """Return the choices as JSON values."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "RecipeChoices":
        """Read what `to_json` wrote.

        Raises
        ------
        ConfigError
            When a name is unknown or a value refused.
        """
        return choose(dict(value))


def choose(given: Mapping[str, Any]) -> RecipeChoices:
    """Return the choices with some of them given by name.

    Raises
    ------
    ConfigError
        When there is no such choice (the hint names the nearest), or a value is refused.
    """
    known = {field.name: field.name for field in dataclasses.fields(RecipeChoices)}
    for name in given:
        look_up(known, name, "choice for a data set")
    return RecipeChoices(**given)


def _names(field: str, value: Any) -> tuple[str, ...] | None:
    if value is None and field == "features":
        return None
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"{field} cannot be {value!r}", "Give a list of column names.")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ConfigError(f"{field} names the column {name!r} twice", "Name every column once.")
        seen.add(name)
    return tuple(names)
