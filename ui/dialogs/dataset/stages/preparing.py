"""What is done with missing values, categories and numbers: for all columns, or for one alone."""

from simulator.data.cells import texts
from simulator.errors import ConfigError
from ui.dialogs.dataset.order import Order
from ui.dialogs.dataset.questions import Choice, Line, Question, Switch
from ui.dialogs.dataset.reading import Reading
from ui.dialogs.dataset.stages.body import ScopedBody


class MissingBody(ScopedBody):
    """Empty cells: drop the row, or fill them."""

    id = "missing"
    title = "Missing values"
    tip = "What happens to a row with an empty cell in a used column."
    names = fields = ("missing", "constant", "flag_missing")
    kinds = ("number", "category", "date", "text", "image")
    all_of_them = "All columns"

    def make_questions(self) -> list[Question]:
        constant = Line(self.answers, "constant", self, parse=_constant, hint="0, or missing")
        return [Choice(self.answers, "missing", self), constant, Switch(self.answers, "flag_missing", self)]

    def show_questions(self) -> None:
        super().show_questions()
        choices = None if self.reading is None else self.reading.choices
        column = self.asked_column
        way = None if choices is None else (choices if column is None else choices.column(column)).missing
        self.question("constant").set_visible(way == "constant")
        flag = self.question("flag_missing")
        flag.editor.setEnabled(way != "drop")
        tip = flag.setting.help
        flag.editor.setToolTip(tip if way != "drop" else f"{tip} Only where empty cells are filled.")


class CategoriesBody(ScopedBody):
    """Categories: an input for each, or one for their place in an order."""

    id = "categories"
    title = "Categories"
    tip = "How a category becomes numbers, and what happens to one that no training row has."
    names = ("encoding", "unknown")
    fields = ("encoding", "unknown", "order")
    kinds = ("category",)
    all_of_them = "All categories"

    def make_questions(self) -> list[Question]:
        return [Choice(self.answers, "encoding", self), Choice(self.answers, "unknown", self)]

    def after_questions(self) -> None:
        self.order = Order("dataset.order", "The categories from the lowest to the highest")
        self.order.ordered.connect(self._ordered)
        self.column.addWidget(self.order)
        super().after_questions()

    def show_questions(self) -> None:
        super().show_questions()
        column = self.asked_column
        self.order.setVisible(column is not None)
        if column is not None and self.reading is not None:
            self.order.show_names(in_order(self.reading, column, self.reading.choices.column(column).order))

    def _ordered(self, names: tuple[str, ...]) -> None:
        if self.asked_column is not None:
            self.answers.give("order", names, self.asked_column)


class NumbersBody(ScopedBody):
    """Numbers: brought to one scale."""

    id = "numbers"
    title = "Numbers"
    tip = "How numbers are brought to one scale; all figures are taken of the training rows."
    names = fields = ("scale",)
    kinds = ("number", "image")
    all_of_them = "All numbers"

    def make_questions(self) -> list[Question]:
        return [Choice(self.answers, "scale", self)]


def in_order(reading: Reading, column: str, first: tuple[str, ...]) -> tuple[str, ...]:
    """Return the categories of a column: those that were named, then the others in the order of the file."""
    found = texts(reading.frame[column])[1]
    return tuple(dict.fromkeys((*(name for name in first if name in found), *found)))


def _constant(text: str) -> str | None:
    if len(text) > 200:
        raise ConfigError("the constant is too long", "Give a number or a short word.")
    return text.strip() or None
