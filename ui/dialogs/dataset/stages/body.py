"""What is inside an open card: questions about the whole table, or about the selected column; then the effect."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.dialogs.dataset.answers import Answers
from ui.dialogs.dataset.effect_view import EffectView
from ui.dialogs.dataset.effects import effect
from ui.dialogs.dataset.questions import Question, lay_out
from ui.dialogs.dataset.reading import Column, Reading
from ui.dialogs.dataset.terms import words

_MOST_OVERRIDES = 4


class Body(QWidget):
    """The questions of a stage.

    Attributes
    ----------
    id, title, tip
        What the stage is called in reports, on its card, and in a plain sentence.
    names
        The choices of `RecipeChoices` that it asks for.
    """

    id = ""
    title = ""
    tip = ""
    names: tuple[str, ...] = ()

    def __init__(self, answers: Answers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answers = answers
        self.reading: Reading | None = None
        self.selected: str | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(14, 2, 12, 12)
        self.column.setSpacing(8)
        self.flow = QLabel()
        self.flow.setObjectName(f"dataset.flow_{self.id}")
        self.flow.setProperty("tone", "quiet")
        self.flow.setToolTip("Rows and columns that come in, and that go out.")
        self.column.addWidget(self.flow)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(6)
        self.questions = self.make_questions()
        self.before_questions()
        self.column.addLayout(self.grid)
        lay_out(self.questions, self.grid, self.label_width())
        self.after_questions()
        self.effect = EffectView()
        self.column.addWidget(self.effect)

    def make_questions(self) -> list[Question]:
        """Return the questions in their order."""
        return []

    def before_questions(self) -> None:
        """Add what stands above the questions."""

    def after_questions(self) -> None:
        """Add what stands below the questions."""

    def question(self, name: str) -> Question:
        """Return the question about a choice."""
        return next(each for each in self.questions if each.name == name)

    @property
    def is_decided(self) -> bool:
        """Whether the user said something here."""
        refused = any(name in self.names for name, _ in self.answers.refused)
        return refused or any(name in self.answers.given for name in self.names)

    def label_width(self) -> int:
        """Return how wide the labels of all stages are, so that the inputs line up."""
        return self.fontMetrics().horizontalAdvance("Unknown later mm")

    def show_reading(self, reading: Reading | None, selected: str | None, flow: str) -> None:
        """Show the stage of a reading, and what it does to a column."""
        self.reading, self.selected = reading, selected
        self.flow.setText(flow)
        self.flow.setVisible(bool(flow))
        self.show_questions()
        self.effect.show_effect(None if reading is None else effect(self.id, reading, selected))

    def forget(self) -> None:
        """Forget what is being typed."""
        for question in self.questions:
            question.forget()

    def show_questions(self) -> None:
        """Show the answers."""
        for question in self.questions:
            question.show(self.reading)


class ScopedBody(Body):
    """A stage whose questions can be answered for one column alone.

    Attributes
    ----------
    fields
        What can be decided of one column.
    kinds
        The kinds of columns that it is about.
    """

    fields: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    all_of_them = ""

    @property
    def is_decided(self) -> bool:
        own = any(field in each for each in self.answers.columns.values() for field in self.fields)
        return own or super().is_decided

    @property
    def asked_column(self) -> str | None:
        """The column that is asked about; None for the whole table."""
        return self.selected if self.only.isChecked() and self.only.isEnabled() else None

    def before_questions(self) -> None:
        self.all, self.only = QPushButton(self.all_of_them), QPushButton()
        self.all.setToolTip("Decide for the whole table.")
        self.all.setObjectName(f"dataset.{self.id}_all")
        self.only.setObjectName(f"dataset.{self.id}_only")
        self._scope = QButtonGroup(self)
        line = QHBoxLayout()
        line.setSpacing(0)
        for button in (self.all, self.only):
            button.setCheckable(True)
            button.setProperty("tone", "segment")
            button.setAutoDefault(False)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self._scope.addButton(button)
            line.addWidget(button, 1)
        self.all.setChecked(True)
        self._scope.buttonToggled.connect(lambda _button, on: self._scoped() if on else None)
        self.column.addLayout(line)

    def after_questions(self) -> None:
        self._overrides = QVBoxLayout()
        self._overrides.setSpacing(2)
        self.column.addLayout(self._overrides)

    def concerns(self, column: Column | None) -> bool:
        """Whether something can be decided for a column here."""
        if column is None or self.reading is None:
            return False
        return column.kind in self.kinds and self.reading.role(column.name) == "feature"

    def show_reading(self, reading: Reading | None, selected: str | None, flow: str) -> None:
        before = self.selected
        self.reading = reading
        column = None if reading is None else reading.column(selected)
        fits = self.concerns(column)
        name = selected or "the selected column"
        room = self.fontMetrics().horizontalAdvance("m" * 13)
        self.only.setText(self.fontMetrics().elidedText(f"Only {name}", Qt.TextElideMode.ElideMiddle, room))
        self.only.setEnabled(fits)
        self.only.setToolTip(f"Decide for {name} alone." if fits else self._why_not(column))
        if not fits:
            self.all.setChecked(True)
        elif selected != before:
            own = self.answers.columns.get(selected or "", {})
            (self.only if any(field in own for field in self.fields) else self.all).setChecked(True)
        super().show_reading(reading, selected, flow)
        if not fits:
            self.effect.show_effect(None)
        self._list_overrides()

    def show_questions(self) -> None:
        column = self.asked_column
        for question in self.questions:
            scoped = question.name in self.fields
            question.show(self.reading, column if scoped else None)
            question.set_visible(column is None or scoped)

    def _scoped(self) -> None:
        if hasattr(self, "effect"):
            self.show_questions()

    def _why_not(self, column: Column | None) -> str:
        if column is None:
            return "Select a column in the table first."
        if self.reading is not None and self.reading.role(column.name) != "feature":
            return f"{column.name} is no feature."
        return f"{column.name} holds {column.kind}s, and this stage is about {' and '.join(self.kinds)}s."

    def _list_overrides(self) -> None:
        """Name the columns that are treated otherwise; a click on one takes that back."""
        while (item := self._overrides.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        found = [
            (name, {field: own[field] for field in self.fields if field in own})
            for name, own in self.answers.columns.items()
            if any(field in own for field in self.fields)
        ]
        for name, own in found[:_MOST_OVERRIDES]:
            self._overrides.addWidget(self._override(name, own))
        if len(found) > _MOST_OVERRIDES:
            more = QLabel(f"and {len(found) - _MOST_OVERRIDES} more columns")
            more.setProperty("tone", "quiet")
            self._overrides.addWidget(more)

    def _override(self, name: str, own: dict[str, object]) -> QPushButton:
        said = ", ".join(_spoken(field, value) for field, value in own.items())
        text = f"{name}: {said}"
        room = self.fontMetrics().horizontalAdvance("m" * 26)
        button = QPushButton(f"{self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room)}   ×")
        button.setObjectName("dataset.override")
        button.setAccessibleName(f"Take back: {text}")
        button.setToolTip(f"{text}\nYou decided this for {name} alone. Click to take it back.")
        button.setFlat(True)
        button.setAutoDefault(False)
        button.setProperty("tone", "link")
        button.clicked.connect(lambda: self._forget(name, tuple(own)))
        return button

    def _forget(self, name: str, fields: Sequence[str]) -> None:
        for field in fields:
            self.answers.give(field, None, name)


def _spoken(field: str, value: object) -> str:
    if field == "flag_missing":
        return "with an input for missing" if value else "no input for missing"
    if isinstance(value, tuple):
        return f"{field}: {', '.join(map(str, value[:3]))}{' …' if len(value) > 3 else ''}"
    return f"constant {value}" if field == "constant" else words(field, value)
