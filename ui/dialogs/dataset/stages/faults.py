"""Mistakes on purpose, for a lesson: each is marked as what it is."""

from PySide6.QtWidgets import QLabel

from ui.dialogs.dataset.questions import Line, Question, Switch, percent, spell_percent
from ui.dialogs.dataset.stages.body import Body


class FaultsBody(Body):
    """Questions about mistakes."""

    id = "faults"
    title = "Mistakes on purpose"
    tip = "Faults that can be switched on for a lesson; a data set that has them is marked."
    names = ("leakage", "unscaled", "label_noise", "duplicates")

    def make_questions(self) -> list[Question]:
        switches = [Switch(self.answers, name, self) for name in ("leakage", "unscaled")]
        shares = [
            Line(self.answers, name, self, parse=percent(name), spell=spell_percent)
            for name in ("label_noise", "duplicates")
        ]
        return [*switches, *shares]

    def after_questions(self) -> None:
        self.said = QLabel(wordWrap=True)
        self.said.setProperty("tone", "warning")
        self.said.setObjectName("dataset.mistakes")
        self.column.addWidget(self.said)

    def show_questions(self) -> None:
        super().show_questions()
        mistakes = self.reading.choices.mistakes if self.reading is not None else ()
        self.said.setText("\n".join(mistakes))
        self.said.setVisible(bool(mistakes))
