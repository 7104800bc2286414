"""Which rows are kept for testing."""

from typing import Any

from ui.dialogs.dataset.questions import Choice, Line, Question, Switch, percent, spell_percent
from ui.dialogs.dataset.reading import Reading
from ui.dialogs.dataset.stages.body import Body


class SplitBody(Body):
    """Questions about the split."""

    id = "split"
    title = "Split"
    tip = "Which rows are kept for testing, and never trained on."
    names = ("split", "split_column", "test_fraction", "stratify", "seed")

    def make_questions(self) -> list[Question]:
        fraction = percent("test_fraction")
        return [
            _Split(self.answers, "split", self, guess=lambda reading: reading.choices.split),
            Choice(
                self.answers, "split_column", self, values=_columns, guess=lambda reading: reading.choices.split_column
            ),
            Line(self.answers, "test_fraction", self, parse=fraction, spell=spell_percent),
            Switch(self.answers, "stratify", self),
            Line(self.answers, "seed", self),
        ]

    def show_questions(self) -> None:
        super().show_questions()
        guessed = self.reading.choices.split if self.reading is not None else None
        split = self.answers.get("split") or guessed or "random"
        self.question("split_column").set_visible(split in ("column", "groups"))
        self.question("test_fraction").set_visible(split != "column")
        classes = self.reading is None or self.reading.choices.task != "regression"
        stratify = self.question("stratify")
        stratify.set_visible(split == "random")
        stratify.editor.setEnabled(classes)
        tip = stratify.setting.help
        stratify.editor.setToolTip(tip if classes else f"{tip} The target is a value: there are no classes.")


class _Split(Choice):
    """A split by a column needs to know which one: the first that is no feature is taken until another is chosen."""

    def answer(self, value: Any) -> None:
        if not self._filling:
            column = None
            if value in ("column", "groups"):
                column = self.answers.get("split_column") or _first_column(self.reading)
            self.answers.decide({"split": value, "split_column": column})
            self._show_back()

    def _take_back(self) -> None:
        self.answers.decide({"split": None, "split_column": None})
        super()._take_back()


def _columns(reading: Reading | None) -> tuple[str, ...]:
    if reading is None:
        return ()
    return tuple(each.name for each in reading.columns if reading.role(each.name) != "target")


def _first_column(reading: Reading | None) -> str | None:
    names = _columns(reading)
    if reading is None or not names:
        return None
    return next((name for name in names if reading.role(name) == "ignored"), names[0])
