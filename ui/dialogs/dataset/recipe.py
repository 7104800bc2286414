"""The recipe: its stages as cards, one of them open at a time."""

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.dialogs.dataset.answers import Answers
from ui.dialogs.dataset.card import Card, CardHead
from ui.dialogs.dataset.reading import Reading
from ui.dialogs.dataset.stages.body import Body
from ui.dialogs.dataset.stages.summaries import CATEGORIES, NUMBERS, TEXTS, sizes, summary
from ui.dialogs.dataset.stages.table import STAGES
from ui.dialogs.wording import count


class Recipe(QScrollArea):
    """The cards, in the order in which the stages follow each other.

    Attributes
    ----------
    cards, bodies
        The cards, and what is inside them, by the stages' ids.
    opened
        Emitted with a stage's id, or with an empty text when the last card was closed.
    """

    opened = Signal(str)

    def __init__(self, answers: Answers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset.recipe")
        self.setAccessibleName("The recipe: what happens to the table, stage by stage")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self._answers = answers
        self._reading: Reading | None = None
        self._selected: str | None = None
        self._bringing = QTimer(self)
        self._bringing.setSingleShot(True)
        self._bringing.setInterval(0)
        self._bringing.timeout.connect(self._bring)
        self.cards: dict[str, Card] = {}
        self.bodies: dict[str, Body] = {}
        inside = QWidget()
        inside.setAutoFillBackground(False)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(1, 0, 8, 2)
        layout.setSpacing(4)
        for number, made in enumerate(STAGES, 1):
            body = made(answers)
            head = CardHead(number, made.title, made.tip)
            head.setObjectName(f"dataset.stage_{made.id}")
            card = Card(head, body)
            head.clicked.connect(lambda _=False, stage=made.id: self._clicked(stage))
            shortcut = QShortcut(QKeySequence(f"Alt+{number % 10}"), self)
            shortcut.activated.connect(lambda stage=made.id: self.open(stage))
            self.cards[made.id], self.bodies[made.id] = card, body
            layout.addWidget(card)
        layout.addStretch(1)
        self._inside = inside
        self.setWidget(inside)

    @property
    def open_stage(self) -> str:
        """The stage whose card is open; empty for none."""
        return next((stage for stage, card in self.cards.items() if card.is_open), "")

    def open(self, stage: str) -> None:
        """Open the card of a stage, close the others, and bring it into sight; an empty text closes all."""
        for each, card in self.cards.items():
            if card.is_open and each != stage:
                card.set_open(False)
        if stage:
            self.cards[stage].set_open(True)
            self._show_body(stage)
            self._bringing.start()
        self.opened.emit(stage)

    def show_reading(self, reading: Reading | None) -> None:
        """Show what every stage does to a table."""
        self._reading = reading
        behind = sizes(reading)
        for stage, card in self.cards.items():
            said = "" if reading is None else summary(stage, reading)
            size = "{:,} × {:,}".format(*behind[stage]) if stage in behind else ""
            body = self.bodies[stage]
            mistaken = stage == "faults" and body.is_decided
            card.head.say(said, size, decided=body.is_decided, mistaken=mistaken)
        if self.open_stage:
            self._show_body(self.open_stage)

    def look_at(self, name: str | None) -> None:
        """Show what the stages do to a column."""
        self._selected = name
        if self.open_stage:
            self._show_body(self.open_stage)

    def forget(self) -> None:
        """Forget what is being typed: all answers are taken back."""
        for body in self.bodies.values():
            body.forget()

    def stage_for(self, name: str) -> str:
        """Return the stage that makes inputs, or the target, of a column."""
        column = None if self._reading is None else self._reading.column(name)
        if column is None or self._reading is None:
            return "file"
        if self._reading.role(name) == "target":
            return "target"
        kinds = {"numbers": NUMBERS, "categories": CATEGORIES, "dates": TEXTS}
        return next((stage for stage, those in kinds.items() if column.kind in those), "file")

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "cards"):
            for card in self.cards.values():
                card.head.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._inside.setMaximumWidth(self.viewport().width())

    def _clicked(self, stage: str) -> None:
        self.open(stage if self.cards[stage].is_open else "")

    def _show_body(self, stage: str) -> None:
        self.bodies[stage].show_reading(self._reading, self._selected, self._flow(stage))

    def _flow(self, stage: str) -> str:
        """Say how large the table is before and behind a stage."""
        behind = sizes(self._reading)
        stages = [each for each in self.cards if each in behind]
        if stage not in behind:
            return ""
        place = stages.index(stage)
        rows, columns = behind[stage]
        after = _extent(stage, rows, columns)
        if not place:
            return after
        before = _extent(stages[place - 1], *behind[stages[place - 1]])
        return f"{before}, unchanged" if before == after else f"{before} → {after}"

    def _bring(self) -> None:
        """Bring the open card into sight, once it has its size."""
        if not self.open_stage:
            return
        card = self.cards[self.open_stage]
        self.ensureWidgetVisible(card.head, 0, 0)
        if card.height() <= self.viewport().height():
            self.ensureWidgetVisible(card, 0, 0)
        else:
            self.verticalScrollBar().setValue(card.y())


def _extent(stage: str, rows: int, columns: int) -> str:
    """Say how large the table is behind a stage; from the categories on its columns are inputs."""
    noun = "column" if stage in ("file", "derived", "rows", "missing") else "input"
    return f"{count(rows, 'row')} × {count(columns, noun)}"
