"""The questions about a table that a user may answer; what is left open is guessed."""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

from simulator import fields
from simulator.data.formula import parse
from simulator.errors import ConfigError
from simulator.fields import setting
from simulator.tables import look_up

TASKS = ("classification", "regression")
KINDS = ("number", "category", "date", "text", "image")
"""What a column can hold. "image": one pixel of a picture whose other pixels stand in the neighbouring columns."""
MISSING_WAYS = ("drop", "mean", "median", "most_frequent", "constant")
SCALINGS = ("standardise", "min_max", "robust", "log", "none")
ENCODINGS = ("one_hot", "ordinal")
UNKNOWN_WAYS = ("zeros", "most_frequent", "refuse")
SPLITS = ("random", "order", "column", "groups")

_MISSING_HELP = (
    "What happens to a row with an empty cell in a used column: the row is dropped, or the cell is filled with the "
    "mean, the median or the most frequent value of the training rows (a category always with the most frequent), "
    "or with a constant."
)
_SCALE_HELP = (
    "Standardise: (x − mean) / deviation; min–max: (x − min) / (max − min); robust: (x − median) / interquartile "
    "range; log: the sign of x times ln(1 + |x|), then standardised; none: numbers as they stand. All of the training "
    "rows."
)
_ENCODING_HELP = (
    "One-hot: an input of its own for every category, 1 or 0; ordinal: one input, the category's place in the order."
)
_UNKNOWN_HELP = (
    "What happens to a category that no training row has: all its inputs are 0 (an ordinal stands before the first), "
    "it counts as the most frequent one, or it is refused."
)


@dataclasses.dataclass(frozen=True)
class ColumnChoice:
    """What somebody decided about one column; what is left None follows the choices for the whole table.

    Attributes
    ----------
    name
        The column, raw or derived.
    constant
        What fills an empty cell where `missing` is "constant", as one would type it.
    parts
        What is taken of a date or a text (see `simulator.data.parts.PARTS`); None takes what varies.
    order
        The categories of an ordinal from the lowest to the highest, or of a one-hot column in the order of its inputs;
        those that it does not name follow in the order of the file.
    """

    name: str
    kind: str | None = setting(None, "Kind", "What the column holds; none: guessed.", choices=KINDS)
    missing: str | None = setting(None, "Missing values", _MISSING_HELP, choices=MISSING_WAYS)
    constant: str | None = setting(None, "Constant", "What is put in place of an empty cell.")
    flag_missing: bool | None = setting(
        None, "Input for missing", 'One more input, "is missing": 1 where the cell is empty, else 0.'
    )
    scale: str | None = setting(None, "Scaling", _SCALE_HELP, choices=SCALINGS)
    encoding: str | None = setting(None, "Encoding", _ENCODING_HELP, choices=ENCODINGS)
    unknown: str | None = setting(None, "Unknown categories", _UNKNOWN_HELP, choices=UNKNOWN_WAYS)
    parts: tuple[str, ...] | None = None
    order: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        fields.check(self)
        object.__setattr__(self, "parts", _names("parts", self.parts))
        object.__setattr__(self, "order", _names("order", self.order))

    @property
    def is_empty(self) -> bool:
        """Whether it decides nothing."""
        return self == ColumnChoice(self.name)


