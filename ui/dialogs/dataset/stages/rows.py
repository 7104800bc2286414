"""Which rows are used: a condition, no duplicates, at most so many."""

from simulator.data.formula import parse
from simulator.errors import ConfigError
from ui.dialogs.dataset.questions import SETTINGS, Line, Question, Switch
from ui.dialogs.dataset.stages.body import Body


class RowsBody(Body):
    """Questions about the rows."""

    id = "rows"
    title = "Rows"
    tip = "Which rows are used at all."
    names = ("where", "unique", "most_rows")

    def make_questions(self) -> list[Question]:
        where = Line(
            self.answers,
            "where",
            self,
            parse=_condition,
            hint='all; or as mass > 3000 and island == "Biscoe"',
            wide=True,
        )
        most = Line(self.answers, "most_rows", self, parse=_number, spell=lambda value: f"{value:,}", hint="all")
        return [where, Switch(self.answers, "unique", self), most]


def _condition(text: str) -> str:
    if text.strip():
        parse(text)
    return text.strip()


def _number(text: str) -> int | None:
    cleaned = text.replace(",", "").replace(" ", "")
    if cleaned and not cleaned.isdecimal():
        raise ConfigError(f"the number of rows cannot be {text!r}", "Give a whole number, or leave it empty.")
    return SETTINGS["most_rows"].parse(cleaned)
