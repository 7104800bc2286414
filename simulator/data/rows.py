"""Which rows of a table are used: the condition, duplicates, a smaller sample, and missing values."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.data.cells import numbers, texts
from simulator.data.choices import RecipeChoices
from simulator.data.formula import parse
from simulator.data.split import Rows
from simulator.data.table import Table
from simulator.errors import Offer
from simulator.nn import random
from simulator.progress import Progress

Mask = NDArray[np.bool_]

CONDITION, DUPLICATE, SAMPLE, MISSING = "condition", "duplicate", "sample", "missing"
"""Why a row is not used."""


@dataclasses.dataclass(frozen=True, eq=False)
class Chosen:
    """The rows that are used.

    Attributes
    ----------
    rows
        Their numbers, rising, int64.
    wanted
        How many there were before those with missing values were dropped.
    holes
        For every needed column with empty cells, where they are, (rows of the table,).
    reasons
        Why each row that is not used is not.
    """

    rows: Rows
    wanted: int
    holes: Mapping[str, Mask]
    reasons: Mapping[str, Rows]


def choose_rows(
    table: Table, choices: RecipeChoices, kinds: Mapping[str, str], needed: tuple[str, ...], progress: Progress
) -> Chosen:
    """Choose the rows of a table.

    Parameters
    ----------
    choices
        With target, task and split filled in.
    kinds
        The kind of every feature.
    needed
        Other columns without whose value a row cannot be used: the target and the split's column.

    Raises
    ------
    ConfigError
        When the condition makes no sense.
    DatasetError
        When a column has no values at all, a cell of a number is none, or too few rows are left.
    """
    progress.report(None, "choosing the rows")
    reasons: dict[str, Rows] = {}
    kept = np.ones(len(table.frame), dtype=bool)
    for why, mask in (
        (CONDITION, lambda: _meeting(table, choices)),
        (DUPLICATE, lambda: _first_of_their_kind(table, choices)),
    ):
        wanted = mask()
        if wanted is not None:
            reasons[why] = np.flatnonzero(kept & ~wanted)
            kept &= wanted
    if not kept.any():
        hint = "Loosen the condition."
        raise table.refuse(f"no row meets the condition {choices.where!r}", hint)
    if choices.most_rows is not None and kept.sum() > choices.most_rows:
        rows = np.flatnonzero(kept)
        lost = rows[random.permutation(choices.seed, random.ROWS, 0, len(rows))[choices.most_rows :]]
        reasons[SAMPLE] = np.sort(lost)
        kept[lost] = False
    holes, usable = _holes_in(table, choices, kinds, needed, kept, progress)
    reasons[MISSING] = np.flatnonzero(kept & ~usable)
    rows = np.flatnonzero(kept & usable)
    _check(table, rows, holes, kept)
    return Chosen(rows, int(kept.sum()), holes, {why: lost for why, lost in reasons.items() if len(lost)})


def _meeting(table: Table, choices: RecipeChoices) -> Mask | None:
    if not choices.where.strip():
        return None
    return parse(choices.where).condition(_series(table.frame))


def _series(frame: pd.DataFrame) -> Mapping[str, Any]:
    return {str(name): frame.iloc[:, place] for place, name in enumerate(frame.columns)}


def _first_of_their_kind(table: Table, choices: RecipeChoices) -> Mask | None:
    return ~table.frame.duplicated().to_numpy() if choices.unique else None


def _holes_in(
    table: Table,
    choices: RecipeChoices,
    kinds: Mapping[str, str],
    needed: tuple[str, ...],
    kept: Mask,
    progress: Progress,
) -> tuple[dict[str, Mask], Mask]:
    holes: dict[str, Mask] = {}
    usable = np.ones(len(table.frame), dtype=bool)
    for name in dict.fromkeys((*kinds, *needed)):
        progress.report(None, "looking for missing values")
        numeric = kinds.get(name) in ("number", "image") or (name == choices.target and choices.task == "regression")
        found = _holes(table, name, numeric)
        if found[kept].all():
            raise _empty(table, name, name in kinds)
        if found.any():
            holes[name] = found
            if name in needed or choices.column(name).missing == "drop":
                usable &= ~found
    return holes, usable


def _empty(table: Table, name: str, is_feature: bool) -> Exception:
    hint = f"Leave it out: ignore {name!r}." if is_feature else "Name another target."
    offers = (Offer(f"Ignore {name!r}", {"ignore": (name,)}),) if is_feature else ()
    return table.refuse(f"the column {name!r} has no values at all", hint, offers=offers)


def _holes(table: Table, name: str, numeric: bool) -> Mask:
    column = table.frame[name]
    if not numeric:
        return texts(column)[0] < 0 if column.dtype.kind not in "iuf" else column.isna().to_numpy()
    values, refused = numbers(column)
    if refused is not None:
        hint = "Correct the cell, or say that the column holds categories."
        raise table.refuse(f"{column.iloc[refused]!r} in the column {name!r} is no number", hint, refused)
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        hint = "Correct the cell, empty it, or ignore the column."
        raise table.refuse(f"the column {name!r} holds an infinite number", hint, int(infinite[0]))
    return np.isnan(values)


def _check(table: Table, rows: Rows, holes: Mapping[str, Mask], kept: Mask) -> None:
    if len(rows) >= 2:
        return
    worst = max(holes, key=lambda name: int((holes[name] & kept).sum()), default="")
    left = f"{len(rows)} row{' is' if len(rows) == 1 else 's are'} left once those"
    if worst:
        hint = f"Fill missing values instead of dropping rows, or ignore {worst!r}, which misses most."
        offers = (Offer("Fill missing values", {"missing": "median"}), Offer(f"Ignore {worst!r}", {"ignore": (worst,)}))
        raise table.refuse(f"{left} with missing values are dropped", hint, offers=offers)
    if kept.sum() < len(table.frame):
        raise table.refuse(f"{left} that do not meet the condition are left out", "Loosen the condition.")
    raise table.refuse(f"the table has only {len(rows)} row", "A data set needs at least two.")
