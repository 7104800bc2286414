"""What is typed into the search field: a text that any cell may hold, or a condition in the formula language. No Qt."""

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import ConfigError
from simulator.progress import Progress
from ui.panels.table_answers import Answers, Rows
from ui.panels.table_cells import exact
from ui.panels.table_columns import CORRECT, ERROR, LOSS, OF_NETWORK, PREDICTION, SCORE, SPLIT

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.data.formula import Formula

Mask = NDArray[np.bool_]
_COMPARES = re.compile(r"[<>=≤≥≠]")
_CONDITIONS = frozenset({"not", "and", "or", "in", "is_missing"})
SPLITS = {1: "train", -1: "test", 0: "not used"}
"""What stands in the column of the split, by the sign of a row's place."""


@dataclasses.dataclass(frozen=True)
class Search:
    """What is searched for.

    Attributes
    ----------
    text
        As it was typed.
    formula
        The condition that it is; None for a text.
    of_network
        Whether what is found changes while the network learns.
    """

    text: str
    formula: "Formula | None"
    of_network: bool


def search_of(text: str, dataset: "Dataset") -> Search | None:
    """Return what somebody typed, or None for nothing.

    A text with a comparison in it is a condition, and so is one that can be nothing else; in quotation marks it is a
    text in any case.

    Raises
    ------
    ConfigError
        When a condition makes no sense, or names a column that the table does not have.
    """
    from simulator.data.formula import parse

    typed = text.strip()
    if not typed:
        return None
    own = own_names(dataset)
    formula = None
    quoted = re.fullmatch(r'"([^"]*)"', typed)
    if quoted is None:
        if _COMPARES.search(typed):
            formula = parse(typed)
            _check_names(formula, dataset, own)
        else:
            formula = _plain_condition(typed, {*map(str, dataset.table.columns), *own})
    if formula is not None:
        return Search(typed, formula, any(name in own and name != SPLIT for name in formula.names))
    wanted = _folded(quoted[1] if quoted else typed)
    return Search(quoted[1] if quoted else typed, None, any(wanted in _folded(name) for name in dataset.class_names))


def _plain_condition(typed: str, known: set[str]) -> "Formula | None":
    """Return a condition without a comparison, as ``not correct``, if the text is one."""
    from simulator.data.formula import parse

    try:
        formula = parse(typed)
    except ConfigError:
        return None
    root = formula.root
    is_condition = (root.kind == "call" and root.value in _CONDITIONS) or (
        root.kind == "column" and root.value == CORRECT
    )
    return formula if is_condition and known.issuperset(formula.names) else None


def _check_names(formula: "Formula", dataset: "Dataset", own: tuple[str, ...]) -> None:
    known = dict.fromkeys((*map(str, dataset.table.columns), *own))
    if any(name not in known for name in formula.names):
        formula.evaluate(dict.fromkeys(known, np.zeros(0)))  # it says which one, and what was meant


def own_names(dataset: "Dataset") -> tuple[str, ...]:
    """Return the names that conditions have for the network's columns; a raw column of that name goes before."""
    names = (SPLIT, PREDICTION, LOSS, *((SCORE, CORRECT) if dataset.class_names else (ERROR,)))
    raw = {str(name) for name in dataset.table.columns}
    return tuple(name for name in names if name not in raw)


def found_by(
    search: Search, dataset: "Dataset", where: Rows, answers: Answers | None, progress: Progress | None = None
) -> Mask:
    """Return which rows of the table hold what is searched for, bool (rows,).

    Raises
    ------
    ConfigError
        When the condition cannot be worked out on these columns.
    """
    if search.formula is None:
        return _with_text(_folded(search.text), dataset, where, answers, progress)
    own = own_names(dataset)
    columns: dict[str, Any] = {}
    for name in search.formula.names:
        columns[name] = _own(name, dataset, where, answers) if name in own else dataset.table[name]
    found = np.array(search.formula.condition(columns))
    if len(found) != len(where):
        found = np.full(len(where), bool(found.all()))  # a condition without columns
    # What the network cannot see is neither right nor wrong.
    return found & (where != 0) if any(name in own and name in OF_NETWORK for name in search.formula.names) else found


def _own(name: str, dataset: "Dataset", where: Rows, found: Answers | None) -> Any:
    if name == SPLIT:
        return np.array([SPLITS[-1], SPLITS[0], SPLITS[1]], dtype=object)[np.sign(where) + 1]
    if found is None:
        nothing = np.full(len(where), np.nan)
        return nothing > 0 if name == CORRECT else nothing
    if name == PREDICTION and dataset.class_names:
        return np.array([*dataset.class_names, None], dtype=object)[found.predicted]
    if name == CORRECT:
        return found.right == 1.0
    return {PREDICTION: found.score, SCORE: found.score, LOSS: found.loss, ERROR: found.error}[name]


def _with_text(wanted: str, dataset: "Dataset", where: Rows, found: Answers | None, progress: Progress | None) -> Mask:
    """Return the rows with a cell that holds a text, in upper or lower case."""
    import pandas as pd

    from simulator.data.cells import texts

    mask = np.zeros(len(where), dtype=bool)
    for sign, name in SPLITS.items():
        if wanted in name:
            mask |= np.sign(where) == sign
    if found is not None and dataset.class_names:
        holding = np.array([*(wanted in _folded(name) for name in dataset.class_names), False])
        mask |= holding[found.predicted]
    columns = dataset.table.shape[1]
    for place in range(columns):
        cells = dataset.table.iloc[:, place]
        if cells.dtype.kind in "iuf":
            codes, values = pd.factorize(cells)
            holding = [wanted in exact(float(value)).replace("−", "-") for value in values]
        else:
            codes, names = texts(cells)
            holding = [wanted in _folded(name) for name in names]
        mask |= np.array([*holding, False])[codes]
        if progress is not None:
            progress.report((place + 1) / columns, "looking through the table")
    return mask


def _folded(text: str) -> str:
    return text.casefold().replace("−", "-")
