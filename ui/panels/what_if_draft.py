"""A row of the table as somebody changes it: own values, changed ones, and what the network is given for them."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ui.canvas.picture import pretty_name, value_text
from ui.selection import ChosenRow

if TYPE_CHECKING:  # pandas takes half a second to import: the first frame is painted before that
    from simulator.data import Dataset
    from simulator.explain.whatif import Feature, Seen

Doubles = NDArray[np.float64]
Value = float | str


@dataclasses.dataclass(frozen=True, eq=False)
class Draft:
    """A row with changes; features are counted as in `seen.features`.

    Attributes
    ----------
    dataset, seen, row
        Whose row it is, what its training rows have shown, and which row of the table, from 0.
    start, inputs
        What the network is given without the changes and with them, (inputs,).
    missing
        The features without a value in the row, with what stands for them: the mean, or the most frequent category.
    changes
        The features that were changed, the latest last, in real units.
    follows
        Derived features that are other ones now because of the changes, in real units.
    """

    dataset: "Dataset"
    seen: "Seen"
    row: int
    start: Doubles
    inputs: Doubles
    missing: Mapping[int, Value]
    changes: Mapping[int, Value]
    follows: Mapping[int, Value] = dataclasses.field(default_factory=dict)
    _known: dict[int, Value | None] = dataclasses.field(default_factory=dict, repr=False)

    @property
    def is_changed(self) -> bool:
        """Whether the network is given something else than the row of the table."""
        return bool(self.changes or self.missing)

    def own(self, place: int) -> Value | None:
        """Return what stands in the table; None where nothing does."""
        if place in self.missing:
            return None
        if place not in self._known:
            self._known[place] = own_value(self.dataset, self.seen, self.row, place, self.start)
        return self._known[place]

    def value(self, place: int) -> Value:
        """Return what a feature is now."""
        if place in self.changes:
            return self.changes[place]
        if place in self.follows:
            return self.follows[place]
        own = self.own(place)
        return self.missing[place] if own is None else own

    def changed(self, place: int, value: Value) -> "Draft":
        """Return the row with one feature at another value; its own value takes the change back."""
        part = self.seen.features[place].places
        changes = {each: kept for each, kept in self.changes.items() if each != place}
        inputs = self.inputs.copy()
        if value == self.own(place):
            inputs[part] = self.start[part]
        else:
            inputs[part] = prepared(self.dataset, place, value)
            changes[place] = value
        follows = self._derived(changes)
        for each in self.follows.keys() - follows.keys() - changes.keys():
            inputs[self.seen.features[each].places] = self.start[self.seen.features[each].places]
        for each, derived in follows.items():
            inputs[self.seen.features[each].places] = prepared(self.dataset, each, derived)
        return dataclasses.replace(self, inputs=inputs, changes=changes, follows=follows)

    def _derived(self, changes: Mapping[int, Value]) -> dict[int, Value]:
        """Return the derived features that changes make other ones; one that was changed itself stays."""
        derived = {each.name for each in self.dataset.choices.derived}
        features = self.seen.features
        if not derived.intersection(feature.column for feature in features):
            return {}
        row = self.dataset.table.iloc[[self.row]]
        for place, value in changes.items():
            if features[place].column not in derived:
                row = row.assign(**{features[place].column: [value]})
        complete = self.dataset.recipe.completed(row)
        found: dict[int, Value] = {}
        for place, feature in enumerate(features):
            if feature.column in derived and place not in changes:
                value = float(complete[feature.column].iloc[0])
                if np.isfinite(value) and value != self.own(place):
                    found[place] = value
        return found

    def line(self) -> tuple[str, str, str]:
        """Return what was changed, in three parts of which the middle one, a name, may be shortened."""
        places = self._touched
        row = f"Row {self.row + 1:,}, changed: "
        if not places:
            return row, "nothing", ""
        name, before, now = self._told(places[-1])
        return row, name, f" {before} → {now}" if len(places) == 1 else f" → {now} + {len(places) - 1} more"

    def lines(self) -> str:
        """Return every change in a line of its own."""
        told = (self._told(place) for place in self._touched)
        return "\n".join(f"{name}: {before} → {now}" for name, before, now in told)

    @property
    def _touched(self) -> list[int]:
        return [*(place for place in self.missing if place not in self.changes), *self.changes]

    def _told(self, place: int) -> tuple[str, str, str]:
        """Return a feature's name, its own value and the present one."""
        name, unit = pretty_name(self.seen.features[place].column)
        own, value = self.own(place), self.value(place)
        before = "missing" if own is None else value_text(own)
        return name, before, value_text(value, unit)


def draft_of(dataset: "Dataset", seen: "Seen", chosen: ChosenRow) -> Draft:
    """Return a chosen row, unchanged, or as somebody else changed it.

    Raises
    ------
    DatasetError
        When the row holds something that cannot be an input.
    """
    missing: dict[int, Value] = {}
    double = dataset.X_train.dtype == np.float64
    if chosen.inputs is not None and chosen.split != "changed" and double:
        start = np.array(chosen.inputs, np.float64)
    else:
        # A large table is kept in float32: what a prediction is made from has all digits.
        start = dataset.recipe.transform(dataset.table.iloc[[chosen.row]])[0]
        for place, feature in enumerate(seen.features):
            if np.isnan(start[feature.places]).any():
                missing[place] = usual(feature)
                start[feature.places] = prepared(dataset, place, missing[place])
    draft = Draft(dataset, seen, chosen.row, start, start, missing, {})
    if chosen.split != "changed" or chosen.inputs is None:
        return draft
    changes: dict[int, Value] = {}
    for place, feature in enumerate(seen.features):
        if not np.array_equal(chosen.inputs[feature.places], start[feature.places]):
            (cell,) = dataset.recipe.columns[place].inverse(np.asarray(chosen.inputs, np.float64)[None, feature.places])
            changes[place] = "" if cell is None else cell
    return dataclasses.replace(draft, inputs=np.array(chosen.inputs, np.float64), changes=changes)


def prepared(dataset: "Dataset", place: int, value: Value) -> Doubles:
    """Return the inputs that a feature's value becomes, (inputs of the feature,), by the recipe's own step."""
    import pandas as pd

    step = dataset.recipe.columns[place]
    column: pd.Series[Any] = pd.Series([value], name=step.column)
    with np.errstate(all="ignore"):
        return step.transform(column, dataset.recipe.decimal)[0]


def own_value(dataset: "Dataset", seen: "Seen", row: int, place: int, inputs: NDArray[Any] | None) -> Value | None:
    """Return a feature of a row in real units, as it stands in the table; None where nothing stands there.

    Parameters
    ----------
    inputs
        What the row is prepared to, (inputs,); None for a row that the network cannot see.
    """
    from simulator.data.cells import numbers, texts

    feature = seen.features[place]
    cell = dataset.table[feature.column].iloc[[row]]
    if not feature.is_number:
        codes, names = texts(cell)
        if codes[0] >= 0:
            return names[codes[0]]
    else:
        value = float(numbers(cell, dataset.recipe.decimal, sure=True)[0][0])
        if not np.isnan(value):
            return value
    if inputs is None or np.isnan(inputs[feature.places]).any():
        return None
    # The recipe filled it.
    (filled,) = dataset.recipe.columns[place].inverse(np.asarray(inputs, np.float64)[None, feature.places])
    return filled


def usual(feature: "Feature") -> Value:
    """Return what stands for a missing value: the mean of the training rows, or their most frequent category."""
    return feature.mean if feature.usual is None else feature.usual
