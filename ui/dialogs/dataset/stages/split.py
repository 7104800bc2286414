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
            _Split(self.answers, "split", self),
            Choice(self.answers, "split_column", self, values=_columns, guess=lambda _: None),
            Line(self.answers, "test_fraction", self, parse=fraction, spell=spell_percent),
            Switch(self.answers, "stratify", self),
            Line(self.answers, "seed", self),
        ]

    def show_questions(self) -> None:
        super().show_questions()
        split = self.answers.get("split") or "random"
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
        if self._filling:
            return
        if value in ("column", "groups") and self.answers.get("split_column") is None:
            column = _first_column(self.reading)
            if column is not None:
                self.answers.given["split_column"] = column
        if value not in ("column", "groups"):
            self.answers.given.pop("split_column", None)
        super().answer(value)

    def _take_back(self) -> None:
        self.answers.given.pop("split_column", None)
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
