"""Columns that are computed from others: a name and a formula each, refused as they are typed."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from simulator.data.choices import Derived
from simulator.data.formula import parse
from simulator.errors import ConfigError
from ui.dialogs.dataset.stages.body import Body
from ui.dialogs.tints import theme_of
from ui.dialogs.wording import sentence
from ui.theme import icon

FORMULA_TIP = (
    "Arithmetic over columns: + − * / ^, comparisons, abs, log, sin, cos, max, min and more; a name with other signs "
    "than letters, digits and _ stands between `backticks`. Enter takes it."
)


class FormulaRow(QWidget):
    """A name, a formula, and a button that removes both.

    Attributes
    ----------
    was
        The derived column that the row stands for; None for the empty row at the end.
    """

    def __init__(self, place: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.was: Derived | None = None
        self.name, self.formula = QLineEdit(), QLineEdit()
        self.name.setObjectName(f"dataset.derived_{place}_name")
        self.name.setAccessibleName(f"Name of derived column {place + 1}")
        self.name.setToolTip("What the new column is called. Enter takes it.")
        self.name.setPlaceholderText("new column")
        self.formula.setObjectName(f"dataset.derived_{place}_formula")
        self.formula.setAccessibleName(f"Formula of derived column {place + 1}")
        self.formula.setToolTip(FORMULA_TIP)
        self.formula.setPlaceholderText("formula, as a / b")
        self.remove = QToolButton()
        self.remove.setObjectName(f"dataset.derived_{place}_remove")
        self.remove.setAccessibleName(f"Remove derived column {place + 1}")
        self.remove.setToolTip("Removes this column.")
        self.remove.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.remove.setProperty("tone", "small")
        policy = self.remove.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.remove.setSizePolicy(policy)
        self.equals = QLabel("=")
        self.refusal = QLabel(wordWrap=True)
        self.refusal.setObjectName(f"dataset.derived_{place}_refusal")
        self.refusal.setProperty("tone", "bad")
        self.refusal.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        for column, widget in enumerate((self.name, self.equals, self.formula, self.remove)):
            grid.addWidget(widget, 0, column)
        grid.addWidget(self.refusal, 1, 0, 1, 4)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(2, 3)

    @property
    def texts(self) -> tuple[str, str]:
        """What is typed."""
        return self.name.text().strip(), self.formula.text().strip()

    @property
    def is_touched(self) -> bool:
        """Whether something was typed that is not taken yet."""
        return self.texts != (("", "") if self.was is None else (self.was.name, self.was.formula))

    def show_derived(self, derived: Derived | None) -> None:
        """Show a derived column, or an empty row; what is being typed stays."""
        touched = self.is_touched
        if derived != self.was or not touched:
            self.was = derived
            texts = (derived.name, derived.formula) if derived else ("", "")
            for line, text in zip((self.name, self.formula), texts, strict=True):
                if line.text() != text:
                    line.setText(text)
                if not line.hasFocus():
                    line.setCursorPosition(0)  # a long one is seen from its beginning
            self.refuse("")
        self.remove.setIcon(icon("close", theme_of(self), "quiet"))
        self.remove.setVisible(derived is not None)

    def clear(self) -> None:
        """Become an empty row."""
        self.was = None
        self.name.clear()
        self.formula.clear()
        self.refuse("")

    def refuse(self, text: str) -> None:
        """Say why what is typed cannot be used."""
        self.refusal.setText(text)
        self.refusal.setVisible(bool(text))


class DerivedBody(Body):
    """The list of derived columns, with an empty row at its end."""

    id = "derived"
    title = "Derived columns"
    tip = "Columns that are computed from others by a formula; each may use those before it."
    names = ("derived",)

    def after_questions(self) -> None:
        self.rows: list[FormulaRow] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self.column.addLayout(self._list)

    def show_questions(self) -> None:
        derived: list[Derived | None] = [*self.answers.given.get("derived", ()), None]
        while len(self.rows) < len(derived):
            self._add_row()
        for row, each in zip(self.rows, derived, strict=False):
            row.show_derived(each)
        for row in self.rows[len(derived) :]:
            row.show_derived(None)
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(derived))

    def forget(self) -> None:
        for row in self.rows:
            row.clear()

    def _add_row(self) -> None:
        row = FormulaRow(len(self.rows), self)
        place = len(self.rows)
        for line in (row.name, row.formula):
            line.textEdited.connect(lambda _, row=row: self._check(row))
            line.editingFinished.connect(self._later(row))
        row.remove.clicked.connect(lambda: self._remove(place))
        self.rows.append(row)
        self._list.addWidget(row)

    def _later(self, row: FormulaRow) -> Callable[[], None]:
        def finished() -> None:
            # Going from the name to the formula is not the end of typing both.
            if row.is_touched and all(row.texts) and self._check(row):
                self._take()

        return finished

    def _check(self, row: FormulaRow) -> bool:
        """Refuse what is typed, with the place of the error; return whether it can be used."""
        key = ("derived", row.name.objectName())
        name, formula = row.texts
        try:
            if formula:
                self._check_names(row, parse(formula).names)
            self._check_name(row, name)
        except ConfigError as error:
            row.refuse(sentence(f"{error.message}. {error.hint}" if error.hint else error.message))
            self.answers.refuse("derived", sentence(error.message), row.name.objectName())
            return False
        row.refuse("")
        if self.answers.refused.pop(key, None) is not None:
            self.answers.refused_changed.emit()
        return True

    def _check_names(self, row: FormulaRow, used: tuple[str, ...]) -> None:
        known = self._known(row)
        for name in used:
            if known and name not in known:
                raise ConfigError(f"there is no column called {name!r}", "Use a column of the table, or one above.")

    def _check_name(self, row: FormulaRow, name: str) -> None:
        others = {each.texts[0] for each in self.rows if each is not row and each.was is not None}
        raw = {each.name for each in self.reading.columns if not each.formula} if self.reading is not None else set()
        if name and (name in others or name in raw):
            raise ConfigError(f"there is a column called {name!r} already", "Give it another name.")

    def _known(self, row: FormulaRow) -> set[str]:
        if self.reading is None:
            return set()
        raw = {each.name for each in self.reading.columns if not each.formula}
        return raw | {each.texts[0] for each in self.rows[: self.rows.index(row)] if each.was is not None}

    def _take(self) -> None:
        """Make answers of all rows that are complete."""
        derived: list[Derived] = []
        renamed: dict[str, str] = {}
        new: list[str] = []
        for row in self.rows:
            name, formula = row.texts
            if not (name and formula):
                continue
            if row.was is None:
                new.append(name)
            elif row.was.name != name:
                renamed[row.was.name] = name
            derived.append(Derived(name, formula))
            row.was = derived[-1]
        self.answers.derive(derived, self._features(renamed, new, ()))

    def _remove(self, place: int) -> None:
        gone = self.rows[place].was
        if gone is None:
            return
        left = [each for each in self.answers.given.get("derived", ()) if each.name != gone.name]
        self.answers.refused = {key: why for key, why in self.answers.refused.items() if key[0] != "derived"}
        for row in self.rows[place:]:
            row.clear()
        self.answers.derive(left, self._features({}, [], (gone.name,)))
        self.show_questions()

    def _features(self, renamed: dict[str, str], new: list[str], gone: tuple[str, ...]) -> list[str] | None:
        """Return the features with what changed, if the user named them himself; guessed ones follow of themselves."""
        names: tuple[str, ...] | None = self.answers.get("features")
        if names is None:
            return None
        kept = [renamed.get(name, name) for name in names if name not in gone]
        return [*kept, *(name for name in new if name not in kept)]
