"""One question about a table each: a label, an input, a way back to the guess, and a line for a refusal."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QToolButton, QWidget

from simulator.data import RecipeChoices
from simulator.errors import ConfigError
from simulator.fields import Setting, settings_of
from ui.dialogs.dataset.answers import Answers
from ui.dialogs.dataset.combo import Combo
from ui.dialogs.dataset.reading import Reading
from ui.dialogs.dataset.terms import FORMULAS, LABELS, words
from ui.dialogs.dataset.ticks import Tick
from ui.dialogs.tints import theme_of
from ui.dialogs.wording import sentence
from ui.forms import NoWheel
from ui.theme import icon

SETTINGS: dict[str, Setting] = {each.name: each for each in settings_of(RecipeChoices)}


class Question(QObject):
    """What is asked, and where the answer goes.

    Attributes
    ----------
    name
        The choice of `RecipeChoices` (and of `ColumnChoice`, where it can be made for one column).
    label, editor, back, refusal
        The widgets: a name, the input, a button that takes the answer back, and why the input cannot be used.
    column
        The column that the answer is about; None for the whole table.
    says_all
        Whether a refusal is shown with its message, which names the place in a formula; else its hint will do.
    """

    def __init__(self, answers: Answers, name: str, editor: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.answers, self.name, self.editor = answers, name, editor
        self.column: str | None = None
        self.says_all = False
        self.reading: Reading | None = None
        self.setting = SETTINGS[name]
        self._filling = False
        editor.setObjectName(f"dataset.{name}")
        editor.setAccessibleName(self.setting.label)
        editor.setToolTip(self.setting.help)
        self.label = QLabel(LABELS[name])
        self.label.setBuddy(editor)
        self.label.setToolTip(self.setting.help)
        self.back = _back_button(name, self.setting.label)
        self.back.clicked.connect(self._take_back)
        self.refusal = QLabel(wordWrap=True)
        self.refusal.setObjectName(f"dataset.{name}_refusal")
        self.refusal.setProperty("tone", "bad")
        self.refusal.hide()

    def show(self, reading: Reading | None, column: str | None = None) -> None:
        """Show what is answered, or else guessed, for the whole table or a column of it."""
        self.reading, self.column = reading, column
        self._filling = True
        if (self.name, column) not in self.answers.refused:
            self.show_value(self.answers.get(self.name, column))
            self._say_refusal("")
        self._filling = False
        self._show_back()

    def show_value(self, given: Any) -> None:
        """Show an answer; None where there is none."""
        raise NotImplementedError

    def set_visible(self, on: bool) -> None:
        """Show the question, or leave it out."""
        for widget in (self.label, self.editor):
            widget.setVisible(on)
        self.refusal.setVisible(on and bool(self.refusal.text()))
        self._show_back()

    def forget(self) -> None:
        """Forget what is being typed: all answers are taken back."""

    @property
    def default(self) -> Any:
        """What holds if nobody says anything."""
        if self.column is None:
            return self.setting.default
        return getattr(self._choices(), self.name)

    def answer(self, value: Any) -> None:
        """Answer as the user does; the default for the whole table is no answer."""
        if not self._filling:
            nothing = self.column is None and value == self.setting.default
            self.answers.give(self.name, None if nothing else value, self.column)
            self._say_refusal("")
            self._show_back()

    def refuse(self, error: ConfigError) -> None:
        """Say why what is typed cannot be used."""
        whole = f"{sentence(error.message)} {error.hint}".strip()
        self._say_refusal(whole if self.says_all else sentence(error.hint or error.message))
        self.answers.refuse(self.name, sentence(error.message), self.column)
        self._show_back()

    def _choices(self) -> RecipeChoices:
        return RecipeChoices() if self.reading is None else self.reading.choices

    def _say_refusal(self, text: str) -> None:
        self.refusal.setText(text)
        self.refusal.setVisible(bool(text) and not self.editor.isHidden())

    def _show_back(self) -> None:
        key = (self.name, self.column)
        policy = self.back.sizePolicy()
        policy.setRetainSizeWhenHidden(not self.editor.isHidden())
        self.back.setSizePolicy(policy)
        said = self.answers.get(*key) is not None or key in self.answers.refused
        self.back.setIcon(icon("undo", theme_of(self.back), "accent"))
        self.back.setVisible(said and not self.editor.isHidden())

    def _take_back(self) -> None:
        self.answers.give(self.name, None, self.column)
        self.show(self.reading, self.column)
        self.editor.setFocus()


class Choice(Question):
    """One of some answers.

    Parameters
    ----------
    values
        What can be answered, if that is not what the setting declares.
    guess
        What is guessed of a reading, where nobody said anything; without it the setting's default holds.
    """

    def __init__(
        self,
        answers: Answers,
        name: str,
        parent: QWidget,
        *,
        values: Callable[[Reading | None], Sequence[Any]] | None = None,
        guess: Callable[[Reading], Any] | None = None,
    ) -> None:
        self.combo = Combo()
        super().__init__(answers, name, self.combo, parent)
        self._values, self._guess = values, guess
        self._filled: list[Any] = []
        combo = self.combo
        combo.setSizeAdjustPolicy(Combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(12)
        combo.setMaxVisibleItems(16)
        combo.setStyleSheet("QComboBox { combobox-popup: 0; }")
        combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        combo.installEventFilter(NoWheel(self))
        combo.currentIndexChanged.connect(lambda _: self._chosen())

    def show_value(self, given: Any) -> None:
        values = list(self._values(self.reading) if self._values is not None else self.setting.choices)
        is_open = self._guess is not None or self.column is not None
        key = [is_open, *values]
        if self._filled != key:
            self._filled = key
            self.combo.clear()
            if is_open:
                self.combo.addItem("", None)
            for value in values:
                self.combo.addItem(words(self.name, value), value)
                tip = FORMULAS.get((self.name, value))
                self.combo.setItemData(self.combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        if is_open:
            self.combo.setItemText(0, self._open_text(given))
        wanted = given if given is not None or is_open else self.default
        place = next((row for row in range(self.combo.count()) if self.combo.itemData(row) == wanted), 0)
        self.combo.setCurrentIndex(place)

    def _open_text(self, given: Any) -> str:
        if self.column is not None:
            return f"as for all: {words(self.name, self.default)}"
        found = None if self.reading is None or self._guess is None else self._guess(self.reading)
        return "guessed" if found is None or given is not None else f"{words(self.name, found)} (guessed)"

    def _chosen(self) -> None:
        self.answer(self.combo.currentData())


class Switch(Question):
    """Yes or no."""

    def __init__(self, answers: Answers, name: str, parent: QWidget) -> None:
        self.box = Tick(LABELS[name])
        super().__init__(answers, name, self.box, parent)
        self.label.setText("")
        self.box.toggled.connect(self.answer)

    def show_value(self, given: Any) -> None:
        self.box.setChecked(bool(self.default if given is None else given))

    def set_visible(self, on: bool) -> None:
        super().set_visible(on)
        self.label.hide()


class Line(Question):
    """Something that is typed, and refused as it is typed.

    Parameters
    ----------
    parse
        Makes a value of the text, or raises ConfigError; None for an empty text.
    spell
        Makes the text of a value.
    hint
        What stands in the empty line.
    wide
        Whether the line is long, and stands below its label.
    """

    def __init__(
        self,
        answers: Answers,
        name: str,
        parent: QWidget,
        *,
        parse: Callable[[str], Any] | None = None,
        spell: Callable[[Any], str] = str,
        hint: str = "",
        wide: bool = False,
    ) -> None:
        self.line = QLineEdit()
        super().__init__(answers, name, self.line, parent)
        self.is_wide = self.says_all = wide
        self._parse, self._spell = parse or self.setting.parse, spell
        self.line.setPlaceholderText(hint)
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self._finished)

    def show_value(self, given: Any) -> None:
        value = self.default if given is None else given
        text = "" if value is None else self._spell(value)
        # What somebody types is not overwritten by the reading that his own letters started.
        if not (self.line.hasFocus() and self.line.isModified()):
            self.line.setText(text)
            self.line.setModified(False)

    def forget(self) -> None:
        self.line.setModified(False)

    def _typed(self, text: str) -> None:
        if self._filling:
            return
        try:
            value = self._parse(text)
        except ConfigError as error:
            self.refuse(error)
            return
        self.answer(value)

    def _finished(self) -> None:
        self.line.setModified(False)


def percent(name: str) -> Callable[[str], Any]:
    """Return a parser of "20" or "20 %" for a setting that is a share."""

    def parse(text: str) -> Any:
        setting = SETTINGS[name]
        cleaned = text.replace("%", "").replace(",", ".").strip()
        try:
            return setting.parse(f"{float(cleaned) / 100:.12g}" if cleaned else "")
        except (ValueError, OverflowError):  # a ConfigError is a ValueError, too
            message = f"{setting.label.lower()} cannot be {text!r}"
            raise ConfigError(message, "Give a number from 0 to 100, as 20 or 20 %.") from None

    return parse


def spell_percent(value: float) -> str:
    """Return a share as "20 %"."""
    return f"{100 * value:.6g} %"


def lay_out(questions: Sequence[Question], grid: QGridLayout, label_width: int) -> None:
    """Put questions into a grid of labels, inputs and ways back."""
    for question in questions:
        row = grid.rowCount()
        if isinstance(question, Switch):
            grid.addWidget(question.editor, row, 0, 1, 2)
            question.label.hide()
        elif isinstance(question, Line) and question.is_wide:
            grid.addWidget(question.label, row, 0, 1, 3)
            row += 1
            grid.addWidget(question.editor, row, 0, 1, 2)
        else:
            grid.addWidget(question.label, row, 0)
            grid.addWidget(question.editor, row, 1)
        grid.addWidget(question.back, row, 2)
        grid.addWidget(question.refusal, row + 1, 0, 1, 3)
    grid.setColumnMinimumWidth(0, label_width)
    grid.setColumnStretch(1, 1)


def _back_button(name: str, label: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(f"dataset.{name}_back")
    button.setAccessibleName(f"Take back: {label}")
    button.setToolTip("You decided this. Click to take it back.")
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setProperty("tone", "small")
    return button
