"""How the target column becomes what the network is to say, and back: one frozen, fitted value, one class a task."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import finite_numbers, texts
from simulator.data.steps.scaling import Scaling
from simulator.data.stored import json_flag, json_names, json_number, json_scale, json_text
from simulator.errors import DatasetError

Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Classes:
    """The target is one of several classes, one output each.

    Attributes
    ----------
    classes
        Their names in the order of their first appearance in the file.
    """

    column: str
    classes: tuple[str, ...]

    def transform(self, column: "pd.Series[Any]", decimal: str) -> Floats:
        """Return one-hot rows (rows, classes), NaN where the class is missing.

        Raises
        ------
        DatasetError
            When a class is none of the known ones.
        """
        codes, names = texts(column)
        places = {name: place for place, name in enumerate(self.classes)}
        for place, name in enumerate(names):
            if name not in places:
                row = int(np.flatnonzero(codes == place)[0])
                hint = f"It knows {', '.join(self.classes[:20])}{' …' if len(self.classes) > 20 else ''}."
                raise DatasetError(f"row {row + 1} of {self.column!r} is the unknown class {name!r}", hint)
        mine = np.array([*(places[name] for name in names), len(places)], dtype=np.int64)
        cells = mine[codes]
        rows = np.full((len(cells), len(places)), np.nan)
        known = cells < len(places)
        rows[known] = 0.0
        rows[known, cells[known]] = 1.0
        return rows

    def value(self, outputs: Floats) -> Floats:
        """Return the outputs themselves: a class has no unit."""
        return outputs

    def to_json(self) -> dict[str, Any]:
        """Return the target as JSON values."""
        return {"kind": "classes", "column": self.column, "classes": list(self.classes)}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Classes":
        """Read what `to_json` wrote; ConfigError where it is something else."""
        return Classes(json_text(value["column"]), json_names(value["classes"]))


@dataclasses.dataclass(frozen=True)
class Value:
    """The target is a number y; the output is (u − mean)/scale, where u is y, or ln(1 + y).

    Attributes
    ----------
    mean, scale
        Mean and standard deviation (ddof 0) of u over the training rows, or 0 and 1 where nothing is scaled.
    log
        Whether u is ln(1 + y).
    """

    column: str
    mean: float
    scale: float
    log: bool = False

    def transform(self, column: "pd.Series[Any]", decimal: str) -> Floats:
        """Return standardised values (rows, 1), NaN where one is missing.

        Raises
        ------
        DatasetError
            When a cell is no number, or its logarithm is wanted and does not exist.
        """
        values = finite_numbers(column, decimal)
        if self.log:
            low = np.flatnonzero(values <= -1.0)
            if len(low):
                hint = "Learn the value itself instead of its logarithm."
                row = int(low[0])
                raise DatasetError(f"row {row + 1} of {self.column!r} is {values[row]:g}: ln(1 + y) needs y > −1", hint)
            values = np.log1p(values)
        return ((values - self.mean) / self.scale)[:, None]

    def value(self, outputs: Floats) -> Floats:
        """Return y = output · scale + mean, or e to that, minus 1."""
        inner = outputs * self.scale + self.mean
        with np.errstate(over="ignore"):
            return np.expm1(inner) if self.log else inner

    @property
    def formula(self) -> str:
        """How the output comes about, as ``(ln(1 + price) − 4.1)/0.8``."""
        return Scaling("log" if self.log else "standardise", self.mean, self.scale).formula(self.column)

    def to_json(self) -> dict[str, Any]:
        """Return the target as JSON values."""
        return {"kind": "value", **dataclasses.asdict(self)}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Value":
        """Read what `to_json` wrote; ConfigError where it is something else."""
        mean, scale = json_number(value["mean"], "mean"), json_scale(value["scale"])
        return Value(json_text(value["column"]), mean, scale, json_flag(value.get("log", False)))


TARGETS = {"classes": Classes, "value": Value}
"""The kinds of targets, by the name that stands in files."""
