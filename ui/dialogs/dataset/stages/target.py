"""What is learnt: the target, its kind, the order of its classes."""

from ui.dialogs.dataset.order import Order
from ui.dialogs.dataset.questions import Choice, Question, Switch
from ui.dialogs.dataset.reading import Reading
from ui.dialogs.dataset.stages.body import Body

_MOST_ORDERED = 100


class TargetBody(Body):
    """Questions about the target."""

    id = "target"
    title = "Target"
    tip = "Which column the network learns to predict, and as what."
    names = ("target", "task", "class_order", "target_log")

    def make_questions(self) -> list[Question]:
        return [
            Choice(self.answers, "target", self, values=_names, guess=lambda reading: reading.choices.target),
            Choice(self.answers, "task", self, guess=lambda reading: reading.choices.task),
            Switch(self.answers, "target_log", self),
        ]

    def after_questions(self) -> None:
        self.order = Order("dataset.class_order", "The classes in the order of the outputs")
        self.order.ordered.connect(lambda names: self.answers.give("class_order", names))
        self.column.addWidget(self.order)

    def show_questions(self) -> None:
        super().show_questions()
        reading = self.reading
        dataset = reading.dataset if reading is not None else None
        classes = dataset.class_names if dataset is not None else ()
        self.order.setVisible(1 < len(classes) <= _MOST_ORDERED)
        self.order.show_names(classes)
        is_value = reading is not None and reading.choices.task == "regression"
        self.question("target_log").set_visible(is_value)
        for name in ("target", "task"):
            question = self.question(name)
            known = reading is not None and bool(reading.columns)
            question.editor.setEnabled(known)
            tip = question.setting.help if known else "There are no columns: the table was not read."
            question.editor.setToolTip(tip)


def _names(reading: Reading | None) -> tuple[str, ...]:
    return () if reading is None else tuple(each.name for each in reading.columns)