@dataclasses.dataclass(frozen=True)
class Derived:
    """A column that is computed from others, by a formula (see `simulator.data.formula`)."""

    name: str
    formula: str

    def __post_init__(self) -> None:
        for what, value in (("name", self.name), ("formula", self.formula)):
            if not isinstance(value, str) or not value.strip():  # pyright: ignore[reportUnnecessaryIsInstance]
                raise ConfigError(f"the {what} of a derived column cannot be {value!r}", "Give a text.")
        try:
            parse(self.formula)
        except ConfigError as error:
            raise ConfigError(f"the column {self.name!r}: {error.message}", error.hint) from error


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
        Columns of numbers that are codes, not quantities (short for a `ColumnChoice` of kind "category").
    columns
        What was decided about single columns.
    derived
        Columns that are computed from others; each may use those before it.
    class_order
        The classes in the order of the outputs; those that it does not name follow in the order of the file.
    """

    target: str | None = setting(None, "Target", "The column that the network learns to predict; none: guessed.")
    features: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    columns: tuple[ColumnChoice, ...] = ()
    derived: tuple[Derived, ...] = ()
    task: str | None = setting(
        None, "Task", "Whether the target is a class or a value; none: guessed from its cells.", choices=TASKS
    )
    class_order: tuple[str, ...] = ()
    target_log: bool = setting(
        False, "Log of the target", "The network learns ln(1 + y) of a value y instead of y (y must be above −1)."
    )
    where: str = setting(
        "", "Only rows where", 'A condition that a row must meet to be used, as: mass > 3000 and island == "Biscoe".'
    )
    unique: bool = setting(False, "Drop duplicates", "Of rows that are alike in all columns only the first is used.")
    most_rows: int | None = setting(
        None,
        "At most so many rows",
        "More rows than this are thinned out at random (by the seed); none: all.",
        minimum=2,
    )
    missing: str = setting("drop", "Missing values", _MISSING_HELP, choices=MISSING_WAYS)
    constant: str | None = setting(
        None, "Constant", "What is put in place of an empty cell; none: 0, and for a category the word missing."
    )
    flag_missing: bool = setting(
        False,
        "Inputs for missing values",
        'One more input a column with empty cells, "is missing": 1 where the cell is empty, else 0.',
    )
    scale: str = setting("standardise", "Scaling", _SCALE_HELP, choices=SCALINGS)
    encoding: str = setting("one_hot", "Categories", _ENCODING_HELP, choices=ENCODINGS)
    unknown: str = setting("zeros", "Unknown categories", _UNKNOWN_HELP, choices=UNKNOWN_WAYS)
    split: str | None = setting(
        None,
        "Split",
        "Which rows are for testing: drawn at random; the last ones in the file; those that a column names (test, "
        "validation, or true); or whole groups of rows that have the same value in a column. None: guessed.",
        choices=SPLITS,
    )
    split_column: str | None = setting(None, "Split column", "The column that says which rows are for testing.")
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
    leakage: bool = setting(
        False,
        "Fit on all rows (a mistake)",
        "Means, deviations, fills and categories are taken from the test rows too, so that the test knows what it "
        "should not: data leakage, for teaching.",
    )
    unscaled: bool = setting(
        False,
        "Do not scale (a mistake)",
        "All numbers go into the network as they stand, grams beside millimetres: training is slow or fails, for "
        "teaching.",
    )
    label_noise: float = setting(
        0.0,
        "Label noise",
        "This share of the training rows is told another class than the file's (a value: one shifted by noise of its "
        "own deviation), drawn by the seed, for a lesson about mistakes in data.",
        minimum=0,
        maximum=1,
    )
    duplicates: float = setting(
        0.0,
        "Duplicates",
        "Copies of this share of the rows, drawn by the seed, are added before the split, so that some stand in both "
        "parts: a lesson about careless data.",
        minimum=0,
        maximum=1,
    )
    delimiter: str | None = setting(
        None, "Delimiter", "What stands between two cells; none: recognised.", choices=(",", ";", "\t", "|", " ")
    )
    decimal: str | None = setting(
        None, "Decimal mark", "What stands before the decimals; none: recognised.", choices=(".", ",")
    )
    thousands: str | None = setting(
        None,
        "Thousands mark",
        "What stands between the thousands of a number; none: recognised.",
        choices=("", ",", ".", "'", " "),
    )
    header: bool | None = setting(
        None, "Header", "Whether the first row holds the names of the columns; none: recognised."
    )
    sheet: str | None = setting(
        None, "Sheet or table", "Which sheet, table or array of a file that holds several; none: the first with rows."
    )
    ragged: str = setting(
        "stop",
        "Rows of another length",
        "What happens when a row has more or fewer cells than there are columns: reading stops and names the line, or "
        "such rows are dropped and counted.",
        choices=("stop", "drop"),
    )

    def __post_init__(self) -> None:
        fields.check(self)
        for name in ("features", "ignore", "categories", "class_order"):
            object.__setattr__(self, name, _names(name, getattr(self, name)))
        object.__setattr__(self, "columns", _rows("columns", self.columns, ColumnChoice))
        object.__setattr__(self, "derived", _rows("derived", self.derived, Derived))
        if self.features is not None and not self.features:
            raise ConfigError("there are no features", "Name at least one column, or none to have them guessed.")
        if self.where.strip():
            parse(self.where)
        if self.split in ("column", "groups") and self.split_column is None:
            raise ConfigError(f"the split by {self.split} needs a column", "Name it as the split column.")

    def column(self, name: str) -> ColumnChoice:
        """Return what was decided about a column, with nothing left open but kind, parts, constant and order."""
        own = self._decided.get(name, ColumnChoice(name))
        general = ("missing", "constant", "flag_missing", "scale", "encoding", "unknown")
        filled = {field: getattr(self, field) for field in general if getattr(own, field) is None}
        if self.unscaled:
            filled["scale"] = "none"
        return dataclasses.replace(own, **filled)

    @functools.cached_property
    def _decided(self) -> dict[str, ColumnChoice]:
        codes = {name: ColumnChoice(name, "category") for name in self.categories}
        own = {each.name: each for each in self.columns}
        both = {
            name: dataclasses.replace(own[name], kind=own[name].kind or "category") for name in codes if name in own
        }
        return codes | own | both

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The deliberate mistakes and faults that are switched on, each in a plain sentence."""
        said = {
            "leakage": "A mistake on purpose: the recipe was fitted on all rows, so the test is none (leakage).",
            "unscaled": "A mistake on purpose: the numbers go into the network unscaled.",
            "label_noise": "On purpose, some training rows are told a wrong target (label noise).",
            "duplicates": "On purpose, copies of rows stand in the table, some of them in both parts of the split.",
        }
        return tuple(sentence for name, sentence in said.items() if getattr(self, name))

    def to_json(self) -> dict[str, Any]:
        """Return the choices as JSON values; what was decided of single columns without what was left open."""
        values = {field.name: _json(getattr(self, field.name)) for field in dataclasses.fields(self)}
        values["columns"] = [
            {name: value for name, value in each.items() if value not in (None, [])} for each in values["columns"]
        ]
        return values

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


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_json(each) for each in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value


