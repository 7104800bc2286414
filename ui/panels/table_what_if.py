"""A row of the table with cells that somebody changed: sent through the network, while the file stays as it is."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from simulator.errors import SimulatorError
from ui.canvas.picture import pretty_name
from ui.panels.panel import Context
from ui.panels.table_answers import Answers, answer_alone, fits
from ui.panels.table_cells import exact, fixed
from ui.panels.table_columns import PREPARED, RAW, Column
from ui.panels.what_if_draft import Draft, Value, draft_of, prepared
from ui.panels.what_if_line import parsed
from ui.panels.what_if_weighing import what_is_seen
from ui.selection import ChosenRow

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.explain.whatif import Seen

UNTOUCHED = "The file and the training data stay as they are."


@dataclasses.dataclass(frozen=True, eq=False)
class Change:
    """What a changed row shows.

    Attributes
    ----------
    row
        Its number in the table, from 0.
    texts
        The cells that differ from the table, by the keys of their columns.
    answers
        What the network says about it: of one row, without a loss; None where it was not asked yet.
    said
        In a sentence what was changed, and what was not.
    """

    row: int
    texts: Mapping[tuple[str, int], str]
    answers: Answers | None
    said: str


class Changes(QObject):
    """The changed row, whoever changed it: a cell of the table, or a slider.

    Signals
    -------
    changed
        `Change`, or None when the rows are as in the table.
    refused
        Why a value cannot be taken, in a sentence.
    """

    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._dataset: Dataset | None = None
        self._seen: Seen | None = None
        self._draft: Draft | None = None
        self._asked = False
        context.selection.row_changed.connect(self._follow)

    def take(self, dataset: "Dataset") -> None:
        """Look at another data set."""
        self._dataset, self._seen, self._draft, self._asked = dataset, None, None, False

    def learn(self) -> None:
        """Find out what training has seen, once for a data set: before that, nothing can be changed."""
        dataset = self._dataset
        if dataset is not None and not self._asked:
            self._asked = True
            what_is_seen(self._context.bridge, dataset, lambda seen: self._know(dataset, seen))

    def _know(self, dataset: "Dataset", seen: "Seen") -> None:
        if dataset is self._dataset:
            self._seen = seen
            self._follow(self._context.selection.chosen)

    # -- typed values -------------------------------------------------------------------------------------------

    def read(self, text: str, column: Column) -> tuple[Value | None, str]:
        """Return the value that somebody typed into a cell, or None and why it is none."""
        from simulator.data.steps import Parts

        dataset, seen = self._dataset, self._seen
        if dataset is None or seen is None:
            return None, "The table is still being read."
        feature, step = seen.features[column.feature], dataset.recipe.columns[column.feature]
        name, unit = pretty_name(column.name)
        typed = text.strip()
        if isinstance(step, Parts):
            return _date_or_text(dataset, column, typed, name)
        if feature.is_number:
            return parsed(text, unit, dataset.recipe.decimal)
        if typed in feature.categories:
            return typed, ""
        alike = [each for each in feature.categories if each.casefold() == typed.casefold()]
        if len(alike) == 1:
            return alike[0], ""
        known = ", ".join(feature.categories[:8]) + (" …" if len(feature.categories) > 8 else "")
        return None, f"{typed or 'Nothing'} is no {name} that training has seen. There are: {known}."

    def categories(self, column: Column) -> tuple[str, ...]:
        """Return what can be typed into a cell of a column of categories; none for numbers."""
        return () if self._seen is None or column.feature < 0 else self._seen.features[column.feature].categories

    def commit(self, row: int, column: Column, value: Value) -> None:
        """Send a row through the network with another value; its own value takes a change back."""
        selection, dataset, seen = self._context.selection, self._dataset, self._seen
        if dataset is None or seen is None:
            return
        if selection.chosen is None or selection.chosen.row != row:
            selection.choose_row(row)
        try:
            draft = self._draft or draft_of(dataset, seen, _known(selection.chosen))
            draft = draft.changed(column.feature, value)
        except SimulatorError as error:
            self.refused.emit(f"{error.message[:1].upper()}{error.message[1:]}. {error.hint}")
            return
        if not np.isfinite(draft.inputs).all():
            self.refused.emit("That is too large for the network.")
            return
        self._draft = draft
        if draft.is_changed:
            selection.change_inputs(draft.inputs)
        else:
            selection.choose_row(row)

    def take_back(self) -> bool:
        """Look at the row of the table again, and return whether it was another one."""
        chosen = self._context.selection.chosen
        if chosen is None or chosen.split != "changed":
            return False
        self._context.selection.choose_row(chosen.row)
        return True

    # -- what is shown ------------------------------------------------------------------------------------------

    def _follow(self, chosen: ChosenRow | None) -> None:
        dataset, seen = self._dataset, self._seen
        if dataset is None or seen is None or chosen is None or chosen.split != "changed" or chosen.inputs is None:
            self._draft = None
            self.changed.emit(None)
            return
        if len(chosen.inputs) != len(seen.means):
            return  # in between two data sets
        if self._draft is None or not np.array_equal(self._draft.inputs, chosen.inputs):
            self._draft = draft_of(dataset, seen, chosen)
        self.show()

    def show(self) -> None:
        """Tell what the present network says about the changed row."""
        draft, snapshot = self._draft, self._context.bridge.snapshot
        if draft is None or not draft.is_changed:
            return
        found = (
            answer_alone(draft.dataset, snapshot, draft.inputs)
            if snapshot is not None and fits(draft.dataset, snapshot)
            else None
        )
        said = f"{''.join(draft.line())}: a what-if. {UNTOUCHED}"
        self.changed.emit(Change(draft.row, _texts(draft), found, said))


def _date_or_text(dataset: "Dataset", column: Column, typed: str, name: str) -> tuple[Value | None, str]:
    """Return a date or a text if the recipe understands it, or None and how it is to be written."""
    try:
        if typed and np.isfinite(prepared(dataset, column.feature, typed)).all():
            return typed, ""
    except SimulatorError:
        pass  # it is told below how it is to be written
    cells = dataset.table.iloc[:, column.place].dropna()
    return None, f"{typed or 'Nothing'} cannot be read as {name}. Write it as in the file: {cells.iloc[0]}"


def _texts(draft: Draft) -> dict[tuple[str, int], str]:
    names = {str(name): place for place, name in enumerate(draft.dataset.table.columns)}
    steps = draft.dataset.recipe.columns
    scalings = [step.scaling_at(place) for step in steps for place in range(len(step.names))]
    texts: dict[tuple[str, int], str] = {}
    for place in {*draft.missing, *draft.changes, *draft.follows}:
        feature = draft.seen.features[place]
        value = draft.value(place)
        if feature.column in names:
            texts[RAW, names[feature.column]] = exact(value) if isinstance(value, float) else str(value)
        for at in range(feature.places.start, feature.places.stop):
            if draft.inputs[at] != draft.start[at] or place in draft.missing:
                scaled = scalings[at] is not None
                texts[PREPARED, at] = fixed(draft.inputs[at], 3) if scaled else f"{draft.inputs[at]:.0f}"
    return texts


def _known(chosen: ChosenRow | None) -> ChosenRow:
    assert chosen is not None
    return chosen
