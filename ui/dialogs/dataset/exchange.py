"""A recipe's choices out to a file, and in from one."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from simulator.errors import SimulatorError
from ui.dialogs.dataset.answers import Answers
from ui.dialogs.dataset.reading import Reading
from ui.dialogs.files import ChooseToOpen


class Exchange(QObject):
    """Asks for the file, and reads or writes it."""

    def __init__(self, answers: Answers, window: QWidget, choose: ChooseToOpen) -> None:
        super().__init__(window)
        self._answers, self._window, self._choose = answers, window, choose

    def export(self, reading: Reading | None) -> None:
        """Write what is chosen now, guesses included."""

    def use(self) -> None:
        """Take over the choices of a file."""
