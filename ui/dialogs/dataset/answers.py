"""What the user decided about a table, as far as he did: the one place that the dialog's questions write to."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from simulator.data import RecipeChoices
from simulator.data.choices import ColumnChoice, Derived
from simulator.errors import Offer

SPELLING = ("delimiter", "decimal", "thousands", "header", "sheet", "ragged")
"""The choices that a file is read by; with another answer to one of them it is read again."""

_OTHER_COLUMNS = ("delimiter", "header", "sheet")
"""With another answer to one of these the columns are others, so what was said about columns is forgotten."""

_ABOUT_COLUMNS = (
    *("target", "task", "features", "ignore", "categories", "derived", "class_order", "target_log", "where"),
    *("split", "split_column"),
)

_WITHOUT_TARGET = ("features", "categories", "ignore")

_DEFAULTS = {field.name: getattr(RecipeChoices(), field.name) for field in dataclasses.fields(RecipeChoices)}


class Answers(QObject):
    """The answers, by the names of `RecipeChoices`; those about one column stand under its name.

    Attributes
    ----------
    changed
        Emitted when a data set must be made anew.
    refused_changed
        Emitted when what is typed somewhere became a value that cannot be used, or is one no more.
    """

    changed = Signal()
    refused_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.given: dict[str, Any] = {}
        self.columns: dict[str, dict[str, Any]] = {}
        self.refused: dict[tuple[str, str | None], str] = {}
        self._guessed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything was decided, or typed and refused."""
        return bool(self.given or self.columns or self.refused)

    def choices(self) -> dict[str, Any]:
        """Return the answers as the arguments of `open_dataset`.

        The target is taken out of the lists that it cannot stand in only here: somebody who walks through the columns
        with the arrow keys must not lose what he said about each.
        """
        said = dict(self.given)
        for each in _WITHOUT_TARGET:
            said[each] = tuple(name for name in said.get(each, ()) if name != said.get("target"))
            if not said[each] and not (each == "features" and self.given.get(each) == ()):
                del said[each]
        if self.columns:
            said["columns"] = tuple(ColumnChoice(name, **own) for name, own in self.columns.items())
        return said

    def get(self, name: str, column: str | None = None) -> Any:
        """Return an answer, about the whole table or about a column; None where none was given."""
        return self.given.get(name) if column is None else self.columns.get(column, {}).get(name)

    def give(self, name: str, value: Any, column: str | None = None) -> None:
        """Decide something; None takes it back."""
        before = self._state()
        self.refused.pop((name, column), None)
        place = self.given if column is None else self.columns.setdefault(column, {})
        if value is None:
            place.pop(name, None)
        else:
            place[name] = value
        if column is not None and not self.columns[column]:
            del self.columns[column]
        if column is None:
            self._follow(name, value)
        self._tell(before)

    def decide(self, values: Mapping[str, Any]) -> None:
        """Decide several things about the whole table at once; None takes one back."""
        before = self._state()
        for name, value in values.items():
            self.given[name] = value
            if value is None:
                del self.given[name]
        self._tell(before)

    def refuse(self, name: str, why: str, column: str | None = None) -> None:
        """Note that what stands on the screen cannot be used; nothing is loaded until it is corrected."""
        self.refused[name, column] = why
        self.refused_changed.emit()

    def decide_features(self, names: Sequence[str]) -> None:
        """Say which columns are features, in the order of the table; as guessed is no decision."""
        self.give("features", None if names and frozenset(names) == self._guessed else tuple(names))

    def note_guess(self, features: frozenset[str] | None) -> None:
        """Remember which features are guessed while nothing was said about them."""
        if "features" not in self.given and features is not None:
            self._guessed = features

    def role_is_decided(self, name: str, is_feature: bool) -> bool:
        """Whether the user made a column a feature, or no feature, against the guess."""
        return "features" in self.given and is_feature != (name in self._guessed)

    def derive(self, derived: Sequence[Derived], features: Sequence[str] | None) -> None:
        """Say which columns are derived.

        Parameters
        ----------
        features
            The features that go with them; None where they do not change.
        """
        before = self._state()
        gone = {each.name for each in self.given.get("derived", ())} - {each.name for each in derived}
        for name in gone:
            self.columns.pop(name, None)
        self.given["derived"] = tuple(derived)
        if not derived:
            del self.given["derived"]
        if features is not None:
            self.given["features"] = tuple(features)
            if frozenset(features) == self._guessed:
                del self.given["features"]
        self._tell(before)

    def take(self, offer: Offer) -> None:
        """Take a way out that a refusal offers: lists are added to what was chosen before."""
        before = self._state()
        for name, value in offer.choices.items():
            if name == "columns":
                for each in RecipeChoices(columns=value).columns:
                    self.columns.setdefault(each.name, {}).update(_decided(each))
            elif isinstance(value, tuple | list):
                self.given[name] = (*self.given.get(name, ()), *(each for each in value if each not in self._of(name)))
            else:
                self.given[name] = value
                self._follow(name, value)
        if "ignore" in offer.choices and "features" in self.given:
            ignored = self.given["ignore"]
            self.given["features"] = tuple(name for name in self.given["features"] if name not in ignored)
        self._tell(before)

    def use(self, choices: RecipeChoices) -> None:
        """Take over a whole recipe: all that differs from what is chosen when nobody says anything."""
        before = self._state()
        self._forget()
        self.given = {
            name: value
            for name, default in _DEFAULTS.items()
            if name != "columns" and (value := getattr(choices, name)) != default
        }
        self.columns = {each.name: _decided(each) for each in choices.columns}
        self._tell(before)

    def clear(self) -> None:
        """Forget everything."""
        before = self._state()
        self._forget()
        self._tell(before)

    def _forget(self) -> None:
        self.given, self.columns, self.refused = {}, {}, {}

    def _of(self, name: str) -> Sequence[Any]:
        return self.given.get(name, ())

    def _follow(self, name: str, value: Any) -> None:
        """Forget what an answer makes void."""
        if name in _OTHER_COLUMNS:
            self._drop(*_ABOUT_COLUMNS)
            self.columns.clear()
        if name == "task":
            self._drop("class_order", "target_log")
        if name == "target":  # another target is another task
            self._drop("task", "class_order", "target_log")

    def _drop(self, *names: str) -> None:
        for name in names:
            self.given.pop(name, None)

    def _state(self) -> tuple[Any, ...]:
        return dict(self.given), {name: dict(own) for name, own in self.columns.items()}, dict(self.refused)

    def _tell(self, before: tuple[Any, ...]) -> None:
        given, columns, refused = before
        if self.refused != refused:
            self.refused_changed.emit()
        if (self.given, self.columns) != (given, columns):
            self.changed.emit()


def _decided(choice: ColumnChoice) -> dict[str, Any]:
    """Return what a choice about a column decides."""
    left_open = ColumnChoice(choice.name)
    return {
        field.name: value
        for field in dataclasses.fields(choice)
        if field.name != "name" and (value := getattr(choice, field.name)) != getattr(left_open, field.name)
    }
