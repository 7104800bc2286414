"""The first stage: how the file spells its table."""

from typing import Any

from PySide6.QtWidgets import QLabel

from ui.dialogs.dataset.questions import Choice, Question
from ui.dialogs.dataset.reading import Reading
from ui.dialogs.dataset.stages.body import Body

_TEXT = ("delimiter", "decimal", "thousands", "header")


class SpellingBody(Body):
    """Delimiter, marks, header; which sheet; what happens to uneven rows."""

    id = "file"
    title = "File"
    tip = "How the file spells its table, or which of its tables is read."
    names = ("delimiter", "decimal", "thousands", "header", "sheet", "ragged")

    def make_questions(self) -> list[Question]:
        def dialect(name: str) -> Any:
            return lambda reading: None if reading.dialect is None else getattr(reading.dialect, name)

        text = [
            Choice(self.answers, name, self, values=_header if name == "header" else None, guess=dialect(name))
            for name in _TEXT
        ]
        sheet = Choice(self.answers, "sheet", self, values=_sheets, guess=_sheet)
        return [*text, sheet, Choice(self.answers, "ragged", self)]

    def after_questions(self) -> None:
        self.nothing = QLabel("This format says by itself how it is read.")
        self.column.addWidget(self.nothing)

    def show_questions(self) -> None:
        super().show_questions()
        reading = self.reading
        is_text = reading is None or reading.dialect is not None or reading.raw is None
        sheets = bool(_sheets(reading))
        for question in self.questions:
            question.set_visible(sheets if question.name == "sheet" else is_text or question.name == "header")
        self.nothing.setVisible(not is_text and not sheets)
        if not is_text and not sheets:
            self.question("header").set_visible(False)


def _header(_: Reading | None) -> tuple[bool, ...]:
    return True, False


def _sheets(reading: Reading | None) -> tuple[str, ...]:
    if reading is None or reading.raw is None:
        return ()
    return reading.raw.table.sheets


def _sheet(reading: Reading) -> str | None:
    return reading.raw.table.sheet if reading.raw is not None else None
