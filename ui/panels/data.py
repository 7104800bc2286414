"""The data set: what it is, what is learnt from it, and what happened on the way from the file."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton

from ui.forms import NoWheel, field_for, form_layout
from ui.panels.panel import Context, ScrolledPanel, text_label
from ui.theme import Theme

if TYPE_CHECKING:
    from ui.panels.exports import Export


class DataPanel(ScrolledPanel):
    """Set, target, rows, split, columns, and the report's sentences."""

    def __init__(self, context: Context, theme: Theme) -> None:
        super().__init__(context, theme)
        self.sets = QComboBox()
        self.sets.setObjectName("data.set")
        self.sets.setAccessibleName("Data set")
        self.sets.setToolTip("The data sets that come with the program. Choosing one starts a new network.")
        self.sets.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sets.setMinimumContentsLength(10)
        self.sets.installEventFilter(NoWheel(self))
        self.sets.activated.connect(self._choose)
        self.open = QToolButton()
        self.open.setObjectName("data.open")
        self.open.setDefaultAction(context.actions["open"])
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.sets, 1)
        line.addWidget(self.open)
        self.column.addLayout(line)
        self.about = text_label(role="quiet")
        self.column.addWidget(self.about)
        self.waiting = text_label()
        self.waiting.setObjectName("data.waiting")
        self.waiting.hide()
        self.column.addWidget(self.waiting)
        self.rows = form_layout(None)
        self._facts: dict[str, QLabel] = {}
        for name, tip in (
            ("Target", "The column that the network learns to predict."),
            ("Inputs", "How many numbers go into the network, and from which columns."),
            ("Rows", "The rows of the file: those trained on, those kept for testing, those not used."),
        ):
            label, value = QLabel(name), text_label()
            label.setToolTip(tip)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            value.setToolTip(tip)
            self._facts[name] = value
            self.rows.addRow(label, value)
        self.column.addLayout(self.rows)
        self.mistakes = text_label()
        self.mistakes.setObjectName("data.mistakes")
        self.mistakes.setAccessibleName("Mistakes that were switched on for a lesson")
        self.mistakes.setToolTip("The dialog that loads a data set switches them off again, in its last stage.")
        self.mistakes.setStyleSheet(f"color: {theme.warning};")
        self.mistakes.hide()
        self.column.addWidget(self.mistakes)
        self._split: Any = None
        self.report = text_label(role="quiet")
        self.report.setAccessibleName("What happened to the file's rows and columns")
        self.column.addWidget(self.report)
        self.column.addStretch(1)
        context.bridge.opened.connect(lambda event: self._show(event.dataset))
        context.bridge.dataset_changed.connect(self._show)
        context.bridge.dataset_waiting.connect(self._show_waiting)

    def exports(self) -> "Export | None":
        """Return the panel, and every column with its preparation."""
        from itertools import chain

        from simulator.insight.facts import COLUMNS, column_rows
        from ui.panels.exports import shown
        from ui.writing import lines

        dataset = self.context.bridge.dataset
        if dataset is None:
            return super().exports()
        return shown("columns", self, lines(lambda: chain([COLUMNS], column_rows(dataset))))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.mistakes.setStyleSheet(f"color: {theme.warning};")

    def _show(self, dataset: Any) -> None:
        from simulator.data import BUNDLED

        if not self.sets.count():
            for name, row in BUNDLED.items():
                self.sets.addItem(row.title, name)
        self._show_name(dataset.name, bundled=dataset.name in BUNDLED)
        row = BUNDLED.get(dataset.name)
        self.about.setText(row.description if row else str(dataset.path or ""))
        classes = len(dataset.class_names)
        kind = f"{classes} classes" if classes else "a value"
        self._facts["Target"].setText(f"{_columns((dataset.recipe.target,))} ({kind})")
        inputs = len(dataset.feature_names)
        self._facts["Inputs"].setText(f"{inputs}: {_columns(dataset.recipe.used)}")
        report = dataset.report
        text = f"{report.rows:,}: {report.train_rows:,} for training, {report.test_rows:,} for testing"
        self._facts["Rows"].setText(text + (f", {report.dropped_count:,} not used" if report.dropped_count else ""))
        self._show_split(dataset)
        mistakes = dataset.choices.mistakes
        self.mistakes.setText("\n\n".join(f"⚠ {sentence}" for sentence in mistakes))
        self.mistakes.setVisible(bool(mistakes))
        self.report.setText("\n\n".join(_other(report.sentences, mistakes)))

    def _show_waiting(self, dataset: Any) -> None:
        """Say that other data was asked for, which an epoch that has begun does not take."""
        self.waiting.setVisible(dataset is not None)
        if dataset is not None:
            train, test = len(dataset.train_rows), len(dataset.test_rows)
            self.waiting.setText(f"The next epoch has other data: {train:,} rows for training, {test:,} for testing.")

    def _show_name(self, name: str, *, bundled: bool) -> None:
        """Choose the set in the list; a file's own name stands there until another set is chosen."""
        for index in range(self.sets.count() - 1, -1, -1):
            if self.sets.itemData(index) is None:
                self.sets.removeItem(index)
        if not bundled:
            self.sets.addItem(name, None)
        self.sets.setCurrentIndex(self.sets.findData(name) if bundled else self.sets.count() - 1)

    def _show_split(self, dataset: Any) -> None:
        from simulator.data import RecipeChoices
        from simulator.fields import settings_of

        if self._split is None:
            declared = {setting.name: setting for setting in settings_of(RecipeChoices)}["test_fraction"]
            self._split = field_for(declared, {}, self)
            self._split.committed.connect(self._split_anew)
            label = QLabel(declared.label)
            label.setToolTip(declared.help)
            label.setBuddy(self._split.focusProxy())
            self.rows.addRow(label, self._split)
        self._split.show_value(dataset.choices.test_fraction)

    def _split_anew(self, fraction: float) -> None:
        dataset = self.context.bridge.dataset
        if dataset is not None:
            self.context.load(dataset, test_fraction=fraction)

    def _choose(self, index: int) -> None:
        name = self.sets.itemData(index)
        if name is not None:
            self.context.load(name)


def _columns(names: tuple[str, ...]) -> str:
    # A zero-width space after an underscore: a long name may go on in the next line.
    shown = ", ".join(name.replace("_", "_\u200b") for name in names[:8])
    return shown + (f" and {len(names) - 8} more columns" if len(names) > 8 else "")


def _other(sentences: tuple[str, ...], mistakes: tuple[str, ...]) -> list[str]:
    """Leave out what stands above: the mistakes, and the last sentence, which says how many rows the split has."""
    return [each for each in sentences[:-1] if each not in mistakes]
