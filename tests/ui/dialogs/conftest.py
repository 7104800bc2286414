import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget

from simulator.data import Dataset, open_dataset
from simulator.interchange import Model
from simulator.training.session import Session
from ui import theme
from ui.bridge import Bridge
from ui.dialogs.dataset.columns_delegate import tick_box
from ui.dialogs.dataset.columns_model import KIND, NAME, ROLE, SPREAD
from ui.dialogs.open_dataset import OpenDatasetDialog
from ui.preferences import Preferences

PENGUINS = "penguins"


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> None:
    # What the test before left to be deleted goes first: it would be dressed again.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme.apply(qapp, theme.DARK)


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[Bridge]:
    made = Bridge()
    yield made
    assert made.close()


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "settings" / "nodeglow.ini")


@pytest.fixture
def opened(qtbot, bridge: Bridge) -> Callable[..., OpenDatasetDialog]:
    """Open the dialog on a source and wait until it was read."""

    def make(source, **options) -> OpenDatasetDialog:
        dialog = OpenDatasetDialog(bridge, source, **options)
        qtbot.addWidget(dialog)
        dialog.show()
        settle(qtbot, dialog)
        return dialog

    return make


def settle(qtbot, dialog: OpenDatasetDialog) -> None:
    qtbot.waitUntil(lambda: not dialog.running)
    QApplication.processEvents()  # what is shown now is laid out


@pytest.fixture
def settled(qtbot) -> Callable[[OpenDatasetDialog], None]:
    return lambda dialog: settle(qtbot, dialog)


class Hand:
    """Somebody in front of the dialog: clicks and types, and waits until what follows is shown."""

    def __init__(self, qtbot, dialog: OpenDatasetDialog) -> None:
        self.bot, self.dialog = qtbot, dialog

    def settle(self) -> None:
        settle(self.bot, self.dialog)

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        self.dialog.recipe.ensureWidgetVisible(widget)
        place = at if at is not None else widget.rect().center()
        self.bot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)
        self.settle()

    def open(self, stage: str):
        """Open the card of a stage by a click on its head."""
        card = self.dialog.recipe.cards[stage]
        if not card.is_open:
            self.click(card.head)
        assert self.dialog.recipe.open_stage == stage
        return self.dialog.recipe.bodies[stage]

    def question(self, name: str):
        stage = next(stage for stage, body in self.dialog.recipe.bodies.items() if name in body.names)
        return self.open(stage).question(name)

    def answer(self, name: str, value) -> None:
        """Answer a question with the keyboard, or by a click where it is a yes or no."""
        editor = self.question(name).editor
        assert editor.isVisible(), f"{name} is not asked"
        assert editor.isEnabled(), editor.toolTip()
        if isinstance(editor, QComboBox):
            self.pick(editor, value)
        elif isinstance(editor, QLineEdit):
            self.type(editor, str(value))
        elif editor.isChecked() != value:
            self.click(editor)

    def pick(self, combo: QComboBox, value) -> None:
        place = combo.findData(value)
        assert place >= 0, f"{value!r} is no answer"
        combo.setFocus()
        while combo.currentIndex() != place:
            before = combo.currentIndex()
            self.bot.keyClick(combo, Qt.Key.Key_Down if before < place else Qt.Key.Key_Up)
            assert combo.currentIndex() != before
        self.settle()

    def type(self, line: QLineEdit, text: str, *, enter: bool = True) -> None:
        line.setFocus()
        line.selectAll()
        self.bot.keyClick(line, Qt.Key.Key_Delete)
        self.bot.keyClicks(line, text)
        if enter:
            self.bot.keyClick(line, Qt.Key.Key_Return)
        self.settle()

    def cell(self, name: str, section: int) -> QPoint:
        table = self.dialog.columns
        row = [each.name for each in table.ticks.columns].index(name)
        index = table.ticks.index(row, section)
        table.view.scrollTo(index)
        room = QRectF(table.view.visualRect(index))
        return (tick_box(room, table.view) if section == NAME else room).center().toPoint()

    def tick(self, name: str) -> None:
        """Click on the tick of a column."""
        self.click(self.dialog.columns.view.viewport(), self.cell(name, NAME))

    def look_at(self, name: str) -> None:
        self.click(self.dialog.columns.view.viewport(), self.cell(name, SPREAD))

    def choose(self, name: str, what: str) -> None:
        """Choose a kind or a role, or take one back, from the menu in the cell of a column."""
        section = ROLE if what in ("feature", "target", "ignored", "back to the role") else KIND
        view = self.dialog.columns.view.viewport()
        self.bot.mouseClick(view, Qt.MouseButton.LeftButton, pos=self.cell(name, section))
        menu = self.dialog.columns.menu
        assert menu is not None
        text = "Guess again" if what.startswith("back") else what
        action = next(each for each in menu.actions() if each.text() == text)
        assert action.isEnabled()
        self.bot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
        self.settle()

    def guessed(self, name: str) -> str:
        return self.question(name).editor.itemText(0)

    def accept(self) -> list:
        found = []
        self.dialog.accepted_dataset.connect(found.append)
        self.bot.mouseClick(self.dialog.load, Qt.MouseButton.LeftButton)
        return found

    @property
    def headline(self) -> str:
        return self.dialog.findings.headline.text()

    @property
    def dataset(self):
        assert self.dialog.reading.dataset is not None, self.dialog.findings.words
        return self.dialog.reading.dataset


@pytest.fixture
def hand(qtbot, opened) -> Callable[..., Hand]:
    """Open the dialog on a source, and give somebody's hand to it."""
    return lambda source, **options: Hand(qtbot, opened(source, **options))


@pytest.fixture(scope="session")
def penguins() -> Dataset:
    return open_dataset(PENGUINS)


@pytest.fixture(scope="session")
def model(penguins: Dataset) -> Model:
    return Session(penguins, engine="reference").model()


@pytest.fixture
def no_log_noise(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.CRITICAL):
        yield


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Write a text to a file."""

    def write(text: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def rows() -> Callable[..., str]:
    """Return 40 rows of a table with two numbers, a place and a kind, spelt as asked."""

    def make(delimiter: str = ",", decimal: str = ".", header: bool = True) -> str:
        random = np.random.default_rng(3)
        lines = [delimiter.join(["length", "width", "place", "kind"])] if header else []
        for row in range(40):
            numbers = [f"{value:.2f}".replace(".", decimal) for value in random.normal(10, 2, 2)]
            lines.append(delimiter.join([*numbers, "north" if row % 3 else "south", "ab"[row % 2]]))
        return "\n".join(lines) + "\n"

    return make
