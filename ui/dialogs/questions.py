"""The questions about a table: each is answered by a guess until the user overrules it."""

import itertools
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from simulator.data import RecipeChoices
from simulator.errors import ConfigError
from simulator.fields import Setting, settings_of
from ui.dialogs.answers import ABOUT_COLUMNS, LABELS, SPELLING, words
from ui.dialogs.columns import ColumnList
from ui.dialogs.reading import Reading
from ui.dialogs.tints import theme_of
from ui.forms import NoWheel


class Questions(QWidget):
    """The form.

    Attributes
    ----------
    changed
        Emitted when the user overruled a guess, or took that back.
    overruled
        The answers that the user gave, by the names of `RecipeChoices`.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.overruled: dict[str, Any] = {}
        self._settings: dict[str, Setting] = {each.name: each for each in settings_of(RecipeChoices)}
        self._no_wheel = NoWheel(self)
        self._filling = False
        self._filled: dict[str, list[tuple[Any, str]]] = {}
        self._heads: list[QLabel] = []
        self._labels: list[QLabel] = []
        self.combos: dict[str, QComboBox] = {}
        self.columns = ColumnList()
        self.columns.ticks.features_changed.connect(lambda names: self._answer("features", names))
        self.columns.ticks.categories_changed.connect(lambda names: self._answer("categories", names))
        self.test_fraction = self._fraction()
        self.stratify = self._stratify()
        self.seed = self._seed()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 0, 10, 0)
        layout.setSpacing(6)
        self._group(layout, "What is learnt", self._rows("target", "task"))
        self._heads.append(self.columns.title)
        layout.addWidget(self.columns)
        layout.addSpacing(10)
        preparation = [*self._rows("missing", "scale"), (LABELS["test_fraction"], self.test_fraction)]
        preparation += [("", self.stratify), (LABELS["seed"], self.seed)]
        self._group(layout, "Preparation", preparation)
        self._group(layout, "How the file is spelt", self._rows(*SPELLING))
        layout.addStretch(1)
        self._fill_fixed()
        self._dress()
        self._order()

    def start_over(self) -> None:
        """Forget every answer of the user."""
        self.overruled.clear()
        self._filling = True
        declared = self._settings
        self.test_fraction.setValue(100 * declared["test_fraction"].default)
        self.stratify.setChecked(declared["stratify"].default)
        self.seed.setText(str(declared["seed"].default))
        for name in ("missing", "scale"):
            self.combos[name].setCurrentIndex(self.combos[name].findData(declared[name].default))
        for name in ("target", "task", *SPELLING):
            self.combos[name].setCurrentIndex(0)
        self._filling = False

    def clear(self) -> None:
        """Forget every answer, and the columns: another source is read."""
        self.start_over()
        self._filling = True
        self._fill_guesses(None)
        self._filling = False

    def show_reading(self, reading: Reading) -> None:
        """Show the guesses of a reading beside the user's own answers."""
        self._filling = True
        self._fill_guesses(reading)
        classes = reading.choices.task != "regression"
        self.stratify.setEnabled(classes)
        help_of = self._settings["stratify"].help
        self.stratify.setToolTip(help_of if classes else f"{help_of} The target is a value: there are no classes.")
        self._filling = False

    def answer(self, name: str, value: Any) -> None:
        """Overrule a guess as the user does; None takes it back."""
        self._answer(name, value)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "seed"):
            self._dress()

    def _answer(self, name: str, value: Any) -> None:
        if self._filling:
            return
        before = dict(self.overruled)
        if value is None:
            self.overruled.pop(name, None)
        else:
            self.overruled[name] = value
        if name in SPELLING:
            for each in ABOUT_COLUMNS:
                self.overruled.pop(each, None)
        if name == "target":
            self._make_room(value)
        if self.overruled != before:
            self.changed.emit()

    def _make_room(self, target: str | None) -> None:
        """Take the new target out of what was said about features; another target is another task."""
        self.overruled.pop("task", None)
        for each in ("features", "categories"):
            if each in self.overruled:
                left = tuple(name for name in self.overruled[each] if name != target)
                self.overruled[each] = left
        if not self.overruled.get("features", True):
            del self.overruled["features"]

    def _group(self, layout: QVBoxLayout, title: str, rows: list[tuple[str, QWidget]]) -> None:
        head = QLabel(title)
        self._heads.append(head)
        layout.addWidget(head)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 10)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(7)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for text, widget in rows:
            if text:
                label = QLabel(text)
                label.setBuddy(widget)
                self._labels.append(label)
                label.setToolTip(widget.toolTip())
                form.addRow(label, widget)
            else:
                form.addRow(widget)
        layout.addLayout(form)

    def _rows(self, *names: str) -> list[tuple[str, QWidget]]:
        return [(LABELS[name], self._combo(name)) for name in names]

    def _combo(self, name: str) -> QComboBox:
        combo = QComboBox()
        combo.setObjectName(f"dataset.{name}")
        combo.setAccessibleName(self._settings[name].label)
        combo.setToolTip(self._settings[name].help)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(16)
        combo.setMaxVisibleItems(16)
        combo.setStyleSheet("QComboBox { combobox-popup: 0; }")
        combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        combo.installEventFilter(self._no_wheel)
        combo.currentIndexChanged.connect(lambda _: self._answer(name, combo.currentData()))
        self.combos[name] = combo
        return combo

    def _fraction(self) -> QDoubleSpinBox:
        declared = self._settings["test_fraction"]
        box = QDoubleSpinBox(decimals=1, minimum=0, maximum=99.9, singleStep=5, suffix=" %")
        box.setKeyboardTracking(False)
        box.setObjectName("dataset.test_fraction")
        box.setAccessibleName(declared.label)
        box.setToolTip(declared.help)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.installEventFilter(self._no_wheel)
        box.setValue(100 * declared.default)
        box.valueChanged.connect(lambda value: self._answer("test_fraction", round(value / 100, 6)))
        return box

    def _stratify(self) -> QCheckBox:
        declared = self._settings["stratify"]
        box = QCheckBox("Same shares of &classes in both parts")
        box.setObjectName("dataset.stratify")
        box.setAccessibleName(declared.label)
        box.setToolTip(declared.help)
        box.setChecked(declared.default)
        box.toggled.connect(lambda on: self._answer("stratify", on))
        return box

    def _seed(self) -> QLineEdit:
        declared = self._settings["seed"]
        edit = QLineEdit(str(declared.default))
        edit.setObjectName("dataset.seed")
        edit.setAccessibleName(declared.label)
        edit.setToolTip(declared.help)
        edit.textChanged.connect(self._typed_seed)
        return edit

    def _typed_seed(self, text: str) -> None:
        declared = self._settings["seed"]
        try:
            value = declared.parse(text)
        except ConfigError as error:
            self.seed.setToolTip(f"{declared.help}\n{error.hint}")
            self.seed.setStyleSheet(f"QLineEdit {{ border: 1px solid {theme_of(self).bad}; border-radius: 4px; }}")
            self._answer("seed", text)  # refused there too: nothing is loaded with a wrong answer on the screen
            return
        self.seed.setToolTip(declared.help)
        self.seed.setStyleSheet("")
        self._answer("seed", value)

    def _fill_fixed(self) -> None:
        self._filling = True
        self._tips = {widget: widget.toolTip() for widget in (self.combos["target"], self.combos["task"], self.columns)}
        self._fill_guesses(None)
        for name in ("missing", "scale"):
            for value in self._settings[name].choices:
                self.combos[name].addItem(words(name, value), value)
            self.combos[name].setCurrentIndex(self.combos[name].findData(self._settings[name].default))
        self._filling = False

    def _fill_guesses(self, reading: Reading | None) -> None:
        names = [each.name for each in reading.columns] if reading is not None else []
        choices = reading.choices if reading is not None and names else None
        target = None if choices is None else choices.target
        self._fill("target", [(name, name) for name in names], target, self.overruled.get("target"))
        self._fill_guess("task", None if choices is None else choices.task)
        for name in SPELLING:
            dialect = None if reading is None else reading.dialect
            self._fill_guess(name, None if dialect is None else getattr(dialect, name))
        self.columns.show_reading(reading, self.overruled.get("categories"))
        # A file that could not be read has no columns to ask about.
        for widget in (self.combos["target"], self.combos["task"], self.columns):
            widget.setEnabled(bool(names))
            widget.setToolTip(self._tips[widget] if names else "There are no columns: the table was not read.")

    def _fill_guess(self, name: str, guessed: Any) -> None:
        choices = self._settings[name].choices or (True, False)
        self._fill(name, [(value, words(name, value)) for value in choices], guessed, self.overruled.get(name))

    def _fill(self, name: str, items: list[tuple[Any, str]], guessed: Any, overruled: Any) -> None:
        """Fill a list: first the guess, then every answer; the chosen one is what the user said, or the guess."""
        combo = self.combos[name]
        wanted = "Guessed" if guessed is None or overruled is not None else f"{words(name, guessed)} (guessed)"
        if self._filled.get(name) != items:
            self._filled[name] = items
            combo.clear()
            combo.addItem(wanted, None)
            for value, text in items:
                combo.addItem(text, value)
        combo.setItemText(0, wanted)
        place = 0
        if overruled is not None:
            place = next((row for row, (value, _) in enumerate(items, 1) if value == overruled), 0)
        combo.setCurrentIndex(place)

    def _order(self) -> None:
        """Let Tab walk from above to below."""
        combos, columns = self.combos, self.columns
        walk = [combos["target"], combos["task"], columns.finder, columns.all, columns.none, columns.view]
        walk += [combos["missing"], combos["scale"], self.test_fraction, self.stratify, self.seed]
        walk += [combos[name] for name in SPELLING]
        for first, second in itertools.pairwise(walk):
            QWidget.setTabOrder(first, second)

    def _dress(self) -> None:
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        for head in self._heads:
            head.setFont(bold)
        widest = max(label.sizeHint().width() for label in self._labels)
        for label in self._labels:
            label.setMinimumWidth(widest)
