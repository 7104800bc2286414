"""What is taken of dates and texts."""

from PySide6.QtWidgets import QGridLayout, QLabel

from simulator.data.steps.parts import PARTS
from ui.dialogs.dataset.effects import step_of
from ui.dialogs.dataset.stages.body import ScopedBody
from ui.dialogs.dataset.ticks import Tick

_ACROSS = 3


class PartsBody(ScopedBody):
    """Dates and texts: the parts of one that become inputs; without an answer those that vary."""

    id = "dates"
    title = "Dates and texts"
    tip = "Which parts of a date or a text become inputs; a feature of such a kind has at least one."
    names = ()
    fields = ("parts",)
    kinds = ("date", "text")
    all_of_them = "All of them"

    def after_questions(self) -> None:
        self.said = QLabel(wordWrap=True)
        self.said.setProperty("tone", "quiet")
        self.column.addWidget(self.said)
        self.boxes: dict[str, Tick] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        for part in dict.fromkeys(part for parts in PARTS.values() for part in parts):
            box = Tick(part)
            box.setObjectName(f"dataset.part_{part.replace(' ', '_')}")
            box.setToolTip(f"Makes an input of the {part}.")
            box.clicked.connect(self._ticked)
            self.boxes[part] = box
        for parts in PARTS.values():
            for place, part in enumerate(parts):
                grid.addWidget(self.boxes[part], place // _ACROSS, place % _ACROSS)
        self.column.addLayout(grid)
        super().after_questions()

    def show_questions(self) -> None:
        column = self.reading.column(self.selected) if self.reading is not None else None
        asked = self.asked_column if column is not None else None
        kind = column.kind if column is not None and asked is not None else ""
        for part, box in self.boxes.items():
            box.setVisible(part in PARTS.get(kind, ()))
            box.setChecked(part in self._taken())
        said = "The parts that vary are taken. Select a date or a text among the features to choose others."
        self.said.setText("" if kind else said)
        self.said.setVisible(not kind)

    def _taken(self) -> tuple[str, ...]:
        """Return the parts that are taken of the selected column."""
        own = self.answers.get("parts", self.selected) if self.selected is not None else None
        if own is not None:
            return own
        step = step_of(self.reading.dataset, self.selected) if self.reading is not None and self.selected else None
        return tuple(getattr(step, "parts", ()))

    def _ticked(self) -> None:
        column = self.asked_column
        if column is None:
            return
        parts = tuple(part for part, box in self.boxes.items() if box.isChecked() and not box.isHidden())
        if parts:
            self.answers.give("parts", parts, column)
        else:  # one at least is needed
            self.show_questions()