def _rows(field: str, value: Any, kind: type[Any]) -> tuple[Any, ...]:
    """Return values of a kind, some of them perhaps given as mappings (or, for derived columns, as pairs)."""
    rows: list[Any] = []
    pairs = value.items() if isinstance(value, Mapping) else value
    if not isinstance(pairs, list | tuple) and not isinstance(value, Mapping):
        raise ConfigError(f"{field} cannot be {value!r}", "Give a list.")
    known = {each.name: each.name for each in dataclasses.fields(kind)}
    for each in pairs:
        if isinstance(each, kind):
            rows.append(each)
            continue
        given = dict(each) if isinstance(each, Mapping) else None
        if given is None and isinstance(each, list | tuple) and len(each) == 2:
            first, second = each
            given = {"name": first, **(second if isinstance(second, Mapping) else {"formula": second})}
        if given is None or not isinstance(given.get("name"), str):
            raise ConfigError(f"{field} cannot hold {each!r}", "Give the name of a column, and what is decided.")
        for name in given:
            look_up(known, str(name), f"choice among {field}")
        try:
            rows.append(kind(**given))
        except TypeError as error:
            raise ConfigError(f"{field} cannot hold {each!r}", "Something is missing there.") from error
    seen: set[str] = set()
    for row in rows:
        if row.name in seen:
            raise ConfigError(f"{field} names the column {row.name!r} twice", "Name every column once.")
        seen.add(row.name)
    return tuple(row for row in rows if not (isinstance(row, ColumnChoice) and row.is_empty))


def _names(field: str, value: Any) -> tuple[str, ...] | None:
    if value is None and field in ("features", "parts"):
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
